"""Whole histories of a cache store, compared with what a dictionary would hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import cast

from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from hypothesis.strategies import booleans, integers, one_of, sampled_from
from twisted.internet.defer import Deferred

from tsnode.model.alternate import Alternate
from tsnode.model.errors import BadGateway, StoreError
from tsnode.model.target import CacheKey
from tsnode.ports import Flow, ICacheStore, IContent, IFill
from tsnode.testing.fills import make_alternate, take_all

__all__ = ["StoreHistory", "check_histories"]

_KEYS = tuple(CacheKey(b"http://a.example/%d" % number) for number in range(3))
_PLENTY = 10_000_000
_SCARCE = 30_000

_picks = integers(0, 1 << 16)


@dataclass
class _Stored:
    """What the dictionary holds: one answer and its content."""

    mark: bytes
    content: bytes


def _pattern(mark: bytes, offset: int, size: int) -> bytes:
    """``size`` octets that tell which content they belong to, and whereabouts."""
    start = int(mark) * 1009 + offset
    return b"".join([b"%d," % place for place in range(start, start + size)])[:size]


@dataclass
class _Reading:
    content: IContent
    taken: bytes = b""


@dataclass
class _Filling:
    """A fill under way, and all that is known about it."""

    fill: IFill
    key: CacheKey
    mark: bytes
    length: int | None
    replaced: _Stored | None
    written: bytes = b""
    readings: list[_Reading] = field(default_factory=list)

    def write(self, size: int) -> None:
        """Bring ``size`` octets."""
        octets = _pattern(self.mark, len(self.written), size)
        self.written += octets
        self.fill.write(octets)


def _now(deferred: Deferred[int]) -> int:
    results: list[int] = []
    deferred.addCallback(results.append)
    assert results, "the store has not answered at once"
    return results[0]


class StoreHistory(RuleBasedStateMachine):
    """
    Everything that can be done with a store, in any order.

    With room for all of it the store holds exactly what the dictionary does; with little room it holds some of that.
    What it holds is right in either case, and so is what every reader gets.
    """

    def __init__(self, make_store: Callable[[int], ICacheStore], limit: int) -> None:
        super().__init__()
        self.limit = limit
        self.scarce = limit < _PLENTY
        self.store = make_store(limit)
        self.empty = self.store.usage()
        self.model: dict[CacheKey, list[_Stored]] = {key: [] for key in _KEYS}
        self.fillings: list[_Filling] = []
        self.serial = 0

    def _mark(self) -> bytes:
        self.serial += 1
        return b"%d" % self.serial

    def _found(self, key: CacheKey, pick: int) -> tuple[Alternate, _Stored] | None:
        """One of the alternates that the store has under a key, and the dictionary's."""
        found = self.store.peek(key)
        if not found:
            return None
        alternate = found[pick % len(found)]
        (stored,) = [stored for stored in self.model[key] if b'"%b"' % stored.mark == alternate.terms.etag]
        return alternate, stored

    @rule(key=sampled_from(_KEYS), length=one_of(integers(0, 9000), sampled_from((None, None, 40_000))), pick=_picks,
          replacing=booleans())  # fmt: skip
    def begin(self, key: CacheKey, length: int | None, pick: int, replacing: bool) -> None:
        """Start storing."""
        found = self._found(key, pick) if replacing else None
        mark = self._mark()
        fill = self.store.begin(key, make_alternate(mark, length), found[0] if found else None)
        if fill is None:
            assert length is not None and self.scarce, "the store does not take a content that fits"
            return
        self.fillings.append(_Filling(fill, key, mark, length, found[1] if found else None))

    @rule(key=sampled_from(_KEYS), size=integers(0, 9000), pick=_picks, replacing=booleans())
    def put(self, key: CacheKey, size: int, pick: int, replacing: bool) -> None:
        """Store an answer that is all here."""
        found = self._found(key, pick) if replacing else None
        mark = self._mark()
        content = _pattern(mark, 0, size)
        if self.store.put(key, make_alternate(mark), content, found[0] if found else None) is None:
            assert self.scarce, "the store does not take a content that fits"
            return
        others = [stored for stored in self.model[key] if found is None or stored is not found[1]]
        self.model[key] = [_Stored(mark, content), *others]

    @precondition(lambda self: self.fillings)
    @rule(pick=_picks, size=one_of(integers(0, 40), integers(0, 9000)))
    def write(self, pick: int, size: int) -> None:
        """Bring some octets to one of the fills, never more than it was told of."""
        filling = self.fillings[pick % len(self.fillings)]
        filling.write(size if filling.length is None else min(size, filling.length - len(filling.written)))

    @precondition(lambda self: self.fillings)
    @rule(pick=_picks, whole=booleans())
    def end(self, pick: int, whole: bool) -> None:
        """Commit or abort one of the fills; a content that was announced longer is completed first."""
        filling = self.fillings.pop(pick % len(self.fillings))
        if whole:
            if filling.length is not None:
                filling.write(filling.length - len(filling.written))
            others = [stored for stored in self.model[filling.key] if stored is not filling.replaced]
            self.model[filling.key] = [_Stored(filling.mark, filling.written), *others]
            filling.fill.commit()
        else:
            filling.fill.abort(BadGateway("cut short"))
        for reading in filling.readings:
            reading.taken += take_all(reading.content)
            assert reading.taken == filling.written, "a reader got other octets than were written"
            assert reading.content.flow is (Flow.ENDED if whole else Flow.FAILED)

    @precondition(lambda self: self.fillings)
    @rule(pick=_picks)
    def join(self, pick: int) -> None:
        """Read one of the fills, too."""
        filling = self.fillings[pick % len(self.fillings)]
        try:
            filling.readings.append(_Reading(filling.fill.read()))
        except StoreError:
            assert self.scarce, "a content that is kept cannot be read from its start"

    @precondition(lambda self: any(filling.readings for filling in self.fillings))
    @rule(pick=_picks, leaving=booleans())
    def take(self, pick: int, leaving: bool) -> None:
        """Let one reader take a piece, or leave."""
        filling, reading = [(one, reading) for one in self.fillings for reading in one.readings][
            pick % sum(len(one.readings) for one in self.fillings)
        ]
        reading.taken += reading.content.take() or b""
        assert filling.written.startswith(reading.taken), "a reader got other octets than were written"
        if leaving:
            reading.content.close()
            filling.readings.remove(reading)

    @rule(key=sampled_from(_KEYS), pick=_picks)
    def freshen(self, key: CacheKey, pick: int) -> None:
        """Confirm one alternate under a new mark."""
        found = self._found(key, pick)
        if found is not None:
            mark = self._mark()
            confirmed = make_alternate(mark)
            self.store.freshen(key, found[0], replace(found[0], fields=confirmed.fields, terms=confirmed.terms))
            found[1].mark = mark

    @rule(key=sampled_from(_KEYS), pick=_picks)
    def discard(self, key: CacheKey, pick: int) -> None:
        """Drop one alternate."""
        found = self._found(key, pick)
        if found is not None:
            self.store.discard(key, found[0])
            self.model[key].remove(found[1])

    @rule(key=sampled_from(_KEYS))
    def remove(self, key: CacheKey) -> None:
        """Drop all alternates of a key."""
        there = len(self.store.peek(key))
        assert _now(self.store.remove(key)) == there
        assert not self.store.peek(key)
        self.model[key] = []

    @rule(key=sampled_from(_KEYS), pick=_picks, start=_picks, length=_picks)
    def read_a_part(self, key: CacheKey, pick: int, start: int, length: int) -> None:
        """Read from anywhere within one content."""
        found = self._found(key, pick)
        if found is not None:
            content = found[1].content
            start %= len(content) + 1
            length %= len(content) - start + 1
            assert take_all(self.store.open(found[0], start, length)) == content[start : start + length]

    @invariant()
    def what_is_found_is_what_was_stored(self) -> None:
        """All of it where there is room, in the order of its coming, and never other octets."""
        there = 0
        for key in _KEYS:
            found = [(alternate.terms.etag or b"").strip(b'"') for alternate in self.store.peek(key)]
            expected = [stored.mark for stored in self.model[key]]
            if not self.scarce:
                assert found == expected
            assert found == [mark for mark in expected if mark in found], "alternates are out of order"
            contents = {stored.mark: stored.content for stored in self.model[key]}
            for mark, alternate in zip(found, self.store.peek(key), strict=True):
                assert take_all(self.store.open(alternate, 0, alternate.length or 0)) == contents[mark]
            there += len(found)
        assert self.store.usage().alternates == there
        assert set(self.store.keys()) == {key for key in _KEYS if self.store.peek(key)}

    @invariant()
    def the_limit_is_kept(self) -> None:
        """What is being passed on without being kept may come on top."""
        if not self.fillings:
            assert self.store.usage().octets <= self.limit

    def teardown(self) -> None:
        """Nothing is left once all was dropped."""
        while self.fillings:
            self.end(0, False)
        for key in _KEYS:
            _now(self.store.remove(key))
        assert self.store.usage() == self.empty


def check_histories(make_store: Callable[[int], ICacheStore]) -> None:
    """
    Try histories of the stores that ``make_store`` makes for a limit in octets.

    :raises AssertionError: where one of them goes wrong, hypothesis printing the shortest that does.
    """
    for limit in (_PLENTY, _SCARCE):
        _check(partial(StoreHistory, make_store, limit))


def _check(history: Callable[[], StoreHistory]) -> None:
    # any factory does, though hypothesis declares a class
    factory = cast(type[RuleBasedStateMachine], history)
    run_state_machine_as_test(factory, settings=settings(stateful_step_count=30))
