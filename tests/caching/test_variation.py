"""Which stored answer a request selects."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis.strategies import lists, permutations, sampled_from, tuples
from twisted.trial.unittest import SynchronousTestCase

from tests.caching.samples import ask, dated, stored
from tsnode.caching.variation import selects
from tsnode.model.alternate import Alternate

CODINGS = lists(sampled_from(["gzip", "br;q=0.5", "deflate;q=0", "*;q=0.1"]), unique=True, min_size=1)


def varying(vary: str, *request_lines: str) -> Alternate:
    return stored(*dated(f"Vary: {vary}"), request=ask(*request_lines))


class Selection(SynchronousTestCase):
    """RFC 9111 §4.1; case 38."""

    def test_without_vary_one_answer_is_for_everyone(self) -> None:
        alternate = stored(*dated(), request=ask("Accept-Language: fr"))
        self.assertTrue(selects(alternate, ask("Accept-Language: en").head))

    def test_another_value_another_answer(self) -> None:
        alternate = varying("X-Foo", "X-Foo: a")
        self.assertTrue(selects(alternate, ask("X-Foo: a", "X-Bar: b").head))
        self.assertFalse(selects(alternate, ask("X-Foo: b").head))

    def test_a_field_that_is_absent_matches_its_absence_only(self) -> None:
        self.assertTrue(selects(varying("X-Foo"), ask().head))
        self.assertFalse(selects(varying("X-Foo"), ask("X-Foo: a").head))
        self.assertFalse(selects(varying("X-Foo", "X-Foo: a"), ask().head))

    def test_blanks_case_and_lines_make_no_difference(self) -> None:
        alternate = varying("x-FOO", "X-Foo: B,c")
        for lines in (("X-Foo: b, C",), ("x-foo: b , c",), ("X-Foo: b", "X-Foo: c")):
            self.assertTrue(selects(alternate, ask(*lines).head), lines)
        for lines in (("X-Foo: c, b",), ("X-Foo: b",), ("X-Foo: b, c, c",)):
            self.assertFalse(selects(alternate, ask(*lines).head), lines)

    def test_cookies_and_credentials_are_compared_to_the_letter(self) -> None:
        for line in ("Cookie: a=B", "Authorization: Basic aB"):
            name = line.partition(":")[0]
            alternate = stored(*dated(f"Vary: {name}", "Cache-Control: public"), request=ask(line))
            self.assertTrue(selects(alternate, ask(line).head))
            self.assertFalse(selects(alternate, ask(line.lower()).head))

    def test_every_named_field_has_to_match(self) -> None:
        alternate = varying("X-Foo, X-Bar", "X-Foo: a", "X-Bar: b")
        self.assertTrue(selects(alternate, ask("X-Bar: b", "X-Foo: a").head))
        self.assertFalse(selects(alternate, ask("X-Bar: c", "X-Foo: a").head))

    def test_a_star_matches_nothing(self) -> None:
        """Case 23."""
        alternate = stored(*dated())
        alternate = replace(alternate, terms=replace(alternate.terms, vary=None))
        self.assertFalse(selects(alternate, ask().head))

    def test_order_weights_and_old_names_of_codings_make_no_difference(self) -> None:
        alternate = varying("Accept-Encoding", "Accept-Encoding: gzip, br;q=0.5")
        for value in ("br;q=0.5,gzip", "GZIP;q=1.0, br;q=0.50", "x-gzip, br; q=0.5", "gzip, x-gzip;q=0.1, br;q=0.5"):
            self.assertTrue(selects(alternate, ask(f"Accept-Encoding: {value}").head), value)
        for value in ("gzip", "gzip, br", "gzip, br;q=0.5, deflate", "identity"):
            self.assertFalse(selects(alternate, ask(f"Accept-Encoding: {value}").head), value)
        self.assertFalse(selects(alternate, ask().head))

    def test_order_and_weights_of_languages_make_no_difference(self) -> None:
        alternate = varying("Accept-Language", "Accept-Language: de;q=0.8, en")
        self.assertTrue(selects(alternate, ask("Accept-Language: EN;q=1, de;q=0.8").head))
        self.assertFalse(selects(alternate, ask("Accept-Language: de, en").head))

    @given(CODINGS.flatmap(lambda codings: tuples(permutations(codings), permutations(codings))))
    def test_a_request_selects_what_the_same_reordered_brought(self, orders: tuple[list[str], list[str]]) -> None:
        one, other = (f"Accept-Encoding: {', '.join(codings)}" for codings in orders)
        self.assertTrue(selects(varying("Accept-Encoding", one), ask(other).head))
