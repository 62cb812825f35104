"""The kit in which stories about a whole node are told."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.messages import RequestHead
from tsnode.testing.node import NodeInMemory

ANSWER = b"HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Length: 2\r\n\r\nok"


class Nodes(SynchronousTestCase):
    def test_a_node_forwards_to_the_origins_of_the_story(self) -> None:
        node = NodeInMemory()
        origin = node.at("a.example", 8000).answer(ANSWER)
        found = node.get("http://a.example:8000/x", "X-One: 1", method="PUT", body=b"")
        self.assertEqual(found.status, 411)
        found = node.get("http://a.example:8000/x", "X-One: 1", "Content-Length: 3", method="PUT", body=b"abc")
        self.assertEqual((found.status, found.body), (200, b"ok"))
        (request,) = origin.requests
        self.assertEqual((request.method, request.target, request.fields.get(b"x-one")), (b"PUT", b"/x", b"1"))
        self.assertEqual(origin.bodies, [b"abc"])
        self.assertTrue(origin.received.startswith(b"PUT /x HTTP/1.1\r\n"))

    def test_an_origin_that_the_story_does_not_name_refuses(self) -> None:
        self.assertEqual(NodeInMemory().get("http://nobody.example/").status, 502)

    def test_configuration_is_the_text_of_files(self) -> None:
        node = NodeInMemory(
            "CONFIG proxy.config.http.server_ports STRING 8080 8081\n",
            remap="map http://www.example/ http://a.example/",
            ip_allow="ip_allow:\n  - {apply: in, ip_addrs: 10.0.0.1, action: allow}\n",
        )
        origin = node.at("a.example").answer(ANSWER)
        self.assertTrue(node.client().closed)
        for port in (0, 1):
            client = node.client("10.0.0.1", port).send(b"GET / HTTP/1.1\r\nHost: www.example\r\n\r\n")
            self.assertEqual(client.answers()[0].body, b"ok")
        self.assertEqual(len(origin.requests), 2)

    def test_two_nodes_may_share_a_network_and_ask_each_other(self) -> None:
        parent = NodeInMemory()
        child = NodeInMemory(
            "CONFIG proxy.config.url_remap.remap_required INT 1\n",
            remap="map http://www.example/ http://a.example/",
            network=parent.network,
        )
        parent.at("a.example").answer(ANSWER)
        self.assertIs(child.at("a.example"), parent.at("a.example"))
        client = child.client().send(b"GET / HTTP/1.1\r\nHost: www.example\r\n\r\n")
        self.assertEqual(client.answers()[0].body, b"ok")
        self.assertEqual(parent.counters.incoming_requests, 0)

    def test_time_passes_only_when_it_is_told_to(self) -> None:
        node = NodeInMemory()
        before = node.now
        node.get("http://nobody.example/")
        self.assertEqual(node.now, before)
        node.pass_time(2.5)
        self.assertEqual(node.now, before + 2.5)


class Clients(SynchronousTestCase):
    def setUp(self) -> None:
        self.node = NodeInMemory()
        self.origin = self.node.at("a.example").answer(ANSWER)
        self.request = b"GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n"

    def test_an_answer_that_is_not_whole_is_none_yet(self) -> None:
        self.origin.answer(None)
        client = self.node.client().send(self.request)
        self.origin.say(ANSWER[:-1])
        self.assertEqual(client.answers(), [])
        self.origin.say(ANSWER[-1:])
        self.assertEqual([found.body for found in client.answers()], [b"ok"])

    def test_answers_without_content_are_told_by_their_methods(self) -> None:
        client = self.node.client().send(self.request.replace(b"GET", b"HEAD") + self.request)
        self.assertEqual([found.body for found in client.answers(b"HEAD")], [b"", b"ok"])

    def test_content_may_end_with_the_connection(self) -> None:
        self.origin.answer(b"HTTP/1.1 200 OK\r\n\r\nuntil the end")
        self.origin.close_after = True
        client = self.node.client().send(self.request.replace(b"HTTP/1.1", b"HTTP/1.0"))
        self.assertEqual([found.body for found in client.answers()], [b"until the end"])
        self.assertEqual((client.closed, client.reset), (True, False))

    def test_a_client_that_does_not_read_has_octets_waiting_for_it(self) -> None:
        client = self.node.client().stop_reading().send(self.request)
        self.assertEqual(client.received, b"")
        self.assertGreater(client.waiting, len(b"ok"))
        client.read_on()
        self.assertEqual((client.answers()[0].body, client.waiting), (b"ok", 0))

    def test_a_client_may_end_its_half_or_leave(self) -> None:
        self.assertTrue(self.node.client().end_sending().closed)
        client = self.node.client()
        self.assertEqual(self.node.counters.current_client_connections, 1)
        client.leave()
        self.assertEqual(self.node.counters.current_client_connections, 0)


class Origins(SynchronousTestCase):
    def setUp(self) -> None:
        self.node = NodeInMemory()
        self.origin = self.node.at("a.example")

    def test_answers_are_given_in_order_and_the_last_one_again_and_again(self) -> None:
        self.origin.answer(ANSWER.replace(b"ok", b"1."), lambda head: ANSWER.replace(b"ok", head.target[-2:]))
        found = [self.node.get(f"http://a.example/{name}").body for name in ("xx", "yy", "zz")]
        self.assertEqual(found, [b"1.", b"yy", b"zz"])

    def test_an_origin_may_say_nothing_for_now(self) -> None:
        client = self.node.client().send(b"GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n")
        self.assertEqual(client.received, b"")
        self.assertEqual(len(self.origin.links), 1)
        self.assertIs(self.origin.transport, self.origin.transport_of(0))
        self.origin.say(ANSWER)
        self.assertEqual(client.answers()[0].body, b"ok")

    def test_an_origin_hears_of_a_head_before_its_content(self) -> None:
        begun: list[bytes] = []

        def note(_: object, head: RequestHead) -> None:
            begun.append(head.method)
            self.assertEqual(self.origin.requests, [])

        self.origin.on_begun = note
        client = self.node.client()
        client.send(b"POST http://a.example/ HTTP/1.1\r\nHost: a.example\r\nContent-Length: 2\r\n\r\n")
        self.assertEqual(begun, [b"POST"])
        client.send(b"ab")
        self.assertEqual(self.origin.bodies, [b"ab"])

    def test_an_origin_may_hang_up_on_all_of_its_links(self) -> None:
        self.origin.answer(ANSWER)
        self.node.get("http://a.example/")
        self.assertEqual(self.node.counters.current_server_connections, 1)
        self.origin.hang_up()
        self.origin.hang_up()
        self.assertEqual(self.node.counters.current_server_connections, 0)
