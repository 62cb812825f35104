"""Field values that are lists (RFC 9110 §5.6.1), and their weights (§12.4.2)."""

from __future__ import annotations

import re

__all__ = ["parse_weights", "split_list", "unquote"]

# a quoted string that is never closed takes all that follows with it
_ELEMENT = re.compile(rb'(?:[^",]|"(?:[^"\\]|\\.)*(?:"|\\?\Z))+', re.DOTALL)
_WEIGHT = re.compile(rb"(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\Z")
_PAIR = re.compile(rb"\\(.)", re.DOTALL)
_BLANKS = b" \t"


def split_list(value: bytes) -> list[bytes]:
    """The elements of a list, blanks around them and empty ones left out; a comma in a quoted string parts nothing."""
    if b'"' in value:
        elements = _ELEMENT.findall(value)
    elif b"," in value:
        elements = value.split(b",")
    else:
        elements = [value]
    return [stripped for element in elements if (stripped := element.strip(_BLANKS))]


def unquote(value: bytes) -> bytes:
    """What a quoted string says, and any other value as it is (RFC 9110 §5.6.4)."""
    if len(value) < 2 or value[:1] != b'"' or value[-1:] != b'"':
        return value
    return _PAIR.sub(rb"\1", value[1:-1])


def parse_weights(value: bytes) -> dict[bytes, int]:
    """
    What a list of weighted elements prefers: each element in lower case, without its weight, to that in thousandths.

    An element said twice counts with its highest weight. A weight that cannot be read is part of the element.
    """
    weights: dict[bytes, int] = {}
    for element in split_list(value):
        name, *parameters = [part.strip(_BLANKS).lower() for part in element.split(b";")]
        weight = 1000
        kept = [name]
        for parameter in parameters:
            if parameter[:2] == b"q=" and _WEIGHT.match(parameter, 2):
                weight = round(float(parameter[2:]) * 1000)
            elif parameter:
                kept.append(parameter)
        name = b";".join(kept)
        weights[name] = max(weight, weights.get(name, 0))
    return weights
