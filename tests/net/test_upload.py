"""The content of a request on its way in."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import booleans, integers
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.errors import BadRequest, PeerError
from tsnode.model.messages import RequestHead
from tsnode.net.upload import Upload
from tsnode.ports import Flow
from tsnode.semantics.reader import ReaderLimits, RequestReader
from tsnode.testing.strategies import Cuts, bodies, cuts

SIZED = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
NEXT = b"GET /next HTTP/1.1\r\nHost: a\r\n\r\n"


class Stream:
    """A reader behind the head of a request, and the upload of its content."""

    def __init__(self, head: bytes, most: int = 0, read_ahead: int = 1000) -> None:
        self.reader = RequestReader(ReaderLimits(head=10_000, line=1000))
        self.reader.receive(head)
        assert isinstance(self.reader.next(), RequestHead)
        self.pressure: list[str] = []
        self.upload = Upload(self.reader, most, read_ahead, self.pause, self.resume)
        self.content = self.upload.content

    def pause(self) -> None:
        self.pressure.append("pause")

    def resume(self) -> None:
        self.pressure.append("resume")
        self.upload.feed()

    def receive(self, octets: bytes) -> None:
        self.reader.receive(octets)
        self.upload.feed()

    def take_all(self) -> bytes:
        taken = b""
        while (octets := self.content.take()) is not None:
            taken += octets
        return taken


class Feeding(SynchronousTestCase):
    def test_a_content_is_owed_until_its_last_octet(self) -> None:
        stream = Stream(SIZED % 5)
        stream.receive(b"0123")
        self.assertEqual((stream.upload.owed, stream.upload.whole), (True, False))
        stream.receive(b"4" + NEXT)
        self.assertEqual((stream.upload.owed, stream.upload.whole), (False, True))
        self.assertEqual(stream.take_all(), b"01234")
        self.assertIs(stream.content.flow, Flow.ENDED)

    def test_the_next_request_is_left_where_it_is(self) -> None:
        stream = Stream(SIZED % 5)
        stream.receive(b"01234" + NEXT)
        head = stream.reader.next()
        self.assertIsInstance(head, RequestHead)
        stream.upload.feed()

    def test_trailers_come_with_the_end(self) -> None:
        stream = Stream(CHUNKED)
        stream.receive(b"1\r\nx\r\n0\r\nX-Check: 1\r\n\r\n")
        stream.take_all()
        self.assertEqual(stream.content.trailers.get(b"x-check"), b"1")

    def test_no_more_is_brought_than_is_wanted(self) -> None:
        stream = Stream(SIZED % 5000, read_ahead=1000)
        stream.receive(bytes(2000))
        stream.receive(bytes(2000))
        self.assertEqual(stream.pressure, ["pause"])
        self.assertEqual(stream.reader.buffered, 2000)
        self.assertEqual(len(stream.take_all()), 4000)
        self.assertEqual(stream.pressure, ["pause", "resume", "pause", "resume"])

    def test_a_reader_that_takes_at_once_gets_all_of_it_and_nothing_of_the_next_request(self) -> None:
        """The content resumes the connection from within a push."""
        stream = Stream(SIZED % 3000, read_ahead=100)
        taken: list[int] = []

        def take() -> None:
            taken.append(len(stream.take_all()))
            stream.content.notify(take)

        stream.content.notify(take)
        stream.receive(bytes(3000) + NEXT)
        self.assertEqual(sum(taken), 3000)
        self.assertTrue(stream.upload.whole)
        self.assertEqual(stream.reader.buffered, len(NEXT))

    @given(bodies(), cuts(), booleans(), integers(1, 2000))
    def test_the_octets_are_the_same_however_they_arrive(
        self, body: bytes, where: Cuts, chunked: bool, read_ahead: int
    ) -> None:
        if chunked:
            sent = (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"
            stream = Stream(CHUNKED, read_ahead=read_ahead)
        else:
            sent = body + b"!"
            body = sent
            stream = Stream(SIZED % len(sent), read_ahead=read_ahead)
        taken = b""
        for piece in where.apply(sent):
            stream.receive(piece)
            taken += stream.take_all()
        self.assertEqual(taken, body)
        self.assertIs(stream.content.flow, Flow.ENDED)


class Failing(SynchronousTestCase):
    def test_more_than_the_limit_is_refused(self) -> None:
        stream = Stream(CHUNKED, most=5)
        stream.receive(b"5\r\n01234\r\n")
        self.assertTrue(stream.upload.owed)
        stream.receive(b"1\r\n5\r\n")
        self.assertEqual((stream.upload.owed, stream.upload.whole), (False, False))
        self.assertEqual(stream.take_all(), b"01234")
        assert isinstance(stream.content.failure, PeerError)
        self.assertEqual(stream.content.failure.status, 413)

    def test_what_cannot_be_read_fails_the_content(self) -> None:
        stream = Stream(CHUNKED)
        stream.receive(b"nonsense\r\n")
        self.assertFalse(stream.upload.owed)
        self.assertIs(stream.content.flow, Flow.FAILED)
        self.assertIsInstance(stream.content.failure, BadRequest)

    def test_nothing_is_brought_behind_a_failure(self) -> None:
        stream = Stream(SIZED % 5)
        fault = BadRequest("the client left")
        stream.upload.fail(fault)
        stream.receive(b"01234")
        self.assertIsNone(stream.content.take())
        self.assertIs(stream.content.failure, fault)
        self.assertFalse(stream.upload.whole)

    def test_a_content_that_is_whole_cannot_fail_any_more(self) -> None:
        stream = Stream(SIZED % 1)
        stream.receive(b"0")
        stream.upload.fail(BadRequest("too late"))
        self.assertTrue(stream.upload.whole)
        self.assertEqual(stream.take_all(), b"0")
        self.assertIs(stream.content.flow, Flow.ENDED)
