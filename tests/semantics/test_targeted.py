"""Targeted cache control."""

from __future__ import annotations

from dataclasses import replace
from time import process_time

from hypothesis import given
from hypothesis.strategies import binary, lists, sampled_from
from twisted.trial.unittest import SynchronousTestCase

from tsnode.semantics.cache_control import CacheControl, parse_cache_control
from tsnode.semantics.targeted import parse_targeted

SHARED = (
    b"no-store", b"private", b"public", b"max-age=5", b"s-maxage=7", b"must-revalidate", b'no-cache="a, b"',
    b"stale-while-revalidate=3", b"stale-if-error=4", b"immutable", b"must-understand", b"x=tok", b"y=(1 2);z",
)  # fmt: skip


class Targeted(SynchronousTestCase):
    """RFC 9213 §2.1."""

    @given(lists(sampled_from(SHARED), min_size=1, unique=True))
    def test_it_says_what_the_same_directives_say_in_cache_control(self, directives: list[bytes]) -> None:
        value = b", ".join(directives)
        self.assertEqual(parse_targeted(value), replace(parse_cache_control(value), alone=True))

    def test_what_says_nothing_or_is_no_dictionary_is_none(self) -> None:
        for value in (
            b"", b"max-age=60,", b"Max-Age=60", b"max-age=60 public", b"max-age=60; ", b"max-age=", b"&&&", b"a=\xff",
            b'max-age="60', b"max-age=60, &&&",
        ):  # fmt: skip
            self.assertIsNone(parse_targeted(value), value)

    def test_a_directive_it_does_not_know_is_one_all_the_same(self) -> None:
        self.assertEqual(parse_targeted(b"x"), CacheControl(alone=True))

    def test_a_duration_of_another_type_is_none_at_all(self) -> None:
        for value in (b'max-age="60"', b"max-age=6.5", b"max-age=-5", b"max-age", b"max-age=tok", b"max-age=(60)"):
            said = parse_targeted(value)
            self.assertEqual(said, CacheControl(max_age=0, alone=True), value)

    def test_a_list_of_fields_of_another_type_is_the_plain_form(self) -> None:
        for value in (b"private", b"private=5", b'private=("a" "b")', b'private=""'):
            self.assertEqual(parse_targeted(value), CacheControl(private=True, alone=True), value)

    def test_what_is_false_is_absent_and_parameters_say_nothing(self) -> None:
        said = parse_targeted(b"no-store=?0, private=?0, max-age=5;no-store")
        self.assertEqual(said, CacheControl(max_age=5, alone=True))

    def test_of_a_key_that_is_repeated_the_last_member_counts(self) -> None:
        """RFC 9651 §4.2.2."""
        self.assertEqual(parse_targeted(b"max-age=5, max-age=9"), CacheControl(max_age=9, alone=True))

    @given(binary(max_size=60))
    def test_any_octets_are_read_or_are_none(self, value: bytes) -> None:
        said = parse_targeted(value)
        self.assertTrue(said is None or said.alone)

    def test_the_length_of_a_value_decides_how_long_its_reading_takes(self) -> None:
        for value in (b"a," * 32767 + b"a", b"a=(" + b"1 " * 32000 + b")", b"a" + b";b" * 32000, b'a="' + b"x" * 65000):
            started = process_time()
            parse_targeted(value)
            self.assertLess(process_time() - started, 2.0, value[:20])
