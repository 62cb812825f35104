"""The next-hop side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import CancelledError, Deferred, fail
from twisted.internet.error import ConnectionRefusedError as Refused
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer
from zope.interface.verify import verifyObject

from tests.net.askers import Asker
from tests.net.wires import Wire, WiredReactor
from tsnode.model.counters import Counters
from tsnode.model.errors import UpstreamFailed
from tsnode.model.messages import CHUNKED, EMPTY
from tsnode.model.neighbors import Hop
from tsnode.model.settings import Limits, ProxySettings, Timeouts
from tsnode.net.deadlines import Deadlines
from tsnode.net.inflow import Inflow
from tsnode.net.upstream import Upstream
from tsnode.ports import Answer, Flow, IResolver, ITunnelEnd, IUpstream, Order

A = Hop(b"192.0.2.1", 80)
B = Hop(b"192.0.2.2", 80)
NAMED = Hop(b"a.example", 80)
HEAD = b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
LIMITS = Limits()
TIMEOUTS = Timeouts()


@implementer(IResolver)
class Names:
    """Knows literals, and answers for names when the test says so; for ``nowhere`` at once if it is ``lost``."""

    def __init__(self) -> None:
        self.lost = True
        self.answers: list[Deferred[Sequence[str]]] = []

    def known(self, host: bytes) -> Sequence[str]:
        return (host.decode(),) if host[:1].isdigit() else ()

    def resolve(self, host: bytes) -> Deferred[Sequence[str]]:
        if self.lost and host == b"nowhere":
            return fail(unknown_name())
        self.answers.append(Deferred())
        return self.answers[-1]


def unknown_name() -> UpstreamFailed:
    return UpstreamFailed("nowhere", committed=False, status=500, reason=b"Cannot find server.")


class Nodes:
    """An upstream; the test is the network."""

    def __init__(self, limits: Limits = LIMITS, timeouts: Timeouts = TIMEOUTS) -> None:
        self.reactor = WiredReactor()
        self.counters = Counters()
        self.names = Names()
        settings = ProxySettings(limits=limits, timeouts=timeouts)
        deadlines = Deadlines(self.reactor)
        self.upstream = Upstream(self.reactor, settings, self.names, self.counters, deadlines)

    def get(self, hop: Hop = A, **more: Any) -> Deferred[Answer]:
        order: dict[str, Any] = {"content": None, "framing": EMPTY, "patience": 30.0} | more
        asker = Asker()
        self.upstream.exchange(Order(hop=hop, method=b"GET", head=HEAD, **order), asker)
        return asker.outcome

    @property
    def wires(self) -> list[Wire]:
        return self.reactor.wires

    def turn(self, seconds: float = 0) -> None:
        self.reactor.advance(seconds)


class UpstreamCase(SynchronousTestCase):
    def failed(self, exchange: Deferred[Any]) -> UpstreamFailed:
        failure = self.failureResultOf(exchange, UpstreamFailed).value
        assert isinstance(failure, UpstreamFailed)
        return failure

    def body(self, exchange: Deferred[Answer]) -> bytes:
        content = self.successResultOf(exchange).content
        body = b"".join(bytes(octets) for octets in iter(content.take, None))
        self.assertIs(content.flow, Flow.ENDED)
        return body


class Exchanges(UpstreamCase):
    def setUp(self) -> None:
        self.nodes = Nodes()

    def test_it_is_an_upstream(self) -> None:
        self.assertTrue(verifyObject(IUpstream, self.nodes.upstream))

    def test_a_connection_is_made_and_the_request_sent(self) -> None:
        exchange = self.nodes.get()
        self.assertEqual(self.nodes.reactor.asked, [("192.0.2.1", 80)])
        wire = self.nodes.reactor.accept()
        self.assertEqual(wire.sent(), HEAD)
        wire.receive(OK)
        self.assertEqual(self.body(exchange), b"hi")

    def test_a_name_is_resolved_first(self) -> None:
        exchange = self.nodes.get(NAMED)
        self.nodes.names.answers[0].callback(["192.0.2.9"])
        self.assertEqual(self.nodes.reactor.asked, [("192.0.2.9", 80)])
        self.nodes.reactor.accept().receive(OK)
        self.assertEqual(self.body(exchange), b"hi")

    def test_the_link_is_used_again(self) -> None:
        for _ in range(3):
            exchange = self.nodes.get()
            if not self.nodes.wires:
                self.nodes.reactor.accept()
            self.nodes.wires[0].receive(OK)
            self.assertEqual(self.body(exchange), b"hi")
        self.assertEqual((len(self.nodes.reactor.asked), self.nodes.wires[0].sent()), (1, HEAD * 3))
        self.assertEqual(self.nodes.counters.total_server_connections, 1)

    def test_the_link_is_free_for_whoever_hears_of_the_answer(self) -> None:
        exchange = self.nodes.get()
        again: list[Deferred[Answer]] = []
        exchange.addCallback(lambda _: again.append(self.nodes.get()))
        wire = self.nodes.reactor.accept()
        wire.receive(OK)
        self.assertEqual((len(self.nodes.reactor.asked), wire.sent()), (1, HEAD * 2))
        wire.receive(OK)
        self.assertEqual(self.body(again[0]), b"hi")

    def test_exchanges_at_the_same_time_have_a_link_each(self) -> None:
        exchanges = [self.nodes.get(), self.nodes.get()]
        for number in (0, 1):
            self.nodes.reactor.accept(number).receive(OK)
        self.assertEqual([self.body(exchange) for exchange in exchanges], [b"hi", b"hi"])
        self.assertEqual(len(self.nodes.reactor.asked), 2)

    def test_a_link_of_one_next_hop_is_not_for_another(self) -> None:
        self.nodes.get(A)
        self.nodes.reactor.accept().receive(OK)
        self.nodes.get(B)
        self.assertEqual(self.nodes.reactor.asked, [("192.0.2.1", 80), ("192.0.2.2", 80)])

    def test_a_fresh_link_is_one_that_nobody_used(self) -> None:
        self.nodes.get()
        self.nodes.reactor.accept().receive(OK)
        self.nodes.get(fresh_link=True)
        self.assertEqual(len(self.nodes.reactor.asked), 2)

    def test_a_failure_on_a_used_link_says_so(self) -> None:
        self.nodes.get()
        self.nodes.reactor.accept().receive(OK)
        exchange = self.nodes.get()
        self.nodes.wires[0].finish()
        self.assertTrue(self.failed(exchange).reused)
        self.nodes.get()
        self.assertEqual(len(self.nodes.reactor.asked), 2)

    def test_no_more_idle_links_are_kept_than_allowed(self) -> None:
        nodes = Nodes(Limits(idle_per_server=1))
        for _ in range(2):
            nodes.get()
        for number in range(2):
            nodes.reactor.accept(number)
        for wire in nodes.wires:
            wire.receive(OK)
        nodes.turn()
        self.assertEqual([wire.gone for wire in nodes.wires], [False, True])
        self.assertEqual(nodes.counters.current_server_connections, 1)

    def test_a_link_with_an_owner_serves_that_one_alone(self) -> None:
        """RFC 4559 §6."""
        nodes = self.nodes
        mine, yours = object(), object()
        for owner, links in ((None, 1), (mine, 2), (mine, 2), (yours, 3), (None, 3), (mine, 3)):
            exchange = nodes.get(owner=owner)
            if len(nodes.wires) < links:
                nodes.reactor.accept(links - 1)
            self.assertEqual(len(nodes.wires), links)
            wire = nodes.wires[{None: 0, mine: 1, yours: 2}[owner]]
            wire.receive(OK)
            self.successResultOf(exchange)

    def test_of_such_links_only_so_many_are_kept_idle(self) -> None:
        nodes = self.nodes
        owners = [object() for _ in range(1001)]
        for number, owner in enumerate(owners):
            nodes.get(owner=owner)
            nodes.reactor.accept(number)
            nodes.wires[number].receive(OK)
        nodes.turn()
        self.assertEqual([wire.gone for wire in nodes.wires], [True] + [False] * 1000)
        nodes.get(owner=owners[1])
        self.assertEqual(len(nodes.wires), 1001)

    def test_one_that_is_retired_finishes_what_is_under_way_and_keeps_no_link(self) -> None:
        nodes = self.nodes
        exchanges = [nodes.get(), nodes.get()]
        for number in range(2):
            nodes.reactor.accept(number)
        nodes.wires[0].receive(OK)
        nodes.upstream.retire()
        nodes.turn()
        self.assertEqual([wire.gone for wire in nodes.wires], [True, False])
        nodes.wires[1].receive(OK)
        nodes.turn()
        self.assertEqual([self.body(exchange) for exchange in exchanges], [b"hi", b"hi"])
        self.assertTrue(nodes.wires[1].gone)
        self.assertEqual(nodes.counters.current_server_connections, 0)

    def test_it_suits_all_settings_that_say_the_same_about_next_hops(self) -> None:
        settings = ProxySettings(limits=LIMITS, timeouts=TIMEOUTS)
        suits = self.nodes.upstream.suits
        self.assertTrue(suits(replace(settings, insert_age=False, timeouts=replace(TIMEOUTS, accept=1.0))))
        self.assertFalse(suits(replace(settings, timeouts=replace(TIMEOUTS, keep_alive_out=1.0))))
        self.assertFalse(suits(replace(settings, limits=replace(LIMITS, idle_per_server=1))))

    def test_heads_that_were_forgotten_are_read_anew(self) -> None:
        heads = []
        for forget in (False, False, True):
            if forget:
                self.nodes.upstream.forget_heads()
            exchange = self.nodes.get()
            if not self.nodes.wires:
                self.nodes.reactor.accept()
            self.nodes.wires[0].receive(OK)
            heads.append(self.successResultOf(exchange).head)
        self.assertIs(heads[0], heads[1])
        self.assertIsNot(heads[1], heads[2])

    def test_an_idle_link_ends_with_its_lifetime(self) -> None:
        nodes = Nodes(timeouts=Timeouts(keep_alive_out=60.0))
        nodes.get()
        nodes.reactor.accept().receive(OK)
        nodes.turn(60.0)
        nodes.turn()
        self.assertTrue(nodes.wires[0].gone)
        nodes.get()
        self.assertEqual(len(nodes.reactor.asked), 2)

    def test_an_idle_link_that_the_next_hop_closed_is_not_used(self) -> None:
        for _ in range(2):
            self.nodes.get()
        for number in range(2):
            self.nodes.reactor.accept(number).receive(OK)
        self.nodes.wires[1].finish()
        exchange = self.nodes.get()
        self.nodes.wires[0].receive(OK)
        self.assertEqual((self.body(exchange), len(self.nodes.reactor.asked)), (b"hi", 2))

    def test_every_timeout_may_be_without_end(self) -> None:
        nodes = Nodes(timeouts=Timeouts(keep_alive_out=0.0, inactivity_out=0.0, active_out=0.0))
        exchange = nodes.get(patience=0.0)
        wire = nodes.reactor.accept()
        nodes.turn(1e6)
        wire.receive(OK[:-1])
        nodes.turn(1e6)
        wire.receive(OK[-1:])
        self.assertEqual(self.body(exchange), b"hi")
        nodes.turn(1e6)
        nodes.get()
        self.assertEqual(len(nodes.reactor.asked), 1)

    def test_content_goes_with_the_request(self) -> None:
        content = Inflow(1000, lambda: None, lambda: None)
        content.push(b"abc")
        content.end()
        exchange = self.nodes.get(content=content, framing=CHUNKED)
        wire = self.nodes.reactor.accept()
        self.assertEqual(wire.sent(), HEAD + b"3\r\nabc\r\n0\r\n\r\n")
        wire.receive(OK)
        self.assertEqual(self.body(exchange), b"hi")


class Failing(UpstreamCase):
    def setUp(self) -> None:
        self.nodes = Nodes()

    def test_a_refused_connection_fails_the_exchange_uncommitted(self) -> None:
        exchange = self.nodes.get()
        self.nodes.reactor.refuse(Refused(111, ""))
        failed = self.failed(exchange)
        self.assertEqual((failed.status, failed.reason), (502, b"Connection refused"))
        self.assertEqual((failed.committed, failed.reused), (False, False))

    def test_an_unknown_name_fails_the_exchange(self) -> None:
        failed = self.failed(self.nodes.get(Hop(b"nowhere", 80)))
        self.assertEqual((failed.status, failed.reason, failed.committed), (500, b"Cannot find server.", False))

    def test_patience_counts_from_the_beginning(self) -> None:
        exchange = self.nodes.get(NAMED, patience=30.0)
        self.nodes.turn(10.0)
        self.nodes.names.answers[0].callback(["192.0.2.9"])
        self.nodes.turn(10.0)
        self.nodes.reactor.accept()
        self.nodes.turn(9.0)
        self.assertNoResult(exchange)
        self.nodes.turn(1.0)
        self.assertEqual(self.failed(exchange).status, 504)

    def test_cancelling_gives_up_the_look_up_the_attempt_or_the_link(self) -> None:
        for stage in ("look-up", "attempt", "link"):
            nodes = Nodes(Limits(connections_per_server=1))
            exchange = nodes.get(NAMED)
            if stage != "look-up":
                nodes.names.answers[0].callback(["192.0.2.9"])
            if stage == "link":
                nodes.reactor.accept()
            exchange.cancel()
            self.failureResultOf(exchange, CancelledError)
            nodes.turn()
            self.assertEqual(nodes.reactor.getDelayedCalls(), [], stage)
            # what was given up does not count against the limit
            nodes.get(NAMED)
            self.assertEqual(len(nodes.names.answers), 2, stage)

    def test_cancelling_what_was_answered_changes_nothing(self) -> None:
        exchange = self.nodes.get()
        self.nodes.reactor.accept().receive(OK)
        exchange.cancel()
        self.assertEqual(self.body(exchange), b"hi")

    def test_cancelling_on_a_used_link_closes_it(self) -> None:
        self.nodes.get()
        self.nodes.reactor.accept().receive(OK)
        exchange = self.nodes.get()
        exchange.cancel()
        self.failureResultOf(exchange, CancelledError)
        self.assertTrue(self.nodes.wires[0].aborted)


class Limited(UpstreamCase):
    def setUp(self) -> None:
        self.nodes = Nodes(Limits(connections_per_server=1))

    def test_a_link_left_by_one_exchange_goes_to_who_waited_longest(self) -> None:
        exchanges = [self.nodes.get() for _ in range(3)]
        wire = self.nodes.reactor.accept()
        for exchange in exchanges:
            self.assertEqual(wire.sent(), HEAD)
            wire.receive(OK)
            self.assertEqual(self.body(exchange), b"hi")
        self.assertEqual(len(self.nodes.reactor.asked), 1)
        self.assertEqual(self.nodes.counters.current_server_connections, 1)

    def test_other_next_hops_are_not_held_up(self) -> None:
        self.nodes.get(A)
        self.nodes.get(B)
        self.assertEqual(len(self.nodes.reactor.asked), 2)

    def test_a_link_that_closes_lets_the_next_one_be_made(self) -> None:
        first, second = self.nodes.get(keep=False), self.nodes.get()
        self.nodes.reactor.accept().receive(OK)
        self.body(first)
        self.assertEqual(len(self.nodes.reactor.asked), 1)
        self.nodes.turn()
        self.assertEqual(len(self.nodes.reactor.asked), 2)
        self.nodes.reactor.accept().receive(OK)
        self.assertEqual(self.body(second), b"hi")

    def test_a_link_that_is_not_made_lets_the_next_one_be_tried(self) -> None:
        first, second = self.nodes.get(), self.nodes.get()
        self.nodes.reactor.refuse(Refused(111, ""))
        self.failed(first)
        self.assertEqual(len(self.nodes.reactor.asked), 2)
        self.nodes.reactor.accept().receive(OK)
        self.assertEqual(self.body(second), b"hi")

    def test_waiting_counts_against_the_patience(self) -> None:
        self.nodes.get(patience=0.0)
        waiting = self.nodes.get(patience=10.0)
        self.nodes.turn(9.0)
        self.assertNoResult(waiting)
        self.nodes.turn(1.0)
        failed = self.failed(waiting)
        self.assertEqual((failed.status, failed.reason, failed.committed), (504, b"Connection Timed Out", False))

    def test_who_waited_has_the_rest_of_its_patience(self) -> None:
        self.nodes.get(patience=0.0)
        waiting = self.nodes.get(patience=10.0)
        self.nodes.turn(6.0)
        wire = self.nodes.reactor.accept()
        wire.receive(OK)
        self.nodes.turn(3.0)
        self.assertNoResult(waiting)
        self.nodes.turn(1.0)
        self.assertEqual(self.failed(waiting).status, 504)

    def test_who_gives_up_waiting_is_passed_over(self) -> None:
        self.nodes.get()
        second, third = self.nodes.get(), self.nodes.get()
        second.cancel()
        self.failureResultOf(second, CancelledError)
        wire = self.nodes.reactor.accept()
        wire.receive(OK)
        wire.receive(OK)
        self.assertEqual(self.body(third), b"hi")

    def test_only_so_many_may_wait(self) -> None:
        self.nodes.get()
        waiting = [self.nodes.get() for _ in range(1000)]
        failed = self.failed(self.nodes.get())
        self.assertEqual((failed.status, failed.committed), (503, False))
        self.assertEqual(self.nodes.counters.upstream_queue_full, 1)
        self.assertNoResult(waiting[-1])

    def test_all_who_wait_for_what_cannot_be_reached_are_told(self) -> None:
        """However many they are: one after the other, not one within the other."""
        nowhere = Hop(b"nowhere", 80)
        self.nodes.names.lost = False
        exchanges = [self.nodes.get(nowhere) for _ in range(1001)]
        self.nodes.names.lost = True
        self.nodes.names.answers[0].errback(unknown_name())
        self.assertEqual({self.failed(exchange).status for exchange in exchanges}, {500})
        self.assertEqual(self.nodes.reactor.getDelayedCalls(), [])

    def test_who_wants_a_fresh_link_gets_one_in_the_place_of_an_idle_one(self) -> None:
        self.nodes.get()
        self.nodes.reactor.accept().receive(OK)
        exchange = self.nodes.get(fresh_link=True)
        self.assertEqual(len(self.nodes.reactor.asked), 1)
        self.nodes.turn()
        self.assertEqual((self.nodes.wires[0].gone, len(self.nodes.reactor.asked)), (True, 2))
        self.nodes.reactor.accept().receive(OK)
        self.assertEqual(self.body(exchange), b"hi")

    def test_who_waits_for_a_fresh_link_gets_one_in_the_place_of_one_that_is_left(self) -> None:
        self.nodes.get()
        exchange = self.nodes.get(fresh_link=True)
        self.nodes.reactor.accept().receive(OK)
        self.nodes.turn()
        self.assertEqual(len(self.nodes.reactor.asked), 2)
        self.nodes.reactor.accept().receive(OK)
        self.assertEqual(self.body(exchange), b"hi")


class Tunnels(UpstreamCase):
    def setUp(self) -> None:
        self.nodes = Nodes()

    def open(self, hop: Hop = A) -> Deferred[ITunnelEnd]:
        return self.nodes.upstream.connect(hop, 30.0)

    def test_a_bare_connection_is_an_end_of_a_tunnel(self) -> None:
        ends = [self.open(), self.open()]
        wires = [self.nodes.reactor.accept(number) for number in (0, 1)]
        self.successResultOf(ends[0]).splice(self.successResultOf(ends[1]))
        self.nodes.turn()
        wires[0].receive(b"hello")
        self.assertEqual((wires[0].sent(), wires[1].sent()), (b"", b"hello"))
        self.assertEqual(self.nodes.counters.current_server_connections, 2)
        wires[0].reset()
        self.nodes.turn()
        self.assertEqual(self.nodes.counters.current_server_connections, 0)
        self.assertEqual(self.nodes.counters.total_server_connections, 2)

    def test_a_connection_that_cannot_be_made_fails(self) -> None:
        end = self.open()
        self.nodes.reactor.refuse(Refused(111, ""))
        self.assertEqual(self.failed(end).reason, b"Connection refused")
        self.assertEqual(self.failed(self.open(Hop(b"nowhere", 443))).status, 500)
        self.assertEqual(self.nodes.counters.current_server_connections, 0)

    def test_patience_may_be_without_end(self) -> None:
        self.nodes.upstream.connect(NAMED, 0.0)
        self.assertEqual(self.nodes.reactor.getDelayedCalls(), [])

    def test_cancelling_gives_up_the_attempt(self) -> None:
        end = self.open()
        end.cancel()
        self.failureResultOf(end, CancelledError)
        self.assertTrue(self.nodes.reactor.connectors[0].stoppedConnecting)


class Closing(UpstreamCase):
    def setUp(self) -> None:
        self.nodes = Nodes(Limits(connections_per_server=2))

    def test_it_fires_at_once_where_nothing_is_open(self) -> None:
        self.successResultOf(self.nodes.upstream.close())
        self.successResultOf(self.nodes.upstream.close())

    def test_everything_is_closed_and_it_fires_when_all_of_it_is(self) -> None:
        idle, busy, connecting, waiting, tunnel, opening = (
            self.nodes.get(A), self.nodes.get(A), self.nodes.get(B), self.nodes.get(A),
            self.nodes.upstream.connect(A, 30.0), self.nodes.upstream.connect(A, 30.0),
        )  # fmt: skip
        self.nodes.reactor.accept(0)
        self.nodes.reactor.accept(1)
        self.nodes.reactor.accept(3)
        end = self.successResultOf(tunnel)
        waiting.cancel()
        self.failureResultOf(waiting, CancelledError)
        self.nodes.wires[0].receive(OK)
        self.body(idle)
        waiting = self.nodes.get(A, fresh_link=True)
        closed = self.nodes.upstream.close()
        self.assertEqual(
            [self.failed(each).status for each in (busy, connecting, waiting, opening)], [502, 503, 503, 503]
        )
        self.assertNoResult(closed)
        self.nodes.turn()
        self.successResultOf(closed)
        self.assertEqual([wire.gone for wire in self.nodes.wires], [True, True, True])
        self.assertEqual(self.nodes.reactor.getDelayedCalls(), [])
        self.assertTrue(verifyObject(ITunnelEnd, end))

    def test_nothing_begins_afterwards(self) -> None:
        self.nodes.upstream.close()
        failed = self.failed(self.nodes.get())
        self.assertEqual((failed.status, failed.committed), (503, False))
        self.assertEqual(self.failed(self.nodes.upstream.connect(A, 30.0)).status, 503)
        self.assertEqual(self.nodes.reactor.asked, [])

    def test_a_retry_of_what_closing_failed_does_not_begin(self) -> None:
        exchange = self.nodes.get()
        self.nodes.reactor.accept()
        again: list[Deferred[Answer]] = []
        exchange.addErrback(lambda _: again.append(self.nodes.get()))
        self.nodes.upstream.close()
        self.assertEqual(self.failed(again[0]).status, 503)


STEPS = st.lists(
    st.sampled_from(["get", "fresh", "once", "accept", "refuse", "answer", "half", "rest", "finish", "reset", "cancel",
                     "wait", "turn"]),
    max_size=40,
)  # fmt: skip


class Laws(UpstreamCase):
    @given(STEPS, st.integers(0, 3), st.integers(0, 2))
    def test_whatever_happens_every_exchange_ends_once_with_its_own_answer_and_nothing_is_left_over(
        self, steps: list[str], links: int, idle: int
    ) -> None:
        """Each request carries a number, which the next hop puts into its answer."""
        nodes = Nodes(Limits(connections_per_server=links, idle_per_server=idle))
        exchanges: list[tuple[int, Deferred[Answer]]] = []
        outcomes: dict[int, bytes | None] = {}
        origin = Origin(nodes)
        for step in steps:
            if step in ("get", "fresh", "once"):
                number = len(exchanges)
                order = Order(hop=A, method=b"GET", head=b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % number, framing=EMPTY,
                              content=None, patience=10.0, fresh_link=step == "fresh", keep=step != "once")  # fmt: skip
                asker = Asker()
                exchange = asker.outcome
                nodes.upstream.exchange(order, asker)

                def note(answer: Answer, number: int = number) -> None:
                    assert number not in outcomes
                    outcomes[number] = read_all(nodes, answer)

                def note_failure(_: object, number: int = number) -> None:
                    assert number not in outcomes
                    outcomes[number] = None

                exchange.addCallbacks(note, note_failure)
                exchanges.append((number, exchange))
            elif step == "cancel" and exchanges:
                exchanges[len(exchanges) // 2][1].cancel()
            else:
                origin.do(step)
            open_links = [wire for wire in nodes.wires if not wire.gone]
            if links:
                self.assertTrue(len(open_links) <= links)
            self.assertEqual(nodes.counters.current_server_connections, len(open_links))
        closed = nodes.upstream.close()
        nodes.turn()
        self.successResultOf(closed)
        self.assertEqual(set(outcomes), set(range(len(exchanges))))
        for number, outcome in outcomes.items():
            self.assertIn(outcome, (None, b"<%d>" % number))
        self.assertEqual(nodes.counters.current_server_connections, 0)
        self.assertEqual(nodes.reactor.getDelayedCalls(), [])


def read_all(nodes: Nodes, answer: Answer) -> bytes | None:
    """The content where it is whole already, None where it is not."""
    body = b"".join(bytes(octets) for octets in iter(answer.content.take, None))
    return body if answer.content.flow is Flow.ENDED else None


class Origin:
    """A next hop that answers requests in the order it got them, on each connection for itself."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes
        self.tried = 0
        self.owed: dict[Wire, bytes] = {}

    def do(self, step: str) -> None:
        reactor = self.nodes.reactor
        if step in ("accept", "refuse"):
            if self.tried < len(reactor.tcpClients):
                number = self.tried
                self.tried += 1
                if reactor.connectors[number].stoppedConnecting:
                    return
                if step == "accept":
                    reactor.accept(number)
                else:
                    reactor.refuse(Refused(111, ""), number)
            return
        if step == "wait":
            self.nodes.turn(4.0)
            return
        if step == "turn":
            self.nodes.turn()
            return
        for wire in reversed(self.nodes.wires):
            if wire.disconnecting or wire.gone:
                continue
            if step == "finish":
                wire.finish()
            elif step == "reset":
                wire.reset()
            else:
                self.answer(wire, step)
            return

    def answer(self, wire: Wire, step: str) -> None:
        owed = self.owed.pop(wire, b"")
        if not owed:
            request = wire.sent()
            if not request:
                return
            assert request.count(b"GET") == 1, "one request at a time"
            body = b"<%b>" % request[5 : request.index(b" ", 5)]
            owed = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        if step == "half":
            at = len(owed) // 2
            self.owed[wire] = owed[at:]
            wire.receive(owed[:at])
        else:
            wire.receive(owed)
