"""Lists of ports."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.config.shape import Messages
from tsnode.config.cursor import Span
from tsnode.config.reading import Reading
from tsnode.config.server_ports import PORT_OPTIONS, Effect, parse_port_ranges, parse_server_ports
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
        reading = parse("0 8080:sls 8081:ip-in=x 8082:ipv6:ip-in=127.0.0.1 8083 8083 1x 8084:ip-in=[::1")
        self.assertEqual([(fault.place.column, fault.problem) for fault in reading.errors], [
            (1, "'0' is no port"),
            (8, "unknown option 'sls'"),
            (23, "'x' is no address to listen on"),
            (35, "'ip-in=127.0.0.1' contradicts what stands before it"),
            (56, "'8083' is there twice"),
            (61, "'1x' is no port"),
            (75, "'[::1' is no address to listen on"),
        ])  # fmt: skip
        self.assertEqual(reading.value, (ListenPort(port=8083),))

    def test_the_default_of_traffic_server_is_read(self) -> None:
        self.assertEqual(parse("8080 8080:ipv6").value, (ListenPort(port=8080), ListenPort(port=8080, ipv6=True)))

    def test_every_documented_option_is_read(self) -> None:
        values = {
            "ip-in": "10.0.0.1", "ip-out": "[::1]", "ip-resolve": "ipv6;ipv4;client", "proto": "http/1.1;http/2"
        }  # fmt: skip
        for option in PORT_OPTIONS:
            for equals in ("=", "") if option.value else ("",):
                word = option.name + equals + values.get(option.name, "")
                for text in (f"8080:{word}", f"{word.upper()}:8080", f"8080:{word}:{word}"):
                    reading = parse(f"8081 {text}")
                    self.assert_found(reading.errors, [])
                    self.assertEqual(len(reading.value), 1 if option.effect is Effect.SHUT else 2, text)
                    self.assertEqual(bool(reading.warnings), option.effect is not Effect.HEEDED, text)

    def test_of_several_values_the_last_counts(self) -> None:
        (port,) = parse("8080:ip-in=10.0.0.1:ip-in=10.0.0.2").value
        self.assertEqual(port, ListenPort(port=8080, address="10.0.0.2"))

    def test_a_port_that_would_be_served_otherwise_than_its_owner_meant_is_not_served(self) -> None:
        reading = parse("8080 8443:ssl")
        self.assert_found(reading.errors, [])
        self.assert_found(reading.warnings, [
            ("r:1:11", "option 'ssl' is not supported; nobody listens on this port", ""),
        ])  # fmt: skip
        self.assertEqual(reading.value, (ListenPort(port=8080),))
        self.assert_found(parse("8443:ssl").errors, [("r:1:1", "no port is left to listen on", "a port number")])

    def test_an_option_without_effect_is_told(self) -> None:
        self.assert_found(parse("8080:tr-out").warnings, [("r:1:6", "option 'tr-out' has no effect", "")])

    def test_odd_options_are_told_at_their_columns(self) -> None:
        options = ", ".join(option.name for option in PORT_OPTIONS)
        for text, column, problem, expected in (
            ("8080:ipv66", 6, "unknown option 'ipv66'", "ipv6"),
            ("8080:", 6, "unknown option ''", options),
            ("8080:8081", 6, "'8081' is a second port number", "one for each port"),
            ("ipv4", 1, "'ipv4' has no port number", "a port number"),
            ("8080:proto=", 12, "'' is no value of proto", "words with ; between them"),
            ("8080:ip-out=x", 13, "'x' is no address to listen on",
             "an IPv4 address, or an IPv6 address in brackets"),
        ):  # fmt: skip
            self.assert_found(parse(text).errors, [(f"r:1:{column}", problem, expected)])

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
