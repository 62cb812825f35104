"""The variables about the node itself: where it listens, what it serves, what it writes down."""

from __future__ import annotations

from tsnode.config.catalogue import Integer, Text, Topic, flag, record

__all__ = ["LENIENT", "LOGGING", "NODE"]

LENIENT = "proxy.config.tsnode.config.lenient"

_FILE = Text(r"[^\x00-\x1f\x7f]+", "a file name")

NODE = Topic("Listening and routing", (
    record("http.server_ports", Text(), default="8080",
           text="Where clients are served: port numbers, each with options such as ip-in=ADDRESS behind colons."),
    record("url_remap.remap_required", flag(), default=1,
           text="Whether a URL that no rule of remap.config is for is refused. A forward proxy needs 0."),
    record("url_remap.pristine_host_hdr", flag(), default=0, overridable=True,
           text="Whether an origin gets the Host field that the client sent."),
    record("url_remap.filename", _FILE, default="remap.config",
           text="The file with mapping rules."),
    record("reverse_proxy.enabled", flag(), default=1,
           text="Whether requests that are sent to the node as to an origin are mapped."),
    record("header.parse.no_host_url_redirect", Text(r"[!-~]*", "a URL", optional=True), default=None,
           text="Where a request without a host is sent, if no rule is for it."),
    record("http.referer_filter", flag(), default=0,
           text="Whether map_with_referer looks at Referer."),
    record("http.referer_format_redirect", flag(), default=0,
           text="Whether %r, %f, %t and %o are filled in in the URL that a wrong Referer leads to."),
    record("cache.ip_allow.filename", _FILE, default="ip_allow.yaml",
           text="The file that says who may use the node. Where it is missing, the older ip_allow.config is read."),
    record(LENIENT.removeprefix("proxy.config."), flag(), default=0,
           text="Whether a node starts in spite of faulty lines, leaving them out. ip_allow must be right even then."),
))  # fmt: skip

LOGGING = Topic("Logs", (
    record("log.logging_enabled",
           Integer(0, 3, meanings=("nothing", "errors only", "requests only", "requests and errors")), default=3,
           text="What is logged."),
    record("log.logfile_dir", _FILE, default="var/log",
           text="The folder of the access log, squid.log."),
))  # fmt: skip
