"""
The plain-hit lane: the shortest way from the octets of a request to those of its answer.

It serves what :func:`tsnode.caching.plain_hit.plain_until` lets it and nothing else; whatever it does not know at once
goes the long way, which gives the same answer (house rule B9).

What is kept with an alternate was made under one regime and says which: where another one holds, by another rule or
after a reload, it is made anew the next time it is asked for, so that no store need be gone through.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar, cast

from tsnode.caching.freshness import lifetime_under
from tsnode.caching.plain_hit import Rendering, plain_until
from tsnode.model.alternate import Alternate
from tsnode.ports import Buffer, ICacheStore
from tsnode.semantics.plain_get import PlainGet, read_plain_get
from tsnode.transaction.log_line import render_rest
from tsnode.transaction.regimes import Regime
from tsnode.transaction.services import Asked
from tsnode.transaction.status import hit_prefix
from tsnode.transaction.via import plain_hit_via

__all__ = ["Lane", "PlainAnswer"]

_K = TypeVar("_K")

_REMEMBERED = 4096
"""How many request heads, and how many targets, are known by heart; octets are bounded with them."""
_LONGEST = 2048
"""Longer heads are not remembered."""
_MARKS = 1024
"""How many hashes of what came lately are kept, by which it is known when it comes again."""
_NOT_COUNTED = 300
"""Statuses from this one on are not those that a plain hit is counted as."""


class PlainAnswer:
    """
    What a stored alternate looks like on this lane: octets rendered once a second, and the tail of its log line.

    It may be sent ``until`` then (exclusive, epoch seconds) where ``regime`` holds. ``size`` is of all that is sent,
    ``rendered`` of what ``rendering`` gives; with ``whole`` that is the same.
    """

    __slots__ = ("regime", "rendered", "rendering", "rest", "size", "until", "whole")

    def __init__(self, regime: Regime, until: float, rendering: Rendering, whole: bool) -> None:
        self.regime = regime
        self.until = until
        self.rendering = rendering
        self.whole = whole
        self.rendered = 0
        self.size = 0
        self.rest = b""


class Lane:
    """
    Answers plain GETs from memory.

    ``asked_of`` tells what a plain GET asks for, or None where that takes more than its target and host to know. Heads
    of more than ``longest`` octets are left to the long way, which knows what to say about those that are too long.
    """

    def __init__(
        self,
        store: ICacheStore,
        asked_of: Callable[[PlainGet], Asked | None],
        longest: int,
    ) -> None:
        self._longest = longest
        self._peek = store.peek
        self._ready = store.ready
        self._asked_of = asked_of
        self._heads: dict[bytes, Asked] = {}
        self._targets: dict[PlainGet, Asked] = {}
        self._head_marks: set[int] = set()
        self._target_marks: set[int] = set()

    def find(self, head: bytes, now: float) -> tuple[PlainAnswer, Sequence[Buffer]] | Asked | None:
        """
        The answer to a request head and the octets to send now.

        Where there is none, what the head asks for if it is a plain GET; None where the long way has to be taken.
        """
        asked = self._heads.get(head)
        if asked is None:
            asked = self._learn(head)
            if asked is None:
                return None
        stored = self._peek(asked.facts.key)
        if len(stored) != 1:
            return asked
        alternate = stored[0]
        answer = cast("PlainAnswer | None", alternate.memo.rendering)
        if answer is None or answer.regime is not asked.regime:
            answer = self._render(alternate, asked.regime, now)
            if answer is None:
                return asked
        elif now >= answer.until:
            return asked
        content = self._ready(alternate)
        if content is None:
            return asked
        octets = answer.rendering.octets_at(now)
        if len(octets) != answer.rendered:
            _measure(answer, alternate, octets, content)
        if answer.whole:
            return answer, (octets,)
        return answer, (octets, content)

    def _learn(self, head: bytes) -> Asked | None:
        plain = read_plain_get(head) if len(head) <= self._longest else None
        if plain is None:
            return None
        asked = self._targets.get(plain)
        if asked is not None:
            if len(head) <= _LONGEST and _seen_before(head, self._head_marks):
                _remember(self._heads, head, asked)
            return asked
        asked = self._asked_of(plain)
        if asked is not None and len(head) <= _LONGEST and _seen_before(plain, self._target_marks):
            _remember(self._targets, plain, asked)
        return asked

    def _render(self, alternate: Alternate, regime: Regime, now: float) -> PlainAnswer | None:
        """What this lane answers with from now on; None where it is not for the lane, or not any more."""
        until = plain_until(alternate, regime.policy)
        content = self._ready(alternate) if now < until and alternate.status < _NOT_COUNTED else None
        settings = regime.settings
        via = plain_hit_via(settings)
        if content is None or via is None:
            return None
        whole = len(content) <= Rendering.JOINED
        rendering = Rendering(
            alternate,
            content if whole else None,
            via,
            settings.insert_age,
            hit_prefix(settings),
            lifetime_under(alternate, regime.policy),
        )
        answer = PlainAnswer(regime, until, rendering, whole)
        alternate.memo.rendering = answer
        return answer


def _seen_before(what: bytes | PlainGet, marks: set[int]) -> bool:
    """Whether ``what`` came lately. What comes once is not worth the memory, least of all the processor's own."""
    mark = hash(what)
    if mark in marks:
        return True
    if len(marks) >= _MARKS:
        marks.clear()
    marks.add(mark)
    return False


def _remember(known: dict[_K, Asked], key: _K, asked: Asked) -> None:
    if len(known) >= _REMEMBERED:
        known.clear()
    known[key] = asked


def _measure(answer: PlainAnswer, alternate: Alternate, octets: bytes, content: bytes) -> None:
    """Note how long an answer has become; its Age has one more digit from time to time."""
    answer.rendered = len(octets)
    answer.size = len(octets) + (0 if answer.whole else len(content))
    answer.rest = render_rest(
        "TCP_MEM_HIT", alternate.status, answer.size, b"GET", alternate.url, b"-", "NONE", b"-",
        alternate.fields.get(b"content-type") or b"-",
    )  # fmt: skip
