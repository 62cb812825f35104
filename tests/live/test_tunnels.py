"""What is not HTTP any more: CONNECT to a TLS server, and WebSocket."""

from __future__ import annotations

import base64
import hashlib
import ssl
import struct
import subprocess

from tests.live.kit import LOOPBACK, Client, LiveCase, missing
from tests.live.origin import Visit, respond

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_HANDSHAKE_KEY = base64.b64encode(b"sixteen octets!!")
_MASK = b"\x37\xfa\x21\x3d"


class TlsThroughConnect(LiveCase):
    """curl speaks TLS with a server behind the node."""

    skip = missing("curl", "openssl")

    def setUp(self) -> None:
        super().setUp()
        self.certificate = self.folder / "certificate.pem"
        key = self.folder / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
             "-addext", f"subjectAltName=IP:{LOOPBACK}", "-keyout", key, "-out", self.certificate],
            check=True, capture_output=True, timeout=60,
        )  # fmt: skip
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.certificate, key)
        self.content = bytes(range(256)) * 8192
        self.origin = self.start_origin(self.serve)
        self.url = f"https://{LOOPBACK}:{self.origin.port}/"

    def serve(self, visit: Visit) -> None:
        """Speak TLS, and answer one request."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = self.context.wrap_bio(incoming, outgoing, server_side=True)
        asked = b""
        shaken = False
        while b"\r\n\r\n" not in asked:
            try:
                if shaken:
                    asked += tls.read()
                else:
                    tls.do_handshake()
                    shaken = True
            except ssl.SSLWantReadError:
                visit.send(outgoing.read())
                octets = visit.read_some()
                if not octets:
                    return
                incoming.write(octets)
        tls.write(respond(self.content))
        visit.send(outgoing.read())
        visit.read_some()

    def test_a_client_gets_through_to_a_port_that_is_allowed(self) -> None:
        node = self.start_node(f"proxy.config.http.connect_ports STRING {self.origin.port}")
        got = self.curl(node, "--cacert", str(self.certificate), self.url)
        self.assertEqual(hashlib.sha256(got).digest(), hashlib.sha256(self.content).digest())
        (line,) = node.logged(1)
        self.assertEqual(line[5:7], ["CONNECT", f"{LOOPBACK}:{self.origin.port}"])

    def test_no_connection_is_made_to_any_other_port(self) -> None:
        node = self.start_node()
        client = self.connect(node.port)
        authority = f"{LOOPBACK}:{self.origin.port}"
        client.send(f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n".encode())
        self.assertEqual(client.read_answer("CONNECT").status, 403)
        self.assertEqual(self.origin.visits, [])


class Tunnels(LiveCase):
    """CONNECT, octet for octet."""

    def test_octets_sent_right_behind_connect_reach_the_other_side(self) -> None:
        def echo(visit: Visit) -> None:
            while octets := visit.read_some():
                visit.send(octets.upper())

        origin = self.start_origin(echo)
        node = self.start_node(f"proxy.config.http.connect_ports STRING {origin.port}")
        client = self.connect(node.port)
        client.send(f"CONNECT {LOOPBACK}:{origin.port} HTTP/1.1\r\nHost: {LOOPBACK}\r\n\r\nearly".encode())
        received = client.read_until(b"EARLY")
        self.assertTrue(received.startswith(b"HTTP/1.1 200 "), received)
        self.assertTrue(received.endswith(b"\r\n\r\nEARLY"), received)
        client.send(b", later")
        self.assertEqual(client.read_until(b", LATER"), b", LATER")
        self.assertEqual(origin.received, b"early, later")

    def test_a_tunnel_ends_when_the_other_side_does(self) -> None:
        origin = self.start_origin(lambda visit: visit.send(b"good-bye"))
        node = self.start_node(f"proxy.config.http.connect_ports STRING {origin.port}")
        client = self.connect(node.port)
        client.send(f"CONNECT {LOOPBACK}:{origin.port} HTTP/1.1\r\nHost: {LOOPBACK}\r\n\r\n".encode())
        self.assertTrue(client.read_to_end().endswith(b"\r\n\r\ngood-bye"))


def frame(payload: bytes, *, masked: bool, opcode: int = 2) -> bytes:
    """One whole frame (RFC 6455 §5.2)."""
    flag = 0x80 if masked else 0
    if len(payload) < 126:
        head = struct.pack("!BB", 0x80 | opcode, flag | len(payload))
    elif len(payload) < 1 << 16:
        head = struct.pack("!BBH", 0x80 | opcode, flag | 126, len(payload))
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, flag | 127, len(payload))
    return head + _MASK + mask(payload) if masked else head + payload


def mask(payload: bytes) -> bytes:
    """A payload masked, or a masked one as it was."""
    pad = (_MASK * (len(payload) // 4 + 1))[: len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(pad, "big")).to_bytes(len(payload), "big")


def accept_token(key: bytes) -> bytes:
    """What a server proves with that it understood the handshake (RFC 6455 §4.2.2)."""
    return base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())


def echo_frames(visit: Visit) -> None:
    """A WebSocket server that sends back what it gets, and greets before that."""
    head = visit.read_until(b"\r\n\r\n")
    key = head.lower().partition(b"\r\nsec-websocket-key: ")[2]
    key = head[len(head) - len(key) :].partition(b"\r\n")[0]
    # the greeting comes with the head: the first frame must not be lost
    visit.send(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept_token(key) + b"\r\n\r\n" + frame(b"hello", masked=False)
    )
    while True:
        start = visit.read_exactly(2)
        if len(start) < 2:
            return
        length = start[1] & 0x7F
        if length >= 126:
            length = int.from_bytes(visit.read_exactly(2 if length == 126 else 8), "big")
        assert visit.read_exactly(4) == _MASK
        payload = mask(visit.read_exactly(length))
        visit.send(frame(payload, masked=False, opcode=start[0] & 0x0F))
        if start[0] & 0x0F == 8:
            return


class WebSocket(LiveCase):
    """RFC 6455 through a node, with a client and a server written out here."""

    def setUp(self) -> None:
        super().setUp()
        self.origin = self.start_origin(echo_frames)
        self.node = self.start_node()
        self.client = self.connect(self.node.port)

    def handshake(self, behind: bytes = b"") -> None:
        """Ask for the upgrade, with more octets right behind, and check what was agreed on."""
        request = (
            f"GET {self.origin.url('/chat')} HTTP/1.1\r\nHost: {LOOPBACK}:{self.origin.port}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {_HANDSHAKE_KEY.decode()}\r\n\r\n"
        )
        self.client.send(request.encode("ascii") + behind)
        greeting = frame(b"hello", masked=False)
        received = self.client.read_until(greeting)
        head, _, rest = received.partition(b"\r\n\r\n")
        self.assertTrue(head.startswith(b"HTTP/1.1 101 "), head)
        lines = [line.lower() for line in head.split(b"\r\n")]
        self.assertIn(b"upgrade: websocket", lines)
        self.assertIn(b"connection: upgrade", lines)
        self.assertIn(b"Sec-WebSocket-Accept: " + accept_token(_HANDSHAKE_KEY), head.split(b"\r\n"))
        self.rest = rest.removeprefix(greeting)

    def expect(self, client: Client, octets: bytes) -> None:
        """Read exactly these octets."""
        received = self.rest
        while len(received) < len(octets):
            more = client.read_some()
            self.assertNotEqual(more, b"", "the tunnel was closed")
            received += more
        self.assertEqual(received[: len(octets)], octets)
        self.rest = received[len(octets) :]

    def test_frames_go_both_ways(self) -> None:
        self.handshake()
        for payload in (b"", b"short", b"m" * 126, bytes(range(256)) * 1024):
            self.client.send(frame(payload, masked=True))
            self.expect(self.client, frame(payload, masked=False))
        self.client.send(frame(b"\x03\xe8", masked=True, opcode=8))
        self.expect(self.client, frame(b"\x03\xe8", masked=False, opcode=8))
        self.assertEqual(self.client.read_to_end(), b"")

    def test_a_frame_sent_right_behind_the_request_is_not_lost(self) -> None:
        self.handshake(behind=frame(b"too early", masked=True))
        self.expect(self.client, frame(b"too early", masked=False))
        self.client.send(frame(b"in time", masked=True))
        self.expect(self.client, frame(b"in time", masked=False))

    def test_an_origin_that_does_not_upgrade_answers_as_ever(self) -> None:
        def refuse(visit: Visit) -> None:
            visit.read_until(b"\r\n\r\n")
            visit.send(respond(b"no", status=b"426 Upgrade Required"))

        origin = self.start_origin(refuse)
        self.client.get(origin.url(), "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13")
        self.assertEqual(self.client.read_answer().status, 426)
