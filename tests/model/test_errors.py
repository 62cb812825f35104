"""What errors say, and to whom."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import integers, text
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.errors import (
    BadGateway,
    BadRequest,
    ConfigError,
    ConfigErrors,
    GatewayTimeout,
    PeerError,
    Place,
    StoreError,
    TsnodeError,
    UpstreamFailed,
)


class Peers(SynchronousTestCase):
    """What the client is told when octets or silence from outside cannot be accepted."""

    def test_each_kind_has_its_status_and_traffic_server_s_reason(self) -> None:
        for error, status, reason in (
            (BadRequest("x"), 400, b"Invalid HTTP Request"),
            (BadGateway("x"), 502, b"Bad Gateway"),
            (GatewayTimeout("x"), 504, b"Connection Timed Out"),
            (UpstreamFailed("x", committed=False), 502, b"Connection Failed"),
        ):
            self.assertIsInstance(error, PeerError)
            self.assertEqual((error.status, error.reason, str(error)), (status, reason, "x"))

    def test_one_fault_may_have_a_status_and_a_reason_of_its_own(self) -> None:
        error = BadRequest("too large", status=413, reason=b"Request Entity Too Large")
        self.assertEqual((error.status, error.reason), (413, b"Request Entity Too Large"))
        self.assertEqual((BadRequest("x").status, BadRequest("x").reason), (400, b"Invalid HTTP Request"))

    def test_either_can_be_given_alone(self) -> None:
        self.assertEqual(BadRequest("x", status=413).reason, b"Invalid HTTP Request")
        self.assertEqual(BadRequest("x", reason=b"Invalid Host").status, 400)

    def test_a_failed_try_tells_whether_the_request_had_left_and_the_link_was_used_before(self) -> None:
        first = UpstreamFailed("refused", committed=False)
        self.assertEqual((first.committed, first.reused), (False, False))
        later = UpstreamFailed("closed", committed=True, reused=True, status=504, reason=b"Late")
        self.assertEqual((later.committed, later.reused, later.status, later.reason), (True, True, 504, b"Late"))


class Families(SynchronousTestCase):
    def test_all_expected_trouble_can_be_told_from_defects(self) -> None:
        for error in (PeerError("x"), StoreError("x"), ConfigError(Place("x"), "x"), ConfigErrors(())):
            self.assertIsInstance(error, TsnodeError)

    def test_trouble_of_one_family_is_not_that_of_another(self) -> None:
        self.assertNotIsInstance(StoreError("x"), PeerError)
        self.assertNotIsInstance(BadRequest("x"), BadGateway)


class Configuration(SynchronousTestCase):
    def test_a_fault_quotes_the_line_and_marks_where_it_is(self) -> None:
        place = Place("etc/remap.config", 7, 5, "map http//a http://b")
        self.assertEqual(
            str(ConfigError(place, "no URL", "http://host/")),
            "etc/remap.config:7:5: no URL\n  map http//a http://b\n      ^ expected http://host/",
        )

    def test_the_mark_stands_alone_where_there_is_nothing_to_expect(self) -> None:
        self.assertEqual(str(ConfigError(Place("f", 1, 2, "ab"), "odd")), "f:1:2: odd\n  ab\n   ^")

    def test_a_tab_before_the_fault_is_a_tab_before_the_mark(self) -> None:
        told = str(ConfigError(Place("f", 1, 4, "\ta\tx"), "odd"))
        self.assertEqual(told.splitlines()[1:], ["  \ta\tx", "  \t \t^"])

    def test_a_file_as_a_whole_has_no_line_to_quote(self) -> None:
        whole = Place("etc/records.config")
        self.assertEqual(str(whole), "etc/records.config")
        self.assertEqual(str(ConfigError(whole, "cannot be read")), "etc/records.config: cannot be read")
        self.assertEqual(
            str(ConfigError(whole, "not UTF-8", "a text")), "etc/records.config: not UTF-8 (expected a text)"
        )

    def test_its_parts_can_be_had(self) -> None:
        error = ConfigError(Place("f", 1, 2, "ab"), "odd", "even")
        self.assertEqual((error.place, error.problem, error.expected), (Place("f", 1, 2, "ab"), "odd", "even"))

    @given(text("ab\t ", max_size=8), text("ab\t ", max_size=8))
    def test_the_mark_stands_under_the_character_it_is_about_whatever_the_tabs(self, before: str, behind: str) -> None:
        line = before + "x" + behind
        told = str(ConfigError(Place("f", 1, len(before) + 1, line), "odd", "even")).splitlines()
        self.assertEqual(told[1], "  " + line)
        mark = told[2]
        for width in (1, 4, 8):
            self.assertEqual(mark.expandtabs(width).index("^"), len(("  " + before).expandtabs(width)))

    @given(integers(0, 3))
    def test_all_faults_are_told_in_their_order(self, count: int) -> None:
        faults = [ConfigError(Place("f", line + 1, 1, "x"), f"fault {line}") for line in range(count)]
        errors = ConfigErrors(iter(faults))
        self.assertEqual(errors.errors, tuple(faults))
        self.assertEqual(str(errors), "\n".join(map(str, faults)))


class LongLines(SynchronousTestCase):
    """A line of a megabyte is told in as little room as any other."""

    def shown(self, length: int, column: int) -> list[str]:
        line = "".join(chr(ord("a") + at % 26) for at in range(length))
        return str(ConfigError(Place("f", 1, column, line), "odd", "even")).split("\n")

    def test_a_line_is_cut_around_its_column(self) -> None:
        for column, before, after in ((1, False, True), (500_000, True, True), (1_000_000, True, False)):
            place, quoted, mark = self.shown(1_000_000, column)
            self.assertEqual(place, f"f:1:{column}: odd")
            self.assertEqual((quoted[2] == "…", quoted[-1] == "…"), (before, after), column)
            self.assertLess(len(quoted), 170)
            self.assertEqual(quoted[mark.index("^")], chr(ord("a") + (column - 1) % 26))

    def test_a_line_that_can_be_read_is_whole(self) -> None:
        self.assertEqual(len(self.shown(160, 7)[1]), 2 + 160)

    def test_a_column_behind_the_end_is_marked_there(self) -> None:
        _, quoted, mark = self.shown(1_000, 1_001)
        self.assertEqual(mark.index("^"), len(quoted))

    def test_a_long_word_of_the_file_is_cut_in_what_is_wrong_with_it(self) -> None:
        fault = ConfigError(Place("f", 1, 1, "x"), f"unknown {'x' * 1_000_000}", "y" * 1_000)
        self.assertEqual((len(fault.problem), len(fault.expected)), (401, 401))
        self.assertLess(len(str(fault)), 1_000)

    def test_what_would_move_a_cursor_is_not_shown_as_it_is(self) -> None:
        fault = ConfigError(Place("f", 1, 3, "\ta\x1b[2J\x7f\x9b"), "odd")
        self.assertEqual(str(fault).split("\n")[1:], ["  \ta\ufffd[2J\ufffd\ufffd", "  \t ^"])

    @given(text(max_size=400), integers(1, 401))
    def test_the_mark_stands_under_the_character_of_the_column(self, line: str, column: int) -> None:
        shown, at = Place("f", 1, min(column, len(line) + 1), line).excerpt
        self.assertLessEqual(len(shown), 162)
        if column <= len(line) and line[column - 1].isprintable():
            self.assertEqual(shown[at - 1], line[column - 1])
