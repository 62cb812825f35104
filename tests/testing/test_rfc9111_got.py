"""What clients got."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.testing.test_rfc9111 import NOW, PLAIN, copy
from tsnode.testing.rfc9111 import date_line
from tsnode.testing.rfc9111_got import Got, Window, are_strongly_the_same, host_of, is_odd, is_own, why_not_old_enough


class Telling(SynchronousTestCase):
    def test_strong_validators(self) -> None:
        changed = {"last-modified": date_line(NOW - 5), "date": date_line(NOW)}
        for one, other, same in (
            ({"etag": '"a"'}, {"etag": '"a"'}, True), ({"etag": 'W/"a"'}, {"etag": 'W/"a"'}, False),
            ({"etag": '"a"'}, {}, False), (changed, changed, True), ({}, {}, False),
            (changed, {**changed, "date": date_line(NOW - 5)}, False),
        ):  # fmt: skip
            self.assertEqual(are_strongly_the_same(one, other), same, (one, other))

    def test_an_answer_is_to_tell_its_age(self) -> None:
        for told, enough in (("4", True), ("5", True), ("3", False), (None, False), ("x", False)):
            got = Got(200, {} if told is None else {"age": told}, b"", complete=True)
            self.assertEqual(why_not_old_enough(copy(), got, NOW + 4) is None, enough, told)

    def test_whose_answer_it_is(self) -> None:
        told = copy(cache_control="max-age=5").told
        self.assertTrue(is_own(told, PLAIN, Window(0, 2, NOW)))
        self.assertFalse(is_own(told, PLAIN, Window(1, 2, NOW)))
        self.assertFalse(is_odd(told))
        self.assertTrue(is_odd(copy(cache_control="no-cache").told))
        self.assertEqual(host_of("http://a.example/1"), "a.example")
