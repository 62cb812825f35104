"""The configuration folder that Debian's package of Traffic Server installs."""

from __future__ import annotations

from pathlib import Path

from tests.live.kit import LOOPBACK, LiveCase, free_port, missing
from tsnode.config.tree import load
from tsnode.model.settings import ListenPort

FOLDER = Path("/etc/trafficserver")
PORTS = "PROXY_CONFIG_HTTP_SERVER_PORTS"


class RealFolder(LiveCase):
    """A node takes the place of a Traffic Server whose files nobody touched."""

    maxDiff = None
    skip = None if (FOLDER / "records.config").exists() else f"needs the package trafficserver, which brings {FOLDER}"

    def test_it_loads_with_warnings_only(self) -> None:
        loaded = load(FOLDER, self.folder, {})
        self.assertEqual(loaded.tree.settings.ports, (ListenPort(port=8080), ListenPort(port=8080, ipv6=True)))
        # every variable of the shipped file is known
        self.assertEqual([told.problem for told in loaded.warnings if "unknown" in told.problem], [])
        self.assertEqual([log.filename for log in loaded.tree.logging.logs], ["squid"])
        self.assertTrue(loaded.tree.access.methods_for(LOOPBACK).all)
        self.assertFalse(loaded.tree.access.methods_for("192.0.2.1").permits(b"PURGE"))

    def test_a_node_runs_on_it(self) -> None:
        port = free_port()
        node = self.launch(port, FOLDER, **{PORTS: f"{port}:ip-in={LOOPBACK}"})
        node.wait_for(port)
        client = self.connect(port)
        client.send(b"GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n")
        # remap_required is 1, and the shipped remap.config has no rule
        self.assertEqual(client.read_answer().status, 404)
        self.assertIn("records.config", node.output)

    def test_it_is_the_forward_proxy_that_its_variables_make_of_it(self) -> None:
        if reason := missing("curl", "nginx"):
            self.skipTest(reason)
        www = self.folder / "www"
        www.mkdir()
        (www / "page").write_bytes(b"a page\n")
        origin = self.start_nginx("location / { expires 1h; }")
        port = free_port()
        mapping = "PROXY_CONFIG_URL_REMAP_REMAP_REQUIRED"
        node = self.launch(port, FOLDER, **{PORTS: f"{port}:ip-in={LOOPBACK}", mapping: "0"})
        node.wait_for(port)
        for _ in range(2):
            self.assertEqual(self.curl(node, f"http://{LOOPBACK}:{origin}/page"), b"a page\n")
        self.assertEqual(self.requests_at_nginx(), ["GET /page HTTP/1.1"])
        self.assertEqual([line[3] for line in node.logged(2)], ["TCP_MISS/200", "TCP_MEM_HIT/200"])
