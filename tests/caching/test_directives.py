"""Which directives count."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.caching.samples import fields
from tsnode.caching.directives import directives_of
from tsnode.caching.policy import CachingPolicy
from tsnode.semantics.cache_control import SILENT, CacheControl

AIMED = CachingPolicy(targeted_fields=(b"tsnode-cache-control", b"cdn-cache-control"))


class Directives(SynchronousTestCase):
    """RFC 9213 §2.2."""

    def test_without_targeted_fields_they_are_those_of_cache_control(self) -> None:
        for policy in (AIMED, CachingPolicy(targeted_fields=())):
            said = directives_of(fields("Cache-Control: max-age=5", "Cache-Control: public"), policy)
            self.assertEqual(said, CacheControl(max_age=5, public=True))
            self.assertIs(directives_of(fields(), policy), SILENT)

    def test_the_first_of_the_list_that_is_there_counts_wherever_it_stands(self) -> None:
        both = fields("Cache-Control: max-age=5", "CDN-Cache-Control: max-age=6", "Tsnode-Cache-Control: max-age=7")
        self.assertEqual(directives_of(both, AIMED), CacheControl(max_age=7, alone=True))
        one = fields("CDN-Cache-Control: max-age=6", "Cache-Control: no-store")
        self.assertEqual(directives_of(one, AIMED), CacheControl(max_age=6, alone=True))

    def test_one_that_is_empty_or_cannot_be_read_is_passed_over(self) -> None:
        for value in ("", "max-age=9, &&&", "MAX-AGE=9"):
            lines = (f"Tsnode-Cache-Control: {value}", "Cache-Control: max-age=5")
            self.assertEqual(directives_of(fields(*lines), AIMED), CacheControl(max_age=5), value)
            more = fields(*lines, "CDN-Cache-Control: no-store")
            self.assertEqual(directives_of(more, AIMED), CacheControl(no_store=True, alone=True), value)

    def test_lines_of_one_field_are_one_dictionary(self) -> None:
        said = directives_of(fields("CDN-Cache-Control: max-age=5", "CDN-Cache-Control: private"), AIMED)
        self.assertEqual(said, CacheControl(max_age=5, private=True, alone=True))

    def test_a_field_that_is_not_on_the_list_says_nothing(self) -> None:
        said = directives_of(fields("CDN-Cache-Control: no-store"), CachingPolicy(targeted_fields=()))
        self.assertIs(said, SILENT)
