"""Parts of answers on their way into the store, where they are joined with those that are there (RFC 9111 §3.3)."""

from __future__ import annotations

from tsnode.caching.partial import StorePart, decide_storing_part
from tsnode.model.messages import ResponseHead
from tsnode.model.spans import Span
from tsnode.ports import Answer, IContent
from tsnode.transaction.answers import pass_on
from tsnode.transaction.joined import Cut, Joined
from tsnode.transaction.services import Errand, Services
from tsnode.transaction.storing_on import StoringOn
from tsnode.transaction.via import Trace

__all__ = ["carry_part", "land_part"]


def land_part(services: Services, errand: Errand, answer: Answer, head: ResponseHead) -> bool:
    """Store the part that a client asked its origin for, on its way; whether that is done."""
    decided = decide_storing_part(
        errand.request,
        errand.facts,
        head,
        services.store.peek(errand.facts.key),
        errand.policy,
        answer.request_time,
        answer.response_time,
    )
    if decided is None:
        return False
    content = carry_part(services, errand, decided, answer.content, decided.span)
    pass_on(services, errand, head, answer._replace(content=content), trace=Trace.STORED)
    return True


def carry_part(services: Services, errand: Errand, decided: StorePart, fetched: IContent, wanted: Span) -> IContent:
    """Bring everything that will be held into the store; gives the octets of ``wanted`` as they pass by."""
    content = _assemble(services, decided, fetched)
    offset = decided.holding.offset(wanted)
    assert offset is not None, "what is wanted is held after that"
    where = Span(offset, offset + wanted.length - 1)
    fill = None
    if decided.kept:
        fill = services.store.begin(errand.facts.key, decided.alternate, decided.joined)
    if fill is None:
        return Cut(content, where)
    services.counters.parts_stored += 1
    storing = StoringOn(services, errand, decided.alternate, content, fill, None)
    reader = storing.read()
    storing.run()
    return Cut(reader, where)


def _assemble(services: Services, decided: StorePart, fetched: IContent) -> IContent:
    """The octets of everything that will be held, in their order: those that were, and ``fetched`` among them."""
    held, span = decided.joined, decided.span
    if held is None or held.parts is None:
        return fetched
    pieces: list[bytes | IContent] = []

    def add(first: int, last: int) -> None:
        if first > last:
            return
        offset = held.parts.offset(Span(first, last)) if held.parts is not None else None
        assert offset is not None, "it was held before"
        pieces.append(services.store.open(held, offset, last - first + 1))

    for each in decided.holding.spans:
        if each.first <= span.first and span.last <= each.last:
            add(each.first, span.first - 1)
            pieces.append(fetched)
            add(span.last + 1, each.last)
        else:
            add(each.first, each.last)
    return Joined(tuple(pieces))
