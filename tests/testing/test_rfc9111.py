"""The model of RFC 9111, against figures that the RFC gives or that can be counted by hand."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.testing.rfc9111 import (
    Asked,
    Copy,
    Told,
    age,
    date_line,
    directives,
    lifetime,
    moment,
    outcomes,
    same_tag,
    span,
    why_not_confirmed,
    why_not_selected,
    why_not_stored,
    why_not_unasked,
)

NOW = 1_700_000_000.0
PLAIN = Asked("GET", "http://a.example/1", {})


def asking(**fields: str) -> Asked:
    return Asked("GET", "http://a.example/1", {name.replace("_", "-"): value for name, value in fields.items()})


def copy(asked: Asked = PLAIN, **fields: str) -> Copy:
    """A copy of an answer with these fields that came just now."""
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    told = Told(serial=1, since=0, asked=asked, asked_at=NOW, at=NOW, status=200,
                fields={"date": date_line(NOW), **named}, body=b"x" * 10, last=10)  # fmt: skip
    return Copy.of(told)


class Reading(SynchronousTestCase):
    def test_directives_and_moments(self) -> None:
        self.assertEqual(directives('max-age=5, no-cache="a, b"')["max-age"], "5")
        self.assertIn("no-cache", directives('max-age=5, no-cache="a, b"'))
        self.assertEqual(moment(date_line(NOW)), NOW)
        self.assertIsNone(moment("soon"))


class Freshness(SynchronousTestCase):
    def test_lifetimes(self) -> None:
        self.assertEqual(lifetime(copy(cache_control="s-maxage=5, max-age=9")), 5)
        self.assertEqual(lifetime(copy(cache_control="max-age=9", expires="0")), 9)
        self.assertEqual(lifetime(copy(expires=date_line(NOW + 7))), 7)
        self.assertEqual(lifetime(copy(expires="0")), 0)

    def test_ages(self) -> None:
        self.assertEqual(age(copy(), NOW + 4), 4)
        self.assertEqual(age(copy(age="30"), NOW + 4), 34)

    def test_what_may_be_served_without_asking(self) -> None:
        fresh = copy(cache_control="max-age=10")
        self.assertIsNone(why_not_unasked(fresh, PLAIN, NOW + 9, trouble=False))
        for served, asked, later in (
            (fresh, PLAIN, 12), (fresh, asking(cache_control="no-cache"), 1),
            (copy(cache_control="no-cache, max-age=10", etag='"a"'), PLAIN, 1),
            (copy(cache_control="max-age=10, must-revalidate"), PLAIN, 12),
        ):  # fmt: skip
            self.assertIsNotNone(why_not_unasked(served, asked, NOW + later, trouble=False), (served, later))


class Storing(SynchronousTestCase):
    def test_what_may_not_be_stored(self) -> None:
        self.assertIsNone(why_not_stored(PLAIN, 200, {"cache-control": "max-age=5"}))
        for asked, fields in (
            (PLAIN, {"cache-control": "no-store"}), (PLAIN, {"cache-control": "private"}),
            (asking(authorization="x"), {"cache-control": "max-age=5"}),
            (asking(cache_control="no-store"), {"cache-control": "max-age=5"}),
        ):  # fmt: skip
            self.assertIsNotNone(why_not_stored(asked, 200, fields), fields)


class Selecting(SynchronousTestCase):
    def test_vary_names_what_has_to_be_the_same(self) -> None:
        varied = copy(asking(x_foo="a"), vary="X-Foo")
        self.assertIsNone(why_not_selected(varied, asking(x_foo="a")))
        for other in (asking(x_foo="b"), PLAIN, Asked("GET", "http://a.example/2", {"x-foo": "a"})):
            self.assertIsNotNone(why_not_selected(varied, other), other)
        self.assertIsNotNone(why_not_selected(copy(vary="*"), PLAIN))

    def test_a_304_confirms_what_its_validator_names(self) -> None:
        tagged = copy(etag='"a"')
        for tag, confirmed in (('"a"', True), ('"b"', False)):
            by = Told(serial=2, since=1, asked=asking(if_none_match='"a"'), asked_at=NOW, at=NOW + 5, status=304,
                      fields={"etag": tag})  # fmt: skip
            self.assertEqual(why_not_confirmed(tagged, by) is None, confirmed, tag)

    def test_tags_and_conditions(self) -> None:
        self.assertTrue(same_tag('W/"a"', '"a"', strong=False))
        self.assertFalse(same_tag('W/"a"', '"a"', strong=True))
        tagged = copy(etag='"a"')
        for asked, status in (
            (asking(if_none_match='"a"'), 304), (asking(if_none_match='"b"'), 200), (asking(if_match='"b"'), 412),
        ):  # fmt: skip
            self.assertEqual(outcomes(tagged, asked), status)

    def test_ranges(self) -> None:
        self.assertEqual(span(copy(), asking(range="bytes=2-4"), 10), (2, 5))
        self.assertIsNone(span(copy(), PLAIN, 10))
