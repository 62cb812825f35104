"""The three families of expected trouble: a peer's, the configuration's, a store's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

__all__ = [
    "BadGateway",
    "BadRequest",
    "ConfigError",
    "ConfigErrors",
    "GatewayTimeout",
    "PeerError",
    "Place",
    "StoreError",
    "TsnodeError",
    "UpstreamFailed",
]


class TsnodeError(Exception):
    """Anything that tsnode expects to go wrong."""


class PeerError(TsnodeError):
    """
    Octets or silence from outside that cannot be accepted.

    ``status`` and ``reason`` are what the client gets; ``str()`` says what was wrong, for the log. ``kind`` is what
    RFC 9209 §2.3 calls it.
    """

    status = 502
    reason = b"Bad Gateway"
    kind = b"http_protocol_error"

    def __init__(
        self, problem: str, *, status: int | None = None, reason: bytes | None = None, kind: bytes | None = None
    ) -> None:
        super().__init__(problem)
        if status is not None:
            self.status = status
        if reason is not None:
            self.reason = reason
        if kind is not None:
            self.kind = kind


class BadRequest(PeerError):
    """The client's own message cannot be read (RFC 9112 §3.2, §6.3)."""

    status = 400
    reason = b"Invalid HTTP Request"
    kind = b"http_request_error"


class BadGateway(PeerError):
    """The next hop could not be reached, or what it sent cannot be read (RFC 9110 §15.6.3)."""


class GatewayTimeout(PeerError):
    """The next hop did not answer in time (RFC 9110 §15.6.5)."""

    status = 504
    reason = b"Connection Timed Out"
    kind = b"http_response_timeout"


class StoreError(TsnodeError):
    """A cache store's medium failed."""


_QUOTED = 160
"""Characters of a line that a message shows at the most."""
_BEFORE = 100
"""How many of them stand before the marker, where the line goes on behind it."""
_TOLD = 400
"""Characters of what is wrong, and of what was expected; a file's words are part of both."""
_CUT = "\N{HORIZONTAL ELLIPSIS}"
_UNSEEN = dict.fromkeys([*range(9), *range(10, 32), *range(127, 160)], "\N{REPLACEMENT CHARACTER}")
"""What would move the cursor of a terminal, or worse. A tab does no harm."""


# not frozen, as RequestHead is not: a file has a hundred thousand lines
@dataclass(slots=True, unsafe_hash=True)
class Place:
    """Where in a configuration file something stands; ``line`` and ``column`` count from 1, 0 is the whole file."""

    file: Final[str]
    line: Final[int] = 0
    column: Final[int] = 0
    text: Final[str] = ""

    def __str__(self) -> str:
        if self.line == 0:
            return self.file
        return f"{self.file}:{self.line}:{self.column}"

    @property
    def excerpt(self) -> tuple[str, int]:
        """What a message shows of the line, and the column in it. A long line is cut around its column."""
        text, column = self.text, max(self.column, 1)
        if len(text) <= _QUOTED:
            return text.translate(_UNSEEN), column
        start = max(min(column - 1 - _BEFORE, len(text) - _QUOTED), 0)
        before = _CUT if start else ""
        after = _CUT if start + _QUOTED < len(text) else ""
        shown = text[start : start + _QUOTED].translate(_UNSEEN)
        return f"{before}{shown}{after}", column - start + len(before)


class ConfigError(TsnodeError):
    """One fault in a configuration: where, what, and what was expected there instead, at a length that can be read."""

    def __init__(self, place: Place, problem: str, expected: str = "") -> None:
        problem, expected = _shorten(problem), _shorten(expected)
        super().__init__(place, problem, expected)
        self.place = place
        self.problem = problem
        self.expected = expected

    def __str__(self) -> str:
        told = f"{self.place}: {self.problem}"
        hint = f"expected {self.expected}" if self.expected else ""
        if self.place.line == 0:
            return f"{told} ({hint})" if hint else told
        # tabs are kept in the indent so that the marker stands under the octet whatever the tab width
        shown, column = self.place.excerpt
        indent = "".join("\t" if char == "\t" else " " for char in shown[: column - 1])
        return f"{told}\n  {shown}\n  {indent}^ {hint}".rstrip()


def _shorten(text: str) -> str:
    """``text`` without its middle where it is long."""
    if len(text) <= _TOLD:
        return text
    return text[: _TOLD // 2] + _CUT + text[-(_TOLD // 2) :]


class ConfigErrors(TsnodeError):
    """Every fault that was found in a configuration, in the order of the files and lines."""

    def __init__(self, errors: Iterable[ConfigError]) -> None:
        self.errors = tuple(errors)
        super().__init__(self.errors)

    def __str__(self) -> str:
        return "\n".join(str(error) for error in self.errors)


class UpstreamFailed(BadGateway):
    """
    A try at a next hop brought no answer.

    ``committed`` tells whether any octet of the request had left us: a request that is not idempotent may be sent
    again only where none had (RFC 9110 §9.2.2). ``reused`` tells whether the link had served another exchange
    before, so that the next hop may just have closed it as idle.
    """

    reason = b"Connection Failed"
    kind = b"connection_terminated"

    def __init__(
        self,
        problem: str,
        *,
        committed: bool,
        reused: bool = False,
        status: int | None = None,
        reason: bytes | None = None,
        kind: bytes | None = None,
    ) -> None:
        super().__init__(problem, status=status, reason=reason, kind=kind)
        self.committed = committed
        self.reused = reused
