"""The table of log fields."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.log_fields import CONTAINERS, FIELDS, FieldKind

# the fields of the formats that Traffic Server 9.2 ships
SHIPPED = (
    "cqtd cqtt phn cqus ttmsf psql cqhl chi shi shn caun cqhm cqup pssc crc cqts ttms cquc phr psct cqtq cqtn cqtx "
    "pscl sssc sscl cqcl pqcl pshl pqhl sshl tts cfsc pfsc"
)


class Table(SynchronousTestCase):
    def test_every_field_of_the_shipped_formats_is_known(self) -> None:
        self.assertEqual([symbol for symbol in SHIPPED.split() if symbol not in FIELDS], [])

    def test_no_symbol_stands_for_two_things(self) -> None:
        self.assertFalse(FIELDS.keys() & CONTAINERS.keys())

    def test_every_symbol_is_told_in_a_sentence(self) -> None:
        texts = [row.text for row in FIELDS.values()] + [row.text for row in CONTAINERS.values()]
        self.assertEqual([text for text in texts if not (text[0].isupper() and text.endswith("."))], [])

    def test_only_numbers_are_shown_as_words(self) -> None:
        named = [row.symbol for row in FIELDS.values() if row.names]
        self.assertEqual(named, ["cfsc", "pfsc", "crc", "crsc", "chm", "cwr", "cwtr", "phr"])
        self.assertEqual({FIELDS[symbol].kind for symbol in named}, {FieldKind.INTEGER})
