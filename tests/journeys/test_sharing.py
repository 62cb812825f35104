"""The variables that say what becomes of a request for what another request is fetching."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.journeys.answers import answer, ask
from tsnode.testing.node import Answered, ClientInMemory, NodeInMemory

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nCache-Control: max-age=600\r\n\r\n"
STALE = answer("Cache-Control: max-age=10", 'ETag: "a"')


class SharingCase(SynchronousTestCase):
    def start(self, **variables: int) -> None:
        """A node with these variables, their points written as two underscores, and an origin that says nothing yet."""
        lines = [f"CONFIG proxy.config.{name.replace('__', '.')} INT {value}\n" for name, value in variables.items()]
        self.node = NodeInMemory("".join(lines))
        self.origin = self.node.at("a.example").answer(None)

    def ask(self, *lines: str) -> ClientInMemory:
        """One more client that asks."""
        return self.node.client().send(ask("/page", *lines))

    def one(self, client: ClientInMemory) -> Answered:
        """The one answer that a client got."""
        (answered,) = client.answers()
        return answered


class WhileWriting(SharingCase):
    """Traffic Server, ``proxy.config.cache.enable_read_while_writer``."""

    def test_0_waits_for_the_whole_and_is_served_that(self) -> None:
        self.start(cache__enable_read_while_writer=0)
        first, second = self.ask(), self.ask()
        self.origin.say(HEAD + b"01234")
        third = self.ask()
        self.assertEqual((second.received, third.received), (b"", b""))
        self.origin.say(b"56789")
        self.assertEqual([self.one(client).body for client in (first, second, third)], [b"0123456789"] * 3)
        self.assertEqual(len(self.origin.requests), 1)

    def test_0_fetches_for_itself_where_the_other_one_failed(self) -> None:
        self.start(cache__enable_read_while_writer=0)
        self.ask()
        second = self.ask()
        self.origin.say(HEAD + b"01234")
        self.origin.answer(answer("Cache-Control: max-age=600"))
        self.origin.hang_up()
        self.assertEqual(self.one(second).body, b"hello")

    def test_2_serves_ranges_as_soon_as_they_are_there(self) -> None:
        self.start(cache__enable_read_while_writer=2)
        self.ask()
        self.origin.say(HEAD + b"01")
        part = self.ask("Range: bytes=3-5")
        self.origin.say(b"234")
        self.assertTrue(part.received.endswith(b"\r\n\r\n34"), part.received)
        self.origin.say(b"5")
        found = self.one(part)
        self.assertEqual((found.status, found.fields.get(b"content-range")), (206, b"bytes 3-5/10"))
        self.assertEqual(found.body, b"345")
        self.origin.say(b"6789")
        self.assertEqual(len(self.origin.requests), 1)
        self.assertEqual(self.node.get("http://a.example/page").body, b"0123456789")

    def test_2_leaves_what_is_no_plain_part_to_the_origin(self) -> None:
        self.start(cache__enable_read_while_writer=2)
        self.ask()
        self.origin.say(HEAD + b"01")
        for line in ("Range: bytes=20-", "Range: bytes=0-1,3-4", "Range: lines=1-2"):
            before = len(self.origin.requests)
            self.ask(line)
            self.assertEqual(len(self.origin.requests), before + 1, line)
        self.ask("Range: bytes=0-1", "Authorization: x")
        self.assertEqual(len(self.origin.requests), 5)

    def test_1_leaves_ranges_to_the_origin(self) -> None:
        self.start(cache__enable_read_while_writer=1)
        self.ask()
        self.origin.say(HEAD + b"01")
        self.ask("Range: bytes=0-1")
        self.assertEqual(len(self.origin.requests), 2)

    def test_a_part_of_what_breaks_off_breaks_off(self) -> None:
        self.start(cache__enable_read_while_writer=2)
        self.ask()
        self.origin.say(HEAD + b"01")
        part = self.ask("Range: bytes=1-5")
        self.origin.hang_up()
        self.assertTrue(part.received.endswith(b"\r\n\r\n1"), part.received)
        self.assertTrue(part.closed)


class Waiting(SharingCase):
    def test_the_tries_are_a_time(self) -> None:
        """Traffic Server, ``proxy.config.http.cache.max_open_read_retries``."""
        self.start(http__cache__max_open_read_retries=9, http__cache__open_read_retry_time=100)
        self.ask()
        self.ask()
        self.node.pass_time(0.9)
        self.assertEqual(len(self.origin.requests), 1)
        self.node.pass_time(0.2)
        self.assertEqual(len(self.origin.requests), 2)


class InVain(SharingCase):
    """Traffic Server, ``proxy.config.http.cache.open_write_fail_action``."""

    def miss(self, action: int) -> ClientInMemory:
        """A client that has waited in vain for what nobody has yet."""
        self.start(http__cache__open_write_fail_action=action)
        self.ask()
        client = self.ask()
        self.node.pass_time(6)
        return client

    def stale(self, action: int) -> ClientInMemory:
        """A client that has waited in vain for the confirmation of what is stale."""
        self.start(http__cache__open_write_fail_action=action)
        self.origin.answer(STALE, None, None)
        self.ask()
        self.node.pass_time(20)
        self.ask()
        client = self.ask()
        self.node.pass_time(6)
        return client

    def test_0_fetches_past_the_cache(self) -> None:
        client = self.miss(0)
        self.assertEqual(len(self.origin.requests), 2)
        self.origin.say(answer("Cache-Control: max-age=600"))
        self.assertEqual(self.one(client).body, b"hello")
        self.assertEqual(self.node.counters.cache_writes, 0)
        client = self.stale(0)
        self.assertEqual(len(self.origin.requests), 3)
        self.assertNotIn(b"if-none-match", self.origin.requests[2].fields)

    def test_1_gives_up_a_miss(self) -> None:
        found = self.one(self.miss(1))
        self.assertEqual((found.status, len(self.origin.requests)), (502, 1))
        self.stale(1)
        self.assertEqual(len(self.origin.requests), 3)

    def test_2_serves_what_is_stale_meanwhile(self) -> None:
        found = self.one(self.stale(2))
        self.assertEqual((found.status, found.body, len(self.origin.requests)), (200, b"hello", 2))
        self.assertEqual(found.fields.get(b"warning"), b'110 tsnode "Response is Stale"')
        self.miss(2)
        self.assertEqual(len(self.origin.requests), 2)

    def test_3_does_both(self) -> None:
        self.assertEqual(self.one(self.miss(3)).status, 502)
        self.assertEqual(self.one(self.stale(3)).status, 200)

    def test_4_gives_up(self) -> None:
        self.assertEqual(self.one(self.miss(4)).status, 502)
        self.assertEqual(self.one(self.stale(4)).status, 502)

    def test_5_waits_on(self) -> None:
        client = self.miss(5)
        self.assertEqual((client.received, len(self.origin.requests)), (b"", 1))
        self.origin.say(answer("Cache-Control: max-age=600"))
        self.assertEqual(self.one(client).body, b"hello")
