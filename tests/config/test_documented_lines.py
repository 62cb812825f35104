"""Lines that people copy from the documents do what the text beside them says."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.config.shape import Messages
from tsnode.config.icp import parse_icp
from tsnode.config.update import parse_update
from tsnode.model.neighbors import NeighborKind
from tsnode.model.schedule import first_start

PARENT, SIBLING, LOCAL = NeighborKind.PARENT, NeighborKind.SIBLING, NeighborKind.LOCAL

# Traffic Server's icp.config manual page of 4.0 to 6.2, and icp.config.default of 6.2:
# the line, what it names (host, address, kind, proxy port, ICP port), its group
NEIGHBORS = (
    ("localhost:0.0.0.0:3:8080:3130:0:0.0.0.0:1", ("localhost", "None", LOCAL, 8080, 3130), None),
    ("host1:123.12.1.23:1:8080:3131:0:0.0.0.0:1", ("host1", "123.12.1.23", PARENT, 8080, 3131), None),
    ("host2:123.12.1.24:2:8080:3131:0:0.0.0.0:1", ("host2", "123.12.1.24", SIBLING, 8080, 3131), None),
    ("host1:209.1.33.10:1:8080:3130:0:0.0.0.0:1:", ("host1", "209.1.33.10", PARENT, 8080, 3130), None),
    ("host2;209.1.33.11;2;8080;3130;0;0.0.0.0;1;", ("host2", "209.1.33.11", SIBLING, 8080, 3130), None),
    (
        "host3|fe80::208:54ff:fe47:d94d|2|8080|3130|0|::|1|",
        ("host3", "fe80::208:54ff:fe47:d94d", SIBLING, 8080, 3130),
        None,
    ),
    (
        "host1 209.1.33.10 1 8080 3130 1 239.128.16.128 1 ",
        ("host1", "209.1.33.10", PARENT, 8080, 3130),
        "239.128.16.128",
    ),
)


class IcpNeighbors(Messages):
    def test_each_line_names_the_cache_that_the_text_says(self) -> None:
        for line, names, group in NEIGHBORS:
            reading = parse_icp("icp.config", line)
            self.assert_found((*reading.errors, *reading.warnings), [])
            (neighbor,) = reading.value
            found = (neighbor.host, str(neighbor.address), neighbor.kind, neighbor.proxy_port, neighbor.icp_port)
            self.assertEqual(found, names, line)
            self.assertEqual(None if neighbor.group is None else str(neighbor.group), group, line)
            self.assertEqual(neighbor.ttl, 1, line)

    def test_the_one_that_mixes_separators_is_refused_as_traffic_server_refuses_it(self) -> None:
        """The second multicast example of icp.config.default."""
        reading = parse_icp("icp.config", "host2 209.1.33.11 2:8080:3130 1 239.128.16.128 1 ")
        self.assert_found(reading.errors, [
            ("icp.config:1:20", "the separator is ' ' before and ':' here", "the same one throughout the line"),
        ])  # fmt: skip


# update.config's manual page and update.config.default of 5.3: offset hour, interval, the hours of updates in a day
SCHEDULES = (
    (13, 3600, [*range(1, 24), 0]),
    (13, 86400, [13]),
    (12, 4 * 3600, [4, 8, 12, 16, 20, 0]),
)


class ScheduledUpdates(Messages):
    def test_the_example_names_a_url_its_header_and_its_times(self) -> None:
        reading = parse_update("update.config", "http://www.company.com\\User-Agent: noname user agent\\13\\3600\\5\\")
        self.assert_found((*reading.errors, *reading.warnings), [])
        (update,) = reading.value
        self.assertEqual(update.url, b"http://www.company.com/")
        self.assertEqual(list(update.headers), [(b"User-Agent", b"noname user agent")])
        self.assertEqual((update.offset_hour, update.interval, update.depth), (13, 3600, 5))

    def test_updates_are_at_the_hours_that_the_text_says(self) -> None:
        for hour, interval, hours in SCHEDULES:
            (update,) = parse_update("update.config", f"http://www.example.com\\\\{hour}\\{interval}\\0\\").value
            midnight = datetime(2026, 11, 26, tzinfo=UTC).timestamp()
            starts = []
            start = first_start(update, midnight, UTC)
            while start <= midnight + 86400:
                starts.append(datetime.fromtimestamp(start, UTC).hour)
                start += interval
            self.assertEqual(starts, hours)
