"""What the configuration says to the parts that move octets. Durations in seconds, sizes in octets, 0 means none."""

from __future__ import annotations

from dataclasses import dataclass

from tsnode.model.redirects import Redirects

__all__ = ["Limits", "ListenPort", "ProxySettings", "Retries", "Sharing", "StoreSettings", "Timeouts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenPort:
    """One entry of ``proxy.config.http.server_ports``; ``address`` is an IP literal, empty for every address."""

    port: int
    address: str = ""
    ipv6: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long we wait for what."""

    accept: float = 120.0            # http.accept_no_activity_timeout: first octet of a new connection
    keep_alive_in: float = 120.0     # http.keep_alive_no_activity_timeout_in
    keep_alive_out: float = 120.0    # http.keep_alive_no_activity_timeout_out
    inactivity_in: float = 30.0      # http.transaction_no_activity_timeout_in
    inactivity_out: float = 30.0     # http.transaction_no_activity_timeout_out
    active_in: float = 900.0         # http.transaction_active_timeout_in
    active_out: float = 0.0          # http.transaction_active_timeout_out
    connect: float = 30.0            # http.connect_attempts_timeout: connect to first octet of the answer
    post_connect: float = 1800.0     # http.post_connect_attempts_timeout
    background_fill: float = 0.0     # http.background_fill_active_timeout
    shutdown_grace: float = 5.0      # tsnode.shutdown_grace


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much we take from whom."""

    request_head: int = 131072       # http.request_header_max_size
    response_head: int = 131072      # http.response_header_max_size
    request_line: int = 65535        # http.request_line_max_size
    request_content: int = 0         # http.max_post_size
    connections_in: int = 30000      # net.max_connections_in
    connections_per_client: int = 0  # net.per_client.max_connections_in
    connections_per_server: int = 0  # http.per_server.connection.max
    idle_per_server: int = 64        # tsnode.http.per_server.idle_max
    pipeline: int = 65536            # tsnode.http.pipeline_max_size: octets read ahead of the request being answered
    read_ahead: int = 262144         # tsnode.http.read_ahead: octets of one content held for a slow reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """How often a request is tried again, when it may be."""

    live: int = 3                    # http.connect_attempts_max_retries
    down: int = 1                    # http.connect_attempts_max_retries_dead_server
    down_time: float = 60.0          # http.down_server.cache_time
    abort_threshold: float = 10.0    # http.down_server.abort_threshold: a wait that a client may give up blamelessly


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """
    What becomes of a request for what another request is fetching and storing.

    ``patience``: how long it waits for that. ``follow`` 0 waits for all of it to be stored, 1 takes the content as it
    comes, 2 does so for ranges as well. ``busy_action`` is what follows when it waited in vain: 0 fetches for itself
    and stores nothing, 1 to 4 give up or serve something stale instead, 5 never ends to wait.
    """

    follow: int = 1                  # cache.enable_read_while_writer
    patience: float = 5.0            # tsnode.http.collapse_wait_ms, or http.cache.max_open_read_retries if not -1
    busy_action: int = 0             # http.cache.open_write_fail_action

    @property
    def waits_to_the_end(self) -> bool:
        """Whether nothing but the end of the other fetch ends the wait."""
        return self.busy_action == 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxySettings:
    """Everything that the proxy path is told, apart from caching, mapping and access."""

    timeouts: Timeouts = Timeouts()
    limits: Limits = Limits()
    retries: Retries = Retries()
    sharing: Sharing = Sharing()
    redirects: Redirects | None = None                      # http.number_of_redirections; None follows none
    ports: tuple[ListenPort, ...] = (ListenPort(port=8080),)
    connect_ports: frozenset[int] = frozenset({443, 563})   # http.connect_ports
    any_connect_port: bool = False                          # http.connect_ports is "*"
    keep_alive_in: bool = True                              # http.keep_alive_enabled_in
    keep_alive_out: bool = True                             # http.keep_alive_enabled_out
    keep_alive_post_out: bool = True                        # http.keep_alive_post_out
    private_authenticated: bool = True                      # http.auth_server_session_private
    remap_required: bool = True                             # url_remap.remap_required
    reverse_proxy: bool = True                              # reverse_proxy.enabled
    pristine_host: bool = False                             # url_remap.pristine_host_hdr
    referer_filter: bool = False                            # http.referer_filter
    referer_format: bool = False                            # http.referer_format_redirect
    no_host_redirect: bytes = b""                           # header.parse.no_host_url_redirect
    via_name: bytes = b"tsnode"                             # proxy_name: our token in Via, also what loops are known by
    request_via: int = 1                                    # http.insert_request_via_str
    cache_status: bool = True                               # tsnode.http.cache_status
    response_via: int = 0                                   # http.insert_response_via_str
    request_via_text: bytes = b"tsnode"                     # http.request_via_str
    response_via_text: bytes = b"tsnode"                    # http.response_via_str
    normalize_ae: int = 1                                   # http.normalize_ae
    user_agent: bytes = b""                                 # http.global_user_agent_header: empty leaves clients' own
    insert_age: bool = True                                 # http.insert_age_in_response
    insert_client_ip: int = 0                               # http.insert_client_ip: 0 no, 1 replace, 2 if absent
    forwarded_for: bool = False                             # http.insert_squid_x_forwarded_for
    remove_client_ip: bool = False                          # http.anonymize_remove_client_ip
    server_mode: int = 1                                    # http.response_server_enabled
    server_text: bytes = b"tsnode"                          # http.response_server_str
    require_length: bool = True                             # http.post.check.content_length.enabled
    push_enabled: bool = False                              # http.push_method_enabled
    background_fill_threshold: float = 0.0                  # http.background_fill_completed_threshold
    positive_dns: float = 300.0                             # tsnode.dns.positive_lifetime
    negative_dns: float = 10.0                              # tsnode.dns.negative_lifetime
    prefer_ipv6: bool = False                               # hostdb.ip_resolve starts with ipv6
    log_enabled: bool = True                                # log.logging_enabled
    log_path: str = "var/log/squid.log"                     # log.logfile_dir and the log's name, prefix applied
    connection_read: int = 65536                            # octets asked of the kernel in one read


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    """Which store, and how much it may hold."""

    name: str = "memory"             # tsnode.store: what its maker is called
    size: int = -1                   # cache.ram_cache.size; -1 lets the store decide
    cutoff: int = 4194304            # cache.ram_cache_cutoff: longer contents are not kept in memory
    max_alts: int = 3                # cache.limits.http.max_alts: alternates of one URL, 0 for any number
    longest: int = 0                 # cache.max_doc_size: longer contents are not kept at all
    pinned_share: float = 0.25       # tsnode.cache.pinned_share: the part that what is pinned may take
