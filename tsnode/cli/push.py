"""``tsnode push``: bring a file into the cache of a node."""

from __future__ import annotations

import mimetypes
import re
import socket
import sys
from http.client import HTTPException, HTTPResponse
from math import isnan
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import click

__all__ = ["push_command", "render_push"]

_FIELD_LINE = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*")
_URL = re.compile(r"http://[\x21-\x7e]+", re.IGNORECASE)
_LONGEST_WAIT = 1_000_000.0
_STORED = (200, 201)
_FAILED = 1


@click.command("push", short_help="Bring a file into the cache of a node.")
@click.option("--file", "-f", "file", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=True,
              help="The file whose octets are the content.")
@click.option("--url", "-u", required=True, help="The URL under which it is stored.")
@click.option("--proxy", "-p", default=None, metavar="HOST:PORT",
              help="The node, if it is not at the host and port of the URL.")
@click.option("--header", "-H", "headers", multiple=True, metavar="'NAME: VALUE'",
              help="A field line of the answer, such as 'Cache-Control: max-age=3600'; may be given several times.")
@click.option("--request-header", "-R", "request_headers", multiple=True, metavar="'NAME: VALUE'",
              help="A field line of the request, which selects the answer where that has Vary.")
@click.option("--content-type", "-t", default=None, help="The media type; guessed from the file's name if not given.")
@click.option("--verbose", "-v", is_flag=True, help="Print the heads that are sent.")
@click.option("--timeout", type=click.FloatRange(0, _LONGEST_WAIT, min_open=True), default=60.0, show_default=True,
              help="Seconds to wait for the node, each time.")
def push_command(
    file: Path,
    url: str,
    proxy: str | None,
    headers: tuple[str, ...],
    request_headers: tuple[str, ...],
    content_type: str | None,
    verbose: bool,
    timeout: float,
) -> None:
    """
    Store the content of a file in a node, as the answer to GET for a URL. No origin is asked.

    The node has to let this client do that: ip_allow has to permit PUSH, and proxy.config.http.push_method_enabled has
    to be 1. The exit status is 0 where the file was stored, 1 where it was not.

    Source: Traffic Server, "Pushing Content into the Cache", tspush.
    """
    host, port = _node_of(url, proxy)
    if not file.is_file():
        raise click.BadParameter(f"{str(file)!r} is no regular file", param_hint="--file")
    if isnan(timeout):
        raise click.BadParameter("nan is no number of seconds", param_hint="--timeout")
    guessed = content_type or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    _checked((f"Content-Type: {guessed}",), "-t")
    with file.open("rb") as opened:
        size = file.stat().st_size
        head = render_push(url, size, guessed, _checked(headers, "-H"), _checked(request_headers, "-R"))
        if verbose:
            click.echo(head.decode("latin-1"), nl=False)
        try:
            with socket.create_connection((host, port), timeout) as connection:
                connection.sendall(head)
                _send(connection, opened, size)
                answer = HTTPResponse(connection, method="PUSH")
                answer.begin()
        except (OSError, UnicodeError, HTTPException) as error:
            click.echo(f"{host}:{port}: {str(error) or type(error).__name__}", err=True)
            sys.exit(_FAILED)
    click.echo(f"{answer.status} {answer.reason}")
    sys.exit(0 if answer.status in _STORED else _FAILED)


def render_push(
    url: str, size: int, content_type: str, headers: tuple[str, ...] = (), request_headers: tuple[str, ...] = ()
) -> bytes:
    """Everything that is sent before the file, which has ``size`` octets: two heads, with the lengths they need."""
    inner = _lines("HTTP/1.1 200 OK", f"Content-Type: {content_type}", f"Content-Length: {size}", *headers)
    outer = _lines(
        f"PUSH {url} HTTP/1.1",
        f"Host: {urlsplit(url).netloc}",
        f"Content-Length: {len(inner) + size}",
        "Connection: close",
        *request_headers,
    )
    return outer + inner


def _lines(*lines: str) -> bytes:
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode("latin-1")


def _send(connection: socket.socket, opened: BinaryIO, size: int) -> None:
    """Send just so many octets of the file as were announced; :raises OSError: where it has become shorter."""
    left = size
    while left:
        octets = opened.read(min(left, 1 << 16))
        if not octets:
            raise OSError("the file became shorter while it was sent")
        try:
            connection.sendall(octets)
        except ConnectionError:
            # a node that refuses says why, and reads no further
            return
        left -= len(octets)


def _checked(lines: tuple[str, ...], option: str) -> tuple[str, ...]:
    for line in lines:
        if _FIELD_LINE.fullmatch(line) is None:
            raise click.BadParameter(f"{line!r} is no field line, which is NAME: VALUE", param_hint=option)
    return lines


def _node_of(url: str, proxy: str | None) -> tuple[str, int]:
    """Host and port of the node."""
    try:
        parts = urlsplit(url)
        port = parts.port or 80
    except ValueError as error:
        raise click.BadParameter(f"{url!r}: {error}", param_hint="--url") from error
    if _URL.fullmatch(url) is None or not parts.hostname or "@" in parts.netloc or "#" in url:
        raise click.BadParameter(f"{url!r} is not a whole http URL", param_hint="--url")
    if proxy is None:
        return parts.hostname, port
    try:
        named = urlsplit(f"//{proxy}")
        if named.hostname and named.port and proxy == named.netloc:
            return named.hostname, named.port
    except ValueError:
        pass
    raise click.BadParameter(f"{proxy!r} is not HOST:PORT", param_hint="--proxy")
