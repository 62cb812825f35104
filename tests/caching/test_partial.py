"""Answers of which parts are stored."""

from __future__ import annotations

from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from tests.caching.samples import NOW, POLICY, Ask, ask, dated, fields, moment, stored
from tsnode.caching.partial import (
    Completion,
    Held,
    StorePart,
    asking_for,
    decide_completed,
    decide_part_reuse,
    decide_storing_part,
    is_outdone,
    rest_of_broken,
    strong_validator,
)
from tsnode.caching.policy import CachingPolicy
from tsnode.model.alternate import Alternate
from tsnode.model.messages import UNTIL_CLOSE, ResponseHead, Sized
from tsnode.model.spans import Holding, Span

TAG = 'ETag: "a"'
LIFETIME = "Cache-Control: max-age=60"


def holding(*spans: tuple[int, int], lines: tuple[str, ...] = (TAG,), size: int = 100) -> Alternate:
    """A stored answer with only these spans of its content."""
    held = Holding(size, tuple(Span(*span) for span in spans))
    return replace(stored(*dated(LIFETIME, *lines)), parts=held, length=held.length)


def part(
    told: str = "bytes 0-9/100", *lines: str, tag: str = TAG, status: int = 206, length: int | None = 10
) -> ResponseHead:
    """An answer with a part; its length is not known where it is None."""
    framing = UNTIL_CLOSE if length is None else Sized(length)
    brought = fields(*dated(LIFETIME, tag, f"Content-Range: {told}", *lines))
    return ResponseHead(11, status, b"P", brought, framing, True)


class Validators(SynchronousTestCase):
    """RFC 9110 §8.8.1."""

    def test_strong_ones_are_tags_without_a_mark_and_dates_that_are_old_enough(self) -> None:
        changed = f"Last-Modified: {moment(-5)}"
        for lines, validator in (
            ((TAG,), b'"a"'), (('ETag: W/"a"',), None), (("ETag: a",), None), ((TAG, changed), b'"a"'),
            (('ETag: W/"a"', changed), None), ((changed,), moment(-5).encode()),
            ((f"Last-Modified: {moment(0)}",), None), (("Last-Modified: once",), None), ((), None),
        ):  # fmt: skip
            self.assertEqual(strong_validator(fields(*dated(*lines))), validator, lines)
        self.assertIsNone(strong_validator(fields(changed)))
        self.assertIsNone(strong_validator(fields(changed, "Date: then")))


class Storing(SynchronousTestCase):
    """RFC 9111 §3.3."""

    def decide(
        self,
        response: ResponseHead,
        *before: Alternate,
        request: Ask | None = None,
        policy: CachingPolicy = POLICY,
    ) -> StorePart | None:
        asked = request or ask("Range: bytes=0-9", policy=policy)
        return decide_storing_part(asked.head, asked.facts, response, before, policy, NOW, NOW)

    def test_a_part_with_a_strong_validator_is_stored_as_such(self) -> None:
        for length in (10, None):
            decided = self.decide(part(length=length))
            assert decided is not None
            self.assertEqual((decided.span, decided.joined, decided.kept), (Span(0, 9), None, True))
            alternate = decided.alternate
            self.assertEqual((alternate.status, alternate.length), (200, 10))
            self.assertEqual(alternate.parts, Holding(100, (Span(0, 9),)))
            self.assertNotIn(b"content-range", alternate.fields)

    def test_what_is_no_part_that_can_be_trusted_is_not(self) -> None:
        for response in (
            part("bytes 0-9/*"), part("bytes 9-0/100"), part("bytes 90-100/100"), part("lines 0-9/100"),
            part(length=9), part(status=200), part(tag='ETag: W/"a"'), part("bytes 0-9/100", "Cache-Control: no-store"),
        ):  # fmt: skip
            self.assertIsNone(self.decide(response), response)

    def test_it_is_only_for_requests_that_asked_for_it(self) -> None:
        self.assertIsNone(self.decide(part(), request=ask()))
        self.assertIsNone(self.decide(part(), request=ask("Range: bytes=0-9", method="POST")))
        self.assertIsNone(self.decide(part(), policy=CachingPolicy(store_parts=False)))

    def test_it_is_joined_with_parts_of_the_same_content(self) -> None:
        before = holding((5, 20), (40, 50))
        decided = self.decide(part(), before)
        assert decided is not None
        self.assertIs(decided.joined, before)
        self.assertEqual(decided.holding, Holding(100, (Span(0, 20), Span(40, 50))))
        self.assertEqual((decided.alternate.parts, decided.alternate.length), (decided.holding, 32))

    def test_it_is_not_joined_with_anything_else(self) -> None:
        for before in (
            holding((5, 20), lines=('ETag: "b"',)), holding((5, 20), size=101),
            holding((5, 20), lines=(TAG, "Vary: X")), holding((5, 20), lines=()),
        ):  # fmt: skip
            asked = ask("Range: bytes=0-9", "X: y")
            decided = self.decide(part(), before, request=asked)
            assert decided is not None
            self.assertIsNone(decided.joined)

    def test_the_last_part_makes_it_whole(self) -> None:
        decided = self.decide(part(), holding((10, 99)))
        assert decided is not None
        self.assertEqual((decided.alternate.parts, decided.alternate.length), (None, 100))

    def test_where_the_whole_is_stored_a_part_is_not(self) -> None:
        self.assertIsNone(self.decide(part(), stored(*dated(LIFETIME, TAG))))


class Reuse(SynchronousTestCase):
    def decide(
        self, *lines: str, before: tuple[Alternate, ...], method: str = "GET", age: float = 5
    ) -> Held | Completion | None:
        asked = ask(*lines, method=method)
        return decide_part_reuse(asked.facts, asked.head, before, NOW + age, POLICY)

    def test_what_is_held_is_served(self) -> None:
        alternate = holding((5, 20), (40, 50))
        for wanted, span, offset in (("5-20", Span(5, 20), 0), ("41-42", Span(41, 42), 17)):
            decided = self.decide(f"Range: bytes={wanted}", before=(alternate,))
            self.assertEqual(decided, Held(alternate, span, offset), wanted)

    def test_what_is_missing_of_it_is_to_be_fetched(self) -> None:
        alternate = holding((5, 20), (40, 50))
        for line, wanted, missing, whole in (
            ("Range: bytes=15-30", Span(15, 30), Span(21, 30), False),
            ("Range: bytes=10-45", Span(10, 45), Span(21, 39), False),
            ("Range: bytes=-55", Span(45, 99), Span(51, 99), False), ("X: y", Span(0, 99), Span(0, 99), True),
        ):  # fmt: skip
            decided = self.decide(line, before=(alternate,))
            self.assertEqual(decided, Completion(alternate, wanted, missing, whole), line)

    def test_a_range_of_which_nothing_is_held_is_asked_for_as_it_is(self) -> None:
        self.assertIsNone(self.decide("Range: bytes=60-70", before=(holding((5, 20)),)))

    def test_if_range_decides_whether_a_part_is_wanted(self) -> None:
        """RFC 9110 §13.1.5."""
        alternate = holding((5, 20))
        self.assertIsInstance(self.decide("Range: bytes=5-6", 'If-Range: "a"', before=(alternate,)), Held)
        other = self.decide("Range: bytes=5-6", 'If-Range: "b"', before=(alternate,))
        self.assertEqual(other, Completion(alternate, Span(0, 99), Span(0, 99), True))

    def test_other_requests_go_to_the_origin(self) -> None:
        before = (holding((5, 20)),)
        for lines in (
            ('If-None-Match: "a"',), ("Range: bytes=5-6,8-9",), ("Range: bytes=200-",), ("Range: lines=1-2",),
            ("Range: bytes=5-6", "Authorization: x"), ("Range: bytes=5-6", "Cache-Control: no-cache"),
        ):  # fmt: skip
            self.assertIsNone(self.decide(*lines, before=before), lines)
        self.assertIsNone(self.decide(method="HEAD", before=before))
        self.assertIsNone(self.decide("Range: bytes=5-6", before=before, age=61))
        self.assertIsNone(self.decide("Range: bytes=5-6", before=(stored(*dated(LIFETIME, "Vary: X")),)))

    def test_of_several_the_youngest_is_taken(self) -> None:
        old, young = holding((5, 20)), holding((5, 30))
        young = replace(young, terms=replace(young.terms, birth=NOW + 1))
        for before in ((old, young), (young, old)):
            decided = self.decide("Range: bytes=5-6", before=before)
            assert isinstance(decided, Held)
            self.assertIs(decided.alternate, young)

    def test_they_are_good_for_nothing_that_would_need_a_warning(self) -> None:
        """RFC 5861 §3; RFC 9111 §5.2.1.2."""
        lines = (TAG, "Cache-Control: stale-while-revalidate=100")
        kept = holding((0, 9), lines=lines)
        for said in ("Accept: x/y", "Cache-Control: max-stale"):
            asked = ask("Range: bytes=0-4", said)
            for age, good in ((60, True), (61, False)):
                found = decide_part_reuse(asked.facts, asked.head, [kept], NOW + age, POLICY)
                self.assertEqual(isinstance(found, Held), good, (said, age))


class Completing(SynchronousTestCase):
    def setUp(self) -> None:
        self.completion = Completion(holding((10, 99)), Span(0, 99), Span(0, 9), whole=True)

    def decide(self, response: ResponseHead, *lines: str) -> StorePart | None:
        asked = ask(*lines)
        return decide_completed(self.completion, asked.head, asked.facts, response, POLICY, NOW, NOW)

    def test_just_what_is_missing_is_asked_for(self) -> None:
        self.assertEqual(asking_for(self.completion), ((b"Range", b"bytes=0-9"), (b"If-Range", b'"a"')))

    def test_what_fits_makes_it_whole_with_its_own_fields(self) -> None:
        decided = self.decide(part("bytes 0-9/100", "X: new"))
        assert decided is not None
        self.assertEqual((decided.alternate.parts, decided.alternate.length, decided.kept), (None, 100, True))
        self.assertEqual(decided.alternate.fields.get(b"x"), b"new")

    def test_what_does_not_fit_is_not_joined(self) -> None:
        for response in (
            part("bytes 0-8/100", length=9), part("bytes 1-10/100"), part("bytes 0-9/101"), part(tag='ETag: "b"'),
            part(tag='ETag: W/"a"'), part(tag="X: y"), part(status=200), part(length=11),
        ):  # fmt: skip
            self.assertIsNone(self.decide(response), response)

    def test_what_may_not_be_stored_is_for_this_client_alone(self) -> None:
        for response, lines in (
            (part("bytes 0-9/100", "Cache-Control: no-store"), ()), (part(), ("Cache-Control: no-store",)),
        ):  # fmt: skip
            decided = self.decide(response, *lines)
            assert decided is not None
            self.assertFalse(decided.kept)

    def test_what_is_for_one_client_says_what_its_own_answer_said(self) -> None:
        """RFC 9111 §3.4: else a cache behind this one would store what the origin told it not to."""
        response = part("bytes 0-9/100", "Cache-Control: no-store", "X: new", "Set-Cookie: a=b", "Age: 7")
        decided = self.decide(response)
        assert decided is not None
        fields = decided.alternate.fields
        self.assertEqual((fields.get(b"cache-control"), fields.get(b"x")), (b"max-age=60, no-store", b"new"))
        self.assertEqual(fields.get(b"set-cookie"), b"a=b")
        for name in (b"content-range", b"content-length", b"age"):
            self.assertNotIn(name, fields)
        self.assertIn(b"no-store\r\n", decided.alternate.head)
        self.assertEqual(decided.alternate.terms.birth, NOW - 7)


class Broken(SynchronousTestCase):
    """RFC 9111 §3.3: an incomplete answer is a part."""

    def test_what_came_is_a_part_where_it_is_known_of_what(self) -> None:
        alternate = replace(stored(*dated(LIFETIME, TAG)), length=10)
        rest = rest_of_broken(alternate, 4)
        assert rest is not None
        self.assertEqual((rest.length, rest.parts), (4, Holding(10, (Span(0, 3),))))

    def test_nothing_is_kept_of_others(self) -> None:
        whole = replace(stored(*dated(LIFETIME, TAG)), length=10)
        for alternate, came in (
            (whole, 0), (whole, 10), (replace(whole, length=None), 4), (holding((0, 9)), 4),
            (replace(stored(*dated(LIFETIME)), length=10), 4),
            (replace(stored(*dated(LIFETIME, TAG), status=404), length=10), 4),
        ):  # fmt: skip
            self.assertIsNone(rest_of_broken(alternate, came))


class Outdone(SynchronousTestCase):
    """RFC 9111 §4: the most recent answer is the one to use."""

    def whole(self, *lines: str, later: float = 0.0, tag: str = TAG) -> Alternate:
        return replace(stored(*dated(LIFETIME, tag, *lines)), response_time=NOW + later)

    def is_outdone(self, alternate: Alternate, *others: Alternate, request: Ask | None = None) -> bool:
        return is_outdone(replace(alternate, response_time=NOW), (request or ask()).head, others)

    def test_an_answer_gives_way_to_a_later_one_only(self) -> None:
        for tag in (TAG, 'ETag: "b"'):
            for later, outdone in ((-1.0, False), (0.0, False), (1.0, True)):
                self.assertIs(self.is_outdone(self.whole(), self.whole(later=later, tag=tag)), outdone, (tag, later))

    def test_a_part_gives_way_to_the_whole_whenever_that_came(self) -> None:
        for later in (-1.0, 0.0, 1.0):
            self.assertTrue(self.is_outdone(holding((0, 9)), self.whole(later=later)), later)
        self.assertFalse(self.is_outdone(holding((0, 9)), self.whole(later=-1.0, tag='ETag: "b"')))

    def test_a_whole_never_gives_way_to_a_part_of_it(self) -> None:
        later = replace(holding((0, 9)), response_time=NOW + 1)
        self.assertFalse(self.is_outdone(self.whole(), later))
        self.assertTrue(self.is_outdone(self.whole(tag='ETag: "b"'), later))

    def test_what_other_requests_get_matters_not(self) -> None:
        other = replace(
            stored(*dated(LIFETIME, "Vary: Accept"), request=ask("Accept: a/b")), response_time=NOW + 1
        )
        self.assertFalse(self.is_outdone(self.whole(), other, request=ask("Accept: c/d")))
        self.assertFalse(self.is_outdone(self.whole()))
