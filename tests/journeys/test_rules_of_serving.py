"""What is served, revalidated and dropped, as clients and origins see it (http-caching, cases 25 to 37, 42)."""

from __future__ import annotations

from tests.journeys.answers import answer
from tests.journeys.rules import CACHE, HTTP, URL, RuleCase


class Serving(RuleCase):
    def test_conditions_are_answered_here(self) -> None:
        """Cases 25, 26."""
        changed = self.date(-500)
        self.store("Cache-Control: max-age=60", 'ETag: "a"', f"Last-Modified: {changed}", "Vary: X", "X-Other: y")
        for lines, status in (
            (('If-None-Match: "a"',), 304), (('If-None-Match: W/"a"',), 304), (("If-None-Match: *",), 304),
            (('If-None-Match: "b"', f"If-Modified-Since: {changed}"), 200), ((f"If-Modified-Since: {changed}",), 304),
            ((f"If-Modified-Since: {self.date(-600)}",), 200), (('If-Match: "b"',), 412), (("If-Match: *",), 200),
            (('If-Match: "a"',), 200), ((f"If-Unmodified-Since: {self.date(-600)}",), 412),
        ):  # fmt: skip
            self.assertEqual(self.get(*lines).status, status, lines)
        unchanged = self.get('If-None-Match: "a"')
        told = {name.lower() for name, _ in unchanged.fields}
        self.assertLessEqual({b"etag", b"cache-control", b"vary", b"date"}, told)
        self.assertFalse({b"last-modified", b"age", b"x-other"} & told)
        self.assertEqual((unchanged.body, len(self.origin.requests)), (b"", 1))

    def test_head_is_answered_from_what_get_brought_and_brings_nothing_itself(self) -> None:
        """Case 27."""
        self.origin.answer(b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 5\r\n\r\n")
        self.assertEqual(self.get(method="HEAD").fields.get(b"content-length"), b"5")
        self.assertFalse(self.is_hit(method="HEAD"))
        self.store("Cache-Control: max-age=60")
        self.assertTrue(self.is_hit(method="HEAD"))

    def test_parts_are_cut_out(self) -> None:
        """Case 28."""
        self.store("Cache-Control: max-age=60", 'ETag: "a"')
        for lines, status, body in (
            (("Range: bytes=1-2",), 206, b"el"), (("Range: bytes=-3",), 206, b"llo"),
            (("Range: bytes=3-99",), 206, b"lo"),
            (("Range: bytes=1-2", 'If-Range: "b"'), 200, b"hello"), (("Range: bytes=1-2", 'If-Range: "a"'), 206, b"el"),
            (("Range: bytes=0-0,2-2",), 200, b"hello"), (("Range: lines=1-2",), 200, b"hello"),
        ):  # fmt: skip
            found = self.get(*lines)
            self.assertEqual((found.status, found.body), (status, body), lines)
        self.assertEqual(self.get("Range: bytes=9-").status, 416)
        self.assertEqual(len(self.origin.requests), 1)

    def test_a_part_that_was_asked_for_is_never_the_whole(self) -> None:
        """Case 29."""
        lines = ("Cache-Control: max-age=60", "Content-Range: bytes 1-2/5")
        part = answer(*lines, status="206 Partial Content", body=b"el")
        for write, first, hit in ((0, part, False), (1, part, False), (0, None, False), (1, None, True)):
            self.start(f"{CACHE}range.write INT {write}")
            self.origin.answer(first or answer("Cache-Control: max-age=60"))
            self.get("Range: bytes=1-2")
            self.origin.answer(answer(body=b"whole"))
            self.assertIs(self.is_hit(), hit, (write, first))

    def test_who_wants_only_what_is_stored_causes_no_fetch(self) -> None:
        """Case 30, D-11."""
        self.assertEqual(self.get("Cache-Control: only-if-cached").status, 504)
        self.store("Cache-Control: max-age=10", after=5)
        self.assertEqual(self.get("Cache-Control: only-if-cached").status, 200)
        self.node.pass_time(20)
        self.assertEqual(self.get("Cache-Control: only-if-cached").status, 504)
        self.assertEqual(self.get("Cache-Control: only-if-cached, max-stale").status, 200)
        self.assertEqual(len(self.origin.requests), 1)


class Revalidating(RuleCase):
    def test_both_validators_are_sent(self) -> None:
        """Case 31."""
        changed = self.date(-500)
        self.store("Cache-Control: max-age=10", 'ETag: W/"a"', f"Last-Modified: {changed}", after=20)
        self.get()
        self.assertEqual(self.sent[b"if-none-match"], b'"a"')
        self.assertEqual(self.sent[b"if-modified-since"], changed.encode())

    def test_a_confirmation_renews_it_and_what_it_does_not_carry_stays(self) -> None:
        """Case 32; RFC 9111 §3.2."""
        self.store("Cache-Control: max-age=10", 'ETag: "a"', "Content-Type: text/css", "X-Old: 1", after=20)
        self.origin.answer(
            b"HTTP/1.1 304 Not Modified\r\nContent-Type: x/y\r\nContent-Encoding: gzip\r\nX-New: 2\r\n\r\n"
        )
        for _ in range(2):
            found = self.get()
            self.assertEqual((found.status, found.body), (200, b"hello"))
            for name, value in ((b"content-type", b"text/css"), (b"x-old", b"1"), (b"x-new", b"2"), (b"etag", b'"a"'),
                                (b"content-encoding", None), (b"content-length", b"5")):
                self.assertEqual(found.fields.get(name), value, name)
        self.assertEqual(len(self.origin.requests), 2)

    def test_anything_else_ends_the_copy_or_takes_its_place(self) -> None:
        """Case 33."""
        for status, lines, again in (
            (200, ("Cache-Control: max-age=60",), True), (200, ("Cache-Control: no-store",), False), (404, (), False),
            (403, (), False), (410, (), True), (404, ("Cache-Control: max-age=60",), True),
        ):  # fmt: skip
            self.start()
            self.store("Cache-Control: max-age=10", 'ETag: "a"', after=20)
            self.origin.answer(answer(*lines, status=f"{status} X", body=b"other"))
            self.assertEqual((self.get().status, self.get().body), (status, b"other"), status)
            self.assertIs(self.is_hit(), again, (status, lines))
            self.assertNotEqual(self.get().body, b"hello")

    def test_one_whose_origin_cannot_be_reached_is_served_stale_where_that_is_allowed(self) -> None:
        """Case 34."""
        for directives, age, status in (
            ("max-age=10", 20, 200), ("max-age=10, must-revalidate", 20, 502), ("s-maxage=10", 20, 502),
            ("max-age=10", 604900, 502),
        ):  # fmt: skip
            self.start()
            self.store(f"Cache-Control: {directives}", 'ETag: "a"', after=age)
            self.origin.hang_up()
            self.node.network.listeners.clear()
            found = self.get()
            self.assertEqual(found.status, status, (directives, age))
            if status == 200:
                self.assertEqual(found.fields.get(b"warning"), b'111 tsnode "Revalidation Failed"')
                unchanged = self.get('If-None-Match: "a"')
                self.assertEqual(unchanged.status, 304)
                self.assertEqual(unchanged.fields.get(b"warning"), b'111 tsnode "Revalidation Failed"')

    def test_an_error_is_passed_on_or_the_copy_is_served_instead(self) -> None:
        """Case 35, D-13."""
        for switch, found in ((0, (503, b"busy")), (1, (200, b"hello"))):
            self.start(f"{HTTP}negative_revalidating_enabled INT {switch}")
            self.store("Cache-Control: max-age=10", 'ETag: "a"', after=20)
            self.origin.answer(answer(status="503 Busy", body=b"busy"))
            got = self.get()
            self.assertEqual((got.status, got.body), found, switch)
            self.origin.answer(b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n')
            self.assertEqual(self.get().body, b"hello")

    def test_a_client_that_wants_its_origin_asked_gets_that(self) -> None:
        """Case 36."""
        for switch, condition in ((0, None), (1, b'"a"')):
            self.start(f"{CACHE}ims_on_client_no_cache INT {switch}")
            self.store("Cache-Control: max-age=60", 'ETag: "a"')
            self.get("Cache-Control: no-cache")
            self.assertEqual(self.sent.get(b"if-none-match"), condition, switch)

    def test_a_client_that_has_the_new_one_already_is_told_so(self) -> None:
        """Case 37."""
        self.store("Cache-Control: max-age=10", 'ETag: "a"', after=20)
        self.origin.answer(answer("Cache-Control: max-age=10", 'ETag: "b"', body=b"new"))
        self.assertEqual(self.get('If-None-Match: "b"').status, 304)
        self.assertEqual((self.get().body, len(self.origin.requests)), (b"new", 2))

    def test_a_client_that_has_another_one_gets_the_copy_that_was_confirmed(self) -> None:
        """RFC 9111 §4.3.2."""
        self.store("Cache-Control: max-age=10", 'ETag: "b"', after=20)
        self.origin.answer(b'HTTP/1.1 304 Not Modified\r\nETag: "b"\r\n\r\n')
        found = self.get('If-None-Match: "a"')
        self.assertEqual((found.status, found.body, self.sent[b"if-none-match"]), (200, b"hello", b'"b"'))


class Changing(RuleCase):
    def test_what_changes_a_thing_drops_it_unless_that_failed(self) -> None:
        """Case 42; RFC 9111 §4.4."""
        for method in ("POST", "PUT", "DELETE", "PATCH", "LOCK", "X-OWN"):
            for status, dropped in ((200, True), (204, True), (302, True), (404, False), (500, False)):
                self.start()
                self.store("Cache-Control: max-age=60")
                framing = "" if status == 204 else "Content-Length: 0\r\n"
                self.origin.answer(f"HTTP/1.1 {status} X\r\n{framing}\r\n".encode())
                self.get("Content-Length: 0", method=method)
                self.origin.answer(answer(body=b"new"))
                self.assertIs(self.is_hit(), not dropped, (method, status))

    def test_what_changes_nothing_drops_nothing(self) -> None:
        for method in ("OPTIONS", "PROPFIND", "REPORT", "SEARCH"):
            self.store("Cache-Control: max-age=60")
            self.get(method=method)
            self.assertTrue(self.is_hit(), method)

    def test_what_location_names_at_the_same_origin_is_dropped_too(self) -> None:
        """RFC 9111 §4.4."""
        for name in ("Location", "Content-Location"):
            for where, dropped in (
                ("/other", True), ("http://a.example/other", True), ("http://b.example/other", False)
            ):  # fmt: skip
                self.start()
                for host in ("a.example", "b.example"):
                    self.node.at(host).answer(answer("Cache-Control: max-age=60"))
                    self.node.get(f"http://{host}/other")
                changed = self.node.at("a.example").answer(answer(f"{name}: {where}", status="201 Created"))
                self.node.get(URL, "Content-Length: 0", method="POST")
                before = len(changed.requests)
                self.node.get("http://a.example/other")
                self.assertEqual(len(changed.requests) > before, dropped, (name, where))

    def test_a_post_that_tells_what_is_there_now_is_served_to_whoever_gets_it(self) -> None:
        """RFC 9110 §9.3.3."""
        self.store("Cache-Control: max-age=60")
        self.origin.answer(answer("Cache-Control: max-age=60", "Content-Location: /page", body=b"new"))
        self.assertEqual(self.get("Content-Length: 0", method="POST").body, b"new")
        self.origin.answer(answer(body=b"newer"))
        self.assertEqual(self.get().body, b"new")
        self.assertFalse(self.is_hit("Content-Length: 0", method="POST"))

    def test_answers_to_post_are_for_post_where_that_is_configured(self) -> None:
        """Traffic Server, ``proxy.config.http.cache.post_method``."""
        self.start(f"{CACHE}post_method INT 1")
        self.origin.answer(answer("Cache-Control: max-age=60", "Content-Location: /page", body=b"posted"))
        self.get("Content-Length: 0", method="POST")
        self.assertTrue(self.is_hit("Content-Length: 0", method="POST"))
        self.assertFalse(self.is_hit())

    def test_a_head_that_agrees_renews_the_copy_and_one_that_contradicts_ends_it(self) -> None:
        """RFC 9111 §4.3.5."""
        for switch, tag, length, hit in (
            (1, "a", 5, True), (1, "b", 5, False), (1, "a", 6, False), (0, "a", 5, True), (0, "a", 6, False)
        ):  # fmt: skip
            self.start(f"{CACHE}ims_on_client_no_cache INT {switch}")
            self.store("Cache-Control: max-age=10", 'ETag: "a"', after=20)
            head = f'HTTP/1.1 200 OK\r\nETag: "{tag}"\r\nCache-Control: max-age=10\r\nContent-Length: {length}\r\n\r\n'
            self.origin.answer(head.encode())
            self.get("Cache-Control: no-cache", method="HEAD")
            self.origin.answer(answer(body=b"newer"))
            self.assertIs(self.is_hit(), hit, (switch, tag, length))
