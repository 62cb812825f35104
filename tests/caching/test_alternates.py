"""Choosing among alternates."""

from __future__ import annotations

from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from tests.caching.samples import NOW, POLICY, ask, dated, stored
from tests.caching.test_variation import varying
from tsnode.caching.alternates import choose_alternate, suits
from tsnode.caching.policy import CachingPolicy, Variation
from tsnode.model.alternate import Alternate
from tsnode.model.spans import Holding, Span

COMPARING = CachingPolicy(variation=Variation(accept=0))


class Choice(SynchronousTestCase):
    def test_of_those_that_match_the_youngest_is_chosen(self) -> None:
        old = stored(*dated("Age: 50"))
        young = stored(*dated())
        self.assertIs(choose_alternate([old, young], ask().head, POLICY), young)
        self.assertIs(choose_alternate([young, old], ask().head, POLICY), young)

    def test_of_equally_young_ones_the_last_stored_is_chosen(self) -> None:
        first, last = stored(*dated("X: 1")), stored(*dated("X: 2"))
        self.assertIs(choose_alternate([last, first], ask().head, POLICY), last)

    def test_one_that_does_not_match_is_passed_over_however_young(self) -> None:
        french, english = varying("X-Foo", "X-Foo: fr"), varying("X-Foo", "X-Foo: en")
        younger = replace(english, terms=replace(english.terms, birth=NOW + 5))
        self.assertIs(choose_alternate([younger, french], ask("X-Foo: fr").head, POLICY), french)

    def test_one_that_varies_comes_before_younger_ones_that_do_not(self) -> None:
        """RFC 9111 §4.1."""
        english, default = varying("X-Foo", "X-Foo: en"), stored(*dated())
        younger = replace(default, terms=replace(default.terms, birth=NOW + 5))
        for several in ([younger, english], [english, younger]):
            self.assertIs(choose_alternate(several, ask("X-Foo: en").head, POLICY), english)
            self.assertIs(choose_alternate(several, ask("X-Foo: fr").head, POLICY), younger)

    def test_where_none_matches_there_is_none(self) -> None:
        self.assertIsNone(choose_alternate([], ask().head, POLICY))
        self.assertIsNone(choose_alternate([varying("X-Foo", "X-Foo: a")], ask().head, POLICY))

    def test_of_those_that_match_the_one_that_suits_best_is_chosen(self) -> None:
        """Case 39 of the choice: Traffic Server's qualities."""
        asked = ask("Accept: text/html, text/plain;q=0.5", policy=COMPARING)
        page, text = (self.typed(media, "Age: 5" if media == "text/html" else "Age: 0") for media in TYPES)
        for several in ([page, text], [text, page]):
            self.assertIs(choose_alternate(several, asked.head, COMPARING), page)
        self.assertIs(choose_alternate([page, text], ask("Accept: text/plain").head, COMPARING), text)
        self.assertIsNone(choose_alternate([page, text], ask("Accept: image/png").head, COMPARING))

    def test_without_vary_nothing_is_compared_unless_that_is_asked_for(self) -> None:
        page = self.typed("text/html")
        self.assertIs(choose_alternate([page], ask("Accept: image/png").head, POLICY), page)

    def test_with_vary_what_does_not_suit_is_not_chosen_unless_that_is_switched_off(self) -> None:
        page = stored(*dated("Vary: X-Foo", "Content-Type: text/html"))
        self.assertIsNone(choose_alternate([page], ask("Accept: image/png").head, POLICY))
        switched_off = CachingPolicy(variation=Variation(select=False))
        self.assertIs(choose_alternate([page], ask("Accept: image/png").head, switched_off), page)

    def test_a_part_may_suit_and_is_not_chosen(self) -> None:
        page = replace(self.typed("text/html"), parts=Holding(5, (Span(0, 1),)))
        self.assertTrue(suits(page, ask("Accept: text/html").head, COMPARING))
        self.assertFalse(suits(page, ask("Accept: image/png").head, COMPARING))
        self.assertFalse(suits(varying("X-Foo", "X-Foo: a"), ask().head, POLICY))
        self.assertIsNone(choose_alternate([page], ask("Accept: text/html").head, COMPARING))

    def typed(self, media: str, *lines: str) -> Alternate:
        return stored(*dated(f"Content-Type: {media}", *lines), policy=COMPARING)


TYPES = ("text/html", "text/plain")
