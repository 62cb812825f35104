"""Which way a request goes, as far as the request and the configuration tell; carried out by others."""

from __future__ import annotations

from enum import Enum
from typing import Literal, assert_never

from tsnode.caching.request_facts import RequestFacts, read_facts
from tsnode.matching.request import Lookup, RuleRequest, see_request
from tsnode.model.errors import BadRequest, PeerError
from tsnode.model.messages import RequestHead, Sized
from tsnode.model.settings import ProxySettings
from tsnode.model.target import Target
from tsnode.routing.remap import Decision, Denied, Mapped, RemapTable, Unchanged, Unmapped
from tsnode.semantics.accept_encoding import normalize_accept_encoding
from tsnode.semantics.via import has_been_here
from tsnode.transaction.keys import keyed_target
from tsnode.transaction.local import is_last_stop
from tsnode.transaction.regimes import Regime

__all__ = [
    "LoopFound",
    "MethodDenied",
    "Step",
    "check_request",
    "choose_step",
    "follow_mapping",
    "map_head",
    "normalized",
    "refuse_mapping",
    "refuse_method",
    "see_mapped",
    "stops_here",
]

_UNMAPPED = "no rule of remap.config is for this URL; clients that want a forward proxy name this node as their proxy"

_DENIED = b"http_request_denied"
_NEED_LENGTH = frozenset({b"POST", b"PUT", b"PUSH"})


class Step(Enum):
    """What is done with a request that nothing keeps out; the value says it to people."""

    TUNNEL = "it is connected with where it wants to go"
    TRACE = "it is sent back as it came"
    OPTIONS = "it is told what this node takes"
    PURGE = "what is stored under its key is dropped"
    PUSH = "what it brings is stored"
    UPGRADE = "it is fetched past the cache, since the client wants another protocol"
    LOOK_UP = "the cache is looked at"
    FETCH = "it is fetched past the cache"


class LoopFound(BadRequest):
    """The request has come through this node before."""

    reason = b"Cycle Detected"
    kind = b"proxy_loop_detected"


class MethodDenied(PeerError):
    """ip_allow does not permit the client this method."""

    status = 403
    reason = b"Access Denied"
    kind = _DENIED


def check_request(request: RequestHead, has_content: bool, settings: ProxySettings) -> None:
    """
    Turn away what would be turned away wherever it went.

    :raises PeerError: where it is.
    """
    fields = request.fields
    if request.method == b"PUSH" and not settings.push_enabled:
        raise PeerError("PUSH is not enabled here", status=403, reason=b"Access Denied", kind=_DENIED)
    if b"via" in fields and has_been_here(fields, settings.via_name):
        raise LoopFound("the request has been here before: nodes ask each other in a circle")
    most = settings.limits.request_content
    if has_content and most and isinstance(request.framing, Sized) and request.framing.length > most:
        raise BadRequest("the content is too large", status=413, reason=b"Request Entity Too Large")
    needed = request.method in _NEED_LENGTH and settings.require_length
    if needed and not has_content and b"content-length" not in fields:
        raise BadRequest("no length is given for the content", status=411, reason=b"Content Length Required")


def refuse_method() -> MethodDenied:
    """What a client is told whose method ip_allow does not permit."""
    return MethodDenied("this client may not use this method here")


def stops_here(request: RequestHead) -> Literal[Step.TUNNEL, Step.TRACE, Step.OPTIONS] | None:
    """What is done with a request that mapping has no part in; None where it has."""
    method = request.method
    if method == b"CONNECT":
        return Step.TUNNEL
    if (method == b"TRACE" or method == b"OPTIONS") and is_last_stop(request):
        return Step.TRACE if method == b"TRACE" else Step.OPTIONS
    return None


def map_head(remap: RemapTable, request: RequestHead, target: Target, client: str, port: int) -> Decision:
    """What remap.config makes of a request for ``target`` that came in by ``port``."""
    return remap.map_request(
        target,
        absolute_form=request.target[:1] != b"/" and request.target != b"*",
        client=client,
        port=port,
        method=request.method,
        referer=request.fields.get(b"referer"),
    )


def normalized(request: RequestHead, settings: ProxySettings) -> RequestHead:
    """
    The request with its Accept-Encoding as ``proxy.config.http.normalize_ae`` has it, for the cache and the next hop.

    It is the very same one where nothing is to be changed.
    """
    value = request.fields.get(b"accept-encoding")
    if value is None:
        return request
    wanted = normalize_accept_encoding(value, settings.normalize_ae)
    if wanted == value:
        return request
    fields = request.fields
    changed = fields.without((b"accept-encoding",)) if wanted is None else fields.replaced(b"Accept-Encoding", wanted)
    return RequestHead(
        request.method, request.target, request.version, changed, request.framing, request.host, request.persistent
    )


def follow_mapping(
    decision: Mapped | Unchanged, request: RequestHead, target: Target, regime: Regime
) -> tuple[RequestFacts, bytes]:
    """
    What a request says about caching where it goes, and the Host field that the next hop gets.

    :raises BadRequest: where the client's Host is to be part of the key and is no host.
    """
    if isinstance(decision, Unchanged):
        return read_facts(request, target, regime.policy), target.authority
    mapped = decision.target
    pristine = regime.settings.pristine_host
    facts = read_facts(request, keyed_target(mapped, request.host, pristine), regime.policy)
    return facts, (request.host if pristine else b"") or mapped.authority


def refuse_mapping(decision: Denied | Unmapped) -> PeerError:
    """What a client is told that remap.config keeps out."""
    match decision:
        case Denied():
            return PeerError("a mapping rule keeps this request out", status=403, reason=b"Access Denied", kind=_DENIED)
        case Unmapped(status, reason):
            return PeerError(_UNMAPPED, status=status, reason=reason, kind=b"destination_not_found")
        case impossible:
            assert_never(impossible)


def see_mapped(
    decision: Mapped | Unchanged,
    request: RequestHead,
    target: Target,
    *,
    client: str,
    port: int,
    time_of_day: int,
    lookup: Lookup,
) -> RuleRequest:
    """
    What the rules of cache.config and parent.config see of a request for ``target``, which goes on to where it goes.

    Expressions see a URL that no rule changed as the client wrote it.
    """
    written = request.target if isinstance(decision, Unchanged) and request.target[:1] != b"/" else b""
    return see_request(
        target,
        method=request.method,
        client=client,
        url=written,
        local_port=port,
        time_of_day=time_of_day,
        lookup=lookup,
    )


def choose_step(
    request: RequestHead, facts: RequestFacts
) -> Literal[Step.PURGE, Step.PUSH, Step.UPGRADE, Step.LOOK_UP, Step.FETCH]:
    """What is done with a request that remap.config lets go on."""
    method = request.method
    if method == b"PURGE" or (method == b"DELETE" and is_last_stop(request)):
        return Step.PURGE
    if method == b"PUSH":
        # it is for this cache alone: no origin must ever see it
        return Step.PUSH
    if b"upgrade" in request.fields and _wants_upgrade(request):
        return Step.UPGRADE
    return Step.LOOK_UP if facts.bypass is None else Step.FETCH


def _wants_upgrade(request: RequestHead) -> bool:
    named = request.fields.get(b"connection") or b""
    return b"upgrade" in [name.strip().lower() for name in named.split(b",")] and request.version >= 11
