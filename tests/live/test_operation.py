"""What operators see: faulty configurations, taken ports, the end of a node, and its access log."""

from __future__ import annotations

import re
import signal
import socket
from pathlib import Path
from threading import Event

from tests.live.kit import LOOPBACK, LiveCase, Node, is_listening, wait_until
from tests.live.origin import Origin, Visit, answer_with, respond

_CONTENT = b"0123456789" * 100_000


class FaultyStart(LiveCase):
    """A node that cannot run says why, all of it, and does not run."""

    def start_in_vain(self, port: int) -> str:
        """What a node prints that does not come up."""
        node = self.launch(port)
        self.assertNotEqual(node.wait(), 0)
        return node.output

    def test_every_fault_of_every_file_is_shown_with_its_place(self) -> None:
        port = self.configure(
            "proxy.config.cache.ram_cache.size INT many",
            "proxy.config.http.cache.http FLAG 1",
        )
        etc = self.folder / "etc"
        with (etc / "records.config").open("a", encoding="ascii") as records:
            records.write("CONFIGURE proxy.config.http.cache.http INT 1\n")
        rules = "# rules\nmap http://one.example/\nmop http://a/ http://b/\n"
        (etc / "remap.config").write_text(rules, encoding="ascii")
        (etc / "ip_allow.yaml").write_text(
            "ip_allow:\n  - apply: in\n    ip_addrs: 300.0.0.1\n    action: allow\n    methods: ALL\n", encoding="ascii"
        )
        output = self.start_in_vain(port)
        places = re.findall(r"(?m)^\S*/etc/(\S+?):(\d+):(\d+): \S", output)
        self.assertEqual(
            sorted((name, int(line)) for name, line, _ in places),
            [
                ("ip_allow.yaml", 3),
                ("records.config", 3),
                ("records.config", 4),
                ("records.config", 5),
                ("remap.config", 2),
                ("remap.config", 3),
            ],
            output,
        )
        # the faulty line is quoted and the place in it is marked
        self.assertRegex(output, r"(?m)^ +mop http://a/ http://b/\n +\^")
        self.assertIn("6 errors in the configuration; tsnode does not start", output)
        self.assertNotIn("Traceback", output)
        self.assertFalse(is_listening(port))

    def test_a_port_that_is_taken_is_named(self) -> None:
        with socket.create_server((LOOPBACK, 0)) as taken:
            port = taken.getsockname()[1]
            output = self.start_in_vain(self.configure(port=port))
        self.assertIn(f"tsnode does not start: Couldn't listen on {LOOPBACK}:{port}: ", output)
        self.assertIn("Address already in use", output)
        self.assertNotIn("Traceback", output)


class End(LiveCase):
    """SIGTERM."""

    def setUp(self) -> None:
        super().setUp()
        self.go_on = Event()
        self.origin = self.start_origin(self.drip)
        self.addCleanup(self.go_on.set)

    def drip(self, visit: Visit) -> None:
        """Send half of an answer, and the other half when the test says so."""
        visit.read_until(b"\r\n\r\n")
        head = b"HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Length: %d\r\n\r\n" % len(_CONTENT)
        visit.send(head + _CONTENT[: len(_CONTENT) // 2])
        self.go_on.wait(30)
        visit.send(_CONTENT[len(_CONTENT) // 2 :])

    def check_end(self, node: Node) -> None:
        """The node shut down in order. Only then does twistd let the signal end the process, as supervisors expect."""
        self.assertEqual(node.wait(), -signal.SIGTERM)
        self.assertIn("Server Shut Down.", node.output)
        self.assertNotIn("Traceback", node.output)

    def test_a_node_without_anything_to_do_ends_at_once(self) -> None:
        node = self.start_node("proxy.config.tsnode.shutdown_grace INT 600")
        idle, silent = self.connect(node.port), self.connect(node.port)
        idle.send(b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n")
        idle.read_until(b"\r\n\r\n")
        node.terminate()
        self.assertEqual(idle.read_to_end(), b"")
        self.assertEqual(silent.read_to_end(), b"")
        idle.close()
        silent.close()
        self.check_end(node)

    def test_a_transfer_under_way_is_finished(self) -> None:
        node = self.start_node("proxy.config.tsnode.shutdown_grace INT 600")
        client = self.connect(node.port)
        client.get(self.origin.url())
        received = client.read_until(b"\r\n\r\n")
        node.terminate()
        wait_until(lambda: not is_listening(node.port), "the node to take nobody new")
        self.assertFalse(node.has_ended)
        self.go_on.set()
        received += client.read_to_end()
        self.assertTrue(received.endswith(b"\r\n\r\n" + _CONTENT))
        client.close()
        self.check_end(node)
        self.assertEqual([line[3] for line in node.logged(1)], ["TCP_MISS/200"])

    def test_a_transfer_that_takes_longer_than_the_grace_is_cut(self) -> None:
        node = self.start_node("proxy.config.tsnode.shutdown_grace INT 1")
        client = self.connect(node.port)
        client.get(self.origin.url())
        client.read_until(b"\r\n\r\n")
        node.terminate()
        self.assertLess(len(client.read_to_end()), len(_CONTENT))
        self.check_end(node)


class AccessLog(LiveCase):
    """squid.log."""

    def setUp(self) -> None:
        super().setUp()
        self.origin = self.start_origin(answer_with(respond(b"content", b"Content-Type: text/html; charset=utf-8")))
        self.node = self.start_node()

    def get(self, node: Node, url: str) -> int:
        """The status of one answer."""
        client = self.connect(node.port)
        client.get(url, "Connection: close")
        return client.read_answer().status

    def gone_origin(self) -> Origin:
        """Where nobody listens any more."""
        origin = Origin(answer_with(b""))
        origin.stop()
        return origin

    def test_a_hit_a_miss_and_an_error_have_their_lines(self) -> None:
        url, nowhere = self.origin.url("/page"), self.gone_origin().url()
        self.assertEqual([self.get(self.node, each) for each in (url, url, nowhere)], [200, 200, 502])
        for request in (b"GET ftp://x.example/ HTTP/1.1\r\nHost: x\r\n\r\n", b"what is this\r\n\r\n"):
            client = self.connect(self.node.port)
            client.send(request)
            client.read_to_end()
        lines = self.node.logged(5)
        for line in lines:
            self.assertEqual(len(line), 10, line)
            self.assertRegex(line[0], r"\A\d{10}\.\d{3}\Z")
            self.assertRegex(line[1], r"\A\d+\Z")
            self.assertEqual((line[2], line[7]), (LOOPBACK, "-"))
            self.assertGreater(int(line[4]), 0)
        self.assertEqual(
            [(line[3], *line[5:7], *line[8:]) for line in lines],
            [
                ("TCP_MISS/200", "GET", url, f"DIRECT/{LOOPBACK}", "text/html"),
                ("TCP_MEM_HIT/200", "GET", url, "NONE/-", "text/html"),
                ("ERR_CONNECT_FAIL/502", "GET", nowhere, f"DIRECT/{LOOPBACK}", "text/html"),
                ("ERR_INVALID_REQ/400", "GET", "ftp://x.example/", "NONE/-", "text/html"),
                ("ERR_INVALID_REQ/400", "-", "-", "NONE/-", "text/html"),
            ],
        )

    def test_a_log_that_was_moved_away_is_begun_anew(self) -> None:
        url = self.origin.url("/page")
        self.get(self.node, url)
        self.node.logged(1)
        moved = self.node.move_log()
        self.get(self.node, url)
        self.assertEqual([line[3] for line in self.node.logged(1)], ["TCP_MEM_HIT/200"])
        self.assertEqual(Path(moved).read_bytes().count(b"\n"), 1)

    def test_everything_is_on_file_when_a_node_has_ended(self) -> None:
        client = self.connect(self.node.port)
        for _ in range(300):
            client.get(self.origin.url("/page"))
            client.read_answer()
        client.close()
        self.node.terminate()
        self.node.wait()
        self.assertEqual(len(self.node.logged(0)), 300)
