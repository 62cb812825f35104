"""A node, nginx and clients as processes and sockets; everything that a test starts here ends with the test."""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path
from types import MappingProxyType

from twisted.trial.unittest import SynchronousTestCase

from tests.live.origin import Origin, Serve

__all__ = ["Client", "LiveCase", "Node", "Process", "Whole", "free_port", "missing", "wait_until"]

LOOPBACK = "127.0.0.1"
_PATIENCE = 20.0
"""Seconds after which a test no longer waits for something that should have happened long ago."""

# below the range that the system takes ports for outgoing connections from; other runs on this machine begin elsewhere
_PORTS = itertools.cycle(range(20000 + os.getpid() % 97 * 100, 31000))

_FOLDERS = os.pathsep.join([os.defpath, "/usr/local/bin", "/usr/local/sbin", "/usr/sbin", "/sbin"])
"""Where programs are: servers often are where only root looks."""


def missing(*programs: str) -> str | None:
    """Why a test that needs ``programs`` cannot run; None where all are here."""
    absent = [program for program in programs if shutil.which(program, path=_FOLDERS) is None]
    return f"needs {' and '.join(absent)}" if absent else None


def wait_until(condition: Callable[[], bool], what: str, patience: float = _PATIENCE) -> None:
    """Wait for a condition; :raises AssertionError: where it does not come true."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.01)


def free_port() -> int:
    """A port that nobody listens on."""
    for port in _PORTS:
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((LOOPBACK, port))
            return port
    raise AssertionError("no port is free")


def is_listening(port: int) -> bool:
    """Whether somebody takes connections to a port."""
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0


class Process:
    """A running program; what it prints goes to a file."""

    def __init__(
        self, command: Sequence[str | Path], folder: Path, environ: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self._output = folder / f"{Path(command[0]).name}.out"
        with self._output.open("ab") as output:
            # nothing of the tester's own environment decides what a node does
            environment = {"PATH": _FOLDERS, "HOME": str(folder), **environ}
            program = shutil.which(command[0], path=_FOLDERS)
            assert program is not None, f"no {command[0]}"
            self._process = subprocess.Popen(
                [program, *command[1:]],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    @property
    def output(self) -> str:
        """What it printed so far."""
        return self._output.read_text(encoding="utf-8", errors="replace")

    @property
    def has_ended(self) -> bool:
        """Whether it runs no more."""
        return self._process.poll() is not None

    def wait_for(self, port: int) -> None:
        """Wait until the program listens; :raises AssertionError: with what it printed, where it ended instead."""
        wait_until(lambda: self.has_ended or is_listening(port), f"port {port}")
        assert not self.has_ended, self.output

    def send_signal(self, number: int) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def open_files(self) -> int:
        """How many files and sockets it has open."""
        return len(list(Path(f"/proc/{self._process.pid}/fd").iterdir()))

    def terminate(self) -> None:
        """Ask it to end."""
        self._process.terminate()

    def wait(self, patience: float = _PATIENCE) -> int:
        """The exit code, once it ended."""
        return self._process.wait(patience)

    def kill(self) -> None:
        """End it whatever it does."""
        self._process.kill()
        self._process.wait()

    def memory(self, what: str = "VmRSS") -> int:
        """Octets of memory that it has (``VmRSS``), or had at the most (``VmHWM``)."""
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        (line,) = (line for line in status.splitlines() if line.startswith(f"{what}:"))
        return int(line.split()[1]) * 1024


class Node(Process):
    """A node, started as its users start it."""

    def __init__(
        self,
        folder: Path,
        port: int,
        config: Path | None = None,
        environ: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.port = port
        self._log = folder / "var" / "log" / "squid.log"
        twistd = Path(sys.executable).with_name("twistd")
        options: list[str | Path] = ["--config", config or folder / "etc", "--prefix", folder]
        super().__init__([twistd, "-n", "--pidfile=", "tsnode", *options], folder, environ)

    def logged(self, lines: int) -> list[list[str]]:
        """The words of each line of the access log, once there are that many."""
        wait_until(lambda: self._log.exists() and self._log.read_bytes().count(b"\n") >= lines, f"{lines} log lines")
        return [line.split() for line in self._log.read_text(encoding="ascii").splitlines()]

    def move_log(self) -> Path:
        """Move the access log out of the way, as those who rotate logs do; where it is now."""
        return self._log.rename(self._log.with_suffix(".log.1"))


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole answer, as a client of the standard library reads it; names are lower case, repeats are joined."""

    status: int
    fields: dict[str, str]
    content: bytes


class Client:
    """A connection to a node, octet for octet."""

    def __init__(self, port: int, *, source: str = "", receive_buffer: int = 0) -> None:
        self.socket = socket.socket()
        self.socket.settimeout(_PATIENCE)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if source:
            self.socket.bind((source, 0))
        self.socket.connect((LOOPBACK, port))

    def send(self, octets: bytes) -> None:
        """Send all of it."""
        self.socket.sendall(octets)

    def try_send(self, octets: bytes) -> None:
        """Send as much of it as the other side takes before it hangs up."""
        with suppress(ConnectionError):
            self.socket.sendall(octets)

    def get(self, url: str, *lines: str) -> None:
        """Send a request for ``url``, which has its host in it, with more field lines."""
        host = url.split("/")[2]
        self.send("\r\n".join([f"GET {url} HTTP/1.1", f"Host: {host}", *lines, "", ""]).encode("ascii"))

    def read_some(self) -> bytes:
        """What comes next, nothing at the end."""
        return self.socket.recv(1 << 18)

    def read_until(self, mark: bytes) -> bytes:
        """All octets up to a mark, and what came with it; :raises AssertionError: where the other side closes first."""
        received = b""
        while mark not in received:
            octets = self.read_some()
            assert octets, f"closed after {received!r}"
            received += octets
        return received

    def read_to_end(self) -> bytes:
        """All octets until the other side closes."""
        received = []
        with suppress(ConnectionResetError):
            while octets := self.read_some():
                received.append(octets)
        return b"".join(received)

    def read_answer(self, method: str = "GET") -> Whole:
        """
        One whole answer. Use it only where nothing comes behind the answer.

        :raises http.client.HTTPException: where it is none, or is cut short.
        """
        with HTTPResponse(self.socket, method=method) as response:
            response.begin()
            fields: dict[str, str] = {}
            for name, value in response.getheaders():
                known = fields.get(name.lower())
                fields[name.lower()] = value if known is None else f"{known}, {value}"
            return Whole(response.status, fields, response.read())

    def close(self) -> None:
        """Hang up."""
        self.socket.close()


class LiveCase(SynchronousTestCase):
    """A test with processes and sockets. ``folder`` is its own, ``nginx`` the one that it started."""

    nginx: Process

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir()

    def configure(self, *records: str, port: int | None = None) -> int:
        """Write a configuration for a forward proxy with more ``records``; the port of the node."""
        port = port or free_port()
        etc = self.folder / "etc"
        etc.mkdir(exist_ok=True)
        lines = [
            f"proxy.config.http.server_ports STRING {port}:ip-in={LOOPBACK}",
            "proxy.config.url_remap.remap_required INT 0",
            *records,
        ]
        (etc / "records.config").write_text("".join(f"CONFIG {line}\n" for line in lines), encoding="ascii")
        return port

    def launch(self, port: int, config: Path | None = None, **environ: str) -> Node:
        """A node with what is configured, or with the files of another folder, whether it comes up or not."""
        node = Node(self.folder, port, config, environ)
        self.addCleanup(node.kill)
        return node

    def start_node(self, *records: str) -> Node:
        """A forward proxy with more ``records``, ready."""
        node = self.launch(self.configure(*records))
        node.wait_for(node.port)
        return node

    def start_origin(self, serve: Serve) -> Origin:
        """A server that gives each connection to ``serve``; what goes wrong there fails the test."""
        origin = Origin(serve)
        self.addCleanup(self._stop_origin, origin)
        return origin

    def _stop_origin(self, origin: Origin) -> None:
        self.assertEqual(origin.stop(), [])

    def start_nginx(self, locations: str) -> int:
        """An nginx with ``locations`` in its one server; its port. It logs requests to ``folder/access.log``."""
        port = free_port()
        home = self.folder / "nginx"
        home.mkdir()
        config = home / "nginx.conf"
        config.write_text(_NGINX % {"home": home, "folder": self.folder, "port": port, "locations": locations})
        nginx = Process(["nginx", "-p", f"{home}/", "-e", home / "error.log", "-c", config], self.folder)
        self.addCleanup(nginx.kill)
        self.nginx = nginx
        nginx.wait_for(port)
        return port

    def requests_at_nginx(self) -> list[str]:
        """The request lines that nginx saw so far."""
        log = (self.folder / "access.log").read_text(encoding="utf-8")
        return [line.split('"')[1] for line in log.splitlines()]

    def connect(self, port: int, *, source: str = "", receive_buffer: int = 0) -> Client:
        """A connection that is closed when the test is over."""
        client = Client(port, source=source, receive_buffer=receive_buffer)
        self.addCleanup(client.close)
        return client

    def curl(self, node: Node, *arguments: str) -> bytes:
        """What curl prints when it goes through ``node``; :raises AssertionError: where curl fails."""
        command = ["curl", "-sS", "--max-time", "60", "-x", f"http://{LOOPBACK}:{node.port}", *arguments]
        environment = {"PATH": _FOLDERS, "HOME": str(self.folder)}
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, timeout=90, check=False)
        assert done.returncode == 0, f"{command}: {done.stderr.decode()}"
        return done.stdout


# one process with the rights of the tester, who may be root, so that it can read the test's folder
_NGINX = """
daemon off;
master_process off;
pid %(home)s/nginx.pid;
error_log %(home)s/error.log;
events { worker_connections 1024; }
http {
    log_format lines '$remote_addr "$request" $status';
    access_log %(folder)s/access.log lines;
    client_body_temp_path %(home)s/body;
    proxy_temp_path %(home)s/proxy;
    fastcgi_temp_path %(home)s/fastcgi;
    uwsgi_temp_path %(home)s/uwsgi;
    scgi_temp_path %(home)s/scgi;
    default_type text/plain;
    client_max_body_size 0;
    server {
        listen 127.0.0.1:%(port)d;
        root %(folder)s/www;
        %(locations)s
    }
}
"""
