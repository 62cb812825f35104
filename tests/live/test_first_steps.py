"""What everybody tries first: the same URL twice, through a node and from nginx."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.live.kit import LOOPBACK, LiveCase, Node, free_port, missing
from tests.project.sources import ROOT


class FirstSteps(LiveCase):
    """curl, a node and nginx."""

    skip = missing("curl", "nginx")

    def setUp(self) -> None:
        super().setUp()
        www = self.folder / "www"
        www.mkdir()
        (www / "page").write_bytes(b"a page\n" * 1000)
        self.origin = self.start_nginx("location / { expires 1h; }")
        self.url = f"http://{LOOPBACK}:{self.origin}/page"

    def check_twice(self, node: Node) -> None:
        """Get the page twice; nginx is asked once."""
        first, second = (self.curl(node, "-i", self.url).partition(b"\r\n\r\n") for _ in range(2))
        self.assertNotIn(b"\r\nAge: ", first[0])
        self.assertRegex(second[0], rb"\r\nAge: \d+")
        self.assertEqual(first[2], b"a page\n" * 1000)
        self.assertEqual(second[2], first[2])
        self.assertEqual(self.requests_at_nginx(), ["GET /page HTTP/1.1"])
        self.assertEqual([line[3] for line in node.logged(2)], ["TCP_MISS/200", "TCP_MEM_HIT/200"])

    def test_the_second_answer_has_an_age_and_costs_the_origin_nothing(self) -> None:
        self.check_twice(self.start_node())

    def test_the_shipped_configuration_is_a_working_node(self) -> None:
        port = free_port()
        shutil.copytree(ROOT / "etc", self.folder / "etc")
        records = self.folder / "etc" / "records.config"
        shipped = records.read_text(encoding="utf-8")
        self.assertIn(" 8080:", shipped)
        records.write_text(shipped.replace(" 8080:", f" {port}:"), encoding="utf-8")
        node = self.launch(port)
        node.wait_for(port)
        self.check_twice(node)

    def test_a_reverse_proxy_serves_what_is_mapped_and_nothing_else(self) -> None:
        port = self.configure("proxy.config.url_remap.remap_required INT 1")
        rule = f"map http://www.example.com/ http://{LOOPBACK}:{self.origin}/\n"
        Path(self.folder, "etc", "remap.config").write_text(rule, encoding="ascii")
        node = self.launch(port)
        node.wait_for(port)
        client = self.connect(port)
        client.send(b"GET /page HTTP/1.1\r\nHost: www.example.com\r\n\r\n")
        self.assertEqual(client.read_answer().content, b"a page\n" * 1000)
        client.send(b"GET /page HTTP/1.1\r\nHost: other.example.com\r\n\r\n")
        self.assertEqual(client.read_answer().status, 404)
        self.assertEqual(self.requests_at_nginx(), ["GET /page HTTP/1.1"])
