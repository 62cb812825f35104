"""The keys of logging.yaml."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.logging_keys import FILTER_KEYS, FORMAT_KEYS, LOG_KEYS
from tsnode.config.logging_yaml import parse_logging


class Tables(SynchronousTestCase):
    def test_the_example_of_every_key_is_read(self) -> None:
        lines = ["logging:"]
        for section, keys in (("formats", FORMAT_KEYS), ("filters", FILTER_KEYS), ("logs", LOG_KEYS)):
            lines.append(f"  {section}:")
            lines += [f"    {' ' if number else '-'} {key.example}" for number, key in enumerate(keys)]
        reading = parse_logging("l", "\n".join(lines))
        self.assertEqual([str(fault) for fault in reading.errors], [])
        self.assertEqual([told.problem for told in reading.warnings], ["this matters for pipes only"])
        self.assertEqual(len(reading.value.logs), 1)

    def test_the_example_of_a_key_begins_with_it(self) -> None:
        keys = [*FORMAT_KEYS, *FILTER_KEYS, *LOG_KEYS]
        self.assertEqual([key.name for key in keys if not key.example.startswith(f"{key.name}: ")], [])
