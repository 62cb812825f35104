"""Under which key a request's answer is stored, on the long way and on the lane alike."""

from __future__ import annotations

from collections.abc import Callable

from tsnode.caching.dynamic import looks_dynamic
from tsnode.model.errors import BadRequest
from tsnode.model.target import CacheKey, Target, cache_key, make_target, parse_authority, parse_target
from tsnode.routing.remap import Mapped, Unchanged
from tsnode.semantics.plain_get import PlainGet
from tsnode.transaction.services import Services

__all__ = ["find_plain_key", "keyed_target"]


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


def find_plain_key(services: Services, port: int) -> Callable[[PlainGet], CacheKey | None]:
    """
    What tells the lane the key of a plain GET that came in by ``port``.

    It gives None where the long way decides by more than target and host, or would not look at the cache.
    """
    policy, settings, remap = services.policy, services.settings, services.remap

    def find(plain: PlainGet) -> CacheKey | None:
        if not policy.http or remap.depends_on_client:
            return None
        host = plain.host or b""
        try:
            target = parse_target(b"GET", plain.target, host)
            absolute = plain.target[:1] != b"/"
            decision = remap.map_request(target, absolute_form=absolute, client="", port=port, method=b"GET")
            match decision:
                case Mapped(mapped):
                    target = keyed_target(mapped, host, settings.pristine_host)
                case Unchanged():
                    pass
                case _:
                    return None
        except BadRequest:
            return None
        if not policy.cache_urls_that_look_dynamic and looks_dynamic(target.path):
            return None
        return cache_key(target.url, policy.generation)

    return find
