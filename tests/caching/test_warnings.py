"""Warnings given and taken back."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.caching.policy import CachingPolicy
from tsnode.caching.warnings import Warn, keep_lasting, render_warning


class Warnings(SynchronousTestCase):
    """RFC 7234 §5.5."""

    def test_each_has_code_agent_and_text(self) -> None:
        policy = CachingPolicy(warning_agent=b"proxy.example")
        for warn, value in (
            (Warn.STALE, b'110 proxy.example "Response is Stale"'),
            (Warn.REVALIDATION_FAILED, b'111 proxy.example "Revalidation Failed"'),
            (Warn.HEURISTIC_EXPIRATION, b'113 proxy.example "Heuristic Expiration"'),
            (Warn.MISCELLANEOUS, b'199 proxy.example "Miscellaneous Warning"'),
        ):
            self.assertEqual(render_warning(warn, policy), value)

    def test_those_about_staleness_end_and_the_others_stay(self) -> None:
        for value, kept in (
            (b'110 x "a, b"', b""),
            (b'110 x "a, b", 214 y "c", 199 z "d"', b'214 y "c"'),
            (b"1100 x", b"1100 x"),
            (b"", b""),
        ):
            self.assertEqual(keep_lasting(value), kept, value)
