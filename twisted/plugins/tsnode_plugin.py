"""What makes ``twistd tsnode`` exist."""

from twisted.application.service import ServiceMaker

tsnode = ServiceMaker("tsnode", "tsnode.service.tap", "A caching HTTP proxy node for cache hierarchies.", "tsnode")
