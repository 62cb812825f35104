"""Lists, quoted strings and weights."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import binary, from_regex, lists, sampled_from
from twisted.trial.unittest import SynchronousTestCase

from tsnode.semantics.lists import parse_weights, split_list, unquote

ELEMENT = from_regex(rb'[a-z0-9]+(="([a-z, ]|\\")*")?', fullmatch=True)


class Splitting(SynchronousTestCase):
    """RFC 9110 §5.6.1."""

    def test_elements_come_without_blanks_and_without_the_empty_ones(self) -> None:
        for value, elements in (
            (b"", []),
            (b" , ,\t", []),
            (b"a", [b"a"]),
            (b" a ,b,, c\t", [b"a", b"b", b"c"]),
        ):
            self.assertEqual(split_list(value), elements, value)

    def test_a_comma_in_a_quoted_string_parts_nothing(self) -> None:
        for value, elements in (
            (b'a="b, c", d', [b'a="b, c"', b"d"]),
            (b'a="b\\", c", d', [b'a="b\\", c"', b"d"]),
            (b'a="b\\\\", d', [b'a="b\\\\"', b"d"]),
            (b'"a"b"c,d",e', [b'"a"b"c,d"', b"e"]),
        ):
            self.assertEqual(split_list(value), elements, value)

    def test_a_quoted_string_that_is_not_closed_takes_the_rest(self) -> None:
        self.assertEqual(split_list(b'a, "b, c'), [b"a", b'"b, c'])
        self.assertEqual(split_list(b'a, "b, c\\'), [b"a", b'"b, c\\'])

    @given(lists(ELEMENT), sampled_from([b",", b", ", b" ,\t", b",,"]))
    def test_what_was_joined_is_split_again(self, elements: list[bytes], separator: bytes) -> None:
        self.assertEqual(split_list(separator.join(elements)), elements)

    @given(binary(max_size=40))
    def test_whatever_the_octets_no_element_is_empty_or_has_blanks_around_it(self, value: bytes) -> None:
        for element in split_list(value):
            self.assertTrue(element)
            self.assertEqual(element, element.strip(b" \t"))
            self.assertIn(element, value)


class Unquoting(SynchronousTestCase):
    """RFC 9110 §5.6.4."""

    def test_quotes_and_escapes_are_taken_off(self) -> None:
        for value, said in (
            (b'"a"', b"a"),
            (b'""', b""),
            (b'"a\\"b\\\\"', b'a"b\\'),
            (b"a", b"a"),
            (b'"', b'"'),
            (b'"a', b'"a'),
        ):
            self.assertEqual(unquote(value), said, value)


class Weights(SynchronousTestCase):
    """RFC 9110 §12.4.2."""

    def test_elements_go_with_their_weights_in_thousandths(self) -> None:
        self.assertEqual(
            parse_weights(b"gzip;q=0.5, BR ; Q=0.25, identity;q=0, *;q=1.000, x"),
            {b"gzip": 500, b"br": 250, b"identity": 0, b"*": 1000, b"x": 1000},
        )

    def test_a_weight_that_cannot_be_read_is_part_of_the_element(self) -> None:
        self.assertEqual(parse_weights(b"a;q=2, b;q=x;"), {b"a;q=2": 1000, b"b;q=x": 1000})

    def test_another_parameter_is_part_of_the_element(self) -> None:
        self.assertEqual(parse_weights(b"c;level=1, c;Level=2;q=0"), {b"c;level=1": 1000, b"c;level=2": 0})

    def test_of_an_element_said_twice_the_higher_weight_counts(self) -> None:
        self.assertEqual(parse_weights(b"a;q=0.1, a;q=0.9, a;q=0.5"), {b"a": 900})

    @given(binary(max_size=40))
    def test_whatever_the_octets_weights_are_from_0_to_1000(self, value: bytes) -> None:
        self.assertTrue(all(0 <= weight <= 1000 for weight in parse_weights(value).values()))
