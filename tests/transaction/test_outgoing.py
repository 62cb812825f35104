"""A request as it goes to the next hop."""

from __future__ import annotations

from hypothesis import given
from twisted.trial.unittest import SynchronousTestCase

from tests.transaction.stand_ins import lines_of
from tests.transaction.stand_ins import request as make_request
from tsnode.model.fields import Fields, Line
from tsnode.model.messages import CHUNKED, EMPTY, UNTIL_CLOSE, Framing, RequestHead, Sized
from tsnode.model.settings import ProxySettings
from tsnode.model.target import parse_target
from tsnode.semantics.reader import ReaderLimits, RequestReader
from tsnode.testing.strategies import request_heads
from tsnode.transaction.outgoing import CONDITIONS, render_request

CLIENT = b"192.0.2.9"
PLAIN = ProxySettings(request_via=0)


class Outgoing(SynchronousTestCase):
    def send(
        self,
        request: RequestHead,
        settings: ProxySettings = PLAIN,
        *,
        drop: frozenset[bytes] = frozenset(),
        extra: tuple[Line, ...] = (),
        upgrade: bool = False,
    ) -> bytes:
        target = parse_target(request.method, request.target, request.host)
        head = render_request(
            request, target, target.authority, CLIENT, settings, drop=drop, extra=extra, upgrade=upgrade
        )
        assert head.endswith(b"\r\n\r\n")
        return head

    def sent(self, *lines: str, settings: ProxySettings = PLAIN, method: str = "GET", version: int = 11) -> Fields:
        """The fields that go out for a request that came with these."""
        return lines_of(self.send(make_request(*lines, method=method, version=version), settings)[:-2])


class Lines(Outgoing):
    """RFC 9110 §7.6, RFC 9112 §3.2.1."""

    def test_it_is_in_origin_form_and_names_its_host_first(self) -> None:
        head = self.send(make_request("X: 1", "Host: ignored.example", url="http://a.example:8080/x?y"))
        self.assertTrue(head.startswith(b"GET /x?y HTTP/1.1\r\nHost: a.example:8080\r\n"))
        self.assertEqual(head.lower().count(b"\r\nhost:"), 1)

    def test_the_node_speaks_http_1_1_whatever_the_client_does(self) -> None:
        self.assertTrue(self.send(make_request(version=10)).startswith(b"GET /x HTTP/1.1\r\n"))

    def test_what_is_for_us_only_ends_here(self) -> None:
        fields = self.sent("Connection: x-mine, close", "X-Mine: 1", "Keep-Alive: 5", "TE: x", "Proxy-Authorization: x",
                           "Upgrade: websocket", "X-Other: 2")  # fmt: skip
        self.assertEqual(fields.names(), {b"host", b"x-other"})

    def test_what_is_remembered_of_earlier_requests_changes_nothing(self) -> None:
        """The same fields may come again under other settings, from another client or for another host."""
        shared = make_request("X: 1", "Expect: x").fields
        for _ in range(2):
            for version in (10, 11):
                for url in ("http://a.example/x", "http://b.example/x"):
                    for client in (b"192.0.2.1", b"192.0.2.2"):
                        for settings in (PLAIN, ProxySettings(insert_client_ip=1, via_name=b"me")):
                            target = parse_target(b"GET", url.encode(), b"")
                            heads = [
                                RequestHead(b"GET", url.encode(), version, fields, EMPTY, target.host, True)
                                for fields in (shared, Fields(shared.lines))
                            ]
                            known, fresh = (
                                render_request(head, target, target.authority, client, settings) for head in heads
                            )
                            self.assertEqual(known, fresh)

    def test_repeated_lines_stay_in_their_order(self) -> None:
        self.assertEqual(self.sent("X: 1", "Y: 2", "x: 3").lines[1:], ((b"X", b"1"), (b"Y", b"2"), (b"x", b"3")))

    def test_lines_are_dropped_and_added_as_the_caller_says(self) -> None:
        asked = make_request("If-None-Match: \"a\"", "IF-RANGE: x", "X: 1")
        head = self.send(asked, drop=CONDITIONS, extra=((b"If-None-Match", b'"b"'),))
        fields = lines_of(head[:-2])
        self.assertEqual((fields.all(b"if-none-match"), b"if-range" in fields), ((b'"b"',), False))
        self.assertEqual(fields.get(b"x"), b"1")

    def test_an_expectation_of_http_1_0_means_nothing(self) -> None:
        """RFC 9110 §10.1.1."""
        self.assertNotIn(b"expect", self.sent("Expect: 100-continue", version=10))
        self.assertEqual(self.sent("Expect: 100-continue").get(b"expect"), b"100-continue")

    def test_a_wish_for_another_protocol_goes_on_only_when_told(self) -> None:
        """RFC 9110 §7.8."""
        asked = make_request("Connection: upgrade", "Upgrade: websocket")
        self.assertNotIn(b"upgrade", lines_of(self.send(asked)[:-2]))
        fields = lines_of(self.send(asked, upgrade=True)[:-2])
        self.assertEqual((fields.get(b"connection"), fields.get(b"upgrade")), (b"upgrade", b"websocket"))


class Framings(Outgoing):
    """RFC 9112 §6."""

    def framed(self, framing: Framing, *lines: str) -> Fields:
        return lines_of(self.send(make_request(*lines, method="POST", framing=framing))[:-2])

    def test_a_length_is_told_once_and_chunks_are_announced(self) -> None:
        fields = self.framed(Sized(7), "Content-Length: 7", "Content-Length: 7")
        self.assertEqual(fields.all(b"content-length"), (b"7",))
        fields = self.framed(CHUNKED, "Transfer-Encoding: chunked")
        self.assertEqual((fields.all(b"transfer-encoding"), b"content-length" in fields), ((b"chunked",), False))

    def test_an_empty_content_is_told_of_only_where_the_client_did(self) -> None:
        self.assertEqual(self.framed(Sized(0), "Content-Length: 0").get(b"content-length"), b"0")
        self.assertNotIn(b"content-length", self.framed(Sized(0)))

    def test_no_request_ends_with_its_connection(self) -> None:
        self.assertRaises(AssertionError, self.framed, UNTIL_CLOSE)

    @given(request_heads())
    def test_the_next_hop_reads_the_request_that_the_client_sent(self, request: RequestHead) -> None:
        reader = RequestReader(ReaderLimits(head=1 << 20, line=1 << 16))
        reader.receive(self.send(request))
        read = reader.next()
        assert isinstance(read, RequestHead)
        self.assertEqual(read.method, request.method)
        self.assertEqual(read.framing, request.framing)
        self.assertEqual(
            parse_target(read.method, read.target, read.host),
            parse_target(request.method, request.target, request.host),
        )
        passed = request.fields.without({b"host", b"connection", b"content-length", b"transfer-encoding", b"via"})
        for name in set(passed.names()) - {b"keep-alive", b"upgrade", b"proxy-connection", b"proxy-authorization"}:
            self.assertEqual(read.fields.all(name), passed.all(name))


class Via(Outgoing):
    """RFC 9110 §7.6.3; Traffic Server, ``proxy.config.http.insert_request_via_str``."""

    SETTINGS = ProxySettings(request_via=1, via_name=b"edge", request_via_text=b"tsnode")

    def test_we_add_ourselves_with_the_version_that_we_were_asked_in(self) -> None:
        self.assertEqual(self.sent(settings=self.SETTINGS).get(b"via"), b"1.1 edge (tsnode)")
        self.assertEqual(self.sent(settings=self.SETTINGS, version=10).get(b"via"), b"1.0 edge (tsnode)")

    def test_those_before_us_stay_before_us_on_one_line(self) -> None:
        fields = self.sent("Via: 1.0 first", "VIA: 1.1 second", settings=self.SETTINGS)
        self.assertEqual(fields.all(b"via"), (b"1.0 first, 1.1 second, 1.1 edge (tsnode)",))

    def test_switched_off_we_only_pass_it_on(self) -> None:
        self.assertEqual(self.sent("Via: 1.0 first").all(b"via"), (b"1.0 first",))
        self.assertNotIn(b"via", self.sent())


class Clients(Outgoing):
    """What the next hop learns about who asks."""

    def client_ip(self, insert: int, *lines: str, remove: bool = False) -> tuple[bytes, ...]:
        settings = ProxySettings(insert_client_ip=insert, remove_client_ip=remove)
        return self.sent(*lines, settings=settings).all(b"client-ip")

    def test_client_ip_is_left_replaced_or_filled_in(self) -> None:
        """Traffic Server, ``proxy.config.http.insert_client_ip``."""
        self.assertEqual((self.client_ip(0), self.client_ip(0, "Client-IP: x")), ((), (b"x",)))
        self.assertEqual((self.client_ip(1), self.client_ip(1, "Client-IP: x")), ((CLIENT,), (CLIENT,)))
        self.assertEqual((self.client_ip(2), self.client_ip(2, "Client-IP: x")), ((CLIENT,), (b"x",)))

    def test_it_is_kept_from_the_next_hop_where_that_is_configured(self) -> None:
        """Traffic Server, ``proxy.config.http.anonymize_remove_client_ip``."""
        for insert in (0, 1, 2):
            self.assertEqual(self.client_ip(insert, "Client-IP: x", remove=True), ())

    def test_every_client_on_the_way_is_named_where_that_is_configured(self) -> None:
        """Traffic Server, ``proxy.config.http.insert_squid_x_forwarded_for``."""
        settings = ProxySettings(forwarded_for=True)
        self.assertEqual(self.sent(settings=settings).all(b"x-forwarded-for"), (CLIENT,))
        fields = self.sent("X-Forwarded-For: one", "x-forwarded-for: two", settings=settings)
        self.assertEqual(fields.all(b"x-forwarded-for"), (b"one, two, " + CLIENT,))
        self.assertEqual(self.sent("X-Forwarded-For: one").all(b"x-forwarded-for"), (b"one",))


class MaxForwards(Outgoing):
    """RFC 9110 §7.6.2."""

    def test_it_is_counted_down_where_it_means_something(self) -> None:
        for method in ("TRACE", "OPTIONS", "DELETE"):
            self.assertEqual(self.sent("Max-Forwards: 5", method=method).all(b"max-forwards"), (b"4",), method)

    def test_elsewhere_or_without_sense_it_stays(self) -> None:
        self.assertEqual(self.sent("Max-Forwards: 5").get(b"max-forwards"), b"5")
        self.assertEqual(self.sent("Max-Forwards: many", method="OPTIONS").get(b"max-forwards"), b"many")
        self.assertNotIn(b"max-forwards", self.sent(method="OPTIONS"))
