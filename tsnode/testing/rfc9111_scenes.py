"""What clients ask and origins say in the histories that the node is held against."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from hypothesis.strategies import SearchStrategy, booleans, builds, integers, lists, none, one_of, sampled_from

__all__ = ["HOSTS", "URLS", "Ask", "Crowd", "History", "Says", "histories"]

HOSTS = ("a.example", "b.example")
URLS = ("http://a.example/1", "http://a.example/2", "http://b.example/1")


class _Told:
    """Something that is shown with no more than what is special about it."""

    def __repr__(self) -> str:
        special = [
            f"{each.name}={getattr(self, each.name)!r}"
            for each in fields(self)  # type: ignore[arg-type]  # every heir is a dataclass
            if getattr(self, each.name) != each.default
        ]
        return f"{type(self).__name__}({', '.join(special)})"


@dataclass(frozen=True, repr=False)
class Says(_Told):
    """
    What an origin says of a URL from now on.

    ``renewed``: the content is another than before. ``tags``: which validators it gives; ``same`` is one strong tag
    whatever the content. ``date`` is by how many seconds its clock is off, None without Date. ``conditions``: what it
    does about If-None-Match and If-Modified-Since; ``blank`` is a 304, always, that names no validator. ``ranges``:
    it heeds Range. ``mishap``: what goes wrong, and does so each time.
    """

    status: int = 200
    control: str | None = "max-age=10"
    tags: str = "strong"
    renewed: bool = True
    expires: int | None = None
    date: int | None = 0
    age: int | None = None
    vary: str | None = None
    conditions: str = "honest"
    ranges: bool = True
    framing: str = "sized"
    mishap: str | None = None
    size: int = 80
    location: tuple[str, str] | None = None
    cookie: bool = False
    secret: bool = False
    pragma: bool = False
    pieces: bool = False


@dataclass(frozen=True, repr=False)
class Ask(_Told):
    """
    A request of a client, ``after`` so many seconds; ``says`` is what the origin says from now on, None: as before.

    ``condition`` and ``unless`` (If-Range) name a kind of validator, ``of`` says of which answer, 0 being the last.
    """

    after: float = 0.0
    url: int = 0
    method: str = "GET"
    user: str | None = None
    foo: str | None = None
    language: str | None = None
    wants: str | None = None
    pragma: bool = False
    condition: str | None = None
    unless: str | None = None
    of: int = 0
    range: str | None = None
    says: Says | None = None


@dataclass(frozen=True)
class Crowd:
    """
    Several requests at once, which the origins answer only ``gap`` seconds later, in pieces.

    ``leaver`` is the number of one whose client leaves in between, ``early`` before there is an answer at all;
    ``backwards``: the last one is answered first.
    """

    asks: tuple[Ask, ...]
    gap: float
    leaver: int | None
    early: bool
    backwards: bool


@dataclass(frozen=True)
class History:
    """What happens one after the other; see :class:`tsnode.testing.rfc9111_ledger.Ledger` for ``marked``."""

    marked: bool
    steps: tuple[Ask | Crowd, ...] = field(default=())


_CONTROLS = (
    "max-age=10", "max-age=10", "max-age=100", "max-age=100", "public, max-age=10", "max-age=0", "no-store", "no-cache",
    "private", "private, max-age=100", 'private="x-secret", max-age=100', 'no-cache="x-secret", max-age=100',
    "no-cache, max-age=100", "max-age=10, must-revalidate", "max-age=10, proxy-revalidate", "s-maxage=10, max-age=100",
    "s-maxage=100", "public", "must-revalidate", "max-age=10, stale-while-revalidate=30",
    "max-age=10, stale-if-error=60", "max-age=0, stale-while-revalidate=30, must-revalidate",
    "must-understand, no-store, max-age=100", "immutable, max-age=100", "max-age=100, no-store", None,
)  # fmt: skip
_SAID: tuple[dict[str, Any], ...] = (
    {"vary": "X-Foo"}, {"vary": "X-Foo"}, {"vary": "Accept-Language"}, {"vary": "X-Foo, Accept-Language"},
    {"vary": "*"}, {"vary": "Cookie"}, {"vary": "Authorization"},
    {"tags": "weak"}, {"tags": "none"}, {"tags": "modified"}, {"tags": "both"}, {"tags": "same"}, {"tags": "same"},
    {"renewed": False}, {"renewed": False}, {"renewed": False},
    {"expires": 10}, {"expires": -10}, {"expires": 0}, {"date": None}, {"date": -5}, {"date": 5}, {"date": -200},
    {"age": 3}, {"age": 9}, {"age": 90},
    {"conditions": "always"}, {"conditions": "blank"}, {"conditions": "never"}, {"ranges": False},
    {"framing": "chunked"}, {"framing": "close"}, {"size": 5000}, {"size": 30}, {"size": 0}, {"pieces": True},
    {"mishap": "short"}, {"mishap": "long"}, {"mishap": "cut"}, {"mishap": "silent"}, {"mishap": "refused"},
    {"mishap": "garbage"}, {"mishap": "part"},
    {"location": ("location", "/2")}, {"location": ("content-location", "/1")},
    {"location": ("content-location", "/2")},
    {"location": ("location", "http://b.example/1")}, {"location": ("content-location", "http://b.example/1")},
    {"cookie": True}, {"secret": True}, {"pragma": True},
    {"status": 404}, {"status": 410}, {"status": 301}, {"status": 302}, {"status": 204}, {"status": 203},
    {"status": 299}, {"status": 500}, {"status": 500}, {"status": 503},
)  # fmt: skip
_ASKED: tuple[dict[str, Any], ...] = (
    {"method": "HEAD"}, {"method": "HEAD"}, {"method": "POST"}, {"method": "POST"}, {"method": "PUT"},
    {"method": "DELETE"}, {"method": "PATCH"}, {"method": "BREW"},
    {"user": "alice"}, {"user": "bob"}, {"user": "carol"}, {"user": "dora"},
    {"foo": "a"}, {"foo": "b"}, {"foo": "b"}, {"foo": "A"}, {"language": "en"}, {"language": "de"},
    {"wants": "no-cache"}, {"wants": "no-store"}, {"wants": "max-age=0"}, {"wants": "max-age=5"},
    {"wants": "min-fresh=5"}, {"wants": "max-stale"}, {"wants": "max-stale=5"}, {"wants": "only-if-cached"},
    {"wants": "max-age=5, max-stale=100"}, {"wants": "stale-if-error=100"}, {"pragma": True},
    {"condition": "match"}, {"condition": "match"}, {"condition": "match", "of": 1}, {"condition": "weak match"},
    {"condition": "any match"}, {"condition": "since"}, {"condition": "since"}, {"condition": "since", "of": 1},
    {"condition": "long since"}, {"condition": "if match"}, {"condition": "if match", "of": 1},
    {"condition": "unmodified"}, {"condition": "unmodified", "of": 1},
    {"range": "bytes=0-9"}, {"range": "bytes=5-"}, {"range": "bytes=-7"}, {"range": "bytes=20-39"},
    {"range": "bytes=9000-"}, {"range": "bytes=0-1,4-5"},
    {"range": "bytes=5-", "unless": "match"}, {"range": "bytes=0-19", "unless": "match", "of": 1},
    {"range": "bytes=20-", "unless": "since"}, {"range": "bytes=5-", "unless": "weak match"},
)  # fmt: skip
_AFTER = (0.0, 0.0, 0.0, 0.5, 1.0, 5.0, 6.0, 9.0, 10.0, 11.0, 30.0, 61.0, 100.0, 101.0, 3700.0, 100_000.0)


def _says(control: str | None, quirks: list[dict[str, Any]]) -> Says:
    special: dict[str, Any] = {"control": control}
    for quirk in quirks:
        special.update(quirk)
    return Says(**special)


def _ask(after: float, url: int, quirks: list[dict[str, Any]], says: Says | None) -> Ask:
    special: dict[str, Any] = {"after": after, "url": url, "says": says}
    for quirk in quirks:
        special.update(quirk)
    return Ask(**special)


def _asks(after: tuple[float, ...]) -> SearchStrategy[Ask]:
    says = builds(_says, sampled_from(_CONTROLS), lists(sampled_from(_SAID), max_size=3))
    return builds(
        _ask,
        sampled_from(after),
        sampled_from((0, 0, 0, 0, 0, 1, 2)),
        lists(sampled_from(_ASKED), max_size=2),
        one_of(none(), says, none()),
    )


def histories() -> SearchStrategy[History]:
    """Histories of a few steps, mostly about one URL."""
    asks = _asks(_AFTER)
    crowds = builds(
        Crowd,
        lists(_asks((0.0,)), min_size=2, max_size=3).map(tuple),
        sampled_from((0.0, 0.5, 4.0, 7.0)),
        one_of(none(), integers(0, 2)),
        booleans(),
        booleans(),
    )
    steps = lists(one_of(asks, asks, asks, asks, crowds), min_size=2, max_size=12)
    return builds(History, booleans(), steps.map(tuple))
