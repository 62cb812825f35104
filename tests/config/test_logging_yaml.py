"""logging.yaml."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.config.shape import Messages
from tsnode.config.logging_yaml import parse_logging
from tsnode.config.reading import Reading
from tsnode.model.log_formats import FilterAction, FilterOperator, LogField, Logging, LogMode, Rolling, RollingMode
from tsnode.testing.config_logging import loggings, render_logging


def parse(text: str) -> Reading[Logging]:
    return parse_logging("l", text)


FILE = """\
logging:
  formats:
    - name: minimal
      format: '%<chi> , %<cqu> , %<pssc>'
    - name: summary
      format: '%<LAST(cqts)>:%<COUNT(*)>:%<SUM(psql)>'
      interval: 10
  filters:
    - name: posts
      action: accept
      condition: cqhm MATCH POST
  logs:
    - mode: ascii
      filename: minimal
      format: minimal
      filters:
        - posts
    - {filename: summary, format: summary, mode: bin, header: top, rolling_enabled: log.roll.both}
"""


class Files(Messages):
    def logging(self, text: str) -> Logging:
        reading = parse(text)
        self.assert_found(reading.errors, [])
        return reading.value

    def test_formats_filters_and_logs_belong_together(self) -> None:
        logging = self.logging(FILE)
        self.assertEqual([(each.name, each.interval) for each in logging.formats], [("minimal", 0), ("summary", 10)])
        (posts,) = logging.filters
        self.assertEqual((posts.action, posts.subject), (FilterAction.ACCEPT, LogField(symbol="cqhm")))
        self.assertEqual((posts.operator, posts.values), (FilterOperator.MATCH, ("POST",)))
        first, second = logging.logs
        self.assertEqual((first.filename, first.format, first.mode), ("minimal", logging.formats[0], LogMode.ASCII))
        self.assertEqual((first.filters, first.header, first.rolling), ((posts,), "", Rolling()))
        self.assertEqual((second.mode, second.header), (LogMode.BINARY, "top"))
        self.assertEqual(second.rolling, Rolling(mode=RollingMode.BOTH))
        places = [*(each.place for each in logging.formats), posts.place, first.place, second.place]
        self.assertEqual([str(place) for place in places], ["l:3:7", "l:5:7", "l:9:7", "l:13:7", "l:18:7"])

    def test_a_file_may_say_nothing(self) -> None:
        for text in ("", "# x", "logging:", "logging: {}", "logging: {formats: , logs: []}"):
            self.assertEqual(self.logging(text), Logging())

    def test_an_older_file_has_no_key_above_all(self) -> None:
        """Traffic Server 8.0, and the examples of the manual of 9.2."""
        lines = [line[2:] for line in FILE.split("\n")[1:]]
        reading = parse("\n".join(lines))
        self.assertEqual(reading.value, parse(FILE).value)
        problem = "Traffic Server 9 reads only what is below 'logging:'"
        self.assert_found(reading.warnings, [("l:1:1", problem, "'logging:' above all")])

    def test_when_a_log_is_rolled_has_a_number_and_names(self) -> None:
        for number, name in enumerate(("none", "time", "size", "both", "any")):
            for written in (str(number), name, f"log.roll.{name}"):
                text = FILE.replace("log.roll.both", written)
                self.assertIs(self.logging(text).logs[1].rolling.mode, RollingMode(number))

    def test_lines_may_go_to_other_hosts(self) -> None:
        """Traffic Server 8."""
        hosts = "collation_hosts: [{host: a}, {host: b, failover: [c, d]}]"
        self.assertEqual(self.logging(FILE.replace("mode: bin", hosts)).logs[1].hosts, ("a", "b", "c", "d"))


class Faults(Messages):
    def test_all_faults_are_told_at_once(self) -> None:
        text = """\
logging:
  formats:
    - {name: a, format: '%<cqhmm>'}
    - {name: b, fromat: x}
    - {name: a, format: '%<chi>'}
    - {format: [x]}
    - {name: c, format: '%<SUM(psql)>'}
    - {name: [x], format: '%<chi>'}
    - word
  filters:
    - {name: f, action: acept, condition: cqhm MATCH X}
    - {name: g, action: reject}
    - {name: h, action: reject, condition: {}}
    - {name: i, action: reject, condition: cqhm MATHC X}
  logs:
    - {filename: x, format: d}
    - {filename: x, format: a, mode: asci}
    - {filename: '', format: a, filters: [f, k]}
    - {format: a, filters: f}
    - {filename: x, format: a, collation_hosts: [{failover: [y]}, z]}
other: 1
"""
        reading = parse(text)
        self.assert_marked(reading.errors, text)
        self.assertEqual([(str(fault.place)[2:], fault.problem, fault.expected) for fault in reading.errors], [
            ("21:1", "unknown key 'other'", "logging, formats, filters, logs"),
            ("3:28", "unknown field 'cqhmm'", "cqhm"),
            ("4:17", "unknown key 'fromat'", "format"),
            ("5:14", "'a' is there twice", "each name once"),
            ("6:7", "the format has no name", "name"),
            ("6:16", "format is not a text", "one value"),
            ("7:25", "a format with functions needs an interval", "'interval:' and seconds"),
            ("8:14", "name is not a text", "one value"),
            ("9:7", "there are no keys here", "'name:' and what belongs to it"),
            ("11:25", "action cannot be 'acept'", "accept or reject or wipe_field_value"),
            ("12:7", "the filter has no condition", "condition"),
            ("13:44", "condition is not a text", "one value"),
            ("14:49", "unknown operator 'MATHC'", "MATCH"),
            ("16:29", "there is no format 'd'", "a format of this file"),
            ("17:38", "mode cannot be 'asci'", "ascii or binary or ascii_pipe or bin or b"),
            ("18:18", "the log has no name", "a file name"),
            ("18:46", "there is no filter 'k'", "a filter of this file"),
            ("19:7", "the log has no filename", "filename"),
            ("19:28", "filters is not a list", "names of filters, each behind a -"),
            ("20:50", "the entry has no host", "host"),
            ("20:67", "there are no keys here", "'host:' and what belongs to it"),
            ("20:67", "the entry has no host", "host"),
        ])  # fmt: skip
        self.assertEqual(reading.value, Logging())

    def test_what_needs_something_faulty_is_left_out_without_another_word(self) -> None:
        for faulty in (FILE.replace("'%<chi> ,", "'%<chx> ,"), FILE.replace("MATCH POST", "MATHC POST")):
            reading = parse(faulty)
            self.assertEqual(len(reading.errors), 1)
            self.assertEqual([log.filename for log in reading.value.logs], ["summary"])

    def test_a_number_out_of_range_is_left_out_with_a_warning(self) -> None:
        reading = parse(FILE.replace("mode: bin", "rolling_size_mb: 5, pipe_buffer_size: 1"))
        self.assert_found(reading.errors, [])
        self.assertEqual([warning.problem for warning in reading.warnings],
                         ["this matters for pipes only", "rolling_size_mb cannot be 5, and is left out"])  # fmt: skip
        self.assertIsNone(reading.value.logs[1].rolling.size_mb)

    def test_nothing_stands_beside_the_key_above_all(self) -> None:
        reading = parse("logging: {}\nlogs: []\n")
        self.assert_found(reading.errors, [("l:2:7", "logs stands beside 'logging:'", "logs below it")])

    def test_what_is_no_yaml_is_a_fault(self) -> None:
        self.assertEqual(len(parse("logging: [").errors), 1)
        self.assertEqual(len(parse("- a").errors), 1)


pieces = st.sampled_from([
    "logging:\n", "  formats:\n", "  - name: a\n", "    format: '%<chi>'\n", "    format: '%<x>'\n", "  logs:\n",
    "  - {filename: a, format: a}\n", "  - [\n", "é: &a *a\n", "    interval: x\n",
])  # fmt: skip


class Laws(Messages):
    @given(loggings())
    def test_what_was_written_is_read(self, logging: Logging) -> None:
        reading = parse(render_logging(logging))
        self.assert_found(reading.errors, [])
        self.assertEqual(reading.value, logging)

    @given(loggings(), st.sampled_from(["\r\n", "\n\n", "\n  # logs:\n"]))
    def test_line_ends_blank_lines_and_comments_do_not_matter(self, logging: Logging, between: str) -> None:
        self.assertEqual(parse(render_logging(logging).replace("\n", between)).value, logging)

    @given(loggings(), st.sampled_from([
        ("formats", "{name: '!', format: '%<x>'}"), ("formats", "{name: '!'}"), ("filters", "[]"),
        ("filters", "{name: '!', action: x, condition: chi MATCH ::1}"), ("logs", "{filename: x, format: '!'}"),
        ("logs", "x"),
    ]))  # fmt: skip
    def test_a_faulty_entry_brings_one_error_at_its_line_and_changes_no_other(
        self, logging: Logging, bad: tuple[str, str]
    ) -> None:
        section, entry = bad
        lines = render_logging(logging).split("\n")
        at = lines.index(f"  {section}:") + 1
        reading = parse("\n".join([*lines[:at], f"    - {entry}", *lines[at:]]))
        self.assertEqual([fault.place.line for fault in reading.errors], [at + 1])
        self.assertEqual(reading.value, logging)

    @given(st.text(max_size=60) | st.lists(pieces, max_size=8).map("".join))
    def test_any_text_is_read_or_refused_and_every_fault_is_told(self, text: str) -> None:
        reading = parse(text)
        for fault in reading.errors + reading.warnings:
            self.assertLessEqual(len(str(fault).split("\n")), 3)
