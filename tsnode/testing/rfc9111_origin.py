"""An origin that says what a history wants it to say, mishaps and lies included."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any
from zlib import crc32

from tsnode.model.messages import RequestHead
from tsnode.testing.links import MemoryNetwork
from tsnode.testing.node import OriginInMemory
from tsnode.testing.rfc9111 import Asked, Copy, Told, date_line, outcomes, span
from tsnode.testing.rfc9111_got import SERIAL
from tsnode.testing.rfc9111_ledger import Ledger
from tsnode.testing.rfc9111_scenes import Says

__all__ = ["Origin", "Pending", "describe"]

_BEGINNING = 1_699_900_000
_SILENT = frozenset({"silent", "refused", "garbage"})
_FULL_STATUS = frozenset({200, 206})


@dataclass
class Pending:
    """A request that an origin has got and not answered."""

    link: Any
    asked: Asked
    asked_at: float
    since: int
    rest: Callable[[], None] | None = None


@dataclass(frozen=True)
class Described:
    """A representation: its octets and its validators."""

    body: bytes
    tag: str | None
    modified: str | None


def describe(asked: Asked, says: Says, version: int) -> Described:
    """
    What a URL is at one version, for one client. No two of them have the same octets anywhere in the same place,
    but for chance.
    """
    fields = asked.fields
    who = fields.get("authorization", fields.get("cookie", "-"))
    how = "" if asked.method in ("GET", "HEAD") else asked.method
    name = f"[{asked.url[7:]} v{version} {fields.get('x-foo', '-')} {fields.get('accept-language', '-')} {who}{how}]"
    seed = sha256(name.encode()).hexdigest()
    body = (name + seed * (1 + says.size // len(seed)))[: says.size].encode()
    tag = f'"{version}-{crc32(name.encode()):x}"'
    tag_of = {"strong": tag, "both": tag, "weak": f"W/{tag}", "same": '"same"'}
    modified = date_line(_BEGINNING + 100 * version) if says.tags in ("modified", "both") else None
    return Described(body, tag_of.get(says.tags), modified)


class Origin(OriginInMemory):
    """
    The origin of one host. While it is ``held`` requests are kept ``pending``.

    ``says`` has what it says of each URL, with the version of the content.
    """

    def __init__(self, network: MemoryNetwork, host: str, ledger: Ledger) -> None:
        super().__init__(network)
        self.clock = network
        self.host = host
        self.ledger = ledger
        self.says: dict[str, tuple[Says, int]] = {}
        self.held = False
        self.pending: list[Pending] = []
        self._silent: list[Pending] = []

    def says_now(self, url: str, says: Says) -> None:
        """Say this of ``url`` from now on."""
        version = self.says.get(url, (says, 0))[1]
        self.says[url] = (says, version + (says.renewed or not version))

    def asked(self, link: Any, head: RequestHead, body: bytes) -> None:
        """A whole request is here."""
        url = f"http://{self.host}{head.target.decode()}"
        lines = {name.decode().lower(): value.decode() for name, value in head.fields.lines}
        kept = {name: value for name, value in lines.items() if name not in _OF_THE_WIRE}
        pending = Pending(link, Asked(head.method.decode(), url, kept), self.clock.seconds(), self.ledger.serial)
        self.pending.append(pending)
        if not self.held:
            self.release(pending)
            self.finish(pending)

    def look(self) -> None:
        """See which of those that got no answer have given up."""
        for pending in [pending for pending in self._silent if not pending.link.open]:
            self._silent.remove(pending)
            self.ledger.failed(pending.asked, self.clock.seconds())

    def finish(self, pending: Pending) -> None:
        """Send what :meth:`release` has not sent yet."""
        self.pending.remove(pending)
        if pending.rest is not None:
            pending.rest()

    def release(self, pending: Pending) -> None:
        """Answer a request; a second half of the answer is kept for :meth:`finish`."""
        if not pending.link.open:
            # whoever asked has gone, and will never know
            return
        says, version = self.says.get(pending.asked.url, (Says(), 1))
        if says.mishap in _SILENT:
            self._say_nothing(pending, says)
            return
        told = self._told(pending, says, version)
        octets, closes = _render(told, says, version)
        self.ledger.said(told)
        self._send(pending, octets, says, closes)

    def _say_nothing(self, pending: Pending, says: Says) -> None:
        self.ledger.failed(pending.asked, self.clock.seconds())
        if says.mishap == "silent":
            self._silent.append(pending)
        if says.mishap == "garbage":
            pending.link.transport.write(b"nonsense\r\n\r\n")
        if says.mishap == "refused":
            pending.link.transport.loseConnection()

    def _send(self, pending: Pending, octets: bytes, says: Says, closes: str | None) -> None:
        transport = pending.link.transport
        at = octets.index(b"\r\n\r\n") + 4

        def rest() -> None:
            if len(octets) > middle:
                transport.write(octets[middle:])
            if closes == "cut":
                self.ledger.failed(pending.asked, self.clock.seconds())
            if closes is not None:
                # an abort at once would take with it what was just written
                self.clock.callLater(0, transport.abortConnection if closes == "cut" else transport.loseConnection)

        middle = len(octets)
        if self.held or says.pieces:
            middle = at + (len(octets) - at) // 2
        transport.write(octets[:middle])
        pending.rest = rest

    def _told(self, pending: Pending, says: Says, version: int) -> Told:
        """The answer to a request: an honest one, but for what it is told to say otherwise."""
        asked, now = pending.asked, self.clock.seconds()
        described = describe(asked, says, version)
        serial = self.ledger.next_serial()
        fields = self._fields(says, described, now)
        if self.ledger.marked:
            fields[SERIAL] = str(serial)
        if says.secret:
            fields["x-secret"] = asked.fields.get("authorization", "nobody")
        if says.cookie:
            fields["set-cookie"] = f"for={serial}"
        began = pending.since, pending.asked_at
        now_told = Told(
            serial=serial, since=began[0], asked=asked, asked_at=began[1], at=now, status=200, fields=fields
        )
        made = Copy.of(now_told)
        status, first, last = self._outcome(asked, says, made, len(described.body))
        if status == 304 and says.conditions == "blank":
            fields = {name: value for name, value in fields.items() if name not in ("etag", "last-modified")}
        body = b"" if status in (204, 304, 412) else described.body
        if status in (206, 416):
            part = f"{first}-{last - 1}" if status == 206 else "*"
            fields["content-range"] = f"bytes {part}/{len(body)}"
        if status in (204, 304, 412):
            first = last = 0
        return _with_mishap(
            replace(now_told, status=status, fields=fields, body=body, first=first, last=last),
            says,
        )

    def _fields(self, says: Says, described: Described, now: float) -> dict[str, str]:
        """What an answer says about itself."""
        lines = {
            "cache-control": says.control,
            "vary": says.vary,
            "etag": described.tag,
            "last-modified": described.modified,
            "date": None if says.date is None else date_line(now + says.date),
            "expires": None if says.expires is None else date_line(now + (says.date or 0) + says.expires),
            "age": None if says.age is None else str(says.age),
            "pragma": "no-cache" if says.pragma else None,
        }
        if says.location is not None:
            lines[says.location[0]] = says.location[1]
        return {name: value for name, value in lines.items() if value is not None}

    def _outcome(self, asked: Asked, says: Says, made: Copy, length: int) -> tuple[int, int, int]:
        """The status, and which octets are sent."""
        if asked.method not in ("GET", "HEAD") or says.status != 200:
            return says.status, 0, length
        conditional = "if-none-match" in asked.fields or "if-modified-since" in asked.fields
        if says.conditions in ("always", "blank") and conditional:
            return 304, 0, 0
        if says.conditions == "honest" and (status := outcomes(made, asked)) != 200:
            return status, 0, 0
        part = span(made, asked, length) if says.ranges else None
        if says.mishap == "part" and part is None and length > 20 and asked.method == "GET":
            return 206, 0, 20
        if part is None:
            return 200, 0, length
        return (206, *part) if part[0] < part[1] else (416, 0, length)


_OF_THE_WIRE = frozenset({"host", "via", "connection", "content-length", "transfer-encoding", "client-ip",
                          "x-forwarded-for", "user-agent", "te"})  # fmt: skip


def _with_mishap(told: Told, says: Says) -> Told:
    """The answer as it is when something goes wrong on its way."""
    length = told.last - told.first
    if says.mishap not in ("short", "long", "cut") or length < 8 or told.asked.method == "HEAD":
        return told
    if says.mishap == "short":
        return told if told.status == 206 else replace(told, body=told.body[:-5], last=told.last - 5)
    if says.mishap == "long" and told.status != 206:
        return replace(told, body=told.body + b"???????", whole=False)
    return replace(told, last=told.first + length // 2, whole=False)


def _render(told: Told, says: Says, version: int) -> tuple[bytes, str | None]:
    """An answer's octets, and whether the connection ends with them: ``cut``, or in order; None: it stays."""
    lines = [f"{name}: {value}" for name, value in told.fields.items()]
    sent = told.body[told.first : told.last]
    body, closes = sent, None if told.whole else "cut"
    if told.asked.method == "HEAD":
        lines.append(f"Content-Length: {len(told.body)}")
        body = b""
    elif told.status in (204, 304):
        pass
    elif not told.whole:
        promised = len(told.body) - told.first if told.status == 200 else len(told.body)
        if says.framing == "chunked":
            lines.append("Transfer-Encoding: chunked")
            body = b"%x\r\n%b" % (promised, sent)
        else:
            lines.append(f"Content-Length: {promised}")
            closes = "in order" if says.mishap == "long" else "cut"
    elif says.framing == "chunked":
        lines.append("Transfer-Encoding: chunked")
        middle = len(sent) // 2
        chunks = (sent[:middle], sent[middle:]) if middle else (sent,)
        body = b"".join([b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks if chunk]) + b"0\r\n\r\n"
    elif says.framing == "close":
        closes = "in order"
    else:
        lines.append(f"Content-Length: {len(sent)}")
        if says.mishap == "short" and told.status not in (206, 412):
            body = describe(told.asked, says, version).body
    return "\r\n".join([f"HTTP/1.1 {told.status} So", *lines, "", ""]).encode() + body, closes
