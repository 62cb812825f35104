"""records.config, and the environment above it."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from tests.config.shape import Messages
from tsnode.config.catalogue import Decimal, Integer, Text, Topic, Value, catalogue, flag, record
from tsnode.config.reading import Reading
from tsnode.config.records import Records, SettingSource, parse_records
from tsnode.config.rows import RECORDS
from tsnode.testing.config_records import record_values, render_records

ROWS = catalogue([
    Topic("Some", (
        record("some.size", Integer(0, unit="octets"), default=7, text="How much."),
        record("some.flag", flag(), default=0, text="Whether."),
        record("some.part", Decimal(0, 1), default=0.5, text="Which part."),
        record("some.text", Text(optional=True), default="word", text="What."),
        record("some.later-text", Text(), default="later", text="What, later.", effective=False),
    )),
])  # fmt: skip
P = "proxy.config.some."


def parse(text: str, **environ: str) -> Reading[Records]:
    return parse_records("r", text, environ, ROWS)


class Values(Messages):
    def value(self, text: str, name: str) -> Value:
        reading = parse(text)
        self.assert_found(reading.errors, [])
        return reading.value.setting(P + name).value

    def test_each_type_is_read(self) -> None:
        text = f"CONFIG {P}size INT 64K\nLOCAL {P}part FLOAT .25\n CONFIG\t{P}text  STRING  two  words \r\n"
        for name, value in (("size", 65536), ("part", 0.25), ("text", "two  words"), ("flag", 0)):
            self.assertEqual(self.value(text, name), value)

    def test_null_unsets_a_text(self) -> None:
        records = parse(f"CONFIG {P}text STRING NULL").value
        self.assertIsNone(records.setting(P + "text").value)
        self.assertEqual(records.text(P + "text"), "")

    def test_comments_and_empty_lines_say_nothing(self) -> None:
        self.assertEqual(self.value(f"# CONFIG {P}size INT 1\n\n  # x\n", "size"), 7)
        self.assertEqual(self.value(f"CONFIG {P}text STRING a # b", "text"), "a # b")

    def test_the_last_of_several_lines_counts(self) -> None:
        self.assertEqual(self.value(f"CONFIG {P}size INT 1\nCONFIG {P}size INT 2", "size"), 2)

    def test_typed_values_are_at_hand(self) -> None:
        records = parse(f"CONFIG {P}flag INT 1").value
        self.assertEqual((records.integer(P + "size"), records.decimal(P + "part")), (7, 0.5))
        self.assertEqual((records.flag(P + "flag"), records.text(P + "text")), (True, "word"))

    def test_a_setting_knows_where_it_comes_from(self) -> None:
        records = parse(f"\nCONFIG {P}size INT 1", PROXY_CONFIG_SOME_FLAG="1").value
        self.assertEqual({setting.name.removeprefix(P): setting.source for setting in records}, {
            "size": SettingSource.FILE, "flag": SettingSource.ENVIRONMENT, "part": SettingSource.DEFAULT,
            "text": SettingSource.DEFAULT, "later-text": SettingSource.DEFAULT,
        })  # fmt: skip
        self.assertEqual(str(records.setting(P + "size").written.place), "r:2:35")
        self.assertEqual(str(records.setting(P + "text").written.place), f"the default of {P}text")


class Figures(Messages):
    """Traffic Server takes what it can of a figure; a figure that is silently another one does harm."""

    def test_figures_have_factors_hexadecimals_and_signs_and_words_are_refused(self) -> None:
        for written, value in (("64K", 65536), ("0x482", 1154), ("0", 0)):
            reading = parse(f"CONFIG {P}size INT {written}")
            self.assertEqual((reading.value.integer(P + "size"), reading.errors), (value, ()))
        (fault,) = parse(f"CONFIG {P}size INT abc").errors
        self.assertEqual(fault.problem, "'abc' is not a whole number")

    def test_minus_one_is_a_figure_where_the_range_has_room_for_it(self) -> None:
        reading = parse_records("r", "CONFIG proxy.config.http.cache.generation INT -1\n", {}, RECORDS)
        self.assert_found(reading.errors + reading.warnings, [])
        self.assertEqual(reading.value.integer("proxy.config.http.cache.generation"), -1)

    def test_a_missing_value_a_bad_scope_and_a_bad_type_cost_their_lines_and_no_other(self) -> None:
        lines = [f"CONFIG {P}size INT", f"CNFIG {P}size INT 1", f"CONFIG {P}size INTEGER 2", f"CONFIG {P}flag INT 1"]
        reading = parse("\n".join(lines))
        self.assertEqual([str(fault.place) for fault in reading.errors], ["r:1:34", "r:2:1", "r:3:31"])
        self.assertEqual((reading.value.integer(P + "size"), reading.value.flag(P + "flag")), (7, True))


class Faults(Messages):
    def test_a_message_shows_and_marks_the_line(self) -> None:
        (fault,) = parse(f"\n\tCONFIG {P}size INT 1h").errors
        self.assertEqual(str(fault).split("\n"), [
            "r:2:36: '1h' is not a whole number",
            f"  \tCONFIG {P}size INT 1h",
            "  \t" + " " * 34 + "^ expected digits, with K, M, G or T where that helps",
        ])  # fmt: skip

    def test_a_line_has_four_parts(self) -> None:
        expected = "CONFIG, a variable, its type and its value"
        self.assert_found(parse(f"CONFIG\nCONFIG {P}size\nCONFIG {P}size INT").errors, [
            ("r:1:7", "a variable is missing", expected),
            ("r:2:30", "a type is missing", expected),
            ("r:3:34", "a value is missing", expected),
        ])  # fmt: skip

    def test_scope_and_type_are_known_words(self) -> None:
        self.assert_found(parse(f"config {P}size INT 1\nCONFIG {P}text string x").errors, [
            ("r:1:1", "unknown scope 'config'", "CONFIG or LOCAL"),
            ("r:2:31", "unknown type 'string'", "INT, FLOAT, STRING or COUNTER"),
        ])  # fmt: skip

    def test_both_are_told_at_once(self) -> None:
        self.assertEqual(len(parse(f"config {P}size int 1").errors), 2)

    def test_the_type_is_that_of_the_variable(self) -> None:
        for kind in ("STRING", "FLOAT", "COUNTER"):
            errors = parse(f"CONFIG {P}size {kind} 1").errors
            self.assert_found(errors, [("r:1:31", f"{P}size is not of type {kind}", "INT")])

    def test_a_value_out_of_range_is_a_warning_and_the_one_before_it_stays(self) -> None:
        reading = parse(f"CONFIG {P}size INT -1\nCONFIG {P}flag INT 1\nCONFIG {P}flag INT 2")
        self.assert_found(reading.errors, [])
        self.assert_found(reading.warnings, [
            ("r:1:35", f"{P}size cannot be '-1' and stays 7", "0 or more octets"),
            ("r:3:35", f"{P}flag cannot be '2' and stays 1", "0 off, 1 on"),
        ])  # fmt: skip
        self.assertEqual((reading.value.integer(P + "size"), reading.value.flag(P + "flag")), (7, True))

    def test_null_is_out_of_range_where_something_is_needed(self) -> None:
        (warning,) = parse(f"CONFIG {P}later-text STRING NULL").warnings
        self.assertEqual(warning.problem, f"{P}later-text cannot be 'NULL' and stays later")
        (warning,) = parse(f"CONFIG {P}text STRING NULL\nCONFIG {P}text STRING \x01").warnings
        self.assertEqual(warning.problem, f"{P}text cannot be '\\x01' and stays NULL")

    def test_an_unknown_variable_is_kept_with_a_warning(self) -> None:
        reading = parse(f"CONFIG {P}sise INT x\nCONFIG proxy.config.other COUNTER 1")
        self.assert_found(reading.errors, [])
        self.assert_found(reading.warnings, [
            ("r:1:8", f"unknown variable '{P}sise' has no effect", f"{P}size"),
            ("r:2:8", "unknown variable 'proxy.config.other' has no effect", ""),
        ])  # fmt: skip
        self.assertEqual(reading.value.setting(P + "sise").value, "x")

    def test_a_variable_without_effect_is_told_once_and_only_if_it_is_set(self) -> None:
        name = P + "later-text"
        reading = parse(f"CONFIG {name} STRING a\nCONFIG {name} STRING b")
        self.assert_found(reading.warnings, [("r:2:44", f"{name} is known, but has no effect yet", "")])
        self.assert_found(parse(f"CONFIG {name} STRING later").warnings, [])


class Environment(Messages):
    def test_it_beats_the_file(self) -> None:
        records = parse(f"CONFIG {P}size INT 1", PROXY_CONFIG_SOME_SIZE="2K", HOME="/").value
        self.assertEqual(records.integer(P + "size"), 2048)

    def test_it_beats_every_later_state_of_the_file_too(self) -> None:
        for written in ("1", "3", "2K"):
            records = parse(f"CONFIG {P}size INT {written}", PROXY_CONFIG_SOME_SIZE="9").value
            self.assertEqual(records.integer(P + "size"), 9)

    def test_hyphens_stay_in_its_names(self) -> None:
        records = parse_records("r", "", {"PROXY_CONFIG_SOME_LATER-TEXT": "x"}, ROWS).value
        self.assertEqual(records.text(P + "later-text"), "x")

    def test_its_values_are_checked_too(self) -> None:
        reading = parse("", PROXY_CONFIG_SOME_SIZE="x", PROXY_CONFIG_SOME_FLAG="2", PROXY_CONFIG_SOME_SICE="1")
        place = "environment variable PROXY_CONFIG_SOME_"
        self.assert_found(reading.errors, [
            (place + "SIZE", "'x' is not a whole number", "digits, with K, M, G or T where that helps"),
        ])  # fmt: skip
        self.assert_found(reading.warnings, [
            (place + "FLAG", f"{P}flag cannot be '2' and stays 0", "0 off, 1 on"),
            (place + "SICE", "no variable is called like this", "PROXY_CONFIG_SOME_SIZE"),
        ])  # fmt: skip


words = st.sampled_from([
    "CONFIG", "LOCAL", "INT", "STRING", "FLOAT", P + "size", P + "text", "1", "#", "\\", "é", "\x0b",
])  # fmt: skip
texts = st.text(max_size=60) | st.lists(st.lists(words, max_size=5).map(" ".join), max_size=4).map("\n".join)
good = st.sampled_from([
    (P + "size", "INT", 12), (P + "size", "INT", 0), (P + "flag", "INT", 1), (P + "part", "FLOAT", 0.125),
    (P + "text", "STRING", "a b"), (P + "text", "STRING", "#"),
])  # fmt: skip
bad = st.sampled_from(["CONFIG", f"CONFIG {P}size INT x", f"X {P}size INT 3", f"CONFIG {P}flag FLOAT 1", "\x00", "="])


def render(settings: list[tuple[str, str, Value]]) -> list[str]:
    return [f"CONFIG {name} {kind} {value}" for name, kind, value in settings]


class Laws(Messages):
    @given(st.lists(good, max_size=5))
    def test_of_several_lines_the_last_is_read(self, settings: list[tuple[str, str, Value]]) -> None:
        reading = parse("\n".join(render(settings)))
        self.assert_found(reading.errors + reading.warnings, [])
        for name, _, value in settings:
            last = [wanted for other, _, wanted in settings if other == name][-1]
            self.assertEqual(reading.value.setting(name).value, last, value)

    @given(record_values(RECORDS))
    def test_what_was_written_is_read(self, values: dict[str, Value]) -> None:
        reading = parse_records("r", render_records(values, RECORDS), {}, RECORDS)
        self.assert_found(reading.errors, [])
        self.assertEqual({name: reading.value.setting(name).value for name in values}, values)

    @given(record_values(ROWS), st.sampled_from(["\n", "\r\n", "\n\n  # x\n", " \t\n\t"]), st.randoms())
    def test_order_blanks_comments_and_line_ends_do_not_matter(
        self, values: dict[str, Value], between: str, order: random.Random
    ) -> None:
        lines = render_records(values, ROWS).split("\n")
        order.shuffle(lines)
        reading = parse(between.join(["", *lines, ""]).replace(" proxy.", "\t proxy."))
        self.assert_found(reading.errors, [])
        self.assertEqual({name: reading.value.setting(name).value for name in values}, values)

    @given(st.lists(good, max_size=5), bad, st.data())
    def test_a_bad_line_changes_nothing_else(
        self, settings: list[tuple[str, str, Value]], line: str, data: st.DataObject
    ) -> None:
        lines = render(settings)
        at = data.draw(st.integers(0, len(lines)))
        before = parse("\n".join(lines))
        after = parse("\n".join([*lines[:at], line, *lines[at:]]))
        self.assertEqual([fault.place.line for fault in after.errors], [at + 1])
        values = [[setting.value for setting in reading.value] for reading in (before, after)]
        self.assertEqual(values[0], values[1])

    @given(texts)
    def test_any_text_is_read_and_every_fault_is_marked(self, text: str) -> None:
        reading = parse(text)
        self.assert_marked(reading.errors, text)
        self.assert_marked(reading.warnings, text)


class Keeping(Messages):
    def test_variables_may_keep_what_they_were_and_the_others_are_as_they_are(self) -> None:
        before = parse(f"CONFIG {P}size INT 1\nCONFIG {P}text STRING old\n").value
        after = parse(f"CONFIG {P}size INT 2\nCONFIG {P}text STRING new\n").value
        kept = after.keeping([P + "size"], before)
        self.assertEqual((kept.integer(P + "size"), kept.text(P + "text")), (1, "new"))
        self.assertEqual(after.integer(P + "size"), 2)
