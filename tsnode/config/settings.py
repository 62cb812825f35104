"""From the values of variables to the settings of each part of the node."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tsnode.caching.policy import CachingPolicy, DefaultVariation, Variation
from tsnode.config.cursor import Span
from tsnode.config.reading import Findings, Reading
from tsnode.config.records import Records, Setting, SettingSource
from tsnode.config.redirect_actions import parse_redirect_actions
from tsnode.config.server_ports import parse_port_ranges, parse_server_ports
from tsnode.model.redirects import Redirects
from tsnode.model.settings import Limits, ListenPort, ProxySettings, Retries, Sharing, StoreSettings, Timeouts
from tsnode.routing.access import EVERYTHING, NOTHING, Allowed
from tsnode.routing.rules import Override

__all__ = ["read_caching", "read_overridden", "read_ports", "read_proxy", "read_store", "read_withheld"]

_P = "proxy.config."
_HTTP = "proxy.config.http."
_CACHE = "proxy.config.http.cache."
_OURS = "proxy.config.tsnode."
_LOG = "squid.log"
_FILTERED = (
    b"CONNECT", b"DELETE", b"GET", b"HEAD", b"ICP_QUERY", b"OPTIONS", b"POST", b"PURGE", b"PUT", b"TRACE", b"PUSH",
)  # fmt: skip
_FILTER_ALLOWS = 1 << 31
_FILTER_METHODS = (1 << 12) - 1


def _written(setting: Setting) -> Span:
    """The text of a STRING variable, with its place."""
    if setting.source is SettingSource.DEFAULT:
        return Span(str(setting.value), setting.written.place)
    return setting.written


def read_ports(records: Records) -> Reading[tuple[ListenPort, ...]]:
    """Where to listen."""
    return parse_server_ports(_written(records.setting(_HTTP + "server_ports")))


def read_store(records: Records) -> StoreSettings:
    """What the cache store is told."""
    return StoreSettings(
        name=records.text(_OURS + "store"),
        size=records.integer(_P + "cache.ram_cache.size"),
        cutoff=records.integer(_P + "cache.ram_cache_cutoff"),
        max_alts=records.integer(_P + "cache.limits.http.max_alts"),
        longest=records.integer(_P + "cache.max_doc_size"),
        pinned_share=records.integer(_OURS + "cache.pinned_share") / 100,
    )


def read_caching(records: Records) -> Reading[CachingPolicy]:
    """What caching decisions depend on."""
    findings = Findings()
    negative = _written(records.setting(_HTTP + "negative_caching_list"))
    flag, integer = records.flag, records.integer
    return findings.reading(CachingPolicy(
        http=flag(_CACHE + "http"),
        permit_pinning=flag(_P + "cache.permit.pinning"),
        generation=integer(_CACHE + "generation"),
        ignore_client_no_cache=flag(_CACHE + "ignore_client_no_cache"),
        ignore_client_cc_max_age=flag(_CACHE + "ignore_client_cc_max_age"),
        ims_on_client_no_cache=flag(_CACHE + "ims_on_client_no_cache"),
        ignore_server_no_cache=flag(_CACHE + "ignore_server_no_cache"),
        cache_responses_to_cookies=integer(_CACHE + "cache_responses_to_cookies"),
        store_set_cookie=flag(_OURS + "http.cache.store_set_cookie"),
        ignore_authentication=flag(_CACHE + "ignore_authentication"),
        cache_urls_that_look_dynamic=flag(_CACHE + "cache_urls_that_look_dynamic"),
        post_method=flag(_CACHE + "post_method"),
        when_to_revalidate=integer(_CACHE + "when_to_revalidate"),
        required_headers=integer(_CACHE + "required_headers"),
        max_stale_age=float(integer(_CACHE + "max_stale_age")),
        range_lookup=flag(_CACHE + "range.lookup"),
        range_write=flag(_CACHE + "range.write"),
        allow_multi_range=integer(_HTTP + "allow_multi_range"),
        store_parts=flag(_OURS + "http.cache.store_parts"),
        heuristic_min_lifetime=float(integer(_CACHE + "heuristic_min_lifetime")),
        heuristic_max_lifetime=float(integer(_CACHE + "heuristic_max_lifetime")),
        heuristic_lm_factor=records.decimal(_CACHE + "heuristic_lm_factor"),
        fuzz_time=float(integer(_CACHE + "fuzz.time")),
        fuzz_min_time=float(integer(_CACHE + "fuzz.min_time")),
        fuzz_probability=records.decimal(_CACHE + "fuzz.probability"),
        doc_in_cache_skip_dns=flag(_HTTP + "doc_in_cache_skip_dns"),
        guaranteed_min_lifetime=float(integer(_CACHE + "guaranteed_min_lifetime")),
        guaranteed_max_lifetime=float(integer(_CACHE + "guaranteed_max_lifetime")),
        variation=_read_variation(records),
        negative_caching_enabled=flag(_HTTP + "negative_caching_enabled"),
        negative_caching_lifetime=float(integer(_HTTP + "negative_caching_lifetime")),
        negative_caching_list=findings.take(_read_statuses(negative)),
        negative_revalidating_enabled=flag(_HTTP + "negative_revalidating_enabled"),
        negative_revalidating_lifetime=float(integer(_HTTP + "negative_revalidating_lifetime")),
        warning_agent=records.text(_HTTP + "response_via_str").encode(),
        targeted_fields=_read_names(records.text(_CACHE + "targeted_cache_control_headers")),
    ))  # fmt: skip


def _read_names(text: str) -> tuple[bytes, ...]:
    """Field names with commas or blanks between them, in lower case, once each."""
    return tuple(dict.fromkeys(text.lower().encode().replace(b",", b" ").split()))


def _read_statuses(value: Span) -> Reading[frozenset[int]]:
    """Status codes with blanks or commas between them; what is none is left out."""
    findings = Findings()
    statuses = set()
    for word in value.pieces(" \t,"):
        if len(word.text) == 3 and word.text.isdecimal() and 100 <= int(word.text) < 600:
            statuses.add(int(word.text))
        elif word.text:
            findings.errors.append(word.error(f"{word.text!r} is no status code", "100 to 599"))
    return findings.reading(frozenset(statuses))


def _read_variation(records: Records) -> Variation:
    integer, flag = records.integer, records.flag
    defaults = None
    if flag(_CACHE + "enable_default_vary_headers"):
        lists = [_names(records.text(f"{_CACHE}vary_default_{kind}")) for kind in ("text", "images", "other")]
        defaults = DefaultVariation(text=lists[0], images=lists[1], other=lists[2])
    return Variation(
        accept=integer(_CACHE + "ignore_accept_mismatch"),
        language=integer(_CACHE + "ignore_accept_language_mismatch"),
        encoding=integer(_CACHE + "ignore_accept_encoding_mismatch"),
        charset=integer(_CACHE + "ignore_accept_charset_mismatch"),
        select=flag(_P + "cache.select_alternate"),
        on_user_agent=flag(_P + "cache.vary_on_user_agent"),
        one_user_agent=bool(records.text(_HTTP + "global_user_agent_header")),
        defaults=defaults,
    )


def _names(text: str) -> tuple[bytes, ...]:
    """The names of a list with commas, lower case, once each."""
    names = (name.strip().lower().encode() for name in text.split(","))
    return tuple(dict.fromkeys(filter(None, names)))


def _read_timeouts(records: Records) -> Timeouts:
    def seconds(name: str) -> float:
        return float(records.integer(name))

    return Timeouts(
        accept=seconds(_HTTP + "accept_no_activity_timeout"),
        keep_alive_in=seconds(_HTTP + "keep_alive_no_activity_timeout_in"),
        keep_alive_out=seconds(_HTTP + "keep_alive_no_activity_timeout_out"),
        inactivity_in=seconds(_HTTP + "transaction_no_activity_timeout_in"),
        inactivity_out=seconds(_HTTP + "transaction_no_activity_timeout_out"),
        active_in=seconds(_HTTP + "transaction_active_timeout_in"),
        active_out=seconds(_HTTP + "transaction_active_timeout_out"),
        connect=seconds(_HTTP + "connect_attempts_timeout"),
        post_connect=seconds(_HTTP + "post_connect_attempts_timeout"),
        background_fill=seconds(_HTTP + "background_fill_active_timeout"),
        shutdown_grace=seconds(_OURS + "shutdown_grace"),
    )


def _read_sharing(records: Records) -> Sharing:
    integer = records.integer
    tries = integer(_CACHE + "max_open_read_retries")
    milliseconds = integer(_OURS + "http.collapse_wait_ms")
    if tries >= 0:
        milliseconds = (tries + integer(_CACHE + "max_open_write_retries")) * integer(_CACHE + "open_read_retry_time")
    return Sharing(
        follow=integer(_P + "cache.enable_read_while_writer"),
        patience=milliseconds / 1000,
        busy_action=integer(_CACHE + "open_write_fail_action"),
    )


def _read_limits(records: Records) -> Limits:
    integer = records.integer
    return Limits(
        request_head=integer(_HTTP + "request_header_max_size"),
        response_head=integer(_HTTP + "response_header_max_size"),
        request_line=integer(_HTTP + "request_line_max_size"),
        request_content=integer(_HTTP + "max_post_size"),
        connections_in=integer(_P + "net.max_connections_in"),
        connections_per_client=integer(_P + "net.per_client.max_connections_in"),
        connections_per_server=integer(_HTTP + "per_server.connection.max"),
        idle_per_server=integer(_OURS + "http.per_server.idle_max"),
        pipeline=integer(_OURS + "http.pipeline_max_size"),
        read_ahead=integer(_OURS + "http.read_ahead"),
    )


def _read_retries(records: Records) -> Retries:
    integer = records.integer
    return Retries(
        live=integer(_HTTP + "connect_attempts_max_retries"),
        down=integer(_HTTP + "connect_attempts_max_retries_dead_server"),
        down_time=float(integer(_HTTP + "down_server.cache_time")),
        abort_threshold=float(integer(_HTTP + "down_server.abort_threshold")),
    )


def _read_redirects(records: Records, findings: Findings) -> Redirects | None:
    actions = findings.take(parse_redirect_actions(_written(records.setting(_HTTP + "redirect.actions"))))
    number, enabled = records.setting(_HTTP + "number_of_redirections"), _HTTP + "redirection_enabled"
    most = records.integer(number.name)
    unsaid = SettingSource.DEFAULT
    if not most and number.source is unsaid and records.setting(enabled).source is not unsaid:
        # in old files this alone meant one
        most = 1
    if not most or not records.flag(enabled):
        return None
    return Redirects(most=most, copied=records.integer(_HTTP + "post_copy_size"), actions=actions)


def read_proxy(records: Records, ports: tuple[ListenPort, ...], prefix: Path) -> Reading[ProxySettings]:
    """What the proxy path is told; relative paths start from ``prefix``."""
    findings = Findings()
    flag, integer = records.flag, records.integer
    connect = _written(records.setting(_HTTP + "connect_ports"))
    any_port = connect.text == "*"
    connect_ports = None if any_port else findings.attempt(parse_port_ranges, connect)
    return findings.reading(ProxySettings(
        timeouts=_read_timeouts(records),
        sharing=_read_sharing(records),
        redirects=_read_redirects(records, findings),
        limits=_read_limits(records),
        retries=_read_retries(records),
        ports=ports,
        connect_ports=connect_ports or frozenset(),
        any_connect_port=any_port,
        keep_alive_in=flag(_HTTP + "keep_alive_enabled_in"),
        keep_alive_out=flag(_HTTP + "keep_alive_enabled_out"),
        keep_alive_post_out=flag(_HTTP + "keep_alive_post_out"),
        private_authenticated=flag(_HTTP + "auth_server_session_private"),
        remap_required=flag(_P + "url_remap.remap_required"),
        reverse_proxy=flag(_P + "reverse_proxy.enabled"),
        pristine_host=flag(_P + "url_remap.pristine_host_hdr"),
        referer_filter=flag(_HTTP + "referer_filter"),
        referer_format=flag(_HTTP + "referer_format_redirect"),
        no_host_redirect=records.text(_P + "header.parse.no_host_url_redirect").encode(),
        via_name=records.text(_P + "proxy_name").encode(),
        request_via=integer(_HTTP + "insert_request_via_str"),
        cache_status=flag(_OURS + "http.cache_status"),
        response_via=integer(_HTTP + "insert_response_via_str"),
        request_via_text=records.text(_HTTP + "request_via_str").encode(),
        response_via_text=records.text(_HTTP + "response_via_str").encode(),
        normalize_ae=integer(_HTTP + "normalize_ae"),
        user_agent=records.text(_HTTP + "global_user_agent_header").encode(),
        insert_age=flag(_HTTP + "insert_age_in_response"),
        insert_client_ip=integer(_HTTP + "insert_client_ip"),
        forwarded_for=flag(_HTTP + "insert_squid_x_forwarded_for"),
        remove_client_ip=flag(_HTTP + "anonymize_remove_client_ip"),
        server_mode=integer(_HTTP + "response_server_enabled"),
        server_text=records.text(_HTTP + "response_server_str").encode(),
        require_length=flag(_HTTP + "post.check.content_length.enabled"),
        push_enabled=flag(_HTTP + "push_method_enabled"),
        background_fill_threshold=records.decimal(_HTTP + "background_fill_completed_threshold"),
        positive_dns=float(integer(_OURS + "dns.positive_lifetime")),
        negative_dns=float(integer(_OURS + "dns.negative_lifetime")),
        prefer_ipv6=records.text(_P + "hostdb.ip_resolve").startswith("ipv6"),
        log_enabled=integer(_P + "log.logging_enabled") >= 2,
        log_path=str(prefix / records.text(_P + "log.logfile_dir") / _LOG),
    ))  # fmt: skip


def read_overridden(
    records: Records, overrides: Sequence[Override], ports: tuple[ListenPort, ...], prefix: Path
) -> tuple[CachingPolicy, ProxySettings]:
    """What caching and the proxy path are told for requests of a rule with ``overrides``, each checked already."""
    changed = records.overridden({override.name: override.value for override in overrides})
    return read_caching(changed).value, read_proxy(changed, ports, prefix).value


def read_withheld(records: Records) -> Allowed:
    """
    The methods that ``proxy.config.http.quick_filter.mask`` keeps clients on other machines from.

    Its bits name methods, the lowest CONNECT; without any it means all of them. Bit 31 makes it a list of what is
    allowed, which forbids nothing.

    Source: Traffic Server 3.0, the "super mask".
    """
    mask = records.integer(_HTTP + "quick_filter.mask")
    if not mask or mask & _FILTER_ALLOWS:
        return NOTHING
    if not mask & _FILTER_METHODS:
        return EVERYTHING
    return Allowed(frozenset([method for bit, method in enumerate(_FILTERED) if mask >> bit & 1]), only=True)
