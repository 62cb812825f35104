"""Collecting what is wrong."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.reading import MOST, Findings, Reading
from tsnode.model.errors import ConfigError, ConfigErrors, Place

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


class Bounds(SynchronousTestCase):
    """A file of nothing but faults does not fill the memory."""

    def test_one_error_too_many_ends_the_reading_with_all_of_them(self) -> None:
        findings = Findings()
        findings.errors += [FAULT] * (MOST - 1)
        self.assertIsNone(findings.attempt(refuse))
        raised = self.assertRaises(ConfigErrors, findings.attempt, refuse)
        assert isinstance(raised, ConfigErrors)
        self.assertEqual(len(raised.errors), MOST + 1)
        self.assertEqual(str(raised.errors[-1]), "f: has more than 10000 errors; the others are not told")

    def test_warnings_that_are_too_many_are_left_out(self) -> None:
        findings = Findings()
        for _ in range(MOST + 5):
            findings.warnings.append(OTHER)
        self.assertEqual(len(findings.warnings), MOST + 1)
        self.assertEqual(str(findings.warnings[-1]), "f: brings more than 10000 warnings; this is the last")
