"""How long answers are fresh and which are stored, as clients and origins see it (http-caching, cases 1 to 23)."""

from __future__ import annotations

from tests.journeys.answers import answer
from tests.journeys.rules import CACHE, RuleCase

ALL_TYPES = ("text/html", "image/png", "application/json", "")


class Freshness(RuleCase):
    def assert_fresh(self, *lines: str, for_: float, records: tuple[str, ...] = ()) -> None:
        """An answer with these lines is fresh for so long, to the second; not at all where that is 0."""
        if for_:
            self.start(*records)
            self.store(*self.placed(lines), after=for_)
            self.assertTrue(self.is_hit(), (lines, for_))
        self.start(*records)
        self.store(*self.placed(lines), after=for_ + 1)
        self.assertFalse(self.is_hit(), (lines, for_))

    def placed(self, lines: tuple[str, ...]) -> list[str]:
        """The lines, with ``+5`` and the like as the date that far from now."""
        placed = []
        for line in lines:
            name, _, value = line.partition(": ")
            placed.append(f"{name}: {self.date(float(value))}" if value[:1] in "+-" else line)
        return placed

    def test_a_stated_lifetime_ends_to_the_second(self) -> None:
        """Cases 1, 2, 6."""
        for lines, seconds in (
            (("Cache-Control: max-age=100",), 100),
            (("Cache-Control: s-maxage=0, max-age=100",), 0),
            (("Cache-Control: s-maxage=50, max-age=100",), 50),
            (("Cache-Control: max-age=-5",), 0),
            (("Cache-Control: max-age=abc",), 0),
            (("Cache-Control: max-age=60, max-age=10",), 10),
            (("Cache-Control: max-age=60", "Cache-Control: max-age=10"), 10),
            (('Cache-Control: max-age="60"',), 60),
            (("Cache-Control: public", "Cache-Control: max-age=20"), 20),
            (("Expires: +30",), 30),
            (("Expires: -30", 'ETag: "a"'), 0),
            (("Expires: 0", 'ETag: "a"'), 0),
            (("Expires: soon",), 0),
            (("Expires: +30", "Expires: +60"), 0),
            (("Expires: 0", "Cache-Control: max-age=40"), 40),
        ):
            self.assert_fresh(*lines, for_=seconds)

    def test_without_one_it_is_guessed(self) -> None:
        """Cases 3, 4, 8."""
        for changed, seconds in (("-6500", 3600), ("-396300", 39630), ("-9000000", 86400), ("+500", 3600)):
            self.assert_fresh("Date: +0", f"Last-Modified: {changed}", for_=seconds)
        self.assert_fresh(for_=3600)
        double = (f"{CACHE}heuristic_lm_factor FLOAT 0.2",)
        self.assert_fresh("Date: +0", "Last-Modified: -396300", for_=79260, records=double)

    def test_what_is_stale_by_a_guess_is_asked_about(self) -> None:
        """Case 3."""
        changed = self.date(-6500)
        self.store(f"Date: {self.date()}", f"Last-Modified: {changed}", after=3700)
        self.get()
        self.assertEqual(self.sent[b"if-modified-since"], changed.encode())

    def test_an_age_that_it_comes_with_counts(self) -> None:
        """Case 5; RFC 9111 §5.1."""
        for lines, seconds in (
            (("Age: 200",), 0), (("Age: 60",), 40), (("Age: 60", "Age: 0"), 40), (("Age: -60",), 100),
            (("Age: x",), 100), (("Age: 60, 90",), 40), ((f"Age: {'9' * 50}",), 0), (("Date: -30",), 70),
            (("Date: -30", "Age: 60"), 40),
            (("Date: +500",), 100), (("Date: then",), 100), (("Date: -30", "Date: -60"), 100),
        ):  # fmt: skip
            self.assert_fresh("Cache-Control: max-age=100", *lines, for_=seconds)

    def test_it_is_told_how_old_it_is(self) -> None:
        """RFC 9111 §5.1."""
        for lines, age in (((), b"7"), (("Age: 60",), b"67"), ((f"Date: {self.date(-30)}",), b"37")):
            self.start()
            self.store("Cache-Control: max-age=1000", *lines, after=7)
            self.assertEqual(self.get().fields.get(b"age"), age, lines)

    def test_a_date_is_added_where_there_is_none(self) -> None:
        """Case 5."""
        date = self.date().encode()
        self.origin.answer(answer("Cache-Control: max-age=100"))
        self.assertEqual(self.get().fields.get(b"date"), date)
        self.node.pass_time(50)
        self.assertEqual((self.get().fields.get(b"date"), len(self.origin.requests)), (date, 1))

    def test_the_operator_bounds_it(self) -> None:
        """Case 7."""
        least = (f"{CACHE}guaranteed_min_lifetime INT 60",)
        self.assert_fresh("Cache-Control: max-age=0", for_=60, records=least)
        most = (f"{CACHE}guaranteed_max_lifetime INT 60",)
        self.assert_fresh("Cache-Control: max-age=1000", for_=60, records=most)

    def test_a_client_says_what_it_takes(self) -> None:
        """Case 9."""
        for directives, age, said, hit in (
            ("max-age=100", 50, "min-fresh=50", True),
            ("max-age=100", 51, "min-fresh=50", False),
            ("max-age=10", 30, "max-stale=60", True),
            ("max-age=10", 30, "max-stale", True),
            ("max-age=10", 30, "max-stale=5", False),
            ("max-age=10, must-revalidate", 30, "max-stale=60", False),
            ("max-age=10, proxy-revalidate", 30, "max-stale=60", False),
            ("s-maxage=10", 30, "max-stale=60", False),
            ("max-age=100", 30, "max-age=0", False),
            ("max-age=100", 30, "max-age=30", True),
            ("max-age=100", 30, "max-age=29", False),
        ):
            self.start()
            self.store(f"Cache-Control: {directives}", after=age)
            self.assertIs(self.is_hit(f"Cache-Control: {said}"), hit, (directives, age, said))

    def test_one_that_it_takes_stale_says_so(self) -> None:
        """Case 9."""
        self.store("Cache-Control: max-age=10", after=30)
        self.assertTrue((self.get("Cache-Control: max-stale=60").fields.get(b"warning") or b"").startswith(b"113 "))

    def test_what_it_says_about_ages_can_be_ignored(self) -> None:
        """Case 10."""
        self.start(f"{CACHE}ignore_client_cc_max_age INT 1")
        self.store("Cache-Control: max-age=100", after=30)
        self.assertTrue(self.is_hit("Cache-Control: max-age=0"))

    def test_the_operator_says_when_to_revalidate(self) -> None:
        """Case 11."""
        conditional = "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT"
        for when, guessed, stated, stale, asked_about in (
            (0, True, True, False, True), (1, False, True, False, True), (2, False, False, False, False),
            (3, True, True, True, True), (4, True, True, False, False),
        ):  # fmt: skip
            for lines, age, asked, hit in (
                ((), 5, (), guessed), (("Cache-Control: max-age=10",), 5, (), stated),
                (("Cache-Control: max-age=10",), 50, (), stale),
                (("Cache-Control: max-age=10",), 5, (conditional,), asked_about),
            ):  # fmt: skip
                self.start(f"{CACHE}when_to_revalidate INT {when}")
                self.store(*lines, after=age)
                self.assertIs(self.is_hit(*asked), hit, (when, lines, age, asked))


class Storing(RuleCase):
    def is_stored(self, *lines: str, status: str = "200 OK", asked: tuple[str, ...] = ()) -> bool:
        """Whether the next client is answered without the origin."""
        self.store(*lines, status=status, asked=asked)
        return self.is_hit()

    def test_the_operator_says_what_a_200_must_bring(self) -> None:
        """Case 14."""
        for required, lines, stored in (
            (0, (), True), (1, (), False), (2, (), False),
            (0, ("Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT",), True),
            (1, ("Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT",), True),
            (2, ("Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT",), False),
            (2, ("Cache-Control: max-age=9",), True),
        ):  # fmt: skip
            self.start(f"{CACHE}required_headers INT {required}")
            self.assertIs(self.is_stored(*lines), stored, (required, lines))

    def test_the_status_says_whether_a_lifetime_is_guessed(self) -> None:
        """Cases 15, 16; RFC 9110 §15.1."""
        dated = "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT"
        for status, bare, changed, lasting in (
            (200, True, True, True), (203, True, True, True), (300, True, True, True), (301, True, True, True),
            (410, True, True, True), (308, False, True, True), (404, False, True, True), (405, False, True, True),
            (414, False, True, True), (501, False, True, True), (302, False, False, True), (303, False, False, True),
            (307, False, False, True), (500, False, False, True), (403, False, False, True), (416, False, False, False),
            (206, False, False, False), (429, False, False, False),
        ):  # fmt: skip
            for lines, stored in (((), bare), ((dated,), changed), (("Cache-Control: max-age=60",), lasting)):
                self.start()
                self.assertIs(self.is_stored(*lines, status=f"{status} X"), stored, (status, lines))

    def test_an_answer_without_content_is_stored_as_well(self) -> None:
        """Case 15."""
        self.origin.answer(b"HTTP/1.1 204 No Content\r\nCache-Control: max-age=60\r\n\r\n")
        for _ in range(2):
            gone = self.get()
            self.assertEqual((gone.status, gone.body, gone.fields.get(b"content-length")), (204, b"", None))
        self.assertEqual(len(self.origin.requests), 1)

    def test_the_origin_can_forbid_it(self) -> None:
        """Cases 17, 18, 23."""
        for line in (
            "Cache-Control: no-store", "Cache-Control: private", "Pragma: no-cache",
            "Cache-Control: max-age=9, NO-STORE", "Cache-Control: no-cache", "WWW-Authenticate: Basic", "Vary: *",
        ):  # fmt: skip
            self.start()
            self.assertFalse(self.is_stored(line), line)
            self.start()
            self.assertFalse(self.is_stored("Cache-Control: max-age=60", line), line)

    def test_no_cache_is_revalidated_each_time_unless_that_is_ignored(self) -> None:
        """D-4."""
        self.store("Cache-Control: no-cache", 'ETag: "a"')
        self.origin.answer(b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n')
        for _ in range(2):
            self.assertEqual((self.get().status, self.sent[b"if-none-match"]), (200, b'"a"'))
        for line in ("Cache-Control: no-cache", "Cache-Control: no-store"):
            self.start(f"{CACHE}ignore_server_no_cache INT 1")
            self.assertTrue(self.is_stored(line), line)

    def test_a_challenge_reaches_its_client_alone_where_it_keeps_nothing_out(self) -> None:
        """Case 18."""
        self.start(f"{CACHE}ignore_authentication INT 1")
        self.origin.answer(answer("Cache-Control: max-age=60", "WWW-Authenticate: Basic"))
        self.assertEqual(self.get().fields.get(b"www-authenticate"), b"Basic")
        self.assertNotIn(b"www-authenticate", self.get().fields)
        self.assertEqual(len(self.origin.requests), 1)

    def test_what_credentials_brought_is_for_others_only_where_the_origin_says_so(self) -> None:
        """Case 19, D-1; RFC 9111 §3.5."""
        for directive, shared in (
            ("max-age=60", False), ("max-age=60, public", True), ("s-maxage=60", True),
            ("max-age=60, must-revalidate", True), ("max-age=60, proxy-revalidate", False),
        ):  # fmt: skip
            self.start()
            stored = self.is_stored(f"Cache-Control: {directive}", asked=("Authorization: Basic x",))
            self.assertIs(stored, shared, directive)

    def test_whether_cookies_keep_it_out_is_up_to_the_mode_and_the_type(self) -> None:
        """Case 20."""
        for mode, (text, image, other) in enumerate(
            ((False, False, False), (True, True, True), (False, True, False), (False, True, True))
        ):
            for lines, asked in ((("Set-Cookie: a=b",), ()), ((), ("Cookie: a=b",))):
                for kind, stored in zip(ALL_TYPES, (text, image, other, other), strict=True):
                    typed = (f"Content-Type: {kind}",) if kind else ()
                    self.start(f"{CACHE}cache_responses_to_cookies INT {mode}")
                    found = self.is_stored("Cache-Control: max-age=60", *lines, *typed, asked=asked)
                    self.assertIs(found, stored, (mode, lines, kind))
                    self.assertNotIn(b"set-cookie", self.get().fields)

    def test_a_cookie_is_kept_with_the_answer_where_that_is_configured(self) -> None:
        """D-16."""
        self.start("CONFIG proxy.config.tsnode.http.cache.store_set_cookie INT 1")
        self.origin.answer(answer("Cache-Control: max-age=60", "Set-Cookie: a=b"))
        self.assertEqual([self.get().fields.all(b"set-cookie") for _ in range(2)], [(b"a=b",)] * 2)

    def test_a_client_can_forbid_it(self) -> None:
        """Case 21, D-15."""
        for said in ("Cache-Control: no-store", "Cache-Control: no-cache", "Pragma: no-cache"):
            self.start()
            self.assertFalse(self.is_stored("Cache-Control: max-age=60", asked=(said,)), said)
        self.start()
        self.store("Cache-Control: max-age=60")
        self.assertTrue(self.is_hit("Cache-Control: no-store"))
        self.origin.answer(answer("Cache-Control: max-age=60", body=b"new"))
        self.assertEqual(self.get("Cache-Control: no-cache").body, b"new")
        self.assertEqual((self.get().body, len(self.origin.requests)), (b"new", 2))

    def test_urls_that_look_dynamic_are_a_choice(self) -> None:
        """Case 22."""
        for switch, times in ((0, 2), (1, 1)):
            self.start(f"{CACHE}cache_urls_that_look_dynamic INT {switch}")
            self.origin.answer(answer("Cache-Control: max-age=60"))
            for _ in range(2):
                self.node.get("http://a.example/page?a=b")
            self.assertEqual(len(self.origin.requests), times, switch)
