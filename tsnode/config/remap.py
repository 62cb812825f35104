"""remap.config: which URLs stand for which."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from tsnode.config.catalogue import Row
from tsnode.config.cursor import Span, read_lines, split_words
from tsnode.config.reading import Findings, Reading
from tsnode.config.remap_options import read_options
from tsnode.model.errors import BadRequest
from tsnode.model.expressions import Expression, ExpressionError, compile_expression
from tsnode.model.target import Target, parse_target
from tsnode.routing.rules import RefererCheck, RefererPattern, RemapRule, Replacement, RuleKind, Source

__all__ = ["parse_remap"]

_TYPES = {kind.value: (kind, False) for kind in RuleKind} | {
    f"regex_{kind.value}": (kind, True)
    for kind in (RuleKind.MAP, RuleKind.MAP_WITH_RECV_PORT, RuleKind.REDIRECT, RuleKind.REDIRECT_TEMPORARY)
}
_ONLY_NAMED = (RuleKind.REDIRECT, RuleKind.REDIRECT_TEMPORARY, RuleKind.REVERSE_MAP)
"""What only names URLs to clients: nobody connects to these replacements."""
_SCHEMES = ("http", "https", "ws", "wss")
_PRINTABLE = re.compile("[!-~]+")
# the host is all up to the first slash, less a port at its end
_BY_EXPRESSION = re.compile(r"([A-Za-z]+)://([^/]*?)(:[0-9]+)?(/.*)?")
_SHAPES = {RuleKind.MAP_WITH_REFERER: "target, replacement, URL for others, then expressions"}
_GROUP = re.compile(r"\$([0-9]?)")
_MOST_GROUPS = 10


def parse_remap(file: str, text: str, rows: Mapping[str, Row]) -> Reading[tuple[RemapRule, ...]]:
    """
    The rules of a file in its order, less the faulty ones. ``rows`` are the variables that a rule can override.

    Source: Traffic Server, remap.config.
    """
    findings = Findings()
    rules = []
    for words in _read_rules(file, text):
        rule = _parse_rule(words, rows, findings)
        if rule is not None:
            rules.append(rule)
    return findings.reading(tuple(rules))


def _read_rules(file: str, text: str) -> Iterator[tuple[Span, ...]]:
    """The words of each rule; a line that ends in a backslash goes on in the next one."""
    words: tuple[Span, ...] = ()
    following = 0
    for line in read_lines(file, text):
        if words and line.place.line != following:
            yield words
            words = ()
        following = 0
        if line.text.endswith("\\"):
            following = line.place.line + 1
            line = line.part(0, -1)
        words += split_words(line)
        if not following:
            yield words
            words = ()
    if words:
        yield words


def _parse_rule(words: tuple[Span, ...], rows: Mapping[str, Row], findings: Findings) -> RemapRule | None:
    """One rule, or None with at least one error more."""
    faults = len(findings.errors)
    word = words[0]
    if word.text.startswith("."):
        findings.errors.append(word.error(f"{word.text} is not supported yet", "a rule"))
        return None
    if word.text.lower() not in _TYPES:
        findings.errors.append(word.error(f"unknown rule type {word.text!r}", _suggest(word.text)))
        return None
    kind, by_expression = _TYPES[word.text.lower()]
    count = next((number for number, other in enumerate(words) if other.text.startswith("@")), len(words))
    urls = _read_urls(kind, by_expression, words[:count], findings)
    options = read_options(words[count:], rows, findings)
    if urls is None or len(findings.errors) > faults:
        return None
    return RemapRule(
        kind=kind,
        source=urls.source,
        replacement=urls.replacement,
        filter=options.filter,
        referer=urls.referer,
        overrides=options.overrides,
        place=word.place,
    )


@dataclass(frozen=True, slots=True)
class _Urls:
    """What a rule says before its options."""

    source: Source
    replacement: Replacement
    referer: RefererCheck | None


def _read_urls(kind: RuleKind, by_expression: bool, words: tuple[Span, ...], findings: Findings) -> _Urls | None:
    """What stands behind the type, which is the first word; None with at least one error more."""
    _, *urls = words
    needed = 4 if kind is RuleKind.MAP_WITH_REFERER else 2
    if len(urls) < needed:
        end = words[-1].part(len(words[-1].text))
        missing = ("target", "replacement", "URL for others", "expression for Referer")[len(urls)]
        findings.errors.append(end.error(f"the {missing} is missing", _SHAPES.get(kind, "target, then replacement")))
        return None
    if by_expression:
        source = findings.attempt(_read_expression_source, urls[0])
    else:
        source = findings.attempt(_read_source, urls[0], kind)
    replacement = findings.attempt(_read_replacement, urls[1], kind)
    referer = None
    if kind is RuleKind.MAP_WITH_REFERER:
        referer = _read_referer(urls[2:], findings)
    elif len(urls) > needed:
        findings.errors.append(urls[2].error(f"{urls[2].text!r} is one word too many", "options, each with @"))
    if source is None or replacement is None:
        return None
    findings.attempt(_check_groups, urls[1], source, replacement)
    return _Urls(source, replacement, referer)


def _suggest(name: str) -> str:
    """What may have been meant."""
    found = get_close_matches(name.lower(), _TYPES, 1)
    return found[0] if found else "map, reverse_map, redirect or one of their kin"


def _check_characters(word: Span) -> None:
    """See that ``word`` can stand in a URL of a rule."""
    if not _PRINTABLE.fullmatch(word.text):
        raise word.error("a URL has printable ASCII characters only", "others as %XX of UTF-8")
    for mark in "?#":
        at = word.text.find(mark)
        if at >= 0:
            raise word.part(at).error("a rule has no query and no fragment", "host and path only")


def _parse_url(word: Span, text: str) -> Target:
    """``text`` as a target; what is wrong with it is told of ``word``."""
    scheme, separator, _ = text.partition("://")
    if not separator or scheme.lower() not in _SCHEMES:
        raise word.error(f"{word.text!r} is no URL", "http://, https://, ws:// or wss:// and a host")
    try:
        return parse_target(b"GET", text.encode("ascii"), b"")
    except BadRequest as fault:
        raise word.part(len(scheme) + 3).error(str(fault), "a host, and a port from 1 to 65535 if any") from fault


def _read_source(word: Span, kind: RuleKind) -> Source:
    _check_characters(word)
    if word.text.startswith("/") and kind is not RuleKind.REVERSE_MAP:
        return Source(b"", b"", 0, word.text.encode("ascii"))
    target = _parse_url(word, word.text)
    return Source(target.scheme, target.host, target.port, target.path)


def _read_expression_source(word: Span) -> Source:
    """The source of a ``regex_`` rule; the expression stands in the place of the host."""
    found = _BY_EXPRESSION.fullmatch(word.text)
    if found is None or not found[2]:
        raise word.error(f"{word.text!r} is no URL with an expression for its host", "http:// and an expression")
    scheme, text, port, path = found.groups("")
    if path:
        _check_characters(word.part(found.start(4)))
    target = _parse_url(word, f"{scheme}://h{port}{path}")
    try:
        expression = compile_expression(text, ignore_case=True)
    except ExpressionError as fault:
        at = found.start(2) + fault.position
        raise word.part(at).error(f"in the expression for the host: {fault.problem}", "a regular expression") from fault
    return Source(target.scheme, expression, target.port, target.path)


def _read_replacement(word: Span, kind: RuleKind) -> Replacement:
    _check_characters(word)
    target = _parse_url(word, word.text)
    if kind not in _ONLY_NAMED and target.scheme in (b"https", b"wss"):
        raise word.error("encrypted connections to origins come with a later version", "http://")
    return Replacement(target.scheme, target.host, target.port, target.path)


def _check_groups(word: Span, source: Source, replacement: Replacement) -> None:
    """See that everything ``$n`` stands for is there."""
    if not isinstance(source.host, Expression):
        return
    host = replacement.host.decode("ascii")
    start = word.text.index("://") + 3
    groups = list(_GROUP.finditer(host))
    for group in groups:
        if not group[1] or int(group[1]) > source.host.compiled.groups:
            raise word.part(start + group.start()).error(
                f"{group[0]} stands for nothing", f"$0 to ${min(source.host.compiled.groups, 9)}"
            )
    if len(groups) > _MOST_GROUPS:
        raise word.error(f"{len(groups)} groups are put into one host", f"{_MOST_GROUPS} at most")


def _read_referer(words: list[Span], findings: Findings) -> RefererCheck:
    redirect, *expressions = words
    if not _PRINTABLE.fullmatch(redirect.text) or "://" not in redirect.text:
        findings.errors.append(redirect.error(f"{redirect.text!r} is no URL", "where others are redirected to"))
    optional = any(word.text == "~*" for word in expressions)
    patterns = [findings.attempt(_read_referer_pattern, word) for word in expressions if word.text != "~*"]
    return RefererCheck(
        redirect.text.encode("ascii", "replace"), tuple(found for found in patterns if found is not None), optional
    )


def _read_referer_pattern(word: Span) -> RefererPattern:
    if word.text == "*":
        return RefererPattern(None)
    forbidden = word.text.startswith("~")
    expression = word.part(1) if forbidden else word
    try:
        return RefererPattern(compile_expression(expression.text, ignore_case=True), forbidden)
    except ExpressionError as fault:
        problem = f"in the expression for Referer: {fault.problem}"
        raise expression.part(fault.position).error(problem, "a regular expression") from fault
