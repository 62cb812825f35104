"""Collecting what is wrong."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.reading import Findings, Reading
from tsnode.model.errors import ConfigError, Place

FAULT = ConfigError(Place("f"), "odd")
OTHER = ConfigError(Place("f"), "strange")


def give(value: int) -> int:
    return value


def refuse() -> int:
    raise FAULT


class Collecting(SynchronousTestCase):
    def test_what_succeeds_is_given_and_what_fails_is_noted(self) -> None:
        findings = Findings()
        self.assertEqual(findings.attempt(give, 3), 3)
        self.assertIsNone(findings.attempt(refuse))
        self.assertEqual(findings.reading("v"), Reading("v", (FAULT,), ()))

    def test_a_defect_is_not_taken_for_a_fault_of_the_file(self) -> None:
        self.assertRaises(ZeroDivisionError, Findings().attempt, divmod, 1, 0)

    def test_the_findings_of_another_reading_join(self) -> None:
        findings = Findings()
        findings.warnings.append(OTHER)
        self.assertEqual(findings.take(Reading("v", (FAULT,), (OTHER,))), "v")
        self.assertEqual(findings.reading(0), Reading(0, (FAULT,), (OTHER, OTHER)))
