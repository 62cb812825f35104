"""
What every implementation of a port has to do, as test cases.

A test module of an implementation subclasses a contract together with ``SynchronousTestCase`` and says how to make
one. Everything is expected to happen at once: what needs a thread or a network gets one that answers immediately.
"""

from __future__ import annotations

from dataclasses import replace

from zope.interface.verify import verifyObject

from tsnode.model.alternate import Alternate
from tsnode.model.errors import BadGateway
from tsnode.model.spans import Holding, Span
from tsnode.model.target import CacheKey
from tsnode.ports import Flow, ICacheStore, IContent, IFill
from tsnode.testing.fills import KEY, LIMIT, FillContract, make_alternate, take_all
from tsnode.testing.histories import check_histories

__all__ = ["CacheStoreContract"]

_OTHER = CacheKey(b"http://b.example/")


class CacheStoreContract(FillContract):
    """What is expected of every :class:`tsnode.ports.ICacheStore` that stores something."""

    def store(self, store: ICacheStore, mark: bytes, content: bytes, key: CacheKey = KEY) -> Alternate:
        """Store one answer; what is then found of it."""
        fill = self.begin(store, make_alternate(mark), key=key)
        fill.write(content)
        fill.commit()
        return store.peek(key)[0]

    def marks(self, store: ICacheStore, key: CacheKey = KEY) -> list[bytes | None]:
        """The entity tags of what is stored under a key, seen both ways."""
        seen = [alternate.terms.etag for alternate in store.peek(key)]
        found = self.successResultOf(store.find(key))
        self.assertEqual([alternate.terms.etag for alternate in found], seen)
        return seen

    def assert_content(self, store: ICacheStore, alternate: Alternate, content: bytes) -> None:
        """The content is there, by every way to it."""
        self.assertEqual(alternate.length, len(content))
        ready = store.ready(alternate)
        if ready is not None:
            self.assertEqual(ready, content)
        reader = store.open(alternate, 0, len(content))
        self.assertEqual(take_all(reader), content)
        self.assertIs(reader.flow, Flow.ENDED)

    def test_it_provides_the_interfaces(self) -> None:
        store = self.make_store(LIMIT)
        verifyObject(ICacheStore, store)
        fill = self.begin(store, make_alternate())
        verifyObject(IFill, fill)
        verifyObject(IContent, fill.read())
        verifyObject(IContent, store.open(self.store(store, b"1", b"abc"), 0, 3))

    def test_an_unknown_key_has_no_alternates(self) -> None:
        store = self.make_store(LIMIT)
        self.assertEqual(self.marks(store), [])
        self.assertEqual(self.successResultOf(store.remove(KEY)), 0)
        self.assertEqual(list(store.keys()), [])

    def test_an_answer_is_found_once_it_is_whole_and_not_before(self) -> None:
        store = self.make_store(LIMIT)
        fill = self.begin(store, make_alternate(b"1", 6))
        for octets in (b"abc", memoryview(b"xdefx")[1:4]):
            fill.write(octets)
            self.assertEqual(self.marks(store), [])
            self.assertEqual(list(store.keys()), [])
        fill.commit()
        self.assertEqual(self.marks(store), [b'"1"'])
        (alternate,) = store.peek(KEY)
        self.assert_content(store, alternate, b"abcdef")
        self.assertEqual(alternate.head, make_alternate(b"1").head)

    def test_an_answer_that_is_all_here_is_stored_in_one_step(self) -> None:
        store = self.make_store(LIMIT)
        old = self.store(store, b"1", b"one")
        kept = store.put(KEY, make_alternate(b"2", 3), memoryview(b"xtwox")[1:4], old)
        self.assertEqual(self.marks(store), [b'"2"'])
        self.assertIs(store.peek(KEY)[0], kept)
        self.assert_content(store, store.peek(KEY)[0], b"two")
        self.assertIsNotNone(store.put(KEY, make_alternate(b"3"), b"three", None))
        self.assertEqual(self.marks(store), [b'"3"', b'"2"'])

    def test_an_answer_that_cannot_be_taken_changes_nothing(self) -> None:
        store = self.make_store(LIMIT)
        old = self.store(store, b"1", b"one")
        self.assertIsNone(store.put(KEY, make_alternate(b"2", 4), b"two", old))
        self.assertIsNone(store.put(KEY, make_alternate(b"3"), b"x" * (LIMIT + 1), old))
        self.assertEqual(self.marks(store), [b'"1"'])

    def test_an_answer_without_content_is_stored_too(self) -> None:
        store = self.make_store(LIMIT)
        self.assert_content(store, self.store(store, b"1", b""), b"")

    def test_a_content_that_is_shorter_than_announced_is_never_found(self) -> None:
        """RFC 9111 §3.3: what is incomplete must not be taken for complete."""
        store = self.make_store(LIMIT)
        fill = self.begin(store, make_alternate(b"1", 6))
        reader = fill.read()
        fill.write(b"abc")
        fill.commit()
        self.assertEqual(self.marks(store), [])
        self.assertEqual(take_all(reader), b"abc")
        self.assertIs(reader.flow, Flow.FAILED)

    def test_the_newest_alternate_comes_first(self) -> None:
        store = self.make_store(LIMIT)
        for mark in (b"1", b"2", b"3"):
            self.store(store, mark, b"content of " + mark)
        self.assertEqual(self.marks(store), [b'"3"', b'"2"', b'"1"'])
        for alternate, mark in zip(store.peek(KEY), (b"3", b"2", b"1"), strict=True):
            self.assert_content(store, alternate, b"content of " + mark)

    def test_what_was_aborted_is_never_found(self) -> None:
        store = self.make_store(LIMIT)
        before = store.usage()
        fill = self.begin(store, make_alternate())
        fill.write(b"abc")
        fill.abort(BadGateway("cut short"))
        self.assertEqual(self.marks(store), [])
        self.assertEqual(store.usage(), before)

    def test_what_came_of_an_aborted_content_is_kept_as_a_part_where_that_is_wanted(self) -> None:
        """RFC 9111 §3.3."""
        store = self.make_store(LIMIT)
        old = self.store(store, b"1", b"one")
        fill = self.begin(store, make_alternate(b"2", 6), replaced=old)
        reader = fill.read()
        fill.write(b"abc")
        part = replace(make_alternate(b"2", 3), parts=Holding(6, (Span(0, 2),)))
        fill.abort(BadGateway("cut short"), part)
        self.assertEqual(take_all(reader), b"abc")
        self.assertIs(reader.flow, Flow.FAILED)
        self.assertEqual(self.marks(store), [b'"2"', b'"1"'])
        kept = store.peek(KEY)[0]
        self.assertEqual((kept.parts, kept.length), (part.parts, 3))
        self.assert_content(store, kept, b"abc")

    def test_a_part_that_is_not_as_long_as_what_came_is_not_kept(self) -> None:
        store = self.make_store(LIMIT)
        fill = self.begin(store, make_alternate(b"2", 6))
        fill.write(b"abc")
        part = replace(make_alternate(b"2", 2), parts=Holding(6, (Span(0, 1),)))
        fill.abort(BadGateway("cut short"), part)
        self.assertEqual(self.marks(store), [])

    def test_a_second_ending_changes_nothing(self) -> None:
        store = self.make_store(LIMIT)
        kept, dropped = self.begin(store, make_alternate(b"1")), self.begin(store, make_alternate(b"2"), key=_OTHER)
        kept.write(b"abc")
        kept.commit()
        dropped.abort(BadGateway("cut short"))
        for fill in (kept, dropped):
            fill.abort(BadGateway("again"))
            fill.commit()
        self.assertEqual(self.marks(store), [b'"1"'])
        self.assertEqual(self.marks(store, _OTHER), [])

    def test_a_new_answer_takes_the_place_of_the_one_it_replaces(self) -> None:
        store = self.make_store(LIMIT)
        self.store(store, b"1", b"one")
        old = self.store(store, b"2", b"two")
        fill = self.begin(store, make_alternate(b"3"), replaced=old)
        fill.write(b"three")
        self.assertEqual(self.marks(store), [b'"2"', b'"1"'])
        fill.commit()
        self.assertEqual(self.marks(store), [b'"3"', b'"1"'])

    def test_a_replacement_that_fails_leaves_what_was_there(self) -> None:
        store = self.make_store(LIMIT)
        old = self.store(store, b"1", b"one")
        fill = self.begin(store, make_alternate(b"2"), replaced=old)
        fill.abort(BadGateway("cut short"))
        self.assertEqual(self.marks(store), [b'"1"'])
        self.assert_content(store, store.peek(KEY)[0], b"one")

    def test_replacing_what_was_freshened_meanwhile_leaves_one(self) -> None:
        store = self.make_store(LIMIT)
        old = self.store(store, b"1", b"one")
        fill = self.begin(store, make_alternate(b"3"), replaced=old)
        store.freshen(KEY, old, make_alternate(b"2"))
        fill.commit()
        self.assertEqual(self.marks(store), [b'"3"'])

    def test_replacing_what_has_gone_meanwhile_just_stores(self) -> None:
        store = self.make_store(LIMIT)
        old = self.store(store, b"1", b"one")
        fill = self.begin(store, make_alternate(b"2"), replaced=old)
        store.discard(KEY, old)
        fill.commit()
        self.assertEqual(self.marks(store), [b'"2"'])

    def test_a_freshened_alternate_keeps_its_content_and_place(self) -> None:
        """RFC 9111 §4.3.4."""
        store = self.make_store(LIMIT)
        old = self.store(store, b"1", b"one")
        self.store(store, b"2", b"two")
        store.freshen(KEY, old, make_alternate(b"1 again"))
        self.assertEqual(self.marks(store), [b'"2"', b'"1 again"'])
        self.assert_content(store, store.peek(KEY)[1], b"one")
        self.assert_content(store, store.peek(KEY)[0], b"two")

    def test_freshening_what_has_gone_stores_nothing(self) -> None:
        store = self.make_store(LIMIT)
        old = self.store(store, b"1", b"one")
        store.discard(KEY, old)
        store.freshen(KEY, old, make_alternate(b"2"))
        self.assertEqual(self.marks(store), [])

    def test_discarding_drops_one_alternate_once(self) -> None:
        store = self.make_store(LIMIT)
        old = self.store(store, b"1", b"one")
        self.store(store, b"2", b"two")
        for _ in range(2):
            store.discard(KEY, old)
            self.assertEqual(self.marks(store), [b'"2"'])

    def test_removing_drops_all_alternates_of_a_key(self) -> None:
        store = self.make_store(LIMIT)
        self.store(store, b"1", b"one")
        self.store(store, b"2", b"two")
        self.store(store, b"3", b"three", _OTHER)
        self.assertEqual(sorted(store.keys()), [KEY, _OTHER])
        self.assertEqual(self.successResultOf(store.remove(KEY)), 2)
        self.assertEqual(self.marks(store), [])
        self.assertEqual(self.marks(store, _OTHER), [b'"3"'])
        self.assertEqual(list(store.keys()), [_OTHER])

    def test_keys_are_those_of_the_moment_they_were_asked_for(self) -> None:
        store = self.make_store(LIMIT)
        self.store(store, b"1", b"one")
        self.store(store, b"2", b"two", _OTHER)
        keys = store.keys()
        for key in keys:
            self.successResultOf(store.remove(key))
        self.assertEqual(list(store.keys()), [])

    def test_who_reads_what_is_dropped_may_finish(self) -> None:
        store = self.make_store(LIMIT)
        content = bytes(range(256)) * 1000
        for drop in (
            lambda stored: store.discard(KEY, stored),
            lambda stored: self.successResultOf(store.remove(KEY)),
        ):
            alternate = self.store(store, b"1", content)
            reader = store.open(alternate, 0, len(content))
            drop(alternate)
            self.assertEqual(take_all(reader), content)
            self.assertIs(reader.flow, Flow.ENDED)

    def test_any_part_of_a_content_can_be_read(self) -> None:
        store = self.make_store(LIMIT)
        content = bytes(range(256)) * 1000
        alternate = self.store(store, b"1", content)
        for offset, length in ((0, 0), (0, 1), (1, 255_998), (255_999, 1), (256_000, 0), (65_535, 2), (9, 65_536)):
            reader = store.open(alternate, offset, length)
            self.assertEqual(take_all(reader), content[offset : offset + length])
            self.assertIs(reader.flow, Flow.ENDED)

    def test_a_part_that_is_not_there_fails(self) -> None:
        store = self.make_store(LIMIT)
        alternate = self.store(store, b"1", b"one")
        for offset, length in ((0, 4), (3, 1), (-1, 1), (0, -1)):
            reader = store.open(alternate, offset, length)
            self.assertIsNone(reader.take())
            self.assertIs(reader.flow, Flow.FAILED)
            self.assertIsNotNone(reader.failure)

    def test_usage_grows_and_returns_to_what_it_was(self) -> None:
        store = self.make_store(LIMIT)
        empty = store.usage()
        self.assertEqual(empty.alternates, 0)
        self.store(store, b"1", b"x" * 10_000)
        one = store.usage()
        self.assertEqual(one.alternates, 1)
        self.assertGreaterEqual(one.octets, empty.octets + 10_000)
        second = self.store(store, b"2", b"x" * 10_000)
        self.assertEqual(store.usage().alternates, 2)
        store.discard(KEY, second)
        self.assertEqual(store.usage(), one)
        self.successResultOf(store.remove(KEY))
        self.assertEqual(store.usage(), empty)

    def test_the_limit_is_kept_and_what_came_last_is_there(self) -> None:
        store = self.make_store(100_000)
        for number in range(200):
            key = CacheKey(b"http://a.example/%d" % number)
            self.store(store, b"%d" % number, b"x" * 10_000, key)
            self.assertEqual(len(store.peek(key)), 1)
            self.assertLessEqual(store.usage().octets, 100_000)

    def test_what_can_never_fit_is_refused_at_once(self) -> None:
        store = self.make_store(100_000)
        self.assertIsNone(store.begin(KEY, make_alternate(b"1", 100_001), None))

    def test_any_history_leaves_what_a_dictionary_would(self) -> None:
        check_histories(self.make_store)

    def test_closing_ends(self) -> None:
        store = self.make_store(LIMIT)
        self.store(store, b"1", b"one")
        self.assertIsNone(self.successResultOf(store.close()))
