"""Statuses."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.caching.statuses import (
    FAILURES,
    FORBIDDEN,
    GUESSED,
    GUESSED_IF_DATED,
    NEVER_GUESSED,
    NEVER_WHOLE,
    UNDERSTOOD,
)

HEURISTICALLY_CACHEABLE = {200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501}


class Statuses(SynchronousTestCase):
    def test_a_lifetime_is_guessed_for_those_that_the_rfc_lists_and_no_others(self) -> None:
        """RFC 9110 §15.1; a part never is a whole."""
        self.assertEqual(GUESSED | GUESSED_IF_DATED, HEURISTICALLY_CACHEABLE - {206})
        self.assertFalse(GUESSED & GUESSED_IF_DATED)
        self.assertFalse((GUESSED | GUESSED_IF_DATED) & (NEVER_GUESSED | NEVER_WHOLE | FORBIDDEN))

    def test_what_is_treated_in_a_way_of_its_own_is_understood(self) -> None:
        for statuses in (GUESSED, GUESSED_IF_DATED, NEVER_GUESSED, NEVER_WHOLE, FORBIDDEN, FAILURES):
            self.assertLessEqual(statuses, UNDERSTOOD)

    def test_interim_answers_and_what_no_rfc_of_http_defines_are_not(self) -> None:
        for status in (100, 103, 199, 207, 299, 306, 418, 420, 450, 499, 506, 599, 600, 999):
            self.assertNotIn(status, UNDERSTOOD)
