"""Certificates."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.addresses import Address
from tsnode.model.certificates import Certificate, CertificateDestination
from tsnode.model.errors import Place


class Certificates(SynchronousTestCase):
    def test_a_destination_is_shown_as_the_file_has_it(self) -> None:
        for address, port, shown in (
            (None, 0, "*"), (Address(4, 1), 0, "0.0.0.1"), (Address(4, 1), 443, "0.0.0.1:443"),
            (Address(6, 1), 0, "::1"), (Address(6, 1), 443, "[::1]:443"),
        ):  # fmt: skip
            self.assertEqual(str(CertificateDestination(address, port)), shown)

    def test_where_a_certificate_stands_does_not_make_it_another(self) -> None:
        """So that a reload can tell what has changed."""
        self.assertEqual(Certificate(files=("a",), place=Place("s", 1)), Certificate(files=("a",), place=Place("s", 2)))
