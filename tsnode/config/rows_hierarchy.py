"""The variables about parents and congestion."""

from __future__ import annotations

from tsnode.config.catalogue import Integer, Row, Text, Topic, flag, record

__all__ = ["CONGESTION", "PARENTS"]

_FILE = Text(r"[^\x00-\x1f\x7f]+", "a file name")
_COUNT = Integer(0)
_ATTEMPTS = Integer(1)
_SECONDS = Integer(0, unit="s")
_SOME_SECONDS = Integer(1, unit="s")

PARENTS = Topic("Parents", (
    record("http.parent_proxy.file", _FILE, default="parent.config", effective=False,
           text="The file that says which requests go to which parents."),
    record("http.parent_proxies", Text(optional=True), default=None, effective=False,
           text="The parents for requests that no rule is for, as parent= has them in parent.config."),
    record("http.parent_proxy_routing_enable", flag(), default=1, effective=False,
           text="Whether parents are used at all; Traffic Server had it up to 8, off by default."),
    record("http.parent_proxy.retry_time", _SOME_SECONDS, default=300, overridable=True, effective=False,
           text="How long a parent that is marked down is left alone, and the time in which failures count."),
    record("http.parent_proxy.fail_threshold", _ATTEMPTS, default=10, overridable=True, effective=False,
           text="So many failed requests within the retry time mark a parent down."),
    record("http.parent_proxy.total_connect_attempts", _ATTEMPTS, default=4, overridable=True, effective=False,
           text="How many attempts at parents one request may take."),
    record("http.parent_proxy.per_parent_connect_attempts", _ATTEMPTS, default=2, overridable=True, effective=False,
           text="How many attempts at one parent before the next one is tried."),
    record("http.parent_proxy.connect_attempts_timeout", _SECONDS, default=30, overridable=True, effective=False,
           text="How long connecting to a parent may take."),
    record("http.parent_proxy.mark_down_hostdb", flag(), default=0, overridable=True, effective=False,
           text="Whether the address of a parent that failed is not used for other names either."),
    record("http.parent_proxy.self_detect",
           Integer(0, 2, meanings=("taken as parents", "left out of lists", "marked down")), default=2,
           effective=False,
           text="What becomes of parents that are this node itself."),
    record("http.parent_proxy.enable_parent_timeout_markdowns", flag(), default=0, overridable=True, effective=False,
           text="Whether answers that do not come in time count as failures of a parent."),
    record("http.parent_proxy.disable_parent_markdowns", flag(), default=0, overridable=True, effective=False,
           text="Whether parents are never marked down."),
    record("http.parent_proxy.max_trans_retries", _COUNT, default=2, effective=False,
           text="Traffic Server's manual has it, Traffic Server does not."),
    Row(name="proxy.local.http.parent_proxy.disable_connect_tunneling", domain=flag(), default=0,
        text="Whether CONNECT is never sent to a parent that is a proxy.", effective=False, overridable=False),
    record("http.forward.proxy_auth_to_parent", flag(), default=0, overridable=True, effective=False,
           text="Whether parents get the Proxy-Authorization that the client sent."),
    record("http.no_dns_just_forward_to_parent", flag(), default=0, effective=False,
           text="Whether hosts are left to the parents to look up."),
    record("http.no_origin_server_dns", flag(), default=0, effective=False,
           text="Whether a request that no parent can be used for is refused where hosts are left to them."),
    record("http.uncacheable_requests_bypass_parent", flag(), default=1, overridable=True, effective=False,
           text="Whether requests that no cache can answer go past parents that are proxies."),
))  # fmt: skip

_DEFAULT = "http.congestion_control.default"

CONGESTION = Topic("Congestion", (
    record("http.congestion_control.enabled", Integer(0, 2, meanings=("off", "on", "on")), default=0, effective=False,
           text="Whether origins that fail or are busy are spared."),
    record("http.congestion_control.filename", _FILE, default="congestion.config", effective=False,
           text="The file that says which ones, and when."),
    record("http.congestion_control.localtime", flag(), default=0, effective=False,
           text="Whether the list of congested origins has local times; else they are in GMT."),
    record(f"{_DEFAULT}.max_connection_failures", Integer(-1, 65535), default=5, effective=False,
           text="The default of max_connection_failures in congestion.config; -1 does not count them."),
    record(f"{_DEFAULT}.fail_window", _SOME_SECONDS, default=120, effective=False,
           text="The default of fail_window in congestion.config."),
    record(f"{_DEFAULT}.proxy_retry_interval", _SOME_SECONDS, default=10, effective=False,
           text="The default of proxy_retry_interval in congestion.config."),
    record(f"{_DEFAULT}.client_wait_interval", _SOME_SECONDS, default=300, effective=False,
           text="The default of client_wait_interval in congestion.config."),
    record(f"{_DEFAULT}.wait_interval_alpha", _SOME_SECONDS, default=30, effective=False,
           text="The default of wait_interval_alpha in congestion.config."),
    record(f"{_DEFAULT}.live_os_conn_timeout", _SOME_SECONDS, default=60, effective=False,
           text="The default of live_os_conn_timeout in congestion.config."),
    record(f"{_DEFAULT}.live_os_conn_retries", _ATTEMPTS, default=2, effective=False,
           text="The default of live_os_conn_retries in congestion.config."),
    record(f"{_DEFAULT}.dead_os_conn_timeout", _SOME_SECONDS, default=15, effective=False,
           text="The default of dead_os_conn_timeout in congestion.config."),
    record(f"{_DEFAULT}.dead_os_conn_retries", _ATTEMPTS, default=1, effective=False,
           text="The default of dead_os_conn_retries in congestion.config."),
    record(f"{_DEFAULT}.max_connection", Integer(-1), default=-1, effective=False,
           text="The default of max_connection in congestion.config; -1 is any number."),
    record(f"{_DEFAULT}.error_page", Text(r"[^\x00-\x1f\x7f]+", "the name of a template"),
           default="congestion#retryAfter", effective=False,
           text="The default of error_page in congestion.config."),
    record(f"{_DEFAULT}.congestion_scheme", Text("per_ip|per_host", "per_ip or per_host"), default="per_ip",
           effective=False,
           text="The default of congestion_scheme in congestion.config."),
))  # fmt: skip
