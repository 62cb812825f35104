"""Whether a try that failed is worth another."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import booleans, integers, sampled_from
from twisted.trial.unittest import SynchronousTestCase

from tsnode.hierarchy.retries import IDEMPOTENT, may_try_again
from tsnode.model.errors import UpstreamFailed
from tsnode.model.settings import Retries

REFUSED = UpstreamFailed("connection refused", committed=False)
CUT_OFF = UpstreamFailed("closed without an answer", committed=True)
LIMITS = Retries()


def tries_made(method: bytes, failure: UpstreamFailed, *, down: bool = False, limits: Retries = LIMITS) -> int:
    """How often a request without content is sent where each try fails like this."""
    tries = 1
    while tries < 100 and may_try_again(method, failure, False, tries, down, limits):
        tries += 1
    return tries


class Tries(SynchronousTestCase):
    """Traffic Server, ``connect_attempts_max_retries`` and its sibling for servers marked down."""

    def test_one_more_than_there_are_retries(self) -> None:
        self.assertEqual(tries_made(b"GET", REFUSED), 4)
        self.assertEqual(tries_made(b"GET", REFUSED, limits=Retries(live=0)), 1)

    def test_fewer_where_the_hop_is_marked_down(self) -> None:
        self.assertEqual(tries_made(b"GET", REFUSED, down=True), 2)
        self.assertEqual(tries_made(b"GET", REFUSED, down=True, limits=Retries(live=9, down=0)), 1)

    def test_a_name_without_address_is_not_looked_up_again(self) -> None:
        unknown = UpstreamFailed("no address", committed=False, status=500, reason=b"Cannot find server.")
        self.assertEqual(tries_made(b"GET", unknown), 1)

    def test_a_client_does_not_wait_twice_for_a_hop_that_says_nothing(self) -> None:
        silent = UpstreamFailed("no answer in time", committed=False, status=504)
        self.assertEqual(tries_made(b"GET", silent), 1)


class SentAlready(SynchronousTestCase):
    """RFC 9110 §9.2.2."""

    def test_a_request_that_may_have_arrived_is_repeated_only_if_that_does_no_harm(self) -> None:
        for method in (b"GET", b"HEAD", b"OPTIONS", b"TRACE", b"PUT", b"DELETE"):
            self.assertEqual(tries_made(method, CUT_OFF), 4, method)
        for method in (b"POST", b"PATCH", b"PUSH", b"BREW", b"get"):
            self.assertEqual(tries_made(method, CUT_OFF), 1, method)

    def test_any_request_that_never_left_may_be_repeated(self) -> None:
        self.assertEqual(tries_made(b"POST", REFUSED), 4)

    @given(sampled_from((REFUSED, CUT_OFF)), sampled_from(sorted({*IDEMPOTENT, b"POST"})), integers(0, 9), booleans())
    def test_content_that_was_taken_cannot_be_sent_again(
        self, failure: UpstreamFailed, method: bytes, tries: int, down: bool
    ) -> None:
        self.assertFalse(may_try_again(method, failure, True, tries, down, LIMITS))

    def test_a_link_closed_as_idle_costs_no_try(self) -> None:
        """RFC 9112 §9.3.1: it does not count, so that even without retries there is another."""
        idle = UpstreamFailed("closed as idle", committed=True, reused=True)
        self.assertTrue(may_try_again(b"GET", idle, False, 0, False, Retries(live=0)))
