"""What the node counts."""

from __future__ import annotations

from dataclasses import fields

from hypothesis import given
from hypothesis.strategies import integers
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.counters import Counters

HTTP = "proxy.process.http."
NODE = "proxy.process.tsnode."


def values(counters: Counters) -> dict[str, int]:
    """Value by name."""
    return {name: value for name, value, _ in counters.read()}


class Catalogue(SynchronousTestCase):
    def test_every_counter_begins_at_nothing(self) -> None:
        self.assertEqual(set(values(Counters()).values()), {0})

    def test_every_counter_has_a_name_of_its_own(self) -> None:
        self.assertEqual(len(values(Counters())), len(fields(Counters)))

    def test_names_are_as_traffic_server_forms_them(self) -> None:
        for name in values(Counters()):
            self.assertRegex(name, r"\Aproxy\.process\.(http|net|tsnode)(\.[a-z0-9_]+)+\Z")

    def test_every_counter_is_told_in_a_sentence_of_its_own_or_as_the_same_in_part(self) -> None:
        texts = [text for _, _, text in Counters().read()]
        for text in texts:
            self.assertRegex(text, r"\A[A-Z].*\.\Z")
        whole = [text for text in texts if not text.startswith("The same,")]
        self.assertEqual(len(set(whole)), len(whole))

    def test_what_is_added_is_read(self) -> None:
        counters = Counters()
        counters.post_requests += 2
        found = values(counters)
        self.assertEqual(found.pop(HTTP + "post_requests"), 2)
        self.assertEqual(set(found.values()), {0})


class PlainHits(SynchronousTestCase):
    """The lane counts a hit once; readers see it wherever it belongs."""

    def test_a_plain_hit_is_a_fresh_hit_from_memory_answered_with_success(self) -> None:
        counters = Counters()
        counters.plain_hits += 1
        counters.plain_hit_octets += 300
        told = {name: value for name, value in values(counters).items() if value}
        self.assertEqual(told, {
            HTTP + "incoming_requests": 1,
            HTTP + "completed_requests": 1,
            HTTP + "get_requests": 1,
            HTTP + "2xx_responses": 1,
            HTTP + "cache_lookups": 1,
            HTTP + "cache_hit_fresh": 1,
            HTTP + "cache_hit_mem_fresh": 1,
            HTTP + "user_agent_total_response_bytes": 300,
            NODE + "plain_hits": 1,
            NODE + "plain_hit_octets": 300,
        })  # fmt: skip

    @given(integers(0, 1000), integers(0, 1000))
    def test_it_comes_on_top_of_what_the_long_way_counted(self, long: int, plain: int) -> None:
        counters = Counters(cache_hit_fresh=long, user_agent_total_response_bytes=long)
        counters.plain_hits, counters.plain_hit_octets = plain, plain
        found = values(counters)
        self.assertEqual(found[HTTP + "cache_hit_fresh"], long + plain)
        self.assertEqual(found[HTTP + "user_agent_total_response_bytes"], long + plain)

    def test_reading_adds_nothing(self) -> None:
        counters = Counters(plain_hits=3)
        self.assertEqual(values(counters), values(counters))
