"""Under which key a request's answer is stored, on the long way and on the lane alike."""

from __future__ import annotations

from collections.abc import Callable

from tsnode.caching.dynamic import looks_dynamic
from tsnode.caching.policy import CachingPolicy
from tsnode.caching.request_facts import RequestFacts
from tsnode.model.errors import BadRequest
from tsnode.model.settings import ProxySettings
from tsnode.model.target import Target, cache_key, make_target, parse_authority, parse_target
from tsnode.routing.remap import Mapped, Unchanged
from tsnode.semantics.plain_get import PlainGet
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
    policy, settings, remap = services.policy, services.settings, services.remap

    def find(plain: PlainGet) -> Asked | None:
        if not policy.http or remap.depends_on_client:
            return None
        try:
            target = parse_target(b"GET", plain.target, plain.host or b"")
            decision = remap.map_request(target, absolute_form=plain.host is None, client="", port=port, method=b"GET")
            match decision:
                case Mapped(mapped):
                    host = plain.host if plain.host is not None else target.authority
                    keyed = keyed_target(mapped, host, settings.pristine_host)
                    sent = host if settings.pristine_host else mapped.authority
                    return _asked(mapped, keyed, sent, decision, policy, settings)
                case Unchanged():
                    return _asked(target, target, target.authority, None, policy, settings)
                case _:
                    return None
        except BadRequest:
            return None

    return find


def _asked(
    target: Target,
    keyed: Target,
    host: bytes,
    mapped: Mapped | None,
    policy: CachingPolicy,
    settings: ProxySettings,
) -> Asked | None:
    if not policy.cache_urls_that_look_dynamic and looks_dynamic(keyed.path):
        return None
    key = cache_key(keyed.url, policy.generation)
    facts = RequestFacts(b"GET", keyed.url, key, plain=True, bypass=None)
    return Asked(target, facts, host, mapped, policy, settings)
