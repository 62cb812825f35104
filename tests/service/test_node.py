"""A node as a service, in memory."""

from __future__ import annotations

import resource
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from twisted.application.service import IService
from twisted.internet.error import CannotListenError
from twisted.logger import LogLevel, capturedLogs
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from tests.journeys.answers import answer, ask
from tsnode.config.tree import load, try_load
from tsnode.model.errors import ConfigError, Place
from tsnode.model.settings import ListenPort, ProxySettings
from tsnode.service.node import NodeService, identity
from tsnode.testing.links import MemoryNetwork
from tsnode.testing.node import NodeInMemory

QUIET = "CONFIG proxy.config.log.logging_enabled INT 0\n"
GRACE = "CONFIG proxy.config.tsnode.shutdown_grace INT 10\n"


class FullNetwork(MemoryNetwork):
    """A reactor on which every port is taken."""

    def listenTCP(self, port: int, factory: Any, backlog: int = 50, interface: str = "") -> Any:
        """See IReactorTCP."""
        raise CannotListenError(interface, port, OSError("Address already in use"))


class NodeCase(SynchronousTestCase):
    """Nodes of a folder with a records.config."""

    def setUp(self) -> None:
        self.hearing: list[Callable[[], None]] = []

    def make_node(self, records: str, network: MemoryNetwork | None = None) -> NodeService:
        self.folder = Path(self.mktemp())
        self.folder.mkdir()
        (self.folder / "records.config").write_text(records)
        self.network = network or MemoryNetwork()
        loaded = load(self.folder, self.folder, {})
        read = partial(try_load, self.folder, self.folder, {})
        return NodeService(self.network, loaded, self.folder, Place("records.config"), read, self.hear)

    def hear(self, heard: Callable[[], None]) -> Callable[[], None]:
        self.hearing.append(heard)
        return partial(self.hearing.remove, heard)


class Start(NodeCase):
    def test_it_is_a_service_that_listens_once_it_is_started_and_not_before(self) -> None:
        node = self.make_node(QUIET)
        verifyObject(IService, node)
        self.assertEqual(self.network.tcpServers, [])
        node.startService()
        self.assertTrue(node.running)
        self.assertEqual([(port, address) for port, _, _, address in self.network.tcpServers], [(8080, "")])

    def test_ports_are_bound_before_privileges_are_given_up_and_only_then(self) -> None:
        node = self.make_node(QUIET)
        node.privilegedStartService()
        self.assertEqual(len(self.network.tcpServers), 1)
        node.startService()
        self.assertEqual(len(self.network.tcpServers), 1)

    def test_every_configured_port_is_listened_on_at_its_address(self) -> None:
        """Traffic Server, ``proxy.config.http.server_ports``."""
        ports = "8080 9080:ip-in=127.0.0.1 9090:ipv6 9100:ip-in=[::1]"
        self.make_node(QUIET + f"CONFIG proxy.config.http.server_ports STRING {ports}\n").startService()
        self.assertEqual(
            [(port, address) for port, _, _, address in self.network.tcpServers],
            [(8080, ""), (9080, "127.0.0.1"), (9090, "::"), (9100, "::1")],
        )

    def test_where_it_listens_is_told(self) -> None:
        node = self.make_node(QUIET)
        with capturedLogs() as events:
            node.startService()
        told = [event for event in events if event["log_level"] is LogLevel.info]
        self.assertEqual([event["address"].port for event in told if "address" in event], [8080])

    def test_what_is_odd_about_the_configuration_is_told(self) -> None:
        node = self.make_node(QUIET + "CONFIG proxy.config.nobody.knows INT 1\n")
        with capturedLogs() as events:
            node.startService()
        warnings = [event["problem"] for event in events if event["log_level"] is LogLevel.warn]
        self.assertEqual(len(warnings), 1)
        self.assertIn("records.config:2:8", warnings[0])
        self.assertIn("proxy.config.nobody.knows", warnings[0])

    def test_a_port_that_is_taken_ends_the_process_with_a_message(self) -> None:
        node = self.make_node(QUIET, FullNetwork())
        with capturedLogs() as events:
            stopped = self.assertRaises(SystemExit, node.startService)
        assert isinstance(stopped, SystemExit)
        self.assertEqual(stopped.code, 1)
        (event,) = [event for event in events if event["log_level"] is LogLevel.critical]
        self.assertIn("8080", event["error"])

    def test_every_file_that_the_system_allows_is_used(self) -> None:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, hard - 1), hard))
        self.make_node(QUIET).startService()
        self.assertEqual(resource.getrlimit(resource.RLIMIT_NOFILE), (hard, hard))

    def test_a_store_that_nobody_makes_is_refused_where_it_is_configured(self) -> None:
        fault = self.assertRaises(ConfigError, self.make_node, QUIET + "CONFIG proxy.config.tsnode.store STRING tape\n")
        assert isinstance(fault, ConfigError)
        self.assertEqual(fault.place, Place("records.config"))


class Names(SynchronousTestCase):
    """What a node is called in Via."""

    UNNAMED = ProxySettings(via_name=b"")
    PREFIX = Path("/opt/one")

    def test_it_is_what_the_operator_says(self) -> None:
        self.assertEqual(identity(ProxySettings(via_name=b"edge-1"), self.PREFIX, "host"), b"edge-1")

    def test_else_it_is_the_host_with_a_mark_that_a_restart_does_not_change(self) -> None:
        name = identity(self.UNNAMED, self.PREFIX, "host")
        self.assertRegex(name, rb"\Ahost-[0-9a-f]{8}\Z")
        self.assertEqual(identity(self.UNNAMED, self.PREFIX, "host"), name)

    def test_two_nodes_of_one_host_have_two_names(self) -> None:
        names = {
            identity(self.UNNAMED, self.PREFIX, "host"),
            identity(self.UNNAMED, Path("/opt/two"), "host"),
            identity(replace(self.UNNAMED, ports=(ListenPort(port=9080),)), self.PREFIX, "host"),
            identity(replace(self.UNNAMED, ports=(ListenPort(port=8080, address="::1"),)), self.PREFIX, "host"),
        }
        self.assertEqual(len(names), 4)

    def test_a_host_name_beyond_ascii_gives_a_token_all_the_same(self) -> None:
        """RFC 9110 §7.6.3: a pseudonym is a token."""
        self.assertRegex(identity(self.UNNAMED, self.PREFIX, "bücher"), rb"\Ab-cher-[0-9a-f]{8}\Z")


class Stop(NodeCase):
    def test_a_node_without_clients_has_stopped_at_once(self) -> None:
        node = self.make_node(QUIET)
        node.startService()
        self.successResultOf(node.stopService())
        self.assertFalse(node.running)

    def test_one_that_never_started_can_be_stopped(self) -> None:
        self.successResultOf(self.make_node(QUIET).stopService())

    def test_idle_clients_are_closed_and_not_waited_for(self) -> None:
        node = NodeInMemory(GRACE)
        node.at("a.example").answer(answer())
        idle = node.client().send(ask("/"))
        stopping = node.service.stopService()
        node.network.settle()
        self.assertTrue(idle.closed)
        self.successResultOf(stopping)

    def test_a_transfer_under_way_is_waited_for(self) -> None:
        node = NodeInMemory(GRACE)
        origin = node.at("a.example").answer(None)
        client = node.client().send(ask("/"))
        stopping = node.service.stopService()
        node.pass_time(9)
        self.assertNoResult(stopping)
        origin.say(answer(body=b"at last"))
        self.successResultOf(stopping)
        self.assertEqual(client.answers()[0].body, b"at last")
        self.assertTrue(client.closed)

    def test_one_that_takes_longer_than_the_grace_is_cut(self) -> None:
        node = NodeInMemory(GRACE)
        node.at("a.example").answer(None)
        client = node.client().send(ask("/"))
        stopping = node.service.stopService()
        node.pass_time(9.75)
        self.assertFalse(client.closed)
        node.pass_time(0.5)
        self.assertEqual((client.closed, client.received), (True, b""))
        self.successResultOf(stopping)

    def test_nothing_is_left_to_happen_later(self) -> None:
        node = NodeInMemory(GRACE)
        node.at("a.example").answer(answer("Cache-Control: max-age=60"))
        node.client().send(ask("/"))
        stopping = node.service.stopService()
        node.network.settle()
        self.successResultOf(stopping)
        self.assertEqual(node.network.getDelayedCalls(), [])


class Log(NodeCase):
    def test_what_clients_asked_for_is_on_file_when_the_node_has_stopped(self) -> None:
        network = MemoryNetwork()
        records = "CONFIG proxy.config.url_remap.remap_required INT 0\nCONFIG proxy.config.log.logging_enabled INT 3\n"
        folder = Path(self.mktemp()).absolute()
        node = NodeInMemory(records + f"CONFIG proxy.config.log.logfile_dir STRING {folder}\n", network=network)
        node.at("a.example").answer(answer("Content-Type: text/plain", "Cache-Control: max-age=60"))
        node.get("http://a.example/x")
        node.get("http://a.example/x")
        stopping = node.service.stopService()
        node.network.settle()
        self.successResultOf(stopping)
        lines = (folder / "squid.log").read_text().splitlines()
        self.assertEqual([line.split()[3] for line in lines], ["TCP_MISS/200", "TCP_MEM_HIT/200"])
        self.assertEqual([line.split()[6] for line in lines], ["http://a.example/x"] * 2)
