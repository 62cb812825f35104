"""``tsnode explain``: what a node with this configuration would do with a request, and why."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from dataclasses import replace
from pathlib import Path

import click

from tsnode.cli.explained import render_text
from tsnode.cli.explained_json import as_document
from tsnode.cli.question import QuestionError, parse_moment, read_answer, read_request
from tsnode.config.tree import Configuration, load
from tsnode.model.addresses import Address, parse_address
from tsnode.model.errors import ConfigErrors
from tsnode.service.node import identity
from tsnode.transaction.explanation import Question, explain

__all__ = ["explain_command"]

_REFUSED = 2


@click.command(name="explain")
@click.argument("url")
@click.option("--config", "-c", default="etc", show_default=True, help="The folder with records.config and the others.")
@click.option("--prefix", "-p", help="What relative paths in files start from; the folder above --config if not given.")
@click.option("--client", default="127.0.0.1", show_default=True, metavar="IP", help="The client's address.")
@click.option("--method", default="GET", show_default=True, help="The request's method.")
@click.option("--header", "-H", "headers", multiple=True, metavar="'N: V'", help="A line of the request; repeatable.")
@click.option("--origin-form", is_flag=True, help="The client knows of no proxy: it sends the path only.")
@click.option("--at", metavar="TIME", help="When that is, ISO 8601 or seconds since the epoch; now if not given.")
@click.option("--port", type=click.IntRange(1, 65535), help="The port it comes in by; the first one if not given.")
@click.option("--address", metavar="IP", help="The address of the host it goes to, which is not looked up.")
@click.option("--response", metavar="FILE", help="An answer's head: is it stored, and fresh for how long?")
@click.option("--all", "show_all", is_flag=True, help="Show every rule that did not match, however many there are.")
@click.option("--json", "as_json", is_flag=True, help="The same as a JSON document.")
def explain_command(
    url: str,
    config: str,
    prefix: str | None,
    client: str,
    method: str,
    headers: tuple[str, ...],
    origin_form: bool,
    at: str | None,
    port: int | None,
    address: str | None,
    response: str | None,
    show_all: bool,
    as_json: bool,
) -> None:
    """Tell what the node would do with a request for URL, and why. Nothing is sent."""
    try:
        tree = _load(config, prefix)
        limits = tree.settings.limits
        request = read_request(method, url, headers, limits, origin_form=origin_form)
        # the command is where the clock comes in
        now = time.time() if at is None else parse_moment(at)  # noqa: TID251  # nothing else reads it
        local = time.localtime(now)
        question = Question(
            request=request,
            client=str(_read_address(client)),
            port=_choose_port(tree, port),
            now=now,
            time_of_day=local.tm_hour * 3600 + local.tm_min * 60 + local.tm_sec,
            address=None if address is None else _read_address(address),
            response=None if response is None else read_answer(Path(response), request.method, limits),
        )
    except (QuestionError, ConfigErrors) as fault:
        click.echo(str(fault), err=True)
        sys.exit(_REFUSED)
    explanation = explain(tree, question)
    if as_json:
        click.echo(json.dumps(as_document(explanation, show_all), indent=2))
    else:
        click.echo(render_text(explanation, show_all), nl=False)


def _load(config: str, prefix: str | None) -> Configuration:
    """The configuration, with the name that a node of it has in Via."""
    folder = Path(config)
    base = Path(prefix).absolute() if prefix else folder.absolute().parent
    tree = load(folder, base, os.environ).tree  # noqa: TID251  # variables there beat the file, as they do for a node
    name = identity(tree.settings, base, socket.gethostname())
    return replace(tree, settings=replace(tree.settings, via_name=name))


def _read_address(text: str) -> Address:
    address = parse_address(text)
    if address is None:
        raise QuestionError(f"{text!r} is no IP address: 192.0.2.7 and 2001:db8::7 are")
    return address


def _choose_port(tree: Configuration, port: int | None) -> int:
    ports = [listen.port for listen in tree.settings.ports]
    if port is None:
        return ports[0]
    if port not in ports:
        raise QuestionError(f"the node does not listen on port {port}: it does on {', '.join(map(str, ports))}")
    return port
