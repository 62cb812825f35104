"""Where a redirect leads a request that the node follows it with."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tsnode.model.messages import EMPTY, RequestHead, ResponseHead
from tsnode.model.target import Target
from tsnode.semantics.conditions import PRECONDITIONS
from tsnode.semantics.references import is_same_origin, resolve_reference

__all__ = ["Redirection", "find_redirection"]

_STATUSES = frozenset({300, 301, 302, 303, 305, 307, 308})
_READING = frozenset({b"GET", b"HEAD"})
_OF_CONTENT = frozenset(
    {b"content-encoding", b"content-language", b"content-length", b"content-location", b"content-type"}
)
_OF_READING = frozenset({*PRECONDITIONS, b"if-range"})
_CREDENTIALS = frozenset({b"authorization", b"cookie"})
# what comes next has all of its content at once
_ALWAYS = frozenset({b"expect"})
_CLEAN = re.compile(rb"[!-~]+")


@dataclass(frozen=True, slots=True)
class Redirection:
    """The request to send to ``target`` next. ``with_content``: that of the request before goes with it."""

    target: Target
    request: RequestHead
    with_content: bool


def find_redirection(request: RequestHead, target: Target, head: ResponseHead) -> Redirection | None:
    """
    Where an answer for ``target`` sends its ``request``; None where it does not, or to what could not be asked.

    After 303, and after 301 and 302 to a POST, the other resource is asked for with GET. Conditions of a request that
    only reads are about what it asked for first, so that they are left out; another site gets no credentials.

    Source: RFC 9110 §10.2.2, §15.4; Traffic Server, ``proxy.config.http.number_of_redirections``.
    """
    location = head.fields.get(b"location") if head.status in _STATUSES else None
    if not location:
        return None
    leads_to = resolve_reference(target, location)
    if leads_to is None or leads_to.scheme != b"http" or _CLEAN.fullmatch(leads_to.path) is None:
        return None
    method = request.method
    if (head.status == 303 and method != b"HEAD") or (head.status in (301, 302) and method == b"POST"):
        method = b"GET"
    same = method == request.method
    dropped = _ALWAYS if same else _ALWAYS | _OF_CONTENT
    if method in _READING:
        dropped |= _OF_READING
        if b"if-range" in request.fields or not same:
            dropped |= {b"range"}
    if not is_same_origin(target, leads_to):
        dropped |= _CREDENTIALS
    asked = RequestHead(
        method=method,
        target=leads_to.url,
        version=request.version,
        fields=request.fields.without(dropped),
        framing=request.framing if same else EMPTY,
        host=leads_to.authority,
        persistent=request.persistent,
    )
    return Redirection(leads_to, asked, same and request.framing != EMPTY)
