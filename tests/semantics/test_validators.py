"""Entity tags and how they compare."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import binary, booleans, from_regex, lists
from twisted.trial.unittest import SynchronousTestCase

from tsnode.semantics.validators import is_strong, matches_any, opaque_tag, strongly_equal, weakly_equal

TAG = from_regex(rb'(W/)?"[!#-~]*"', fullmatch=True)


class Comparison(SynchronousTestCase):
    def test_it_is_as_the_table_of_the_standard_has_it(self) -> None:
        """RFC 9110 §8.8.3.2."""
        for one, other, strong, weak in (
            (b'W/"1"', b'W/"1"', False, True),
            (b'W/"1"', b'W/"2"', False, False),
            (b'W/"1"', b'"1"', False, True),
            (b'"1"', b'"1"', True, True),
        ):
            self.assertIs(strongly_equal(one, other), strong)
            self.assertIs(strongly_equal(other, one), strong)
            self.assertIs(weakly_equal(one, other), weak)

    def test_only_a_tag_without_the_mark_is_strong(self) -> None:
        self.assertTrue(is_strong(b'"a"'))
        self.assertFalse(is_strong(b'W/"a"'))
        self.assertFalse(is_strong(None))
        self.assertEqual(opaque_tag(b'W/"a"'), b'"a"')

    @given(TAG, TAG)
    def test_what_is_strongly_equal_is_weakly_equal(self, one: bytes, other: bytes) -> None:
        self.assertLessEqual(strongly_equal(one, other), weakly_equal(one, other))


class Lists(SynchronousTestCase):
    """RFC 9110 §13.1.1, §13.1.2."""

    def test_a_tag_is_found_among_others(self) -> None:
        for listed in (b'"b"', b'"a", "b"', b'"a","b","c"', b'W/"a" , "b"', b', "b",'):
            self.assertTrue(matches_any(listed, b'"b"', strong=True), listed)

    def test_a_comma_or_backslash_in_a_tag_belongs_to_it(self) -> None:
        self.assertTrue(matches_any(b'"a,b", "c\\"', b'"c\\"', strong=True))
        self.assertFalse(matches_any(b'"a,b"', b'"b"', strong=True))

    def test_a_star_holds_whatever_exists(self) -> None:
        self.assertTrue(matches_any(b"*", None, strong=True))
        self.assertTrue(matches_any(b"*", b'W/"a"', strong=True))

    def test_a_representation_without_a_tag_is_in_no_list(self) -> None:
        self.assertFalse(matches_any(b'"a"', None, strong=False))

    def test_a_weak_tag_is_found_by_the_weak_comparison_only(self) -> None:
        self.assertTrue(matches_any(b'W/"a"', b'W/"a"', strong=False))
        self.assertFalse(matches_any(b'W/"a"', b'W/"a"', strong=True))
        self.assertTrue(matches_any(b'"x", "a"', b'W/"a"', strong=False))

    def test_a_tag_that_lacks_its_quotes_is_known_again(self) -> None:
        self.assertTrue(matches_any(b"abc", b"abc", strong=False))
        self.assertTrue(matches_any(b'abc, "d"', b"abc", strong=True))
        self.assertFalse(matches_any(b"abc", b'"abc"', strong=False))

    @given(lists(TAG, min_size=1), TAG)
    def test_a_list_holds_what_one_of_its_tags_equals(self, tags: list[bytes], tag: bytes) -> None:
        listed = b", ".join(tags)
        self.assertEqual(matches_any(listed, tag, strong=False), any(weakly_equal(each, tag) for each in tags))
        self.assertEqual(matches_any(listed, tag, strong=True), any(strongly_equal(each, tag) for each in tags))

    @given(binary(max_size=40), TAG, booleans())
    def test_whatever_the_octets_there_is_an_answer(self, listed: bytes, tag: bytes, strong: bool) -> None:
        self.assertIn(matches_any(listed, tag, strong=strong), (True, False))
