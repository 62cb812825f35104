"""What holds whatever the framing, the cuts and the departures, and whichever way an answer takes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from hypothesis import assume, given
from hypothesis.strategies import SearchStrategy, booleans, builds, integers, lists, sampled_from
from twisted.trial.unittest import SynchronousTestCase

from tests.journeys.answers import ask, http_date
from tsnode.model.errors import BadGateway
from tsnode.model.fields import Fields
from tsnode.semantics.plain_get import read_plain_get
from tsnode.testing.node import Answered, ClientInMemory, NodeInMemory
from tsnode.testing.strategies import Cuts, bodies, cuts, fields

SETTINGS = """
CONFIG proxy.config.tsnode.http.read_ahead INT 4096
CONFIG proxy.config.cache.ram_cache.size INT 200000
CONFIG proxy.config.cache.ram_cache_cutoff INT 20000
"""
NAME = "CONFIG proxy.config.proxy_name STRING edge\n"
AGAIN = b"HTTP/1.1 500 Again\r\nContent-Length: 5\r\nCache-Control: no-store\r\n\r\nagain"
"""What the origin says to every request but the first."""


class Framed(Enum):
    """How an origin says where its content ends."""

    SIZED = "Content-Length"
    CHUNKED = "chunked"
    UNTIL_CLOSE = "the end of the connection"


class End(Enum):
    """How a connection ends in the middle of an answer, or does not."""

    WHOLE = "not at all"
    CLOSED = "in order"
    RESET = "with a reset"


@dataclass(frozen=True)
class Scene:
    """One answer and what happens on its way."""

    framed: Framed
    body: bytes
    cuts: Cuts
    end: End
    after: int            # so many octets of the answer were sent when that happened
    stored: bool
    version: str
    slow: bool            # the client reads now and then only
    others: int           # so many ask for the same meanwhile
    leaves: int           # after so many pieces the first client leaves

    def octets(self) -> bytes:
        """The answer as the origin would send it."""
        lines = b"HTTP/1.1 200 OK\r\nCache-Control: %b\r\n" % (b"max-age=60" if self.stored else b"no-store")
        match self.framed:
            case Framed.SIZED:
                return lines + b"Content-Length: %d\r\n\r\n%b" % (len(self.body), self.body)
            case Framed.CHUNKED:
                pieces = [self.body[at : at + 100] for at in range(0, len(self.body), 100)]
                coded = b"".join([b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces])
                return lines + b"Transfer-Encoding: chunked\r\n\r\n" + coded + b"0\r\n\r\n"
            case Framed.UNTIL_CLOSE:
                return lines + b"\r\n" + self.body


def contents() -> SearchStrategy[bytes]:
    """Small contents of any octets, and large ones, too large to be kept among them."""
    return bodies(600) | integers(0, 60_000).map(lambda size: bytes(range(251)) * (size // 251))


def scenes() -> SearchStrategy[Scene]:
    """Answers, with more or less going wrong."""
    return builds(
        Scene, sampled_from(Framed), contents(), cuts(), sampled_from(End), integers(0, 60_000), booleans(),
        sampled_from(("1.1", "1.0")), booleans(), integers(0, 3), sampled_from((1, 2, 5, 1000)),
    )  # fmt: skip


class Transfers(SynchronousTestCase):
    def play(self, scene: Scene) -> tuple[NodeInMemory, list[ClientInMemory], bool]:
        """The node, its clients, and whether the origin sent all of its answer, in the end."""
        node = NodeInMemory(SETTINGS)
        origin = node.at("a.example").answer(None, AGAIN)
        clients = [node.client().send(ask("/", version=scene.version)) for _ in range(1 + scene.others)]
        octets = scene.octets()
        sent = octets if scene.end is End.WHOLE else octets[: scene.after]
        for number, piece in enumerate(scene.cuts.apply(sent)):
            if not origin.links[0].open:
                break
            if number == scene.leaves:
                clients.pop(0).leave()
            if scene.slow:
                for client in clients:
                    client.stop_reading()
            origin.say(piece, origin.links[0])
            if scene.slow:
                for client in clients:
                    client.read_on()
        transport = origin.transport_of(0)
        if scene.end is End.RESET:
            transport.abortConnection()
        elif scene.end is End.CLOSED or scene.framed is Framed.UNTIL_CLOSE:
            transport.loseConnection()
        node.network.settle()
        return node, clients, len(sent) == len(octets) and scene.end is not End.RESET

    @given(scenes())
    def test_a_client_has_the_origin_s_octets_or_sees_that_it_has_not(self, scene: Scene) -> None:
        node, clients, whole = self.play(scene)
        for client in clients:
            found = self.complete(client)
            if not found:
                self.assertTrue(client.closed)
            elif found[0].status == 200:
                expected = scene.body
                if not whole and scene.framed is Framed.UNTIL_CLOSE and scene.end is End.CLOSED:
                    # nobody can tell that from the end
                    expected = scene.octets()[: scene.after].partition(b"\r\n\r\n")[2]
                self.assertEqual(found[0].body, expected)
                self.assertFalse(client.reset)
            else:
                self.assertIn(found[0].status, (500, 502))
        again = node.get("http://a.example/")
        if again.status == 200 and not (scene.framed is Framed.UNTIL_CLOSE and scene.end is End.CLOSED):
            self.assertEqual(again.body, scene.body)
        self.assertEqual(node.counters.background_fill_current_count, 0)

    def complete(self, client: ClientInMemory) -> list[Answered]:
        """What a strict client takes for a whole answer: at most one, and none behind a reset."""
        if client.reset:
            return []
        try:
            return client.answers()
        except BadGateway:
            return []

    @given(contents(), cuts(), booleans())
    def test_an_origin_has_the_client_s_octets_however_they_are_cut(
        self, body: bytes, where: Cuts, chunked: bool
    ) -> None:
        node = NodeInMemory(SETTINGS)
        origin = node.at("a.example").answer(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        if chunked:
            coded = (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"
            stream = ask("/", "Transfer-Encoding: chunked", method="PUT", body=coded)
        else:
            stream = ask("/", f"Content-Length: {len(body)}", method="PUT", body=body)
        client = node.client()
        for piece in where.apply(stream + ask("/next")):
            client.send(piece)
        self.assertEqual(origin.bodies, [body, b""])
        self.assertEqual([found.status for found in client.answers(b"PUT")], [200, 200])

    @given(contents(), integers(0, 60_000), booleans())
    def test_an_origin_never_takes_part_of_an_upload_for_all_of_it(
        self, body: bytes, after: int, chunked: bool
    ) -> None:
        node = NodeInMemory(SETTINGS)
        origin = node.at("a.example").answer(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        if chunked:
            stream = ask("/", "Transfer-Encoding: chunked", method="PUT",
                         body=b"%x\r\n%b\r\n0\r\n\r\n" % (len(body) + 1, body + b"x"))  # fmt: skip
        else:
            stream = ask("/", f"Content-Length: {len(body) + 1}", method="PUT", body=body + b"x")
        node.client().send(stream[: min(after, len(stream) - 1)]).leave()
        self.assertEqual(origin.requests, [])
        self.assertEqual(node.counters.current_server_connections, 0)
        self.assertEqual(node.counters.current_client_transactions, 0)


def stored_answers() -> SearchStrategy[bytes]:
    """Answers that mostly can be stored, with whatever makes a difference to serving them."""
    lines = sampled_from((
        b"Vary: X-Foo", b"Vary: *", b"ETag: \"1\"", b"Age: 3", b"Cache-Control: no-cache", b"Set-Cookie: a=b",
        b"Cache-Control: must-revalidate", b"Content-Type: text/html", b"Warning: 199 - x", b"Connection: X-Foo",
        b"X-Foo: 1", b"X-Foo: 2", b"Date: " + http_date(1_700_000_000).encode(), b"Server: other",
    ))  # fmt: skip
    status = sampled_from((b"200 OK", b"203 So", b"204 No", b"301 Moved", b"404 Not Found", b"410 Gone", b"500 Oops"))
    lifetime = sampled_from((
        b"max-age=60", b"max-age=5", b"max-age=0", b"no-store", b"public", b"max-age=5, stale-while-revalidate=4",
        b"max-age=60, immutable", b'max-age=60, private="x-foo"', b'max-age=60, no-cache="x-foo"', b"must-understand",
    ))  # fmt: skip
    sizes = integers(0, 10_000) | sampled_from((0, 1, 4095, 4096, 4097))

    def build(status: bytes, lifetime: bytes, others: list[bytes], size: int) -> bytes:
        size = 0 if status.startswith(b"204") else size
        head = b"".join([b"%b\r\n" % line for line in others])
        length = b"" if status.startswith(b"204") else b"Content-Length: %d\r\n" % size
        return b"HTTP/1.1 %b\r\nCache-Control: %b\r\n%b%b\r\n%b" % (status, lifetime, head, length, b"x" * size)

    return builds(build, status, lifetime, lists(lines, max_size=4, unique=True), sizes)


class BothWays(SynchronousTestCase):
    """The lane is no more than a shortcut (what comes in two pieces goes the long way)."""

    @given(stored_answers(), fields(3), integers(0, 9), booleans(), integers(1, 200))
    def test_the_lane_and_the_long_way_give_the_same_answer_and_count_the_same(
        self, octets: bytes, lines: Fields, age: int, via: bool, cut: int
    ) -> None:
        request = b"GET http://a.example/ HTTP/1.1\r\n%bHost: a.example\r\n\r\n" % lines.render()
        assume(read_plain_get(request) is not None)
        answers = []
        counts = []
        for pieces in ((request,), (request[:cut], request[cut:])):
            node = NodeInMemory(NAME + f"CONFIG proxy.config.http.insert_response_via_str INT {int(via)}\n")
            node.at("a.example").answer(octets)
            client = node.client().send(request)
            node.pass_time(age)
            client.received = b""
            for piece in pieces:
                client.send(piece)
            (found,) = client.answers()
            answers.append((found.status, sorted(found.fields.lines), found.body, client.closed))
            counts.append({name: value for name, value, _ in node.counters.read() if "plain_hit" not in name})
        self.assertEqual(answers[0], answers[1])
        self.assertEqual(counts[0], counts[1])
