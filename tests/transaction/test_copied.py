"""A content that can be sent once more."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.transaction.stand_ins import Material
from tsnode.model.errors import BadRequest
from tsnode.ports import Flow
from tsnode.testing.fills import take_all
from tsnode.transaction.copied import Copied


class CopiedContent(SynchronousTestCase):
    def test_what_was_taken_to_the_end_is_kept(self) -> None:
        copied = Copied(Material(b"ab", b"c").end(), 3)
        self.assertIsNone(copied.whole)
        self.assertEqual(take_all(copied), b"abc")
        self.assertEqual((copied.flow, copied.whole, len(copied.trailers)), (Flow.ENDED, b"abc", 0))

    def test_nothing_is_kept_of_what_is_longer(self) -> None:
        copied = Copied(Material(b"ab", b"c", b"d").end(), 2)
        self.assertEqual(take_all(copied), b"abcd")
        self.assertIsNone(copied.whole)

    def test_what_broke_off_is_not_whole(self) -> None:
        material = Material(b"ab")
        copied = Copied(material, 9)
        self.assertEqual(copied.take(), b"ab")
        told: list[bool] = []
        copied.notify(lambda: told.append(True))
        material.fail(BadRequest("cut short"))
        self.assertEqual((told, copied.flow, copied.whole), ([True], Flow.FAILED, None))
        self.assertIsInstance(copied.failure, BadRequest)

    def test_it_ends_with_its_reader(self) -> None:
        material = Material(b"ab")
        Copied(material, 9).close()
        self.assertTrue(material.closed)
