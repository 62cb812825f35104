"""Several answers of one URL, and which requests get which."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.journeys.answers import answer, ask
from tsnode.model.messages import RequestHead
from tsnode.testing.node import NodeInMemory

URL = "http://a.example/page"
FRESH = "Cache-Control: max-age=600"


class AlternatesCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.start()

    def start(self, records: str = "") -> None:
        self.node = NodeInMemory("".join(f"CONFIG proxy.config.{line}\n" for line in records.split("\n") if line))
        self.origin = self.node.at("a.example")

    def vary(self, *lines: str) -> None:
        """The origin answers with these lines, and with the X-Foo of the request as content."""

        def serve(head: RequestHead) -> bytes:
            return answer(FRESH, *lines, body=head.fields.get(b"x-foo") or b"none")

        self.origin.answer(*[serve] * 100)

    def get(self, *lines: str) -> bytes:
        return self.node.get(URL, *lines).body

    def asked(self, *lines: str) -> bool:
        """Whether such a request reaches the origin."""
        before = len(self.origin.requests)
        self.get(*lines)
        return len(self.origin.requests) > before


class Selection(AlternatesCase):
    def test_two_values_are_two_objects_and_none_is_a_third(self) -> None:
        """Case 38."""
        self.vary("Vary: X-Foo")
        for foo in ("b,c", "d"):
            self.assertEqual(self.get(f"X-Foo: {foo}"), foo.encode())
        self.assertEqual(self.get(), b"none")
        self.assertFalse(self.asked("X-Foo: B , C"))
        self.assertEqual([self.get("X-Foo: d"), self.get()], [b"d", b"none"])
        self.assertEqual(len(self.origin.requests), 3)

    def test_vary_on_everything_never_hits(self) -> None:
        """Case 23."""
        for line in ("Vary: *", "Vary: " + ", ".join(f"X-{number}" for number in range(1000))):
            self.start()
            self.vary(line)
            self.assertEqual([self.asked(), self.asked()], [True, True])

    def test_beyond_the_limit_the_oldest_goes(self) -> None:
        """Case 39, D-10."""
        for limit, left in ((3, [4, 5, 6]), (1, [6]), (0, [0, 1, 2, 3, 4, 5, 6])):
            self.start(f"cache.limits.http.max_alts INT {limit}")
            self.vary("Vary: X-Foo")
            for number in range(7):
                self.get(f"X-Foo: {number}")
            origin_asked = [number for number in left if self.asked(f"X-Foo: {number}")]
            self.assertEqual(origin_asked, [], limit)
            self.assertTrue(limit == 0 or self.asked("X-Foo: 0"))

    def test_a_replaced_alternate_takes_its_own_place(self) -> None:
        self.vary("Vary: X-Foo")
        for foo in ("1", "2", "3"):
            self.get(f"X-Foo: {foo}")
        self.get("X-Foo: 1", "Cache-Control: no-cache")
        self.assertEqual([self.asked(f"X-Foo: {foo}") for foo in ("1", "2", "3")], [False] * 3)

    def test_any_number_of_alternates_is_not_any_number(self) -> None:
        self.start("cache.limits.http.max_alts INT 0")
        self.vary("Vary: X-Foo")
        self.origin.answer(*[answer(FRESH, "Vary: X-Foo")] * 1010)
        client = self.node.client()
        for number in range(1005):
            client.send(f"GET {URL} HTTP/1.1\r\nHost: a.example\r\nX-Foo: {number}\r\n\r\n".encode())
        self.assertEqual(len(self.origin.requests), 1005)
        self.assertFalse(self.asked("X-Foo: 1004"))
        self.assertFalse(self.asked("X-Foo: 5"))
        self.assertTrue(self.asked("X-Foo: 4"))


class Defaults(AlternatesCase):
    """Case 40; Traffic Server, ``enable_default_vary_headers``."""

    RECORDS = "http.cache.enable_default_vary_headers INT 1\nhttp.cache.vary_default_text STRING X-Foo, X-Bar"

    def test_they_act_on_answers_of_their_type_without_vary(self) -> None:
        for lines, varies in (
            (("Content-Type: text/html",), True), (("Content-Type: image/png",), False),
            (("Content-Type: text/html", "Vary: X-Other"), False),
        ):  # fmt: skip
            self.start(self.RECORDS)
            self.vary(*lines)
            self.get("X-Foo: a")
            self.assertEqual(self.asked("X-Foo: b"), varies, lines)
            self.assertFalse(self.asked("X-Foo: a"))


class UserAgents(AlternatesCase):
    def test_every_answer_may_vary_by_them(self) -> None:
        """Traffic Server, ``proxy.config.cache.vary_on_user_agent``."""
        self.start("cache.vary_on_user_agent INT 1")
        self.vary()
        self.assertEqual([self.asked("User-Agent: a"), self.asked("User-Agent: b")], [True, True])
        self.assertFalse(self.asked("User-Agent: a"))

    def test_one_may_speak_for_all(self) -> None:
        """Traffic Server, ``proxy.config.http.global_user_agent_header``."""
        self.start("http.global_user_agent_header STRING tsnode/1")
        self.vary("Vary: User-Agent")
        self.assertEqual([self.asked("User-Agent: a"), self.asked("User-Agent: b")], [True, False])
        self.assertEqual(self.origin.requests[0].fields.all(b"user-agent"), (b"tsnode/1",))
        self.assertFalse(self.asked())


class Codings(AlternatesCase):
    """Traffic Server, ``proxy.config.http.normalize_ae``."""

    def test_values_that_come_to_the_same_share_an_answer(self) -> None:
        self.vary("Vary: Accept-Encoding")
        self.assertTrue(self.asked("Accept-Encoding: gzip, deflate, br"))
        self.assertFalse(self.asked("Accept-Encoding: br;q=0.5, gzip"))
        self.assertEqual(self.origin.requests[0].fields.get(b"accept-encoding"), b"gzip")
        self.assertTrue(self.asked("Accept-Encoding: br"))
        self.assertNotIn(b"accept-encoding", self.origin.requests[1].fields)

    def test_other_modes_leave_other_values(self) -> None:
        for mode, sent in ((0, b"gzip, br"), (2, b"br"), (3, b"br, gzip")):
            self.start(f"http.normalize_ae INT {mode}")
            self.vary()
            self.get("Accept-Encoding: gzip, br")
            self.assertEqual(self.origin.requests[0].fields.get(b"accept-encoding"), sent)

    def test_a_coded_answer_is_not_for_who_cannot_read_it(self) -> None:
        self.vary("Vary: X-Foo", "Content-Encoding: gzip")
        self.get("Accept-Encoding: gzip")
        self.assertEqual([self.asked("Accept-Encoding: gzip"), self.asked()], [False, True])


class Suiting(AlternatesCase):
    """Traffic Server, ``ignore_accept_mismatch`` and its companions."""

    def test_an_answer_without_vary_is_for_all_unless_that_is_to_be_compared(self) -> None:
        for records, again in (("", False), ("http.cache.ignore_accept_mismatch INT 0", True)):
            self.start(records)
            self.vary("Content-Type: text/html")
            self.get("Accept: text/html")
            self.assertEqual(self.asked("Accept: image/png"), again, records)
            self.assertFalse(self.asked("Accept: text/*"))

    def test_what_suits_one_client_stays_when_another_gets_what_suits_it(self) -> None:
        self.start("http.cache.ignore_accept_language_mismatch INT 0")
        self.origin.answer(*[
            answer(FRESH, f"Content-Language: {tag}", body=tag.encode()) for tag in ("fr", "en", "no", "no")
        ])
        for tag in ("fr", "en", "fr", "en"):
            self.assertEqual(self.get(f"Accept-Language: {tag}"), tag.encode())

    def test_who_cannot_read_what_is_coming_does_not_wait_for_it(self) -> None:
        coded = answer(FRESH, "Vary: X-Foo", "Content-Encoding: gzip", body=b"zip")
        self.origin.answer(None, answer(FRESH, "Vary: X-Foo", body=b"plain"))
        clients = [self.node.client().send(ask("/page", *lines)) for lines in (("Accept-Encoding: gzip",), ())]
        self.assertEqual(len(self.origin.requests), 1)
        self.origin.say(coded)
        self.assertEqual([client.answers()[0].body for client in clients], [b"zip", b"plain"])
        self.assertEqual([self.get("Accept-Encoding: gzip"), self.get()], [b"zip", b"plain"])

    def test_a_rule_may_say_so_for_its_requests_and_the_lane_keeps_out(self) -> None:
        plugin = "@plugin=conf_remap.so @pparam=proxy.config.http.cache.ignore_accept_language_mismatch=0"
        self.node = NodeInMemory(remap=f"map http://a.example/ http://a.example/ {plugin}\n")
        self.origin = self.node.at("a.example")
        self.vary("Content-Language: fr")
        self.get("Accept-Language: fr")
        self.assertTrue(self.asked("Accept-Language: en"))
        self.assertEqual(self.node.counters.plain_hits, 0)
