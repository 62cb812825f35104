"""
What RFC 9111 lets a shared cache do, written down as plainly as can be.

A model to hold the node against: slow, and without a line of the code that it judges. It knows the field values that
:mod:`tsnode.testing.rfc9111_scenes` writes, and no others. Every rule answers None, or in words why not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate, parsedate_to_datetime
from functools import cached_property, lru_cache
from math import floor

__all__ = ["Asked", "Copy", "Told", "age", "date_line", "directives", "lifetime", "moment", "outcomes", "same_tag",
           "span", "why_not_confirmed", "why_not_selected", "why_not_stored", "why_not_unasked"]  # fmt: skip

_DAY = 86400.0
_LONGEST_STALE = 7 * _DAY
_UNDERSTOOD = frozenset({200, 203, 204, 206, 300, 301, 302, 303, 307, 308, 404, 405, 410, 414, 500, 501, 503})
_GUESSED = frozenset({200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501})
_OF_THE_CONTENT = frozenset({"content-length", "content-type", "content-range", "content-encoding", "set-cookie"})
_CONDITIONS = ("if-match", "if-none-match", "if-modified-since", "if-unmodified-since")


@lru_cache(maxsize=4096)
def directives(value: str) -> Mapping[str, str | None]:
    """The directives of a Cache-Control value."""
    said: dict[str, str | None] = {}
    for part in value.split(","):
        name, equals, argument = part.strip().partition("=")
        if name:
            said[name.lower()] = argument.strip('"') if equals else None
    return said


@lru_cache(maxsize=4096)
def moment(value: str | None) -> float | None:
    """The moment that an HTTP date names, in seconds since the epoch; None for what is none."""
    try:
        return None if value is None else parsedate_to_datetime(value).timestamp()
    except (TypeError, ValueError):
        return None


def date_line(seconds: float) -> str:
    """A moment as HTTP writes it."""
    return formatdate(seconds, usegmt=True)


def _seconds(value: str | None) -> float:
    return float(value) if value is not None and value.isdigit() else 0.0


@dataclass(frozen=True)
class Asked:
    """A request; the names of its fields are in lower case."""

    method: str
    url: str
    fields: Mapping[str, str]

    @cached_property
    def wants(self) -> Mapping[str, str | None]:
        """Its Cache-Control; Pragma where it has none (RFC 9111 §5.4)."""
        return directives(self.fields.get("cache-control", self.fields.get("pragma", "")))

    @property
    def conditions(self) -> Mapping[str, str]:
        """Its preconditions."""
        return {name: self.fields[name] for name in _CONDITIONS if name in self.fields}


@dataclass(frozen=True, kw_only=True)
class Told:
    """
    An answer of an origin.

    ``serial`` counts everything that happens, ``asked`` is the request as the origin got it, at ``asked_at`` and when
    the serial was ``since``, and ``at`` is when the answer was sent. ``body`` is the whole representation, of which the
    octets ``first`` to ``last`` (exclusive) were sent; ``whole`` tells whether that is as much as the answer promised.
    """

    serial: int
    since: int
    asked: Asked
    asked_at: float
    at: float
    status: int
    fields: Mapping[str, str]
    body: bytes = b""
    first: int = 0
    last: int = 0
    whole: bool = True


@dataclass(frozen=True)
class Copy:
    """What a cache may have made of an answer: its content, and its fields with those of what confirmed it since."""

    told: Told
    updates: tuple[Told, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def of(told: Told) -> Copy:
        """An answer as it came."""
        return Copy(told, (), told.fields)

    def confirmed(self, by: Told) -> Copy:
        """The copy with the fields of an answer that confirmed it (RFC 9111 §3.2)."""
        kept = {name: value for name, value in self.fields.items() if name not in ("age", "date")}
        brought = {name: value for name, value in by.fields.items() if name not in _OF_THE_CONTENT}
        return Copy(self.told, (*self.updates, by), {**kept, **brought})

    @property
    def newest(self) -> Told:
        """The answer that it was last confirmed by."""
        return self.updates[-1] if self.updates else self.told

    @cached_property
    def said(self) -> Mapping[str, str | None]:
        """Its Cache-Control."""
        return directives(self.fields.get("cache-control", ""))

    @cached_property
    def date(self) -> float:
        """When the origin made or confirmed it; by our clock where it does not say."""
        stated = moment(self.fields.get("date"))
        return float(floor(self.newest.at)) if stated is None else stated


def why_not_stored(asked: Asked, status: int, fields: Mapping[str, str]) -> str | None:
    """May a shared cache store an answer? Source: RFC 9111 §3, §3.5, §5.2.2.3."""
    said = directives(fields.get("cache-control", ""))
    dated = "max-age" in said or "s-maxage" in said or "expires" in fields
    if asked.method == "POST":
        if not dated or not asked.url.endswith(fields.get("content-location", "-")):
            return "answers to POST are for GET only with a lifetime and a Content-Location"
    elif asked.method != "GET":
        return "the method is not GET"
    if "no-store" in asked.wants:
        return "the client said no-store"
    if status < 200 or status in (304, 412, 416):
        return "this status is no content to be stored"
    if "must-understand" in said:
        if status not in _UNDERSTOOD:
            return "the status is not understood"
    elif "no-store" in said:
        return "the origin said no-store"
    if "private" in said and said["private"] is None:
        return "the origin said private"
    shared = "public" in said or "must-revalidate" in said or "s-maxage" in said
    if "authorization" in asked.fields and not shared:
        return "it answered a request with credentials"
    if not dated and "public" not in said and status not in _GUESSED:
        return "nothing says that it may be stored"
    return None


def lifetime(copy: Copy) -> float:
    """For how many seconds an answer is fresh; a guess as generous as the guide's. Source: RFC 9111 §4.2.1, §4.2.2."""
    for name in ("s-maxage", "max-age"):
        if name in copy.said:
            return _seconds(copy.said[name])
    if "expires" in copy.fields:
        return max(0.0, (moment(copy.fields["expires"]) or 0.0) - copy.date)
    if "public" not in copy.said and copy.told.status not in _GUESSED:
        return 0.0
    changed = moment(copy.fields.get("last-modified"))
    guessed = 0.0 if changed is None else floor(max(0.0, copy.date - changed) / 10)
    return max(3600.0, min(guessed, _DAY))


def age(copy: Copy, now: float) -> float:
    """How old it is, in seconds. Source: RFC 9111 §4.2.3."""
    newest = copy.newest
    apparent = max(0.0, floor(newest.at) - copy.date)
    corrected = _seconds(newest.fields.get("age")) + (newest.at - newest.asked_at)
    return max(apparent, corrected) + (now - newest.at)


def _same_value(one: str | None, other: str | None) -> bool:
    if one is None or other is None:
        return one is other
    # the guide lets the case of letters make no difference
    return [part.strip().lower() for part in one.split(",")] == [part.strip().lower() for part in other.split(",")]


def why_not_selected(copy: Copy, asked: Asked) -> str | None:
    """Is it an answer to this request at all? Source: RFC 9111 §4, §4.1."""
    if asked.method not in ("GET", "HEAD"):
        return "the method is neither GET nor HEAD"
    if asked.url != copy.told.asked.url:
        return "it is of another URL"
    for name in copy.fields.get("vary", "").lower().split(","):
        name = name.strip()
        if name == "*":
            return "it varies with everything"
        if name and not any(
            _same_value(told.asked.fields.get(name), asked.fields.get(name)) for told in (copy.told, *copy.updates)
        ):
            return f"it was selected with another {name}"
    return None


def why_not_unasked(copy: Copy, asked: Asked, now: float, *, trouble: bool) -> str | None:
    """
    May it be served without asking the origin?

    ``trouble``: the origin cannot be reached, or answers 5xx.

    Source: RFC 9111 §4.2.4, §5.2; RFC 5861.
    """
    wants, said = asked.wants, copy.said
    fresh_for, old = lifetime(copy), age(copy, now)
    if "no-cache" in wants:
        return "the client said no-cache"
    if "no-cache" in said and said["no-cache"] is None:
        return "the origin said no-cache"
    strict = "must-revalidate" in said or "proxy-revalidate" in said or "s-maxage" in said
    if trouble and not strict and old <= _LONGEST_STALE:
        # RFC 5861 says how long on an error, but being cut off is enough, whatever age the client would like
        return None
    # RFC 8246: while it is fresh there is nothing to find out by asking, however young the client would like it
    settled = "immutable" in said and old <= fresh_for
    if not settled and "max-age" in wants and (old > _seconds(wants["max-age"]) or wants["max-age"] == "0"):
        return f"its age is {old:g}, the client said max-age={wants['max-age']}"
    if "min-fresh" in wants and fresh_for - old < _seconds(wants["min-fresh"]):
        return f"its age is {old:g} of {fresh_for:g}, the client said min-fresh={wants['min-fresh']}"
    if fresh_for > 0 and old <= fresh_for:
        return None
    for name, who in (("max-stale", wants), ("stale-while-revalidate", said)):
        if not strict and name in who and (who[name] is None or old <= fresh_for + _seconds(who[name])):
            return None
    return f"its age is {old:g} of {fresh_for:g}"


def same_tag(one: str, other: str, *, strong: bool) -> bool:
    """Whether two entity tags are the same. Source: RFC 9110 §8.8.3.2."""
    if strong:
        return one == other and not one.startswith("W/")
    return one.removeprefix("W/") == other.removeprefix("W/")


def why_not_confirmed(copy: Copy, by: Told) -> str | None:
    """Does a 304, or an answer to HEAD, tell about this copy? Source: RFC 9111 §4.3.4, §4.3.5."""
    tag, stored = by.fields.get("etag"), copy.fields.get("etag")
    if tag is not None and stored is not None:
        return None if same_tag(tag, stored, strong=False) else "it names another tag"
    if by.status == 304:
        sent = by.asked.conditions
        named = stored is not None and any(
            same_tag(each.strip(), stored, strong=False) for each in sent.get("if-none-match", "").split(",")
        )
        dated = "last-modified" in copy.fields and sent.get("if-modified-since") == copy.fields["last-modified"]
        return None if named or dated else "the origin was not asked about this one"
    if tag is not None:
        return "it has a tag now"
    changed = by.fields.get("last-modified", copy.fields.get("last-modified"))
    if changed != copy.fields.get("last-modified"):
        return "it was modified"
    length = by.fields.get("content-length")
    return None if length is None or int(length) == len(copy.told.body) else "its length is another"


def _listed(value: str, tag: str | None, *, strong: bool) -> bool:
    if value.strip() == "*":
        return True
    return tag is not None and any(same_tag(each.strip(), tag, strong=strong) for each in value.split(","))


def outcomes(copy: Copy, asked: Asked) -> int:
    """The status that a request's preconditions lead to, held against a copy. Source: RFC 9110 §13.2."""
    status, fields, when = copy.told.status, asked.fields, moment
    tag, changed = copy.fields.get("etag"), moment(copy.fields.get("last-modified"))
    if status not in (200, 206):
        return status
    if "if-match" in fields:
        if not _listed(fields["if-match"], tag, strong=True):
            return 412
    elif (limit := when(fields.get("if-unmodified-since"))) is not None and (changed is None or changed > limit):
        return 412
    if "if-none-match" in fields:
        return 304 if _listed(fields["if-none-match"], tag, strong=False) else status
    since = when(fields.get("if-modified-since"))
    if since is not None and (copy.date if changed is None else changed) <= since:
        return 304
    return status


def span(copy: Copy, asked: Asked, length: int) -> tuple[int, int] | None:
    """
    The octets that a request asks for of a content of ``length``: first and last, exclusive; None: all of it.

    An empty one where it asks for none that is there. Source: RFC 9110 §14.2, §13.1.5.
    """
    wanted, unless = asked.fields.get("range"), asked.fields.get("if-range")
    if wanted is None or asked.method != "GET" or "," in wanted:
        return None
    if unless is not None:
        changed = copy.fields.get("last-modified")
        if unless.startswith(('"', "W/")):
            if not same_tag(unless, copy.fields.get("etag", ""), strong=True):
                return None
        elif unless != changed or copy.date < (moment(changed) or 0.0) + 1:
            return None
    first, _, last = wanted.removeprefix("bytes=").partition("-")
    if not first:
        return max(0, length - int(last)), length
    begin, end = int(first), min(length, int(last) + 1 if last else length)
    return (begin, end) if begin < length else (length, length)
