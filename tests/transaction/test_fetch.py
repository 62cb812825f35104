"""Fetching: tries at the next hop, and one fetch for many askers."""

from __future__ import annotations

from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from tests.caching.samples import answer, dated, stored
from tests.transaction.stand_ins import SETTINGS, Client, End, Material, World, request
from tsnode.model.addresses import AddressRange
from tsnode.model.alternate import Alternate
from tsnode.model.errors import BadRequest, UpstreamFailed
from tsnode.model.messages import CHUNKED, RequestHead
from tsnode.model.neighbors import Hop
from tsnode.model.settings import ProxySettings, Retries, Timeouts
from tsnode.model.target import CacheKey
from tsnode.ports import IContent
from tsnode.routing.access import NOTHING, AccessRule, AccessRules
from tsnode.stores.memory import MemoryStore
from tsnode.transaction.fetch import fetch_alone, serve_stale
from tsnode.transaction.sharing import fetch_shared

KEY = CacheKey(b"http://a.example/x")
HOP = Hop(b"a.example", 80)
LIFETIME = "Cache-Control: max-age=60"
REFUSED = UpstreamFailed("refused", committed=False)
CUT_OFF = UpstreamFailed("closed", committed=True)
DENYING = AccessRules(outbound=(AccessRule((AddressRange(4, 0, 9),), NOTHING),))


class FetchCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.start()

    def start(
        self, settings: ProxySettings = SETTINGS, store: MemoryStore | None = None, access: AccessRules | None = None
    ) -> None:
        self.world = World(settings=settings, store=store, access=access or AccessRules())
        self.hops = self.world.hops
        self.client = Client()

    def alone(
        self,
        asked: RequestHead | None = None,
        content: IContent | None = None,
        stale: Alternate | None = None,
        *,
        upgrade: bool = False,
    ) -> None:
        errand = self.world.errand(self.client, asked, content)
        fetch_alone(self.world.services, errand, stale, upgrade=upgrade)

    def shared(self, *lines: str, stale: Alternate | None = None) -> Client:
        """One more client who asks for the same."""
        client = Client()
        fetch_shared(self.world.services, self.world.errand(client, request(*lines)), stale)
        return client

    def keep(self, *lines: str) -> Alternate:
        """A copy in the store that is stale by now."""
        kept = self.world.store.put(KEY, stored(*dated(LIFETIME, 'ETag: "a"', *lines)), b"0123456789", None)
        assert kept is not None
        self.world.clock.advance(100)
        return kept


class Orders(FetchCase):
    """What is asked of the next hop."""

    def test_the_request_goes_to_its_origin(self) -> None:
        self.alone(request("X: 1"))
        (order,) = self.hops.orders
        self.assertEqual((order.hop, order.method, order.content, order.upgrade), (HOP, b"GET", None, False))
        self.assertTrue(order.head.startswith(b"GET /x HTTP/1.1\r\nHost: a.example\r\n"))
        self.assertIn(b"\r\nX: 1\r\n", order.head)

    def test_the_copy_makes_it_conditional(self) -> None:
        """RFC 9111 §4.3.1."""
        self.alone(request('If-None-Match: "mine"'), stale=self.keep())
        self.assertIn(b'\r\nIf-None-Match: "a"\r\n', self.hops.orders[0].head)
        self.assertNotIn(b"mine", self.hops.orders[0].head)

    def test_content_has_more_time(self) -> None:
        """Traffic Server, ``connect_attempts_timeout`` and ``post_connect_attempts_timeout``."""
        self.start(replace(SETTINGS, timeouts=Timeouts(connect=7, post_connect=8)))
        self.alone()
        content = Material()
        self.alone(request(method="POST", framing=CHUNKED), content)
        self.assertEqual([order.patience for order in self.hops.orders], [7, 8])
        self.assertEqual((self.hops.orders[1].content, self.hops.orders[1].framing), (content, CHUNKED))

    def test_links_are_kept_and_used_again_as_configured(self) -> None:
        """Traffic Server, ``keep_alive_enabled_out`` and ``keep_alive_post_out``."""
        for keep, post, kept, fresh in (
            (True, True, True, False), (False, True, False, False), (True, False, True, True)
        ):  # fmt: skip
            self.start(replace(SETTINGS, keep_alive_out=keep, keep_alive_post_out=post))
            self.alone(request(method="POST", framing=CHUNKED), Material())
            self.alone()
            with_content, without = self.hops.orders
            self.assertEqual((with_content.keep, with_content.fresh_link), (kept, fresh))
            self.assertEqual((without.keep, without.fresh_link), (kept, False))

    def test_credentials_of_a_connection_have_one_of_their_own(self) -> None:
        """Traffic Server, ``auth_server_session_private``."""
        for private in (True, False):
            self.start(replace(SETTINGS, private_authenticated=private))
            for value in ("NTLM x", "Basic x"):
                self.alone(request(f"Authorization: {value}"))
            self.alone()
            owners = [order.owner for order in self.hops.orders]
            self.assertEqual(owners, [self.client.connection if private else None, None, None])

    def test_interim_answers_reach_the_client(self) -> None:
        self.alone()
        inform = self.hops.orders[0].inform
        assert inform is not None
        hints = answer("Link: </x.css>", status=103)
        inform(hints)
        self.assertEqual(self.client.interim, [hints])


class ClientsThatLeave(FetchCase):
    """Traffic Server, ``proxy.config.http.down_server.abort_threshold``."""

    def leave_after(self, seconds: float) -> bool:
        """Whether the hop is marked down when the client leaves after so long."""
        self.world.clock.advance(seconds)
        self.client.leave()
        return self.world.health.is_down(HOP, self.world.clock.seconds())

    def test_one_that_waited_in_vain_for_long_tells_something_about_the_hop(self) -> None:
        for seconds, down in ((0, False), (9.5, False), (10, True), (60, True)):
            self.start()
            self.alone()
            self.assertEqual((self.leave_after(seconds), self.hops.cancelled), (down, 1), seconds)

    def test_one_that_has_its_answer_or_still_sends_does_not(self) -> None:
        self.alone()
        self.hops.respond()
        self.assertFalse(self.leave_after(60))
        self.start()
        content = Material(b"ab")
        self.alone(request(method="POST", framing=CHUNKED), content)
        self.assertFalse(self.leave_after(60))
        self.start()
        self.alone(request(method="POST", framing=CHUNKED), Material().end())
        self.assertTrue(self.leave_after(60))


class OlderVersions(FetchCase):
    """RFC 9110 §15.6.6."""

    def test_a_hop_that_takes_nothing_later_is_asked_once_more_as_http_1_0_does(self) -> None:
        self.alone(request("X: 1"))
        refusing = self.hops.respond(status=505)
        self.assertTrue(refusing.closed)
        self.hops.respond()
        first, second = self.hops.orders
        self.assertEqual(second.head, first.head.replace(b"HTTP/1.1", b"HTTP/1.0", 1))
        self.assertEqual((first.keep, second.keep), (True, False))
        self.assertEqual((self.client.response.status, self.world.counters.upstream_retries), (200, 1))

    def test_once_is_enough(self) -> None:
        self.alone()
        for _ in range(2):
            self.hops.respond(status=505)
        self.assertEqual((self.client.response.status, len(self.hops.orders)), (505, 2))

    def test_content_another_protocol_and_who_left_are_not_tried_again(self) -> None:
        self.alone(request(method="POST", framing=CHUNKED), Material())
        self.hops.respond(status=505)
        self.assertEqual((self.client.response.status, len(self.hops.orders)), (505, 1))
        self.start()
        self.alone(upgrade=True)
        self.hops.respond(status=505)
        self.assertEqual((self.client.response.status, len(self.hops.orders)), (505, 1))
        self.start()
        self.alone()
        self.client.gone = True
        self.hops.respond(status=505)
        self.assertEqual(len(self.hops.orders), 1)


class Tries(FetchCase):
    def fail_by(self, *errors: UpstreamFailed) -> None:
        for error in errors:
            self.hops.fail(error)

    def test_one_that_fails_is_followed_by_another(self) -> None:
        self.alone()
        self.fail_by(REFUSED, REFUSED)
        self.hops.respond()
        self.assertEqual((self.client.response.status, self.client.response.read()), (200, b"hello"))
        self.assertEqual((len(self.hops.orders), self.world.counters.upstream_retries), (3, 2))
        self.assertFalse(self.world.health.is_down(HOP, self.world.clock.seconds()))

    def test_when_the_last_one_failed_the_client_is_told_and_the_hop_marked_down(self) -> None:
        self.alone()
        self.fail_by(*[REFUSED] * 4)
        self.assertEqual((self.client.response.status, len(self.hops.orders)), (502, 4))
        self.assertEqual(self.client.marks, [("ERR_CONNECT_FAIL", "DIRECT", b"a.example")])
        self.assertTrue(self.world.health.is_down(HOP, self.world.clock.seconds()))

    def test_a_hop_that_is_marked_down_gets_fewer(self) -> None:
        self.world.health.failed(HOP, self.world.clock.seconds())
        self.alone()
        self.fail_by(REFUSED, REFUSED)
        self.assertEqual((self.client.response.status, len(self.hops.orders)), (502, 2))

    def test_an_answer_lifts_the_mark_whatever_it_says(self) -> None:
        self.world.health.failed(HOP, self.world.clock.seconds())
        self.alone()
        self.hops.respond(status=500)
        self.assertFalse(self.world.health.is_down(HOP, self.world.clock.seconds()))

    def test_a_link_that_was_closed_as_idle_costs_none_and_the_next_is_fresh(self) -> None:
        """RFC 9112 §9.3.1."""
        self.start(replace(SETTINGS, retries=Retries(live=0)))
        self.alone()
        self.fail_by(UpstreamFailed("closed", committed=True, reused=True))
        self.assertEqual([order.fresh_link for order in self.hops.orders], [False, True])
        self.fail_by(CUT_OFF)
        self.assertEqual((self.client.response.status, len(self.hops.orders)), (502, 2))

    def test_content_that_was_taken_is_not_sent_again(self) -> None:
        self.alone(request(method="PUT", framing=CHUNKED), Material())
        self.fail_by(CUT_OFF)
        self.assertEqual((self.client.response.status, len(self.hops.orders)), (502, 1))

    def test_content_that_nobody_took_can_be_sent_again(self) -> None:
        self.alone(request(method="POST", framing=CHUNKED), Material())
        self.fail_by(REFUSED)
        self.assertEqual((self.client.responses, len(self.hops.orders)), ([], 2))

    def test_a_fault_in_the_client_s_content_is_told_to_it_and_not_held_against_the_hop(self) -> None:
        content = Material()
        self.alone(request(method="POST", framing=CHUNKED), content)
        content.fail(BadRequest("no chunk size"))
        self.fail_by(CUT_OFF)
        self.assertEqual(self.client.response.status, 400)
        self.assertFalse(self.world.health.is_down(HOP, self.world.clock.seconds()))

    def test_a_node_without_connections_to_spare_does_not_blame_the_hop(self) -> None:
        self.start(replace(SETTINGS, retries=Retries(live=0)))
        self.alone()
        self.fail_by(UpstreamFailed("too many wait", committed=False, status=503))
        self.assertEqual(self.client.response.status, 503)
        self.assertFalse(self.world.health.is_down(HOP, self.world.clock.seconds()))


class Alone(FetchCase):
    def test_a_client_that_leaves_takes_its_fetch_with_it(self) -> None:
        self.alone()
        self.client.leave()
        self.assertEqual((self.hops.cancelled, self.client.responses, self.client.failures), (1, [], []))

    def test_for_one_that_left_there_is_no_second_try(self) -> None:
        self.alone()
        self.client.gone = True
        self.hops.fail(REFUSED)
        self.assertEqual(len(self.hops.orders), 1)
        self.assertFalse(self.world.health.is_down(HOP, self.world.clock.seconds()))

    def test_a_defect_breaks_the_transaction(self) -> None:
        self.alone()
        self.hops.confuse()
        self.assertEqual([failure.type for failure in self.client.failures], [AttributeError])
        self.assertEqual(self.client.responses, [])

    def test_the_copy_that_is_replaced_goes(self) -> None:
        old = self.keep()
        errand = self.world.errand(self.client)
        fetch_alone(self.world.services, errand, None, replaces=old)
        self.assertNotIn(b"If-None-Match", self.hops.orders[0].head)
        self.hops.respond(LIFETIME)
        (kept,) = self.world.store.peek(KEY)
        self.assertEqual(self.world.store.ready(kept), b"hello")

    def test_where_a_destination_is_denied_nothing_is_sent(self) -> None:
        """Traffic Server's ip_allow.yaml, ``apply: out``."""
        self.start(access=DENYING)
        self.alone()
        self.world.names.found("0.0.0.7")
        self.assertEqual((self.client.response.status, self.hops.orders), (403, []))

    def test_who_leaves_while_its_destination_is_looked_up_is_not_fetched_for(self) -> None:
        self.start(access=DENYING)
        self.alone()
        self.client.leave()
        self.world.names.found("0.0.1.0")
        self.assertEqual((self.hops.orders, self.client.failures), ([], []))


class Upgrades(FetchCase):
    """RFC 9110 §7.8."""

    def ask(self) -> End:
        self.alone(request("Connection: upgrade", "Upgrade: websocket"), upgrade=True)
        self.assertTrue(self.hops.orders[0].upgrade)
        return End()

    def test_where_both_agree_the_connections_are_one(self) -> None:
        far = self.ask()
        self.hops.respond("Upgrade: websocket", "Connection: upgrade", status=101, tunnel=far)
        ((head, near),) = self.client.tunnels
        self.assertEqual(far.spliced, [near])
        self.assertTrue(head.startswith(b"HTTP/1.1 101 "))
        self.assertTrue(head.endswith(b"\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"))
        self.assertEqual(self.client.marks, [("TCP_MISS", "DIRECT", b"a.example")])

    def test_for_a_client_that_left_it_is_let_go(self) -> None:
        far = self.ask()
        self.client.gone = True
        self.hops.respond(status=101, tunnel=far)
        self.assertEqual((far.abandoned, self.client.tunnels), (True, []))

    def test_any_other_answer_is_one(self) -> None:
        self.ask()
        self.hops.respond()
        self.assertEqual((self.client.response.status, self.client.tunnels), (200, []))


class Stale(FetchCase):
    """RFC 9111 §4.2.4; Traffic Server, ``proxy.config.http.cache.max_stale_age``."""

    def test_all_who_asked_get_the_copy_where_the_origin_cannot_be_asked(self) -> None:
        old = self.keep()
        clients = [self.shared(stale=old) for _ in range(2)]
        for _ in range(4):
            self.hops.fail(REFUSED)
        for client in clients:
            self.assertEqual(client.response.read(), b"0123456789")
            self.assertEqual(client.marks, [("TCP_REFRESH_FAIL_HIT", "DIRECT", b"a.example")])
            self.assertTrue((client.response.fields.get(b"warning") or b"").startswith(b"111 "))
        self.assertEqual(self.world.counters.cache_hit_stale_served, 2)

    def test_one_who_asks_for_itself_gets_it_too(self) -> None:
        self.alone(stale=self.keep())
        for _ in range(4):
            self.hops.fail(REFUSED)
        self.assertEqual((self.client.response.status, self.client.response.read()), (200, b"0123456789"))

    def test_where_the_origin_forbids_that_all_get_the_error(self) -> None:
        old = self.keep("Cache-Control: must-revalidate")
        clients = [self.shared(stale=old) for _ in range(2)]
        for _ in range(4):
            self.hops.fail(REFUSED)
        self.assertEqual([client.response.status for client in clients], [502] * 2)

    def test_whether_it_may_be_is_told_to_the_caller(self) -> None:
        services = self.world.services
        self.assertTrue(serve_stale(services, self.world.errand(self.client), self.keep()))
        other = Client()
        forbidden = self.keep("Cache-Control: must-revalidate")
        self.assertFalse(serve_stale(services, self.world.errand(other), forbidden))
        self.assertEqual((self.client.response.status, other.responses), (200, []))


class Clumsy(Client):
    """A client's side with a defect."""

    def respond(self, status: int, head: bytes, length: int | None, content: IContent | bytes | None) -> None:
        """See IReply."""
        raise ZeroDivisionError


class Failures(FetchCase):
    def test_a_defect_after_the_answer_came_is_noted_as_well(self) -> None:
        self.client = Clumsy()
        self.alone()
        self.hops.respond()
        self.assertEqual([failure.type for failure in self.client.failures], [ZeroDivisionError])

    def test_a_defect_is_noted_even_if_its_client_left(self) -> None:
        first = self.shared()
        first.leave()
        self.hops.confuse()
        self.assertEqual([failure.type for failure in first.failures], [AttributeError])
