"""The Via field."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import lists, sampled_from
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.fields import Fields
from tsnode.semantics.via import has_been_here, render_via


def seen(*values: bytes) -> bool:
    """Whether those Via lines name the node ``edge``."""
    return has_been_here(Fields([(b"Via", value) for value in values]), b"edge")


class Via(SynchronousTestCase):
    """RFC 9110 §7.6.3."""

    def test_our_element_tells_version_name_and_software(self) -> None:
        self.assertEqual(render_via(11, b"edge", b"tsnode"), b"1.1 edge (tsnode)")
        self.assertEqual(render_via(10, b"edge", b"tsnode"), b"1.0 edge (tsnode)")

    def test_a_message_that_came_through_us_is_known_again(self) -> None:
        for value in (
            b"1.1 edge", b"1.0 a, 1.1 EDGE (x)", b"HTTP/2 edge\t(x (y))", b"1.1 a (b), 1.1 edge,1.1 c", b"1.1  edge",
        ):  # fmt: skip
            self.assertTrue(seen(value), value)
        self.assertTrue(seen(b"1.1 a", b"1.1 edge"))

    def test_our_name_means_nothing_elsewhere(self) -> None:
        for value in (
            b"", b"1.1 edges", b"1.1 a.edge", b"edge", b"1.1 a (edge)", b"edge 1.1", b"1.1 a (b, 1.1 edge)",
            b"1.1 edge:80",
        ):  # fmt: skip
            self.assertFalse(seen(value), value)
        self.assertFalse(has_been_here(Fields([(b"X-Via", b"1.1 edge")]), b"edge"))

    def test_comments_nest_and_quote(self) -> None:
        self.assertFalse(seen(b"1.1 a (b (c), 1.1 edge)"))
        self.assertFalse(seen(b"1.1 a (b\\), 1.1 edge)"))
        self.assertTrue(seen(b"1.1 a (b\\(), 1.1 edge"))
        self.assertTrue(seen(b"1.1 a (b) (c), 1.1 edge"))
        self.assertTrue(seen(b"1.1 a), 1.1 edge"))

    def test_a_comment_that_is_never_closed_hides_nothing(self) -> None:
        self.assertTrue(seen(b"1.1 a (b, 1.1 edge (tsnode)"))
        self.assertTrue(seen(b"1.1 a (b\\", b"1.1 edge"))

    @given(lists(sampled_from((b"(", b")", b"\\", b",", b'"', b" ", b"1.1 a", b"\xff")), max_size=12).map(b"".join))
    def test_nothing_that_comes_before_our_element_hides_it(self, before: bytes) -> None:
        self.assertFalse(seen(before))
        self.assertTrue(seen(before, render_via(11, b"edge", b"tsnode")))
