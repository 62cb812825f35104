"""Under which key a request's answer is stored, on the long way and on the lane alike."""

from __future__ import annotations

from collections.abc import Callable

from tsnode.caching.dynamic import looks_dynamic
from tsnode.caching.overrides import fold_rules
from tsnode.caching.request_facts import RequestFacts
from tsnode.matching.request import see_request
from tsnode.model.errors import BadRequest
from tsnode.model.target import Target, cache_key, make_target, parse_authority, parse_target
from tsnode.routing.remap import Mapped, Unchanged
from tsnode.semantics.plain_get import PlainGet
from tsnode.transaction.regimes import Regime, Regimes
from tsnode.transaction.services import Asked, Services

__all__ = ["find_asked", "keyed_target"]


def keyed_target(mapped: Target, host: bytes, pristine_host: bool) -> Target:
    """
    The target whose URL is the key of a request that was mapped to ``mapped``.

    With ``proxy.config.url_remap.pristine_host_hdr`` the client's own Host is part of it.

    :raises BadRequest: where that is no host.
    """
    if not pristine_host or not host:
        return mapped
    name, port = parse_authority(host, 443 if mapped.scheme == b"https" else 80)
    return make_target(mapped.scheme, name, port, mapped.path)


def find_asked(services: Services, port: int) -> Callable[[PlainGet], Asked | None]:
    """
    What tells the lane what a plain GET that came in by ``port`` asks for, just as the long way would find it.

    It gives None where the long way decides by more than target and host, or would not look at the cache.
    """
    remap = services.remap

    def find(plain: PlainGet) -> Asked | None:
        if remap.depends_on_client:
            return None
        try:
            target = parse_target(b"GET", plain.target, plain.host or b"")
            decision = remap.map_request(target, absolute_form=plain.host is None, client="", port=port, method=b"GET")
            # a tuple: making a union of two classes takes longer than asking about them
            if not isinstance(decision, (Mapped, Unchanged)):
                return None
            regime = _steady_regime(services.regimes, decision, plain, target, port)
            if regime is None or not regime.policy.http or regime.policy.never_cache:
                return None
            if isinstance(decision, Unchanged):
                return _asked(target, target, target.authority, None, regime)
            host = plain.host if plain.host is not None else target.authority
            pristine = regime.settings.pristine_host
            keyed = keyed_target(decision.target, host, pristine)
            return _asked(decision.target, keyed, host if pristine else decision.target.authority, decision, regime)
        except BadRequest:
            return None

    return find


def _steady_regime(
    regimes: Regimes, decision: Mapped | Unchanged, plain: PlainGet, target: Target, port: int
) -> Regime | None:
    """What holds for every plain GET that is the same as far as the lane can tell; None where more decides."""
    regime = regimes.of(decision)
    if not regimes.rules.rules:
        return regime
    goal = decision.target if isinstance(decision, Mapped) else target
    # rules see a URL that was not changed as it was written
    written = plain.target if isinstance(decision, Unchanged) and plain.host is None else b""
    rules = regimes.rules.all_steady(see_request(goal, method=b"GET", client="", url=written, local_port=port))
    return None if rules is None else regimes.under(regime, fold_rules(rules))


def _asked(
    target: Target,
    keyed: Target,
    host: bytes,
    mapped: Mapped | None,
    regime: Regime,
) -> Asked | None:
    policy = regime.policy
    if not policy.looks_up_dynamic and looks_dynamic(keyed.path):
        return None
    key = cache_key(keyed.url, policy.generation)
    facts = RequestFacts(b"GET", keyed.url, key, plain=True, bypass=None)
    return Asked(target, facts, host, mapped, regime)
