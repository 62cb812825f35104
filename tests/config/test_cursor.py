"""Text with places."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.cursor import Span, read_lines, split_words
from tsnode.model.errors import Place

lines = st.text("ab#= \t\r", max_size=12)


def span(text: str) -> Span:
    return Span(text, Place("f", 3, 5, "...." + text))


class Spans(SynchronousTestCase):
    def test_a_part_knows_where_it_begins(self) -> None:
        part = span("label=value").part(6, 8)
        self.assertEqual((part.text, part.place.line, part.place.column), ("va", 3, 11))

    def test_a_part_of_what_stands_in_no_line_stands_in_none(self) -> None:
        whole = Span("abc", Place("environment"))
        self.assertEqual(whole.part(1), Span("bc", Place("environment")))

    def test_it_is_parted_at_the_first_separator(self) -> None:
        head, tail = span("a=b=c").partition("=")
        assert tail is not None
        self.assertEqual((head.text, tail.text, tail.place.column), ("a", "b=c", 7))
        self.assertEqual(span("abc").partition("="), (span("abc"), None))

    def test_pieces_may_be_empty(self) -> None:
        self.assertEqual([piece.text for piece in span(",a b,").pieces(", ")], ["", "a", "b", ""])

    def test_a_fault_is_marked_where_the_span_begins(self) -> None:
        shown = str(span("abc").part(1).error("odd", "even"))
        self.assertEqual(shown, "f:3:6: odd\n  ....abc\n       ^ expected even")


class Lines(SynchronousTestCase):
    def test_empty_lines_and_comments_say_nothing(self) -> None:
        found = list(read_lines("f", "\n  # no\n\t\nyes # yes\r\n  and\tyes  "))
        self.assertEqual([(line.text, line.place.line, line.place.column) for line in found],
                         [("yes # yes", 4, 1), ("and\tyes", 5, 3)])  # fmt: skip

    def test_the_place_quotes_the_line_as_it_stands(self) -> None:
        (line,) = read_lines("f", "  a  \r\n")
        self.assertEqual(line.place, Place("f", 1, 3, "  a  "))

    @given(st.lists(lines, max_size=6).map("\n".join))
    def test_every_line_is_found_in_the_text_at_its_place(self, text: str) -> None:
        for line in read_lines("f", text):
            quoted = text.split("\n")[line.place.line - 1]
            self.assertEqual(quoted[line.place.column - 1 :][: len(line.text)], line.text)


class Words(SynchronousTestCase):
    def test_words_stand_between_blanks(self) -> None:
        self.assertEqual([word.text for word in split_words(span("a \t b"))], ["a", "b"])
        self.assertEqual(split_words(span(" ")), ())

    def test_the_last_of_a_limited_number_takes_the_rest(self) -> None:
        self.assertEqual([word.text for word in split_words(span("a b  c d"), 3)], ["a", "b", "c d"])

    @given(lines)
    def test_words_and_places_agree(self, text: str) -> None:
        whole = span(text)
        for word in split_words(whole):
            self.assertEqual(whole.place.text[word.place.column - 1 :][: len(word.text)], word.text)
        wanted = [word for word in text.replace("\t", " ").split(" ") if word]
        self.assertEqual([word.text for word in split_words(whole)], wanted)
