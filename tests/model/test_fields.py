"""Fields: ordered, repeatable, compared without regard to case."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import lists, sampled_from, tuples
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.fields import Fields, Line
from tsnode.testing.strategies import field_lines, fields

# few names in many cases, so that lines repeat
repeating = lists(tuples(sampled_from((b"A", b"a", b"B", b"b", b"C")), sampled_from((b"1", b"2", b""))))


class Values(SynchronousTestCase):
    def test_a_name_is_found_in_whatever_case_it_was_written(self) -> None:
        found = Fields([(b"Content-TYPE", b"text/html")])
        self.assertEqual(found.get(b"content-type"), b"text/html")
        self.assertIn(b"content-type", found)

    def test_the_lines_of_one_name_are_one_value_with_commas(self) -> None:
        """RFC 9110 §5.3."""
        found = Fields([(b"Via", b"1.1 a"), (b"X", b"y"), (b"VIA", b"1.1 b"), (b"via", b"1.0 c")])
        self.assertEqual(found.get(b"via"), b"1.1 a, 1.1 b, 1.0 c")
        self.assertEqual(found.all(b"via"), (b"1.1 a", b"1.1 b", b"1.0 c"))

    def test_a_field_without_a_value_is_there(self) -> None:
        found = Fields([(b"X", b"")])
        self.assertEqual((found.get(b"x"), found.all(b"x"), b"x" in found), (b"", (b"",), True))

    def test_one_that_is_absent_is_none(self) -> None:
        for empty in (Fields(), Fields([(b"Y", b"1")])):
            self.assertEqual((empty.get(b"x"), empty.all(b"x"), b"x" in empty), (None, (), False))

    @given(repeating)
    def test_every_way_to_ask_tells_the_same_whichever_is_first(self, lines: list[Line]) -> None:
        for name in (b"a", b"b", b"c"):
            expected = tuple(value for written, value in lines if written.lower() == name)
            self.assertEqual(Fields(lines).get(name), b", ".join(expected) if expected else None)
            self.assertEqual(Fields(lines).all(name), expected)
            self.assertEqual(name in Fields(lines), bool(expected))
            self.assertEqual(name in Fields(lines).names(), bool(expected))

    @given(repeating)
    def test_every_name_occurs_once_among_the_names(self, lines: list[Line]) -> None:
        names = list(Fields(lines).names())
        self.assertEqual(sorted(names), sorted({name.lower() for name, _ in lines}))

    @given(fields())
    def test_an_index_that_is_known_already_changes_nothing(self, plain: Fields) -> None:
        once = {name.lower(): (name, value) for name, value in plain.lines}
        lines = list(once.values())
        told = Fields(lines, {name: value for name, (_, value) in once.items()})
        for name in (*once, b"absent"):
            self.assertEqual(told.get(name), Fields(lines).get(name))
            self.assertEqual(told.all(name), Fields(lines).all(name))
        self.assertEqual(set(told.names()), set(Fields(lines).names()))


class Changes(SynchronousTestCase):
    """Each gives new fields."""

    def test_lines_are_left_out_by_name(self) -> None:
        before = Fields([(b"A", b"1"), (b"B", b"2"), (b"a", b"3")])
        self.assertEqual(before.without((b"a",)).lines, ((b"B", b"2"),))
        self.assertEqual(before.lines, ((b"A", b"1"), (b"B", b"2"), (b"a", b"3")))

    def test_where_there_is_nothing_to_leave_out_nothing_is_copied(self) -> None:
        before = Fields([(b"A", b"1")])
        self.assertIs(before.without(frozenset({b"b", b"c"})), before)

    def test_lines_are_added_behind(self) -> None:
        before = Fields([(b"A", b"1")])
        self.assertEqual(before.plus((b"a", b"2"), (b"B", b"3")).lines, ((b"A", b"1"), (b"a", b"2"), (b"B", b"3")))
        self.assertEqual(before.lines, ((b"A", b"1"),))

    def test_one_line_takes_the_place_of_all_of_its_name(self) -> None:
        before = Fields([(b"A", b"1"), (b"B", b"2"), (b"a", b"3")])
        self.assertEqual(before.replaced(b"A", b"4").lines, ((b"B", b"2"), (b"A", b"4")))
        self.assertEqual(before.replaced(b"C", b"4").get(b"c"), b"4")

    @given(fields(), lists(field_lines(), max_size=3))
    def test_what_was_added_can_be_asked_for_also_after_the_first_was_asked(
        self, before: Fields, more: list[Line]
    ) -> None:
        before.names()
        self.assertEqual(before.plus(*more), Fields([*before.lines, *more]))
        for name, value in more:
            self.assertIn(value, before.plus(*more).all(name.lower()))


class Messages(SynchronousTestCase):
    def test_lines_are_rendered_in_their_order_as_they_were_written(self) -> None:
        self.assertEqual(Fields([(b"b", b"1"), (b"A", b"")]).render(), b"b: 1\r\nA: \r\n")
        self.assertEqual(Fields().render(), b"")

    @given(fields())
    def test_they_are_a_sequence_of_lines(self, found: Fields) -> None:
        self.assertEqual(tuple(found), found.lines)
        self.assertEqual(len(found), len(found.lines))

    @given(fields(2), fields(2))
    def test_fields_are_equal_where_their_lines_are(self, one: Fields, other: Fields) -> None:
        self.assertEqual(one == other, one.lines == other.lines)
        self.assertEqual(hash(Fields(one.lines)), hash(one))

    def test_the_order_and_the_case_of_lines_are_kept_and_so_tell_fields_apart(self) -> None:
        line, other = (b"A", b"1"), (b"B", b"2")
        self.assertNotEqual(Fields([line, other]), Fields([other, line]))
        self.assertNotEqual(Fields([(b"a", b"1")]), Fields([line]))
        self.assertNotEqual(Fields([line]), (line,))

    def test_they_show_their_lines(self) -> None:
        self.assertEqual(repr(Fields([(b"A", b"1")])), "Fields([(b'A', b'1')])")
