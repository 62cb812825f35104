"""Requests that are answered here whatever is stored: TRACE, OPTIONS and PURGE."""

from __future__ import annotations

from tsnode.model.messages import RequestHead
from tsnode.model.target import CacheKey
from tsnode.ports import IReply
from tsnode.transaction.refusal import begin_head
from tsnode.transaction.services import Services
from tsnode.transaction.status import describe_local

__all__ = ["answer_options", "answer_trace", "is_last_stop", "max_forwards", "purge"]

_ALLOW = b"GET, HEAD, POST, PUT, DELETE, OPTIONS, TRACE, CONNECT, PURGE"
_PRIVATE = frozenset({b"authorization", b"proxy-authorization", b"cookie"})


def max_forwards(request: RequestHead) -> int | None:
    """The value of Max-Forwards; None where it is absent or no number (RFC 9110 §7.6.2)."""
    value = request.fields.get(b"max-forwards")
    if value is None or not value.isdigit():
        return None
    return int(value[:10])


def is_last_stop(request: RequestHead) -> bool:
    """Whether Max-Forwards says that this node is the one to answer."""
    return max_forwards(request) == 0


def answer_trace(services: Services, request: RequestHead, reply: IReply) -> None:
    """Echo the request, less what its sender would not want to see again (RFC 9110 §9.3.8)."""
    shown = request.fields.without(_PRIVATE)
    body = b"%b %b HTTP/1.%d\r\n%b\r\n" % (request.method, request.target, request.version - 10, shown.render())
    head = begin_head(200, services.now(), told=describe_local(services.settings)) + b"Content-Type: message/http\r\n"
    reply.respond(200, head, len(body), body)


def answer_options(services: Services, reply: IReply) -> None:
    """Say what this node takes (RFC 9110 §9.3.7)."""
    head = begin_head(200, services.now(), told=describe_local(services.settings))
    reply.respond(200, head + b"Allow: " + _ALLOW + b"\r\n", 0, None)


def purge(services: Services, key: CacheKey, reply: IReply) -> None:
    """
    Drop everything stored under ``key``: 200, or 404 where there was nothing.

    Source: Traffic Server, "Removing an Object From the Cache".
    """

    def removed(dropped: int) -> None:
        services.counters.cache_deletes += dropped > 0
        reply.mark("TCP_HIT" if dropped else "TCP_MISS", "NONE", b"-")
        status = 200 if dropped else 404
        reply.respond(status, begin_head(status, services.now(), told=describe_local(services.settings)), 0, None)

    services.flights.outdate(key)
    removing = services.store.remove(key)
    removing.addCallback(removed)
    removing.addErrback(reply.broken)
