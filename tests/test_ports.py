"""The seams state their whole contract."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase
from zope.interface.interface import InterfaceClass

from tsnode import ports

INTERFACES = [value for name in ports.__all__ if isinstance(value := getattr(ports, name), InterfaceClass)]


class Contracts(SynchronousTestCase):
    """Whoever writes a back end has nothing but these to go by."""

    def test_every_interface_begins_with_an_i_and_nothing_else_does(self) -> None:
        """``I`` and a capital, as Twisted has it."""
        marked = [name for name in ports.__all__ if name[0] == "I" and name[1].isupper()]
        self.assertEqual(marked, [interface.getName() for interface in INTERFACES])

    def test_every_method_and_attribute_says_what_it_does(self) -> None:
        silent = [
            f"{interface.getName()}.{name}"
            for interface in INTERFACES
            for name, described in interface.namesAndDescriptions()
            if not described.getDoc()
        ]
        self.assertEqual(silent, [])

    def test_every_interface_of_the_module_is_public(self) -> None:
        hidden = [
            name
            for name, value in vars(ports).items()
            if isinstance(value, InterfaceClass) and value.__module__ == ports.__name__ and value not in INTERFACES
        ]
        self.assertEqual(hidden, [])
