"""How well an answer suits a request."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import lists, sampled_from
from twisted.trial.unittest import SynchronousTestCase

from tests.caching.samples import ask, dated, fields, stored
from tsnode.caching.policy import CachingPolicy, Variation
from tsnode.caching.qualities import quality

ALL = CachingPolicy(variation=Variation(accept=0, language=0, encoding=0, charset=0))
ASKED = (
    "Accept: text/html", "Accept: image/*;q=0.5", "Accept-Language: de, en;q=0.5", "Accept-Encoding: gzip",
    "Accept-Encoding: br;q=0", "Accept-Charset: x", "Accept: */*;q=0",
)  # fmt: skip
ANSWERED = ("Content-Type: text/plain; charset=latin1", "Content-Language: fr", "Content-Encoding: br", "Vary: X")


class Qualities(SynchronousTestCase):
    """Traffic Server, ``calculate_quality_of_match``."""

    def suits(
        self, answer: str, asked: str, before: str = "X: y", policy: CachingPolicy = ALL
    ) -> float:
        alternate = stored(*dated(answer, "Cache-Control: max-age=9"), request=ask(before), policy=policy)
        return round(quality(alternate, fields(asked), policy), 3)

    def test_types(self) -> None:
        for answer, asked, found in (
            ("text/html", "text/html;q=0.7", 0.7), ("text/html;charset=utf-8", "text/*;q=0.3, */*;q=0.1", 0.3),
            ("text/html", "image/png, */*;q=0.1", 0.1), ("text/html", "image/png", -1),
            ("text/html", "text/html;q=0", -1),
            ("image/webp", "image/*", -1), ("image/webp", "image/webp", 1), ("TEXT/html", "text/html;level=1", 1),
        ):  # fmt: skip
            self.assertEqual(self.judged(f"Content-Type: {answer}", f"Accept: {asked}"), found, (answer, asked))
        self.assertEqual(self.judged("X: y", "Accept: text/html"), 1)

    def judged(self, answer: str, asked: str, before: str = "X: y") -> float:
        """The quality, less the little that what both requests lack adds."""
        found = self.suits(answer, asked, before)
        return found if found <= 0 else round(found / 1.001**3, 3)

    def test_charsets(self) -> None:
        for answer, asked, found in (
            ("text/html; charset=latin1", "latin1;q=0.5", 0.5), ("text/html; charset=latin1", "utf-8", -1),
            ("text/html", "latin1", 1), ("text/html; charset=UTF-8", "latin1", 1), ("text/html", "utf-8;q=0.5", 0.5),
            ('text/html; charset="latin1"; x=y', "*;q=0.5", 0.5),
        ):  # fmt: skip
            self.assertEqual(self.judged(f"Content-Type: {answer}", f"Accept-Charset: {asked}"), found, (answer, asked))

    def test_who_says_nothing_takes_everything(self) -> None:
        for answer, before in (
            ("Content-Type: text/html; charset=latin1", "Accept-Charset: latin1"), ("Content-Type: x/y", "Accept: x/y"),
            ("Content-Language: fr", "Accept-Language: fr"),
        ):  # fmt: skip
            self.assertGreater(self.suits(answer, "X: y", before), 0, answer)

    def test_languages(self) -> None:
        for answer, asked, found in (
            ("de", "de;q=0.5", 0.5), ("de-AT", "de;q=0.5", 0.5), ("de", "de-AT", -1), ("fr", "en", -1),
            ("fr", "en, *;q=0.2", 0.2), ("de, en", "de, en;q=0.5", 0.5),
        ):  # fmt: skip
            found_ = self.judged(f"Content-Language: {answer}", f"Accept-Language: {asked}")
            self.assertEqual(found_, found, (answer, asked))
        self.assertEqual(self.judged("X: y", "Accept-Language: en"), 1)

    def test_codings(self) -> None:
        for answer, asked, before, found in (
            ("gzip", "gzip;q=0.5", "X: y", 0.5), ("x-gzip", "gzip", "X: y", 1),
            ("gzip, br", "gzip;q=0.5, br;q=0.5", "X: y", 0.25),
            ("gzip", "br", "X: y", -1), ("gzip", "*;q=0.5", "X: y", 0.5), ("identity", "br", "X: y", 0.001),
            ("identity", "identity;q=0.5, br", "X: y", 0.5),
        ):  # fmt: skip
            told = self.judged(f"Content-Encoding: {answer}", f"Accept-Encoding: {asked}", before)
            self.assertEqual(told, found, (answer, asked))
        self.assertEqual(self.suits("Content-Encoding: gzip", "X: y", "Accept-Encoding: gzip"), -1)
        self.assertEqual(self.judged("X: y", "Accept-Encoding: gzip"), -1)
        self.assertGreater(self.suits("X: y", "Accept-Encoding: gzip, br", "Accept-Encoding: gzip"), 0)
        self.assertGreater(self.suits("X: y", "X: y", "Accept-Encoding: br"), 0)

    def test_what_is_ignored_does_not_count(self) -> None:
        for mode, varied, counts in ((0, False, True), (1, True, False), (2, False, False), (2, True, True)):
            policy = CachingPolicy(variation=Variation(accept=mode))
            lines = ("Content-Type: text/html", *(("Vary: X",) if varied else ()))
            alternate = stored(*dated(*lines), policy=policy)
            found = quality(alternate, fields("Accept: image/png"), policy)
            self.assertEqual(found <= 0, counts, (mode, varied))

    @given(lists(sampled_from(ASKED), max_size=4), lists(sampled_from(ANSWERED), max_size=4))
    def test_an_answer_always_suits_the_request_that_brought_it(self, asked: list[str], answered: list[str]) -> None:
        request = ask(*asked, policy=ALL)
        alternate = stored(*dated("Cache-Control: max-age=9", *answered), request=request, policy=ALL)
        self.assertGreater(quality(alternate, request.head.fields, ALL), 0)
