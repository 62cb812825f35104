"""icp.config."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.config.shape import Messages
from tsnode.config.icp import FIELDS, MOST_NEIGHBORS, parse_icp
from tsnode.config.reading import Reading
from tsnode.model.addresses import Address, parse_address
from tsnode.model.neighbors import IcpNeighbor, NeighborKind
from tsnode.testing.config_icp import icp_neighbors, render_icp

GOOD = "h:192.0.2.1:2:8080:3130:0:0.0.0.0:1"
FAULTS = (
    ("h:192.0.2.300:2:8080:3130:0:0.0.0.0:1", 3),
    ("h:192.0.2.9:4:8080:3130:0:0.0.0.0:1", 13),
    ("  h:192.0.2.9:2:0:3130:0:0.0.0.0:1", 17),
    ("h|192.0.2.9|2|8080|65536|0|0.0.0.0|1|", 20),
    ("h 192.0.2.9 2 8080 3130 2 0.0.0.0 1", 25),
    ("h;192.0.2.9;2;8080;3130;1;0.0.0.0;1;", 27),
    ("h,192.0.2.9,2,8080,3130,0,0.0.0.0,0", 35),
    ("h:192.0.2.9:2:8080:3130:0:0.0.0.0", 34),
    ("h:192.0.2.9:2:8080:3130:0:0.0.0.0:1:1", 37),
    ("h 192.0.2.9 2:8080:3130 0 0.0.0.0 1", 14),
    ("h:192.0.2.9:2:8080:3130:0:0.0.0.0:1 # why", 35),
    ("h h:192.0.2.9:2:8080:3130:0:0.0.0.0:1", 1),
    (":0.0.0.0:2:8080:3130:0:0.0.0.0:1:", 1),
)
"""Lines with one fault each, and its column."""


class Neighbors(Messages):
    def read(self, *lines: str) -> Reading[tuple[IcpNeighbor, ...]]:
        text = "\n".join(lines)
        reading = parse_icp("i", text)
        self.assert_marked((*reading.errors, *reading.warnings), text)
        return reading

    def only(self, line: str) -> IcpNeighbor:
        reading = self.read(line)
        self.assert_found((*reading.errors, *reading.warnings), [])
        (neighbor,) = reading.value
        return neighbor

    def refused(self, line: str, *found: tuple[str, str, str]) -> None:
        reading = self.read(line)
        self.assertEqual(reading.value, ())
        self.assert_found(reading.errors, list(found))


class Fields(Neighbors):
    def test_each_field_has_its_meaning(self) -> None:
        neighbor = self.only("h:192.0.2.1:1:8080:3131:1:239.128.16.128:2:")
        self.assertEqual((neighbor.host, neighbor.address), ("h", parse_address("192.0.2.1")))
        self.assertEqual((neighbor.kind, neighbor.proxy_port, neighbor.icp_port), (NeighborKind.PARENT, 8080, 3131))
        self.assertEqual((neighbor.group, neighbor.ttl), (parse_address("239.128.16.128"), 2))
        self.assertEqual(str(neighbor.place), "i:1:1")

    def test_without_multicast_there_is_no_group(self) -> None:
        self.assertIsNone(self.only("h:192.0.2.1:2:8080:3130:0:239.128.16.128:1").group)

    def test_what_stands_for_the_group_without_multicast_is_told_if_it_is_no_address(self) -> None:
        reading = self.read("h:192.0.2.1:2:8080:3130:0:none:1")
        self.assertEqual(len(reading.value), 1)
        self.assert_found(reading.warnings, [("i:1:27", "'none' is no address", "0.0.0.0 without multicast")])

    def test_groups_may_be_of_ipv6(self) -> None:
        self.assertEqual(self.only("h|::1|2|8080|3130|1|ff05::2|1").group, parse_address("ff05::2"))

    def test_a_host_without_an_address_is_left_to_be_looked_up(self) -> None:
        for address in ("0.0.0.0", "::", " "):
            neighbor = self.only(f"h|{address}|2|8080|3130|0|0.0.0.0|1")
            self.assertEqual((neighbor.host, neighbor.address), ("h", None))

    def test_an_address_needs_no_host(self) -> None:
        neighbor = self.only("|192.0.2.7|2|8080|3130|0|0.0.0.0|1|")
        self.assertEqual((neighbor.host, neighbor.address), ("", Address(4, 0xC0000207)))

    def test_a_host_may_be_an_address(self) -> None:
        self.assertEqual(self.only("::1|::1|2|8080|3130|0|::|1").host, "::1")

    def test_a_host_or_an_address_has_to_be_there(self) -> None:
        self.refused(
            "|0.0.0.0|2|8080|3130|0|0.0.0.0|1|", ("i:1:1", "there is neither a host nor an address", "one of them")
        )

    def test_every_fault_of_a_line_is_told_in_its_place(self) -> None:
        self.refused(
            "é:x:4:0:99999:2:y:0",
            ("i:1:1", "'é' is no host", "a name, or nothing where the address is given"),
            ("i:1:3", "'x' is no address", "an IPv4 or IPv6 address, 0.0.0.0 to look the host up"),
            ("i:1:5", "unknown kind of cache '4'", "1 (parent), 2 (sibling) or 3 (this node)"),
            ("i:1:7", "'0' is no port", "1 to 65535"),
            ("i:1:9", "'99999' is no port", "1 to 65535"),
            ("i:1:15", "multicast cannot be '2'", "0 (off) or 1 (on)"),
            ("i:1:19", "'0' is no time to live", "1 to 255"),
        )

    def test_a_group_has_to_be_one(self) -> None:
        hint = "224.0.0.0 to 239.255.255.255, or one that begins with ff"
        for group in ("192.0.2.1", "0.0.0.0", "::1", "x"):
            self.refused(
                f"h|192.0.2.1|2|8080|3130|1|{group}|1", ("i:1:27", f"{group!r} is no multicast address", hint)
            )

    def test_an_address_has_no_zone(self) -> None:
        """The address alone would be another one's on another interface."""
        self.assertEqual(len(self.read("h|fe80::1%eth0|2|8080|3130|0|::|1").errors), 1)


class Separators(Neighbors):
    def test_each_of_the_five_works_with_and_without_one_at_the_end(self) -> None:
        """Traffic Server wants one at the end; its manual has none there."""
        for separator in ":;|, ":
            for end in ("", separator):
                line = separator.join(("h", "192.0.2.1", "2", "8080", "3130", "0", "0.0.0.0", "1")) + end
                self.assertEqual(self.only(line), self.only(GOOD), line)

    def test_ipv6_addresses_need_another_one_than_the_colon(self) -> None:
        self.assertEqual(self.only("h|fe80::1|2|8080|3130|0|::|1|").address, parse_address("fe80::1"))
        (fault,) = self.read("h:fe80::1:2:8080:3130:0:0.0.0.0:1:").errors
        self.assertTrue(fault.expected.endswith("an IPv6 address needs another one than :"), fault.expected)

    def test_several_in_a_row_are_one(self) -> None:
        self.assertEqual(self.only("h::192.0.2.1:2:::8080:3130:0:0.0.0.0:1::"), self.only(GOOD))

    def test_blanks_around_fields_do_not_matter(self) -> None:
        self.assertEqual(self.only(" h : 192.0.2.1 : 2 :\t8080:3130 : 0 : 0.0.0.0 : 1 : "), self.only(GOOD))

    def test_mixed_separators_are_a_fault(self) -> None:
        self.refused(
            "host2 209.1.33.11 2:8080:3130 1 239.128.16.128 1 ",
            ("i:1:20", "the separator is ' ' before and ':' here", "the same one throughout the line"),
        )

    def test_seven_or_nine_fields_are_a_fault(self) -> None:
        hint = "8 with |, ;, comma, : or blank between them"
        self.refused("h|192.0.2.1|2|8080|3130|0|1|", ("i:1:29", "a neighbor has 8 fields, this line 7", hint))
        self.refused(f"{GOOD};1".replace(":", ";"), ("i:1:37", "a neighbor has 8 fields, this line 9", hint))
        self.refused("h", ("i:1:2", "a neighbor has 8 fields, this line 1", hint))

    def test_a_line_has_an_end(self) -> None:
        """Traffic Server reads as many octets at a time."""
        self.assertEqual([str(fault).split("\n")[0] for fault in self.read("h:" * 256).errors], [
            "i:1:511: the line is too long",
        ])  # fmt: skip


class Files(Neighbors):
    def test_any_fault_refuses_the_whole_file(self) -> None:
        for faulty, column in FAULTS:
            reading = self.read(GOOD, faulty)
            self.assertEqual(reading.value, (), faulty)
            self.assertEqual([str(fault.place) for fault in reading.errors], [f"i:2:{column}"], faulty)

    def test_faults_of_all_lines_are_told(self) -> None:
        reading = self.read(*[faulty for faulty, _ in FAULTS])
        self.assertEqual(
            [(fault.place.line, fault.place.column) for fault in reading.errors],
            [(number, column) for number, (_, column) in enumerate(FAULTS, start=1)],
        )

    def test_comments_blank_lines_and_windows_line_ends_are_no_faults(self) -> None:
        reading = parse_icp("i", f"# {GOOD}\r\n\r\n  # x\r\n{GOOD}\r\n{GOOD.replace('3130', '3131')}:\r\n")
        self.assert_found(reading.errors, [])
        self.assertEqual([neighbor.icp_port for neighbor in reading.value], [3130, 3131])

    def test_sixty_three_entries_load_and_a_sixty_fourth_is_refused(self) -> None:
        lines = [GOOD.replace("3130", str(port)) for port in range(1, MOST_NEIGHBORS + 1)]
        self.assertEqual(len(self.read(*lines).value), 63)
        reading = self.read(*lines, GOOD, GOOD)
        self.assertEqual(reading.value, ())
        self.assert_found(reading.errors, [("i:64:1", "there are too many entries", "at most 63 in a file")])

    def test_a_neighbor_that_appears_twice_is_taken_once_with_a_warning(self) -> None:
        reading = self.read(
            GOOD, GOOD.replace("h:", "other:").replace("8080", "8081"), GOOD.replace("3130", "3131"),
            "A|0.0.0.0|2|8080|3130|0|::|1", "a|::|1|8080|3130|0|::|1",
        )  # fmt: skip
        self.assertEqual([neighbor.proxy_port for neighbor in reading.value], [8080, 8080, 8080])
        self.assert_found(reading.warnings, [
            ("i:2:1", "line 1 has this neighbor already", "another one, or no line"),
            ("i:5:1", "line 4 has this neighbor already", "another one, or no line"),
        ])  # fmt: skip
        self.assert_found(reading.errors, [])

    def test_this_node_itself_may_be_in_the_file_as_often_as_it_likes(self) -> None:
        """Traffic Server accepts such entries, and does nothing with them."""
        reading = self.read(GOOD, GOOD.replace(":2:", ":3:"), GOOD.replace(":2:", ":3:"))
        self.assert_found(reading.warnings, [])
        self.assertEqual([neighbor.kind for neighbor in reading.value][1:], [NeighborKind.LOCAL] * 2)


class Laws(Neighbors):
    @given(icp_neighbors(), st.sampled_from("|;,"), st.booleans())
    def test_what_was_written_is_read(
        self, neighbors: tuple[IcpNeighbor, ...], separator: str, closed: bool
    ) -> None:
        reading = parse_icp("i", render_icp(neighbors, separator=separator, closed=closed))
        self.assert_found((*reading.errors, *reading.warnings), [])
        self.assertEqual(reading.value, neighbors)

    @given(icp_neighbors(3))
    def test_how_it_is_written_does_not_matter(self, neighbors: tuple[IcpNeighbor, ...]) -> None:
        lines = render_icp(neighbors).split("\n")[:-1]
        dressed = "# a comment\r\n" + "".join(f" \t{line.replace('|', '||')} \r\n\n  # x\n" for line in lines)
        spaced = "\n".join(line.replace("|", " | ") for line in lines)
        for text in (dressed, spaced):
            self.assertEqual(parse_icp("i", text).value, neighbors, text)

    @given(icp_neighbors(3), st.sampled_from(FAULTS), st.integers(0, 3))
    def test_a_faulty_line_is_told_once_in_its_place_and_refuses_the_file(
        self, neighbors: tuple[IcpNeighbor, ...], faulty: tuple[str, int], at: int
    ) -> None:
        lines = render_icp(neighbors).split("\n")[:-1]
        at %= len(lines) + 1
        reading = parse_icp("i", "\n".join([*lines[:at], faulty[0], *lines[at:]]))
        self.assertEqual([(fault.place.line, fault.place.column) for fault in reading.errors], [(at + 1, faulty[1])])
        self.assertEqual(reading.value, ())

    @given(
        st.lists(st.sampled_from([*":;|, ", "\t", "\n", "\r\n", "#", "h", "::1", "192.0.2.1", "0", "1", "é", "\x00"]))
        .map("".join) | st.lists(st.sampled_from([GOOD, "h", "0", "2", "239.0.0.1"]), max_size=9).map(":".join)
        | st.text(max_size=60)
    )  # fmt: skip
    def test_any_text_is_read_or_refused(self, text: str) -> None:
        self.read(*text.split("\n"))


class Table(Neighbors):
    def test_the_table_has_the_eight_fields_once_each_and_their_examples_make_a_line(self) -> None:
        self.assertEqual(len({tag.name for tag in FIELDS}), 8)
        self.assertEqual(self.only("|".join(tag.example for tag in FIELDS)).host, "cache1.example.com")
