"""What is stored of an answer's fields."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.caching.samples import NOW, POLICY, dated, fields, moment
from tsnode.caching.kept import keep_fields, names_for_one
from tsnode.caching.policy import CachingPolicy
from tsnode.model.fields import Fields, Line
from tsnode.semantics.cache_control import SILENT, parse_cache_control


def keep(*lines: str, said: bytes | None = None, policy: CachingPolicy = POLICY) -> tuple[Fields, tuple[Line, ...]]:
    return keep_fields(fields(*lines), parse_cache_control(said), NOW, policy)


class Kept(SynchronousTestCase):
    """RFC 9111 §3.1."""

    def test_what_is_for_one_client_is_told_apart(self) -> None:
        kept, own = keep(*dated("X: 1", "Set-Cookie: a=b", "Y: 2", "y: 3"), said=b'private="y"')
        self.assertEqual(kept, fields(*dated("X: 1")))
        self.assertEqual(own, ((b"Set-Cookie", b"a=b"), (b"Y", b"2"), (b"y", b"3")))

    def test_what_is_made_anew_or_for_one_hop_is_for_nobody(self) -> None:
        kept, own = keep(*dated("Age: 5", "Content-Length: 5", "Connection: x", "X: 1", "Keep-Alive: 5"))
        self.assertEqual((kept, own), (fields(*dated()), ()))

    def test_a_date_is_added_where_there_is_none(self) -> None:
        for lines in ((), ("Date: x",), (f"Date: {moment(0)}", f"Date: {moment(1)}")):
            self.assertEqual(keep(*lines)[0], fields(f"Date: {moment(0)}"), lines)


class ForOne(SynchronousTestCase):
    """RFC 9111 §5.2.2.4, §5.2.2.7."""

    def test_cookies_are_unless_they_are_stored(self) -> None:
        self.assertEqual(names_for_one(SILENT, POLICY), {b"set-cookie"})
        self.assertEqual(names_for_one(SILENT, CachingPolicy(store_set_cookie=True)), frozenset())

    def test_so_is_a_challenge_that_keeps_nothing_out(self) -> None:
        policy = CachingPolicy(ignore_authentication=True)
        self.assertEqual(names_for_one(SILENT, policy), {b"set-cookie", b"www-authenticate"})

    def test_so_are_the_fields_that_private_and_no_cache_list(self) -> None:
        said = parse_cache_control(b'private="a", no-cache="b, c"')
        self.assertEqual(names_for_one(said, POLICY), {b"set-cookie", b"a", b"b", b"c"})

    def test_no_cache_that_is_ignored_lists_nothing(self) -> None:
        """D-4."""
        said = parse_cache_control(b'private="a", no-cache="b, c"')
        self.assertEqual(names_for_one(said, CachingPolicy(ignore_server_no_cache=True)), {b"set-cookie", b"a"})
