"""Requests, answers and stored answers in few words."""

from __future__ import annotations

from dataclasses import dataclass

from tsnode.caching.policy import CachingPolicy
from tsnode.caching.request_facts import RequestFacts, read_facts
from tsnode.caching.storing import DoNotStore, Store, Storing, decide_storing
from tsnode.model.alternate import Alternate
from tsnode.model.fields import Fields
from tsnode.model.messages import EMPTY, RequestHead, ResponseHead, Sized
from tsnode.model.target import parse_target
from tsnode.semantics.dates import render_date

__all__ = ["NOW", "POLICY", "URL", "Ask", "answer", "ask", "dated", "fields", "moment", "settle", "stored"]

NOW = 1_700_000_000.0
URL = "http://a.example/x"
POLICY = CachingPolicy()


def fields(*lines: str) -> Fields:
    """Field lines as they are written in a message."""
    pairs = (line.encode("latin-1").partition(b":") for line in lines)
    return Fields([(name, value.strip()) for name, _, value in pairs])


def moment(offset: float) -> str:
    """The HTTP date ``offset`` seconds after NOW."""
    return render_date(NOW + offset).decode()


def dated(*lines: str) -> tuple[str, ...]:
    """The lines, with a Date of NOW before them."""
    return (f"Date: {moment(0)}", *lines)


@dataclass(frozen=True, slots=True)
class Ask:
    """A request and its facts."""

    head: RequestHead
    facts: RequestFacts


def ask(
    *lines: str, method: str = "GET", url: str = URL, version: int = 11, policy: CachingPolicy = POLICY
) -> Ask:
    """A request for ``url`` with these field lines."""
    target = parse_target(method.encode(), url.encode(), b"")
    head = RequestHead(method.encode(), url.encode(), version, fields(*lines), EMPTY, target.authority, True)
    return Ask(head, read_facts(head, target, policy))


def answer(*lines: str, status: int = 200, length: int = 10) -> ResponseHead:
    """An answer with these field lines and ``length`` octets of content."""
    reason = {200: b"OK", 304: b"Not Modified"}.get(status, b"Because")
    return ResponseHead(11, status, reason, fields(*lines), Sized(length), True)


def settle(
    *lines: str,
    request: Ask | None = None,
    status: int = 200,
    policy: CachingPolicy = POLICY,
    request_time: float = NOW,
    response_time: float = NOW,
    replaces: Alternate | None = None,
) -> Storing:
    """What is decided about storing an answer with these lines to ``request`` (a plain GET where there is none)."""
    asked = request or ask(policy=policy)
    return decide_storing(
        asked.head, asked.facts, answer(*lines, status=status), policy, request_time, response_time, replaces=replaces
    )


def stored(
    *lines: str,
    request: Ask | None = None,
    status: int = 200,
    policy: CachingPolicy = POLICY,
    request_time: float = NOW,
    response_time: float = NOW,
) -> Alternate:
    """The alternate that an answer with these lines becomes; it has to be storable."""
    storing = settle(
        *lines,
        request=request,
        status=status,
        policy=policy,
        request_time=request_time,
        response_time=response_time,
    )
    match storing:
        case Store(alternate):
            return alternate
        case DoNotStore(because):
            raise AssertionError(f"not stored: {because}")
