"""The values of destinations and specifiers."""

from __future__ import annotations

from tests.config.shape import Messages
from tsnode.config.parent import parse_parent
from tsnode.matching.condition import Condition
from tsnode.matching.destinations import Addresses, Domain, ExactUrl, Host
from tsnode.matching.specifiers import DayTime, Ports, Prefix, Suffix, TagName
from tsnode.model.addresses import parse_range


class Values(Messages):
    def condition(self, pairs: str) -> Condition:
        reading = parse_parent("p", f"{pairs} go_direct=true")
        self.assert_found(reading.errors, [])
        return reading.value[0].condition

    def fault(self, pair: str) -> tuple[int, str]:
        """Column and problem of the one fault of a line."""
        other = "" if pair.startswith(("dest", "url", "host")) else "dest_host=h "
        (fault,) = parse_parent("p", f"{other}{pair} go_direct=true").errors
        return fault.place.column - len(other), fault.problem

    def test_hosts_and_domains_are_kept_without_case_and_outer_dots(self) -> None:
        self.assertEqual(self.condition("dest_host=.A.Example.").destination, Host("a.example"))
        self.assertEqual(self.condition("dest_domain=.").destination, Domain(""))
        self.assertEqual(self.condition("dest_host=!a").destination, Host("!a"))
        for text in ("[2001:db8::1]", "2001:DB8::1"):
            self.assertEqual(self.condition(f"dest_host={text}").destination, Host("2001:db8::1"))

    def test_what_is_no_host_is_marked(self) -> None:
        for pair, column in (
            ("dest_host=http://h/", 15), ("dest_host=h:80", 12), ('dest_domain="é"', 14), ("dest_host=.", 11),
            ('dest_host=""', 12), ('dest_host="a b"', 12),
        ):  # fmt: skip
            self.assertEqual(self.fault(pair)[0], column, pair)

    def test_ranges_of_addresses_do_not_end_before_they_begin(self) -> None:
        span = parse_range("10.1.0.0-10.1.255.255")
        assert span is not None
        self.assertEqual(self.condition("dest_ip=10.1.0.0/16").destination, Addresses(span))
        self.assertEqual(self.fault("dest_ip=1.2.3.4-1.2.3.1")[0], 9)

    def test_expressions_are_told_where_they_are_wrong(self) -> None:
        self.assertEqual(self.fault("url_regex=ab[c"), (15, "in the expression: unterminated character set"))
        self.assertEqual(self.fault('host_regex=""'), (13, "the expression is empty"))
        self.assertEqual(self.fault("url_regex=?q"), (11, "in the expression: nothing to repeat"))

    def test_a_url_has_a_scheme(self) -> None:
        self.assertEqual(self.condition("url=http://h/a").destination, ExactUrl("http://h/a"))
        self.assertEqual(self.fault("url=/a"), (5, "'/a' is no URL"))

    def test_specifiers_are_read(self) -> None:
        condition = self.condition('dest_host=h port=1 prefix=//a suffix=GIF,,b time=01:02:03-4:05 tag="" suffix=*')
        self.assertEqual(condition.specifiers, (
            Ports(1, 1), Prefix("a"), Suffix(("gif", "b")), DayTime(3723, 14700), TagName(""), Suffix(("",)),
        ))  # fmt: skip

    def test_what_is_no_specifier_is_marked(self) -> None:
        for pair, fault in (
            ("port=abc", (6, "'abc' is no port")), ("port=2-1", (6, "'2-1' ends before it begins")),
            ("port=1-", (8, "'' is no port")), ("suffix=,", (8, "the list is empty")),
            ("time=10:00", (6, "the range has no end")), ("time=10-11", (6, "'10' is no time of the day")),
            ("time=10:00-24:00", (12, "'24:00' is no time of the day")),
            ("scheme=gopherx", (8, "unknown scheme 'gopherx'")),
            ("internal=falsexyz", (10, "unknown value 'falsexyz'")), ("method=a/b", (8, "'a/b' is no method")),
            ("iport=0", (7, "'0' is no port")), ("src_ip=300.1.1.1", (8, "'300.1.1.1' is no range of addresses")),
        ):  # fmt: skip
            self.assertEqual(self.fault(pair), fault, pair)

    def test_the_nearest_word_is_told_or_all_of_them(self) -> None:
        for pair, expected in (("internal=flase", "false"), ("internal=x", "true or false")):
            (fault,) = parse_parent("p", f"dest_host=h go_direct=true {pair}").errors
            self.assertEqual(fault.expected, expected)
