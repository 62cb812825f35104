"""Preconditions of a request, held against a stored answer (RFC 9110 §13, RFC 9111 §4.3.2)."""

from __future__ import annotations

from enum import Enum

from tsnode.model.alternate import Alternate
from tsnode.model.fields import Fields
from tsnode.semantics.dates import parse_date
from tsnode.semantics.validators import matches_any, strongly_equal

__all__ = ["PRECONDITIONS", "Outcome", "evaluate_conditions", "is_range_current"]

PRECONDITIONS = frozenset({b"if-match", b"if-none-match", b"if-modified-since", b"if-unmodified-since"})
"""Fields that make a request conditional, lower case; If-Range is apart, it only conditions Range."""


class Outcome(Enum):
    """What the preconditions of a request leave of its answer."""

    WHOLE = "they hold, or there are none"
    NOT_MODIFIED = "the client has it already"
    PRECONDITION_FAILED = "it is not what the client wants to act upon"


def _modified(alternate: Alternate, now: float) -> float:
    """When an alternate was last changed, as well as we know: Last-Modified, else Date, else its receipt."""
    for stated in (alternate.terms.last_modified, alternate.fields.get(b"date")):
        moment = parse_date(stated, now) if stated is not None else None
        if moment is not None:
            return moment
    return alternate.response_time


def evaluate_conditions(fields: Fields, alternate: Alternate, now: float) -> Outcome:
    """
    What to answer a GET or HEAD with ``fields`` for which ``alternate`` is selected.

    Dates that cannot be read count as not sent. A stored answer other than 200 is not held against conditions.

    Source: RFC 9110 §13.2, in its order of precedence.
    """
    if alternate.status != 200:
        return Outcome.WHOLE
    terms = alternate.terms
    listed = fields.get(b"if-match")
    if listed is not None:
        if not matches_any(listed, terms.etag, strong=True):
            return Outcome.PRECONDITION_FAILED
    else:
        since = fields.get(b"if-unmodified-since")
        given = parse_date(since, now) if since is not None else None
        if given is not None:
            stated = terms.last_modified
            changed = parse_date(stated, now) if stated is not None else None
            if changed is None or given < changed:
                return Outcome.PRECONDITION_FAILED
    listed = fields.get(b"if-none-match")
    if listed is not None:
        return Outcome.NOT_MODIFIED if matches_any(listed, terms.etag, strong=False) else Outcome.WHOLE
    since = fields.get(b"if-modified-since")
    if since is not None:
        given = parse_date(since, now)
        if given is not None and _modified(alternate, now) <= given:
            return Outcome.NOT_MODIFIED
    return Outcome.WHOLE


def is_range_current(if_range: bytes | None, alternate: Alternate, now: float) -> bool:
    """
    Whether the Range of a request applies to ``alternate``, given its If-Range (None: always).

    A tag has to be equal and strong. A date has to be the very Last-Modified, which is strong only where Date is at
    least a second later.

    Source: RFC 9110 §13.1.5, §8.8.2.2.
    """
    if if_range is None:
        return True
    terms = alternate.terms
    if if_range[:1] == b'"' or if_range[:2] == b"W/":
        return terms.etag is not None and strongly_equal(if_range, terms.etag)
    given = parse_date(if_range, now)
    if given is None or terms.last_modified is None or given != parse_date(terms.last_modified, now):
        return False
    date = alternate.fields.get(b"date")
    sent = parse_date(date, now) if date is not None else None
    return sent is not None and sent - given >= 1
