"""update.config."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.config.shape import Messages
from tsnode.config.reading import Reading
from tsnode.config.update import FIELDS, LONGEST_RECORD, parse_update
from tsnode.model.schedule import ScheduledUpdate
from tsnode.testing.config_update import render_update, scheduled_updates

GOOD = "http://a/\\\\13\\3600\\5\\"
FAULTS = (
    ("http://a:0/\\\\13\\3600\\5\\", 1),
    ("www.example.com:80/\\\\13\\3600\\5\\", 1),
    ("\\\\13\\3600\\5\\", 1),
    ("http://a/\\A b: c\\13\\3600\\5\\", 11),
    ("http://a/\\A: b; C: d;E\x01: f\\13\\3600\\5\\", 17),
    ("http://a/\\x\\13\\3600\\5\\", 11),
    ("http://a/\\\\24\\3600\\5\\", 12),
    ("http://a/\\\\\\3600\\5\\", 12),
    ("http://a/\\\\13\\86401\\5\\", 15),
    ("http://a/\\\\13\\0\\5\\", 15),
    (" http://a/ \\ \\ 13 \\ 3600 \\ 129 \\", 28),
    ("http://a/\\\\13\\3600\\", 20),
    ("http://a/\\\\13\\3600", 19),
    ("http://a/", 10),
    ("hello", 6),
    (GOOD + "\\", 22),
    (GOOD + "6\\7", 22),
    ("http://a/\\A: " + "b" * LONGEST_RECORD + "\\13\\3600\\5\\", 1),
)
"""Lines with one fault each, and its column."""
PIECES = ("\\", "\n", "\r\n", "#", "http://a", "ftp:", "A: b", ";", '"', "(", " ", "1", "\x00")


class Updates(Messages):
    def read(self, text: str) -> Reading[tuple[ScheduledUpdate, ...]]:
        reading = parse_update("u", text)
        self.assert_marked((*reading.errors, *reading.warnings), text)
        return reading

    def only(self, text: str) -> ScheduledUpdate:
        reading = self.read(text)
        self.assert_found((*reading.errors, *reading.warnings), [])
        (update,) = reading.value
        return update

    def headers(self, text: str) -> list[tuple[bytes, bytes]]:
        return list(self.only(f"http://a/\\{text}\\13\\3600\\5\\").headers)


class Entries(Updates):
    def test_each_field_has_its_meaning(self) -> None:
        update = self.only("http://A:80/x\\User-Agent: me\\13\\3600\\5\\")
        self.assertEqual((update.url, list(update.headers)), (b"http://a/x", [(b"User-Agent", b"me")]))
        self.assertEqual((update.offset_hour, update.interval, update.depth), (13, 3600, 5))
        self.assertEqual(str(update.place), "u:1:1")

    def test_the_last_backslash_may_be_missing(self) -> None:
        self.assertEqual(self.only(GOOD.removesuffix("\\")), self.only(GOOD))

    def test_blanks_around_fields_do_not_matter(self) -> None:
        self.assertEqual(self.only(" http://a/ \\ \\\t13 \\ 3600 \\ 5 \\ "), self.only(GOOD))

    def test_an_hour_may_have_a_leading_zero(self) -> None:
        self.assertEqual(self.only("http://a/\\\\00\\86400\\0\\").offset_hour, 0)

    def test_other_schemes_are_known_and_do_nothing(self) -> None:
        """Traffic Server accepts them, without links, and fails when they are due."""
        reading = self.read("https://a/\\\\13\\3600\\5\\")
        self.assertEqual([(update.url, update.depth) for update in reading.value], [(b"https://a/", 0)])
        self.assert_found(reading.warnings, [("u:1:1", "only http URLs can be updated", "one that begins with http://")])
        self.assertEqual(len(self.read("https://a/\\\\13\\3600\\x\\").errors), 1)

    def test_what_stands_behind_the_last_backslash_is_told(self) -> None:
        reading = self.read(f"{GOOD} # hourly")
        self.assertEqual(len(reading.value), 1)
        self.assert_found(
            reading.warnings, [("u:1:23", "what stands behind the last \\ has no effect", "the end of the line")]
        )

    def test_every_fault_of_an_entry_is_told_in_its_place(self) -> None:
        reading = self.read("http://a:x/\\no\\24\\86401\\129\\")
        self.assert_found(reading.errors, [
            ("u:1:1", "'http://a:x/' is no URL: malformed host", "one such as http://www.example.com/"),
            ("u:1:13", "'no' is no header", "Name: value, with semicolons between several"),
            ("u:1:16", "'24' is no hour of the day", "0 to 23"),
            ("u:1:19", "'86401' is no number of seconds in a day", "1 to 86400"),
            ("u:1:25", "'129' is no depth", "0 to 128"),
        ])  # fmt: skip


class Headers(Updates):
    def test_semicolons_separate_them_where_a_name_follows(self) -> None:
        self.assertEqual(self.headers("A: b; C: d;E:f; "), [(b"A", b"b"), (b"C", b"d"), (b"E", b"f")])
        self.assertEqual(self.headers("Accept: text/html;q=0.5, */*"), [(b"Accept", b"text/html;q=0.5, */*")])

    def test_semicolons_in_comments_and_quoted_strings_do_not(self) -> None:
        agent = 'Mozilla/5.0 (X11; rv:10) "a; b: c"'
        self.assertEqual(self.headers(f"User-Agent: {agent}; B: ("), [(b"User-Agent", agent.encode()), (b"B", b"(")])

    def test_line_ends_separate_them_too(self) -> None:
        for end in ("\r\n", "\n", "\r\n\r\n"):
            self.assertEqual(self.headers(f"A: b{end}C: d{end}"), [(b"A", b"b"), (b"C", b"d")])

    def test_values_may_be_empty_and_may_hold_any_letter(self) -> None:
        self.assertEqual(self.headers("A:; B: é"), [(b"A", b""), (b"B", "é".encode())])

    def test_their_faults_are_told_in_their_own_lines(self) -> None:
        reading = self.read("http://a/\\A: b\n C d\\13\\3600\\5\\")
        self.assertEqual([str(fault.place) for fault in reading.errors], ["u:2:2"])


class Lines(Updates):
    def test_an_entry_may_go_over_several_lines(self) -> None:
        self.assertEqual(self.only("http://a/\n\\\\13\\\n3600\n\\5\\"), self.only(GOOD))

    def test_a_field_of_one_value_may_not(self) -> None:
        self.assert_found(
            self.read("http://a/\\\\1\n3\\3600\\5\\").errors,
            [("u:2:1", "offset_hour goes on in another line", "\\ before it")],
        )

    def test_an_entry_that_is_cut_short_ends_where_the_next_one_begins(self) -> None:
        reading = self.read(f"http://a/\\A: b\\13\n# x\n{GOOD}\nhttp://b/\n{GOOD}")
        expected = "URL\\request_headers\\offset_hour\\interval\\recursion_depth\\"
        self.assert_found(reading.errors, [
            ("u:1:18", "an entry has 5 fields, this one 3", expected),
            ("u:4:10", "an entry has 5 fields, this one 1", expected),
        ])  # fmt: skip

    def test_an_entry_has_at_most_32_kib(self) -> None:
        most = LONGEST_RECORD - len("http://a/\\A: \\13\\3600\\5\\\n")
        self.assertEqual(len(self.read(f"http://a/\\A: {'b' * most}\\13\\3600\\5\\").value), 1)
        reading = self.read(f"http://a/\\A: {'b' * (most + 1)}\\13\\3600\\5\\")
        self.assert_found(reading.errors, [("u:1:1", "the entry is too long", "at most 32768 characters")])

    def test_one_that_never_ends_is_told_once(self) -> None:
        reading = self.read("http://a/\\\n" + "A: b\n" * 20000 + GOOD)
        self.assertEqual([str(fault.place) for fault in reading.errors], ["u:1:1"])

    def test_comments_blank_lines_and_windows_line_ends_are_no_faults(self) -> None:
        reading = self.read(f"# {GOOD}\r\n\r\n # x\r\n{GOOD}\r\n{GOOD}\r\n")
        self.assertEqual((len(reading.value), reading.errors, reading.warnings), (2, (), ()))

    def test_any_fault_refuses_the_whole_file(self) -> None:
        for faulty, column in FAULTS:
            reading = self.read(f"{GOOD}\n{faulty}\n{GOOD}")
            self.assertEqual(reading.value, (), faulty[:50])
            self.assertEqual([str(fault.place) for fault in reading.errors], [f"u:2:{column}"], faulty[:50])

    def test_the_faults_of_all_entries_are_told(self) -> None:
        reading = self.read("\n".join(f"{faulty}\n{GOOD}" for faulty, _ in FAULTS))
        self.assertEqual(
            [(fault.place.line, fault.place.column) for fault in reading.errors],
            [(number, column) for number, (_, column) in zip(range(1, 99, 2), FAULTS, strict=False)],
        )


class Laws(Updates):
    @given(scheduled_updates(), st.sampled_from(["; ", ";", "\r\n", "\n"]), st.booleans())
    def test_what_was_written_is_read(
        self, updates: tuple[ScheduledUpdate, ...], between: str, closed: bool
    ) -> None:
        reading = self.read(render_update(updates, between=between, closed=closed))
        self.assert_found(reading.errors, [])
        self.assertEqual(reading.value, updates)

    @given(scheduled_updates(3))
    def test_how_it_is_written_does_not_matter(self, updates: tuple[ScheduledUpdate, ...]) -> None:
        lines = render_update(updates).split("\n")[:-1]
        dressed = "# a comment\r\n" + "".join(f" \t{line} \r\n\n  # x\n" for line in lines)
        spaced = "\n".join(line.replace("\\", " \\\t") for line in lines)
        broken = "\n".join("\n".join(line.partition("\\")) for line in lines)
        for text in (dressed, spaced, broken):
            self.assertEqual(self.read(text).value, updates, text)

    @given(scheduled_updates(3), st.sampled_from(FAULTS), st.integers(0, 3))
    def test_a_faulty_line_is_told_once_in_its_place_and_refuses_the_file(
        self, updates: tuple[ScheduledUpdate, ...], faulty: tuple[str, int], at: int
    ) -> None:
        lines = render_update(updates).split("\n")[:-1]
        at %= len(lines) + 1
        reading = parse_update("u", "\n".join([*lines[:at], faulty[0], *lines[at:]]))
        self.assertEqual([(fault.place.line, fault.place.column) for fault in reading.errors], [(at + 1, faulty[1])])
        self.assertEqual(reading.value, ())

    @given(
        st.lists(st.sampled_from(PIECES)).map("".join)
        | st.lists(st.sampled_from(["http://a/", "A: b; c: d", "1", "99", ""]), max_size=9).map("\\".join)
        | st.text(max_size=60)
    )
    def test_any_text_is_read_or_refused(self, text: str) -> None:
        self.read(text)


class Table(Updates):
    def test_the_table_has_the_five_fields_and_their_examples_make_a_line(self) -> None:
        self.assertEqual(len({tag.name for tag in FIELDS}), 5)
        self.assertEqual(len(self.only("\\".join(tag.example for tag in FIELDS)).headers), 2)
