"""
What a fill has to do, whatever the store: the first half of the contract of a store.

See :mod:`tsnode.testing.contracts`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.alternate import Alternate, Terms
from tsnode.model.errors import BadGateway, StoreError
from tsnode.model.fields import Fields
from tsnode.model.target import CacheKey
from tsnode.ports import Flow, ICacheStore, IContent, IFill

__all__ = ["KEY", "LIMIT", "FillContract", "make_alternate", "take_all"]

KEY = CacheKey(b"http://a.example/")
"""What the contracts store under."""

LIMIT = 1_000_000
"""Room enough for all that is stored at a time, in octets."""

if TYPE_CHECKING:
    _Case = SynchronousTestCase
else:
    # a contract by itself is no test: nothing is collected from where it is imported
    _Case = object


def make_alternate(mark: bytes = b"", length: int | None = None) -> Alternate:
    """An answer to be stored, told from others by ``mark``; ``length`` is what is known of it before it came."""
    kept = Fields(((b"Date", b"Sun, 06 Nov 1994 08:49:37 GMT"), (b"ETag", b'"%b"' % mark)))
    return Alternate(
        url=b"http://a.example/",
        method=b"GET",
        status=200,
        reason=b"OK",
        fields=kept,
        request_fields=Fields(),
        request_time=784111777.0,
        response_time=784111777.5,
        length=length,
        terms=Terms(
            birth=784111777.0,
            lifetime=60.0,
            explicit=True,
            vary=(),
            no_cache=False,
            must_revalidate=False,
            stale_forbidden=False,
            public=False,
            etag=b'"%b"' % mark,
            last_modified=None,
        ),
        head=b"HTTP/1.1 200 OK\r\n" + kept.render(),
    )


def take_all(content: IContent) -> bytes:
    """Everything that can be taken just now."""
    taken = []
    while (octets := content.take()) is not None:
        taken.append(bytes(octets))
    return b"".join(taken)


class FillContract(_Case):
    """What is expected of every :class:`tsnode.ports.IFill`."""

    def make_store(self, limit: int) -> ICacheStore:
        """
        A new store that holds up to ``limit`` octets, all of which one content may take.

        It drops nothing but to make room: any number of alternates may be under one key.
        """
        raise NotImplementedError

    def begin(
        self, store: ICacheStore, alternate: Alternate, replaced: Alternate | None = None, key: CacheKey = KEY
    ) -> IFill:
        """A fill that the store has to take."""
        fill = store.begin(key, alternate, replaced)
        assert fill is not None, "the store does not take a content that fits"
        return fill

    def test_every_reader_gets_all_at_its_own_pace(self) -> None:
        store = self.make_store(LIMIT)
        fill = self.begin(store, make_alternate())
        eager, lazy = fill.read(), fill.read()
        taken = b""
        for octets in (b"one ", b"two ", b"three "):
            fill.write(octets)
            taken += take_all(eager)
            self.assertIs(eager.flow, Flow.OPEN)
        late = fill.read()
        self.assertEqual(lazy.take(), b"one ")
        fill.write(b"four")
        fill.commit()
        self.assertEqual(taken + take_all(eager), b"one two three four")
        self.assertEqual(take_all(lazy), b"two three four")
        self.assertEqual(take_all(late), b"one two three four")
        self.assertEqual({reader.flow for reader in (eager, lazy, late)}, {Flow.ENDED})

    def test_the_end_comes_after_the_last_octet(self) -> None:
        fill = self.begin(self.make_store(LIMIT), make_alternate())
        reader = fill.read()
        fill.write(b"one")
        fill.commit()
        self.assertIs(reader.flow, Flow.OPEN)
        self.assertEqual(take_all(reader), b"one")
        self.assertIs(reader.flow, Flow.ENDED)
        self.assertIsNone(reader.failure)
        self.assertEqual(len(reader.trailers), 0)

    def test_what_is_finished_is_read_to_its_end_and_not_kept(self) -> None:
        store = self.make_store(LIMIT)
        old = store.put(KEY, make_alternate(), b"old", None)
        fill = self.begin(store, make_alternate(), old)
        reader = fill.read()
        fill.write(b"new")
        fill.finish()
        fill.commit()
        self.assertEqual((take_all(reader), reader.flow), (b"new", Flow.ENDED))
        self.assertEqual([alternate.length for alternate in store.peek(KEY)], [3])
        self.assertEqual(old, store.peek(KEY)[0])

    def test_what_is_finished_too_short_has_failed(self) -> None:
        fill = self.begin(self.make_store(LIMIT), make_alternate(length=4))
        reader = fill.read()
        fill.write(b"new")
        fill.finish()
        self.assertEqual((take_all(reader), reader.flow), (b"new", Flow.FAILED))

    def test_who_joins_after_the_end_gets_all_too(self) -> None:
        fill = self.begin(self.make_store(LIMIT), make_alternate())
        fill.write(b"one ")
        fill.write(b"two")
        fill.commit()
        reader = fill.read()
        self.assertEqual(take_all(reader), b"one two")
        self.assertIs(reader.flow, Flow.ENDED)

    def test_readers_of_what_was_aborted_take_what_came_and_fail(self) -> None:
        fill = self.begin(self.make_store(LIMIT), make_alternate())
        reader = fill.read()
        fill.write(b"one")
        reason = BadGateway("cut short")
        fill.abort(reason)
        self.assertIs(reader.flow, Flow.OPEN)
        self.assertEqual(take_all(reader), b"one")
        self.assertIs(reader.flow, Flow.FAILED)
        self.assertIs(reader.failure, reason)

    def test_a_reader_is_called_back_once_for_every_time_it_asked(self) -> None:
        fill = self.begin(self.make_store(LIMIT), make_alternate())
        reader = fill.read()
        called: list[bytes] = []
        reader.notify(lambda: called.append(take_all(reader)))
        self.assertEqual(called, [])
        fill.write(b"one")
        fill.write(b"two")
        self.assertEqual(called, [b"one"])
        reader.notify(lambda: called.append(take_all(reader)))
        self.assertEqual(called, [b"one"])
        fill.write(b"three")
        self.assertEqual(called, [b"one", b"twothree"])

    def test_a_reader_may_ask_again_from_within_its_callback(self) -> None:
        fill = self.begin(self.make_store(LIMIT), make_alternate())
        reader = fill.read()
        taken: list[bytes] = []

        def more() -> None:
            taken.append(take_all(reader))
            if reader.flow is Flow.OPEN:
                reader.notify(more)

        reader.notify(more)
        for octets in (b"one", b"two"):
            fill.write(octets)
        fill.commit()
        self.assertEqual(taken, [b"one", b"two", b""])

    def test_a_new_callback_replaces_the_one_before(self) -> None:
        fill = self.begin(self.make_store(LIMIT), make_alternate())
        reader = fill.read()
        called: list[str] = []
        reader.notify(lambda: called.append("first"))
        reader.notify(lambda: called.append("second"))
        fill.write(b"one")
        self.assertEqual(called, ["second"])

    def test_either_end_calls_waiting_readers_back(self) -> None:
        store = self.make_store(LIMIT)
        whole, broken = self.begin(store, make_alternate()), self.begin(store, make_alternate())
        seen: list[Flow] = []
        for reader in (whole.read(), broken.read()):
            reader.notify(partial(lambda content: seen.append(content.flow), reader))
        whole.commit()
        broken.abort(BadGateway("cut short"))
        self.assertEqual(seen, [Flow.ENDED, Flow.FAILED])

    def test_whoever_is_told_of_the_end_finds_it_stored(self) -> None:
        store = self.make_store(LIMIT)
        fill = self.begin(store, make_alternate())
        found: list[int] = []
        fill.read().notify(lambda: found.append(len(store.peek(KEY))))
        fill.commit()
        self.assertEqual(found, [1])

    def test_a_reader_that_closed_hears_and_gets_nothing_more(self) -> None:
        fill = self.begin(self.make_store(LIMIT), make_alternate())
        reader = fill.read()
        called: list[None] = []
        reader.notify(lambda: called.append(None))
        other = fill.read()
        for _ in range(2):
            reader.close()
        fill.write(b"one")
        fill.commit()
        reader.close()
        reader.notify(lambda: called.append(None))
        self.assertEqual(called, [])
        self.assertIsNone(reader.take())
        self.assertEqual(take_all(other), b"one")

    def test_a_reader_that_another_s_callback_closes_is_not_called(self) -> None:
        fill = self.begin(self.make_store(LIMIT), make_alternate())
        readers = [fill.read(), fill.read()]
        called: list[IContent] = []

        def close_the_others(reader: IContent) -> None:
            called.append(reader)
            for other in readers:
                if other is not reader:
                    other.close()

        for reader in readers:
            reader.notify(partial(close_the_others, reader))
        fill.write(b"one")
        self.assertEqual(len(called), 1)

    def test_who_asks_after_the_end_is_not_called(self) -> None:
        fill = self.begin(self.make_store(LIMIT), make_alternate())
        reader = fill.read()
        fill.commit()
        called: list[None] = []
        reader.notify(lambda: called.append(None))
        fill.write(b"one")
        fill.abort(BadGateway("too late"))
        self.assertEqual(called, [])

    def test_the_writer_hears_each_time_nobody_reads_any_more(self) -> None:
        fill = self.begin(self.make_store(LIMIT), make_alternate())
        told: list[bool] = []
        fill.when_unread(told.append)
        first, second = fill.read(), fill.read()
        first.close()
        self.assertEqual(told, [])
        second.close()
        self.assertEqual(told, [True])
        fill.read().close()
        self.assertEqual(told, [True, True])
        last = fill.read()
        fill.commit()
        last.close()
        self.assertEqual(told, [True, True])

    def test_a_content_too_long_to_keep_goes_on_for_its_readers_alone(self) -> None:
        """Whoever waits to be told that more may be written can bring any length in bounded memory."""
        store = self.make_store(LIMIT)
        fill = self.begin(store, make_alternate())
        reader = fill.read()
        piece, length, asked = b"x" * 50_000, 0, 0
        drained: list[None] = []
        for _ in range(60):
            if not fill.write(piece):
                asked += 1
                fill.when_drained(lambda: drained.append(None))
                self.assertEqual(len(drained), asked - 1)
                length += len(take_all(reader))
                self.assertEqual(len(drained), asked)
        self.assertGreater(asked, 0)
        with self.assertRaises(StoreError):
            fill.read()
        fill.commit()
        self.assertEqual(length + len(take_all(reader)), 60 * len(piece))
        self.assertIs(reader.flow, Flow.ENDED)
        self.assertEqual(list(store.peek(KEY)), [])
        self.assertLessEqual(store.usage().octets, LIMIT)

    def test_the_writer_hears_when_a_content_is_neither_read_nor_kept(self) -> None:
        fill = self.begin(self.make_store(LIMIT), make_alternate())
        told: list[bool] = []
        fill.when_unread(told.append)
        for _ in range(30):
            fill.write(b"x" * 50_000)
        self.assertEqual(told, [False])

    def test_what_is_written_after_the_end_goes_nowhere(self) -> None:
        store = self.make_store(LIMIT)
        fill = self.begin(store, make_alternate())
        reader = fill.read()
        fill.write(b"one")
        fill.commit()
        fill.write(b"two")
        self.assertEqual(take_all(reader), b"one")
        self.assertEqual([alternate.length for alternate in store.peek(KEY)], [3])
