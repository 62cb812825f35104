"""Who may ask for what, and where it goes: remap.config, ip_allow.yaml, the number of connections."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.journeys.answers import answer, ask
from tsnode.testing.node import NodeInMemory

UNSTORED = answer("Cache-Control: no-store")
REQUIRED = "CONFIG proxy.config.url_remap.remap_required INT 1\n"
REMAP = """
map http://www.example/shop/ http://shop.internal:8000/store/
map http://www.example/ http://web.internal/
reverse_map http://web.internal/ http://www.example/
redirect http://old.example/ http://new.example/
redirect_temporary http://moved.example/ http://new.example/
"""
ORIGIN_FORM = b"GET %b HTTP/1.1\r\nHost: %b\r\n\r\n"
ALLOW = """
ip_allow:
  - apply: in
    ip_addrs: 127.0.0.1
    action: allow
    methods: ALL
  - apply: in
    ip_addrs: 10.0.0.0/8
    action: allow
    methods: [GET, HEAD]
  - apply: in
    ip_addrs: 192.168.0.0/16
    action: deny
    methods: [PURGE, DELETE]
"""


class Forward(SynchronousTestCase):
    def setUp(self) -> None:
        self.node = NodeInMemory()
        self.origin = self.node.at("a.example").answer(UNSTORED)

    def test_the_url_says_where_a_request_goes_whatever_host_says(self) -> None:
        """RFC 9112 §3.2.2."""
        client = self.node.client().send(b"GET http://a.example/x HTTP/1.1\r\nHost: other.example\r\n\r\n")
        self.assertEqual(client.answers()[0].status, 200)
        self.assertEqual(self.origin.requests[0].fields.get(b"host"), b"a.example")

    def test_a_port_is_part_of_where_it_goes_and_of_host(self) -> None:
        origin = self.node.at("a.example", 8000).answer(UNSTORED)
        self.node.get("http://a.example:8000/x")
        self.assertEqual(origin.requests[0].fields.get(b"host"), b"a.example:8000")

    def test_an_address_in_the_url_needs_no_name(self) -> None:
        origin = self.node.at("192.0.2.77").answer(UNSTORED)
        self.node.get("http://192.0.2.77/x")
        self.assertEqual(len(origin.requests), 1)

    def test_an_origin_form_is_for_nobody_without_a_rule(self) -> None:
        self.assertEqual(self.node.client().send(ORIGIN_FORM % (b"/", b"a.example")).answers()[0].status, 404)

    def test_an_origin_form_without_any_host_is_refused(self) -> None:
        self.assertEqual(self.node.client().send(b"GET / HTTP/1.0\r\n\r\n").answers()[0].status, 400)

    def test_requests_in_absolute_form_without_a_rule_are_refused_where_one_is_required(self) -> None:
        node = NodeInMemory(REQUIRED)
        self.assertEqual(node.get("http://a.example/").status, 404)
        self.assertEqual(self.origin.requests, [])


class Reverse(SynchronousTestCase):
    def setUp(self) -> None:
        self.node = NodeInMemory(REQUIRED, remap=REMAP)
        self.web = self.node.at("web.internal").answer(answer("Cache-Control: max-age=60"))
        self.shop = self.node.at("shop.internal", 8000).answer(answer("Cache-Control: max-age=60", body=b"shop"))

    def test_both_forms_of_a_request_are_mapped(self) -> None:
        client = self.node.client().send(ORIGIN_FORM % (b"/shop/cart?x", b"www.example"))
        client.send(ask("/shop/other", host="www.example"))
        self.assertEqual([found.body for found in client.answers()], [b"shop", b"shop"])
        self.assertEqual([head.target for head in self.shop.requests], [b"/store/cart?x", b"/store/other"])
        self.assertEqual(self.shop.requests[0].fields.get(b"host"), b"shop.internal:8000")

    def test_both_forms_of_a_request_share_what_is_stored(self) -> None:
        client = self.node.client()
        for octets in (ask("/page", host="www.example"), ORIGIN_FORM % (b"/page", b"www.example"),
                       ORIGIN_FORM % (b"/page", b"WWW.example:80")):  # fmt: skip
            self.assertEqual(client.send(octets).answers()[-1].body, b"hello")
        self.assertEqual(len(self.web.requests), 1)
        self.assertEqual(self.node.counters.plain_hits, 2)

    def test_the_host_of_the_client_is_kept_where_that_is_configured(self) -> None:
        node = NodeInMemory(REQUIRED + "CONFIG proxy.config.url_remap.pristine_host_hdr INT 1\n", remap=REMAP)
        web = node.at("web.internal").answer(answer("Cache-Control: max-age=60"))
        node.client().send(ORIGIN_FORM % (b"/page", b"www.example") * 2)
        self.assertEqual([head.fields.get(b"host") for head in web.requests], [b"www.example"])

    def test_references_of_the_origin_are_made_public_again(self) -> None:
        self.web.answer(answer("Location: http://web.internal/login?x", "Content-Location: http://web.internal/a",
                               "Cache-Control: max-age=60", status="301 Moved"))  # fmt: skip
        for _ in range(2):
            found = self.node.client().send(ORIGIN_FORM % (b"/a", b"www.example")).answers()[0]
            self.assertEqual(found.fields.get(b"location"), b"http://www.example/login?x")
            self.assertEqual(found.fields.get(b"content-location"), b"http://www.example/a")
        self.assertEqual(len(self.web.requests), 1)

    def test_references_to_elsewhere_stay(self) -> None:
        self.web.answer(answer("Location: http://elsewhere.example/", status="302 Found"))
        found = self.node.client().send(ORIGIN_FORM % (b"/a", b"www.example")).answers()[0]
        self.assertEqual(found.fields.get(b"location"), b"http://elsewhere.example/")

    def test_a_redirect_is_answered_here(self) -> None:
        found = self.node.client().send(ORIGIN_FORM % (b"/a?b", b"old.example")).answers()[0]
        self.assertEqual((found.status, found.fields.get(b"location")), (301, b"http://new.example/a?b"))

    def test_a_temporary_redirect_is_307_or_302_by_the_client_s_version(self) -> None:
        client = self.node.client().send(ORIGIN_FORM % (b"/a", b"moved.example"))
        self.assertEqual(client.answers()[0].status, 307)
        old = self.node.client().send(b"GET /a HTTP/1.0\r\nHost: moved.example\r\n\r\n")
        self.assertEqual(old.answers()[0].status, 302)

    def test_what_no_rule_is_for_is_a_404(self) -> None:
        client = self.node.client().send(ORIGIN_FORM % (b"/", b"unknown.example"))
        self.assertEqual(client.answers()[0].status, 404)
        self.assertFalse(client.closed)

    def test_a_purge_names_what_is_stored_by_its_public_url(self) -> None:
        """http-caching case 41."""
        self.node.client().send(ORIGIN_FORM % (b"/page", b"www.example"))
        purge = b"PURGE /page HTTP/1.1\r\nHost: www.example\r\n\r\n"
        statuses = [self.node.client().send(purge).answers(b"PURGE")[0].status for _ in range(2)]
        self.assertEqual(statuses, [200, 404])


class Access(SynchronousTestCase):
    """Traffic Server, ip_allow.yaml."""

    def setUp(self) -> None:
        self.node = NodeInMemory(ip_allow=ALLOW)
        self.origin = self.node.at("a.example").answer(answer("Cache-Control: max-age=60"))

    def status(self, address: str, method: str) -> int:
        """What a client of that address gets."""
        client = self.node.client(address).send(ask("/", "Content-Length: 0", method=method))
        return client.answers(method.encode())[0].status

    def test_methods_are_allowed_by_address(self) -> None:
        cases = (("127.0.0.1", "DELETE", 200), ("10.1.2.3", "GET", 200), ("10.1.2.3", "HEAD", 200),
                 ("10.1.2.3", "POST", 403), ("10.1.2.3", "PURGE", 403), ("192.168.0.1", "POST", 200),
                 ("192.168.0.1", "PURGE", 403))  # fmt: skip
        for address, method, expected in cases:
            self.assertEqual(self.status(address, method), expected, (address, method))
        self.assertEqual(self.node.counters.access_denied, 3)

    def test_a_method_that_is_denied_ends_the_connection(self) -> None:
        client = self.node.client("10.1.2.3").send(ask("/", method="DELETE") + ask("/"))
        (found,) = client.answers()
        self.assertEqual((found.status, found.fields.get(b"connection")), (403, b"close"))
        self.assertTrue(client.closed)
        self.assertEqual(self.origin.requests, [])

    def test_an_address_without_any_method_gets_no_answer_at_all(self) -> None:
        client = self.node.client("172.16.0.1")
        self.assertTrue(client.closed)
        self.assertEqual(client.received, b"")
        self.assertEqual(self.node.counters.access_denied, 1)
        self.assertEqual(self.node.counters.total_client_connections, 0)

    def test_a_hit_is_no_way_around(self) -> None:
        node = NodeInMemory(ip_allow=ALLOW.replace("[GET, HEAD]", "[HEAD]"))
        node.at("a.example").answer(answer("Cache-Control: max-age=60"))
        node.get("http://a.example/")
        for address, expected in (("10.1.2.3", 403), ("127.0.0.1", 200)):
            self.assertEqual(node.client(address).send(ask("/")).answers()[0].status, expected)

    def test_a_destination_is_looked_up_before_it_is_permitted(self) -> None:
        rule = "  - {apply: out, ip_addrs: %s, action: deny, methods: POST}\n"
        node = NodeInMemory(ip_allow=ALLOW + rule % self.node.network.address_of("a.example"))
        origin = node.at("a.example").answer(UNSTORED)
        node.network.slow_names.add("a.example")
        client = node.client().send(ask("/"))
        self.assertEqual(client.received, b"")
        node.pass_time(1)
        self.assertEqual(client.answers()[0].status, 200)
        client.send(ask("/", "Content-Length: 0", method="POST"))
        self.assertEqual([found.status for found in client.answers()], [200, 403])
        self.assertEqual(len(origin.requests), 1)

    def test_nothing_is_sent_for_a_client_that_left_while_the_name_was_looked_up(self) -> None:
        node = NodeInMemory(ip_allow=ALLOW + "  - {apply: out, ip_addrs: 192.0.2.250, action: deny}\n")
        origin = node.at("a.example").answer(UNSTORED)
        node.network.slow_names.add("a.example")
        node.client().send(ask("/", "Content-Length: 0", method="POST")).leave()
        node.pass_time(2)
        self.assertEqual(origin.requests, [])
        self.assertEqual(node.counters.outgoing_requests, 0)

    def test_without_the_file_only_this_machine_is_served(self) -> None:
        node = NodeInMemory()
        self.assertFalse(node.client("127.8.9.1").closed)
        self.assertTrue(node.client("10.0.0.1").closed)


class Crowds(SynchronousTestCase):
    def test_connections_beyond_the_limit_are_closed_at_once(self) -> None:
        """Traffic Server, ``net.max_connections_in``."""
        node = NodeInMemory("CONFIG proxy.config.net.max_connections_in INT 3\n")
        clients = [node.client() for _ in range(5)]
        self.assertEqual([client.closed for client in clients], [False, False, False, True, True])
        self.assertEqual(node.counters.connections_throttled_in, 2)
        clients[0].leave()
        self.assertFalse(node.client().closed)
        self.assertEqual(node.counters.current_client_connections, 3)

    def test_connections_of_one_client_beyond_the_limit_are_closed_at_once(self) -> None:
        """Traffic Server, ``net.per_client.max_connections_in``."""
        node = NodeInMemory("CONFIG proxy.config.net.per_client.max_connections_in INT 2\n")
        clients = [node.client() for _ in range(3)]
        self.assertEqual([client.closed for client in clients], [False, False, True])
        self.assertFalse(node.client("127.0.0.2").closed)
        self.assertEqual(node.counters.per_client_throttled_in, 1)
        clients[1].leave()
        self.assertFalse(node.client().closed)
