"""Contents made of what is here already, and of several contents."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import binary, booleans, integers, lists, tuples
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from tests.transaction.stand_ins import Material
from tsnode.model.errors import StoreError
from tsnode.model.spans import Span
from tsnode.ports import Flow, IContent
from tsnode.testing.fills import take_all
from tsnode.transaction.joined import Cut, Joined, Whole


class InOnePiece(SynchronousTestCase):
    def test_it_is_a_content_that_is_taken_at_once(self) -> None:
        content = Whole(b"hello")
        verifyObject(IContent, content)
        self.assertIs(content.flow, Flow.OPEN)
        self.assertEqual(content.take(), b"hello")
        self.assertEqual((content.flow, content.take(), len(content.trailers)), (Flow.ENDED, None, 0))

    def test_what_was_closed_gives_nothing_any_more(self) -> None:
        content = Whole(b"hello")
        content.close()
        content.close()
        self.assertIsNone(content.take())

    def test_nobody_is_called_about_what_is_here_already(self) -> None:
        called: list[str] = []
        content = Whole(b"hello")
        content.notify(lambda: called.append("called"))
        content.take()
        self.assertEqual(called, [])


class Several(SynchronousTestCase):
    def test_it_is_a_content(self) -> None:
        verifyObject(IContent, Joined((b"x",)))

    @given(lists(tuples(binary(min_size=1, max_size=3), booleans()), min_size=1))
    def test_pieces_come_in_their_order_whatever_they_are(self, pieces: list[tuple[bytes, bool]]) -> None:
        joined = Joined(tuple(Material(octets).end() if streams else octets for octets, streams in pieces))
        self.assertIs(joined.flow, Flow.OPEN)
        self.assertEqual(take_all(joined), b"".join(octets for octets, _ in pieces))
        self.assertIs(joined.flow, Flow.ENDED)

    def test_an_empty_piece_is_passed_over(self) -> None:
        self.assertEqual(take_all(Joined((b"a", Material().end(), b"b"))), b"ab")

    def test_it_ends_with_the_last_octet_and_not_before(self) -> None:
        joined = Joined((b"a", Material(b"b").end()))
        self.assertEqual((joined.take(), joined.flow), (b"a", Flow.OPEN))
        self.assertEqual((joined.take(), joined.flow), (b"b", Flow.ENDED))

    def test_it_waits_for_a_piece_that_has_nothing_just_now(self) -> None:
        slow = Material()
        joined = Joined((slow, b"b"))
        self.assertEqual((joined.take(), joined.flow), (None, Flow.OPEN))
        told: list[bytes | None] = []
        joined.notify(lambda: told.append(bytes(joined.take() or b"")))
        slow.push(b"a")
        slow.end()
        self.assertEqual(told, [b"a"])
        self.assertEqual(take_all(joined), b"b")
        self.assertIs(joined.flow, Flow.ENDED)

    def test_nobody_is_called_about_what_can_be_taken_or_is_over(self) -> None:
        called: list[str] = []
        joined = Joined((b"a", Material(b"b").end()))
        joined.notify(lambda: called.append("too early"))
        take_all(joined)
        joined.notify(lambda: called.append("too late"))
        self.assertEqual((called, joined.flow), ([], Flow.ENDED))

    def test_a_piece_that_fails_fails_all_after_what_came_of_it(self) -> None:
        broken = Material(b"a")
        broken.fail(StoreError("damaged"))
        joined = Joined((broken, b"b"))
        self.assertEqual(joined.take(), b"a")
        self.assertIsNone(joined.take())
        self.assertIs(joined.flow, Flow.FAILED)
        self.assertEqual(str(joined.failure), "damaged")

    def test_closing_lets_go_of_every_piece(self) -> None:
        first, second = Material(b"a"), Material(b"b")
        joined = Joined((first, b"x", second))
        joined.close()
        joined.close()
        self.assertTrue(first.closed and second.closed)
        self.assertIsNone(joined.take())

    def test_pieces_that_were_taken_are_let_go_of_already(self) -> None:
        first, second = Material(b"a").end(), Material(b"b")
        joined = Joined((first, second))
        take_all(joined)
        joined.close()
        self.assertTrue(second.closed)


class OneSpan(SynchronousTestCase):
    def test_it_is_a_content(self) -> None:
        verifyObject(IContent, Cut(Material(), Span(0, 0)))

    @given(lists(binary(min_size=1, max_size=6), min_size=1, max_size=6), tuples(integers(0, 40), integers(0, 40)))
    def test_its_octets_are_given_and_no_others(self, pieces: list[bytes], ends: tuple[int, int]) -> None:
        whole = b"".join(pieces)
        first, last = sorted(min(end, len(whole) - 1) for end in ends)
        material = Material(*pieces)
        cut = Cut(material, Span(first, last))
        self.assertEqual(take_all(cut), whole[first : last + 1])
        self.assertEqual((cut.flow, cut.failure, material.closed), (Flow.ENDED, None, True))
        self.assertIsNone(cut.take())

    def test_what_is_not_there_yet_is_told_of_when_it_is(self) -> None:
        material = Material(b"ab")
        cut = Cut(material, Span(1, 3))
        self.assertEqual((cut.take(), cut.take(), cut.flow), (b"b", None, Flow.OPEN))
        called: list[str] = []
        cut.notify(lambda: called.append("called"))
        material.push(b"cdef")
        self.assertEqual(called, ["called"])
        self.assertEqual((cut.take(), cut.flow), (b"cd", Flow.ENDED))

    def test_what_breaks_off_before_its_end_fails(self) -> None:
        broken, short = Material(b"ab"), Material(b"ab").end()
        broken.fail(StoreError("gone"))
        for material in (broken, short):
            cut = Cut(material, Span(1, 3))
            self.assertEqual((cut.take(), cut.take(), cut.flow), (b"b", None, Flow.FAILED))
        self.assertIsInstance(Cut(broken, Span(0, 0)).failure, StoreError)

    def test_who_wants_no_more_closes_what_it_comes_from(self) -> None:
        material = Material(b"ab")
        cut = Cut(material, Span(0, 1))
        cut.close()
        self.assertEqual((material.closed, cut.take()), (True, None))
