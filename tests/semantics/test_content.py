"""Content whose end is known, or is the connection's."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.semantics.content import END, Content, SizedContent, UntilCloseContent
from tsnode.semantics.unread import Unread


def unread_of(octets: bytes) -> Unread:
    """A stream of which ``octets`` came."""
    unread = Unread()
    unread.receive(octets)
    return unread


class Sized(SynchronousTestCase):
    """RFC 9112 §6.2."""

    def test_it_ends_after_its_length(self) -> None:
        unread = unread_of(b"abcdef")
        content = SizedContent(4)
        self.assertEqual([content.next(unread), content.next(unread)], [Content(b"abcd"), END])
        self.assertEqual(unread.rest(), b"ef")

    def test_it_passes_on_what_is_there_and_waits_for_the_rest(self) -> None:
        unread = unread_of(b"ab")
        content = SizedContent(4)
        self.assertEqual([content.next(unread), content.next(unread)], [Content(b"ab"), None])
        unread.receive(b"cd")
        self.assertEqual([content.next(unread), content.next(unread)], [Content(b"cd"), END])

    def test_it_is_taken_whole_only_where_all_of_it_is_there(self) -> None:
        unread = unread_of(b"abc")
        content = SizedContent(4)
        self.assertIsNone(content.take_whole(unread))
        self.assertEqual(len(unread), 3)
        unread.receive(b"def")
        self.assertEqual(content.take_whole(unread), b"abcd")
        self.assertEqual(unread.rest(), b"ef")


class UntilClose(SynchronousTestCase):
    """RFC 9112 §6.3, the last item."""

    def test_it_ends_when_the_connection_does_and_all_was_taken(self) -> None:
        unread = unread_of(b"ab")
        content = UntilCloseContent()
        self.assertEqual([content.next(unread), content.next(unread)], [Content(b"ab"), None])
        unread.receive(b"cd")
        unread.closed = True
        self.assertEqual([content.next(unread), content.next(unread)], [Content(b"cd"), END])
