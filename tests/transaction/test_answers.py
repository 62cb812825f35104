"""Answers to clients."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis.strategies import sampled_from
from twisted.trial.unittest import SynchronousTestCase

from tests.caching.samples import NOW, answer, dated, moment, stored
from tests.transaction.stand_ins import SETTINGS, Client, Material, Response, World, request
from tsnode.caching.policy import CachingPolicy
from tsnode.model.alternate import Alternate
from tsnode.model.errors import BadRequest, PeerError, UpstreamFailed
from tsnode.model.fields import Line
from tsnode.model.messages import CHUNKED, EMPTY, UNTIL_CLOSE, Framing, RequestHead, ResponseHead
from tsnode.model.settings import ProxySettings
from tsnode.model.target import CacheKey
from tsnode.ports import Answer
from tsnode.routing.remap import Mapped
from tsnode.transaction.answers import adjust, follow_fill, pass_on, refuse, serve_stored, turn_away
from tsnode.transaction.via import Trace

KEY = CacheKey(b"http://a.example/x")
CONTENT = b"0123456789"
VIA = replace(SETTINGS, response_via=1, via_name=b"edge", response_via_text=b"node")


class Refusals(SynchronousTestCase):
    def turned_away(self, error: PeerError, server: bytes = b"origin.example") -> tuple[Client, World]:
        world, client = World(), Client()
        turn_away(world.services, client, error, server)
        return client, world

    def test_the_client_gets_the_status_and_the_reason_of_the_error_and_a_page_about_it(self) -> None:
        client, _ = self.turned_away(BadRequest("too large", status=413, reason=b"Request Entity Too Large"))
        response = client.response
        self.assertTrue(response.head.startswith(b"HTTP/1.1 413 Request Entity Too Large\r\n"))
        self.assertIn(b"too large", response.read())
        self.assertEqual(response.length, len(response.read()))

    def test_further_lines_stand_in_the_head(self) -> None:
        client = Client()
        refuse(World().services, client, BadRequest("x"), (b"Content-Range", b"bytes */5"))
        self.assertEqual(client.response.fields.get(b"content-range"), b"bytes */5")

    def test_the_log_says_whose_fault_it_was(self) -> None:
        """Traffic Server, "Squid Result Codes"."""
        for error, mark in (
            (PeerError("x", status=403), ("ERR_PROXY_DENIED", "NONE", b"-")),
            (PeerError("x", status=504), ("ERR_READ_TIMEOUT", "TIMEOUT_DIRECT", b"origin.example")),
            (UpstreamFailed("x", committed=False, status=500), ("ERR_DNS_FAIL", "NONE", b"-")),
            (UpstreamFailed("x", committed=False), ("ERR_CONNECT_FAIL", "DIRECT", b"origin.example")),
            (PeerError("x", status=404), ("ERR_CONNECT_FAIL", "DIRECT", b"origin.example")),
            (BadRequest("x"), ("ERR_INVALID_REQ", "NONE", b"-")),
            (BadRequest("x", status=413), ("ERR_POST_ENTITY_TOO_LARGE", "NONE", b"-")),
            (BadRequest("x", kind=b"proxy_loop_detected"), ("ERR_LOOP_DETECTED", "NONE", b"-")),
        ):
            self.assertEqual(self.turned_away(error)[0].marks, [mark], error.status)

    def test_what_was_denied_and_what_made_no_sense_is_counted(self) -> None:
        for error, denied, invalid in (
            (PeerError("x", status=403), 1, 0), (BadRequest("x"), 0, 1), (PeerError("x", status=502), 0, 0)
        ):  # fmt: skip
            counters = self.turned_away(error)[1].counters
            self.assertEqual((counters.access_denied, counters.invalid_client_requests), (denied, invalid))


class Via(SynchronousTestCase):
    """Traffic Server, ``proxy.config.http.insert_response_via_str``."""

    def test_clients_are_told_of_this_node_only_where_that_is_configured(self) -> None:
        for settings, told in ((SETTINGS, None), (VIA, b"http/1.1 edge (node)")):
            client, world = Client(), World(settings=settings)
            turn_away(world.services, client, BadRequest("x"))
            self.assertEqual(client.response.fields.get(b"via"), told)


class Adjusting(SynchronousTestCase):
    """How a response is presented."""

    def adjusted(self, head: ResponseHead, settings: ProxySettings = SETTINGS) -> ResponseHead:
        world = World(settings=settings)
        return adjust(world.services, world.errand(Client()), head)

    def test_server_is_left_replaced_or_filled_in(self) -> None:
        """Traffic Server, ``proxy.config.http.response_server_enabled``."""
        for mode, with_one, without in ((0, b"x", None), (1, b"node", b"node"), (2, b"x", b"node")):
            settings = replace(SETTINGS, server_mode=mode, server_text=b"node")
            self.assertEqual(self.adjusted(answer("Server: x"), settings).fields.get(b"server"), with_one, mode)
            self.assertEqual(self.adjusted(answer("X: y"), settings).fields.get(b"server"), without, mode)

    def test_nothing_else_is_touched(self) -> None:
        head = ResponseHead(10, 404, b"Gone Fishing", answer("Server: x", "X: y").fields, CHUNKED, False)
        told = self.adjusted(head)
        self.assertEqual(
            (told.version, told.status, told.reason, told.framing, told.persistent),
            (10, 404, b"Gone Fishing", CHUNKED, False),
        )
        self.assertEqual(told.fields.get(b"x"), b"y")

    @given(sampled_from((SETTINGS, replace(SETTINGS, server_mode=0), replace(SETTINGS, server_text=b"other"))))
    def test_a_head_known_from_before_is_presented_by_the_settings_of_now(self, later: ProxySettings) -> None:
        head, unseen = answer("Server: x"), answer("Server: x")
        self.adjusted(head)
        self.assertEqual(self.adjusted(head, later), self.adjusted(unseen, later))

    def test_references_of_mapped_origins_are_made_public_again(self) -> None:
        """Traffic Server, remap.config ``reverse_map``."""
        world = World(remap="map http://www.example/ http://o.example/\nreverse_map http://o.example/ http://www.example/")
        errand = world.errand(Client(), request(url="http://www.example/"))
        decision = world.services.remap.map_request(
            errand.target, absolute_form=True, client="", port=8080, method=b"GET"
        )
        assert isinstance(decision, Mapped)
        mapped = errand._replace(mapped=decision)
        lines = [f"{name}: http://o.example/y" for name in ("Location", "Content-Location", "URI", "X-Other")]
        head = answer(*lines)
        # the same head without a mapping before: what was remembered of it must not be taken here
        adjust(world.services, errand, head)
        told = adjust(world.services, mapped, head).fields
        for name in (b"location", b"content-location", b"uri"):
            self.assertEqual(told.get(name), b"http://www.example/y", name)
        self.assertEqual(told.get(b"x-other"), b"http://o.example/y")
        self.assertEqual(adjust(world.services, errand, head).fields.get(b"location"), b"http://o.example/y")


class PassingOn(SynchronousTestCase):
    """Answers that are not stored."""

    def passed(
        self,
        *lines: str,
        status: int = 200,
        framing: Framing = CHUNKED,
        asked: RequestHead | None = None,
        settings: ProxySettings = SETTINGS,
        more: tuple[Line, ...] = (),
    ) -> tuple[Response, Material]:
        world, client, content = World(settings=settings), Client(), Material(b"hello")
        head = ResponseHead(11, status, b"Because", answer(*lines).fields, framing, True)
        came = Answer(head=head, content=content, request_time=NOW - 1, response_time=NOW)
        pass_on(world.services, world.errand(client, asked), head, came, *more)
        return client.response, content

    def test_end_to_end_fields_and_the_content_go_on(self) -> None:
        response, _ = self.passed("Connection: x-hop", "X-Hop: 1", "X-End: 2", "Content-Length: 5", status=201)
        self.assertTrue(response.head.startswith(b"HTTP/1.1 201 Because\r\n"))
        self.assertEqual(set(response.fields.names()), {b"x-end", b"date", b"cache-status"})
        self.assertEqual((response.length, response.read()), (None, b"hello"))

    def test_further_lines_are_added(self) -> None:
        response, _ = self.passed(more=((b"Warning", b"199 x"),))
        self.assertEqual(response.fields.get(b"warning"), b"199 x")

    def test_an_answer_without_a_date_gets_that_of_its_receipt(self) -> None:
        """RFC 9110 §6.6.1."""
        self.assertEqual(self.passed()[0].fields.get(b"date"), moment(0).encode())
        self.assertEqual(self.passed(f"Date: {moment(-50)}")[0].fields.all(b"date"), (moment(-50).encode(),))

    def test_an_age_is_passed_on_unless_ages_are_not_told(self) -> None:
        self.assertEqual(self.passed("Age: 7")[0].fields.all(b"age"), (b"7",))
        self.assertNotIn(b"age", self.passed()[0].fields)
        self.assertNotIn(b"age", self.passed("Age: 7", settings=replace(SETTINGS, insert_age=False))[0].fields)

    def test_via_names_this_node_where_that_is_configured(self) -> None:
        self.assertEqual(self.passed(settings=VIA)[0].fields.get(b"via"), b"http/1.1 edge (node)")

    def test_a_length_is_told_where_it_is_known(self) -> None:
        head = answer(length=5)
        self.assertEqual(self.passed(framing=head.framing)[0].length, 5)
        self.assertIsNone(self.passed(framing=UNTIL_CLOSE)[0].length)

    def test_an_empty_content_is_told_as_such_and_not_waited_for(self) -> None:
        response, content = self.passed(framing=EMPTY)
        self.assertEqual((response.length, response.content, content.closed), (0, None, True))

    def test_where_there_can_be_no_content_no_length_is_told(self) -> None:
        """RFC 9110 §8.6."""
        for status in (204, 304):
            self.assertEqual(self.passed(status=status, framing=EMPTY)[0].length, None)

    def test_head_is_told_the_length_that_get_would_have(self) -> None:
        """RFC 9110 §9.3.2."""
        asked = request(method="HEAD")
        for lines, length in ((("Content-Length: 7",), 7), (("Content-Length: 7",) * 2, 7), ((), None)):
            response, _ = self.passed(*lines, framing=EMPTY, asked=asked)
            self.assertEqual((response.length, response.content), (length, None))


class Stored(SynchronousTestCase):
    """Answers from the store; RFC 9110 §13.2, §14.2."""

    def setUp(self) -> None:
        self.world = World()
        self.keep("ETag: \"a\"")

    def keep(self, *lines: str, content: bytes = CONTENT, status: int = 200) -> Alternate:
        """Store an answer in the world as it is then."""
        alternate = stored(*dated("Cache-Control: max-age=60", *lines), status=status)
        kept = self.world.store.put(KEY, replace(alternate, length=len(content)), content, None)
        assert kept is not None
        self.kept = kept
        return kept

    def serve(self, *lines: str, method: str = "GET", warning: bytes | None = None) -> Response:
        client = Client()
        errand = self.world.errand(client, request(*lines, method=method))
        status = serve_stored(self.world.services, errand, self.kept, trace=Trace.HIT, warning=warning)
        self.assertEqual(client.response.status, status)
        return client.response

    def test_all_of_it_goes_out_with_its_age(self) -> None:
        """RFC 9111 §5.1."""
        self.world.clock.advance(7.9)
        response = self.serve()
        self.assertEqual((response.status, response.length, response.read()), (200, 10, CONTENT))
        self.assertEqual((response.fields.get(b"age"), response.fields.get(b"etag")), (b"7", b'"a"'))

    def test_a_clock_that_was_set_back_gives_no_negative_age(self) -> None:
        self.kept = replace(self.kept, terms=replace(self.kept.terms, birth=NOW + 100))
        self.assertEqual(self.serve().fields.get(b"age"), b"0")

    def test_ages_are_not_told_where_that_is_configured(self) -> None:
        self.world = World(settings=replace(SETTINGS, insert_age=False))
        self.keep()
        self.assertNotIn(b"age", self.serve().fields)

    def test_warnings_and_via_are_added(self) -> None:
        self.world = World(settings=VIA)
        self.keep()
        fields = self.serve(warning=b"110 node \"stale\"").fields
        self.assertEqual((fields.get(b"warning"), fields.get(b"via")), (b'110 node "stale"', b"http/1.1 edge (node)"))

    def test_head_gets_the_head_alone(self) -> None:
        response = self.serve(method="HEAD")
        self.assertEqual((response.status, response.length, response.content), (200, 10, None))

    def test_a_content_of_no_octets_is_none(self) -> None:
        self.keep(content=b"")
        response = self.serve()
        self.assertEqual((response.length, response.content), (0, None))

    def test_a_status_without_content_tells_no_length(self) -> None:
        self.keep(content=b"", status=204)
        response = self.serve()
        self.assertEqual((response.status, response.length, response.content), (204, None, None))

    def test_who_has_it_already_is_told_so_without_an_age(self) -> None:
        response = self.serve('If-None-Match: "a"')
        self.assertEqual((response.status, response.length, response.content), (304, None, None))
        self.assertNotIn(b"age", response.fields)

    def test_a_precondition_that_does_not_hold_is_told(self) -> None:
        response = self.serve('If-Match: "b"')
        self.assertEqual((response.status, response.length, response.content), (412, 0, None))

    def test_a_part_is_cut_out(self) -> None:
        response = self.serve("Range: bytes=2-4")
        self.assertEqual((response.status, response.length, response.read()), (206, 3, b"234"))
        self.assertEqual(response.fields.get(b"content-range"), b"bytes 2-4/10")
        self.assertIn(b"age", response.fields)

    def test_several_parts_are_as_long_as_is_told(self) -> None:
        self.world = World(policy=CachingPolicy(allow_multi_range=1))
        self.keep()
        response = self.serve("Range: bytes=0-1,8-9")
        body = response.read()
        self.assertEqual((response.status, response.length), (206, len(body)))
        self.assertIn(b"\r\n\r\n01\r\n", body)
        self.assertIn(b"\r\n\r\n89\r\n", body)

    def test_what_is_not_there_is_told_with_how_much_there_is(self) -> None:
        response = self.serve("Range: bytes=10-")
        self.assertEqual((response.status, response.fields.get(b"content-range")), (416, b"bytes */10"))
        self.assertNotIn(b"proxy-status", response.fields)
        self.assertIn(b"hit", response.fields.get(b"cache-status") or b"")

    def test_what_is_not_ready_in_memory_is_read(self) -> None:
        big = b"x" * 300_000
        self.keep(content=big)
        response = self.serve()
        self.assertEqual((response.length, len(response.read())), (300_000, 300_000))


class Following(SynchronousTestCase):
    """Answers that are being stored."""

    def follow(
        self,
        *lines: str,
        first_hand: bool = True,
        status: int = 200,
        settings: ProxySettings = SETTINGS,
        age: str = "Age: 0",
        later: float = 0,
    ) -> tuple[Response, Material]:
        world, client, content = World(settings=settings), Client(), Material(b"01")
        alternate = stored(*dated("Cache-Control: max-age=60", 'ETag: "a"', age), status=status)
        world.clock.advance(later)
        trace = Trace.STORED if first_hand else Trace.FOLLOWED
        follow_fill(world.services, world.errand(client, request(*lines)), alternate, content, trace=trace)
        return client.response, content

    def test_the_content_goes_on_as_it_comes(self) -> None:
        response, content = self.follow()
        self.assertEqual((response.length, response.read()), (10, b"01"))
        content.push(b"23")
        self.assertEqual(response.read(), b"23")

    def test_who_brought_it_is_told_no_age_but_the_one_it_came_with(self) -> None:
        self.assertNotIn(b"age", self.follow()[0].fields)
        self.assertEqual(self.follow(age="Age: 7")[0].fields.get(b"age"), b"7")
        self.assertNotIn(b"age", self.follow("Accept: x", "Cookie: x")[0].fields)

    def test_who_follows_is_told_how_old_it_is(self) -> None:
        self.assertEqual(self.follow(first_hand=False)[0].fields.get(b"age"), b"0")
        self.assertEqual(self.follow(first_hand=False, later=9)[0].fields.get(b"age"), b"9")

    def test_via_names_this_node_where_that_is_configured(self) -> None:
        for first_hand in (True, False):
            response, _ = self.follow(first_hand=first_hand, settings=VIA)
            self.assertEqual(response.fields.get(b"via"), b"http/1.1 edge (node)")

    def test_who_has_it_already_does_not_wait_for_the_content(self) -> None:
        response, content = self.follow('If-None-Match: "a"')
        self.assertEqual((response.status, response.content, content.closed), (304, None, True))

    def test_a_precondition_that_does_not_hold_is_told_at_once(self) -> None:
        response, content = self.follow('If-Match: "b"')
        self.assertEqual((response.status, response.content, content.closed), (412, None, True))

    def test_a_status_without_content_has_none(self) -> None:
        for lines in ((), ("Cookie: x",)):
            response, content = self.follow(*lines, status=204)
            self.assertEqual((response.status, response.length, response.content), (204, None, None))
            self.assertTrue(content.closed)

    def test_a_content_that_is_all_here_needs_no_closing(self) -> None:
        world, client = World(), Client()
        errand = world.errand(client, request('If-None-Match: "a"'))
        follow_fill(world.services, errand, stored(*dated('ETag: "a"')), CONTENT, trace=Trace.STORED)
        self.assertEqual((client.response.status, client.response.content), (304, None))
