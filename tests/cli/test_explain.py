"""``tsnode explain``."""

from __future__ import annotations

import json
import re
from pathlib import Path
from textwrap import dedent
from typing import Any

from click.testing import CliRunner, Result
from twisted.trial.unittest import SynchronousTestCase

from tests.project.sources import ROOT
from tsnode.cli.tsnode import main

FORWARD = "CONFIG proxy.config.url_remap.remap_required INT 0\n"
AT = "2026-11-26T17:00:00Z"


class ExplainCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.folder = Path(self.mktemp()) / "etc"
        self.folder.mkdir(parents=True)
        self.write("records.config", FORWARD)

    def write(self, name: str, text: str) -> Path:
        """A file of the configuration folder."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def run_command(self, url: str, *words: str) -> Result:
        """``tsnode explain`` with these words."""
        return CliRunner().invoke(main, ["explain", url, "--config", str(self.folder), "--at", AT, *words])

    def explain(self, url: str, *words: str) -> str:
        """What it prints; it has to succeed."""
        result = self.run_command(url, *words)
        self.assertEqual((result.exit_code, result.stderr), (0, ""), result.exception)
        return result.stdout

    def document(self, url: str, *words: str) -> Any:
        """What it prints as JSON."""
        return json.loads(self.explain(url, "--json", *words))


class Journey(ExplainCase):
    def test_the_sections_come_in_the_order_of_the_journey(self) -> None:
        response = self.write("answer", "HTTP/1.1 200 OK\nCache-Control: max-age=60\n")
        told = self.explain("http://a.example/", "--response", str(response)).splitlines()
        titles = [line for line in told if line and not line.startswith(" ")]
        order = ["Request", "Access", "Remapping", "Cache", "cache.config", "parent.config", "Outcome", "Answer"]
        self.assertEqual(titles, [*order, "Freshness"])

    def test_the_request_is_made_of_the_options(self) -> None:
        self.write("ip_allow.yaml", "ip_allow:\n  - {apply: in, ip_addrs: 0/0, action: allow}\n")
        found = self.document(
            "http://a.example/x", "--method", "HEAD", "--client", "192.0.2.1", "-H", "Cache-Control: no-cache",
            "--port", "8080", "--origin-form",
        )  # fmt: skip
        request = found["request"]
        self.assertEqual((request["method"], request["target"], request["host"]), ("HEAD", "/x", "a.example"))
        self.assertEqual((request["client"], request["port"], request["at"]), ("192.0.2.1", 8080, 1795712400.0))

    def test_the_environment_beats_records_config_as_it_does_for_a_node(self) -> None:
        words = ["explain", "http://a.example/", "--config", str(self.folder), "--json"]
        result = CliRunner(env={"PROXY_CONFIG_HTTP_CACHE_HTTP": "0"}).invoke(main, words)
        self.assertFalse(json.loads(result.stdout)["cache"]["looked_up"])

    def test_without_a_time_it_is_now(self) -> None:
        result = CliRunner().invoke(main, ["explain", "http://a.example/", "--config", str(self.folder), "--json"])
        self.assertGreater(json.loads(result.stdout)["request"]["at"], 1_700_000_000)

    def test_the_name_of_the_node_is_the_one_that_it_would_have(self) -> None:
        self.write("records.config", FORWARD + "CONFIG proxy.config.proxy_name STRING edge\n")
        found = self.document("http://a.example/", "-H", "Via: 1.1 edge")
        self.assertEqual((found["outcome"]["kind"], found["outcome"]["reason"]), ("refused", "Cycle Detected"))
        self.assertEqual(self.document("http://a.example/", "-H", "Via: 1.1 other")["outcome"]["kind"], "proceeds")

    def test_an_address_decides_rules_that_need_one(self) -> None:
        self.write("cache.config", "dest_ip=192.0.2.0/24 action=never-cache\n")
        self.assertIn("not known here", self.explain("http://a.example/"))
        self.assertIn("matches", self.explain("http://a.example/", "--address", "192.0.2.1"))

    def test_the_configuration_that_comes_with_tsnode_can_be_asked_about(self) -> None:
        words = ["explain", "http://a.example/", "--config", str(ROOT / "etc"), "--prefix", str(ROOT)]
        self.assertIn("the cache is looked at", CliRunner().invoke(main, words).stdout)


class Page(SynchronousTestCase):
    """``docs/howto/explain-a-request.rst``."""

    maxDiff = None

    def test_the_example_prints_what_the_page_says(self) -> None:
        page = (ROOT / "docs" / "howto" / "explain-a-request.rst").read_text(encoding="utf-8")
        top = Path(self.mktemp())
        (top / "etc").mkdir(parents=True)
        for name, text in re.findall(r"   :caption: (\S+)\n\n((?:   .*\n)+)", page):
            (top / ("" if name == "answer.txt" else "etc") / name).write_text(dedent(text), encoding="utf-8")
        ((command, told),) = re.findall(r"   \$ tsnode (.*)\n((?:(?:   .*)?\n)+)", page)
        words = command.replace("answer.txt", str(top / "answer.txt")).split()
        result = CliRunner().invoke(main, [*words, "--config", str(top / "etc")])
        self.assertEqual(result.stdout.replace(str(top / "etc"), "etc").strip(), dedent(told).strip())

    def test_it_names_every_option(self) -> None:
        page = (ROOT / "docs" / "howto" / "explain-a-request.rst").read_text(encoding="utf-8")
        options = [option for parameter in main.commands["explain"].params for option in parameter.opts]
        self.assertEqual([option for option in options if option[:2] == "--" and option not in page], [])


class BadInput(ExplainCase):
    def refused(self, url: str, *words: str) -> str:
        """What is said about a question that is none."""
        result = self.run_command(url, *words)
        self.assertEqual((result.exit_code, result.stdout), (2, ""), result.exception)
        self.assertNotIn("Traceback", result.stderr)
        return result.stderr

    def test_each_is_refused_with_a_message(self) -> None:
        for words, said in (
            (("a.example/x",), "scheme"),
            (("http://a.example/", "--method", "G T"), "method"),
            (("http://a.example/", "--header", "no line"), "header line"),
            (("http://a.example/", "--client", "here"), "IP address"),
            (("http://a.example/", "--address", "a.example"), "IP address"),
            (("http://a.example/", "--at", "noon"), "time"),
            (("http://a.example/", "--port", "81"), "does not listen on port 81"),
            (("http://a.example/", "--port", "0"), "--port"),
            (("http://a.example/", "--response", str(self.folder)), "cannot be read"),
            (("http://a.example/", "--response", str(self.folder / "records.config")), "holds no answer"),
            (("http://a.example/", "--config", str(self.folder / "none")), "is no folder"),
        ):
            self.assertIn(said, self.refused(*words), words)

    def test_every_error_of_the_configuration_is_told(self) -> None:
        self.write("remap.config", "mop http://a/ http://b/\n")
        self.write("cache.config", "dest_domian=. action=never-cache\n")
        said = self.refused("http://a.example/")
        self.assertIn("remap.config:1:1", said)
        self.assertIn("cache.config:1:1", said)
