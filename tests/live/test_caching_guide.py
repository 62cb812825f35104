"""The stories of the caching guide, with nginx as the origin and curl as the client."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.live.kit import LOOPBACK, LiveCase, Node, Process, missing

_LOCATIONS = """
    location / { add_header Cache-Control max-age=1; }
    location /lasting/ { add_header Cache-Control max-age=600; }
    location /strict/ { add_header Cache-Control "max-age=1, must-revalidate"; }
    location = /language {
        add_header Cache-Control max-age=600;
        add_header Vary Accept-Language;
        return 200 "in $http_accept_language";
    }
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """An answer as curl shows it; names are lower case."""

    status: int
    fields: dict[str, str]
    content: bytes


class CachingGuide(LiveCase):
    skip = missing("curl", "nginx")

    def setUp(self) -> None:
        super().setUp()
        for name in ("", "lasting", "strict"):
            folder = self.folder / "www" / name
            folder.mkdir()
            (folder / "page").write_bytes(b"first")
        self.origin = self.start_nginx(_LOCATIONS)

    def get(self, node: Node, path: str, *arguments: str) -> Seen:
        """What curl gets for ``path`` through ``node``."""
        head, _, content = self.curl(node, "-i", *arguments, self.url(path)).partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        return Seen(int(first.split()[1]), {name.lower(): value.strip() for name, _, value in pairs}, content)

    def url(self, path: str) -> str:
        """Where nginx has it."""
        return f"http://{LOOPBACK}:{self.origin}{path}"

    def write(self, path: str, content: bytes) -> None:
        """Change a file, in a way that its Last-Modified shows."""
        file = self.folder / "www" / path.lstrip("/")
        file.write_bytes(content)
        changed = time.time() - 1000 + len(content)
        os.utime(file, (changed, changed))

    def codes(self, node: Node, count: int) -> Sequence[str]:
        """The result codes of the access log."""
        return [line[3].partition("/")[0] for line in node.logged(count)]

    def test_an_expired_answer_is_confirmed_or_replaced(self) -> None:
        """The guide, "Ensuring Cached Object Freshness"."""
        node = self.start_node()
        self.assertEqual(self.get(node, "/page").content, b"first")
        self.assertEqual(self.get(node, "/page").content, b"first")
        time.sleep(2.1)
        self.assertEqual(self.get(node, "/page").content, b"first")
        self.write("/page", b"second time")
        time.sleep(2.1)
        self.assertEqual(self.get(node, "/page").content, b"second time")
        self.assertEqual(self.codes(node, 4), ["TCP_MISS", "TCP_MEM_HIT", "TCP_REFRESH_HIT", "TCP_REFRESH_MISS"])
        statuses = [line.split()[-1] for line in (self.folder / "access.log").read_text(encoding="utf-8").splitlines()]
        self.assertEqual(statuses, ["200", "304", "200"])

    def test_a_stale_answer_is_served_with_a_warning_when_the_origin_is_gone(self) -> None:
        """The guide: no response from the origin server."""
        node = self.start_node()
        for path in ("/page", "/strict/page"):
            self.assertEqual(self.get(node, path).content, b"first")
        time.sleep(2.1)
        self.nginx.kill()
        stale = self.get(node, "/page")
        self.assertEqual((stale.status, stale.content), (200, b"first"))
        self.assertIn('111 tsnode "Revalidation Failed"', stale.fields["warning"])
        self.assertEqual(self.get(node, "/strict/page").status, 502)
        self.assertEqual(self.codes(node, 4)[2], "TCP_REFRESH_FAIL_HIT")

    def test_an_answer_whose_original_is_deleted_is_not_served(self) -> None:
        """The guide: the object is no longer there."""
        node = self.start_node()
        self.assertEqual(self.get(node, "/page").content, b"first")
        (self.folder / "www" / "page").unlink()
        time.sleep(2.1)
        self.assertEqual([self.get(node, "/page").status for _ in range(2)], [404, 404])
        self.assertEqual(len(self.requests_at_nginx()), 3)

    def test_each_language_is_an_alternate(self) -> None:
        """The guide, "Caching HTTP Alternates"."""
        node = self.start_node()
        for _ in range(2):
            for language in ("en", "de", "fr;q=0.5"):
                seen = self.get(node, "/language", "-H", f"Accept-Language: {language}")
                self.assertEqual(seen.content, f"in {language}".encode())
        self.assertEqual(len(self.requests_at_nginx()), 3)

    def test_ranges_are_cut_out_of_what_is_stored(self) -> None:
        node = self.start_node("proxy.config.http.allow_multi_range INT 1")
        self.get(node, "/lasting/page")
        one = self.get(node, "/lasting/page", "-r", "1-2")
        self.assertEqual((one.status, one.fields["content-range"], one.content), (206, "bytes 1-2/5", b"ir"))
        self.assertEqual(self.get(node, "/lasting/page", "-r", "-2").content, b"st")
        several = self.get(node, "/lasting/page", "-r", "0-0,4-4")
        self.assertEqual(several.status, 206)
        self.assertTrue(several.fields["content-type"].startswith("multipart/byteranges"))
        self.assertEqual(several.content.count(b"Content-Range: bytes "), 2)
        self.assertEqual(self.get(node, "/lasting/page", "-r", "9-").status, 416)
        self.assertEqual(len(self.requests_at_nginx()), 1)

    def test_a_purged_answer_is_fetched_again(self) -> None:
        """The guide, "Removing an Object From the Cache"."""
        node = self.start_node()
        self.get(node, "/lasting/page")
        purged = [self.get(node, "/lasting/page", "-X", "PURGE").status for _ in range(2)]
        self.assertEqual(purged, [200, 404])
        self.get(node, "/lasting/page")
        self.assertEqual(len(self.requests_at_nginx()), 2)

    def test_a_client_that_asks_for_news_gets_them(self) -> None:
        """The guide, "Client no-cache directives"."""
        node = self.start_node()
        self.get(node, "/lasting/page")
        self.write("/lasting/page", b"second time")
        self.assertEqual(self.get(node, "/lasting/page").content, b"first")
        self.assertEqual(self.get(node, "/lasting/page", "-H", "Pragma: no-cache").content, b"second time")
        self.assertEqual(self.get(node, "/lasting/page").content, b"second time")

    def test_rules_of_cache_config_decide_about_a_site(self) -> None:
        """The guide, "Forcing Object Caching", "Configuring the Cache Based on Destination"."""
        port = self.configure()
        rules = "dest_ip=127.0.0.1 prefix=page ttl-in-cache=1h\ndest_domain=. prefix=lasting action=never-cache\n"
        (self.folder / "etc" / "cache.config").write_text(rules, encoding="ascii")
        node = self.launch(port)
        node.wait_for(port)
        self.get(node, "/page")
        time.sleep(2.1)
        self.get(node, "/page")
        for _ in range(2):
            self.get(node, "/lasting/page")
        asked = self.requests_at_nginx()
        self.assertEqual(asked, ["GET /page HTTP/1.1"] + ["GET /lasting/page HTTP/1.1"] * 2)

    def test_what_is_pushed_is_served_without_an_origin(self) -> None:
        """The guide, "Pushing Content into the Cache"."""
        node = self.start_node("proxy.config.http.push_method_enabled INT 1")
        self.nginx.kill()
        file = self.folder / "pushed.html"
        file.write_bytes(b"<p>pushed" * 20000)
        url = self.url("/pushed.html")
        words = ["push", "-f", str(file), "-u", url, "-p", f"{LOOPBACK}:{node.port}", "-H", "Cache-Control: max-age=60"]
        for printed in ("201 Created", "200 OK"):
            command: list[str | Path] = [Path(sys.executable).with_name("tsnode"), *words]
            tsnode = Process(command, self.folder)
            self.assertEqual(tsnode.wait(), 0, tsnode.output)
            self.assertTrue(tsnode.output.endswith(f"{printed}\n"), tsnode.output)
        seen = self.get(node, "/pushed.html")
        self.assertEqual((seen.status, seen.fields["content-type"]), (200, "text/html"))
        self.assertEqual(seen.content, file.read_bytes())
        self.assertEqual(self.requests_at_nginx(), [])

    def test_what_is_pinned_stays_under_pressure(self) -> None:
        """cache.config(5), ``pin-in-cache``."""
        for number in range(60):
            (self.folder / "www" / "lasting" / f"{number}").write_bytes(bytes(50_000))
        rules = "dest_domain=. prefix=lasting/page pin-in-cache=1h\n"
        for permit, asked in ((1, 1), (0, 2)):
            port = self.configure(
                "proxy.config.cache.ram_cache.size INT 1M", f"proxy.config.cache.permit.pinning INT {permit}"
            )
            (self.folder / "etc" / "cache.config").write_text(rules, encoding="ascii")
            node = self.launch(port)
            node.wait_for(port)
            before = self.requests_at_nginx().count("GET /lasting/page HTTP/1.1")
            self.get(node, "/lasting/page")
            for number in range(60):
                self.get(node, f"/lasting/{number}")
            self.assertEqual(self.get(node, "/lasting/page").content, b"first")
            pages = self.requests_at_nginx().count("GET /lasting/page HTTP/1.1")
            self.assertEqual(pages - before, asked, permit)
            node.kill()
