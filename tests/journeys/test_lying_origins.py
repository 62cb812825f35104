"""Origins whose answers cannot be true: what their clients get, and that nothing wrong is stored."""

from __future__ import annotations

from tests.journeys.answers import answer, chunked
from tests.journeys.rules import RuleCase

UNCHANGED = b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'
LASTING = "Cache-Control: max-age=60"


class Confirmations(RuleCase):
    """RFC 9111 §4.3.3, §4.3.4."""

    def test_one_that_nobody_asked_for_is_passed_on_and_never_stored(self) -> None:
        """Traffic Server adds a Warning where it has a copy that it did not ask about."""
        self.origin.answer(b"HTTP/1.1 304 Not Modified\r\nCache-Control: max-age=60\r\n\r\n", answer(LASTING))
        self.assertEqual((self.get().status, self.get().status, self.get().status), (304, 200, 200))
        self.assertEqual(len(self.origin.requests), 2)

    def test_one_about_a_copy_that_was_not_asked_about_leaves_the_copy(self) -> None:
        self.store("Cache-Control: max-age=10", after=20)
        self.origin.answer(UNCHANGED)
        found = self.get()
        self.assertEqual((found.status, found.body), (304, b""))
        self.assertTrue((found.fields.get(b"warning") or b"").startswith(b"199 "))
        self.assertTrue(self.is_hit("Cache-Control: max-stale"))

    def test_one_of_another_representation_does_not_make_the_copy_fresh(self) -> None:
        self.store("Cache-Control: max-age=10", 'ETag: "b"', after=20)
        self.origin.answer(UNCHANGED, answer(LASTING, 'ETag: "a"', body=b"new"))
        self.assertEqual((self.get().body, self.get().body, self.get().body), (b"hello", b"new", b"new"))
        self.assertEqual(len(self.origin.requests), 3)

    def test_one_with_fields_of_a_content_changes_nothing_of_the_copy_s(self) -> None:
        self.store("Cache-Control: max-age=10", 'ETag: "a"', after=20)
        self.origin.answer(
            b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nContent-Length: 999\r\nContent-Range: bytes 0-1/2\r\n\r\n'
        )
        for _ in range(2):
            found = self.get()
            self.assertEqual((found.status, found.body, found.fields.get(b"content-range")), (200, b"hello", None))
        self.assertEqual(self.get("Range: bytes=1-2").body, b"el")

    def test_octets_behind_one_are_not_the_next_answer(self) -> None:
        self.store("Cache-Control: max-age=10", 'ETag: "a"', after=20)
        self.origin.answer(UNCHANGED + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", answer(body=b"good"))
        self.assertEqual(self.get().body, b"hello")
        self.assertEqual(self.node.get("http://a.example/other").body, b"good")


class Lengths(RuleCase):
    """RFC 9112 §6.3, §8; http-caching, case 24."""

    def test_a_content_that_ends_early_is_not_kept_whatever_framed_it(self) -> None:
        whole = answer(LASTING, body=b"hello world")
        for octets in (whole[:-3], chunked(LASTING, body=b"hello world")[:-9]):
            self.start()
            self.origin.answer(octets)
            self.origin.close_after = True
            client = self.node.client().send(b"GET http://a.example/page HTTP/1.1\r\nHost: a.example\r\n\r\n")
            self.assertTrue(client.closed)
            self.assertNotIn(b"0\r\n\r\n", client.received)
            self.origin.close_after = False
            self.origin.answer(answer(LASTING, body=b"hello again"))
            self.assertEqual(self.get().body, b"hello again")

    def test_one_that_ends_early_leaves_the_stale_copy(self) -> None:
        self.store("Cache-Control: max-age=10", 'ETag: "a"', after=20)
        self.origin.answer(answer(LASTING, body=b"hello world")[:-3])
        self.origin.close_after = True
        self.node.client().send(b"GET http://a.example/page HTTP/1.1\r\nHost: a.example\r\n\r\n")
        self.assertEqual(self.get("Cache-Control: max-stale").body, b"hello")

    def test_one_that_goes_on_behind_its_length_is_kept_up_to_that(self) -> None:
        self.origin.answer(answer(LASTING) + b" world")
        for _ in range(2):
            self.assertEqual(self.get().body, b"hello")
        self.origin.answer(answer(body=b"good"))
        self.assertEqual(self.node.get("http://a.example/other").body, b"good")

    def test_a_head_that_tells_another_length_ends_the_copy(self) -> None:
        """RFC 9111 §4.3.5."""
        self.store("Cache-Control: max-age=10", 'ETag: "a"', after=20)
        self.origin.answer(b'HTTP/1.1 200 OK\r\nETag: "a"\r\nContent-Length: 7\r\n\r\n')
        self.assertEqual(self.get(method="HEAD").fields.get(b"content-length"), b"7")
        self.origin.answer(answer(LASTING, body=b"renewed"))
        self.assertEqual(self.get().body, b"renewed")


class Parts(RuleCase):
    """RFC 9110 §15.3.7, §15.5.17."""

    def test_one_that_nobody_asked_for_is_an_error_and_not_taken_for_the_whole(self) -> None:
        part = answer(LASTING, "Content-Range: bytes 0-1/5", status="206 Partial Content", body=b"he")
        self.origin.answer(part, answer(LASTING))
        first, second = self.get(), self.get()
        self.assertEqual(first.status, 502)
        self.assertEqual((second.status, second.body), (200, b"hello"))

    def test_a_refusal_of_a_range_that_nobody_asked_for_is_not_kept(self) -> None:
        refusal = answer(LASTING, "Content-Range: bytes */5", status="416 Range Not Satisfiable", body=b"")
        self.origin.answer(refusal, answer(LASTING))
        self.assertEqual((self.get().status, self.get().status), (416, 200))

    def test_a_whole_answer_with_a_content_range_is_a_whole_answer(self) -> None:
        """RFC 9110 §14.4: on other statuses the field means nothing."""
        self.origin.answer(answer(LASTING, "Content-Range: bytes 0-1/9"))
        self.get()
        found = self.get("Range: bytes=1-2")
        self.assertEqual((found.status, found.body), (206, b"el"))


class Validators(RuleCase):
    def test_a_tag_that_is_used_again_for_something_else_does_not_keep_that_out(self) -> None:
        """RFC 9111 §4.3.3: a whole answer takes the place of the copy, whatever it is called."""
        self.store("Cache-Control: max-age=10", 'ETag: "a"', after=20)
        self.origin.answer(answer("Cache-Control: max-age=10", 'ETag: "a"', body=b"other"))
        self.assertEqual((self.get().body, self.get().body), (b"other", b"other"))
        self.assertEqual(len(self.origin.requests), 2)

    def test_a_tag_without_quotes_is_not_taken_for_one_with_them(self) -> None:
        self.store("Cache-Control: max-age=60", "ETag: unquoted")
        for tag, status in (('"unquoted"', 200), ('"other"', 200), ("*", 304)):
            self.assertEqual(self.get(f"If-None-Match: {tag}").status, status, tag)

    def test_a_last_modified_after_its_date_gives_no_long_life(self) -> None:
        """RFC 9110 §8.8.2.1."""
        self.store(f"Date: {self.date()}", f"Last-Modified: {self.date(10**8)}", after=3600)
        self.assertTrue(self.is_hit())
        self.node.pass_time(1)
        self.assertFalse(self.is_hit())


class Clocks(RuleCase):
    """RFC 9111 §4.2.3."""

    def test_a_date_that_has_not_come_yet_makes_nothing_younger_than_new(self) -> None:
        self.store("Cache-Control: max-age=60", f"Date: {self.date(10**6)}", after=60)
        self.assertEqual(self.get().fields.get(b"age"), b"60")
        self.node.pass_time(1)
        self.assertFalse(self.is_hit())

    def test_an_expires_is_held_against_the_origin_s_own_clock(self) -> None:
        ahead = 10**6
        self.store(f"Date: {self.date(ahead)}", f"Expires: {self.date(ahead + 60)}", after=60)
        self.assertTrue(self.is_hit())
        self.node.pass_time(1)
        self.assertFalse(self.is_hit())

    def test_a_date_of_long_ago_makes_what_comes_stale(self) -> None:
        self.store("Cache-Control: max-age=60", "Date: Sun, 06 Nov 1994 08:49:37 GMT")
        self.assertFalse(self.is_hit())


class Directives(RuleCase):
    def test_a_long_field_is_read_like_a_short_one(self) -> None:
        """RFC 9111 §5.2."""
        for filling in ("x-a=b, ", 'note="no-store, private", ', ", ", "max-age=9000, "):
            padding = filling * (64_000 // len(filling))
            self.start()
            self.store(f"Cache-Control: {padding}max-age=60", after=60)
            self.assertTrue(self.is_hit(), filling)
            self.node.pass_time(1)
            self.assertFalse(self.is_hit(), filling)

    def test_a_quote_that_is_never_closed_hides_no_prohibition(self) -> None:
        self.store('Cache-Control: max-age=60, note="a', "Cache-Control: public")
        self.assertTrue(self.is_hit())
        self.start()
        self.store('Cache-Control: max-age=60, note="a', "Cache-Control: private")
        self.assertFalse(self.is_hit())
