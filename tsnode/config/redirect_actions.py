"""The grammar of ``proxy.config.http.redirect.actions``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from tsnode.config.cursor import Span
from tsnode.config.reading import Findings, Reading
from tsnode.model.redirects import Actions, AddressClass, RedirectAction

__all__ = ["parse_redirect_actions"]

T = TypeVar("T")

_CLASSES = {kind.value: kind for kind in AddressClass}
_ACTIONS = {action.value: action for action in RedirectAction}


def parse_redirect_actions(value: Span) -> Reading[Actions]:
    """
    Pairs of an address class and an action with commas between them, as in ``routable:follow,private:reject``.

    Upper and lower case are the same.

    Source: Traffic Server, ``proxy.config.http.redirect.actions``.
    """
    findings = Findings()
    actions: dict[AddressClass, RedirectAction] = {}
    for entry in value.pieces(","):
        if not entry.text.strip():
            continue
        pair = findings.attempt(_parse_pair, entry)
        if pair is None:
            continue
        kind, action = pair
        if kind in actions:
            findings.errors.append(_trimmed(entry).error(f"{kind.value!r} is there twice"))
        else:
            actions[kind] = action
    return findings.reading(tuple(actions.items()))


def _trimmed(span: Span) -> Span:
    text = span.text.strip()
    return span.at(span.text.index(text), text)


def _parse_pair(entry: Span) -> tuple[AddressClass, RedirectAction]:
    first, second = entry.partition(":")
    if second is None:
        raise _trimmed(entry).error(f"{entry.text.strip()!r} has no action", "class:action")
    return _one_of(first, _CLASSES, "class of addresses"), _one_of(second, _ACTIONS, "action")


def _one_of(word: Span, known: Mapping[str, T], what: str) -> T:
    word = _trimmed(word)
    found = known.get(word.text.lower())
    if found is None:
        *others, last = known
        raise word.error(f"{word.text!r} is no {what}", f"{', '.join(others)} or {last}")
    return found
