"""Whole histories of a node, held against what RFC 9111 permits."""

from __future__ import annotations

from hypothesis import given, settings
from twisted.trial.unittest import SynchronousTestCase

from tsnode.testing.rfc9111_scenes import History, histories
from tsnode.testing.rfc9111_stage import play

HISTORIES = 100_000 if settings().max_examples > 1000 else 2000


class Model(SynchronousTestCase):
    @settings(max_examples=HISTORIES)
    @given(histories())
    def test_no_answer_is_given_that_may_not_be_and_none_is_fetched_that_is_here(self, history: History) -> None:
        play(history)
