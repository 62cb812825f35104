"""Which way a request goes."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.caching.samples import POLICY
from tests.transaction.stand_ins import SETTINGS, request
from tsnode.caching.policy import CachingPolicy
from tsnode.caching.request_facts import read_facts
from tsnode.model.errors import PeerError
from tsnode.model.messages import CHUNKED, RequestHead
from tsnode.model.settings import ProxySettings
from tsnode.model.target import parse_target
from tsnode.routing.remap import Denied, Unchanged, Unmapped
from tsnode.transaction.course import (
    LoopFound,
    MethodDenied,
    Step,
    check_request,
    choose_step,
    refuse_mapping,
    refuse_method,
    see_mapped,
    stops_here,
)


def refusal(head: RequestHead, settings: ProxySettings = SETTINGS, *, content: bool = False) -> int | None:
    """The status that a request is turned away with, wherever it goes; None where it is not."""
    try:
        check_request(head, content, settings)
    except PeerError as error:
        return error.status
    return None


class TurnedAway(SynchronousTestCase):
    def test_push_is_for_a_cache_that_can_take_it(self) -> None:
        self.assertEqual(refusal(request(method="PUSH")), 403)
        enabled = ProxySettings(push_enabled=True)
        self.assertEqual(refusal(request(method="PUSH"), enabled), 411)
        self.assertIsNone(refusal(request("Content-Length: 1", method="PUSH", framing=CHUNKED), enabled, content=True))

    def test_content_without_a_length_is_not_taken_where_one_is_needed(self) -> None:
        self.assertEqual(refusal(request(method="POST")), 411)
        self.assertIsNone(refusal(request(method="POST"), content=True))
        self.assertIsNone(refusal(request(method="POST"), ProxySettings(require_length=False)))

    def test_a_loop_is_told_from_other_faults(self) -> None:
        self.assertRaises(LoopFound, check_request, request("Via: 1.1 tsnode"), False, SETTINGS)

    def test_a_method_that_is_not_permitted_is_told_from_other_faults(self) -> None:
        denied = refuse_method()
        self.assertIsInstance(denied, MethodDenied)
        self.assertEqual((denied.status, denied.reason), (403, b"Access Denied"))

    def test_mapping_refuses_with_a_status_of_its_own(self) -> None:
        self.assertEqual(refuse_mapping(Denied("")).status, 403)
        self.assertEqual(refuse_mapping(Unmapped(404, b"Not Found")).status, 404)


class Steps(SynchronousTestCase):
    def step(self, *lines: str, method: str = "GET", policy: CachingPolicy = POLICY) -> Step:
        """What is done with a request that is mapped."""
        head = request(*lines, method=method)
        target = parse_target(head.method, head.target, head.host)
        return choose_step(head, read_facts(head, target, policy))

    def test_what_mapping_has_no_part_in_stops_here(self) -> None:
        last = "Max-Forwards: 0"
        for head, step in (
            (request(method="CONNECT", url="a.example:443"), Step.TUNNEL),
            (request(last, method="TRACE"), Step.TRACE),
            (request(last, method="OPTIONS"), Step.OPTIONS),
            (request(method="TRACE"), None),
            (request(last), None),
        ):
            self.assertIs(stops_here(head), step, head)

    def test_the_cache_is_looked_at_where_it_may_be(self) -> None:
        self.assertIs(self.step(), Step.LOOK_UP)
        self.assertIs(self.step(policy=CachingPolicy(http=False)), Step.FETCH)
        self.assertIs(self.step(method="BREW"), Step.FETCH)

    def test_purging_and_upgrading_come_first(self) -> None:
        self.assertIs(self.step(method="PURGE"), Step.PURGE)
        self.assertIs(self.step("Max-Forwards: 0", method="DELETE"), Step.PURGE)
        self.assertIs(self.step("Upgrade: chat", "Connection: upgrade"), Step.UPGRADE)
        self.assertIs(self.step("Upgrade: chat"), Step.LOOK_UP)


class Seen(SynchronousTestCase):
    def test_rules_see_a_url_that_no_rule_changed_as_it_was_written(self) -> None:
        head = request(url="http://A.example:80/x")
        target = parse_target(b"GET", head.target, head.host)
        seen = see_mapped(
            Unchanged(), head, target, client="127.0.0.1", port=8080, time_of_day=60, lookup=lambda: None
        )
        self.assertEqual((seen.url, seen.host), ("http://A.example:80/x", "A.example"))
        self.assertEqual((seen.local_port, seen.time_of_day), (8080, 60))
