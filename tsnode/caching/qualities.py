"""How well a stored answer suits what a request accepts (Traffic Server's choice among alternates)."""

from __future__ import annotations

from collections.abc import Mapping

from tsnode.caching.policy import CachingPolicy
from tsnode.caching.variation import means_the_same
from tsnode.model.alternate import Alternate
from tsnode.model.fields import Fields
from tsnode.semantics.lists import parse_weights, split_list

__all__ = ["quality"]

_COMPARED = 0
_UNLESS_VARIED = 2
_UNSUITABLE = -1.0
_AS_BEFORE = 1.001
"""A little better than perfect: the request wants what the one that brought it wanted."""
_IDENTITY_LEAST = 0.001
_UTF_8 = b"utf-8"


def quality(alternate: Alternate, fields: Fields, policy: CachingPolicy) -> float:
    """
    The quality of ``alternate`` for a request with ``fields``: the product of those of type, charset, coding, language.

    Not above 0 where it does not suit. What a variable ``ignore_accept_…_mismatch`` has ignored counts as 1.

    Source: Traffic Server, ``HttpTransactCache::calculate_quality_of_match``. Unlike there, a request that accepts
    types just as the one that brought the answer did always suits.
    """
    rules = policy.variation
    varied = bool(alternate.terms.vary)
    found = 1.0
    for mode, name, judge in (
        (rules.accept, b"accept", _judge_type),
        (rules.charset, b"accept-charset", _judge_charset),
        (rules.encoding, b"accept-encoding", _judge_coding),
        (rules.language, b"accept-language", _judge_language),
    ):
        if mode != _COMPARED and not (mode == _UNLESS_VARIED and varied):
            continue
        wanted, before = fields.get(name), alternate.request_fields.get(name)
        factor = _AS_BEFORE if means_the_same(name, wanted, before) else judge(alternate.fields, wanted, before)
        if factor <= 0:
            return _UNSUITABLE
        found *= factor
    return found


def _best(weights: Mapping[bytes, int], *names: bytes) -> float:
    """The weight of the first of ``names`` that is there; unsuitable where none is."""
    for name in names:
        if name in weights:
            return weights[name] / 1000
    return _UNSUITABLE


def _judge_type(answer: Fields, wanted: bytes | None, before: bytes | None) -> float:
    stated = answer.get(b"content-type")
    if wanted is None or stated is None:
        return 1.0
    exact = stated.partition(b";")[0].strip().lower()
    weights = {name.partition(b";")[0]: weight for name, weight in parse_weights(wanted).items()}
    if exact == b"image/webp":
        return _best(weights, exact)
    return _best(weights, exact, exact.partition(b"/")[0] + b"/*", b"*/*")


def _judge_charset(answer: Fields, wanted: bytes | None, before: bytes | None) -> float:
    if wanted is None:
        return 1.0
    stated = (answer.get(b"content-type") or b"").lower().partition(b"charset=")[2]
    charset = stated.partition(b";")[0].strip(b' "') or _UTF_8
    found = _best(parse_weights(wanted), charset, b"*")
    return 1.0 if found <= 0 and charset == _UTF_8 else found


def _judge_language(answer: Fields, wanted: bytes | None, before: bytes | None) -> float:
    stated = answer.get(b"content-language")
    if wanted is None or stated is None:
        return 1.0
    weights = parse_weights(wanted)
    return min([_best(weights, *_ranges(tag.lower())) for tag in split_list(stated)], default=1.0)


def _ranges(tag: bytes) -> list[bytes]:
    """The language ranges that match a tag, the closest first (RFC 4647 §3.3.1)."""
    parts = tag.split(b"-")
    return [*(b"-".join(parts[:count]) for count in range(len(parts), 0, -1)), b"*"]


def _judge_coding(answer: Fields, wanted: bytes | None, before: bytes | None) -> float:
    codings = [_coding(name) for name in split_list(answer.get(b"content-encoding") or b"")]
    codings = [name for name in codings if name != b"identity"]
    weights = {} if wanted is None else {_coding(name): weight for name, weight in parse_weights(wanted).items()}
    if not codings:
        if weights.get(b"gzip", 0) > 0 and not (before and _accepts_gzip(before)):
            # what was not compressed for one that cannot take it may be for this one
            return _UNSUITABLE
        return max(_IDENTITY_LEAST, _best(weights, b"identity", b"*")) if weights else 1.0
    if wanted is None:
        return _UNSUITABLE
    found = 1.0
    for name in codings:
        factor = _best(weights, name, b"*")
        if factor <= 0:
            return _UNSUITABLE
        found *= factor
    return found


def _accepts_gzip(value: bytes) -> bool:
    return any(_coding(name) == b"gzip" and weight > 0 for name, weight in parse_weights(value).items())


def _coding(name: bytes) -> bytes:
    name = name.lower()
    return name[2:] if name in (b"x-gzip", b"x-compress") else name
