"""records.yaml."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.config.shape import Messages
from tests.config.test_records import ROWS, P
from tsnode.config.catalogue import Value
from tsnode.config.reading import Reading
from tsnode.config.records import PREFIX, Records, SettingSource
from tsnode.config.records_yaml import parse_records_yaml
from tsnode.config.rows import RECORDS
from tsnode.testing.config_records import record_values, render_records_yaml


def parse(text: str, **environ: str) -> Reading[Records]:
    return parse_records_yaml("y", text, environ, ROWS)


class Values(Messages):
    def records(self, text: str) -> Records:
        reading = parse(text)
        self.assert_found(reading.errors, [])
        return reading.value

    def test_the_keys_down_to_a_value_are_its_name(self) -> None:
        some = "  some:\n    size: 64K\n    part: .25\n    text: two  words\n"
        records = self.records(f"records:\n{some}  some.flag: 1\n")
        values = [records.setting(P + name).value for name in ("size", "part", "text", "flag")]
        self.assertEqual(values, [65536, 0.25, "two  words", 1])
        self.assertEqual(str(records.setting(P + "text").written.place), "y:5:11")

    def test_a_file_may_say_nothing(self) -> None:
        for text in ("", "# x\n", "records:\n", "records: ~", "records: {}"):
            self.assertEqual(self.records(text).integer(P + "size"), 7)

    def test_types_before_values_are_not_looked_at(self) -> None:
        """Traffic Server: core records have the type that they were registered with."""
        for written in ("!!int '1'", "!!float 1", "!<tag:yaml.org,2002:int> 1", "!own 1", "'1'", '"1"'):
            self.assertEqual(self.records(f"records: {{some: {{flag: {written}}}}}").integer(P + "flag"), 1)

    def test_no_value_means_null_for_a_text_and_the_default_for_others(self) -> None:
        for written in ("~", "null", "Null", "NULL", "", "!!null ''"):
            records = self.records(f"records:\n  some:\n    size: {written}\n    text: {written}\n")
            self.assertEqual((records.integer(P + "size"), records.setting(P + "text").value), (7, None), written)
        (warning,) = parse("records: {some: {later-text: ~}}").warnings
        self.assertEqual(warning.problem, f"{P}later-text cannot be 'NULL' and stays later")

    def test_in_quotes_it_is_an_empty_text(self) -> None:
        self.assertEqual(self.records("records: {some: {text: ''}}").setting(P + "text").value, "")
        self.assertEqual(self.records("records: {some: {text: '~'}}").setting(P + "text").value, "~")

    def test_a_later_document_is_above_the_ones_before_it(self) -> None:
        records = self.records("records: {some: {size: 1, flag: 1}}\n---\nrecords: {some: {size: 2}}\n")
        self.assertEqual((records.integer(P + "size"), records.flag(P + "flag")), (2, True))

    def test_an_alias_stands_for_what_it_names(self) -> None:
        self.assertEqual(self.records("records: {some: {flag: &x 1, size: *x}}").integer(P + "size"), 1)

    def test_the_environment_is_above_the_file(self) -> None:
        records = parse("records: {some: {size: 1}}", PROXY_CONFIG_SOME_SIZE="2K").value
        self.assertEqual(records.integer(P + "size"), 2048)
        self.assertIs(records.setting(P + "size").source, SettingSource.ENVIRONMENT)


class Faults(Messages):
    def test_every_fault_is_told_at_its_place(self) -> None:
        text = (
            "records:\n  some:\n    size: 1h\n    part: [1]\n    flag: 2\n    sice: 3\n    text: {}\n"
            "    size: 4\n  other: !!int 5\n  so: {}\nts: {}\nrecord: 1\n"
        )
        reading = parse(text)
        self.assert_found(reading.errors, [
            ("y:8:5", "'size' is there twice", "each key once"),
            ("y:3:11", "'1h' is not a whole number", "digits, with K, M, G or T where that helps"),
            ("y:4:11", f"{P}part cannot be a list", "one value"),
            ("y:11:1", "unknown key 'ts'", "'records:' and everything else below it"),
            ("y:12:1", "unknown key 'record'", "records"),
        ])  # fmt: skip
        self.assert_found(reading.warnings, [
            ("y:5:11", f"{P}flag cannot be '2' and stays 0", "0 off, 1 on"),
            ("y:6:5", f"unknown variable '{P}sice' has no effect", f"{P}size"),
            ("y:9:3", "unknown variable 'proxy.config.other' has no effect", ""),
        ])  # fmt: skip
        self.assertEqual(reading.value.setting("proxy.config.other").value, "5")

    def test_there_are_keys_above_values(self) -> None:
        self.assert_found(parse("- 1").errors, [
            ("y:1:1", "there are no keys here", "'records:' and the variables below it"),
        ])  # fmt: skip
        self.assert_found(parse("records: 1").errors, [("y:1:10", "there are no keys here", "variables")])

    def test_what_is_no_yaml_is_told_and_the_environment_still_counts(self) -> None:
        reading = parse("records: [", PROXY_CONFIG_SOME_SIZE="1")
        self.assertEqual(len(reading.errors), 1)
        self.assertEqual(reading.value.integer(P + "size"), 1)

    def test_an_unknown_variable_without_a_value_is_told_too(self) -> None:
        self.assertEqual(parse("records: {a: ~}").value.setting("proxy.config.a").value, "NULL")


pieces = st.sampled_from([
    "records:\n", "  some:\n", "    size: 1\n", "    flag: x\n", "  a: [1]\n", "---\n", "é: &a *a\n", "  'b': ~\n", "{",
])  # fmt: skip


class Laws(Messages):
    @given(record_values(ROWS))
    def test_what_was_written_is_read(self, values: dict[str, Value]) -> None:
        reading = parse(render_records_yaml(values))
        self.assert_found(reading.errors, [])
        for name, value in values.items():
            self.assertEqual(reading.value.setting(name).value, value)

    # a name with another beginning has no place in such a file
    @given(record_values({name: row for name, row in RECORDS.items() if name.startswith(PREFIX)}))
    def test_what_was_written_of_all_variables_is_read(self, values: dict[str, Value]) -> None:
        reading = parse_records_yaml("y", render_records_yaml(values), {}, RECORDS)
        self.assert_found(reading.errors, [])
        self.assertEqual({name: reading.value.setting(name).value for name in values}, values)

    @given(st.lists(st.sampled_from(["size: 1", "flag: 1", "text: 'a'"]), max_size=3, unique=True),
           st.sampled_from(["size: x", "part: [1]", "part: {a: [1]}", "flag: 1h"]), st.data())  # fmt: skip
    def test_a_faulty_line_brings_one_error_and_changes_no_other(
        self, lines: list[str], bad: str, data: st.DataObject
    ) -> None:
        lines = [line for line in lines if line.split(":")[0] != bad.split(":", maxsplit=1)[0]]
        at = data.draw(st.integers(0, len(lines)))
        before = parse("records:\n  some:\n" + "".join(f"    {line}\n" for line in lines) + "    z: 1\n")
        lines.insert(at, bad)
        after = parse("records:\n  some:\n" + "".join(f"    {line}\n" for line in lines) + "    z: 1\n")
        self.assertEqual([fault.place.line for fault in after.errors], [at + 3])
        values = [[setting.value for setting in reading.value] for reading in (before, after)]
        self.assertEqual(values[0], values[1])

    @given(record_values(ROWS), st.sampled_from(["\r\n", "\n\n# x\n"]))
    def test_line_ends_and_comments_do_not_matter(self, values: dict[str, Value], between: str) -> None:
        reading = parse(between.join(["", render_records_yaml(values).rstrip("\n"), ""]))
        for name, value in values.items():
            self.assertEqual(reading.value.setting(name).value, value)

    @given(st.text(max_size=60) | st.lists(pieces, max_size=8).map("".join))
    def test_any_text_is_read_or_refused_and_every_fault_is_told(self, text: str) -> None:
        reading = parse(text)
        for fault in reading.errors + reading.warnings:
            self.assertLessEqual(len(str(fault).split("\n")), 3)
