"""Hypothesis strategies for the entries of update.config, and how they are written."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis.strategies import (
    SearchStrategy,
    builds,
    from_regex,
    integers,
    just,
    lists,
    one_of,
    sampled_from,
    tuples,
)

from tsnode.model.errors import Place
from tsnode.model.fields import Fields, Line
from tsnode.model.schedule import ScheduledUpdate
from tsnode.testing.strategies import urls

__all__ = ["render_update", "scheduled_updates"]

_VALUES = ("", "en, de;q=0.5", "Mozilla/5.0 (X11; rv:9) x", '"a; b: c"', "http://a/; c", "two  words", "é")


def _headers() -> SearchStrategy[Line]:
    """Header lines, also with what looks like the end of one."""
    tokens = from_regex(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,6}", fullmatch=True)
    names = one_of(sampled_from(("User-Agent", "Accept")), tokens)
    values = one_of(sampled_from(_VALUES), from_regex(r"[a-z0-9;=,/]{0,5}[a-z]", fullmatch=True))
    return tuples(names.map(str.encode), values.map(str.encode))


def scheduled_updates(most: int = 4) -> SearchStrategy[tuple[ScheduledUpdate, ...]]:
    """The entries of a file; their places say nothing."""

    def make(url: SearchStrategy[bytes], depth: SearchStrategy[int]) -> SearchStrategy[ScheduledUpdate]:
        return builds(
            ScheduledUpdate,
            url=url,
            headers=lists(_headers(), max_size=3).map(Fields),
            offset_hour=integers(0, 23),
            interval=one_of(integers(1, 86400), sampled_from((3600, 86400))),
            depth=depth,
            place=just(Place("update.config")),
        )

    entry = one_of(make(urls(), integers(0, 128)), make(just(b"ftp://ftp.example.com/a"), just(0)))
    return lists(entry, max_size=most).map(tuple)


def render_update(updates: Iterable[ScheduledUpdate], *, between: str = "; ", closed: bool = True) -> str:
    r"""A file with these entries; ``between`` stands between headers; ``closed``: with the last ``\``."""
    end = "\\\n" if closed else "\n"
    return "".join("\\".join(_render_fields(update, between)) + end for update in updates)


def _render_fields(update: ScheduledUpdate, between: str) -> tuple[str, ...]:
    headers = [f"{name.decode()}: {value.decode()}" for name, value in update.headers]
    return (
        update.url.decode("ascii"),
        between.join(headers),
        str(update.offset_hour),
        str(update.interval),
        str(update.depth),
    )
