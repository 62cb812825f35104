"""The switches and figures that caching decisions depend on (http-caching variables of records.config)."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["CachingPolicy", "DefaultVariation", "Variation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultVariation:
    """The request fields, lower case, by which answers without Vary vary, by their type (``vary_default_text`` …)."""

    text: tuple[bytes, ...] = ()
    images: tuple[bytes, ...] = ()
    other: tuple[bytes, ...] = ()

    def for_type(self, content_type: bytes | None) -> tuple[bytes, ...]:
        """Those for an answer of that Content-Type."""
        media = (content_type or b"").lower()
        if media.startswith(b"text/"):
            return self.text
        return self.images if media.startswith(b"image/") else self.other


@dataclass(frozen=True, slots=True, kw_only=True)
class Variation:
    """
    How the alternates of a URL are told apart, apart from Vary.

    ``accept``, ``language``, ``encoding`` and ``charset`` are ``ignore_accept_mismatch`` and its companions: 0
    compares, 1 ignores, 2 compares where the answer has Vary. ``select`` is ``cache.select_alternate``.
    """

    accept: int = 2
    language: int = 2
    encoding: int = 2
    charset: int = 2
    select: bool = True
    on_user_agent: bool = False             # cache.vary_on_user_agent
    one_user_agent: bool = False            # http.global_user_agent_header is set: clients' own do not matter
    defaults: DefaultVariation | None = None  # enable_default_vary_headers and its lists

    differs: bool = field(init=False, compare=False)
    """Whether anything but Vary itself says which fields select."""
    compares: bool = field(init=False, compare=False)
    """Whether answers without Vary are compared with what requests accept."""

    def __post_init__(self) -> None:
        differs = self.on_user_agent or self.one_user_agent or self.defaults is not None or self.encoding == 1
        object.__setattr__(self, "differs", differs)
        modes = (self.accept, self.language, self.encoding, self.charset)
        object.__setattr__(self, "compares", self.select and 0 in modes)


@dataclass(frozen=True, slots=True, kw_only=True)
class CachingPolicy:
    """
    Each attribute is the variable ``proxy.config.http.cache.<name>`` unless its comment names another, or a directive
    of cache.config. What rules of remap.config and cache.config say for a request makes another policy for that.

    Durations are seconds. Defaults are the node's own, the guide's where it differs from Traffic Server 9.2.
    """

    http: bool = True
    generation: int = -1
    ignore_client_no_cache: bool = False
    ignore_client_cc_max_age: bool = False
    ims_on_client_no_cache: bool = True
    ignore_server_no_cache: bool = False
    cache_responses_to_cookies: int = 3
    store_set_cookie: bool = False          # tsnode.http.cache.store_set_cookie
    ignore_authentication: bool = False
    cache_urls_that_look_dynamic: bool = True
    post_method: bool = False
    when_to_revalidate: int = 0
    required_headers: int = 0
    max_stale_age: float = 604800.0
    range_lookup: bool = True               # http.cache.range.lookup
    range_write: bool = False               # http.cache.range.write
    allow_multi_range: int = 0              # http.allow_multi_range
    store_parts: bool = True                # tsnode.http.cache.store_parts
    heuristic_min_lifetime: float = 3600.0
    heuristic_max_lifetime: float = 86400.0
    heuristic_lm_factor: float = 0.10
    fuzz_time: float = 0.0                  # http.cache.fuzz.time
    fuzz_min_time: float = 0.0              # http.cache.fuzz.min_time
    fuzz_probability: float = 0.0           # http.cache.fuzz.probability
    doc_in_cache_skip_dns: bool = True      # http.doc_in_cache_skip_dns
    guaranteed_min_lifetime: float = 0.0
    guaranteed_max_lifetime: float = 31536000.0
    negative_caching_enabled: bool = False  # http.negative_caching_enabled
    negative_caching_lifetime: float = 1800.0  # http.negative_caching_lifetime
    negative_caching_list: frozenset[int] = frozenset(  # http.negative_caching_list
        {204, 305, 403, 404, 414, 500, 501, 502, 503, 504}
    )
    negative_revalidating_enabled: bool = False  # http.negative_revalidating_enabled
    negative_revalidating_lifetime: float = 1800.0  # http.negative_revalidating_lifetime
    variation: Variation = Variation()
    warning_agent: bytes = b"tsnode"        # http.response_via_str
    targeted_fields: tuple[bytes, ...] = (  # http.cache.targeted_cache_control_headers; lower case, in their order
        b"cdn-cache-control",
    )
    never_cache: bool = False               # cache.config never-cache
    ttl_in_cache: float = 0.0               # cache.config ttl-in-cache; 0 is none
    revalidate_after: float | None = None   # cache.config revalidate
    permit_pinning: bool = False            # cache.permit.pinning: pin_in_cache is set only where it is
    pin_in_cache: float = 0.0               # cache.config pin-in-cache; 0 is none

    @property
    def looks_up_dynamic(self) -> bool:
        """Whether the cache is looked at even for URLs that look dynamic; ttl-in-cache stores these as well."""
        return self.cache_urls_that_look_dynamic or self.ttl_in_cache > 0
