"""The store that stores nothing."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from tsnode.ports import Flow, ICacheStore, IContent, StoreUsage
from tsnode.stores.absent import AbsentStore
from tsnode.testing.fills import KEY, make_alternate


class Absent(SynchronousTestCase):
    def setUp(self) -> None:
        self.store = AbsentStore()

    def test_it_provides_the_interface(self) -> None:
        verifyObject(ICacheStore, self.store)

    def test_it_takes_nothing(self) -> None:
        self.assertIsNone(self.store.begin(KEY, make_alternate(length=0), None))
        self.assertIsNone(self.store.begin(KEY, make_alternate(), None))
        self.assertIsNone(self.store.put(KEY, make_alternate(), b"", None))

    def test_nothing_is_found(self) -> None:
        self.store.freshen(KEY, make_alternate(), make_alternate())
        self.store.discard(KEY, make_alternate())
        self.assertEqual(self.store.peek(KEY), ())
        self.assertEqual(self.successResultOf(self.store.find(KEY)), ())
        self.assertEqual(self.successResultOf(self.store.remove(KEY)), 0)
        self.assertEqual(list(self.store.keys()), [])
        self.assertEqual(self.store.usage(), StoreUsage(0, 0, 0))

    def test_what_others_stored_cannot_be_read_here(self) -> None:
        self.assertIsNone(self.store.ready(make_alternate(length=3)))
        content = self.store.open(make_alternate(length=3), 0, 3)
        verifyObject(IContent, content)
        self.assertIs(content.flow, Flow.FAILED)

    def test_closing_ends(self) -> None:
        self.assertIsNone(self.successResultOf(self.store.close()))
