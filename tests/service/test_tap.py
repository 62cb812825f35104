"""``twistd tsnode``."""

from __future__ import annotations

import gc
from pathlib import Path

from twisted.application.service import IService, IServiceMaker
from twisted.plugin import getPlugins
from twisted.python.usage import UsageError
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from tsnode.service.node import NodeService
from tsnode.service.tap import Options, makeService


def parse(*arguments: str) -> Options:
    options = Options()
    options.parseOptions(arguments)
    return options


class CommandLine(SynchronousTestCase):
    def test_the_configuration_is_in_etc_unless_it_is_said_to_be_elsewhere(self) -> None:
        self.assertEqual(parse()["config"], "etc")
        self.assertEqual(parse("--config", "here")["config"], "here")
        self.assertEqual(parse("-c", "here", "-p", "there")["prefix"], "there")

    def test_what_is_no_option_is_refused(self) -> None:
        for arguments in (("--configuration", "etc"), ("etc",)):
            self.assertRaises(UsageError, parse, *arguments)

    def test_twistd_finds_it(self) -> None:
        (plugin,) = [found for found in getPlugins(IServiceMaker) if found.tapname == "tsnode"]
        self.assertIs(plugin.options, Options)
        self.assertIs(plugin.makeService, makeService)


class Making(SynchronousTestCase):
    def setUp(self) -> None:
        self.folder = Path(self.mktemp())
        self.folder.mkdir()
        # a node's process collects garbage in its own way, this one goes on as before
        self.addCleanup(gc.set_threshold, *gc.get_threshold())
        self.addCleanup(gc.unfreeze)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def refusal(self) -> str:
        """What is told of a configuration that no node runs with, without the folder's name."""
        stopped = self.assertRaises(SystemExit, makeService, parse("--config", str(self.folder)))
        assert isinstance(stopped, SystemExit)
        # Python prints it, and exits with 1
        assert isinstance(stopped.code, str)
        return stopped.code.replace(f"{self.folder.absolute()}/", "")

    def test_a_folder_is_enough_for_a_node(self) -> None:
        node = makeService(parse("--config", str(self.folder)))
        verifyObject(IService, node)
        self.assertIsInstance(node, NodeService)
        self.assertFalse(node.running)

    def test_all_faults_are_told_before_nothing_is_started(self) -> None:
        self.write("records.config", "CONFIG proxy.config.http.cache.http FLAG 1\n")
        self.write("remap.config", "mop http://a/ http://b/\nmap http://a/\n")
        told = self.refusal()
        self.assertIn("records.config:1:", told)
        self.assertIn("remap.config:1:1: ", told)
        self.assertIn("remap.config:2:", told)
        self.assertIn("  mop http://a/ http://b/\n  ^ ", told)
        self.assertTrue(told.endswith("\n3 errors in the configuration; tsnode does not start"), told)

    def test_one_fault_is_one_error(self) -> None:
        self.write("records.config", "CONFIG proxy.config.http.cache.http FLAG 1\n")
        self.assertTrue(self.refusal().endswith("\n1 error in the configuration; tsnode does not start"))

    def test_a_store_that_cannot_be_had_is_told(self) -> None:
        self.write("records.config", "CONFIG proxy.config.tsnode.store STRING tape\n")
        told = self.refusal()
        self.assertTrue(told.startswith("records.config: "), told)
        self.assertIn("'tape'", told)
        self.assertTrue(told.endswith("\ntsnode does not start"), told)
