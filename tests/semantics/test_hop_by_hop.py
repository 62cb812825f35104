"""Fields for the next hop only."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import lists, sampled_from
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.fields import Fields
from tsnode.semantics.hop_by_hop import HOP_BY_HOP, end_to_end
from tsnode.testing.strategies import fields


class EndToEnd(SynchronousTestCase):
    """RFC 9110 §7.6.1."""

    def kept(self, *lines: tuple[bytes, bytes]) -> set[bytes]:
        """The names that go on, in lower case."""
        return set(end_to_end(Fields(lines)).names())

    def test_fields_without_any_for_the_next_hop_go_on_as_they_are(self) -> None:
        known = Fields([(b"Host", b"a"), (b"Accept", b"*/*")])
        self.assertIs(end_to_end(known), known)

    @given(fields(), lists(sampled_from(sorted(HOP_BY_HOP)), max_size=3))
    def test_hop_by_hop_fields_never_go_on_and_the_others_do_in_order(self, others: Fields, names: list[bytes]) -> None:
        known = Fields([*((name.title(), b"x-unused") for name in names), *others.lines])
        expected = [line for line in known.lines if line[0].lower() not in HOP_BY_HOP]
        self.assertEqual(end_to_end(known), Fields(expected))

    def test_what_connection_names_is_dropped_in_any_case(self) -> None:
        named = ((b"Connection", b"close, x-A ,"), (b"connection", b"X-B"))
        self.assertEqual(self.kept(*named, (b"X-a", b"1"), (b"x-b", b"2"), (b"X-C", b"3")), {b"x-c"})

    def test_what_a_chain_depends_on_cannot_be_named_away(self) -> None:
        for name in (
            b"Host", b"Cache-Control", b"Age", b"Date", b"Content-Length", b"Via", b"Vary", b"Set-Cookie", b"ETag",
            b"Authorization", b"Expires", b"Content-Type", b"Content-Range",
        ):  # fmt: skip
            self.assertEqual(self.kept((b"Connection", name), (name, b"x")), {name.lower()}, name)
