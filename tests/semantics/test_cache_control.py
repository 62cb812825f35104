"""Cache-Control, however it is written."""

from __future__ import annotations

from math import inf
from time import process_time

from hypothesis import given
from hypothesis.strategies import binary, from_regex, integers, lists, permutations, sampled_from, tuples
from twisted.trial.unittest import SynchronousTestCase

from tsnode.semantics.cache_control import (
    SILENT,
    CacheControl,
    parse_age,
    parse_cache_control,
    parse_delta_seconds,
    says_no_cache,
)

DIRECTIVES = (
    b"no-store", b"no-cache", b"private", b"public", b"must-revalidate", b"proxy-revalidate", b"only-if-cached",
    b"max-age=5", b"s-maxage=7", b"max-stale=9", b"max-stale", b"min-fresh=3", b'private="set-cookie, x"', b"unknown=1",
    b'no-cache="set-cookie"', b"must-understand", b"immutable", b"stale-while-revalidate=5", b"stale-if-error=6",
)  # fmt: skip
DISTINCT = lists(sampled_from(DIRECTIVES), unique=True)


class Directives(SynchronousTestCase):
    """RFC 9111 §5.2."""

    def test_each_is_known(self) -> None:
        for value, said in (
            (b"no-store", CacheControl(no_store=True)),
            (b"no-cache", CacheControl(no_cache=True)),
            (b"private", CacheControl(private=True)),
            (b"public", CacheControl(public=True)),
            (b"must-revalidate", CacheControl(must_revalidate=True)),
            (b"proxy-revalidate", CacheControl(proxy_revalidate=True)),
            (b"must-understand", CacheControl(must_understand=True)),
            (b"immutable", CacheControl(immutable=True)),
            (b"immutable=5, immutable", CacheControl(immutable=True)),
            (b"only-if-cached", CacheControl(only_if_cached=True)),
            (b"max-age=5", CacheControl(max_age=5)),
            (b"s-maxage=5", CacheControl(s_maxage=5)),
            (b"max-stale=5", CacheControl(max_stale=5)),
            (b"max-stale", CacheControl(max_stale=inf)),
            (b"min-fresh=5", CacheControl(min_fresh=5)),
            (b"stale-while-revalidate=5", CacheControl(stale_while_revalidate=5)),
            (b"stale-if-error=5", CacheControl(stale_if_error=5)),
            (b"", SILENT),
            (b"x, y=5, max-ages=5", SILENT),
        ):
            self.assertEqual(parse_cache_control(value), said, value)
        self.assertIs(parse_cache_control(None), SILENT)

    def test_case_blanks_and_quotes_make_no_difference(self) -> None:
        for value in (b"MAX-AGE=5,NO-CACHE", b" max-age = 5 ,, no-cache", b'max-age="5", no-cache'):
            self.assertEqual(parse_cache_control(value), CacheControl(max_age=5, no_cache=True), value)

    def test_a_form_with_fields_names_them_in_lower_case_and_once_each(self) -> None:
        """RFC 9111 §5.2.2.4, §5.2.2.7."""
        said = parse_cache_control(b'no-cache="Set-Cookie, x", private="a,,A", no-cache=X, max-age=5')
        self.assertEqual(said, CacheControl(no_cache_fields=(b"set-cookie", b"x"), private_fields=(b"a",), max_age=5))

    def test_beside_the_plain_form_it_says_nothing(self) -> None:
        for value in (b'private, private="a"', b'private="a", private'):
            self.assertEqual(parse_cache_control(value), CacheControl(private=True), value)
        self.assertEqual(parse_cache_control(b'no-cache="a", no-cache'), CacheControl(no_cache=True))

    def test_a_list_that_cannot_be_read_makes_it_the_plain_form(self) -> None:
        for listed in (b"", b'""', b'" , "', b'"a b"', b'"a', b'a"', b'"a" b', b'"a(b"', b"=", b'"a\xff"', b"'a b'"):
            said = parse_cache_control(b"private=" + listed)
            self.assertEqual(said, CacheControl(private=True), listed)

    def test_a_list_with_a_field_that_caching_depends_on_makes_it_the_plain_form(self) -> None:
        for name in (b"Vary", b"ETag", b"Date", b"Cache-Control", b"Content-Type"):
            said = parse_cache_control(b'no-cache="x, ' + name + b'"')
            self.assertEqual(said, CacheControl(no_cache=True), name)

    def test_what_stands_in_quotes_is_no_directive(self) -> None:
        self.assertEqual(parse_cache_control(b'x="no-store, private", max-age=5'), CacheControl(max_age=5))

    def test_a_lifetime_that_cannot_be_read_is_none_at_all(self) -> None:
        """Case 2."""
        for value in (b"max-age=-5", b"max-age=abc", b"max-age=", b"max-age", b"max-age=1.5", b'max-age="5'):
            self.assertEqual(parse_cache_control(value).max_age, 0.0, value)

    def test_of_repeated_directives_the_stricter_counts(self) -> None:
        self.assertEqual(parse_cache_control(b"max-age=9, max-age=5, max-age=7").max_age, 5)
        self.assertEqual(parse_cache_control(b"s-maxage=0, s-maxage=5").s_maxage, 0)
        self.assertEqual(parse_cache_control(b"max-stale, max-stale=5").max_stale, 5)
        self.assertEqual(parse_cache_control(b"min-fresh=5, min-fresh=9, min-fresh=7").min_fresh, 9)

    @given(DISTINCT.flatmap(lambda said: tuples(permutations(said), permutations(said))))
    def test_the_order_of_directives_makes_no_difference(self, orders: tuple[list[bytes], list[bytes]]) -> None:
        one, other = orders
        self.assertEqual(parse_cache_control(b", ".join(one)), parse_cache_control(b",".join(other)))

    @given(lists(sampled_from(DIRECTIVES), max_size=4), lists(sampled_from(DIRECTIVES), max_size=4))
    def test_saying_more_never_unsays_a_prohibition(self, some: list[bytes], more: list[bytes]) -> None:
        one = parse_cache_control(b", ".join(some))
        both = parse_cache_control(b", ".join(some + more))
        for name in ("no_store", "no_cache", "private", "must_revalidate", "proxy_revalidate", "only_if_cached"):
            self.assertGreaterEqual(getattr(both, name), getattr(one, name), name)
        if not both.private:
            self.assertLessEqual(set(one.private_fields), set(both.private_fields))
        for name in ("max_age", "s_maxage", "max_stale", "stale_while_revalidate", "stale_if_error"):
            if getattr(one, name) is not None:
                self.assertLessEqual(getattr(both, name), getattr(one, name), name)

    @given(binary(max_size=60))
    def test_whatever_the_octets_durations_are_not_negative(self, value: bytes) -> None:
        said = parse_cache_control(value)
        durations = (said.max_age, said.s_maxage, said.max_stale, said.min_fresh, said.stale_if_error)
        for duration in (*durations, said.stale_while_revalidate):
            self.assertTrue(duration is None or duration >= 0)

    def test_a_value_too_long_to_be_remembered_is_read_all_the_same(self) -> None:
        self.assertEqual(parse_cache_control(b"x=1, " * 100 + b"max-age=5"), CacheControl(max_age=5))

    def test_a_comma_in_quotes_parts_no_extension_in_two(self) -> None:
        said = parse_cache_control(b'community="a, no-store, \\", private", max-age=5, note=", no-cache"')
        self.assertEqual(said, CacheControl(max_age=5))

    def test_a_quote_that_is_never_closed_hides_no_prohibition(self) -> None:
        for value, said in (
            (b'note="no-store, private', CacheControl(private=True)),
            (b'a="b", note="c\\", no-store', CacheControl(no_store=True)),
            (b'max-age=5, private="x, no-cache', CacheControl(private=True, no_cache=True, max_age=5)),
            (b'note="', SILENT),
            (b'"', SILENT),
        ):
            self.assertEqual(parse_cache_control(value), said, value)

    def test_the_length_of_a_value_decides_how_long_its_reading_takes(self) -> None:
        for value in (b'"' * 65535, b'no-cache="' + b"a," * 32760, b"\\" * 65535, b'x="\\' * 16384, b",=" * 32767):
            started = process_time()
            parse_cache_control(value)
            self.assertLess(process_time() - started, 1.0, value[:20])


class DeltaSeconds(SynchronousTestCase):
    """RFC 9111 §1.2.2."""

    @given(integers(min_value=0, max_value=2**31))
    def test_a_number_is_itself(self, number: int) -> None:
        self.assertEqual(parse_delta_seconds(b"%d" % number), number)

    @given(from_regex(rb"[1-9][0-9]{10,40}", fullmatch=True))
    def test_a_number_too_large_is_the_largest(self, number: bytes) -> None:
        self.assertEqual(parse_delta_seconds(number), 2.0**31)

    def test_a_very_long_number_is_the_largest_too(self) -> None:
        self.assertEqual(parse_delta_seconds(b"9" * 6000), 2.0**31)

    def test_anything_else_is_none(self) -> None:
        for octets in (b"", b"-1", b"+1", b"1.5", b"1 ", b"1e3", b"x", b"1\n"):
            self.assertIsNone(parse_delta_seconds(octets), octets)


class Age(SynchronousTestCase):
    """RFC 9111 §5.1."""

    def test_it_is_a_number_of_seconds(self) -> None:
        self.assertEqual(parse_age(b"7"), 7)
        self.assertEqual(parse_age(b"9" * 40), 2.0**31)

    def test_of_a_list_the_first_element_counts(self) -> None:
        self.assertEqual(parse_age(b"5 , 60"), 5)
        self.assertEqual(parse_age(b"5,"), 5)

    def test_what_cannot_be_read_says_nothing(self) -> None:
        for value in (None, b"", b"-5", b"5.5", b"x, 5", b",5", b"5 6"):
            self.assertIsNone(parse_age(value), value)


class Pragma(SynchronousTestCase):
    """RFC 9111 §5.4."""

    def test_only_no_cache_means_something(self) -> None:
        for value, meant in ((None, False), (b"x", False), (b"No-Cache", True), (b"x, no-cache", True), (b"", False)):
            self.assertIs(says_no_cache(value), meant, value)
