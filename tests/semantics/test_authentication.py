"""Credentials and connections."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.caching.samples import fields
from tsnode.semantics.authentication import binds_connection


class Binding(SynchronousTestCase):
    """RFC 4559 §6."""

    def test_two_schemes_are_about_the_connection(self) -> None:
        for value, binding in (
            ("NTLM TlRMTVNTUAAB", True), ("negotiate YII=", True), ("Negotiate", True), ("Basic eDp5", False),
            ("Bearer NTLM", False), ("NTLMX y", False), ("", False), ("   ", False),
        ):  # fmt: skip
            self.assertIs(binds_connection(fields(f"Authorization: {value}")), binding, value)

    def test_one_among_several_is_enough(self) -> None:
        self.assertTrue(binds_connection(fields("Authorization: Basic x", "Authorization: NTLM y")))
        self.assertFalse(binds_connection(fields("X: NTLM y")))
