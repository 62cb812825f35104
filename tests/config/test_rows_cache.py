"""The caching variables that Traffic Server 9.2 and the guide have."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.catalogue import Decimal, Integer
from tsnode.config.rows import RECORDS

# name behind proxy.config., default of the node, range, whether rules may override it
KNOWN = (
    ("http.cache.http", 1, 0, 1, True),
    ("http.cache.generation", -1, None, None, True),
    ("http.cache.ignore_client_no_cache", 0, 0, 1, True),
    ("http.cache.ignore_client_cc_max_age", 0, 0, 1, True),
    ("http.cache.ims_on_client_no_cache", 1, 0, 1, True),
    ("http.cache.ignore_server_no_cache", 0, 0, 1, True),
    ("http.cache.cache_responses_to_cookies", 3, 0, 4, True),
    ("http.cache.ignore_authentication", 0, 0, 1, True),
    ("http.cache.cache_urls_that_look_dynamic", 1, 0, 1, True),
    ("http.cache.post_method", 0, 0, 1, False),
    ("http.cache.when_to_revalidate", 0, 0, 4, True),
    ("http.cache.required_headers", 0, 0, 2, True),
    ("http.cache.max_stale_age", 604800, 0, None, True),
    ("http.cache.range.lookup", 1, 0, 1, True),
    ("http.cache.range.write", 0, 0, 1, True),
    ("http.allow_multi_range", 0, 0, 2, True),
    ("http.cache.heuristic_min_lifetime", 3600, 0, None, True),
    ("http.cache.heuristic_max_lifetime", 86400, 0, None, True),
    ("http.cache.heuristic_lm_factor", 0.1, 0, 1, True),
    ("http.cache.guaranteed_min_lifetime", 0, 0, None, True),
    ("http.cache.guaranteed_max_lifetime", 31536000, 0, None, True),
    ("http.cache.ignore_accept_mismatch", 2, 0, 2, True),
    ("http.cache.ignore_accept_language_mismatch", 2, 0, 2, True),
    ("http.cache.ignore_accept_encoding_mismatch", 2, 0, 2, True),
    ("http.cache.ignore_accept_charset_mismatch", 2, 0, 2, True),
    ("http.normalize_ae", 1, 0, 3, True),
    ("http.cache.open_write_fail_action", 0, 0, 5, True),
    ("cache.enable_read_while_writer", 1, 0, 2, False),
    ("http.background_fill_completed_threshold", 0.0, 0, 1, True),
    ("http.negative_caching_enabled", 0, 0, 1, True),
    ("http.negative_revalidating_enabled", 0, 0, 1, True),
    ("http.push_method_enabled", 0, 0, 1, False),
    ("cache.limits.http.max_alts", 3, 0, None, False),
    ("cache.permit.pinning", 0, 0, 1, False),
    ("cache.max_doc_size", 0, 0, None, False),
    ("cache.ram_cache.size", -1, -1, None, False),
    ("cache.ram_cache_cutoff", 4194304, 0, None, False),
)


class Caching(SynchronousTestCase):
    def test_defaults_and_ranges_are_the_documented_ones(self) -> None:
        for name, default, minimum, maximum, overridable in KNOWN:
            row = RECORDS[f"proxy.config.{name}"]
            assert isinstance(row.domain, Integer | Decimal)
            found = (row.default, row.domain.minimum, row.domain.maximum, row.overridable)
            self.assertEqual(found, (default, minimum, maximum, overridable), name)

    def test_the_listed_errors_are_those_of_traffic_server(self) -> None:
        row = RECORDS["proxy.config.http.negative_caching_list"]
        self.assertEqual(row.default, "204 305 403 404 414 500 501 502 503 504")
