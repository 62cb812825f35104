"""ip_allow.config."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.config.shape import Messages
from tsnode.config.ip_allow_lines import LABELS, parse_ip_allow_lines
from tsnode.config.reading import Reading
from tsnode.routing.access import EVERYTHING, NOTHING, AccessRules, Allowed
from tsnode.testing.config_ip_allow import access_rules, render_ip_allow_lines


def parse(text: str) -> Reading[AccessRules]:
    return parse_ip_allow_lines("a", text)


class Rules(Messages):
    def test_the_shipped_file_of_traffic_server_is_read(self) -> None:
        reading = parse(
            "# comment\n"
            "src_ip=127.0.0.1                          action=ip_allow  method=ALL\n"
            "src_ip=::1                                action=ip_allow  method=ALL\n"
            "src_ip=0.0.0.0-255.255.255.255            action=ip_deny   method=PUSH|PURGE|DELETE\n"
            "src_ip=::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff action=ip_deny method=PUSH method=PURGE method=DELETE\n"
        )
        self.assert_found(reading.errors + reading.warnings, [])
        rules = reading.value
        self.assertIs(rules.methods_for("127.0.0.1"), EVERYTHING)
        without = Allowed(frozenset({b"PUSH", b"PURGE", b"DELETE"}), only=False)
        self.assertEqual((rules.methods_for("10.0.0.1"), rules.methods_for("fc00::1")), (without, without))

    def test_a_rule_without_methods_is_about_all(self) -> None:
        self.assertIs(parse("src_ip=0/0 action=ip_deny").value.methods_for("10.0.0.1"), NOTHING)

    def test_a_rule_knows_where_it_stands(self) -> None:
        (rule,) = parse("# first\nsrc_ip=0/0 action=ip_deny").value.inbound
        assert rule.place is not None
        self.assertEqual(rule.place.line, 2)

    def test_rules_for_destinations_are_kept_apart(self) -> None:
        reading = parse("dest_ip=10.0.0.0/8 action=ip_allow method=GET")
        self.assert_found(reading.warnings, [("a", "no rule lets a client in", "")])
        self.assertEqual(reading.value.methods_to("10.0.0.1"), Allowed(frozenset({b"GET"}), only=True))


class Faults(Messages):
    def fault(self, text: str, *found: tuple[str, str, str]) -> None:
        reading = parse(text)
        self.assert_found(reading.errors, list(found))
        self.assert_marked(reading.errors, text)
        self.assertEqual(reading.value, AccessRules())

    def test_every_fault_of_a_line_is_told(self) -> None:
        self.fault(
            "src_ip=x action=allow method=G,T|PUT|@ sorce=1 y",
            ("a:1:8", "'x' is no range of addresses", "a, a-b or a/bits"),
            ("a:1:17", "unknown action 'allow'", "ip_allow or ip_deny"),
            ("a:1:30", "'G,T' is no method", "ALL, or a method such as GET"),
            ("a:1:38", "'@' is no method", "ALL, or a method such as GET"),
            ("a:1:40", "unknown label 'sorce'", "src_ip, dest_ip, action or method"),
            ("a:1:48", "'y' has no value", "label=value"),
        )

    def test_a_label_that_is_not_in_the_table_is_not_known(self) -> None:
        (fault,) = parse("other=1 src_ip=0/0 action=ip_deny").errors
        self.assertEqual(fault.expected.replace(" or ", ", ").split(", "), [label.name for label in LABELS])

    def test_a_rule_has_addresses_and_an_action_once(self) -> None:
        self.fault("action=ip_deny", ("a:1:1", "the rule names no addresses", "src_ip or dest_ip"))
        self.fault(" src_ip=0/0", ("a:1:2", "the rule has no action", "action=ip_allow or action=ip_deny"))
        self.fault(
            "src_ip=0/0 dest_ip=0/0 action=ip_deny action=ip_deny",
            ("a:1:12", "a rule names addresses once", "another line for other addresses"),
            ("a:1:39", "a rule has one action", "action once"),
        )


words = st.sampled_from([
    "src_ip=0/0", "dest_ip=::1", "action=ip_allow", "action=", "method=GET|PUT", "method=|", "=", "#", "é",
])  # fmt: skip
lines = st.builds(
    "{}_ip=10.0.0.{} action=ip_{} method={}".format,
    st.sampled_from(["src", "dest"]), st.integers(0, 255), st.sampled_from(["allow", "deny"]),
    st.sampled_from(["ALL", "GET", "PUT|GET"]),
)  # fmt: skip


class Laws(Messages):
    @given(st.lists(lines, max_size=4), st.sampled_from(["x", "src_ip=0/0", "src_ip=0/33 action=ip_allow"]), st.data())
    def test_a_bad_line_changes_no_other(self, good: list[str], bad: str, data: st.DataObject) -> None:
        before = parse("\n".join(good))
        self.assert_found(before.errors, [])
        at = data.draw(st.integers(0, len(good)))
        after = parse("\n".join([*good[:at], bad, *good[at:]]))
        self.assertEqual(len(after.errors), 1)
        self.assertEqual(after.value, before.value)

    @given(st.text(max_size=60) | st.lists(st.lists(words, max_size=5).map(" ".join), max_size=4).map("\n".join))
    def test_any_text_is_read_and_every_fault_is_marked(self, text: str) -> None:
        self.assert_marked(parse(text).errors, text)

    @given(access_rules(ranges=1), st.sampled_from(["\n", "\r\n", "\n# src_ip=0/0\n\n"]))
    def test_what_was_written_is_read(self, wanted: AccessRules, end: str) -> None:
        reading = parse(render_ip_allow_lines(wanted).replace("\n", end).replace(" ", " \t"))
        self.assert_found(reading.errors, [])
        self.assertEqual(reading.value, wanted)
