"""Whole histories of a node, held against what RFC 9111 permits."""

from __future__ import annotations

from hypothesis import given, settings
from twisted.trial.unittest import SynchronousTestCase

from tsnode.testing.rfc9111_scenes import History, histories
from tsnode.testing.rfc9111_stage import play

_TIMES = 20 if settings().max_examples > 1000 else 34


class Model(SynchronousTestCase):
    @settings(max_examples=_TIMES * settings().max_examples)
    @given(histories())
    def test_no_answer_is_given_that_may_not_be(self, history: History) -> None:
        play(history)
