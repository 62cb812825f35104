"""What clients got in a history, and when, and how to tell it from what others got."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tsnode.testing.rfc9111 import Asked, Copy, Told, age, directives, lifetime, moment, same_tag

__all__ = [
    "CLIENT",
    "SERIAL",
    "Got",
    "Window",
    "are_strongly_the_same",
    "brief",
    "host_of",
    "is_odd",
    "is_own",
    "short",
    "why_not_old_enough",
]

SERIAL, CLIENT = "x-serial", "x-client"
_BARE = frozenset({304, 412, 416})
_WHO = ("authorization", "cookie", "accept-language", "x-foo", CLIENT)


@dataclass(frozen=True)
class Got:
    """An answer as a client read it; ``complete`` unless the connection ended before it did."""

    status: int
    fields: dict[str, str]
    body: bytes
    complete: bool


@dataclass(frozen=True)
class Window:
    """The time between a request and the beginning of its answer: the serials at both ends, and the first moment."""

    since: int
    until: int
    start: float


def are_strongly_the_same(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether two answers have the same strong validator. Source: RFC 9110 §8.8.1, §8.8.2.2."""
    if "etag" in one or "etag" in other:
        return same_tag(one.get("etag", "W/"), other.get("etag", "W/"), strong=True)
    changed = one.get("last-modified")
    sent = [moment(fields.get("date")) or 0.0 for fields in (one, other)]
    return changed is not None and changed == other.get("last-modified") and min(sent) >= (moment(changed) or 0.0) + 1


def is_own(told: Told, asked: Asked, window: Window) -> bool:
    """Whether it is the origin's answer to this very request, as far as can be told."""
    return (
        told.serial > window.since
        and told.asked.method == asked.method
        and told.asked.url == asked.url
        and all(told.asked.fields.get(name) == asked.fields.get(name) for name in _WHO)
    )


def is_odd(told: Told) -> bool:
    """Whether there is anything in an exchange that could keep its answer from being stored, or served to everyone."""
    said = directives(told.fields.get("cache-control", ""))
    if not set(said) <= {"max-age", "public"} or "max-age" not in said or lifetime(Copy.of(told)) <= 0:
        return True
    if {"set-cookie", "expires", "pragma"} & set(told.fields) or "*" in told.fields.get("vary", ""):
        return True
    return bool({"authorization", "cookie", "cache-control", "pragma"} & set(told.asked.fields))


def why_not_old_enough(copy: Copy, got: Got, now: float) -> str | None:
    """Source: RFC 9111 §4: an answer that is served without asking tells its age."""
    if got.status in _BARE:
        return None
    least, told = int(age(copy, now) + 1e-6), got.fields.get("age")
    if told is None or not told.isdigit():
        return "it does not tell its age"
    return None if int(told) >= least else f"it is {least} seconds old, and says {told}"


def host_of(url: str) -> str:
    """The host of a URL."""
    return url.split("/")[2]


def brief(fields: object) -> str:
    """The fields of a message in one line."""
    assert isinstance(fields, dict)
    return " ".join(f"{name}={value!r}" for name, value in fields.items() if name not in ("content-type", "host"))


def short(body: bytes) -> str:
    """What tells a body from others, and its length."""
    return body[: body.find(b"]") + 1].decode() + f"{len(body)}"
