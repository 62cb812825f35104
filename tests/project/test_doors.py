"""What others may import does not change by accident."""

from __future__ import annotations

from importlib import import_module

from twisted.trial.unittest import SynchronousTestCase

from tests.project.doors import PINNED, public_sources, render_doors


class Doors(SynchronousTestCase):
    """The public names of ``tsnode.model``, ``tsnode.ports`` and ``tsnode.testing``."""

    maxDiff = None

    def test_the_public_names_are_those_that_were_written_down(self) -> None:
        """After a deliberate change: ``make doors``, and a news fragment."""
        self.assertEqual(render_doors().split(), PINNED.read_text(encoding="utf-8").split())

    def test_every_public_module_declares_its_names_once_each(self) -> None:
        wrong = []
        for source in public_sources():
            declared = getattr(import_module(source.name), "__all__", [])
            if not declared or len(set(declared)) != len(declared):
                wrong.append(source.name)
        self.assertEqual(wrong, [])

    def test_every_declared_name_is_there_and_explained(self) -> None:
        """A public class or function has a docstring."""
        wrong = []
        for source in public_sources():
            module = import_module(source.name)
            for name in module.__all__:
                value = getattr(module, name, None)
                if value is None or (callable(value) and not value.__doc__):
                    wrong.append(f"{source.name}.{name}")
        self.assertEqual(wrong, [])
