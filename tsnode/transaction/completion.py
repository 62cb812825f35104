"""Answering with stored parts, and fetching what they lack (RFC 9111 §3.4)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from tsnode.caching.partial import (
    NOT_ASKED_FOR,
    Completion,
    Held,
    asking_for,
    decide_completed,
    decide_part_reuse,
)
from tsnode.caching.revalidation import Conditions
from tsnode.model.alternate import Alternate
from tsnode.model.neighbors import Hop
from tsnode.ports import Answer
from tsnode.transaction.answers import adjust, respond_with
from tsnode.transaction.fetch import fetch_alone, fetch_asking
from tsnode.transaction.landing import land
from tsnode.transaction.parts import carry_part
from tsnode.transaction.services import Errand, Services
from tsnode.transaction.status import Forwarded, describe_forwarded
from tsnode.transaction.via import Trace

__all__ = ["answer_from_parts"]

_MISFITS = frozenset({206, 304, 416})
"""Statuses of answers to what this node asked, that say nothing to the client about what it asked."""
_OUTDATING = frozenset({200, 404, 410})


def answer_from_parts(services: Services, errand: Errand, stored: Sequence[Alternate]) -> bool:
    """Answer with what stored parts have, and what is fetched to complete them; whether that can be done."""
    decided = decide_part_reuse(errand.facts, errand.request, stored, services.now(), errand.policy)
    match decided:
        case Held(alternate, wanted, offset):
            store = services.store
            code = "TCP_HIT" if store.ready(alternate) is None else "TCP_MEM_HIT"
            errand.reply.mark(code, "NONE", b"-")
            services.counters.cache_hit_fresh += 1
            services.counters.parts_served += 1
            content = store.open(alternate, offset, wanted.length)
            trace = Trace.HIT if code == "TCP_HIT" else Trace.MEMORY_HIT
            respond_with(services, errand, alternate, wanted, content, trace=trace)
            return True
        case Completion():
            errand = errand._replace(forwarded=Forwarded.PARTIAL)
            conditions = Conditions(asking_for(decided), NOT_ASKED_FOR)
            fetch_asking(services, errand, conditions, partial(_land_completed, services, errand, decided))
            return True
        case None:
            return False


def _land_completed(services: Services, errand: Errand, completion: Completion, answer: Answer, hop: Hop) -> None:
    """Join what came with what is held; where that does not fit, nothing that is held is used any more."""
    head = adjust(services, errand, answer.head)
    key = errand.facts.key
    decided = decide_completed(
        completion, errand.request, errand.facts, head, errand.policy, answer.request_time, answer.response_time
    )
    if decided is None:
        if head.status in _MISFITS:
            answer.content.close()
            services.store.discard(key, completion.alternate)
            fetch_alone(services, errand, None)
            return
        if head.status in _OUTDATING:
            services.store.discard(key, completion.alternate)
        land(services, errand, answer, hop)
        return
    services.counters.parts_completed += 1
    services.counters.cache_miss_changed += 1
    errand.reply.mark("TCP_MISS", hop.kind.value, hop.host)
    if not decided.kept:
        services.store.discard(key, completion.alternate)
    content = carry_part(services, errand, decided, answer.content, completion.wanted)
    respond_with(
        services, errand, decided.alternate, None if completion.whole else completion.wanted, content,
        trace=Trace.REPLACED if decided.kept else Trace.FETCHED, size=decided.holding.size,
        told=describe_forwarded(errand.settings, errand.forwarded, stored=decided.kept),
    )  # fmt: skip
