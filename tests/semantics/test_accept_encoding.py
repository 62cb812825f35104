"""Accept-Encoding, normalized."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import integers, sampled_from
from twisted.trial.unittest import SynchronousTestCase

from tsnode.semantics.accept_encoding import normalize_accept_encoding

LONG = b"gzip, " + b"x" * 300


class Normalizing(SynchronousTestCase):
    """Traffic Server, ``proxy.config.http.normalize_ae``."""

    def test_each_mode_leaves_a_few_values(self) -> None:
        for value, found in (
            (b"gzip, deflate, br", (b"gzip", b"br", b"br, gzip")), (b"br", (None, b"br", b"br")),
            (b"x-gzip;q=0.1", (b"gzip", b"gzip", b"gzip")), (b"deflate", (None, None, None)), (b"", (None, None, None)),
            (b"gzip;q=0, br;q=0", (None, None, None)), (LONG, (b"gzip", b"gzip", b"gzip")),
        ):  # fmt: skip
            self.assertEqual(tuple(normalize_accept_encoding(value, mode) for mode in (1, 2, 3)), found, value)
            self.assertEqual(normalize_accept_encoding(value, 0), value)

    @given(sampled_from([b"gzip", b"br", b"br, gzip", b"deflate, br;q=0.5", LONG]), integers(0, 3))
    def test_what_is_normal_stays_so(self, value: bytes, mode: int) -> None:
        once = normalize_accept_encoding(value, mode)
        if once is not None:
            self.assertEqual(normalize_accept_encoding(once, mode), once)
