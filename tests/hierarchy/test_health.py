"""Which next hops are marked down."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis.strategies import booleans, integers, lists, sampled_from, tuples
from twisted.trial.unittest import SynchronousTestCase

from tsnode.hierarchy.health import Health
from tsnode.model.neighbors import Hop, HopKind

NOW = 1_700_000_000.0
ORIGIN = Hop(b"a.example", 80)


class MarkedDown(SynchronousTestCase):
    """Traffic Server, ``proxy.config.http.down_server.cache_time``."""

    def test_a_hop_that_never_failed_is_not(self) -> None:
        health = Health(60)
        self.assertFalse(health.is_down(ORIGIN, NOW))
        health.failed(Hop(b"b.example", 80), NOW)
        self.assertFalse(health.is_down(ORIGIN, NOW))

    def test_another_time_holds_for_those_that_fail_from_then_on(self) -> None:
        health, other = Health(60), Hop(b"b.example", 80)
        health.failed(ORIGIN, NOW)
        health.down_time = 5
        health.failed(other, NOW)
        self.assertEqual([health.is_down(hop, NOW + 5) for hop in (ORIGIN, other)], [True, False])

    def test_one_that_failed_is_until_its_time_is_over(self) -> None:
        health = Health(60)
        health.failed(ORIGIN, NOW)
        self.assertTrue(health.is_down(ORIGIN, NOW))
        self.assertTrue(health.is_down(ORIGIN, NOW + 59.9))
        self.assertFalse(health.is_down(ORIGIN, NOW + 60))

    def test_another_failure_starts_the_time_anew(self) -> None:
        health = Health(60)
        health.failed(ORIGIN, NOW)
        health.failed(ORIGIN, NOW + 50)
        self.assertTrue(health.is_down(ORIGIN, NOW + 100))
        self.assertFalse(health.is_down(ORIGIN, NOW + 110))

    def test_an_answer_lifts_the_mark(self) -> None:
        health = Health(60)
        health.failed(ORIGIN, NOW)
        health.answered(ORIGIN)
        self.assertFalse(health.is_down(ORIGIN, NOW))

    def test_an_answer_of_one_hop_says_nothing_about_another(self) -> None:
        health = Health(60)
        health.failed(ORIGIN, NOW)
        health.answered(Hop(b"b.example", 80))
        self.assertTrue(health.is_down(ORIGIN, NOW))

    def test_two_ports_of_one_host_fail_apart(self) -> None:
        health = Health(60)
        health.failed(ORIGIN, NOW)
        self.assertFalse(health.is_down(replace(ORIGIN, port=8080), NOW))

    def test_what_a_hop_is_to_us_does_not_matter(self) -> None:
        health = Health(60)
        health.failed(ORIGIN, NOW)
        self.assertTrue(health.is_down(replace(ORIGIN, kind=HopKind.PARENT), NOW))

    def test_without_a_time_nothing_is_ever_marked(self) -> None:
        health = Health(0)
        health.failed(ORIGIN, NOW)
        self.assertFalse(health.is_down(ORIGIN, NOW))
        health.answered(ORIGIN)
        self.assertFalse(health.is_down(ORIGIN, NOW))


class Bound(SynchronousTestCase):
    """How many marks a client can make us keep by asking for hosts that do not answer."""

    def test_the_oldest_mark_gives_way_to_the_ten_thousand_and_first(self) -> None:
        health = Health(60)
        hops = [Hop(b"%d.example" % number, 80) for number in range(10_001)]
        for hop in hops:
            health.failed(hop, NOW)
        self.assertEqual([hop for hop in hops if not health.is_down(hop, NOW)], hops[:1])

    def test_a_hop_that_fails_again_is_not_the_oldest_any_more(self) -> None:
        health = Health(60)
        hops = [Hop(b"%d.example" % number, 80) for number in range(10_001)]
        for hop in (*hops[:9_999], hops[0], *hops[9_999:]):
            health.failed(hop, NOW)
        self.assertEqual([hop for hop in hops if not health.is_down(hop, NOW)], hops[1:2])


class Histories(SynchronousTestCase):
    @given(lists(tuples(sampled_from((80, 8080)), booleans(), integers(0, 40))))
    def test_a_hop_is_down_where_its_last_report_is_a_failure_less_than_the_time_ago(
        self, reports: list[tuple[int, bool, int]]
    ) -> None:
        health = Health(60)
        now = NOW
        down_until = {80: 0.0, 8080: 0.0}
        for port, failed, pause in reports:
            hop = Hop(b"a.example", port)
            if failed:
                health.failed(hop, now)
                down_until[port] = now + 60
            else:
                health.answered(hop)
                down_until[port] = 0.0
            now += pause
            for other, until in down_until.items():
                self.assertEqual(health.is_down(Hop(b"a.example", other), now), now < until)
