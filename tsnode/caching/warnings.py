"""The Warning field, which says that a stored answer is not what it should be (RFC 7234 §5.5)."""

from __future__ import annotations

import re
from enum import Enum

from tsnode.caching.policy import CachingPolicy
from tsnode.semantics.lists import split_list

__all__ = ["Warn", "keep_lasting", "render_warning"]

_PASSING = re.compile(rb"1[0-9]{2}(?![0-9])")


class Warn(Enum):
    """The warnings that this node gives: code and text. All but the first are Traffic Server's."""

    STALE = (110, b"Response is Stale")
    REVALIDATION_FAILED = (111, b"Revalidation Failed")
    HEURISTIC_EXPIRATION = (113, b"Heuristic Expiration")
    MISCELLANEOUS = (199, b"Miscellaneous Warning")


def render_warning(warn: Warn, policy: CachingPolicy) -> bytes:
    """The value of a Warning field."""
    code, text = warn.value
    return b'%d %b "%b"' % (code, policy.warning_agent, text)


def keep_lasting(value: bytes) -> bytes:
    """A Warning value less the warnings that end with a successful revalidation (1xx); empty where none is left."""
    return b", ".join([warning for warning in split_list(value) if not _PASSING.match(warning)])
