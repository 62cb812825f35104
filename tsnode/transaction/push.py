"""PUSH: an answer that a client brings, and that is stored as if its origin had given it."""

from __future__ import annotations

from collections.abc import Sequence

from twisted.python.failure import Failure

from tsnode.caching.alternates import suits
from tsnode.caching.request_facts import RequestFacts, read_facts
from tsnode.caching.storing import DoNotStore, decide_storing
from tsnode.model.alternate import Alternate
from tsnode.model.errors import BadGateway, PeerError, StoreError
from tsnode.model.fields import Fields
from tsnode.model.messages import EMPTY, RequestHead, ResponseHead
from tsnode.model.target import parse_target
from tsnode.ports import Flow, IFill
from tsnode.semantics.hop_by_hop import end_to_end
from tsnode.semantics.reader import Content, ReaderLimits, ResponseReader
from tsnode.transaction.answers import adjust, turn_away
from tsnode.transaction.refusal import begin_head
from tsnode.transaction.services import Errand, Services
from tsnode.transaction.status import describe_local
from tsnode.transaction.storing_on import supersede

__all__ = ["store_pushed"]

_OF_THE_PUSH = frozenset({b"content-length", b"content-type", b"expect"})
_CONTINUE = ResponseHead(11, 100, b"Continue", Fields(), EMPTY, True)
_BAD_LENGTH = b"Bad Content Length"


def store_pushed(services: Services, errand: Errand) -> None:
    """
    Store what a PUSH brings: 201, or 200 where it takes the place of something; 400 where it is not stored.

    The content of the request is a whole answer, head and content, to a GET for the same URL with the other fields of
    the request. Nothing is stored unless both lengths are right to the octet, and no origin is asked.

    Source: Traffic Server, "Pushing Content into the Cache"; ``HttpTransact::HandleCacheOpenReadPush``.
    """
    store = services.store
    if store.knows_all:
        _Push(services, errand).start(store.peek(errand.facts.key))
        return
    finding = store.find(errand.facts.key)
    finding.addCallback(_Push(services, errand).start)
    finding.addErrback(errand.reply.broken)


def _as_get(errand: Errand) -> tuple[RequestHead, RequestFacts]:
    """The request that the pushed answer is one to."""
    pushed = errand.request
    fields = end_to_end(pushed.fields).without(_OF_THE_PUSH)
    request = RequestHead(b"GET", pushed.target, pushed.version, fields, EMPTY, pushed.host, pushed.persistent)
    return request, read_facts(request, parse_target(b"GET", errand.facts.url, b""), errand.policy)


def _refusal(reason: bytes, problem: str) -> PeerError:
    return PeerError(problem, status=400, reason=reason, kind=b"http_request_error")


class _Push:
    """One PUSH on its way into the store; it holds no more than the head and what the store does not take yet."""

    __slots__ = (
        "_alternate", "_asked", "_closed", "_complete", "_content", "_errand", "_fill", "_first", "_over", "_reader",
        "_replaces", "_services", "_written",
    )  # fmt: skip

    def __init__(self, services: Services, errand: Errand) -> None:
        limits = errand.settings.limits
        self._services = services
        self._content = errand.content
        self._asked = errand.request
        request, facts = _as_get(errand)
        self._errand = errand._replace(request=request, facts=facts)
        self._reader = ResponseReader(ReaderLimits(head=limits.response_head, line=limits.response_head))
        self._reader.expect(b"GET")
        self._alternate: Alternate | None = None
        self._fill: IFill | None = None
        self._first = b""
        self._written = 0
        self._closed = False
        self._replaces = False
        self._complete = False
        self._over = False

    def start(self, stored: Sequence[Alternate]) -> None:
        """Begin, knowing what is ``stored`` under the key."""
        errand, reply = self._errand, self._errand.reply
        if reply.gone:
            return
        self._replaces = any(suits(alternate, errand.request, errand.policy) for alternate in stored)
        if errand.facts.bypass is not None:
            self._give_up(_refusal(b"Request Not Cacheable", "nothing is looked up or stored under this URL here"))
        elif self._content is None:
            self._give_up(_refusal(_BAD_LENGTH, "the request has no content, where the answer to be stored should be"))
        else:
            reply.when_gone(self._client_left)
            if b"expect" in self._asked.fields:
                # there is no origin that could say so
                reply.inform(_CONTINUE)
            self._run()

    def _run(self) -> None:
        """Carry what there is, and come back when there is more."""
        try:
            while not self._over and self._step():
                pass
        except PeerError as fault:
            self._give_up(fault)
        except Exception:  # noqa: BLE001  # whatever it is, the client must not wait for ever
            self._over = True
            self._errand.reply.broken(Failure())

    def _step(self) -> bool:
        """
        Do the next thing; whether another can be done at once.

        :raises PeerError: where the answer is not one that can be stored.
        """
        try:
            event = self._reader.next()
        except BadGateway as fault:
            raise self._judge(fault) from fault
        if event is None:
            return self._take()
        if isinstance(event, ResponseHead):
            self._begin(event)
        elif isinstance(event, Content):
            return self._write(event)
        else:
            self._complete = True
        return True

    def _judge(self, fault: BadGateway) -> PeerError:
        """What is wrong with an answer that cannot be read, or is not all there."""
        if self._alternate is not None:
            return _refusal(_BAD_LENGTH, f"the content is not as long as its own head says: {fault}")
        if self._closed and b"HTTP/".startswith(self._first):
            return _refusal(_BAD_LENGTH, "the request ends before the head of the answer to be stored does")
        return _refusal(b"Malformed Pushed Response Header", f"no answer to be stored can be read: {fault}")

    def _take(self) -> bool:
        """Bring more of the request's content to the reader; whether there was more."""
        content = self._content
        assert content is not None, "looked at when it began"
        octets = content.take()
        if self._complete and (octets is not None or self._reader.buffered):
            raise _refusal(_BAD_LENGTH, "the request goes on behind the end of the answer to be stored")
        if octets is not None:
            self._first = self._first or bytes(octets[:5])
            self._reader.receive(bytes(octets))
            return True
        match content.flow:
            case Flow.OPEN:
                content.notify(self._run)
            case Flow.FAILED:
                raise _refusal(b"Cache Error", f"the content did not come whole: {content.failure}")
            case Flow.ENDED:
                if self._complete:
                    self._finish()
                    return False
                self._closed = True
                self._reader.close()
                return True
        return False

    def _begin(self, head: ResponseHead) -> None:
        if head.status < 200:
            raise _refusal(b"Malformed Pushed Response Header", "an interim answer cannot be stored")
        services, errand = self._services, self._errand
        now = services.now()
        storing = decide_storing(
            errand.request, errand.facts, adjust(services, errand, head), errand.policy, now, now
        )
        if isinstance(storing, DoNotStore):
            raise _refusal(b"Response Not Cacheable", f"the answer is not stored: {storing.because.value}")
        self._alternate = storing.alternate
        self._fill = services.store.begin(errand.facts.key, storing.alternate, None)
        if self._fill is None:
            raise _not_taken()
        self._fill.when_unread(self._dropped)
        self._complete = head.framing is EMPTY

    def _dropped(self, kept: bool) -> None:
        """Nobody reads a pushed content, so that this matters only where the store keeps it no longer."""
        if not kept:
            self._give_up(_not_taken())

    def _write(self, event: Content) -> bool:
        fill = self._fill
        assert fill is not None, "content comes behind the head"
        self._written += len(event.octets)
        if fill.write(event.octets):
            return True
        fill.when_drained(self._run)
        return False

    def _finish(self) -> None:
        """Both lengths are right: from now on it is there."""
        services, errand, fill, alternate = self._services, self._errand, self._fill, self._alternate
        assert fill is not None, "it began before it was complete"
        assert alternate is not None, "it began before it was complete"
        supersede(services, errand)
        fill.commit()
        store = services.store
        if store.knows_all and not any(
            suits(other, errand.request, errand.policy) and other.response_time == alternate.response_time
            for other in store.peek(errand.facts.key)
        ):
            raise _not_taken()
        self._over = True
        counters = services.counters
        counters.cache_writes += 1
        counters.pushed_document_total_size += self._written
        errand.reply.mark("TCP_MISS", "NONE", b"-")
        status = 200 if self._replaces else 201
        head = begin_head(status, services.now(), told=describe_local(services.settings))
        errand.reply.respond(status, head, 0, None)

    def _client_left(self) -> None:
        if not self._over:
            self._drop("the client left")

    def _give_up(self, fault: PeerError) -> None:
        if self._over:
            return
        self._drop(str(fault))
        # the rest of what was being brought is no request
        self._errand.reply.close_after_answer()
        turn_away(self._services, self._errand.reply, fault)

    def _drop(self, because: str) -> None:
        self._over = True
        if self._fill is not None:
            self._fill.abort(StoreError(because))
        if self._content is not None:
            self._content.close()


def _not_taken() -> PeerError:
    return _refusal(b"Cache Write Failed", "the store does not take it: it is too large, or there is no room")
