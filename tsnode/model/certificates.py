"""Which certificates the node shows to clients, and where their parts are."""

from __future__ import annotations

from dataclasses import dataclass, field

from tsnode.model.addresses import Address
from tsnode.model.errors import Place

__all__ = ["AskOperator", "Certificate", "CertificateDestination", "PassPhraseSource", "RunProgram"]


@dataclass(frozen=True, slots=True)
class CertificateDestination:
    """An address of ours that clients connect to; None is any. Port 0 is any port."""

    address: Address | None
    port: int = 0

    def __str__(self) -> str:
        if self.address is None:
            return "*"
        if not self.port:
            return str(self.address)
        return f"[{self.address}]:{self.port}" if self.address.version == 6 else f"{self.address}:{self.port}"


@dataclass(frozen=True, slots=True)
class AskOperator:
    """The pass phrase of a key is asked for on the terminal."""


@dataclass(frozen=True, slots=True)
class RunProgram:
    """The pass phrase of a key is what a program prints: its path and its arguments."""

    command: tuple[str, ...]


PassPhraseSource = AskOperator | RunProgram


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """
    Files with one certificate in several algorithms, and how connections that get it are treated.

    ``keys``, ``authorities`` and ``ocsp`` have a file for each of ``files``, or none at all: keys are then in the
    files themselves. ``destination`` is where clients who name no host get it. ``tunnel``: their connections are not
    decrypted, and there may be no file. ``tickets`` and ``ticket_number`` are about session tickets (RFC 5077,
    RFC 8446 §4.6.1), None is the library's number; ``ticket_key`` is a file, or empty for a key of the node's own.
    """

    files: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    authorities: tuple[str, ...] = ()
    ocsp: tuple[str, ...] = ()
    destination: CertificateDestination | None = None
    tunnel: bool = False
    tickets: bool = True
    ticket_number: int | None = None
    ticket_key: str = ""
    pass_phrase: PassPhraseSource | None = None
    place: Place = field(default=Place("ssl_multicert.config"), compare=False)
