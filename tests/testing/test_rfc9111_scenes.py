"""The histories that are tried."""

from __future__ import annotations

from hypothesis import given
from twisted.trial.unittest import SynchronousTestCase

from tsnode.testing.rfc9111_scenes import Ask, Crowd, History, Says, histories


class Scenes(SynchronousTestCase):
    @given(histories())
    def test_they_have_some_steps_and_are_told_by_what_is_special(self, history: History) -> None:
        self.assertTrue(2 <= len(history.steps) <= 12)
        for step in history.steps:
            self.assertIsInstance(step, Ask | Crowd)

    def test_what_is_usual_is_not_told(self) -> None:
        self.assertEqual(repr(Says()), "Says()")
        self.assertEqual(repr(Ask(method="HEAD")), "Ask(method='HEAD')")
