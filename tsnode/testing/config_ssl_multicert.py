"""Hypothesis strategies for ssl_multicert.config, and how its lines are written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from hypothesis.strategies import (
    DrawFn,
    SearchStrategy,
    booleans,
    builds,
    composite,
    integers,
    just,
    lists,
    none,
    sampled_from,
)

from tsnode.model.addresses import Address
from tsnode.model.certificates import AskOperator, Certificate, CertificateDestination, PassPhraseSource, RunProgram

__all__ = ["certificates", "render_ssl_multicert"]


def certificates(most: int = 4) -> SearchStrategy[tuple[Certificate, ...]]:
    """The certificates of a file, no two of them for one destination."""
    return lists(_certificates(), max_size=most, unique_by=lambda each: each.destination or object()).map(tuple)


@composite
def _certificates(draw: DrawFn) -> Certificate:
    count = draw(integers(0, 2))
    tunnel = count == 0 or draw(booleans())
    names = lists(sampled_from(["a.pem", "/x/b.pem", "c"]), min_size=count, max_size=count).map(tuple)
    addresses = sampled_from([Address(4, 1), Address(4, 2**32 - 1), Address(6, 1), Address(6, 2**128 - 1)])
    destinations = just(CertificateDestination(None)) | builds(
        CertificateDestination, addresses, just(0) | integers(1, 65535)
    )
    words = lists(sampled_from(["a", "b c", "-x"]), max_size=2).map(lambda more: ("/bin/pass", *more))
    return Certificate(
        files=draw(names),
        keys=draw(just(()) | names),
        authorities=draw(just(()) | names),
        ocsp=draw(just(()) | names),
        destination=draw(none() | destinations),
        tunnel=tunnel,
        tickets=draw(booleans()),
        ticket_number=draw(none() | integers(0, 9)),
        ticket_key=draw(sampled_from(["", "t.key"])),
        pass_phrase=draw(none() | just(AskOperator()) | builds(RunProgram, words)),
    )


def render_ssl_multicert(found: Iterable[Certificate]) -> str:
    """A file with these certificates, without what is the default."""
    return "".join(" ".join(_render_fields(certificate)) + "\n" for certificate in found)


def _render_fields(certificate: Certificate) -> Iterable[str]:
    lists_of_names = {
        "ssl_cert_name": certificate.files,
        "ssl_key_name": certificate.keys,
        "ssl_ca_name": certificate.authorities,
        "ssl_ocsp_name": certificate.ocsp,
    }
    yield from (f"{name}={','.join(names)}" for name, names in lists_of_names.items() if names)
    if certificate.destination is not None:
        yield f"dest_ip={certificate.destination}"
    if certificate.tunnel:
        yield "action=tunnel"
    if not certificate.tickets:
        yield "ssl_ticket_enabled=0"
    if certificate.ticket_number is not None:
        yield f"ssl_ticket_number={certificate.ticket_number}"
    if certificate.ticket_key:
        yield f"ticket_key_name={certificate.ticket_key}"
    if certificate.pass_phrase is not None:
        yield f'ssl_key_dialog="{_render_dialog(certificate.pass_phrase)}"'


def _render_dialog(source: PassPhraseSource) -> str:
    match source:
        case AskOperator():
            return "builtin"
        case RunProgram(command):
            return "exec:" + " ".join(f"'{word}'" if " " in word else word for word in command)
        case impossible:
            assert_never(impossible)
