"""A whole node in memory."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.journeys.answers import answer
from tsnode.model.errors import ConfigErrors
from tsnode.testing.node import NodeInMemory


class Kit(SynchronousTestCase):
    def test_a_request_goes_through_the_node_to_the_origin_and_back(self) -> None:
        node = NodeInMemory()
        origin = node.at("a.example").answer(answer(body=b"hi"))
        got = node.get("http://a.example/x", "X-One: 1")
        self.assertEqual((got.status, got.body, got.fields.get(b"content-length")), (200, b"hi", b"2"))
        self.assertEqual([(head.method, head.target) for head in origin.requests], [(b"GET", b"/x")])
        self.assertEqual(origin.requests[0].fields.get(b"x-one"), b"1")

    def test_answers_are_given_in_order_and_the_last_one_again_and_again(self) -> None:
        node = NodeInMemory()
        node.at("a.example").answer(answer("Cache-Control: no-store", body=b"1"), answer("Cache-Control: no-store"))
        self.assertEqual([node.get("http://a.example/").body for _ in range(3)], [b"1", b"hello", b"hello"])

    def test_an_answer_can_depend_on_its_request(self) -> None:
        node = NodeInMemory()
        node.at("a.example").answer(lambda head: answer(body=head.target))
        self.assertEqual(node.get("http://a.example/path").body, b"/path")

    def test_where_no_origin_was_made_nobody_is(self) -> None:
        self.assertEqual(NodeInMemory().get("http://a.example/").status, 502)

    def test_several_answers_on_one_connection_are_told_apart(self) -> None:
        node = NodeInMemory()
        node.at("a.example").answer(lambda head: answer(body=head.target))
        ask = b"GET http://a.example/%b HTTP/1.1\r\nHost: a.example\r\n\r\n"
        client = node.client().send(ask % b"1" + ask % b"2")
        self.assertEqual([got.body for got in client.answers()], [b"/1", b"/2"])

    def test_the_configuration_is_that_of_files(self) -> None:
        node = NodeInMemory(remap="map http://www.example/ http://a.example/\n")
        node.at("a.example").answer(answer(body=b"mapped"))
        client = node.client().send(b"GET / HTTP/1.1\r\nHost: www.example\r\n\r\n")
        self.assertEqual(client.answers()[0].body, b"mapped")
        with self.assertRaises(ConfigErrors):
            NodeInMemory(remap="mop x y\n")

    def test_a_client_that_is_not_let_in_is_closed(self) -> None:
        self.assertTrue(NodeInMemory().client("192.0.2.200").closed)

    def test_time_passes_when_told_to(self) -> None:
        node = NodeInMemory()
        before = node.now
        node.pass_time(10)
        self.assertEqual(node.now, before + 10)
