"""The variables about carrying requests: connections, time, sizes, and what heads are made of."""

from __future__ import annotations

from tsnode.config.catalogue import Integer, Text, Topic, flag, record

__all__ = ["CONNECTIONS", "HEADS", "ORIGINS", "SIZES", "TIMEOUTS"]

_COUNT = Integer(0)
_OCTETS = Integer(0, unit="octets")
_SECONDS = Integer(0, unit="s")
_HEAD = Integer(256, 1 << 30, unit="octets")
_COMMENT = Text(r"[^()\\\x00-\x1f\x7f]*", "text without parentheses and backslashes", optional=True)
_VIA = Integer(
    0, 4, meanings=("no", "node and product", "and what the cache did", "and every step", "and the protocols")
)

CONNECTIONS = Topic("Connections of clients", (
    record("net.max_connections_in", _COUNT, default=30000,
           text="How many may be open; 0 is no limit."),
    record("net.per_client.max_connections_in", _COUNT, default=0,
           text="How many of one address; 0 is no limit."),
    record("http.keep_alive_enabled_in", flag(), default=1, overridable=True,
           text="Whether a connection may serve more than one request."),
    record("tsnode.shutdown_grace", _SECONDS, default=5,
           text="How long requests under way may take when the node is stopped."),
    record("http.connect_ports", Text(range="port numbers and ranges, or * for all"), default="443 563",
           text="The ports that CONNECT may go to."),
))  # fmt: skip

ORIGINS = Topic("Connections to origins", (
    record("http.keep_alive_enabled_out", flag(), default=1, overridable=True,
           text="Whether connections are kept for the next request."),
    record("http.keep_alive_post_out", flag(), default=1, overridable=True,
           text="Whether a kept connection may be used for a request with content."),
    record("http.per_server.connection.max", _COUNT, default=0, overridable=True,
           text="How many connections one origin gets; 0 is no limit."),
    record("tsnode.http.per_server.idle_max", _COUNT, default=64,
           text="How many idle connections to one origin are kept."),
    record("http.connect_attempts_max_retries", _COUNT, default=3, overridable=True,
           text="How often a request is tried again, where that is safe."),
    record("http.connect_attempts_max_retries_dead_server", _COUNT, default=1, overridable=True,
           text="The same where the origin is marked down."),
    record("http.connect_attempts_rr_retries", _COUNT, default=3, overridable=True, effective=False,
           text="Tries before another address of the same name is used. Every try is at all of them here, a quarter of "
           "a second apart."),
    record("http.down_server.cache_time", _SECONDS, default=60, overridable=True,
           text="How long an origin that failed stays marked down."),
    record("http.down_server.abort_threshold", _SECONDS, default=10, overridable=True,
           text="How long a client has to wait until its leaving counts as a failure of the origin, where it was the "
           "only one to wait."),
    record("http.auth_server_session_private", flag(), default=1, overridable=True,
           text="Whether a connection that carried credentials of NTLM or Negotiate is kept for the same connection of "
           "a client only."),
    record("http.number_of_redirections", _COUNT, default=0, overridable=True,
           text="How many redirects the node follows by itself for one request; the next one goes to the client."),
    record("http.redirection_enabled", flag(), default=1, overridable=True,
           text="Whether it does so at all, in old files; there 1 alone stands for one redirect."),
    record("http.redirect_use_orig_cache_key", flag(), default=0, overridable=True, effective=False,
           text="Whether what a redirect led to is stored under the first URL. It always is."),
    record("http.redirect.actions", Text(), default="routable:follow",
           text="What is done with redirects to self, loopback, private, multicast, linklocal, routable and default "
           "addresses: follow, reject (403), or return to the client, which is done with those not named."),
    record("http.post_copy_size", _OCTETS, default=2048,
           text="How much content of a request is kept in case a redirect has to be followed; where it is longer, the "
           "client gets the redirect."),
    record("http.doc_in_cache_skip_dns", flag(), default=1, overridable=True,
           text="Whether a fresh answer is served without looking its host up. With 0 it is served afterwards, "
           "whatever that brings, and hits no longer take the shortest way."),
    record("hostdb.ip_resolve", Text(r"(ipv4|ipv6|only|none|client)(;(ipv4|ipv6|only|none|client))*",
                                     "ipv4, ipv6, client, only and none with ; between them"),
           default="ipv4;ipv6",
           text="Which addresses of an origin are tried first; only the first word matters so far."),
    record("tsnode.dns.positive_lifetime", _SECONDS, default=300,
           text="How long the addresses of a name are remembered."),
    record("tsnode.dns.negative_lifetime", _SECONDS, default=10,
           text="How long it is remembered that a name could not be resolved."),
))  # fmt: skip

TIMEOUTS = Topic("Time", (
    record("http.accept_no_activity_timeout", _SECONDS, default=120,
           text="How long a new connection may stay silent."),
    record("http.keep_alive_no_activity_timeout_in", _SECONDS, default=120, overridable=True,
           text="How long a client's connection is kept between two requests."),
    record("http.keep_alive_no_activity_timeout_out", _SECONDS, default=120, overridable=True,
           text="How long an idle connection to an origin is kept."),
    record("http.transaction_no_activity_timeout_in", _SECONDS, default=30, overridable=True,
           text="How long a client may neither send nor take anything during a request; 0 is forever."),
    record("http.transaction_no_activity_timeout_out", _SECONDS, default=30, overridable=True,
           text="The same for an origin."),
    record("http.transaction_active_timeout_in", _SECONDS, default=900, overridable=True,
           text="How long a request may take altogether; 0 is forever."),
    record("http.transaction_active_timeout_out", _SECONDS, default=0, overridable=True,
           text="The same for an exchange with an origin."),
    record("http.connect_attempts_timeout", _SECONDS, default=30, overridable=True,
           text="The time from connecting to the first octet of the answer."),
    record("http.post_connect_attempts_timeout", _SECONDS, default=1800, overridable=True,
           text="The same for requests with content."),
))  # fmt: skip

SIZES = Topic("Sizes", (
    record("http.request_header_max_size", _HEAD, default=131072,
           text="The largest request head that is read."),
    record("http.response_header_max_size", _HEAD, default=131072,
           text="The largest answer head that is read."),
    record("http.request_line_max_size", _HEAD, default=65535,
           text="The longest request line that is read."),
    record("http.max_post_size", _OCTETS, default=0,
           text="The largest content of a request; 0 is no limit."),
    record("tsnode.http.pipeline_max_size", Integer(4096, 1 << 30, unit="octets"), default=65536,
           text="How much is read of the requests behind the one being answered."),
    record("tsnode.http.read_ahead", Integer(4096, 1 << 30, unit="octets"), default=262144,
           text="How much of one content is held for a reader that is slower than its writer."),
))  # fmt: skip

HEADS = Topic("What heads are made of", (
    record("proxy_name", Text(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+(:[0-9]+)?", "one word", optional=True), default=None,
           text="What the node is called in Via, and what loops are known by. NULL derives it from the host's name."),
    record("http.insert_request_via_str", _VIA, default=1, overridable=True,
           text="What Via tells origins: nothing, or the node, and the codes of what the cache did."),
    record("http.insert_response_via_str", _VIA, default=0, overridable=True,
           text="The same for clients."),
    record("http.request_via_str", _COMMENT, default="tsnode",
           text="The product in the Via field that origins get."),
    record("http.response_via_str", _COMMENT, default="tsnode",
           text="The product in the Via field that clients get, and the agent in Warning."),
    record("http.response_server_enabled",
           Integer(0, 2, meanings=("as the origin sent it", "replaced", "added where missing")), default=1,
           overridable=True,
           text="What becomes of the Server field."),
    record("http.response_server_str", Text(optional=True), default="tsnode", overridable=True,
           text="What the Server field is set to."),
    record("tsnode.http.cache_status", flag(), default=1, overridable=True,
           text="Whether answers tell by Cache-Status what this node's cache had to do with them."),
    record("http.insert_age_in_response", flag(), default=1, overridable=True,
           text="Whether answers from the cache carry Age."),
    record("http.insert_client_ip", Integer(0, 2, meanings=("no", "set or replaced", "added where missing")),
           default=0, overridable=True,
           text="Whether origins get the client's address in Client-ip."),
    record("http.insert_squid_x_forwarded_for", flag(), default=0, overridable=True,
           text="Whether origins get the client's address in X-Forwarded-For."),
    record("http.anonymize_remove_client_ip", flag(), default=0, overridable=True,
           text="Whether Client-ip is taken out of requests."),
    record("http.post.check.content_length.enabled", flag(), default=1, overridable=True,
           text="Whether POST, PUT and PUSH without a length are refused with 411."),
))  # fmt: skip
