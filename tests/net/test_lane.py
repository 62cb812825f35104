"""The shortest way from a request to its answer, and when it is not taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from sys import getrefcount

from twisted.trial.unittest import SynchronousTestCase

from tests.caching.samples import NOW, POLICY, stored
from tests.net.fronts import Front
from tsnode.caching.policy import CachingPolicy
from tsnode.caching.request_facts import read_facts
from tsnode.model.fields import Fields
from tsnode.model.messages import EMPTY, RequestHead
from tsnode.model.settings import ProxySettings, Timeouts
from tsnode.model.target import CacheKey, parse_target
from tsnode.net.lane import Lane, PlainAnswer
from tsnode.ports import Buffer
from tsnode.routing.access import LOOPBACK_ONLY as LOOPBACK
from tsnode.routing.access import AccessRule, AccessRules, Allowed
from tsnode.semantics.plain_get import PlainGet
from tsnode.stores.memory import MemoryStore
from tsnode.transaction.regimes import Regime
from tsnode.transaction.services import Asked

SETTINGS = ProxySettings()
REQUEST = b"GET http://a.example/x HTTP/1.1\r\nHost: a.example\r\n\r\n"


class Place:
    """A lane over a store, and what it asked about requests."""

    def __init__(self, settings: ProxySettings = SETTINGS) -> None:
        self.regime = Regime(POLICY, settings)
        self.store = MemoryStore(1_000_000, 100_000, 3)
        self.asked: list[PlainGet] = []
        self.knows = True
        self.lane = Lane(self.store, self.asked_of, 10_000)

    def asked_of(self, plain: PlainGet) -> Asked | None:
        self.asked.append(plain)
        if not self.knows:
            return None
        target = parse_target(b"GET", plain.target, plain.host or b"")
        head = RequestHead(b"GET", plain.target, 11, Fields(), EMPTY, target.authority, True)
        return Asked(target, read_facts(head, target, POLICY), target.authority, None, self.regime)

    def put(self, *lines: str, content: bytes = b"hello", status: int = 200) -> None:
        """Store an answer."""
        alternate = stored(*(lines or ("Cache-Control: max-age=60",)), status=status)
        self.store.put(CacheKey(alternate.url), replace(alternate, length=len(content)), content, None)

    def reload(self, policy: CachingPolicy = POLICY, settings: ProxySettings = SETTINGS) -> None:
        """The next lane, under another regime."""
        self.regime = Regime(policy, settings)
        self.lane = Lane(self.store, self.asked_of, 10_000)

    def find(self, request: bytes = REQUEST, now: float = NOW) -> tuple[PlainAnswer, Sequence[Buffer]]:
        """The answer on the lane; there has to be one."""
        found = self.lane.find(request, now)
        assert isinstance(found, tuple), found
        return found


class Taken(SynchronousTestCase):
    def test_a_stored_answer_is_head_age_and_content(self) -> None:
        place = Place(ProxySettings(response_via=1, via_name=b"edge"))
        place.put()
        _, buffers = place.find()
        head, _, content = b"".join(buffers).partition(b"\r\n\r\n")
        self.assertEqual(content, b"hello")
        lines = head.split(b"\r\n")
        self.assertEqual(lines[0], b"HTTP/1.1 200 OK")
        self.assertLessEqual({b"Age: 0", b"Via: http/1.1 edge (tsnode)", b"Content-Length: 5"}, set(lines))

    def test_large_content_is_not_copied(self) -> None:
        place = Place()
        content = bytes(50_000)
        place.put(content=content)
        answer, buffers = place.find()
        self.assertEqual(len(buffers), 2)
        self.assertIs(buffers[1], place.store.ready(place.store.peek(CacheKey(b"http://a.example/x"))[0]))
        self.assertEqual(answer.size, sum(map(len, buffers)))

    def test_the_age_grows_and_size_and_log_with_it(self) -> None:
        for content in (b"hello", bytes(10_000)):
            place = Place()
            place.put("Cache-Control: max-age=1000", content=content)
            for age in (0, 9, 10, 99, 100):
                answer, buffers = place.find(now=NOW + age)
                self.assertIn(b"\r\nAge: %d\r\n" % age, bytes(buffers[0]))
                self.assertEqual(answer.size, sum(map(len, buffers)))
                self.assertEqual(
                    answer.rest, b"TCP_MEM_HIT/200 %d GET http://a.example/x - NONE/- -" % answer.size
                )

    def test_no_age_is_told_where_none_is_wanted(self) -> None:
        place = Place(ProxySettings(insert_age=False))
        place.put()
        self.assertNotIn(b"Age:", b"".join(map(bytes, place.find()[1])))

    def test_a_target_that_came_twice_is_known_from_then_on(self) -> None:
        place = Place()
        place.put()
        for line in (b"", b"", b"Accept: x\r\n", b"Accept: x\r\n", b"Accept: y\r\n"):
            place.find(REQUEST.replace(b"\r\n\r\n", b"\r\n" + line + b"\r\n"))
        self.assertEqual(place.asked, [PlainGet(b"http://a.example/x", None)] * 2)

    def test_what_came_once_is_not_kept(self) -> None:
        place = Place()
        place.put()
        heads = [REQUEST.replace(b"\r\n\r\n", b"\r\nX-Number: %d\r\n\r\n" % number) for number in range(100)]
        for number in range(len(heads) - 1):
            place.find(heads[number])
        # the last one was never shown, so nobody but this test holds it
        holders = [getrefcount(head) for head in heads]
        self.assertEqual(set(holders), {holders[-1]})

    def test_no_more_is_remembered_than_fits_and_nothing_is_wrong_afterwards(self) -> None:
        place = Place()
        place.put()
        for _ in range(2):
            for number in range(10_000):
                url = b"/%d" % number
                found = place.lane.find(b"GET %b HTTP/1.1\r\nHost: a.example\r\n\r\n" % url, NOW)
                assert isinstance(found, Asked)
                self.assertEqual(found.target.path, url)
        self.assertEqual(len(place.asked), 20_000, "the first were forgotten before they came again")
        place.find()

    def test_heads_are_kept_as_long_as_they_fit(self) -> None:
        for length, most in ((10, 4096), (3000, 0)):
            place = Place()
            place.put()
            heads = [
                REQUEST.replace(b"\r\n\r\n", b"\r\nX-Number: %b%d\r\n\r\n" % (b"0" * length, number))
                for number in range(5000)
            ]
            for number in range(len(heads) - 1):
                place.find(heads[number])
                place.find(heads[number])
            # the last one was never shown, so nobody but this test holds it
            holders = [getrefcount(head) for head in heads]
            kept = sum(count > holders[-1] for count in holders)
            self.assertLessEqual(kept, most)
            self.assertEqual(kept > 0, most > 0)
            self.assertEqual(len(place.asked), 2 if most else 2 * (len(heads) - 1))


class NotTaken(SynchronousTestCase):
    def test_what_is_not_a_plain_get_goes_the_long_way(self) -> None:
        place = Place()
        place.put()
        for request in (REQUEST[:-2], REQUEST * 2, REQUEST.replace(b"GET", b"HEAD"), b"",
                        REQUEST.replace(b"\r\n\r\n", b"\r\nRange: bytes=0-1\r\n\r\n")):  # fmt: skip
            self.assertIsNone(place.lane.find(request, NOW))

    def test_a_head_that_is_too_long_goes_the_long_way(self) -> None:
        place = Place()
        place.put()
        for extra, is_short in ((9_900 - len(REQUEST), True), (10_000, False)):
            request = REQUEST.replace(b"\r\n\r\n", b"\r\nX-Long: " + b"x" * extra + b"\r\n\r\n")
            self.assertEqual(place.lane.find(request, NOW) is not None, is_short)

    def test_what_takes_more_than_target_and_host_to_know_goes_the_long_way(self) -> None:
        place = Place()
        place.put()
        place.knows = False
        self.assertIsNone(place.lane.find(REQUEST, NOW))

    def test_without_an_answer_it_is_known_at_least_what_is_asked_for(self) -> None:
        place = Place()
        found = place.lane.find(REQUEST, NOW)
        assert isinstance(found, Asked)
        self.assertEqual(found.target.url, b"http://a.example/x")

    def test_stale_several_and_unusual_answers_are_not_for_the_lane(self) -> None:
        stale = Place()
        stale.put()
        self.assertIsInstance(stale.lane.find(REQUEST, NOW + 60), Asked)
        varying = Place()
        varying.put("Cache-Control: max-age=60", "Vary: X-Foo")
        self.assertIsInstance(varying.lane.find(REQUEST, NOW), Asked)
        several = Place()
        several.put()
        several.put()
        self.assertIsInstance(several.lane.find(REQUEST, NOW), Asked)
        missing = Place()
        missing.put("Cache-Control: max-age=60", status=404)
        self.assertIsInstance(missing.lane.find(REQUEST, NOW), Asked)

    def test_a_content_that_is_not_at_hand_in_one_piece_goes_the_long_way(self) -> None:
        place = Place()
        place.store = MemoryStore(100_000_000, 10_000_000, 3)
        place.lane = Lane(place.store, place.asked_of, 10_000)
        alternate = replace(stored("Cache-Control: max-age=60"), length=None)
        fill = place.store.begin(CacheKey(alternate.url), alternate, None)
        assert fill is not None
        for _ in range(3):
            fill.write(bytes(1 << 20))
        fill.commit()
        self.assertEqual(len(place.store.peek(CacheKey(alternate.url))), 1)
        self.assertIsInstance(place.lane.find(REQUEST, NOW), Asked)


class AfterAReload(SynchronousTestCase):
    """What was made under the configuration before is not used under the next one."""

    def test_answers_look_as_the_new_configuration_says(self) -> None:
        place = Place(ProxySettings(response_via=1, via_name=b"one"))
        place.put()
        self.assertIn(b"Via: http/1.1 one", b"".join(map(bytes, place.find()[1])))
        place.reload(settings=ProxySettings(response_via=1, via_name=b"two", insert_age=False))
        octets = b"".join(map(bytes, place.find()[1]))
        self.assertIn(b"Via: http/1.1 two", octets)
        self.assertNotIn(b"Via: http/1.1 one", octets)
        self.assertNotIn(b"Age:", octets)

    def test_what_the_new_policy_would_not_serve_goes_the_long_way(self) -> None:
        place = Place()
        place.put("Cache-Control: max-age=60, no-cache", 'ETag: "a"')
        self.assertIsInstance(place.lane.find(REQUEST, NOW), Asked)
        place.reload(policy=CachingPolicy(ignore_server_no_cache=True))
        place.find()
        place.reload(policy=POLICY)
        self.assertIsInstance(place.lane.find(REQUEST, NOW), Asked)

    def test_what_was_to_be_served_for_ever_ends_with_its_lifetime_again(self) -> None:
        """Traffic Server, ``proxy.config.http.cache.when_to_revalidate``."""
        place = Place()
        place.put()
        place.reload(policy=CachingPolicy(when_to_revalidate=3))
        place.find(now=NOW + 1000)
        place.reload(policy=POLICY)
        place.find(now=NOW + 59)
        self.assertIsInstance(place.lane.find(REQUEST, NOW + 60), Asked)

    def test_lanes_of_one_configuration_share_what_they_made(self) -> None:
        place = Place()
        place.put()
        answer, _ = place.find()
        place.lane = Lane(place.store, place.asked_of, 10_000)
        self.assertIs(place.find()[0], answer)


class OnAConnection(SynchronousTestCase):
    def setUp(self) -> None:
        self.place = Place()
        # as young as the clock of the connections, which starts at 0
        alternate = stored("Cache-Control: max-age=60", request_time=0.0, response_time=0.0)
        self.place.store.put(CacheKey(alternate.url), replace(alternate, length=5), b"hello", None)

    def test_a_hit_is_counted_and_noted_and_begins_no_transaction(self) -> None:
        front = Front(lane=self.place.lane)
        wire = front.connect()
        wire.receive(REQUEST)
        sent = wire.sent()
        self.assertTrue(sent.endswith(b"\r\n\r\nhello"))
        self.assertEqual(front.asked, [])
        counters = front.counters
        self.assertEqual(
            (counters.plain_hits, counters.plain_hit_octets, counters.user_agent_total_request_bytes),
            (1, len(sent), len(REQUEST)),
        )
        self.assertTrue(front.log.lines[0].rest.startswith(b"TCP_MEM_HIT/200 %d " % len(sent)))

    def test_a_request_without_an_answer_begins_its_transaction_at_once(self) -> None:
        front = Front(lane=self.place.lane)
        wire = front.connect()
        wire.receive(REQUEST.replace(b"/x", b"/y").replace(b"\r\n\r\n", b"\r\nAccept: z\r\n\r\n"))
        (transaction,) = front.asked
        self.assertEqual(transaction.head.fields.get(b"accept"), b"z")
        self.assertEqual(transaction.head.target, b"/y")
        transaction.reply.respond(200, b"HTTP/1.1 200 OK\r\n", 0, None)
        wire.sent()
        wire.receive(REQUEST)
        self.assertEqual(front.counters.plain_hits, 1)

    def test_behind_part_of_a_request_the_lane_is_closed(self) -> None:
        front = Front(lane=self.place.lane)
        wire = front.connect()
        wire.receive(REQUEST[:5])
        wire.receive(REQUEST[5:])
        self.assertEqual((front.counters.plain_hits, len(front.asked)), (0, 1))

    def test_it_is_closed_to_clients_that_may_not_get(self) -> None:
        rules = AccessRules(
            inbound=(AccessRule(LOOPBACK.inbound[0].ranges, Allowed(frozenset({b"HEAD"}), only=True)),)
        )
        front = Front(lane=self.place.lane, rules=rules)
        front.connect().receive(REQUEST)
        self.assertEqual((front.counters.plain_hits, len(front.asked)), (0, 1))

    def test_it_is_closed_where_connections_do_not_stay_open(self) -> None:
        front = Front(lane=self.place.lane, keep_alive=False)
        front.connect().receive(REQUEST)
        self.assertEqual((front.counters.plain_hits, len(front.asked)), (0, 1))

    def test_a_client_that_does_not_read_gets_no_more_from_it(self) -> None:
        front = Front(timeouts=Timeouts(inactivity_in=20.0), lane=self.place.lane)
        wire = front.connect(room=10)
        wire.receive(REQUEST)
        wire.receive(REQUEST)
        self.assertEqual((front.counters.plain_hits, len(front.asked)), (1, 1))
        front.asked[0].reply.respond(200, b"HTTP/1.1 200 OK\r\n", 0, None)
        wire.drain(10_000)
        wire.receive(REQUEST)
        self.assertEqual(front.counters.plain_hits, 2)

    def test_a_client_that_reads_nothing_of_its_hit_is_cut_off(self) -> None:
        front = Front(timeouts=Timeouts(inactivity_in=20.0, keep_alive_in=1000.0), lane=self.place.lane)
        wire = front.connect(room=10)
        wire.receive(REQUEST)
        front.clock.pump([1.0] * 22)
        self.assertTrue(wire.aborted)
