"""The policy that a node has when nobody configures one."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

from twisted.trial.unittest import SynchronousTestCase

from tsnode.caching.policy import CachingPolicy


class Defaults(SynchronousTestCase):
    def test_the_guide_decides_where_it_speaks_about_a_default(self) -> None:
        """HTTP Proxy Caching: client no-cache is observed, text with cookies and objects without headers as told."""
        policy = CachingPolicy()
        self.assertFalse(policy.ignore_client_no_cache)
        self.assertFalse(policy.ignore_client_cc_max_age)
        self.assertEqual(policy.required_headers, 0)
        self.assertEqual(policy.cache_responses_to_cookies, 3)
        self.assertFalse(policy.negative_revalidating_enabled)

    def test_lifetimes_are_those_of_the_reference(self) -> None:
        policy = CachingPolicy()
        self.assertEqual((policy.heuristic_min_lifetime, policy.heuristic_max_lifetime), (3600, 86400))
        self.assertEqual((policy.guaranteed_min_lifetime, policy.guaranteed_max_lifetime), (0, 31536000))
        self.assertEqual(policy.max_stale_age, 604800)

    def test_a_policy_does_not_change_under_those_who_decide_by_it(self) -> None:
        with self.assertRaises(FrozenInstanceError):
            CachingPolicy().http = False  # type: ignore[misc]
