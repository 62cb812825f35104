"""Bringing a content into the store, whoever else reads it on the way."""

from __future__ import annotations

from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from tests.caching.samples import ask, dated, stored
from tests.transaction.stand_ins import SETTINGS, Client, Material, World, request
from tsnode.model.alternate import Alternate
from tsnode.model.errors import BadGateway, StoreError
from tsnode.model.settings import ProxySettings, Timeouts
from tsnode.model.target import CacheKey
from tsnode.ports import Flow, IContent
from tsnode.stores.memory import MemoryStore
from tsnode.testing.fills import take_all
from tsnode.transaction.flights import Aboard, Flight
from tsnode.transaction.storing_on import StoringOn, supersede

KEY = CacheKey(b"http://a.example/x")
CONTENT = b"0123456789"


def alternate(*lines: str, length: int | None = 10) -> Alternate:
    return replace(stored(*dated("Cache-Control: max-age=60", *lines)), length=length)


class Superseding(SynchronousTestCase):
    """RFC 9111 §4: the later answer counts."""

    def test_what_the_same_request_would_have_got_before_goes(self) -> None:
        world = World()
        world.store.put(KEY, alternate('ETag: "1"'), CONTENT, None)
        supersede(world.services, world.errand(Client()))
        self.assertEqual(list(world.store.peek(KEY)), [])

    def test_what_other_requests_get_stays(self) -> None:
        world = World()
        for language in ("en", "fr"):
            lines = dated("Cache-Control: max-age=60", "Vary: Accept-Language")
            kept = stored(*lines, request=ask(f"Accept-Language: {language}"))
            world.store.put(KEY, kept, CONTENT, None)
        supersede(world.services, world.errand(Client(), request("Accept-Language: en")))
        self.assertEqual(
            [found.request_fields.get(b"accept-language") for found in world.store.peek(KEY)], [b"fr"]
        )


class StoringCase(SynchronousTestCase):
    def begin(
        self,
        settings: ProxySettings = SETTINGS,
        *,
        length: int | None = 10,
        store: MemoryStore | None = None,
        content: Material | None = None,
    ) -> IContent:
        """Begin to store a content of that length; what the first client reads of it."""
        self.world = World(settings=settings, store=store)
        self.content = content or Material()
        errand = self.world.errand(Client())
        self.flight: Flight = self.world.flights.take_off(KEY, errand.request)
        head = alternate(length=length)
        fill = self.world.store.begin(KEY, head, None)
        assert fill is not None
        self.storing = StoringOn(self.world.services, errand, head, self.content, fill, self.flight)
        reader = self.storing.read()
        self.flight.stream(head, self.storing)
        self.storing.run()
        return reader

    @property
    def kept(self) -> list[bytes]:
        """Contents that are found in the store."""
        return [self.world.store.ready(found) or b"" for found in self.world.store.peek(KEY)]

    @property
    def can_be_boarded(self) -> bool:
        """Whether somebody who asks now still joins."""
        return self.world.flights.board(KEY, request()) is not None


class Carrying(StoringCase):
    def test_what_comes_reaches_readers_at_once_and_the_store_when_it_is_whole(self) -> None:
        reader = self.begin()
        self.content.push(CONTENT[:4])
        self.assertEqual((take_all(reader), self.kept), (CONTENT[:4], []))
        self.content.push(CONTENT[4:])
        self.content.end()
        self.assertEqual((take_all(reader), reader.flow, self.kept), (CONTENT[4:], Flow.ENDED, [CONTENT]))
        self.assertEqual(self.world.counters.cache_writes, 1)
        self.assertFalse(self.can_be_boarded)

    def test_a_content_that_is_here_already_is_stored_at_once(self) -> None:
        self.begin(content=Material(CONTENT[:5], CONTENT[5:]).end())
        self.assertEqual(self.kept, [CONTENT])

    def test_who_comes_in_the_middle_reads_from_the_start(self) -> None:
        self.begin()
        self.content.push(CONTENT[:4])
        boarded = self.world.flights.board(KEY, request())
        assert boarded is not None
        outcome = self.successResultOf(boarded)
        assert isinstance(outcome, Aboard)
        self.assertEqual(take_all(outcome.fill.read()), CONTENT[:4])

    def test_it_takes_the_place_of_what_was_stored_meanwhile(self) -> None:
        self.begin(length=None)
        self.world.store.put(KEY, alternate('ETag: "meanwhile"', length=3), b"old", None)
        self.content.push(b"new")
        self.content.end()
        self.assertEqual(self.kept, [b"new"])

    def test_a_later_answer_that_was_stored_meanwhile_stays(self) -> None:
        """RFC 9111 §4."""
        reader = self.begin(length=None)
        later = replace(alternate('ETag: "later"', length=5), response_time=self.world.clock.seconds() + 1)
        self.world.store.put(KEY, later, b"later", None)
        self.content.push(b"new")
        self.content.end()
        self.assertEqual((take_all(reader), reader.flow), (b"new", Flow.ENDED))
        self.assertEqual((self.kept, self.can_be_boarded), ([b"later"], False))
        self.assertEqual(self.world.counters.cache_writes, 0)

    def test_a_content_that_fails_fails_its_readers_and_is_not_stored(self) -> None:
        reader = self.begin()
        self.content.push(CONTENT[:4])
        self.content.fail(BadGateway("reset"))
        self.assertEqual((take_all(reader), reader.flow), (CONTENT[:4], Flow.FAILED))
        self.assertEqual((str(reader.failure), self.kept, self.can_be_boarded), ("reset", [], False))
        self.assertEqual(self.world.counters.cache_writes, 0)

    def test_what_was_changed_meanwhile_is_for_its_readers_only(self) -> None:
        """RFC 9111 §4.4."""
        reader = self.begin()
        self.content.push(CONTENT[:4])
        self.world.flights.outdate(KEY)
        self.assertFalse(self.can_be_boarded)
        self.content.push(CONTENT[4:])
        self.content.end()
        self.assertEqual((take_all(reader), reader.flow, self.kept), (CONTENT, Flow.ENDED, []))

    def test_of_what_was_changed_meanwhile_and_broke_off_no_part_is_kept(self) -> None:
        head = alternate('ETag: "1"')
        for outdated in (False, True):
            world, content = World(), Material()
            fill = world.store.begin(KEY, head, None)
            assert fill is not None
            storing = StoringOn(world.services, world.errand(Client()), head, content, fill, None)
            reader = storing.read()
            storing.run()
            content.push(CONTENT[:4])
            if outdated:
                world.flights.outdate(KEY)
            content.fail(BadGateway("reset"))
            self.assertEqual((take_all(reader), reader.flow), (CONTENT[:4], Flow.FAILED))
            self.assertEqual(len(world.store.peek(KEY)), 0 if outdated else 1)

    def test_without_others_on_board_it_is_stored_all_the_same(self) -> None:
        world, content = World(), Material(CONTENT).end()
        fill = world.store.begin(KEY, alternate(), None)
        assert fill is not None
        StoringOn(world.services, world.errand(Client()), alternate(), content, fill, None).run()
        self.assertEqual(len(world.store.peek(KEY)), 1)

    def test_a_reader_that_does_not_read_holds_up_what_is_not_kept(self) -> None:
        piece = bytes(100_000)
        reader = self.begin(length=None, store=MemoryStore(150_000, 150_000, 0))
        for _ in range(20):
            self.content.push(piece)
        self.assertIsNotNone(self.content.take(), "not all was carried")
        carried = len(take_all(reader))
        self.assertLess(carried, 20 * len(piece))
        while octets := take_all(reader):
            carried += len(octets)
        self.assertEqual(carried, 19 * len(piece))
        with self.assertRaises(StoreError):
            self.storing.read()


class Background(StoringCase):
    """Traffic Server, ``background_fill_active_timeout`` and ``background_fill_completed_threshold``."""

    def counted(self) -> tuple[int, int]:
        """Fills in the background now, and since the start."""
        counters = self.world.counters
        return counters.background_fill_current_count, counters.background_fill_total_count

    def test_it_goes_on_without_readers_and_is_counted(self) -> None:
        self.begin().close()
        self.assertEqual(self.counted(), (1, 1))
        self.content.push(CONTENT)
        self.content.end()
        self.assertEqual((self.kept, self.counted()), ([CONTENT], (0, 1)))
        self.assertEqual(self.world.clock.getDelayedCalls(), [])

    def test_it_ends_where_not_enough_has_come(self) -> None:
        settings = replace(SETTINGS, background_fill_threshold=0.5)
        reader = self.begin(settings)
        self.content.push(CONTENT[:5])
        reader.close()
        self.assertEqual((self.content.closed, self.can_be_boarded, self.counted()), (True, False, (0, 0)))

    def test_it_goes_on_where_enough_has_come(self) -> None:
        settings = replace(SETTINGS, background_fill_threshold=0.5)
        reader = self.begin(settings)
        self.content.push(CONTENT[:6])
        reader.close()
        self.assertEqual((self.content.closed, self.counted()), (False, (1, 1)))

    def test_where_nobody_knows_how_much_there_is_it_has_never_come_far_enough(self) -> None:
        reader = self.begin(replace(SETTINGS, background_fill_threshold=0.5), length=None)
        self.content.push(CONTENT)
        reader.close()
        self.assertTrue(self.content.closed)

    def test_its_time_is_limited(self) -> None:
        reader = self.begin(replace(SETTINGS, timeouts=Timeouts(background_fill=7.0)))
        self.content.push(CONTENT[:5])
        reader.close()
        self.world.clock.advance(6.9)
        self.assertFalse(self.content.closed)
        self.world.clock.advance(0.2)
        self.assertEqual((self.content.closed, self.counted(), self.kept), (True, (0, 1), []))
        self.assertEqual(self.world.store.usage().octets, 0)

    def test_without_a_limit_of_its_own_that_of_transactions_holds_or_a_day(self) -> None:
        for timeouts, limit in (
            (Timeouts(background_fill=0.0, active_in=9.0), 9), (Timeouts(background_fill=0.0, active_in=0.0), 86400)
        ):  # fmt: skip
            self.begin(replace(SETTINGS, timeouts=timeouts)).close()
            self.world.clock.advance(limit - 0.1)
            self.assertFalse(self.content.closed)
            self.world.clock.advance(0.2)
            self.assertTrue(self.content.closed)

    def test_a_new_reader_takes_it_out_of_the_background_and_the_next_leave_puts_it_back(self) -> None:
        self.begin(replace(SETTINGS, timeouts=Timeouts(background_fill=7.0))).close()
        self.world.clock.advance(5)
        again = self.storing.read()
        self.assertEqual(self.counted(), (0, 1))
        self.world.clock.advance(5)
        self.assertFalse(self.content.closed)
        again.close()
        self.assertEqual(self.counted(), (1, 2))
        self.world.clock.advance(6.9)
        self.assertFalse(self.content.closed)
        self.world.clock.advance(0.2)
        self.assertTrue(self.content.closed)

    def test_what_is_not_kept_is_for_nobody_once_the_last_reader_left(self) -> None:
        reader = self.begin(length=None, store=MemoryStore(1000, 1000, 0))
        self.content.push(bytes(5000))
        self.assertFalse(self.content.closed)
        reader.close()
        self.assertEqual((self.content.closed, self.counted()), (True, (0, 0)))

    def test_what_grows_too_large_in_the_background_ends_there(self) -> None:
        self.begin(length=None, store=MemoryStore(1000, 1000, 0)).close()
        self.assertEqual(self.counted(), (1, 1))
        self.content.push(bytes(5000))
        self.assertEqual((self.content.closed, self.counted()), (True, (0, 1)))
        self.assertEqual(self.world.clock.getDelayedCalls(), [])

    def test_a_reader_that_closes_after_the_end_changes_nothing(self) -> None:
        reader = self.begin()
        self.content.push(CONTENT)
        self.content.end()
        reader.close()
        self.assertEqual((self.counted(), self.kept), ((0, 0), [CONTENT]))
