"""Redirects that a node follows by itself, as its clients and origins see it."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.journeys.answers import answer
from tsnode.testing.node import NodeInMemory

# every address of these stories is one for documentation, which is none of the public network
FOLLOWING = """
CONFIG proxy.config.http.number_of_redirections INT 2
CONFIG proxy.config.http.redirect.actions STRING default:follow,self:return,loopback:return
"""
URL = "http://a.example/x"


def moved(location: str, status: str = "302 Found") -> bytes:
    return answer(f"Location: {location}", status=status, body=b"over there")


class Redirects(SynchronousTestCase):
    """Traffic Server, ``proxy.config.http.number_of_redirections``."""

    def setUp(self) -> None:
        self.node = NodeInMemory(FOLLOWING)
        self.a, self.b = self.node.at("a.example"), self.node.at("b.example", 81)

    def test_the_answer_at_the_end_is_stored_under_the_first_url_alone(self) -> None:
        self.a.answer(moved("http://b.example:81/y"))
        self.b.answer(answer("Cache-Control: max-age=60"))
        for _ in range(2):
            got = self.node.get(URL)
            self.assertEqual((got.status, got.body), (200, b"hello"))
        self.assertEqual((len(self.a.requests), len(self.b.requests)), (1, 1))
        self.assertEqual((self.b.requests[0].target, self.b.requests[0].host), (b"/y", b"b.example:81"))
        self.node.get("http://b.example:81/y")
        self.assertEqual(len(self.b.requests), 2)

    def test_beyond_the_number_the_client_gets_the_last_one(self) -> None:
        self.a.answer(moved("/1"), moved("/2"), moved("/3"))
        got = self.node.get(URL)
        self.assertEqual((got.status, got.fields.get(b"location")), (302, b"/3"))
        self.assertEqual([each.target for each in self.a.requests], [b"/x", b"/1", b"/2"])

    def test_the_node_does_not_follow_to_itself_or_where_it_was_not_told_to(self) -> None:
        self.node.network.own.add(self.node.network.address_of("own.example"))
        for host, wanted in (("own.example", 302), ("127.0.0.1", 302), ("nowhere.invalid", 302), ("10.0.0.1", 200)):
            self.node.at(host).answer(answer("Cache-Control: no-store"))
            self.a.answer(moved(f"http://{host}/"))
            self.assertEqual((self.node.get(URL).status, host), (wanted, host))

    def test_only_public_addresses_are_followed_to_by_default(self) -> None:
        node = NodeInMemory("CONFIG proxy.config.http.number_of_redirections INT 2")
        node.at("9.9.9.9").answer(answer(body=b"public"))
        node.at("10.0.0.1").answer(answer(body=b"private"))
        node.at("a.example").answer(moved("http://10.0.0.1/"), moved("http://9.9.9.9/"))
        self.assertEqual([node.get(URL).status for _ in range(2)], [302, 200])

    def test_content_is_sent_to_where_it_belongs(self) -> None:
        """Traffic Server, ``post_copy_size``; RFC 9110 §15.4."""
        self.b.answer(answer(body=b"done"))
        for status, body, got, then in (
            ("307 Temporary Redirect", b"abc", 200, (b"POST", b"abc")),
            ("308 Permanent Redirect", b"x" * 2049, 308, None),
            ("303 See Other", b"x" * 4096, 200, (b"GET", b"")),
        ):
            self.b.requests.clear()
            self.b.bodies.clear()
            self.a.answer(moved("http://b.example:81/y", status))
            answered = self.node.get(URL, f"Content-Length: {len(body)}", method="POST", body=body)
            seen = [(head.method, content) for head, content in zip(self.b.requests, self.b.bodies, strict=True)]
            self.assertEqual((answered.status, seen), (got, [] if then is None else [then]), status)
            self.assertEqual(self.a.bodies[-1], body)

    def test_another_site_gets_no_credentials(self) -> None:
        self.a.answer(moved("http://b.example:81/y"))
        self.b.answer(answer())
        self.node.get(URL, "Authorization: Basic eDp5", "Cookie: a=b")
        self.assertIn(b"authorization", self.a.requests[0].fields)
        self.assertEqual({b"authorization", b"cookie"} & set(self.b.requests[0].fields.names()), set())

    def test_a_destination_that_ip_allow_denies_is_not_asked(self) -> None:
        denied = NodeInMemory(FOLLOWING, ip_allow=(
            "ip_allow:\n"
            "- {apply: in, ip_addrs: 127.0.0.1, action: allow, methods: ALL}\n"
            "- {apply: out, ip_addrs: 10.0.0.1, action: deny, methods: ALL}\n"
        ))  # fmt: skip
        denied.at("10.0.0.1").answer(answer())
        denied.at("a.example").answer(moved("http://10.0.0.1/"))
        self.assertEqual(denied.get(URL).status, 403)
        self.assertEqual(denied.at("10.0.0.1").requests, [])

    def test_a_rule_may_follow_where_others_do_not(self) -> None:
        node = NodeInMemory(
            "CONFIG proxy.config.http.redirect.actions STRING default:follow\n",
            remap="map http://front.example/ http://a.example/ @plugin=conf_remap.so "
            "@pparam=proxy.config.http.number_of_redirections=1\n"
            "map http://other.example/ http://a.example/\n",
        )
        node.at("a.example").answer(moved("http://b.example/y"))
        node.at("b.example").answer(answer("Cache-Control: no-store"))
        statuses = [node.get(f"http://{host}.example/x").status for host in ("front", "other")]
        self.assertEqual(statuses, [200, 302])
