"""Preconditions held against a stored answer."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis.strategies import lists, sampled_from
from twisted.trial.unittest import SynchronousTestCase

from tests.caching.samples import NOW, dated, fields, moment, stored
from tsnode.semantics.conditions import Outcome, evaluate_conditions, is_range_current

WHOLE, NOT_MODIFIED, FAILED = Outcome.WHOLE, Outcome.NOT_MODIFIED, Outcome.PRECONDITION_FAILED

TAGGED = stored(*dated('ETag: "a"', f"Last-Modified: {moment(-100)}"))
WEAKLY_TAGGED = stored(*dated('ETag: W/"a"'))
CHANGED = stored(*dated(f"Last-Modified: {moment(-100)}"))
BARE = stored(*dated())


class Conditions(SynchronousTestCase):
    """RFC 9110 §13.2.2; case 25."""

    def check(self, *table: tuple[str, Outcome]) -> None:
        for lines, outcome in table:
            self.assertIs(evaluate_conditions(fields(*lines.split("; ")), TAGGED, NOW), outcome, lines)

    def test_a_tag_that_the_client_has_is_not_sent_again(self) -> None:
        self.check(
            ('If-None-Match: "a"', NOT_MODIFIED),
            ('If-None-Match: W/"a"', NOT_MODIFIED),
            ('If-None-Match: "b", "a"', NOT_MODIFIED),
            ("If-None-Match: *", NOT_MODIFIED),
            ('If-None-Match: "b"', WHOLE),
            ("X: y", WHOLE),
        )

    def test_the_date_counts_only_where_no_tag_is_given(self) -> None:
        self.check(
            (f'If-None-Match: "b"; If-Modified-Since: {moment(0)}', WHOLE),
            (f'If-None-Match: "a"; If-Modified-Since: {moment(-200)}', NOT_MODIFIED),
        )
        given_both = fields('If-None-Match: "a"', f"If-Modified-Since: {moment(0)}")
        self.assertIs(evaluate_conditions(given_both, CHANGED, NOW), WHOLE)

    def test_what_has_not_changed_since_is_not_sent_again(self) -> None:
        self.check(
            (f"If-Modified-Since: {moment(-100)}", NOT_MODIFIED),
            (f"If-Modified-Since: {moment(-50)}", NOT_MODIFIED),
            (f"If-Modified-Since: {moment(-101)}", WHOLE),
            ("If-Modified-Since: yesterday", WHOLE),
            (f"If-Modified-Since: {moment(0)}, {moment(-50)}", WHOLE),
        )

    def test_without_last_modified_date_or_receipt_stand_for_it(self) -> None:
        received = replace(BARE, fields=fields())
        for alternate in (BARE, stored(*dated("Last-Modified: once")), received):
            for offset, outcome in ((0, NOT_MODIFIED), (-1, WHOLE)):
                asked = fields(f"If-Modified-Since: {moment(offset)}")
                self.assertIs(evaluate_conditions(asked, alternate, NOW), outcome, (alternate.fields, offset))

    def test_a_client_may_insist_on_what_it_knows(self) -> None:
        self.check(
            ('If-Match: "a"', WHOLE),
            ('If-Match: "b", "a"', WHOLE),
            ("If-Match: *", WHOLE),
            ('If-Match: "b"', FAILED),
            ('If-Match: W/"a"', FAILED),
            (f"If-Unmodified-Since: {moment(-100)}", WHOLE),
            (f"If-Unmodified-Since: {moment(-101)}", FAILED),
            ("If-Unmodified-Since: yesterday", WHOLE),
            (f"If-Unmodified-Since: {moment(-200)}, {moment(-101)}", WHOLE),
        )

    def test_what_has_no_strong_validator_cannot_be_insisted_on(self) -> None:
        for alternate in (WEAKLY_TAGGED, BARE):
            self.assertIs(evaluate_conditions(fields('If-Match: W/"a"'), alternate, NOW), FAILED)
            self.assertIs(evaluate_conditions(fields("If-Match: *"), alternate, NOW), WHOLE)
            unmodified = fields(f"If-Unmodified-Since: {moment(0)}")
            self.assertIs(evaluate_conditions(unmodified, alternate, NOW), FAILED)

    def test_insisting_comes_first(self) -> None:
        self.check(
            ('If-Match: "b"; If-None-Match: "a"', FAILED),
            ('If-Match: "a"; If-None-Match: "a"', NOT_MODIFIED),
            (f'If-Match: "a"; If-Unmodified-Since: {moment(-200)}', WHOLE),
            (f'If-Unmodified-Since: {moment(-200)}; If-None-Match: "a"', FAILED),
        )

    def test_other_answers_than_200_have_no_conditions(self) -> None:
        gone = stored(*dated('ETag: "a"'), status=410)
        for line in ('If-None-Match: "a"', 'If-Match: "b"'):
            self.assertIs(evaluate_conditions(fields(line), gone, NOW), WHOLE)

    @given(
        lists(
            sampled_from(
                ['If-None-Match: "a"', "If-None-Match: *", f"If-Modified-Since: {moment(0)}", 'If-Match: "a"',
                 f"If-Unmodified-Since: {moment(-200)}", "If-Modified-Since: x"]
            ),
            unique=True,
        )
    )  # fmt: skip
    def test_not_modified_is_said_only_to_those_who_asked_for_it(self, lines: list[str]) -> None:
        outcome = evaluate_conditions(fields(*lines), TAGGED, NOW)
        if outcome is NOT_MODIFIED:
            self.assertTrue(any(line.startswith(("If-None-Match", "If-Modified-Since")) for line in lines))
        if outcome is FAILED:
            self.assertIn(f"If-Unmodified-Since: {moment(-200)}", lines)


class Ranges(SynchronousTestCase):
    """RFC 9110 §13.1.5."""

    def test_a_range_applies_where_its_condition_names_what_is_stored(self) -> None:
        old = moment(-100)
        for if_range, alternate, applies in (
            (None, BARE, True),
            ('"a"', TAGGED, True),
            ('"b"', TAGGED, False),
            ('W/"a"', TAGGED, False),
            ('W/"a"', WEAKLY_TAGGED, False),
            ('"a"', CHANGED, False),
            (old, TAGGED, True),
            (moment(-99), TAGGED, False),
            (moment(-101), TAGGED, False),
            (old, BARE, False),
            ("yesterday", TAGGED, False),
        ):
            given = None if if_range is None else if_range.encode()
            self.assertIs(is_range_current(given, alternate, NOW), applies, if_range)

    def test_a_change_within_the_second_of_the_answer_is_no_strong_validator(self) -> None:
        """RFC 9110 §8.8.2.2."""
        for offset, strong in ((0, False), (-1, True)):
            changed = stored(*dated(f"Last-Modified: {moment(offset)}"))
            self.assertIs(is_range_current(moment(offset).encode(), changed, NOW), strong)

    def test_a_change_that_nothing_can_be_held_against_is_none_either(self) -> None:
        undated = replace(CHANGED, fields=fields("Date: x"))
        self.assertFalse(is_range_current(moment(-100).encode(), undated, NOW))
