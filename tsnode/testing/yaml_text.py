"""YAML as text, for configurations that are written by tests."""

from __future__ import annotations

__all__ = ["quote_yaml"]


def quote_yaml(text: str) -> str:
    """A scalar in double quotes. Everything but visible ASCII is escaped."""
    return '"' + "".join(_escape(character) for character in text) + '"'


def _escape(character: str) -> str:
    if " " <= character <= "~" and character not in '"\\':
        return character
    return f"\\U{ord(character):08x}"
