"""ssl_multicert.config."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.config.line_laws import any_lines
from tests.config.storage_laws import FieldLaws
from tsnode.config.ssl_multicert import FIELDS, parse_ssl_multicert
from tsnode.model.certificates import AskOperator, Certificate, RunProgram
from tsnode.testing.config_ssl_multicert import certificates, render_ssl_multicert

FAULTS = (
    ("ssl_key_name=a", 1), ("ssl_cert_name=a,", 17), ("ssl_cert_name=a ssl_key_name=a,b", 30),
    ("action=tunnel ssl_ca_name=a", 27), ("action=drop", 8), ("ssl_cert_name=a dest_ip=a.example", 25),
    ("ssl_cert_name=a dest_ip=1.2.3.4:0", 33), ("ssl_cert_name=a dest_ip=[::1", 25), ("ssl_cert_name=a dest_ip=", 25),
    ("ssl_cert_name=a dest_ip=1.2.3.4:", 33), ("ssl_cert_name=a dest_ip=[::1]:x", 31),
    ("ssl_cert_name=a ssl_ticket_enabled=2", 36), ("ssl_cert_name=a ssl_ticket_number=-1", 35),
    ("ssl_cert_name=a ssl_key_dialog=ask", 32), ("ssl_cert_name=a ssl_key_dialog=exec:", 37),
    ("ssl_cert_name=a ssl_key_dialog=exec:pass", 37), ("ssl_cert_name=a ssl_key_dialog=\"exec:/p 'x\"", 41),
    ("ssl_cert_nam=a", 1), ("ssl_cert_name=a ssl_key_name=a ssl_key_name=b", 32),
)  # fmt: skip


class Lines(FieldLaws):
    def one(self, line: str) -> Certificate:
        reading = parse_ssl_multicert("s", line)
        self.assert_found((*reading.errors, *reading.warnings), [])
        (certificate,) = reading.value
        return certificate

    def test_the_examples_of_the_manual_are_read(self) -> None:
        """Traffic Server, ssl_multicert.config, "Examples"."""
        reading = parse_ssl_multicert("s",
            "dest_ip=111.11.11.1 ssl_cert_name=server.pem\ndest_ip=11.1.1.1 ssl_cert_name=server1.pem\n"
            "dest_ip=* ssl_cert_name=default.pem\n")  # fmt: skip
        self.assert_found((*reading.errors, *reading.warnings), [])
        self.assertEqual(
            [(str(each.destination), each.files) for each in reading.value],
            [("111.11.11.1", ("server.pem",)), ("11.1.1.1", ("server1.pem",)), ("*", ("default.pem",))],
        )
        keys = "ssl_key_name=ecdsa_private.pem,rsa_private.pem"
        both = self.one(f"dest_ip=* ssl_cert_name=ecdsa_pub.pem,rsa_pub.pem {keys}")
        self.assertEqual(both.files, ("ecdsa_pub.pem", "rsa_pub.pem"))
        self.assertEqual(both.keys, ("ecdsa_private.pem", "rsa_private.pem"))
        ticket = self.one("dest_ip=1.1.1.1 ssl_cert_name=s.pem ssl_ticket_enabled=1 ticket_key_name=ticket.key")
        self.assertEqual((ticket.tickets, ticket.ticket_key), (True, "ticket.key"))
        self.assertFalse(self.one("dest_ip=1.1.1.1 ssl_cert_name=s.pem ssl_ticket_enabled=0").tickets)
        asked = self.one("ssl_cert_name=server2.pem ssl_key_dialog=\"exec:/usr/bin/mypass foo 'ba r'\"")
        self.assertEqual(asked.pass_phrase, RunProgram(("/usr/bin/mypass", "foo", "ba r")))
        self.assertEqual(self.one("ssl_cert_name=a ssl_key_dialog=builtin").pass_phrase, AskOperator())

    def test_of_two_names_in_a_line_the_last_one_counts_and_its_author_is_told(self) -> None:
        """The example with a port has them; one may have been meant for a line of its own."""
        reading = parse_ssl_multicert(
            "s",
            "dest_ip=111.11.11.1:8443 ssl_cert_name=server.pem ssl_key_name=serverKey.pem ssl_cert_name=general.pem",
        )
        (certificate,) = reading.value
        self.assertEqual((str(certificate.destination), certificate.files), ("111.11.11.1:8443", ("general.pem",)))
        self.assert_found(reading.warnings,
                          [("s:1:78", "ssl_cert_name is there twice", "one; the last one counts")])  # fmt: skip

    def test_addresses_may_be_of_either_kind(self) -> None:
        for written in ("::1", "[::1]:8443", "192.0.2.1", "192.0.2.1:1", "*"):
            self.assertEqual(str(self.one(f"ssl_cert_name=a dest_ip={written}").destination), written)
        self.assertEqual(str(self.one("ssl_cert_name=a dest_ip=[::1]").destination), "::1")

    def test_a_destination_that_is_there_already_is_told_with_its_line(self) -> None:
        reading = parse_ssl_multicert("s", "ssl_cert_name=a dest_ip=*\nssl_cert_name=b dest_ip=*\nssl_cert_name=c\n")
        self.assert_found(reading.warnings, [("s:2:25", "line 1 is for *, too", "each destination once")])
        self.assertEqual(len(reading.value), 3)

    def test_a_tunnel_needs_no_certificate(self) -> None:
        self.assertTrue(self.one("dest_ip=192.0.2.1 action=tunnel").tunnel)

    def test_the_table_has_every_field_with_an_example_that_loads(self) -> None:
        self.assertEqual(len({tag.name for tag in FIELDS}), len(FIELDS))
        for tag in FIELDS:
            self.one(tag.example)

    @given(certificates())
    def test_what_was_written_is_read(self, found: tuple[Certificate, ...]) -> None:
        self.assert_written(parse_ssl_multicert, found, render_ssl_multicert(found))

    @given(certificates(), st.sampled_from(FAULTS), st.integers(0, 9))
    def test_a_faulty_line_changes_no_other(
        self, found: tuple[Certificate, ...], faulty: tuple[str, int], at: int
    ) -> None:
        self.assert_alone(parse_ssl_multicert, render_ssl_multicert(found), faulty, at)

    @given(any_lines(("ssl_cert_name", "dest_ip", "action", "tunnel", "ssl_key_dialog", "exec:/a", "'", "[::1]:")))
    def test_any_text_is_read_or_refused(self, text: str) -> None:
        self.assert_total(parse_ssl_multicert, text)
