"""Playing a history to a whole node, and holding every answer against what RFC 9111 permits."""

from __future__ import annotations

from dataclasses import dataclass

from tsnode.testing.links import MemoryNetwork
from tsnode.testing.node import ClientInMemory, NodeInMemory
from tsnode.testing.rfc9111 import Asked, date_line, moment
from tsnode.testing.rfc9111_got import CLIENT, Got, Window
from tsnode.testing.rfc9111_ledger import Ledger
from tsnode.testing.rfc9111_origin import Origin
from tsnode.testing.rfc9111_scenes import HOSTS, URLS, Ask, Crowd, History

__all__ = ["Stage", "play", "read_answer"]

_USERS = {
    "alice": ("authorization", "Basic YWxpY2U="),
    "bob": ("authorization", "Basic Ym9i"),
    "carol": ("cookie", "id=carol"),
    "dora": ("cookie", "id=dora"),
}
_PATIENCE = 5.0
"""For so many seconds the node lets a client wait for what another one asked for."""
_WITH_CONTENT = frozenset({"POST", "PUT", "PATCH"})


def play(history: History, records: str = "", cache: str = "") -> Ledger:
    """
    Play a history; gives all that was said. ``records`` and ``cache`` are the node's configuration.

    :raises AssertionError: where the node gives an answer that it may not give, with what led to it.
    """
    stage = Stage(history.marked, records, cache)
    for step in history.steps:
        stage.play(step)
    return stage.ledger


def read_answer(octets: bytes, method: str, closed: bool) -> Got | None:
    """What a client makes of the octets that it got; None before there is a whole head."""
    head, blank, rest = octets.partition(b"\r\n\r\n")
    if not blank:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    status = int(first.split(" ")[1])
    pairs = (line.partition(":") for line in lines)
    fields = {name.lower(): value.strip() for name, _, value in pairs}
    if method == "HEAD" or status in (204, 304):
        return Got(status, fields, rest, True)
    if "transfer-encoding" in fields:
        body, complete = _read_chunks(rest)
        return Got(status, fields, body, complete)
    if "content-length" in fields:
        return Got(status, fields, rest, len(rest) == int(fields["content-length"]))
    return Got(status, fields, rest, closed)


def _read_chunks(octets: bytes) -> tuple[bytes, bool]:
    body = b""
    while True:
        line, end, octets = octets.partition(b"\r\n")
        if not end:
            return body, False
        size = int(line, 16)
        if not size:
            return body, octets == b"\r\n"
        body += octets[:size]
        if len(octets) < size + 2:
            return body, False
        octets = octets[size + 2 :]


@dataclass
class _Waiting:
    """
    A client that has asked, and waits; ``gone`` when it left.

    ``since`` is the serial at its start, ``until`` that at the beginning of its answer.
    """

    asked: Asked
    client: ClientInMemory
    since: int
    start: float
    until: int | None = None
    gone: bool = False

    def got(self) -> Got | None:
        """Its answer so far."""
        got = read_answer(self.client.received, self.asked.method, self.client.closed)
        return None if got is None or (self.client.reset and not got.complete and not self.client.closed) else got

    @property
    def done(self) -> bool:
        """Whether nothing more comes."""
        got = self.got()
        return self.client.closed or (got is not None and got.complete)


class Stage:
    """A node with the origins and the clients of one history."""

    def __init__(self, marked: bool, records: str = "", cache: str = "") -> None:
        self.network = MemoryNetwork()
        self.node = NodeInMemory(records, cache=cache, network=self.network)
        self.ledger = Ledger(marked)
        self.origins = {host: Origin(self.network, host, self.ledger) for host in HOSTS}
        for host, origin in self.origins.items():
            self.network.listeners[(self.network.address_of(host), 80)] = origin
        self._clients = 0
        self._waiting: list[_Waiting] = []

    def play(self, step: Ask | Crowd) -> None:
        """Let one thing happen, and hold what comes of it against the rules."""
        if isinstance(step, Crowd):
            self._crowd(step)
        else:
            self._pass(step.after)
            self._prepare(step)
            asked = self._asked(step)
            due = self.ledger.due(asked, self.network.seconds())
            waiting = self._send(asked)
            self._wait_for(waiting)
            self._judge(waiting)
            if due is not None:
                got = waiting.got()
                assert got is not None
                self.ledger.check_due(due, asked, got, self._window(waiting))
            self._leave(waiting)

    def _pass(self, seconds: float) -> None:
        if seconds:
            self.ledger.note(f"{seconds} s pass")
            self.network.advance(seconds)
            self._look()

    def _prepare(self, ask: Ask) -> None:
        if ask.says is not None:
            url = URLS[ask.url]
            origin = self.origins[url.split("/")[2]]
            origin.says_now(url, ask.says)
            self.ledger.note(f"{url} from now on: {ask.says}")

    def _asked(self, ask: Ask) -> Asked:
        url = URLS[ask.url]
        fields = {
            "accept-language": ask.language,
            "x-foo": ask.foo,
            "cache-control": ask.wants,
            "pragma": "no-cache" if ask.pragma else None,
            "range": ask.range,
        }
        if ask.user is not None:
            name, value = _USERS[ask.user]
            fields[name] = value
        if self.ledger.marked:
            self._clients += 1
            fields[CLIENT] = str(self._clients)
        if ask.condition is not None:
            fields.update(self._condition(url, ask.condition, ask.of))
        if ask.unless is not None:
            fields["if-range"] = next(iter(self._condition(url, ask.unless, ask.of).values()))
        return Asked(ask.method, url, {name: value for name, value in fields.items() if value is not None})

    def _condition(self, url: str, kind: str, of: int) -> dict[str, str]:
        """A precondition about one of the answers that there were."""
        seen = [told for told in self.ledger.told if told.asked.url == url and told.status == 200]
        fields = seen[-1 - of].fields if of < len(seen) else {}
        tag = fields.get("etag", '"none"')
        modified = fields.get("last-modified", fields.get("date", date_line(1_699_000_000)))
        match kind:
            case "match":
                return {"if-none-match": tag}
            case "weak match":
                return {"if-none-match": "W/" + tag.removeprefix("W/")}
            case "any match":
                return {"if-none-match": "*"}
            case "since":
                return {"if-modified-since": modified}
            case "long since":
                return {"if-modified-since": date_line((moment(modified) or 0) - 1000)}
            case "if match":
                return {"if-match": tag}
            case _:
                return {"if-unmodified-since": modified}

    def _send(self, asked: Asked) -> _Waiting:
        host = asked.url.split("/")[2]
        lines = [f"{name}: {value}" for name, value in asked.fields.items()]
        body = b"data" if asked.method in _WITH_CONTENT else b""
        if body:
            lines.append("Content-Length: 4")
        head = "\r\n".join([f"{asked.method} {asked.url} HTTP/1.1", f"Host: {host}", *lines, "", ""])
        self.ledger.note(f"client {asked.method} {asked.url} {dict(asked.fields)}")
        waiting = _Waiting(asked, self.node.client(), self.ledger.serial, self.network.seconds())
        self._waiting.append(waiting)
        waiting.client.send(head.encode() + body)
        self._look()
        return waiting

    def _look(self) -> None:
        """Let everything happen that does at once, and see whose answers have begun by now."""
        self.network.settle()
        for origin in self.origins.values():
            origin.look()
        for waiting in self._waiting:
            if waiting.until is None and waiting.client.received:
                waiting.until = self.ledger.serial

    def _wait_for(self, waiting: _Waiting) -> None:
        """Let time pass until there is an answer; there always is one in the end."""
        for step in (0.0, *(5.0,) * 60, *(100.0,) * 40):
            if step:
                self.network.advance(step)
            self._look()
            if waiting.done:
                return
        raise AssertionError("\n".join(["there never was an answer", *self.ledger.lines]))

    def _window(self, waiting: _Waiting) -> Window:
        return Window(waiting.since, waiting.until or self.ledger.serial, waiting.start)

    def _judge(self, waiting: _Waiting) -> None:
        got = waiting.got()
        if got is None:
            raise AssertionError("\n".join(["the connection was closed without an answer", *self.ledger.lines]))
        self.ledger.note(f"  got {got.status} {got.fields} {got.body[:60]!r} {'' if got.complete else 'CUT'}")
        self.ledger.check(waiting.asked, got, self._window(waiting))

    def _leave(self, waiting: _Waiting) -> None:
        if not waiting.gone:
            waiting.gone = True
            waiting.client.leave()
            self._waiting.remove(waiting)

    def _crowd(self, crowd: Crowd) -> None:
        self.ledger.note(f"a crowd: {crowd.leaver=} {crowd.early=} {crowd.backwards=}")
        for origin in self.origins.values():
            origin.held = True
        for ask in crowd.asks:
            self._prepare(ask)
        clients = [self._send(self._asked(ask)) for ask in crowd.asks]
        leaver = None if crowd.leaver is None else clients[crowd.leaver % len(clients)]
        if leaver is not None and crowd.early:
            self._leave(leaver)
        self._pass(crowd.gap)
        while any(origin.pending for origin in self.origins.values()):
            self._answer_all(crowd, None if crowd.early else leaver)
        for origin in self.origins.values():
            origin.held = False
        for waiting in clients:
            if not waiting.gone:
                self._wait_for(waiting)
                self._judge(waiting)
        for waiting in clients:
            self._leave(waiting)
        if crowd.gap >= _PATIENCE:
            # who waited in vain for another's answer got one that is not stored
            self.ledger.good.clear()

    def _answer_all(self, crowd: Crowd, leaver: _Waiting | None) -> None:
        """Answer what the origins were asked by now, all heads before any end."""
        due = [(origin, pending) for origin in self.origins.values() for pending in origin.pending]
        if crowd.backwards:
            due.reverse()
        for origin, pending in due:
            origin.release(pending)
            self._look()
        if leaver is not None and not leaver.gone:
            self._leave(leaver)
        for origin, pending in due:
            origin.finish(pending)
            self._look()
