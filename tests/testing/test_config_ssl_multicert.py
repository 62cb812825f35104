"""What certificates are drawn, and how they are written."""

from __future__ import annotations

from hypothesis import find
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.certificates import AskOperator, Certificate, CertificateDestination, RunProgram
from tsnode.testing.config_ssl_multicert import certificates, render_ssl_multicert


class Made(SynchronousTestCase):
    def test_certificates_of_every_kind_are_drawn(self) -> None:
        find(certificates(), lambda found: any(each.tunnel and not each.files for each in found))
        find(certificates(), lambda found: any(len(each.keys) == 2 for each in found))
        find(certificates(), lambda found: any(isinstance(each.pass_phrase, RunProgram) for each in found))

    def test_each_is_one_line_without_its_defaults(self) -> None:
        found = [
            Certificate(files=("a", "b"), pass_phrase=AskOperator()),
            Certificate(destination=CertificateDestination(None), tunnel=True, tickets=False, ticket_number=0),
            Certificate(files=("a",), ticket_key="t", pass_phrase=RunProgram(("/p", "a b"))),
        ]
        self.assertEqual(render_ssl_multicert(found).split("\n"), [
            'ssl_cert_name=a,b ssl_key_dialog="builtin"',
            "dest_ip=* action=tunnel ssl_ticket_enabled=0 ssl_ticket_number=0",
            "ssl_cert_name=a ticket_key_name=t ssl_key_dialog=\"exec:/p 'a b'\"",
            "",
        ])  # fmt: skip
