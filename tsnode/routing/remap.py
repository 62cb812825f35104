"""Which line of remap.config a request belongs to, and what becomes of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from tsnode.model.errors import BadRequest
from tsnode.model.expressions import Expression, ExpressionTimeout
from tsnode.model.settings import ProxySettings
from tsnode.model.target import Target, parse_target
from tsnode.routing.rules import RefererCheck, RemapRule, RuleKind

if TYPE_CHECKING:
    from regex import Match

__all__ = [
    "Decision",
    "Denied",
    "Mapped",
    "Precedence",
    "Redirected",
    "RemapTable",
    "Unchanged",
    "Unmapped",
    "precedence_of",
]

_FORMAT = re.compile(rb"%([rfto])")
_GROUP = re.compile(rb"\$([0-9])")


@dataclass(frozen=True, slots=True)
class Mapped:
    """``rule`` applies: the request is for ``target`` now."""

    target: Target
    rule: RemapRule


@dataclass(frozen=True, slots=True)
class Redirected:
    """The client is told to go to ``location``; ``status`` is 301, 302 or 307, ``rule`` None where no rule says so."""

    location: bytes
    status: int
    rule: RemapRule | None = field(default=None, compare=False)

    def status_for(self, version: int) -> int:
        """The status for a client of HTTP ``version`` 10 or 11: 307 is newer than HTTP/1.0."""
        return 302 if self.status == 307 and version < 11 else self.status


@dataclass(frozen=True, slots=True)
class Denied:
    """A rule refuses the request with 403; ``because`` is for the log, and names the rule's place where it can."""

    because: str


@dataclass(frozen=True, slots=True)
class Unmapped:
    """No rule applies and one is needed: the request is refused."""

    status: int
    reason: bytes


@dataclass(frozen=True, slots=True)
class Unchanged:
    """No rule applies and none is needed: the request goes where it says."""


Decision = Mapped | Redirected | Denied | Unmapped | Unchanged

_UNCHANGED = Unchanged()
_NO_HOST = Unmapped(400, b"Host Header Required")
_NOT_HERE = Unmapped(404, b"Not Found on Accelerator")
_NOT_FOUND = Unmapped(404, b"Not Found")


class RemapTable:
    """
    The rules of remap.config, ready for use, with what ``settings`` say about requests that no rule is for.

    Never changes. ``rules`` are in the order of the file; ``empty``: no request is changed by any of them;
    ``depends_on_client``: the same URL may be decided differently for another client address, method or Referer.
    """

    __slots__ = ("_classes", "_reverse", "depends_on_client", "empty", "rules", "settings")

    def __init__(self, rules: Iterable[RemapRule], settings: ProxySettings) -> None:
        self.rules = tuple(rules)
        self.settings = settings
        numbered = list(enumerate(self.rules))
        forward = [(number, rule) for number, rule in numbered if rule.kind is not RuleKind.REVERSE_MAP]
        self._classes = [
            (wanted, _RuleClass([(number, rule) for number, rule in forward if precedence_of(rule) is wanted]))
            for wanted in Precedence
        ]
        self._reverse = _RuleClass([(number, rule) for number, rule in numbered if rule.kind is RuleKind.REVERSE_MAP])
        self.empty = not forward
        self.depends_on_client = any(
            rule.filter is not None or (rule.referer is not None and settings.referer_filter) for _, rule in forward
        )

    def map_request(
        self,
        target: Target,
        *,
        absolute_form: bool,
        client: str,
        port: int,
        method: bytes,
        referer: bytes | None = None,
    ) -> Decision:
        """
        What becomes of a request. ``port`` is the one it was received on; ``target.host`` is empty where it named none.

        The same arguments give the same answer forever. Unless ``depends_on_client``, only the first two and ``port``
        matter.

        Source: Traffic Server's remap.config. Rules with a received port come first, then map rules, then redirects,
        then redirects by expression; among each, rules with the request's host before rules without one; among these
        the first line that matches.
        """
        settings = self.settings
        if not self.empty and (absolute_form or settings.reverse_proxy):
            try:
                for precedence, rules in self._classes:
                    found = rules.find(target, port if precedence is Precedence.RECEIVED_PORT else target.port)
                    if found is not None:
                        return self._apply(*found, target, client, method, referer)
            except ExpressionTimeout as undecided:
                # what the rule would have said is not known, so that letting the request pass might be wrong
                return Denied(str(undecided))
        if absolute_form:
            return _NOT_FOUND if settings.remap_required else _UNCHANGED
        if target.host:
            return _NOT_HERE
        return Redirected(settings.no_host_redirect, 302) if settings.no_host_redirect else _NO_HOST

    def _apply(
        self, rule: RemapRule, host: bytes, target: Target, client: str, method: bytes, referer: bytes | None
    ) -> Decision:
        if rule.filter is not None and not rule.filter.lets(method, client):
            return Denied(f"{rule.place}: the rule does not allow it")
        check = rule.referer
        if check is not None and self.settings.referer_filter and not check.accepts(referer):
            return Redirected(self._render_elsewhere(rule, check, target, referer or b""), 302, rule)
        rewritten = rule.replacement.rewrite(host, rule.source.path, target.path)
        if rule.kind is RuleKind.REDIRECT:
            return Redirected(rewritten.url, 301, rule)
        if rule.kind is RuleKind.REDIRECT_TEMPORARY:
            return Redirected(rewritten.url, 307, rule)
        return Mapped(rewritten, rule)

    def _render_elsewhere(self, rule: RemapRule, check: RefererCheck, target: Target, referer: bytes) -> bytes:
        """Where an unwanted Referer leads: %r stands for itself, %f source, %t replacement, %o the URL asked for."""
        if not self.settings.referer_format:
            return check.redirect
        letters = {b"r": referer, b"f": rule.source.url, b"t": rule.replacement.url, b"o": target.url}
        return _FORMAT.sub(lambda letter: letters[letter[1]], check.redirect)

    def reverse_location(self, value: bytes) -> bytes:
        """
        The public form of a URL in an answer's Location, Content-Location, URI or Destination field.

        ``value`` itself where no reverse_map rule is for it.
        """
        url, mark, fragment = value.partition(b"#")
        try:
            target = parse_target(b"GET", url, b"")
        except BadRequest:
            return value
        found = self._reverse.find(target, target.port)
        if found is None:
            return value
        rule, host = found
        return rule.replacement.rewrite(host, rule.source.path, target.path).url + mark + fragment


class Precedence(Enum):
    """The classes of forward rules, in the order in which they are asked."""

    RECEIVED_PORT = "map_with_recv_port"
    MAP = "map, map_with_referer"
    REDIRECT = "redirect, redirect_temporary"
    REDIRECT_BY_EXPRESSION = "regex_redirect, regex_redirect_temporary"


def precedence_of(rule: RemapRule) -> Precedence:
    """The class that a forward rule is asked in."""
    if rule.kind is RuleKind.MAP_WITH_RECV_PORT:
        return Precedence.RECEIVED_PORT
    if rule.kind not in (RuleKind.REDIRECT, RuleKind.REDIRECT_TEMPORARY):
        return Precedence.MAP
    if isinstance(rule.source.host, Expression):
        return Precedence.REDIRECT_BY_EXPRESSION
    return Precedence.REDIRECT


class _Paths:
    """The rules of one scheme, host and port: for each beginning of a path the first line that has it."""

    __slots__ = ("_first", "_lengths")

    def __init__(self, rules: Sequence[tuple[int, RemapRule]]) -> None:
        self._first: dict[bytes, tuple[int, RemapRule]] = {}
        for entry in rules:
            self._first.setdefault(entry[1].source.path, entry)
        self._lengths = sorted({len(path) for path in self._first})

    def find(self, path: bytes) -> tuple[int, RemapRule] | None:
        best = None
        for length in self._lengths:
            if length > len(path):
                break
            entry = self._first.get(path[:length])
            if entry is not None and (best is None or entry[0] < best[0]):
                best = entry
        return best


class _RuleClass:
    """Rules among which the first matching line decides. One with an exact host is found without looking at others."""

    __slots__ = ("_exact", "_expressions", "_hostless")

    def __init__(self, rules: Sequence[tuple[int, RemapRule]]) -> None:
        exact: dict[tuple[bytes, bytes, int], list[tuple[int, RemapRule]]] = {}
        hostless = []
        self._expressions: list[tuple[int, RemapRule, Expression]] = []
        for number, rule in rules:
            source = rule.source
            if isinstance(source.host, Expression):
                self._expressions.append((number, rule, source.host))
            elif source.host:
                exact.setdefault((source.scheme, source.host, source.port), []).append((number, rule))
            else:
                hostless.append((number, rule))
        self._exact = {key: _Paths(found) for key, found in exact.items()}
        self._hostless = _Paths(hostless)

    def find(self, target: Target, port: int) -> tuple[RemapRule, bytes] | None:
        """
        The first rule that matches, and the host that takes the place of the target's; ``port`` stands for its port.

        :raises ExpressionTimeout: where an expression cannot be decided.
        """
        paths = self._exact.get((target.scheme, target.host, port))
        found = None if paths is None else paths.find(target.path)
        for number, rule, expression in self._expressions:
            if found is not None and found[0] < number:
                break
            source = rule.source
            if source.port != port or source.scheme != target.scheme or not target.path.startswith(source.path):
                continue
            match = expression.search(target.host.decode("latin-1"))
            if match is not None and (host := _fill(rule.replacement.host, match)):
                return rule, host
        if found is None:
            found = self._hostless.find(target.path)
        return None if found is None else (found[1], found[1].replacement.host)


def _fill(host: bytes, match: Match[str]) -> bytes:
    """A replacement's host with its groups filled in; a group that took no part is empty."""
    return _GROUP.sub(lambda group: (match[int(group[1])] or "").encode("latin-1"), host)
