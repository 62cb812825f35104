"""The line with which ``make test`` ends."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.__main__ import read_outcome


class ClosingLine(SynchronousTestCase):
    """:mod:`tests.__main__` says what trial said."""

    def closing(self, lines: list[str], exit_code: int) -> str:
        """What is printed at the end of a run with that output and exit code."""
        return str(read_outcome(lines, exit_code))

    def test_a_good_run_counts_what_passed_and_what_was_skipped(self) -> None:
        self.assertEqual(self.closing(["PASSED (skips=2, successes=31)\n"], 0), "31 passed, 0 failed, 2 skipped")

    def test_failures_and_errors_both_count_as_failed(self) -> None:
        lines = ["FAILED (failures=1, errors=2, successes=4)\n"]
        self.assertEqual(self.closing(lines, 1), "4 passed, 3 failed, 0 skipped")

    def test_a_success_that_was_not_expected_counts_as_failed(self) -> None:
        lines = ["FAILED (expectedFailures=3, unexpectedSuccesses=1, successes=4)\n"]
        self.assertEqual(self.closing(lines, 1), "7 passed, 1 failed, 0 skipped")

    def test_a_run_that_died_before_its_summary_has_failed(self) -> None:
        self.assertEqual(self.closing(["Segmentation fault\n"], 139), "0 passed, 1 failed, 0 skipped")

    def test_a_bad_exit_is_a_failure_whatever_the_summary_says(self) -> None:
        self.assertEqual(self.closing(["PASSED (successes=5)\n"], 1), "5 passed, 1 failed, 0 skipped")

    def test_only_the_last_summary_counts(self) -> None:
        lines = ["FAILED (errors=1)\n", "PASSED (successes=2)\n", "PASSED (of course)\n"]
        self.assertEqual(self.closing(lines, 0), "2 passed, 0 failed, 0 skipped")

    def test_a_run_of_nothing_is_told_as_such(self) -> None:
        self.assertEqual(self.closing(["PASSED\n"], 0), "0 passed, 0 failed, 0 skipped")
