"""congestion.config."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.config.line_laws import FAULTS, LineLaws, any_lines
from tsnode.config.congestion import TAGS, parse_congestion, read_congestion_defaults
from tsnode.config.records import parse_records
from tsnode.config.rows import RECORDS
from tsnode.hierarchy.congestion import CongestionLimits, CongestionRule, CongestionScheme
from tsnode.testing.config_congestion import congestion_rules, render_congestion

_NAME = "proxy.config.http.congestion_control.default"


class Lines(LineLaws[CongestionRule]):
    def faults(self, *lines: str) -> list[str]:
        text = "\n".join(lines)
        reading = parse_congestion("c", text)
        self.assert_marked(reading.errors, text)
        self.assertEqual(reading.value, ())
        return [str(fault.place) for fault in reading.errors]

    def test_a_line_without_tags_has_the_defaults(self) -> None:
        (rule,) = parse_congestion("c", "dest_domain=.").value
        self.assertEqual(rule.limits, CongestionLimits())

    def test_the_defaults_may_be_others(self) -> None:
        records = parse_records(
            "r", f"CONFIG {_NAME}.fail_window INT 7\nCONFIG {_NAME}.congestion_scheme STRING per_host\n", {}, RECORDS
        ).value
        defaults = read_congestion_defaults(records)
        self.assertEqual(defaults, CongestionLimits(fail_window=7, congestion_scheme=CongestionScheme.PER_HOST))
        (rule,) = parse_congestion("c", "dest_domain=. max_connection=3", defaults).value
        self.assertEqual((rule.limits.fail_window, rule.limits.max_connection), (7, 3))

    def test_the_defaults_of_the_variables_are_those_of_the_lines(self) -> None:
        self.assertEqual(read_congestion_defaults(parse_records("r", "", {}, RECORDS).value), CongestionLimits())

    def test_values_out_of_range_and_what_the_file_does_not_know_are_faults(self) -> None:
        self.assertEqual(self.faults(
            "dest_host=a max_connection_failures=0", "dest_host=a max_connection_failures=65536",
            "dest_host=a fail_window=0", "dest_host=a live_os_conn_retries=x", "dest_host=a max_connection=-2",
            "dest_host=a congestion_scheme=per_port", "url=http://a/", "dest_host=a parent=a:1",
        ), ["c:1:37", "c:2:37", "c:3:25", "c:4:34", "c:5:28", "c:6:31", "c:7:1", "c:8:13"])  # fmt: skip

    def test_expressions_for_hosts_and_for_urls_are_both_read(self) -> None:
        """Traffic Server 7 has one in its manual and the other one in its source."""
        reading = parse_congestion("c", "host_regex=a max_connection_failures=-1\nurl_regex=a\n")
        self.assert_found(reading.errors, [])
        self.assertEqual([rule.limits.max_connection_failures for rule in reading.value], [-1, 5])

    def test_the_table_has_every_tag_once_with_an_example_that_loads(self) -> None:
        self.assertEqual(len({tag.name for tag in TAGS}), len(TAGS))
        for tag in TAGS:
            other = "" if tag.name.startswith(("dest", "url", "host_")) else " dest_domain=x"
            self.assert_found(parse_congestion("c", tag.example + other).errors, [])

    @given(congestion_rules())
    def test_what_was_written_is_read(self, rules: tuple[CongestionRule, ...]) -> None:
        reading = parse_congestion("c", render_congestion(rules))
        self.assert_found(reading.errors, [])
        self.assertEqual(reading.value, rules)

    @given(congestion_rules(3))
    def test_how_it_is_written_does_not_matter(self, rules: tuple[CongestionRule, ...]) -> None:
        self.assert_dressed(parse_congestion, render_congestion(rules), render_congestion(rules, quoted=True))

    @given(congestion_rules(3), st.sampled_from(FAULTS), st.integers(0, 9))
    def test_a_faulty_line_changes_no_other(
        self, rules: tuple[CongestionRule, ...], faulty: tuple[str, int], at: int
    ) -> None:
        self.assert_alone(parse_congestion, render_congestion(rules), faulty, at)

    @given(any_lines(("dest_host", "fail_window", "max_connection", "-1", "per_ip", "error_page", "prefix")))
    def test_any_text_is_read_or_refused(self, text: str) -> None:
        self.assert_total(parse_congestion, text)
