"""What is held against an answer that a client got."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.testing.test_rfc9111 import NOW, PLAIN, copy
from tsnode.testing.rfc9111_got import Got, Window
from tsnode.testing.rfc9111_ledger import Ledger


class Judging(SynchronousTestCase):
    def setUp(self) -> None:
        self.ledger = Ledger(marked=False)
        self.served = copy(cache_control="max-age=10")
        self.ledger.serial = 1
        self.ledger.said(self.served.told)

    def check(self, later: float, body: bytes = b"x" * 10, status: int = 200) -> None:
        """Hold an answer that was given so much later against what was said."""
        fields = {**self.served.fields, "age": str(int(later))}
        got = Got(status, fields, body, complete=True)
        self.ledger.check(PLAIN, got, Window(self.ledger.serial, self.ledger.serial, NOW + later))

    def test_a_fresh_copy_may_be_served(self) -> None:
        self.check(5)

    def test_a_stale_one_may_not(self) -> None:
        self.assertRaises(AssertionError, self.check, 15)

    def test_octets_that_nobody_sent_may_not(self) -> None:
        self.assertRaises(AssertionError, self.check, 5, b"y" * 10)
        self.assertRaises(AssertionError, self.check, 5, b"x" * 9)

    def test_an_error_that_nothing_led_to_may_not(self) -> None:
        self.assertRaises(AssertionError, self.check, 5, b"", 412)
