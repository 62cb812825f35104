"""What is written of the logs that are asked for."""

from __future__ import annotations

from tests.config.shape import Messages
from tsnode.config.log_writing import tell_what_is_written
from tsnode.config.logging_yaml import parse_logging

SQUID = "%<cqtq> %<ttms> %<chi> %<crc>/%<pssc> %<psql> %<cqhm> %<cquc> %<caun> %<phr>/%<shn> %<psct>"
FILE = """\
logging:
  formats:
    - {{name: squid, format: '{squid}'}}
    - {{name: other, format: '%<chi>'}}
  filters:
    - {{name: get, action: accept, condition: cqhm MATCH GET}}
  logs:
    - {log}
"""


class Written(Messages):
    def told(self, log: str) -> list[str]:
        reading = parse_logging("l", FILE.format(squid=SQUID, log=log))
        self.assert_found(reading.errors, [])
        warnings = list(tell_what_is_written(reading.value))
        self.assertEqual({str(warning.place) for warning in warnings} - {"l:8:7"}, set())
        return [warning.problem for warning in warnings]

    def test_the_log_that_is_written_is_not_worth_a_word(self) -> None:
        self.assertEqual(self.told("{filename: squid, format: squid}"), [])
        self.assertEqual(self.told("{filename: squid.log, format: squid, mode: ascii}"), [])

    def test_what_it_is_written_without_is_told_at_once(self) -> None:
        for more, told in (
            ("mode: binary", "as text"),
            ("mode: ascii_pipe", "as a file"),
            ("header: x", "without its header"),
            ("filters: [get]", "without its filters"),
            ("rolling_enabled: 1", "without being rolled"),
            ("collation_hosts: [{host: h}]", "on this machine"),
            ("mode: binary, header: x", "as text, without its header"),
        ):
            written = "log 'squid' is written as squid.log, but " + told
            self.assertEqual(self.told(f"{{filename: squid, format: squid, {more}}}"), [written])

    def test_any_other_log_is_not_written(self) -> None:
        for log in ("{filename: squid, format: other}", "{filename: access, format: squid}"):
            name = log.split(" ")[1].rstrip(",")
            self.assertEqual(self.told(log), [f"log '{name}' is not written yet"])
