"""Following redirects in the place of the client."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol, assert_never

from twisted.python.failure import Failure

from tsnode.caching.request_facts import NotLookupable
from tsnode.caching.revalidation import Conditions
from tsnode.hierarchy.next_hop import plan_hops
from tsnode.model.addresses import parse_address
from tsnode.model.errors import BadGateway, PeerError
from tsnode.model.messages import Sized
from tsnode.model.neighbors import Hop
from tsnode.model.redirects import RedirectAction, Redirects, class_of
from tsnode.model.target import make_target
from tsnode.ports import Answer
from tsnode.routing.redirects import Redirection, find_redirection
from tsnode.transaction.copied import Copied
from tsnode.transaction.joined import Whole
from tsnode.transaction.services import Errand, Services

__all__ = ["Followed", "Trail", "keep_copy"]

_AS_IT_IS = Conditions((), frozenset())
_READING = frozenset({b"GET", b"HEAD"})


class Followed(Protocol):
    """The fetch that meets redirects. It is told the end of the trail as it would be of its own answer."""

    @property
    def errand(self) -> Errand:
        """The request that redirects lead on."""

    @property
    def abandoned(self) -> bool:
        """Nobody waits for an answer any more."""

    def send_on(self, asked: Errand, conditions: Conditions, landing: Callable[[Answer, Hop], None]) -> None:
        """Ask for something else; ``landing`` takes what comes, failures are the fetch's own."""

    def arrive(self, errand: Errand, answer: Answer, hop: Hop) -> None:
        """Bring the answer that counts to those who wait."""

    def give_up(self, error: PeerError) -> None:
        """There is no answer."""

    def broken(self, failure: Failure) -> None:
        """A defect of ours."""


def keep_copy(errand: Errand) -> Errand:
    """The errand with a content that can be sent once more, where it has one and redirects are followed."""
    content, redirects = errand.content, errand.settings.redirects
    if content is None or redirects is None or isinstance(content, Copied):
        return errand
    return errand._replace(content=Copied(content, redirects.copied))


class Trail:
    """
    The redirects that one request meets.

    What is at their end counts as the answer to the request: it is stored under the URL that was asked for. Where a
    redirect is not followed, because it is one too many, leads to where none may lead, or because the content to send
    again was not kept, it is the answer.

    Each step goes to the address that was judged, not to its name, which might have another one a moment later.

    Source: Traffic Server, ``proxy.config.http.number_of_redirections``, ``proxy.config.http.redirect.actions``.
    """

    __slots__ = ("_asked", "_fetch", "_left", "_redirects", "_services", "_target")

    def __init__(self, services: Services, fetch: Followed, redirects: Redirects) -> None:
        self._services = services
        self._fetch = fetch
        self._redirects = redirects
        self._left = redirects.most
        self._asked = fetch.errand
        self._target = fetch.errand.target

    def arrived(self, answer: Answer, hop: Hop) -> None:
        """Go on where ``answer`` is a redirect to be followed, else end with it."""
        found = None
        if self._left:
            found = find_redirection(self._asked.request, self._target, answer.head)
        if found is None or (found.with_content and self._copy() is None):
            self._end(answer, hop)
            return
        self._left -= 1
        there: Redirection = found

        def judge(addresses: Sequence[str]) -> None:
            self._judge(there, addresses[0], answer, hop)

        def unknown(failure: Failure) -> None:
            failure.trap(PeerError)
            self._end(answer, hop)

        resolving = self._services.resolver.resolve(plan_hops(there.target)[0].host)
        resolving.addCallbacks(judge, unknown)
        resolving.addErrback(self._fetch.broken)

    def _copy(self) -> bytes | None:
        content: object = self._asked.content
        return content.whole if isinstance(content, Copied) else None

    def _judge(self, found: Redirection, literal: str, answer: Answer, hop: Hop) -> None:
        fetch = self._fetch
        if fetch.abandoned:
            answer.content.close()
            return
        address = parse_address(literal)
        action = RedirectAction.RETURN
        if address is not None:
            action = self._redirects.action_for(class_of(address, self._services.own_addresses.is_own))
        match action:
            case RedirectAction.FOLLOW:
                answer.content.close()
                self._services.counters.redirects_followed += 1
                self._go(found, literal)
            case RedirectAction.RETURN:
                self._end(answer, hop)
            case RedirectAction.REJECT:
                answer.content.close()
                problem = "the answer leads to where this node does not follow"
                fetch.give_up(
                    PeerError(problem, status=403, reason=b"Access Denied", kind=b"destination_ip_prohibited")
                )
            case impossible:
                assert_never(impossible)

    def _go(self, found: Redirection, literal: str) -> None:
        request, target = found.request, found.target
        content = None
        copy = self._copy() if found.with_content else None
        if copy is not None:
            request = replace(request, framing=Sized(len(copy)))
            content = Copied(Whole(copy), len(copy)) if copy else None
        self._target = target
        self._asked = self._asked._replace(
            request=request,
            target=make_target(target.scheme, literal.encode("ascii"), target.port, target.path),
            host=target.authority,
            content=content,
        )
        self._fetch.send_on(self._asked, _AS_IT_IS, self.arrived)

    def _end(self, answer: Answer, hop: Hop) -> None:
        errand = self._fetch.errand
        status = answer.head.status
        if self._asked is not errand:
            if status == 304 and self._asked.request.method in _READING:
                answer.content.close()
                problem = "the answer says that nothing has changed, which nobody asked"
                self._fetch.give_up(BadGateway(problem, reason=b"Malformed Server Response"))
                return
            if status == 206:
                # it is a part of what is there now, and the redirect may lead elsewhere the next time
                errand = errand._replace(facts=replace(errand.facts, plain=False, bypass=NotLookupable.RANGE))
        self._fetch.arrive(errand, answer, hop)
