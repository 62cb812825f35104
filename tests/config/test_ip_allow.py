"""ip_allow.yaml."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.config.shape import Messages
from tsnode.config.ip_allow import make_allowed, parse_ip_allow
from tsnode.config.reading import Reading
from tsnode.routing.access import EVERYTHING, NOTHING, AccessRules, Allowed
from tsnode.testing.config_ip_allow import access_rules, render_ip_allow


def parse(text: str) -> Reading[AccessRules]:
    return parse_ip_allow("a", text)


RULE = """\
ip_allow:
  - apply: in
    ip_addrs: 127.0.0.1
    action: allow
"""


class Rules(Messages):
    def rules(self, text: str) -> AccessRules:
        reading = parse(text)
        self.assert_found(reading.errors, [])
        return reading.value

    def test_a_rule_without_methods_is_about_all(self) -> None:
        self.assertIs(self.rules(RULE).methods_for("127.0.0.1"), EVERYTHING)
        self.assertIs(self.rules(RULE.replace("allow\n", "deny\n")).methods_for("127.0.0.1"), NOTHING)

    def test_one_word_and_a_list_mean_the_same(self) -> None:
        for addresses in ("::1", "[ '::1' ]", "\n      - ::1"):
            for methods in ("get", "[GET]", "\n      - Get"):
                text = RULE.replace("127.0.0.1", addresses) + f"    methods: {methods}\n"
                self.assertEqual(self.rules(text).methods_for("::1"), Allowed(frozenset({b"GET"}), only=True))

    def test_allow_names_what_is_permitted_and_deny_what_is_not(self) -> None:
        two = frozenset({b"GET", b"HEAD"})
        self.assertEqual(make_allowed(True, two), Allowed(two, only=True))
        self.assertEqual(make_allowed(False, two), Allowed(two, only=False))
        self.assertEqual(make_allowed(True, frozenset({b"ALL", b"GET"})), EVERYTHING)
        self.assertEqual(make_allowed(False, frozenset({b"ALL"})), NOTHING)

    def test_rules_for_destinations_are_kept_apart(self) -> None:
        rules = self.rules(RULE + "  - {apply: OUT, ip_addrs: 10.0.0.0/8, action: deny, methods: [CONNECT]}\n")
        self.assertFalse(rules.methods_to("10.0.0.1").permits(b"CONNECT"))
        self.assertTrue(rules.methods_to("127.0.0.1").permits(b"CONNECT"))
        self.assertEqual(len(rules.inbound), 1)

    def test_a_rule_knows_where_it_stands(self) -> None:
        (rule,) = self.rules(RULE).inbound
        assert rule.place is not None
        self.assertEqual((rule.place.line, rule.place.column), (2, 5))

    def test_flow_style_is_the_same_file(self) -> None:
        flow = '{"ip_allow":[{"apply":"in","ip_addrs":"127.0.0.1","action":"allow"}]}'
        self.assertEqual(self.rules(flow), self.rules(RULE))

    def test_a_file_that_lets_nobody_in_is_told(self) -> None:
        for text in ("", "# x", "ip_allow:", "ip_allow: []", RULE.replace("apply: in", "apply: out")):
            reading = parse(text)
            self.assert_found(reading.errors, [])
            self.assert_found(reading.warnings, [("a", "no rule lets a client in", "")])
            self.assertIs(reading.value.methods_for("127.0.0.1"), NOTHING)


class Faults(Messages):
    def faults(self, text: str) -> list[tuple[str, str, str]]:
        reading = parse(text)
        self.assert_marked(reading.errors, text)
        return [(str(fault.place), fault.problem, fault.expected) for fault in reading.errors]

    def test_a_message_shows_and_marks_the_line(self) -> None:
        (fault,) = parse(RULE.replace("127.0.0.1", "127.0.0")).errors
        self.assertEqual(str(fault).split("\n"), [
            "a:3:15: '127.0.0' is no range of addresses",
            "      ip_addrs: 127.0.0",
            "                ^ expected a, a-b or a/bits",
        ])  # fmt: skip

    def test_all_faults_are_told_at_once(self) -> None:
        text = (
            "ip_allow:\n"
            "  - apply: inn\n"
            "    ip_addrs: [1.2.3.4, x, 1.2.3.4/33]\n"
            "    action: forbid\n"
            "    methods: [GET, 'A B']\n"
            "  - apply: in\n"
            "    acton: allow\n"
            "    ip_addrs: []\n"
            "  - ip_addrs: 1.2.3.4\n"
            "    ip_addrs: 1.2.3.5\n"
            "  - {}\n"
            "  - word\n"
            "other: 1\n"
        )
        ranges = "a, a-b or a/bits"
        self.assertEqual(self.faults(text), [
            ("a:13:1", "unknown key 'other'", "ip_allow"),
            ("a:2:12", "apply cannot be 'inn'", "in or out"),
            ("a:4:13", "action cannot be 'forbid'", "allow or deny"),
            ("a:3:25", "'x' is no range of addresses", ranges),
            ("a:3:28", "'1.2.3.4/33' is no range of addresses", ranges),
            ("a:5:20", "'A B' is no method", "ALL, or a method such as GET"),
            ("a:7:5", "unknown key 'acton'", "action"),
            ("a:8:15", "ip_addrs is empty", "one or more, with commas between them"),
            ("a:10:5", "'ip_addrs' is there twice", "each key once"),
            ("a:11:5", "the rule has no apply", "apply"),
            ("a:11:5", "the rule has no ip_addrs", "ip_addrs"),
            ("a:11:5", "the rule has no action", "action"),
            ("a:12:5", "there are no keys here", "'apply:' and what belongs to it"),
        ])  # fmt: skip

    def test_the_document_is_a_mapping_with_a_list(self) -> None:
        expected = "'ip_allow:' and what belongs to it"
        self.assertEqual(self.faults("- a"), [("a:1:1", "there are no keys here", expected)])
        expected = "rules, each beginning with '- apply:'"
        self.assertEqual(self.faults("ip_allow: x"), [("a:1:11", "ip_allow is not a list", expected)])
        self.assertEqual(self.faults("ip_allow: {}"), [("a:1:11", "ip_allow is not a list", expected)])

    def test_a_list_where_a_word_belongs_is_a_fault(self) -> None:
        text = RULE.replace("apply: in", "apply: [in]")
        self.assertEqual(self.faults(text), [("a:2:12", "apply cannot be ''", "in or out")])

    def test_what_is_no_yaml_is_a_fault(self) -> None:
        problem = "this is not YAML: did not find expected node content"
        self.assertEqual(self.faults("ip_allow: ["), [("a:1:12", problem, "")])


bad = st.sampled_from(["x", "{apply: in}", "{apply: in, ip_addrs: x, action: deny}"])
pieces = st.sampled_from([
    "ip_allow:\n", "  - apply: in\n", "    ip_addrs: 0/0\n", "    action: x\n", "  - [\n", "é: &a *a\n",
])  # fmt: skip


class Laws(Messages):
    @given(access_rules())
    def test_what_was_written_is_read(self, wanted: AccessRules) -> None:
        reading = parse(render_ip_allow(wanted))
        self.assert_found(reading.errors, [])
        self.assertEqual(reading.value, wanted)

    @given(access_rules(), st.sampled_from(["\r\n", "\n\n", "\n    # apply: out\n"]))
    def test_line_ends_blank_lines_and_comments_do_not_matter(self, wanted: AccessRules, between: str) -> None:
        self.assertEqual(parse(render_ip_allow(wanted).replace("\n", between)).value, wanted)

    @given(access_rules(), bad, st.data())
    def test_a_bad_rule_changes_no_other(self, wanted: AccessRules, rule: str, data: st.DataObject) -> None:
        first, *entries = render_ip_allow(wanted).replace("\n  - ", "\0  - ").rstrip("\n").split("\0")
        entries.insert(data.draw(st.integers(0, len(entries))), f"  - {rule}")
        text = "\n".join([first, *entries])
        reading = parse(text)
        faulty = text.split("\n").index(f"  - {rule}") + 1
        self.assertEqual({fault.place.line for fault in reading.errors}, {faulty})
        self.assertEqual(reading.value, wanted)

    @given(st.text(max_size=60) | st.lists(pieces, max_size=6).map("".join))
    def test_any_text_is_read_and_every_fault_is_told(self, text: str) -> None:
        reading = parse(text)
        for fault in reading.errors:
            self.assertEqual(len(str(fault).split("\n")), 3)
