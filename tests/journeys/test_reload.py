"""A node whose configuration changes while it works."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis.strategies import lists, sampled_from
from twisted.trial.unittest import SynchronousTestCase

from tests.journeys.answers import answer, ask
from tsnode.config.tree import Configuration
from tsnode.net.lane import Lane
from tsnode.service.reload import Outcome
from tsnode.testing.node import ClientInMemory, NodeInMemory
from tsnode.transaction.services import Services

FRESH = "Cache-Control: max-age=600"
OLD = "Last-Modified: Mon, 01 Jan 2001 00:00:00 GMT"
LOOPBACK = "ip_allow:\n  - apply: in\n    ip_addrs: 127.0.0.0/8\n    action: allow\n    methods: %s\n"
NOBODY = "ip_allow:\n  - apply: in\n    ip_addrs: 127.0.0.0/8\n    action: deny\n    methods: ALL\n"


def setting(name: str, value: object, kind: str = "INT") -> str:
    return f"CONFIG proxy.config.{name} {kind} {value}\n"


def statuses(client: ClientInMemory) -> list[int]:
    return [found.status for found in client.answers()]


class Requests(SynchronousTestCase):
    """Each is served under one configuration, from its beginning to its end."""

    def setUp(self) -> None:
        self.node = NodeInMemory()
        self.origin = self.node.at("a.example").answer(answer(FRESH))
        self.client = self.node.client()

    def test_the_next_request_of_a_connection_that_is_there_is_served_as_the_new_files_say(self) -> None:
        self.node.at("b.example").answer(answer(body=b"from b"))
        self.client.send(ask("/page"))
        self.node.rewrite(remap="map http://a.example/ http://b.example/\n").reload()
        self.client.send(ask("/page"))
        self.assertEqual([found.body for found in self.client.answers()], [b"hello", b"from b"])

    def test_one_under_way_ends_as_it_began(self) -> None:
        self.origin.answer(None)
        self.client.send(ask("/page"))
        self.node.rewrite(
            records=setting("http.insert_response_via_str", 1) + setting("http.transaction_no_activity_timeout_out", 9),
            ip_allow=NOBODY,
        ).reload()
        self.origin.say(answer(FRESH))
        (found,) = self.client.answers()
        self.assertEqual(found.body, b"hello")
        self.assertNotIn(b"via", found.fields)

    def test_hits_look_as_the_new_files_say_on_the_lane_as_well(self) -> None:
        for _ in range(3):
            self.client.send(ask("/page"))
        plain = self.node.counters.plain_hits
        self.assertGreater(plain, 0)
        self.node.rewrite(
            records=setting("http.insert_response_via_str", 1) + setting("http.insert_age_in_response", 0)
        ).reload()
        for _ in range(2):
            self.client.send(ask("/page"))
        self.assertEqual(self.node.counters.plain_hits, plain + 2)
        for found in self.client.answers()[3:]:
            self.assertIn(b"via", found.fields)
            self.assertNotIn(b"age", found.fields)

    def test_what_is_stored_stays_and_is_not_served_where_the_new_policy_does_not(self) -> None:
        """Traffic Server, ``proxy.config.http.cache.when_to_revalidate``, ``proxy.config.http.cache.http``."""
        self.origin.answer(answer(FRESH, 'ETag: "a"'), answer('ETag: "a"', status="304 Not Modified", body=b""))
        self.client.send(ask("/page")).send(ask("/page"))
        self.assertEqual(len(self.origin.requests), 1)
        for records, asked in (
            (setting("http.cache.when_to_revalidate", 2), 2),
            (setting("http.cache.when_to_revalidate", 3), 2),
            (setting("http.cache.http", 0), 3),
            ("", 3),
        ):
            self.node.rewrite(records=records).reload()
            self.client.send(ask("/page"))
            self.assertEqual(len(self.origin.requests), asked, records)

    def test_nobody_joins_a_fetch_of_the_configuration_before(self) -> None:
        self.origin.answer(None)
        self.client.send(ask("/page"))
        self.node.rewrite(records=setting("http.cache.ignore_authentication", 1)).reload()
        late = [self.node.client().send(ask("/page")) for _ in range(2)]
        self.assertEqual(len(self.origin.requests), 2)
        for link in self.origin.links:
            self.origin.say(answer(FRESH), link)
        self.assertEqual([statuses(client) for client in (self.client, *late)], [[200]] * 3)

    def test_a_client_that_may_no_longer_is_refused_at_its_next_request_and_a_new_one_at_once(self) -> None:
        self.client.send(ask("/page")).send(ask("/page"))
        self.node.rewrite(ip_allow=NOBODY).reload()
        self.client.send(ask("/page"))
        self.assertEqual(statuses(self.client), [200, 200, 403])
        self.assertTrue(self.client.closed)
        self.assertTrue(self.node.client().closed)

    def test_a_client_may_have_got_the_lane_back(self) -> None:
        node = NodeInMemory(ip_allow=LOOPBACK % "HEAD")
        node.at("a.example").answer(answer(FRESH))
        client = node.client()
        node.rewrite(ip_allow=LOOPBACK % "ALL").reload()
        for _ in range(3):
            client.send(ask("/page"))
        self.assertEqual(statuses(client), [200] * 3)
        self.assertGreater(node.counters.plain_hits, 0)

    def test_timeouts_of_clients_are_the_new_ones_from_the_next_request_on(self) -> None:
        self.node.rewrite(records=setting("http.keep_alive_no_activity_timeout_in", 5)).reload()
        self.client.send(ask("/page"))
        self.node.pass_time(6)
        self.assertTrue(self.client.closed)

    def test_no_request_of_a_pipeline_is_lost(self) -> None:
        self.origin.answer(None)
        self.client.send(ask("/1") + ask("/2"))
        self.node.rewrite(records=setting("http.insert_response_via_str", 1)).reload()
        self.origin.answer(answer()).say(answer())
        first, second = self.client.answers()
        self.assertEqual((b"via" in first.fields, b"via" in second.fields), (False, True))


class NextHops(SynchronousTestCase):
    """Connections to them, and what is known about them."""

    def setUp(self) -> None:
        self.node = NodeInMemory()
        self.origin = self.node.at("a.example").answer(answer("Cache-Control: no-store"))

    def connections(self) -> int:
        """How many there were so far, and one request more."""
        self.node.get("http://a.example/")
        return len(self.origin.links)

    def test_those_that_are_kept_are_used_on_where_nothing_was_said_about_them(self) -> None:
        self.connections()
        self.node.rewrite(records=setting("http.insert_response_via_str", 1)).reload()
        self.assertEqual(self.connections(), 1)

    def test_those_made_under_other_terms_are_closed_as_soon_as_they_are_idle(self) -> None:
        self.connections()
        self.origin.answer(None)
        client = self.node.client().send(ask("/slow"))
        self.node.client().send(ask("/slower")).leave()
        self.node.rewrite(records=setting("http.keep_alive_no_activity_timeout_out", 5)).reload()
        self.origin.answer(answer("Cache-Control: no-store")).say(answer(), self.origin.links[0])
        self.assertEqual(statuses(client), [200])
        self.assertFalse(self.origin.links[0].open)
        before = len(self.origin.links)
        self.assertEqual(self.connections(), before + 1)
        self.assertEqual(self.connections(), before + 1)
        self.assertTrue(self.origin.links[-1].open)
        self.node.pass_time(6)
        self.assertFalse(self.origin.links[-1].open)

    def test_one_that_is_down_stays_down_and_others_are_down_for_the_new_time(self) -> None:
        """Traffic Server, ``proxy.config.http.down_server.cache_time``."""
        tries = setting("http.connect_attempts_max_retries", 2)
        self.node.rewrite(records=tries).reload()
        self.node.get("http://b.example/")
        attempts = len(self.node.network.attempts)
        self.node.rewrite(records=tries + setting("http.down_server.cache_time", 1)).reload()
        self.node.get("http://b.example/")
        down = len(self.node.network.attempts) - attempts
        self.node.get("http://c.example/")
        self.node.pass_time(2)
        attempts = len(self.node.network.attempts)
        self.node.get("http://c.example/")
        self.assertGreater(len(self.node.network.attempts) - attempts, down)

    def test_a_node_that_stops_closes_those_of_every_configuration(self) -> None:
        self.origin.answer(None)
        self.node.client().send(ask("/slow"))
        self.node.rewrite(records=setting("http.keep_alive_no_activity_timeout_out", 5)).reload()
        self.node.client().send(ask("/slow"))
        stopping = self.node.service.stopService()
        self.node.pass_time(6)
        self.successResultOf(stopping)
        self.assertEqual([link.open for link in self.origin.links], [False, False])


class Files(SynchronousTestCase):
    """What is taken, and what is not."""

    def setUp(self) -> None:
        self.node = NodeInMemory(remap="map http://x.example/ http://a.example/\n")
        self.node.at("a.example").answer(answer())

    def outcomes(self, report: Any) -> dict[str, Outcome]:
        return {Path(each.file).name: each.outcome for each in report.files}

    def test_nothing_is_taken_where_one_is_faulty(self) -> None:
        self.node.rewrite(records=setting("http.insert_response_via_str", 1), remap="mop\n")
        report = self.node.reload()
        self.assertFalse(report.swapped)
        self.assertEqual(
            self.outcomes(report), {"records.config": Outcome.LEFT, "remap.config": Outcome.REFUSED}
        )
        self.assertNotIn(b"via", self.node.get("http://x.example/").fields)

    def test_each_is_told_to_be_unchanged_taken_or_gone(self) -> None:
        report = self.node.reload()
        self.assertEqual(set(self.outcomes(report).values()), {Outcome.UNCHANGED})
        self.assertFalse(report.swapped)
        report = self.node.rewrite(remap="", ip_allow=LOOPBACK % "ALL").reload()
        self.assertEqual(
            self.outcomes(report),
            {"records.config": Outcome.UNCHANGED, "remap.config": Outcome.GONE, "ip_allow.yaml": Outcome.TAKEN},
        )
        self.assertTrue(report.swapped)

    def test_ports_name_and_store_stay_until_a_restart(self) -> None:
        changes = (
            setting("http.server_ports", "9999", "STRING")
            + setting("proxy_name", "other", "STRING")
            + setting("cache.ram_cache.size", "1M")
            + setting("http.insert_response_via_str", 1)
        )
        report = self.node.rewrite(records=changes).reload()
        self.assertEqual(
            [(kept.variable, kept.running, kept.wanted) for kept in report.kept],
            [
                ("proxy.config.http.server_ports", "8080", "9999"),
                ("proxy.config.proxy_name", None, "other"),
                ("proxy.config.cache.ram_cache.size", -1, 1 << 20),
            ],
        )
        found = self.node.get("http://x.example/").fields.get(b"via")
        assert found is not None
        self.assertNotIn(b"other", found)
        self.assertFalse(self.node.reload().kept, "nothing has changed since")

    def test_the_log_is_opened_moved_and_closed(self) -> None:
        one, two = Path(self.mktemp()).absolute(), Path(self.mktemp()).absolute()
        for number, folder in enumerate((one, two, None)):
            records = setting("log.logging_enabled", 3 if folder else 0)
            if folder:
                records += setting("log.logfile_dir", folder, "STRING")
            self.node.rewrite(records=records).reload()
            self.node.get(f"http://x.example/{number}")
            self.node.pass_time(2)
        self.assertEqual(
            [[line.split()[6] for line in (folder / "squid.log").read_text().splitlines()] for folder in (one, two)],
            [["http://a.example/0"], ["http://a.example/1"]],
        )

    def test_a_hang_up_reloads_until_the_node_stops(self) -> None:
        self.node.rewrite(records=setting("http.insert_response_via_str", 1)).hang_up()
        self.assertIn(b"via", self.node.get("http://x.example/").fields)
        stopping = self.node.service.stopService()
        self.node.network.settle()
        self.successResultOf(stopping)
        self.node.hang_up()


class Garbage(SynchronousTestCase):
    """What nobody uses any more goes."""

    def count(self) -> list[int]:
        gc.collect()
        found = [type(each) for each in gc.get_objects()]
        return [found.count(kind) for kind in (Configuration, Services, Lane)]

    def test_a_configuration_goes_with_the_last_transaction_under_it(self) -> None:
        node = NodeInMemory()
        origin = node.at("a.example").answer(answer(FRESH))
        client = node.client()
        for _ in range(3):
            client.send(ask("/page"))
        alone = self.count()
        origin.answer(None)
        slow = node.client().send(ask("/slow"))
        for number in range(1, 6):
            node.rewrite(
                records=setting("http.keep_alive_no_activity_timeout_out", number),
                remap=f"map http://{number}.example/ http://a.example/\n",
            ).reload()
            client.send(ask("/page"))
        # the one that the slow transaction began under, and the present one
        self.assertEqual(self.count(), [alone[0], alone[1] + 1, alone[2]])
        origin.say(answer(), origin.links[-1])
        self.assertEqual(statuses(slow), [200])
        self.assertEqual(self.count(), alone)


POLICIES = [
    setting(f"http.cache.{name}", value)
    for name, values in (
        ("when_to_revalidate", (0, 1, 2, 3, 4)), ("ignore_server_no_cache", (0, 1)), ("http", (0, 1)),
        ("guaranteed_min_lifetime", (0, 60)), ("generation", (-1, 1)),
    )
    for value in values
] + [setting("http.insert_age_in_response", 0), setting("http.insert_response_via_str", 1)]  # fmt: skip


class Law(SynchronousTestCase):
    """The lane and the long way agree, whatever the configurations were before."""

    @settings(max_examples=max(10, settings().max_examples // 4), deadline=None)
    @given(
        lists(lists(sampled_from(POLICIES), max_size=3), min_size=1, max_size=4),
        lists(sampled_from([FRESH, "Cache-Control: no-cache", "Vary: Accept", OLD]), max_size=2),
        lists(sampled_from([0, 1, 61, 4000]), min_size=4, max_size=4),
    )  # fmt: skip
    def test_after_reloads_a_plain_hit_is_what_the_long_way_would_answer(
        self, configurations: list[list[str]], lines: list[str], pauses: list[int]
    ) -> None:
        node = NodeInMemory()
        origin = node.at("a.example").answer(answer(*lines, 'ETag: "a"'))
        client = node.client()
        for _ in range(3):
            client.send(ask("/page"))
        for records, pause in zip(configurations, pauses, strict=False):
            node.rewrite(records="".join(records)).reload()
            node.pass_time(pause)
            client = node.client()
            plain, asked = node.counters.plain_hits, len(origin.requests)
            client.send(ask("/page"))
            was_plain = node.counters.plain_hits > plain
            # a field that means nothing to a cache, behind two packets, keeps the second request off the lane
            octets = ask("/page", "X-Long: way")
            client.send(octets[:20]).send(octets[20:])
            if was_plain:
                first, second = client.answers()
                self.assertEqual(len(origin.requests), asked)
                self.assertEqual((first.status, first.body), (second.status, second.body))
                self.assertEqual(sorted(first.fields.lines), sorted(second.fields.lines))
