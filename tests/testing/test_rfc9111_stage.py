"""Histories that are played: those of a right node pass, those of a wrong one are found out."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.testing.rfc9111_scenes import Ask, History, Says
from tsnode.testing.rfc9111_stage import play, read_answer


def history(*steps: Ask) -> History:
    return History(marked=True, steps=steps)


STALE = history(Ask(says=Says(control="max-age=10, must-revalidate")), Ask(after=60.0))
HIT = history(Ask(says=Says(control="max-age=100")), Ask(after=1.0), Ask(after=1.0))
UNSTORED = history(Ask(says=Says(control="no-store")), Ask(after=1.0))
PRIVATE = history(Ask(says=Says(control="private, max-age=100")), Ask(after=1.0))
VARIED = history(Ask(says=Says(vary="X-Foo"), foo="a"), Ask(foo="b"))
SECRET = history(Ask(says=Says(control="max-age=100"), user="alice"), Ask(after=1.0))
NEWS = history(Ask(says=Says(control="max-age=100")), Ask(after=5.0, wants="no-cache"))
CONFIRMED = history(Ask(says=Says(control="no-cache, max-age=100")), Ask(after=5.0))
CHANGED = history(Ask(says=Says(control="max-age=100")), Ask(method="DELETE"), Ask(after=1.0))


class RightNode(SynchronousTestCase):
    def test_what_it_does_is_permitted(self) -> None:
        for scene in (STALE, HIT, UNSTORED, PRIVATE, VARIED, SECRET, NEWS, CONFIRMED, CHANGED):
            ledger = play(scene)
            self.assertGreater(len(ledger.told), 0)
        self.assertEqual(len(play(HIT).told), 1)


class WrongNode(SynchronousTestCase):
    """An operator may have a node do what the RFC does not permit; the history that it matters in finds that."""

    def assert_found(self, scene: History, records: str = "", cache: str = "") -> None:
        lines = "".join(f"CONFIG proxy.config.http.cache.{line}\n" for line in records.split("\n") if line)
        self.assertRaises(AssertionError, play, scene, lines, cache)

    def test_one_that_takes_everything_for_fresh(self) -> None:
        self.assert_found(STALE, "when_to_revalidate INT 3")

    def test_one_that_stores_what_it_may_not(self) -> None:
        for scene in (UNSTORED, PRIVATE):
            self.assert_found(scene, cache="dest_domain=. ttl-in-cache=1h\n")

    def test_one_that_gives_to_all_what_was_for_one(self) -> None:
        self.assert_found(SECRET, "ignore_authentication INT 1")

    def test_one_that_heeds_no_client(self) -> None:
        self.assert_found(NEWS, "ignore_client_no_cache INT 1")

    def test_one_that_asks_its_origin_too_seldom(self) -> None:
        self.assert_found(CONFIRMED, "ignore_server_no_cache INT 1")

    def test_one_that_caches_nothing(self) -> None:
        self.assert_found(HIT, "http INT 0")


class Answers(SynchronousTestCase):
    def test_they_are_read_as_a_client_would(self) -> None:
        for octets, method, body, complete in (
            (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", "GET", b"ab", True),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", "GET", b"ab", False),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", "GET", b"ab", True),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", "HEAD", b"", True),
        ):
            got = read_answer(octets, method, closed=False)
            assert got is not None
            self.assertEqual((got.body, got.complete), (body, complete), octets)
        self.assertIsNone(read_answer(b"HTTP/1.1 200", "GET", closed=True))
