"""The formats of log lines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.config.shape import Messages
from tsnode.config.cursor import Span
from tsnode.config.log_fields import CONTAINERS
from tsnode.config.log_format import parse_format
from tsnode.config.reading import Reading
from tsnode.config.yaml_nodes import Scalar
from tsnode.model.errors import Place
from tsnode.model.log_formats import Aggregate, LogField, LogFormat
from tsnode.testing.config_logging import log_formats, render_format

Parts = tuple[str | LogField, ...]


def parse(text: str) -> Reading[Parts]:
    return parse_format(Scalar(Span(text, Place("l", 1, 1, text)), text.split("\n"), 0))


class Formats(Messages):
    def parts(self, text: str) -> Parts:
        reading = parse(text)
        self.assert_found(reading.errors + reading.warnings, [])
        return reading.value

    def test_fields_stand_between_texts(self) -> None:
        chi, pssc = LogField(symbol="chi"), LogField(symbol="pssc")
        self.assertEqual(self.parts("%<chi> 100% <x>%<pssc>%"), (chi, " 100% <x>", pssc, "%"))

    def test_a_header_field_is_named_in_braces(self) -> None:
        self.assertEqual(self.parts("%<{User-Agent}cqh>"), (LogField(symbol="cqh", name="User-Agent"),))

    def test_milestones_are_named_in_braces(self) -> None:
        start, done = "TS_MILESTONE_SM_START", "ts_milestone_ua_close"
        self.assertEqual(self.parts(f"%<{{{start}}}ms>"), (LogField(symbol="ms", name=start),))
        self.assertEqual(self.parts(f"%<{{{start}-{done}}}msdms>"), (LogField(symbol="msdms", name=f"{start}-{done}"),))

    def test_functions_are_about_numbers_or_all_transactions(self) -> None:
        self.assertEqual(self.parts("%<LAST(cqts)>:%<COUNT(*)>"), (
            LogField(symbol="cqts", aggregate=Aggregate.LAST), ":",
            LogField(symbol="*", aggregate=Aggregate.COUNT),
        ))  # fmt: skip

    def test_a_part_of_a_text_may_be_cut_out(self) -> None:
        """The examples of the administrator's guide."""
        for text, start, stop in (
            ("[0:30]", 0, 30), ("[-10:]", -10, None), ("[:-5]", None, -5), ("[:]", None, None), ("[ 1 : 2 ]", 1, 2),
        ):  # fmt: skip
            self.assertEqual(self.parts(f"%<cqup{text}>"), (LogField(symbol="cqup", start=start, stop=stop),), text)
        self.assertEqual(self.parts("%<{X}cqh[:3]>"), (LogField(symbol="cqh", name="X", stop=3),))


class Faults(Messages):
    def test_each_is_told_at_its_column_with_what_was_expected(self) -> None:
        for text, place, problem, expected in (
            ("x %<cqhmm>", 5, "unknown field 'cqhmm'", "cqhm"),
            ("%<>", 3, "unknown field ''", ""),
            ("%<{X}cqhh>", 6, "unknown field 'cqhh'", "cqh"),
            ("%<{X}zz>", 6, "unknown field 'zz'", ", ".join(CONTAINERS)),
            ("%<{X}chi>", 4, "'chi' takes no name", "chi"),
            ("%<cqh>", 3, "'cqh' needs a header field in braces before it", "{NAME}cqh"),
            ("%<{a b}cqh>", 4, "'a b' is not a header field", "one word"),
            ("%<{}icfg>", 4, "'' is not a variable", "one word"),
            ("%<{TS_MILESTONE_SM_STRT}ms>", 4, "unknown milestone 'TS_MILESTONE_SM_STRT'", "TS_MILESTONE_SM_START"),
            ("%<{x}ms>", 4, "unknown milestone 'x'", "such as TS_MILESTONE_SM_START"),
            ("%<{TS_MILESTONE_SM_START}msdms>", 4, "'TS_MILESTONE_SM_START' is one milestone",
             "two milestones with - between them"),
            ("%<SUN(psql)>", 3, "unknown function 'SUN'", "SUM"),
            ("%<x(psql)>", 3, "unknown function 'x'", "COUNT, SUM, AVG, FIRST, LAST"),
            ("%<SUM(chi)>", 7, "'chi' is no number", "a field that is a number"),
            ("%<SUM(*)>", 7, "unknown field '*'", ""),
            ("%<SUM({X}cqh)>", 7, "unknown field '{X}cqh'", "cqth"),
            ("%<cqup[1]>", 7, "'[1]' is no part of a text", "[start:end]"),
            ("%<pssc[1:]>", 3, "'pssc' is no text that a part could be cut out of", "the field without [ and ]"),
            ("%<{a]cqh>", 3, "unknown field '{a]cqh'", "cqth"),
            ("%<chi> %<pssc", 8, "this is not closed", "'>'"),
            ("no field", 1, "there is no field in this format", "fields such as %<chi>"),
        ):  # fmt: skip
            reading = parse(text)
            self.assert_found(reading.errors, [(f"l:1:{place}", problem, expected)])
            self.assert_marked(reading.errors, text)

    def test_the_other_fields_are_kept(self) -> None:
        reading = parse("%<chi> %<x> %<pssc>")
        self.assertEqual(reading.value, (LogField(symbol="chi"), " ", " ", LogField(symbol="pssc")))


class Laws(Messages):
    @given(log_formats())
    def test_what_was_written_is_read(self, log_format: LogFormat) -> None:
        reading = parse(render_format(log_format.parts))
        self.assert_found(reading.errors, [])
        self.assertEqual(reading.value, log_format.parts)

    @given(log_formats(), st.sampled_from(["%<x>", "%<{A}x>", "%<SUM(chi)>", "%<cqup[x]>"]))
    def test_a_faulty_field_brings_one_error_and_changes_no_other(self, log_format: LogFormat, bad: str) -> None:
        reading = parse(render_format(log_format.parts) + bad)
        self.assertEqual(len(reading.errors), 1)
        self.assertEqual(reading.value, log_format.parts)

    @given(st.text("%<>{}()[]:-*cqhSUM1 é", max_size=30))
    def test_any_text_is_read_and_every_fault_is_marked(self, text: str) -> None:
        self.assert_marked(parse(text).errors, text)
