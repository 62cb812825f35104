"""Operators' regular expressions."""

from __future__ import annotations

import contextlib

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.expressions import ExpressionError, ExpressionTimeout, compile_expression


class Expressions(SynchronousTestCase):
    def fault(self, text: str) -> ExpressionError:
        fault = self.assertRaises(ExpressionError, compile_expression, text)
        assert isinstance(fault, ExpressionError)
        return fault

    def test_a_match_is_found_anywhere(self) -> None:
        found = compile_expression("b(.)").search("abcd")
        assert found is not None
        self.assertEqual(found[1], "c")
        self.assertIsNone(compile_expression("^b").search("abc"))

    def test_case_matters_unless_it_is_ignored(self) -> None:
        self.assertIsNone(compile_expression("A").search("a"))
        self.assertIsNotNone(compile_expression("A", ignore_case=True).search("a"))

    def test_the_same_text_makes_equal_expressions(self) -> None:
        self.assertEqual(compile_expression("a+"), compile_expression("a+"))
        self.assertNotEqual(compile_expression("a+"), compile_expression("a+", ignore_case=True))

    def test_a_fault_says_where_it_is(self) -> None:
        fault = self.fault("ab[c")
        self.assertEqual((fault.problem, fault.position), ("unterminated character set", 4))

    def test_flags_that_exclude_each_other_are_a_fault(self) -> None:
        self.assertIn("incompatible", self.fault("(?a)(?u)x").problem)

    def test_groups_without_end_are_a_fault(self) -> None:
        self.assertEqual(self.fault("(" * 5000 + ")" * 5000).problem, "too deeply nested")

    def test_an_expression_that_takes_forever_is_given_up(self) -> None:
        expression = compile_expression("(a|a?)+$")
        self.assertRaises(ExpressionTimeout, expression.search, "a" * 200 + "b")

    @given(st.text("ab()[]{}?*+|\\^$.<>=!:0123456789P-&~,i", max_size=20))
    def test_any_text_is_an_expression_or_refused(self, text: str) -> None:
        with contextlib.suppress(ExpressionError):
            compile_expression(text)
