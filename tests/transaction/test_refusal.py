"""Answers that the node makes itself."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import text
from twisted.trial.unittest import SynchronousTestCase

from tests.caching.samples import NOW, moment
from tests.transaction.stand_ins import lines_of
from tsnode.model.errors import BadRequest
from tsnode.transaction.refusal import begin_head, render_last_answer, render_refusal


class Heads(SynchronousTestCase):
    def test_they_have_a_date_and_are_never_stored(self) -> None:
        """RFC 9110 §6.6.1."""
        fields = lines_of(begin_head(200, NOW))
        self.assertEqual(fields.get(b"date"), moment(0).encode())
        self.assertEqual(fields.get(b"cache-control"), b"no-store")

    def test_common_statuses_have_traffic_server_s_reasons(self) -> None:
        for status, line in (
            (200, b"HTTP/1.1 200 OK"),
            (301, b"HTTP/1.1 301 Moved Permanently"),
            (302, b"HTTP/1.1 302 Moved Temporarily"),
            (307, b"HTTP/1.1 307 Temporary Redirect"),
            (404, b"HTTP/1.1 404 Not Found"),
        ):
            self.assertEqual(begin_head(status, NOW).split(b"\r\n")[0], line)

    def test_a_reason_of_its_own_comes_first(self) -> None:
        self.assertTrue(begin_head(404, NOW, b"Not Here").startswith(b"HTTP/1.1 404 Not Here\r\n"))

    def test_a_status_without_a_reason_keeps_the_blank_before_it(self) -> None:
        """RFC 9112 §4."""
        self.assertTrue(begin_head(599, NOW).startswith(b"HTTP/1.1 599 \r\n"))


class Pages(SynchronousTestCase):
    def test_the_page_is_english_html_and_the_head_says_so(self) -> None:
        head, page = render_refusal(502, b"Bad Gateway", "it closed", NOW)
        fields = lines_of(head)
        self.assertEqual(fields.get(b"content-type"), b"text/html; charset=utf-8")
        self.assertEqual(fields.get(b"content-language"), b"en")
        self.assertIn(b"<h1>502 Bad Gateway</h1>\n<p>it closed</p>", page)

    def test_further_lines_stand_in_the_head(self) -> None:
        head, _ = render_refusal(302, b"", "elsewhere", NOW, (b"Location", b"http://b.example/"))
        self.assertEqual(lines_of(head).get(b"location"), b"http://b.example/")

    @given(text(max_size=40), text("<>&\"'ab", max_size=20))
    def test_what_went_wrong_is_told_as_text_and_never_as_markup(self, problem: str, reason: str) -> None:
        _, empty = render_refusal(400, b"", "", NOW)
        _, page = render_refusal(400, reason.encode("latin-1"), problem, NOW)
        self.assertEqual(page.count(b"<"), empty.count(b"<"))
        self.assertEqual(page.count(b">"), empty.count(b">"))

    def test_an_answer_to_what_could_not_be_read_is_whole_and_the_last(self) -> None:
        answer = render_last_answer(BadRequest("no colon"), NOW)
        head, _, page = answer.partition(b"\r\n\r\n")
        fields = lines_of(head + b"\r\n")
        self.assertTrue(head.startswith(b"HTTP/1.1 400 Invalid HTTP Request\r\n"))
        self.assertEqual(fields.get(b"content-length"), b"%d" % len(page))
        self.assertEqual(fields.get(b"connection"), b"close")
        self.assertIn(b"no colon", page)
