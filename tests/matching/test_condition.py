"""Conditions one by one."""

from __future__ import annotations

from hypothesis import given
from twisted.trial.unittest import SynchronousTestCase

from tsnode.matching.condition import Condition, reaches
from tsnode.matching.destinations import ExactUrl, HostExpression, UrlExpression
from tsnode.matching.request import RuleRequest, see_request
from tsnode.matching.specifiers import Clients, DayTime, Method, Prefix
from tsnode.model.addresses import AddressRange
from tsnode.model.expressions import compile_expression
from tsnode.model.target import parse_target
from tsnode.testing.config_rules import conditions, rule_requests


def request(url: bytes) -> RuleRequest:
    return see_request(parse_target(b"GET", url, b""), method=b"GET", client="::1", url=url)


class Conditions(SynchronousTestCase):
    def test_the_first_specifier_that_does_not_hold_is_the_reason(self) -> None:
        condition = Condition(ExactUrl("x"), (Method(b"GET"), Prefix("a"), Prefix("b")))
        self.assertEqual(condition.missing(request(b"http://h/c")), Prefix("a"))
        self.assertEqual(condition.missing(request(b"http://h/a")), Prefix("b"))

    def test_a_url_expression_sees_the_whole_decoded_url_anywhere_and_heeds_case(self) -> None:
        for text, url, found in (
            ("foo/BAR", b"http://rx.test/foo/BAR", True), ("foo/BAR", b"http://rx.test/foo/bar", False),
            ("two words", b"http://rx.test/two+words", True), (r":80/", b"http://rx.test:80/", True),
            (r":80/", b"http://rx.test/", False), ("(?i)rx", b"http://RX.test/", True),
            ("%41", b"http://h/%2541", True),
        ):  # fmt: skip
            self.assertEqual(reaches(UrlExpression(compile_expression(text)), request(url)), found, text)

    def test_a_host_expression_sees_the_host_alone(self) -> None:
        expression = HostExpression(compile_expression("foo"))
        self.assertTrue(reaches(expression, request(b"http://xfoox.test/")))
        self.assertFalse(reaches(expression, request(b"http://bar.test/foo")))

    def test_an_exact_url_is_compared_decoded(self) -> None:
        self.assertTrue(reaches(ExactUrl("http://h/a b"), request(b"http://h/a%20b")))
        self.assertFalse(reaches(ExactUrl("http://h/a"), request(b"http://h/a?q")))

    def test_client_and_time_make_it_waver_where_nothing_else_fails(self) -> None:
        asked = request(b"http://h/a")
        clients = Clients(AddressRange(4, 0, 9))
        for specifiers, wavers in (
            ((), False), ((Prefix("a"),), False), ((clients,), True), ((DayTime(0, 1), Prefix("a")), True),
            ((clients, Prefix("b")), False),
        ):  # fmt: skip
            self.assertEqual(Condition(ExactUrl("http://h/a"), specifiers).wavers(asked), wavers, specifiers)

    @given(conditions(), rule_requests())
    def test_a_condition_says_the_same_every_time(self, condition: Condition, of: RuleRequest) -> None:
        self.assertEqual(reaches(condition.destination, of), reaches(condition.destination, of))
        self.assertIn(condition.missing(of), (None, *condition.specifiers))
