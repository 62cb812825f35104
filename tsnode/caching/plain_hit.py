"""The shortcut: when a stored answer may be sent without asking anything else, and its octets."""

from __future__ import annotations

from math import inf

from tsnode.caching.policy import CachingPolicy
from tsnode.model.alternate import Alternate

__all__ = ["Rendering", "plain_until"]

_NO_CONTENT = 204


def plain_until(alternate: Alternate, policy: CachingPolicy) -> float:
    """
    Until when (exclusive, epoch seconds) every plain GET may be answered with ``alternate``; 0.0: never.

    It never is where chance decides, or the host has to be looked up first.

    A plain GET is one whose facts are ``plain``: no Cache-Control, Pragma, Authorization, Cookie, Range nor
    precondition. Nothing else than terms and policy then decides, and :func:`tsnode.caching.reuse.decide_reuse` under
    the same policy serves it, whatever the policy was when it was stored.
    """
    terms = alternate.terms
    if alternate.method != b"GET" or terms.vary != () or not policy.http or alternate.parts is not None:
        return 0.0
    if policy.never_cache or policy.variation.compares:
        return 0.0
    if policy.fuzz_probability or not policy.doc_in_cache_skip_dns:
        return 0.0
    if policy.ttl_in_cache:
        return alternate.response_time + policy.ttl_in_cache
    if terms.no_cache and not policy.ignore_server_no_cache:
        return 0.0
    match policy.when_to_revalidate:
        case 2:
            return 0.0
        case 3:
            return inf
        case 1 if not terms.explicit:
            return 0.0
        case _:
            lifetime = terms.lifetime
            if policy.revalidate_after is not None:
                lifetime = min(lifetime, policy.revalidate_after)
            return terms.birth + lifetime if lifetime > 0 else 0.0


class Rendering:
    """
    The octets of one alternate's answer, made anew only when its Age has changed.

    ``content`` is put behind the head where it is given; contents up to :attr:`JOINED` octets are worth that.
    ``via_line`` is the Via line for the client with its CRLF, or empty. ``status_prefix`` is what comes before the
    seconds for which it is fresh, ``lifetime`` the age up to which; where it is empty, and without ``insert_age``,
    nothing ever changes.
    """

    JOINED = 4096

    __slots__ = ("_birth", "_from", "_head", "_insert_age", "_lifetime", "_octets", "_status_prefix", "_tail", "_until")

    def __init__(
        self,
        alternate: Alternate,
        content: bytes | None,
        via_line: bytes,
        insert_age: bool,
        status_prefix: bytes = b"",
        lifetime: float = 0.0,
    ) -> None:
        length = alternate.length if content is None else len(content)
        # RFC 9110 §8.6: a 204 has no Content-Length
        framing = b"" if length is None or alternate.status == _NO_CONTENT else b"Content-Length: %d\r\n" % length
        self._birth = alternate.terms.birth
        self._head = alternate.head + framing + via_line
        self._tail = b"\r\n" + (content or b"")
        self._insert_age = insert_age
        self._status_prefix = status_prefix
        self._lifetime = lifetime
        self._from = inf
        self._until = -inf
        self._octets = b""

    def octets_at(self, now: float) -> bytes:
        """Head and empty line, and the content if it was given, as of ``now``."""
        if self._from <= now < self._until:
            return self._octets
        return self._render(now)

    def _render(self, now: float) -> bytes:
        if not self._insert_age and not self._status_prefix:
            self._from, self._until = -inf, inf
            self._octets = self._head + self._tail
            return self._octets
        age = max(0, int(now - self._birth))
        self._from = self._birth + age if age else -inf
        self._until = self._birth + age + 1
        aged = b"Age: %d\r\n" % age if self._insert_age else b""
        if self._status_prefix:
            aged += b"%b%d\r\n" % (self._status_prefix, (self._lifetime - age) // 1)
        self._octets = b"%b%b%b" % (self._head, aged, self._tail)
        return self._octets
