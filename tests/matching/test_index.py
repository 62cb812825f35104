"""Finding the lines for a request."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from tests.project.sources import ROOT
from tsnode.config.parent import parse_parent
from tsnode.hierarchy.rules import ParentRule
from tsnode.matching.condition import Condition, Covered, Failed, GivenUp, Matched
from tsnode.matching.destinations import Addresses, Domain, ExactUrl, Host, HostExpression, UrlExpression
from tsnode.matching.index import RuleIndex
from tsnode.matching.request import RuleRequest, see_request
from tsnode.matching.specifiers import Clients, Method
from tsnode.model.addresses import Address, parse_address, parse_range
from tsnode.model.errors import Place
from tsnode.model.expressions import compile_expression
from tsnode.model.target import make_target, parse_target
from tsnode.testing.config_rules import conditions, rule_requests

PUT = Method(b"PUT")
NOWHERE = Place("r")


@dataclass(frozen=True)
class Line:
    condition: Condition
    place: Place = NOWHERE


def never() -> Address | None:
    raise AssertionError("nobody asked for the address")


def request(url: str, address: str | None = None) -> RuleRequest:
    target = parse_target(b"GET", url.encode(), b"")
    return see_request(
        target, method=b"GET", client="::1", url=url.encode(), lookup=lambda: parse_address(address or "")
    )


def addresses(text: str) -> Addresses:
    span = parse_range(text)
    assert span is not None
    return Addresses(span)


class Order(SynchronousTestCase):
    def number(self, index: RuleIndex[Line], of: RuleRequest) -> int | None:
        """Which rule is found first, counted from 0."""
        found = index.first(of).first
        return None if found is None else index.rules.index(found)

    def test_the_first_line_wins_whatever_its_destination(self) -> None:
        """Traffic Server, ``proxy/ControlBase.h``, CheckForMatch."""
        kinds = (
            Domain(""), Domain("a.example"), Host("a.example"), addresses("10.0.0.1"), ExactUrl("http://a.example/"),
            UrlExpression(compile_expression("example")), HostExpression(compile_expression("example")),
        )  # fmt: skip
        for first in kinds:
            others = [kind for kind in kinds if kind is not first]
            index = RuleIndex([Line(Condition(kind)) for kind in (first, *others)])
            self.assertEqual(self.number(index, request("http://a.example/", "10.0.0.1")), 0)

    def test_a_domain_is_itself_and_what_is_below(self) -> None:
        index = RuleIndex([Line(Condition(Domain("example.com"))), Line(Condition(Host("notexample.com")))])
        for host, number in (
            ("example.com", 0), ("www.example.com", 0), ("a.b.EXAMPLE.com", 0), ("example.com.", 0),
            ("notexample.com", 1), ("x.notexample.com", None), ("com", None),
        ):  # fmt: skip
            self.assertEqual(self.number(index, request(f"http://{host}/")), number, host)

    def test_the_domain_of_all_holds_addresses_and_hosts_that_nobody_knows(self) -> None:
        index = RuleIndex([Line(Condition(Domain("")))])
        for url in ("http://10.0.0.1/", "http://[::1]/", "http://nowhere.invalid/"):
            self.assertEqual(self.number(index, request(url)), 0)

    def test_a_line_whose_specifier_fails_is_passed_over(self) -> None:
        index = RuleIndex([
            Line(Condition(Host("a"), (PUT,))), Line(Condition(Domain("a"), (PUT,))),
            Line(Condition(UrlExpression(compile_expression("a")), (PUT,))), Line(Condition(Domain(""))),
        ])  # fmt: skip
        self.assertEqual(self.number(index, request("http://a/")), 3)

    def test_all_lines_are_found_in_order(self) -> None:
        index = RuleIndex([
            Line(Condition(UrlExpression(compile_expression("a"))), Place("0")), Line(Condition(Host("a")), Place("1")),
            Line(Condition(addresses("10.0.0.1")), Place("2")), Line(Condition(Host("b")), Place("3")),
            Line(Condition(Domain("")), Place("4")), Line(Condition(Host("a"), (PUT,)), Place("5")),
        ])  # fmt: skip
        found = index.all(request("http://a/", "10.0.0.1"))
        self.assertEqual([rule.place.file for rule in found.rules], ["0", "1", "2", "4"])

    def test_no_rules_find_nothing(self) -> None:
        index: RuleIndex[Line] = RuleIndex()
        self.assertIsNone(index.first(request("http://a/")).first)
        self.assertEqual(index.all(request("http://a/")).rules, ())


class HostAddresses(SynchronousTestCase):
    def test_the_address_is_asked_for_only_where_a_range_could_win(self) -> None:
        index = RuleIndex([Line(Condition(Host("a"))), Line(Condition(addresses("10.0.0.1")))])
        target = make_target(b"http", b"a", 80, b"/")
        asked = see_request(target, method=b"GET", client="::1", lookup=never)
        self.assertIs(index.first(asked).first, index.rules[0])
        self.assertFalse(index.wants_address(asked))
        self.assertTrue(index.wants_address(request("http://b/")))
        self.assertFalse(RuleIndex([Line(Condition(Host("a")))]).wants_address(request("http://b/")))

    def test_an_unknown_address_is_in_no_range(self) -> None:
        index = RuleIndex([Line(Condition(addresses("0.0.0.0-255.255.255.255"))), Line(Condition(Domain("")))])
        self.assertIs(index.first(request("http://b/")).first, index.rules[1])

    def test_the_later_of_two_ranges_owns_what_both_have_even_where_its_specifier_fails(self) -> None:
        """Traffic Server, ``src/tscore/IpMap.cc``."""
        index = RuleIndex([
            Line(Condition(addresses("10.0.0.0-10.0.0.9"))),
            Line(Condition(addresses("10.0.0.5"), (PUT,)), Place("r", 2)),
            Line(Condition(Domain(""))),
        ])  # fmt: skip
        self.assertIs(index.first(request("http://b/", "10.0.0.4")).first, index.rules[0])
        self.assertIs(index.first(request("http://b/", "10.0.0.5")).first, index.rules[2])
        verdicts = [verdict for _, verdict in index.explain(request("http://b/", "10.0.0.5"))]
        self.assertEqual(verdicts, [Covered(Place("r", 2)), Failed(PUT), Matched()])


class Patience(SynchronousTestCase):
    def test_an_expression_that_takes_too_long_does_not_match_and_is_told(self) -> None:
        slow = UrlExpression(compile_expression("(a|a?)+$"))
        index = RuleIndex([Line(Condition(slow)), Line(Condition(Domain("")))])
        long = request(f"http://h/{'a' * 200}b")
        for found in (index.first(long), index.all(long)):
            self.assertEqual(found.rules, (index.rules[1],))
            ((rule, timeout),) = found.given_up
            self.assertIs(rule, index.rules[0])
            self.assertIn("takes too long", str(timeout))
        (_, verdict), _ = index.explain(long)
        self.assertIsInstance(verdict, GivenUp)


def holds(condition: Condition, of: RuleRequest) -> bool:
    """Whether a condition holds, told as plainly as can be."""
    name = of.host.lower()
    name = name.removesuffix(".")
    reached = False
    match condition.destination:
        case Host(host):
            reached = name == host
        case Domain(domain):
            reached = domain == "" or ("." + name).endswith("." + domain)
        case UrlExpression(expression):
            reached = bool(expression.search(of.url))
        case HostExpression(expression):
            reached = bool(expression.search(of.host))
        case ExactUrl(url):
            reached = of.url == url
        case Addresses(span):
            address = of.lookup()
            reached = address is not None and span.holds(address)
    return reached and all(specifier.holds(of) for specifier in condition.specifiers)


def naive(lines: Sequence[Line], of: RuleRequest) -> list[int]:
    """The numbers of all lines that match."""
    address = of.lookup()
    ranges = [
        number for number, line in enumerate(lines)
        if isinstance(line.condition.destination, Addresses)
        and address is not None and line.condition.destination.range.holds(address)
    ]  # fmt: skip
    return [
        number for number, line in enumerate(lines)
        if holds(line.condition, of)
        and (not isinstance(line.condition.destination, Addresses) or number == ranges[-1])
    ]  # fmt: skip


class Laws(SynchronousTestCase):
    @given(st.lists(conditions(repeated=True).map(Line), max_size=8), rule_requests())
    def test_the_index_finds_what_looking_at_every_line_finds(self, lines: list[Line], of: RuleRequest) -> None:
        index = RuleIndex(lines)
        numbers = naive(lines, of)
        self.assertEqual(index.all(of).rules, tuple(lines[number] for number in numbers))
        self.assertIs(index.first(of).first, lines[numbers[0]] if numbers else None)
        self.assertEqual(
            [number for number, (_, verdict) in enumerate(index.explain(of)) if verdict == Matched()], numbers
        )

    @given(st.lists(conditions().map(Line), max_size=8), rule_requests())
    def test_where_no_address_is_wanted_it_makes_no_difference(self, lines: list[Line], of: RuleRequest) -> None:
        index = RuleIndex(lines)
        if not index.wants_address(of):
            blind = RuleRequest(**{name: getattr(of, name) for name in of.__slots__} | {"lookup": never})
            self.assertEqual(index.first(blind), index.first(of))


ADDRESSES = {
    "n1.test": "10.1.1.1", "n2.test": "10.1.2.3", "n3.test": "10.2.0.1", "n4.test": "10.1.9.9", "n5.test": "10.9.9.9",
    "n6.test": "10.5.1.1",
}  # fmt: skip
"""What the names in the scenarios about addresses stand for."""

CASE = "Traffic Server 9 heeds the case of most labels"
DOT = "Traffic Server heeds the dot behind a host"
GUIDE = "the guide writes lists without ports and round-robin with a hyphen; both load here, with warnings"
PREFIX = "Traffic Server before 9.2.15 took the beginning of a method for it"
BYPASS = "what cannot be cached goes past the parents, whatever the rule"

EXCEPTIONS: dict[tuple[str, str, str], tuple[str | None, str]] = {
    ("modifier-fallthrough", "https://example.test:18070/", "GET"): ("127.0.1.7", "refused before rules are looked at"),
    ("host-details", "http://A.B.C.D.TEST/", "GET"): ("127.0.1.1", CASE),
    ("host-details", "http://E.F.G.H.test/", "GET"): ("127.0.1.2", CASE),
    ("host-details", "http://trail.test./", "GET"): ("127.0.1.4", DOT),
    ("host-details", "http://up.case.test/", "GET"): ("127.0.1.5", CASE),
    ("host-details", "http://Up.case.test/", "GET"): ("127.0.1.5", CASE),
    ("host-details", "http://mixed.test/", "GET"): ("127.0.1.6", CASE),
    ("host-details", "http://x.Mixed.test/", "GET"): ("127.0.1.6", CASE),
    ("host-details", "http://LOW.TEST/", "GET"): ("127.0.1.8", CASE),
    ("host-details", "http://low.test./", "GET"): ("127.0.1.8", DOT),
    ("host-details", "http://a.b.c.deep.test/", "GET"): ("127.0.1.13", CASE),
    ("host-details", "http://z.a.b.c.deep.test/", "GET"): ("127.0.1.13", CASE),
    ("host-wide-fanout-hash", "http://x.d3.fan.test/", "GET"): ("127.0.1.3", CASE),
    ("url-kind", "http://u.test/exact", "GET"): ("127.0.1.1", "url= works here"),
    ("url-kind", "http://u.test/other", "GET"): ("127.0.1.2", "url= works here"),
    ("syntax", "http://s13.test:18070/", "GET"): ("127.0.1.13", GUIDE),
    ("syntax", "http://s20.test:18070/", "GET"): ("127.0.1.20", "five retries are allowed, as the manual says"),
    ("syntax", "http://s30.test:18070/", "GET"): (None, "a quotation mark without another is an error"),
    ("syntax", "http://s37.test:18070/", "GET"): (None, "words that mean nothing are errors"),
    ("syntax", "http://s38.test:18070/", "GET"): ("::1", "IPv6 addresses are read"),
    ("syntax", "http://s41.test:18070/", "GET"): ("127.0.1.41", GUIDE),
    ("syntax", "http://s45.test:18070/", "GET"): ("127.0.1.45", GUIDE),
    ("methods", "http://m1.test:18070/", "POST"): (None, PREFIX),
    ("methods", "http://m1.test:18070/", "PUT"): (None, PREFIX),
    ("methods", "http://m3.test:18070/", "OPTIONS"): ("127.0.1.5", BYPASS),
    ("methods", "http://m3.test:18070/", "TRACE"): ("127.0.1.5", BYPASS),
    ("methods", "http://m3.test:18070/", "FOO"): ("127.0.1.5", BYPASS),
    ("misc-mods", "http://i14.test:18070/", "GET"): (None, "words that mean nothing are errors"),
    ("default-parent", "http://dp3.test/", "GET"): (None, "no rule: the default parents"),
    ("default-parent", "http://dp4.test/", "GET"): (None, "no rule: the default parents"),
    ("doc-example-rejected", "http://host1:18070/", "GET"): ("parent1", GUIDE),
    ("doc-example-rejected", "http://host2:18070/", "GET"): ("127.0.1.1", GUIDE),
    ("cache-off-bypass", "http://b1.test:18070/", "GET"): ("127.0.1.1", BYPASS),
    ("remap-before-match", "http://public.test/x/y", "GET"): ("127.0.1.1", "no mapping here"),
}
"""The parent of the rule that is found here (None: none), and why it is another one than Traffic Server's."""


def scenarios() -> Iterator[tuple[str, tuple[ParentRule, ...], dict[str, str]]]:
    """Every request of every scenario, and the rules for it."""
    told = json.loads(Path(ROOT, "tests/vectors/parent_match.json").read_text(encoding="utf-8"))
    for scenario in told["match_scenarios"]:
        rules = parse_parent("p", scenario["parent_config"]).value
        for row in scenario["results"]:
            yield scenario["scenario"], rules, row


class Vectors(SynchronousTestCase):
    maxDiff = None

    def test_the_lines_that_traffic_server_chose_are_chosen(self) -> None:
        """Observed on Traffic Server 9.2; line N sends to 127.0.1.N."""
        wrong = []
        used = set()
        for name, rules, row in scenarios():
            url, method = row["url"], row.get("method", "GET")
            target = parse_target(b"GET", url.partition("#")[0].encode(), b"")
            seen = see_request(
                target,
                method=method.encode(),
                client=row.get("client_ip", "127.0.0.1"),
                url=url.encode() if url.count("/") > 2 else url.encode() + b"/",
                local_port=18000,
                time_of_day=43200,
                lookup=partial(parse_address, ADDRESSES.get(target.host.decode(), "")),
            )
            found = RuleIndex(rules).first(seen).first
            hosts = [parent.host for parent in found.plan.parents] if found is not None else []
            chosen = None if row["chosen"] in (None, "direct") else row["chosen"].partition(":")[0]
            if (name, url, method) in EXCEPTIONS:
                chosen = EXCEPTIONS[name, url, method][0]
                used.add((name, url, method))
            if (chosen is None if hosts else chosen is not None) or (hosts and chosen not in hosts):
                wrong.append((name, url, method, hosts, row["chosen"]))
        self.assertEqual(wrong, [])
        self.assertEqual(used, set(EXCEPTIONS))


class Steady(SynchronousTestCase):
    """Rules for every request that looks the same to the lane."""

    def test_rules_about_client_and_time_leave_it_open_where_they_are_near(self) -> None:
        span = parse_range("10.0.0.0-10.0.0.9")
        assert span is not None
        near = Line(Condition(Domain("a.example"), (Clients(span),)))
        index = RuleIndex([near, Line(Condition(Domain("b.example")))])
        self.assertIsNone(index.all_steady(request("http://a.example/")))
        self.assertEqual(index.all_steady(request("http://b.example/")), index.rules[1:])
        self.assertEqual(index.all_steady(request("http://c.example/")), ())

    def test_rules_about_addresses_leave_it_open_where_the_address_is_not_in_the_url(self) -> None:
        index = RuleIndex([Line(Condition(addresses("10.0.0.1")))])
        self.assertTrue(index.asks_for_addresses)
        self.assertIsNone(index.all_steady(request("http://a.example/")))
        self.assertEqual(index.all_steady(request("http://10.0.0.1/")), index.rules)
        self.assertEqual(index.all_steady(request("http://10.0.0.2/")), ())
        self.assertFalse(RuleIndex([Line(Condition(Domain("")))]).asks_for_addresses)

    def test_an_expression_that_takes_too_long_leaves_it_open(self) -> None:
        index = RuleIndex([Line(Condition(UrlExpression(compile_expression("(a|a?)+$"))))])
        self.assertIsNone(index.all_steady(request(f"http://a.example/{'a' * 200}b")))

    @given(st.lists(conditions(), max_size=4), rule_requests(), rule_requests())
    def test_what_is_found_is_found_for_every_client_at_every_time(
        self, found: list[Condition], one: RuleRequest, other: RuleRequest
    ) -> None:
        index = RuleIndex([Line(condition) for condition in found])
        steady = index.all_steady(one)
        if steady is not None:
            elsewhere = replace(one, client=other.client, time_of_day=other.time_of_day)
            self.assertEqual(index.all(elsewhere).rules, steady)
