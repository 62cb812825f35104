"""Lists of ports."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.config.shape import Messages
from tsnode.config.cursor import Span
from tsnode.config.reading import Reading
from tsnode.config.server_ports import parse_port_ranges, parse_server_ports
from tsnode.model.errors import ConfigError, Place
from tsnode.model.settings import ListenPort


def span(text: str) -> Span:
    return Span(text, Place("r", 1, 1, text))


def parse(text: str) -> Reading[tuple[ListenPort, ...]]:
    return parse_server_ports(span(text))


ports = st.builds(
    ListenPort,
    port=st.integers(1, 65535),
    address=st.ip_addresses(v=4).map(str),
) | st.builds(
    ListenPort,
    port=st.integers(1, 65535),
    address=st.one_of(st.just(""), st.ip_addresses(v=6, network="2001:db8::/32").map(str)),
    ipv6=st.just(True),
) | st.builds(ListenPort, port=st.integers(1, 65535))  # fmt: skip


def render(port: ListenPort) -> str:
    if not port.address:
        return f"{port.port}:ipv6" if port.ipv6 else str(port.port)
    return f"{port.port}:ip-in=" + (f"[{port.address}]" if port.ipv6 else port.address)


class ServerPorts(Messages):
    def test_ports_have_options_behind_colons(self) -> None:
        reading = parse("8080,8081:ipv6 8082:ip-in=127.0.0.1  8083:IP-in=[::1]:ipv6 8084:ipv4")
        self.assert_found(reading.errors, [])
        self.assertEqual(reading.value, (
            ListenPort(port=8080), ListenPort(port=8081, ipv6=True), ListenPort(port=8082, address="127.0.0.1"),
            ListenPort(port=8083, address="::1", ipv6=True), ListenPort(port=8084),
        ))  # fmt: skip

    def test_every_fault_is_told_and_the_other_ports_are_kept(self) -> None:
        reading = parse("0 8080:ssl 8081:ip-in=x 8082:ipv6:ip-in=127.0.0.1 8083 8083 1x 8084:ip-in=[::1")
        self.assertEqual([(fault.place.column, fault.problem) for fault in reading.errors], [
            (1, "'0' is no port"),
            (8, "option 'ssl' is not supported"),
            (23, "'x' is no address to listen on"),
            (35, "'ip-in=127.0.0.1' contradicts what stands before it"),
            (56, "'8083' is there twice"),
            (61, "'1x' is no port"),
            (75, "'[::1' is no address to listen on"),
        ])  # fmt: skip
        self.assertEqual(reading.value, (ListenPort(port=8083),))

    def test_an_ipv6_address_needs_brackets_and_an_ipv4_address_none(self) -> None:
        self.assertEqual(len(parse("8080:ip-in=[127.0.0.1]").errors), 1)
        self.assertEqual(len(parse("8080:ip-in=::1").errors), 1)

    def test_a_node_that_listens_nowhere_is_an_error(self) -> None:
        self.assert_found(parse(" , ").errors, [("r:1:1", "no port is named", "a port number")])

    @given(st.lists(ports, min_size=1, max_size=4, unique=True))
    def test_what_was_written_is_read(self, wanted: list[ListenPort]) -> None:
        reading = parse(" ".join(render(port) for port in wanted))
        self.assert_found(reading.errors, [])
        self.assertEqual(reading.value, tuple(wanted))

    @given(st.text("0189:[]ip-n=v46., \té", max_size=20))
    def test_any_text_is_read_and_every_fault_is_marked(self, text: str) -> None:
        reading = parse(text)
        self.assert_marked(reading.errors, text)
        self.assertTrue(reading.value or reading.errors)


class PortRanges(Messages):
    def test_ports_and_ranges_are_read(self) -> None:
        self.assertEqual(parse_port_ranges(span("443, 8000-8002")), frozenset({443, 8000, 8001, 8002}))
        self.assertEqual(parse_port_ranges(span("")), frozenset())

    def test_everything_else_is_an_error(self) -> None:
        for text, column in (("443 x", 5), ("1-", 3), ("9-8", 1), ("65536", 1), ("1-2-3", 3), ("٣", 1)):
            fault = self.assertRaises(ConfigError, parse_port_ranges, span(text))
            assert isinstance(fault, ConfigError)
            self.assertEqual(fault.place.column, column, text)
