"""A request on its way out."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis.strategies import binary, booleans, integers, lists, one_of
from twisted.internet.interfaces import IPushProducer
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from tests.net.wires import Wire
from tsnode.model.errors import BadRequest, TsnodeError
from tsnode.model.fields import Fields
from tsnode.model.messages import CHUNKED, UNTIL_CLOSE, Framing, Sized
from tsnode.net.inflow import Inflow
from tsnode.net.outflow import Outflow
from tsnode.net.send import sender_of
from tsnode.ports import Buffer

HEAD = b"POST / HTTP/1.1\r\nHost: a.example\r\n\r\n"


class Request:
    """A request being sent; the test brings its content and is the connection."""

    def __init__(self, framing: Framing, room: int = 1 << 30) -> None:
        self.wire = Wire(Clock(), room=room)
        self.asked: list[str] = []
        self.content = Inflow(
            1 << 20, lambda: self.asked.append("pause"), lambda: self.asked.append("resume"), self.closed
        )
        self.outflow = Outflow(self, self.wire, sender_of(self.wire), self.content, framing)
        self.octets = 0
        self.outcome: list[TsnodeError | None] = []

    def closed(self) -> None:
        self.asked.append("closed")

    def octets_sent(self, octets: int) -> None:
        self.octets += octets

    def request_sent(self) -> None:
        self.outcome.append(None)

    def request_failed(self, failure: TsnodeError) -> None:
        self.outcome.append(failure)


class Sending(SynchronousTestCase):
    def test_it_is_a_producer(self) -> None:
        self.assertTrue(verifyObject(IPushProducer, Request(CHUNKED).outflow))

    def test_a_head_goes_out_with_the_content_that_is_there(self) -> None:
        writes: list[int] = []
        request = Request(Sized(6))
        sender = sender_of(request.wire)

        def send(buffers: Sequence[Buffer]) -> None:
            writes.append(len(buffers))
            sender(buffers)

        outflow = Outflow(request, request.wire, send, request.content, Sized(6))
        request.content.push(b"abc")
        request.content.push(b"def")
        request.content.end()
        outflow.begin(HEAD)
        self.assertEqual((writes, request.wire.sent()), ([3], HEAD + b"abcdef"))
        self.assertEqual((request.outcome, request.octets), ([None], len(HEAD) + 6))
        self.assertIsNone(request.wire.producer)

    def test_content_follows_as_it_comes(self) -> None:
        request = Request(Sized(6))
        request.outflow.begin(HEAD)
        self.assertEqual(request.wire.sent(), HEAD)
        request.content.push(b"abc")
        self.assertEqual((request.wire.sent(), request.outcome), (b"abc", []))
        request.content.push(b"def")
        request.content.end()
        self.assertEqual((request.wire.sent(), request.outcome, request.wire.producer), (b"def", [None], None))

    def test_content_of_no_octets_is_sent_at_once(self) -> None:
        request = Request(Sized(0))
        request.content.end()
        request.outflow.begin(HEAD)
        self.assertEqual((request.wire.sent(), request.outcome), (HEAD, [None]))

    def test_chunks_are_made_here_and_trailers_follow_them(self) -> None:
        """RFC 9112 §7.1."""
        request = Request(CHUNKED)
        request.content.push(b"x" * 26)
        request.outflow.begin(HEAD)
        self.assertEqual(request.wire.sent(), HEAD + b"1a\r\n" + b"x" * 26 + b"\r\n")
        request.content.push(b"yz")
        request.content.end(Fields([(b"Digest", b"abc")]))
        self.assertEqual(request.wire.sent(), b"2\r\nyz\r\n0\r\nDigest: abc\r\n\r\n")
        self.assertEqual(request.outcome, [None])

    def test_chunked_content_of_no_octets_has_a_last_chunk(self) -> None:
        request = Request(CHUNKED)
        request.outflow.begin(HEAD)
        request.content.end()
        self.assertEqual((request.wire.sent(), request.outcome), (HEAD + b"0\r\n\r\n", [None]))

    def test_a_request_cannot_end_with_the_connection(self) -> None:
        request = Request(UNTIL_CLOSE)
        request.content.push(b"x")
        self.assertRaises(AssertionError, request.outflow.begin, HEAD)


class Pressure(SynchronousTestCase):
    def test_a_connection_that_has_enough_is_given_no_more(self) -> None:
        request = Request(CHUNKED, room=len(HEAD))
        request.outflow.begin(HEAD)
        request.content.push(b"abc")
        self.assertEqual(request.wire.sent(), HEAD + b"3\r\nabc\r\n")
        request.content.push(b"def")
        request.content.end()
        self.assertEqual((request.wire.sent(), request.outcome), (b"", []))
        request.wire.drain(100)
        self.assertEqual((request.wire.sent(), request.outcome), (b"3\r\ndef\r\n0\r\n\r\n", [None]))

    def test_a_large_content_goes_out_in_batches(self) -> None:
        request = Request(Sized(1 << 20), room=300_000)
        for _ in range(64):
            request.content.push(b"x" * (1 << 14))
        request.content.end()
        request.outflow.begin(HEAD)
        self.assertTrue(len(request.wire.sent()) < 600_000)
        self.assertEqual(request.outcome, [])
        for _ in range(10):
            request.wire.drain(200_000)
        self.assertEqual((request.outcome, request.octets), ([None], len(HEAD) + (1 << 20)))

    def test_resuming_what_was_not_paused_changes_nothing(self) -> None:
        request = Request(Sized(3))
        request.outflow.begin(HEAD)
        request.outflow.resumeProducing()
        request.content.push(b"abc")
        request.content.end()
        self.assertEqual((request.wire.sent(), request.outcome), (HEAD + b"abc", [None]))

    def test_a_lost_connection_ends_it_quietly(self) -> None:
        request = Request(Sized(3))
        request.wire.protocol = Lost()
        request.outflow.begin(HEAD)
        request.wire.reset()
        request.content.push(b"abc")
        self.assertEqual((request.wire.sent(), request.outcome), (HEAD, []))
        request.outflow.stop()
        self.assertEqual(request.outcome, [])


class Lost:
    """A protocol that does not mind."""

    def connectionLost(self, reason: object) -> None:
        """Nobody is told."""


class Failing(SynchronousTestCase):
    def test_content_that_fails_fails_the_request(self) -> None:
        request, failure = Request(Sized(6)), BadRequest("the client left")
        request.outflow.begin(HEAD)
        request.content.push(b"abc")
        request.content.fail(failure)
        self.assertEqual((request.outcome, request.wire.producer), ([failure], None))

    def test_content_that_failed_already_fails_the_request(self) -> None:
        request, failure = Request(CHUNKED), BadRequest("the client left")
        request.content.fail(failure)
        request.outflow.begin(HEAD)
        self.assertEqual(request.outcome, [failure])

    def test_content_shorter_than_announced_fails_the_request(self) -> None:
        """Else what is sent next would be taken for the rest of it."""
        request = Request(Sized(6))
        request.outflow.begin(HEAD)
        request.content.push(b"abc")
        request.content.end()
        self.assertEqual([str(failure) for failure in request.outcome],
                         ["the request's content is not as long as announced"])  # fmt: skip

    def test_content_longer_than_announced_is_not_sent(self) -> None:
        """Else it would be taken for another request."""
        request = Request(Sized(2))
        request.content.push(b"abc")
        request.outflow.begin(HEAD)
        self.assertEqual(len(request.outcome), 1)
        self.assertIsNotNone(request.outcome[0])
        self.assertEqual(request.wire.sent(), b"")


class Stopping(SynchronousTestCase):
    def test_content_that_was_begun_is_closed(self) -> None:
        request = Request(Sized(6))
        request.outflow.begin(HEAD)
        request.content.push(b"abc")
        request.outflow.stop()
        request.outflow.stop()
        request.content.push(b"def")
        self.assertEqual((request.asked, request.outcome, request.wire.producer), (["closed"], [], None))

    def test_content_of_which_nothing_was_taken_is_left_for_another_try(self) -> None:
        request = Request(Sized(3))
        request.outflow.begin(HEAD)
        request.outflow.stop()
        request.content.push(b"abc")
        self.assertEqual((request.asked, request.content.take()), ([], b"abc"))

    def test_a_request_that_is_out_is_not_stopped(self) -> None:
        request = Request(Sized(3))
        request.content.push(b"abc")
        request.content.end()
        request.outflow.begin(HEAD)
        request.outflow.stop()
        self.assertEqual((request.asked, request.outcome), ([], [None]))

    def test_it_may_be_stopped_from_within_a_take_of_its_first_octets(self) -> None:
        request = Request(Sized(200))

        def resume() -> None:
            outflow.stop()

        content = Inflow(100, lambda: None, resume)
        outflow = Outflow(request, request.wire, sender_of(request.wire), content, Sized(200))
        content.push(b"x" * 200)
        outflow.begin(HEAD)
        self.assertEqual((request.outcome, request.wire.producer), ([], None))

    def test_it_may_be_stopped_from_within_a_later_take(self) -> None:
        request = Request(Sized(200))

        def resume() -> None:
            outflow.stop()

        content = Inflow(100, lambda: None, resume)
        outflow = Outflow(request, request.wire, sender_of(request.wire), content, Sized(200))
        outflow.begin(HEAD)
        content.push(b"x" * 200)
        content.end()
        self.assertEqual((request.outcome, request.wire.producer), ([], None))

    def test_a_stopped_request_takes_no_orders_from_the_connection(self) -> None:
        request = Request(Sized(3))
        request.outflow.begin(HEAD)
        request.outflow.stop()
        request.outflow.pauseProducing()
        request.outflow.resumeProducing()
        self.assertEqual((request.wire.sent(), request.outcome), (HEAD, []))


def unchunk(octets: bytes) -> bytes:
    """Undo the coding of chunks, the plainest way."""
    content = b""
    while True:
        size, _, octets = octets.partition(b"\r\n")
        if size == b"0":
            return content
        content += octets[: int(size, 16)]
        octets = octets[int(size, 16) + 2 :]


class Laws(SynchronousTestCase):
    @given(lists(one_of(binary(min_size=1, max_size=100), integers(1, 200))), booleans(), integers(0, 100))
    def test_the_next_hop_gets_the_content_whole_and_in_order(
        self, steps: list[bytes | int], chunked: bool, room: int
    ) -> None:
        """A step is content that comes, or octets that the connection takes."""
        pieces = [step for step in steps if isinstance(step, bytes)]
        whole = b"".join(pieces)
        request = Request(CHUNKED if chunked else Sized(len(whole)), room=room)
        request.outflow.begin(HEAD)
        for step in steps:
            if isinstance(step, bytes):
                request.content.push(step)
            else:
                request.wire.drain(step)
        request.content.end()
        request.wire.drain(1 << 20)
        request.wire.drain(1 << 20)
        sent = request.wire.sent()
        self.assertEqual((request.outcome, request.octets), ([None], len(sent)))
        self.assertTrue(sent.startswith(HEAD))
        self.assertEqual(unchunk(sent[len(HEAD) :]) if chunked else sent[len(HEAD) :], whole)
