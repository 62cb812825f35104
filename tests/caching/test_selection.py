"""Which request fields select."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.caching.samples import fields
from tsnode.caching.policy import CachingPolicy, DefaultVariation, Variation
from tsnode.caching.selection import MOST_SELECTING, parse_vary, selecting_names

LISTS = DefaultVariation(text=(b"cookie",), images=(b"x-i",), other=(b"x-o", b"accept"))


class Vary(SynchronousTestCase):
    def test_it_is_a_list_of_names_or_everything(self) -> None:
        long = b"x-" + b"y" * 300
        for value, names in (
            (None, ()),
            (b"", ()),
            (b"Accept-Encoding , X, accept-encoding", (b"accept-encoding", b"x")),
            (b"*", None),
            (b"x, *", None),
            (long, (long,)),
        ):
            self.assertEqual(parse_vary(value), names, value)

    def test_more_names_than_can_be_compared_are_everything(self) -> None:
        names = [b"x-%d" % number for number in range(MOST_SELECTING + 1)]
        self.assertEqual(len(parse_vary(b", ".join(names[:-1])) or ()), MOST_SELECTING)
        self.assertIsNone(parse_vary(b", ".join(names)))
        self.assertIsNone(parse_vary(b", ".join(names * 20)))


class Names(SynchronousTestCase):
    def names(self, *lines: str, **rules: object) -> tuple[bytes, ...] | None:
        return selecting_names(fields(*lines), CachingPolicy(variation=Variation(**rules)))  # type: ignore[arg-type]

    def test_they_are_those_in_vary(self) -> None:
        self.assertEqual(self.names("Vary: X, Accept-Encoding"), (b"x", b"accept-encoding"))
        self.assertEqual(self.names(), ())

    def test_default_lists_act_only_without_vary_and_by_type(self) -> None:
        """Case 40."""
        for lines, names in (
            (("Content-Type: text/html",), (b"cookie",)), (("Content-Type: IMAGE/png",), (b"x-i",)),
            (("Content-Type: application/json",), (b"x-o", b"accept")), ((), (b"x-o", b"accept")),
            (("Vary: Y", "Content-Type: text/html"), (b"y",)), (("Vary: *",), None),
        ):  # fmt: skip
            self.assertEqual(self.names(*lines, defaults=LISTS), names, lines)

    def test_the_user_agent_may_select_always_or_never(self) -> None:
        """Traffic Server, ``vary_on_user_agent``, ``global_user_agent_header``."""
        self.assertEqual(self.names("Vary: X", on_user_agent=True), (b"x", b"user-agent"))
        self.assertEqual(self.names("Vary: User-Agent", on_user_agent=True), (b"user-agent",))
        self.assertEqual(self.names("Vary: X, User-Agent", one_user_agent=True), (b"x",))
        self.assertEqual(self.names("Vary: User-Agent", one_user_agent=True, on_user_agent=True), ())

    def test_codings_do_not_select_where_they_are_ignored(self) -> None:
        """Traffic Server, ``ignore_accept_encoding_mismatch`` 1."""
        self.assertEqual(self.names("Vary: Accept-Encoding, X", encoding=1), (b"x",))
        self.assertEqual(self.names("Vary: Accept-Encoding", encoding=2), (b"accept-encoding",))
