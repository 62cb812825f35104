"""remap.config read into rules."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.config.shape import Messages
from tsnode.config.reading import Reading
from tsnode.config.remap import parse_remap
from tsnode.config.rows import RECORDS
from tsnode.model.errors import Place
from tsnode.model.expressions import Expression, compile_expression
from tsnode.routing.rules import (
    MapFilter,
    RefererCheck,
    RefererPattern,
    RemapRule,
    Replacement,
    RuleKind,
    Source,
)
from tsnode.testing.config_remap import remap_rules, render_remap, without_places


def parse(text: str) -> Reading[tuple[RemapRule, ...]]:
    return parse_remap("m", text, RECORDS)


class Rules(Messages):
    def rule(self, text: str) -> RemapRule:
        reading = parse(text)
        self.assert_found(reading.errors, [])
        (rule,) = reading.value
        return rule

    def test_each_type_is_known_by_its_word(self) -> None:
        for kind in RuleKind:
            if kind is not RuleKind.MAP_WITH_REFERER:
                self.assertIs(self.rule(f"{kind.value} http://h/ http://s/").kind, kind)
        for word in ("map", "map_with_recv_port", "redirect", "redirect_temporary"):
            rule = self.rule(f"REGEX_{word} http://h/ http://s/")
            self.assertEqual(rule.kind.value, word)
            self.assertIsInstance(rule.source.host, Expression)

    def test_the_parts_of_both_urls_are_found(self) -> None:
        rule = self.rule("map HTTP://H.example:81/a/ http://s")
        self.assertEqual(rule.source, Source(b"http", b"h.example", 81, b"/a/"))
        self.assertEqual(rule.replacement, Replacement(b"http", b"s", 80, b"/"))

    def test_a_source_may_have_no_host(self) -> None:
        self.assertEqual(self.rule("map /a http://s/").source, Source(b"", b"", 0, b"/a"))

    def test_an_expression_stands_for_the_host_alone(self) -> None:
        rule = self.rule(r"regex_map https://^(a|b)\.(?:x|y)$:81/p http://$1.$0.s/")
        self.assertEqual(rule.source.host, compile_expression(r"^(a|b)\.(?:x|y)$", ignore_case=True))
        self.assertEqual((rule.source.scheme, rule.source.port, rule.source.path), (b"https", 81, b"/p"))

    def test_a_line_may_be_continued(self) -> None:
        reading = parse("map http://h/ \\\n  http://s/ \\\n\t@action=deny\nmap http://g/ http://t/")
        self.assert_found(reading.errors, [])
        self.assertEqual([rule.filter for rule in reading.value], [MapFilter(False), None])

    def test_a_comment_or_an_empty_line_ends_a_continued_one(self) -> None:
        for between in ("", "# x"):
            reading = parse(f"map http://h/ http://s/ \\\n{between}\nmap http://g/ http://t/ \\")
            self.assert_found(reading.errors, [])
            self.assertEqual(len(reading.value), 2)

    def test_a_rule_knows_where_it_stands(self) -> None:
        self.assertEqual(self.rule("# x\n  map /a http://s/").place, Place("m", 2, 3, "  map /a http://s/"))

    def test_a_referer_rule_has_expressions_behind_its_urls(self) -> None:
        rule = self.rule("map_with_referer http://h/ http://s/ http://r/?%o ~* * ~bad good @method=get")
        patterns = (
            RefererPattern(None),
            RefererPattern(compile_expression("bad", ignore_case=True), forbidden=True),
            RefererPattern(compile_expression("good", ignore_case=True)),
        )
        self.assertEqual(rule.referer, RefererCheck(b"http://r/?%o", patterns, optional=True))
        self.assertEqual(rule.filter, MapFilter(True, frozenset({b"GET"})))

    def test_clients_may_be_sent_to_encrypted_urls(self) -> None:
        for text in ("redirect http://h/ https://s/", "reverse_map https://h/ https://s/"):
            self.assertEqual(self.rule(text).replacement.port, 443)


class Faults(Messages):
    def fault(self, text: str, place: str, problem: str, expected: str) -> None:
        reading = parse(text)
        self.assert_found(reading.errors, [(place, problem, expected)])
        self.assertEqual(reading.value, ())
        self.assert_marked(reading.errors, text)

    def test_a_message_shows_and_marks_the_line(self) -> None:
        (fault,) = parse("map http://h/ https://s/").errors
        self.assertEqual(str(fault).split("\n"), [
            "m:1:15: encrypted connections to origins come with a later version",
            "  map http://h/ https://s/",
            "                ^ expected http://",
        ])  # fmt: skip

    def test_the_type_is_a_known_word(self) -> None:
        self.fault("mapp http://h/ http://s/", "m:1:1", "unknown rule type 'mapp'", "map")
        self.fault("x", "m:1:1", "unknown rule type 'x'", "map, reverse_map, redirect or one of their kin")
        self.fault("regex_reverse_map / /", "m:1:1", "unknown rule type 'regex_reverse_map'", "reverse_map")
        self.fault(".definefilter x @action=deny", "m:1:1", ".definefilter is not supported yet", "a rule")

    def test_every_type_has_its_words(self) -> None:
        pair = "target, then replacement"
        four = "target, replacement, URL for others, then expressions"
        self.fault("map", "m:1:4", "the target is missing", pair)
        self.fault("map http://h/ \\\n @action=deny", "m:1:14", "the replacement is missing", pair)
        self.fault("map_with_referer / http://s/", "m:1:29", "the URL for others is missing", four)
        self.fault("map_with_referer / http://s/ http://r/", "m:1:39", "the expression for Referer is missing", four)
        self.fault("map / http://s/ x", "m:1:17", "'x' is one word too many", "options, each with @")

    def test_urls_are_urls(self) -> None:
        schemes = "http://, https://, ws:// or wss:// and a host"
        host = "a host, and a port from 1 to 65535 if any"
        self.fault("map h/ http://s/", "m:1:5", "'h/' is no URL", schemes)
        self.fault("map / ftp://s/", "m:1:7", "'ftp://s/' is no URL", schemes)
        self.fault("reverse_map / http://s/", "m:1:13", "'/' is no URL", schemes)
        self.fault("map / http:///x", "m:1:14", "malformed host", host)
        self.fault("map / http://s:99999/", "m:1:14", "port missing or out of range", host)
        self.fault("map / http://s/é", "m:1:7", "a URL has printable ASCII characters only", "others as %XX of UTF-8")
        for mark in "?#":
            self.fault(f"map /a{mark} http://s/", "m:1:7", "a rule has no query and no fragment", "host and path only")

    def test_origins_cannot_be_encrypted_yet(self) -> None:
        for scheme in ("https", "wss"):
            problem = "encrypted connections to origins come with a later version"
            self.fault(f"map / {scheme}://s/", "m:1:7", problem, "http://")

    def test_expressions_are_checked_where_they_stand(self) -> None:
        host = "in the expression for the host: "
        problem = f"{host}unterminated character set"
        self.fault("regex_map http://a[b/ http://s/", "m:1:21", problem, "a regular expression")
        self.fault("regex_map / http://s/", "m:1:11", "'/' is no URL with an expression for its host",
                   "http:// and an expression")  # fmt: skip
        self.fault("regex_map http:///a http://s/", "m:1:11", "'http:///a' is no URL with an expression for its host",
                   "http:// and an expression")  # fmt: skip
        self.fault("regex_map http://h?/a? http://s/", "m:1:22", "a rule has no query and no fragment",
                   "host and path only")  # fmt: skip
        self.fault("regex_map ftp://h/ http://s/", "m:1:11", "'ftp://h/' is no URL",
                   "http://, https://, ws:// or wss:// and a host")  # fmt: skip
        self.fault("map_with_referer / http://s/ http://r/ ~a(", "m:1:43",
                   "in the expression for Referer: missing )", "a regular expression")  # fmt: skip
        self.fault("map_with_referer / http://s/ r a", "m:1:30", "'r' is no URL", "where others are redirected to")

    def test_what_a_group_stands_for_is_there(self) -> None:
        self.fault("regex_map http://(a)/ http://x.$2/", "m:1:32", "$2 stands for nothing", "$0 to $1")
        self.fault("regex_map http://(a)/ http://$x/", "m:1:30", "$ stands for nothing", "$0 to $1")
        self.fault(f"regex_map http://(a)/ http://{'$1' * 11}/", "m:1:23", "11 groups are put into one host",
                   "10 at most")  # fmt: skip
        self.assert_found(parse("map http://h/ http://$x/").errors, [])

    def test_all_faults_of_all_lines_are_told(self) -> None:
        reading = parse("map h s @action=x\nmap http://h/ http://s/\nx")
        self.assertEqual([str(fault.place) for fault in reading.errors], ["m:1:5", "m:1:7", "m:1:17", "m:3:1"])
        self.assertEqual(len(reading.value), 1)


words = st.sampled_from([
    "map", "regex_map", "reverse_map", "map_with_referer", "/", "http://h/", "http://(a)/", "http://$1/",
    "@action=deny", "@plugin=conf_remap.so", "@pparam=x", "@src_ip=1", "\\", "#", "~*", "(", "é",
    "http://h:x/", ".include",
])  # fmt: skip
bad = st.sampled_from([
    "x", "map", "map / https://s/", "map / http://s/ @action=x", "regex_map http://( http://s/", "\x00",
])  # fmt: skip


class Laws(Messages):
    @given(st.lists(remap_rules(), max_size=4))
    def test_what_was_written_is_read(self, wanted: list[RemapRule]) -> None:
        reading = parse("\n".join(render_remap(rule) for rule in wanted))
        self.assert_found(reading.errors + reading.warnings, [])
        self.assertEqual(without_places(reading.value), without_places(tuple(wanted)))

    @given(st.lists(remap_rules(), max_size=4), bad, st.data())
    def test_a_bad_line_changes_no_other(self, wanted: list[RemapRule], line: str, data: st.DataObject) -> None:
        lines = [render_remap(rule) for rule in wanted]
        lines.insert(data.draw(st.integers(0, len(lines))), line)
        reading = parse("\n".join(lines))
        (fault,) = reading.errors
        self.assertEqual(fault.place.line, lines.index(line) + 1)
        self.assertEqual(without_places(reading.value), without_places(tuple(wanted)))

    @given(st.lists(remap_rules(), max_size=4), st.sampled_from(["\n", "\r\n", "\n\n# map\n", "\n \t"]))
    def test_blank_lines_comments_and_line_ends_do_not_matter(self, wanted: list[RemapRule], between: str) -> None:
        lines = [render_remap(rule).replace(" ", " \t ") for rule in wanted]
        self.assertEqual(without_places(parse(between.join(["", *lines, ""])).value), without_places(tuple(wanted)))

    @given(st.text(max_size=60) | st.lists(st.lists(words, max_size=7).map(" ".join), max_size=4).map("\n".join))
    def test_any_text_is_read_and_every_fault_is_marked(self, text: str) -> None:
        reading = parse(text)
        self.assert_marked(reading.errors, text)
        self.assert_marked(reading.warnings, text)
