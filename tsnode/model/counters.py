"""What the node counts. Plain integers, each declared once with Traffic Server's name and a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields

__all__ = ["Counters"]

_HTTP = "proxy.process.http."
_NODE = "proxy.process.tsnode."


def _counted(name: str, text: str) -> int:
    return field(default=0, metadata={"name": name, "text": text})


@dataclass(slots=True)
class Counters:
    """
    One attribute a counter; whoever sees the event adds to it.

    The plain-hit lane adds to ``plain_hits`` and ``plain_hit_octets`` alone. :meth:`read` adds these to the counters
    that they are part of, so that the lane pays for two additions and not for eight.
    """

    incoming_requests: int = _counted(_HTTP + "incoming_requests", "Requests received from clients.")
    completed_requests: int = _counted(_HTTP + "completed_requests", "Requests that were answered to the end.")
    invalid_client_requests: int = _counted(_HTTP + "invalid_client_requests", "Requests that could not be read.")
    outgoing_requests: int = _counted(_HTTP + "outgoing_requests", "Requests sent to origins.")
    incoming_responses: int = _counted(_HTTP + "incoming_responses", "Answers received from origins.")
    get_requests: int = _counted(_HTTP + "get_requests", "GET requests.")
    head_requests: int = _counted(_HTTP + "head_requests", "HEAD requests.")
    post_requests: int = _counted(_HTTP + "post_requests", "POST requests.")
    put_requests: int = _counted(_HTTP + "put_requests", "PUT requests.")
    delete_requests: int = _counted(_HTTP + "delete_requests", "DELETE requests.")
    purge_requests: int = _counted(_HTTP + "purge_requests", "PURGE requests.")
    push_requests: int = _counted(_HTTP + "push_requests", "PUSH requests.")
    options_requests: int = _counted(_HTTP + "options_requests", "OPTIONS requests.")
    trace_requests: int = _counted(_HTTP + "trace_requests", "TRACE requests.")
    connect_requests: int = _counted(_HTTP + "connect_requests", "CONNECT requests.")
    extension_method_requests: int = _counted(_HTTP + "extension_method_requests", "Requests with any other method.")
    responses_1xx: int = _counted(_HTTP + "1xx_responses", "Interim answers sent to clients.")
    responses_2xx: int = _counted(_HTTP + "2xx_responses", "Answers with status 200 to 299.")
    responses_3xx: int = _counted(_HTTP + "3xx_responses", "Answers with status 300 to 399.")
    responses_4xx: int = _counted(_HTTP + "4xx_responses", "Answers with status 400 to 499.")
    responses_5xx: int = _counted(_HTTP + "5xx_responses", "Answers with status 500 to 599.")
    cache_lookups: int = _counted(_HTTP + "cache_lookups", "Requests that the cache was asked for.")
    cache_writes: int = _counted(_HTTP + "cache_writes", "Answers that were stored.")
    cache_updates: int = _counted(_HTTP + "cache_updates", "Stored answers that a 304 freshened.")
    cache_deletes: int = _counted(_HTTP + "cache_deletes", "Stored answers that were dropped because of a request.")
    cache_hit_fresh: int = _counted(_HTTP + "cache_hit_fresh", "Requests answered from the cache without asking.")
    cache_hit_mem_fresh: int = _counted(_HTTP + "cache_hit_mem_fresh", "The same, from memory.")
    cache_hit_revalidated: int = _counted(_HTTP + "cache_hit_revalidated", "Stale copies that the origin confirmed.")
    cache_hit_ims: int = _counted(_HTTP + "cache_hit_ims", "Conditional requests answered from the cache.")
    cache_hit_stale_served: int = _counted(
        _HTTP + "cache_hit_stale_served", "Stale copies served because the origin could not be reached."
    )
    cache_hit_rww: int = _counted(_HTTP + "cache_hit_rww", "Requests that followed an answer still being stored.")
    cache_miss_cold: int = _counted(_HTTP + "cache_miss_cold", "Requests for what was not stored.")
    cache_miss_changed: int = _counted(_HTTP + "cache_miss_changed", "Stale copies that the origin replaced.")
    cache_miss_client_no_cache: int = _counted(
        _HTTP + "cache_miss_client_no_cache", "Requests whose client wanted no stored answer."
    )
    cache_miss_client_not_cacheable: int = _counted(
        _HTTP + "cache_miss_client_not_cacheable", "Requests that never look at the cache."
    )
    cache_miss_ims: int = _counted(_HTTP + "cache_miss_ims", "Conditional requests answered by a next hop.")
    background_fill_current_count: int = _counted(
        _HTTP + "background_fill_current_count", "Fills going on although no client waits for them."
    )
    background_fill_total_count: int = _counted(_HTTP + "background_fill_total_count", "The same, since the start.")
    current_client_connections: int = _counted(_HTTP + "current_client_connections", "Client connections open now.")
    total_client_connections: int = _counted(_HTTP + "total_client_connections", "Client connections accepted.")
    current_client_transactions: int = _counted(
        _HTTP + "current_client_transactions", "Requests being answered now."
    )
    current_server_connections: int = _counted(_HTTP + "current_server_connections", "Origin connections open now.")
    total_server_connections: int = _counted(_HTTP + "total_server_connections", "Origin connections made.")
    broken_server_connections: int = _counted(
        _HTTP + "broken_server_connections", "Origin connections that ended before their answer did."
    )
    user_agent_total_request_bytes: int = _counted(
        _HTTP + "user_agent_total_request_bytes", "Octets received from clients."
    )
    user_agent_total_response_bytes: int = _counted(
        _HTTP + "user_agent_total_response_bytes", "Octets sent to clients."
    )
    origin_server_total_request_bytes: int = _counted(
        _HTTP + "origin_server_total_request_bytes", "Octets sent to origins."
    )
    origin_server_total_response_bytes: int = _counted(
        _HTTP + "origin_server_total_response_bytes", "Octets received from origins."
    )
    pushed_document_total_size: int = _counted(_HTTP + "pushed_document_total_size", "Octets of content pushed.")
    connections_throttled_in: int = _counted(
        "proxy.process.net.connections_throttled_in", "Client connections refused because too many were open."
    )
    per_client_throttled_in: int = _counted(
        "proxy.process.net.per_client.connections_throttled_in", "The same, too many of one client address."
    )
    access_denied: int = _counted(_NODE + "access_denied", "Requests and connections that ip_allow refused.")
    loops: int = _counted(_NODE + "loops", "Requests that had been here before, by their Via.")
    client_timeouts: int = _counted(_NODE + "client_timeouts", "Client connections closed because time ran out.")
    upstream_timeouts: int = _counted(_NODE + "upstream_timeouts", "Origin connections closed because time ran out.")
    upstream_retries: int = _counted(_NODE + "upstream_retries", "Requests that were sent once more.")
    redirects_followed: int = _counted(_NODE + "redirects_followed", "Redirects that the node followed by itself.")
    upstream_queue_full: int = _counted(_NODE + "upstream_queue_full", "Requests refused: too many wait for an origin.")
    pipeline_pauses: int = _counted(_NODE + "pipeline_pauses", "Times a client sent more ahead than we read ahead.")
    followers: int = _counted(_NODE + "followers", "Requests that waited for another's fetch.")
    followers_released: int = _counted(_NODE + "followers_released", "Followers that had to fetch for themselves.")
    parts_stored: int = _counted(_NODE + "parts_stored", "Parts of answers that were stored, or joined with others.")
    parts_served: int = _counted(_NODE + "parts_served", "Requests answered from stored parts alone.")
    parts_completed: int = _counted(_NODE + "parts_completed", "Requests for which only what was missing was fetched.")
    served_while_revalidated: int = _counted(
        _NODE + "served_while_revalidated", "Stale copies served at once because stale-while-revalidate lets them."
    )
    refreshes: int = _counted(_NODE + "refreshes", "Fetches in the background that this made.")
    refreshes_failed: int = _counted(_NODE + "refreshes_failed", "Those that brought nothing to be stored.")
    refreshes_refused: int = _counted(
        _NODE + "refreshes_refused", "Those not made because too many were under way."
    )
    rules_given_up: int = _counted(
        _NODE + "rules_given_up", "Rules of cache.config whose expressions took too long; nothing is cached then."
    )
    tunnel_octets: int = _counted(_NODE + "tunnel_octets", "Octets carried through tunnels, both ways.")
    log_dropped: int = _counted(_NODE + "log_dropped", "Access log lines lost because the disk was too slow.")
    log_failures: int = _counted(_NODE + "log_failures", "Failed attempts to write the access log.")
    plain_hits: int = _counted(_NODE + "plain_hits", "Hits that took the shortest way.")
    plain_hit_octets: int = _counted(_NODE + "plain_hit_octets", "Octets sent by these.")

    def read(self) -> Iterator[tuple[str, int, str]]:
        """Name, value and sentence of every counter, in the order of declaration."""
        for row in fields(self):
            value = getattr(self, row.name)
            if row.name in _PART_OF_PLAIN_HITS:
                value += self.plain_hits
            elif row.name == "user_agent_total_response_bytes":
                value += self.plain_hit_octets
            yield row.metadata["name"], value, row.metadata["text"]


_PART_OF_PLAIN_HITS = frozenset(
    {
        "incoming_requests",
        "completed_requests",
        "get_requests",
        "responses_2xx",
        "cache_lookups",
        "cache_hit_fresh",
        "cache_hit_mem_fresh",
    }
)
