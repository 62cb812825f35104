"""The memory store."""

from __future__ import annotations

from dataclasses import fields, replace

from hypothesis import given
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.alternate import Alternate
from tsnode.model.errors import BadGateway
from tsnode.model.target import CacheKey
from tsnode.ports import Flow, ICacheStore
from tsnode.stores.fill import WINDOW
from tsnode.stores.held import WHOLE_MOST
from tsnode.stores.memory import MemoryStore
from tsnode.stores.pins import Pins
from tsnode.testing.contracts import CacheStoreContract
from tsnode.testing.fills import KEY, make_alternate, take_all
from tsnode.testing.strategies import alternates


class MemoryStoreContract(CacheStoreContract, SynchronousTestCase):
    """It is a cache store."""

    def make_store(self, limit: int) -> ICacheStore:
        return MemoryStore(limit, cutoff=limit, most_alternates=0)


def put(store: MemoryStore, key: CacheKey, content: bytes, alternate: Alternate | None = None) -> Alternate | None:
    """Store a content of unknown length; what is then found newest."""
    fill = store.begin(key, alternate or make_alternate(), None)
    assert fill is not None
    fill.write(content)
    fill.commit()
    found = store.peek(key)
    return found[0] if found else None


def keys(*numbers: int) -> list[CacheKey]:
    return [CacheKey(b"http://a.example/%d" % number) for number in numbers]


class Keeping(SynchronousTestCase):
    """What it keeps, and what has to go."""

    @given(alternates())
    def test_all_that_was_known_of_an_answer_is_stored(self, alternate: Alternate) -> None:
        stored = put(MemoryStore(1_000_000, 1_000_000, 0), KEY, b"abc", alternate)
        assert stored is not None
        for row in fields(Alternate):
            if row.name not in ("content", "memo"):
                expected = 3 if row.name == "length" else getattr(alternate, row.name)
                self.assertEqual(getattr(stored, row.name), expected)

    def test_a_cutoff_limits_contents_in_a_small_store(self) -> None:
        """Traffic Server, ``ram_cache_cutoff``."""
        store = MemoryStore(100_000, 10_000, 0)
        self.assertIsNotNone(store.begin(KEY, make_alternate(length=10_000), None))
        self.assertIsNone(store.begin(KEY, make_alternate(length=10_001), None))
        self.assertIsNone(put(store, KEY, b"x" * 10_001))

    def test_a_sixteenth_of_a_large_store_may_be_one_content(self) -> None:
        store = MemoryStore(16_000_000, 10_000, 0)
        self.assertIsNotNone(store.begin(KEY, make_alternate(length=1_000_000), None))
        self.assertIsNone(store.begin(KEY, make_alternate(length=1_000_001), None))

    def test_a_store_of_no_size_stores_nothing(self) -> None:
        self.assertIsNone(MemoryStore(0, 1000, 0).begin(KEY, make_alternate(), None))

    def test_what_was_used_outlives_what_was_not(self) -> None:
        store = MemoryStore(100_000, 100_000, 0)
        first, second, third, *others = keys(*range(12))
        for key in (first, second, third):
            put(store, key, b"x" * 20_000)
        alternate = store.peek(first)[0]
        store.ready(alternate)
        store.open(store.peek(third)[0], 0, 1)
        for key in others[:3]:
            put(store, key, b"x" * 20_000)
        self.assertTrue(store.peek(first))
        self.assertFalse(store.peek(second))
        self.assertTrue(store.peek(third))

    def test_the_oldest_alternate_of_a_key_gives_way(self) -> None:
        """Traffic Server, ``limits.http.max_alts``."""
        store = MemoryStore(1_000_000, 1_000_000, 2)
        for mark in (b"1", b"2", b"3"):
            put(store, KEY, b"x", make_alternate(mark))
        self.assertEqual([alternate.terms.etag for alternate in store.peek(KEY)], [b'"3"', b'"2"'])
        self.assertEqual(store.usage().alternates, 2)

    def test_a_bigger_head_counts_once_it_is_freshened(self) -> None:
        store = MemoryStore(1_000_000, 1_000_000, 0)
        old = put(store, KEY, b"x")
        assert old is not None
        before = store.usage().octets
        store.freshen(KEY, old, replace(old, head=old.head + b"x" * 1000))
        self.assertGreaterEqual(store.usage().octets, before + 1000)

    def test_a_content_of_up_to_a_mebioctet_is_in_one_piece(self) -> None:
        store = MemoryStore(10_000_000, 10_000_000, 0)
        fill = store.begin(KEY, make_alternate(), None)
        assert fill is not None
        for _ in range(16):
            fill.write(b"x" * (WHOLE_MOST // 16))
        fill.commit()
        self.assertEqual(len(store.ready(store.peek(KEY)[0]) or b""), WHOLE_MOST)

    def test_a_longer_one_is_not_joined(self) -> None:
        store = MemoryStore(10_000_000, 10_000_000, 0)
        fill = store.begin(KEY, make_alternate(), None)
        assert fill is not None
        for _ in range(17):
            fill.write(b"x" * (WHOLE_MOST // 16))
        fill.commit()
        (alternate,) = store.peek(KEY)
        self.assertIs(store.ready(alternate), None)
        self.assertEqual(take_all(store.open(alternate, 1, WHOLE_MOST)), b"x" * WHOLE_MOST)

    def test_what_another_store_holds_is_not_ready_here(self) -> None:
        store = MemoryStore(1_000_000, 1_000_000, 0)
        foreign = make_alternate(length=3)
        self.assertIsNone(store.ready(foreign))
        self.assertIs(store.open(foreign, 0, 3).flow, Flow.FAILED)
        for drop in (store.discard, lambda key, alternate: store.freshen(key, alternate, alternate)):
            drop(KEY, foreign)
        self.assertEqual(store.peek(KEY), ())


class Filling(SynchronousTestCase):
    """What is being stored counts, too."""

    def test_a_fill_makes_room_as_it_grows(self) -> None:
        store = MemoryStore(100_000, 100_000, 0)
        for key in keys(*range(4)):
            put(store, key, b"x" * 20_000)
        fill = store.begin(KEY, make_alternate(), None)
        assert fill is not None
        for _ in range(9):
            fill.write(b"x" * 10_000)
            self.assertLessEqual(store.usage().octets, 100_000)
        fill.commit()
        self.assertEqual([alternate.length for alternate in store.peek(KEY)], [90_000])
        self.assertEqual(list(store.keys()), [KEY])

    def test_fills_that_leave_no_room_for_each_other_are_not_all_kept(self) -> None:
        store = MemoryStore(100_000, 100_000, 0)
        fills = [store.begin(key, make_alternate(), None) for key in keys(1, 2, 3)]
        for _ in range(6):
            for fill in fills:
                assert fill is not None
                fill.write(b"x" * 10_000)
                self.assertLessEqual(store.usage().octets, 100_000)
        for fill in fills:
            assert fill is not None
            fill.commit()
        self.assertGreaterEqual(store.usage().alternates, 1)
        self.assertLessEqual(store.usage().octets, 100_000)

    def test_a_fill_that_finds_no_room_at_its_end_is_not_kept(self) -> None:
        store = MemoryStore(50_000, 50_000, 0)
        other, last = keys(1, 2)
        holding = store.begin(other, make_alternate(), None)
        fill = store.begin(last, make_alternate(), None)
        assert holding is not None and fill is not None
        holding.write(b"x" * 49_000)
        fill.write(b"x")
        fill.commit()
        self.assertEqual(store.peek(last), ())
        holding.abort(BadGateway("cut short"))
        self.assertEqual(store.usage().octets, 0)

    def test_slow_readers_of_what_is_not_kept_cost_a_window_each(self) -> None:
        store = MemoryStore(1_000_000, 1_000_000, 0)
        piece = b"x" * 50_000
        fill = store.begin(KEY, make_alternate(), None)
        assert fill is not None
        reader = fill.read()
        for _ in range(100):
            if not fill.write(piece):
                while not fill.write(b""):
                    reader.take()
            self.assertLessEqual(store.usage().octets, 1_000_000 + WINDOW + len(piece) + 1000)
        fill.abort(BadGateway("cut short"))
        self.assertEqual(store.usage().octets, 0)
        take_all(reader)
        self.assertIs(reader.flow, Flow.FAILED)

    def test_what_cannot_be_kept_still_replaces_what_it_was_to_replace(self) -> None:
        """The origin has said that the old one is not its answer any more."""
        store = MemoryStore(100_000, 10_000, 0)
        old = put(store, KEY, b"old")
        fill = store.begin(KEY, make_alternate(), old)
        assert fill is not None
        fill.write(b"x" * 20_000)
        fill.commit()
        self.assertEqual(store.peek(KEY), ())


class Pinned(SynchronousTestCase):
    """Case 48; Traffic Server, cache.config ``pin-in-cache``."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.store = MemoryStore(100_000, 100_000, 0, pins=Pins(30_000, self.clock.seconds))

    def put(self, key: CacheKey, until: float = 0.0) -> None:
        kept = self.store.put(key, replace(make_alternate(length=6000), pinned_until=until), bytes(6000), None)
        self.assertIsNotNone(kept)

    def press(self) -> None:
        """Store more than there is room for."""
        for key in keys(*range(1000, 1030)):
            self.put(key)

    def held(self, *numbers: int) -> list[int]:
        """Which of the keys with these numbers have something."""
        return [number for number in numbers if self.store.peek(keys(number)[0])]

    def test_what_is_pinned_stays_until_its_time_is_over(self) -> None:
        self.put(keys(1)[0], until=60.0)
        self.put(keys(2)[0])
        self.press()
        self.assertEqual(self.held(1, 2), [1])
        self.clock.advance(60)
        self.press()
        self.assertEqual(self.held(1, 2), [])

    def test_a_time_that_is_over_pins_nothing(self) -> None:
        self.clock.advance(60)
        self.put(keys(1)[0], until=60.0)
        self.press()
        self.assertEqual(self.held(1), [])

    def test_a_store_without_pins_pins_nothing(self) -> None:
        self.store = MemoryStore(100_000, 100_000, 0)
        self.put(keys(1)[0], until=60.0)
        self.press()
        self.assertEqual(self.held(1), [])

    def test_beyond_their_share_the_pins_that_end_first_are_lost(self) -> None:
        for number, until in ((1, 50.0), (2, 90.0), (3, 40.0), (4, 80.0), (5, 70.0)):
            self.put(keys(number)[0], until)
        self.press()
        self.assertEqual(self.held(1, 2, 3, 4, 5), [2, 4, 5])

    def test_what_is_larger_than_their_share_is_not_pinned_and_costs_no_other_its_pin(self) -> None:
        self.put(keys(1)[0], until=60.0)
        self.store.put(keys(2)[0], replace(make_alternate(length=40_000), pinned_until=99.0), bytes(40_000), None)
        self.press()
        self.assertEqual(self.held(1, 2), [1])

    def test_a_confirmation_begins_the_time_anew(self) -> None:
        self.put(keys(1)[0], until=60.0)
        (alternate,) = self.store.peek(keys(1)[0])
        self.store.freshen(keys(1)[0], alternate, replace(alternate, pinned_until=100.0))
        self.clock.advance(70)
        self.press()
        self.assertEqual(self.held(1), [1])
        (alternate,) = self.store.peek(keys(1)[0])
        self.store.freshen(keys(1)[0], alternate, replace(alternate, pinned_until=0.0))
        self.assertEqual(self.store.usage().alternates, len(list(self.store.keys())))
        self.clock.advance(31)
        self.press()
        self.assertEqual(self.held(1), [])

    def test_a_confirmation_pins_what_was_not_pinned(self) -> None:
        self.put(keys(1)[0])
        (alternate,) = self.store.peek(keys(1)[0])
        self.store.freshen(keys(1)[0], alternate, replace(alternate, pinned_until=60.0))
        self.press()
        self.assertEqual(self.held(1), [1])
        self.clock.advance(60)
        (alternate,) = self.store.peek(keys(1)[0])
        self.store.freshen(keys(1)[0], alternate, replace(alternate, pinned_until=60.0))
        self.press()
        self.assertEqual(self.held(1), [])

    def test_what_is_removed_or_replaced_goes_pinned_or_not(self) -> None:
        for number in (1, 2):
            self.put(keys(number)[0], until=60.0)
        self.assertEqual(self.successResultOf(self.store.remove(keys(1)[0])), 1)
        (old,) = self.store.peek(keys(2)[0])
        self.store.put(keys(2)[0], make_alternate(length=5), b"other", old)
        self.assertEqual(self.held(1), [])
        self.press()
        self.assertEqual(self.held(2), [])
        self.assertLessEqual(self.store.usage().octets, 100_000)

    def test_a_content_longer_than_any_is_to_be_is_not_kept(self) -> None:
        """Traffic Server, ``proxy.config.cache.max_doc_size``."""
        store = MemoryStore(100_000, 100_000, 0, longest=5000)
        self.assertIsNone(store.begin(KEY, make_alternate(length=5001), None))
        self.assertIsNotNone(put(store, KEY, bytes(5000)))
        self.assertIsNone(put(store, CacheKey(b"other"), bytes(5001)))
