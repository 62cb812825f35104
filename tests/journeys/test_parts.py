"""Parts of contents: stored, joined, served, completed, and never mixed up."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis.strategies import booleans, integers, lists, none, one_of, sampled_from, tuples
from twisted.trial.unittest import SynchronousTestCase

from tests.journeys.answers import answer, ask, chunked, http_date
from tsnode.model.messages import RequestHead
from tsnode.testing.node import Answered, NodeInMemory

URL = "http://a.example/page"
CONTENT = bytes(range(65, 91))
FRESH = "Cache-Control: max-age=600"


def served(content: bytes, tag: str, *lines: str, lie: str = "") -> Callable[[RequestHead], bytes]:
    """An origin with that content, which knows ranges and If-Range; ``lie`` is how it does it wrong."""

    def serve(head: RequestHead) -> bytes:
        wanted = head.fields.get(b"range")
        condition = head.fields.get(b"if-range")
        told = (f'ETag: "{tag}"', *lines)
        if wanted is None or (condition is not None and condition != f'"{tag}"'.encode()):
            return answer(*told, body=content)
        first, _, last = wanted.partition(b"=")[2].partition(b"-")
        start = int(first) if first else max(0, len(content) - int(last))
        end = min(int(last), len(content) - 1) if first and last else len(content) - 1
        if start >= len(content):
            return answer(f"Content-Range: bytes */{len(content)}", status="416 Not There", body=b"")
        return _partly(content, start, end, told, lie)

    return serve


def _partly(content: bytes, start: int, end: int, told: tuple[str, ...], lie: str) -> bytes:
    body, size = content[start : end + 1], len(content)
    shown = f"Content-Range: bytes {start}-{end}/{size}"
    match lie:
        case "none":
            shown = "X: y"
        case "backwards":
            shown = f"Content-Range: bytes {end + 1}-{start}/{size}"
        case "beyond":
            shown = f"Content-Range: bytes {start}-{size}/{size}"
        case "short":
            body = body[1:]
        case "elsewhere":
            shown = f"Content-Range: bytes {start + 1}-{end + 1}/{size + 1}"
        case "size":
            shown = f"Content-Range: bytes {start}-{end}/{size + 1}"
        case "unsure":
            shown = f"Content-Range: bytes {start}-{end}/*"
        case "weak":
            told = tuple(line.replace("ETag: ", "ETag: W/") for line in told)
        case "several":
            told = (*told, "Content-Type: multipart/byteranges; boundary=x")
            shown = "X: y"
        case _:
            pass
    return answer(shown, *told, status="206 Partial Content", body=body)


class PartsCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.start()

    def start(self, records: str = "", content: bytes = CONTENT, tag: str = "v1", lie: str = "") -> None:
        self.node = NodeInMemory(records)
        self.origin = self.node.at("a.example")
        self.change(content, tag, lie=lie)

    def change(self, content: bytes, tag: str, *lines: str, lie: str = "") -> None:
        """From now on the origin has this."""
        self.origin.answer(*[served(content, tag, *(lines or (FRESH,)), lie=lie)] * 200)

    def get(self, range_: str = "", *lines: str) -> Answered:
        return self.node.get(URL, *([f"Range: bytes={range_}"] if range_ else []), *lines)

    def asked(self) -> list[tuple[bytes | None, bytes | None]]:
        """Range and If-Range of every request so far."""
        return [(head.fields.get(b"range"), head.fields.get(b"if-range")) for head in self.origin.requests]

    def assert_part(self, found: Answered, first: int, last: int, content: bytes = CONTENT) -> None:
        told = f"bytes {first}-{last}/{len(content)}".encode()
        self.assertEqual((found.status, found.fields.get(b"content-range")), (206, told))
        self.assertEqual(found.body, content[first : last + 1])


class Stored(PartsCase):
    """RFC 9111 §3.3."""

    def test_a_part_is_served_to_who_wants_no_more_than_that(self) -> None:
        self.assert_part(self.get("5-14"), 5, 14)
        self.node.pass_time(3)
        for wanted, first, last in (("5-14", 5, 14), ("7-9", 7, 9)):
            found = self.get(wanted)
            self.assert_part(found, first, last)
            self.assertEqual(found.fields.get(b"age"), b"3")
        self.assertEqual(len(self.origin.requests), 1)
        self.assertEqual(self.node.counters.parts_served, 2)

    def test_the_last_octets_are_known_by_the_length_of_the_whole(self) -> None:
        self.get("20-")
        self.assert_part(self.get("-3"), 23, 25)
        self.assertEqual(len(self.origin.requests), 1)

    def test_a_part_is_never_served_as_the_whole(self) -> None:
        """Case 16."""
        self.get("0-24")
        found = self.get()
        self.assertEqual((found.status, found.body), (200, CONTENT))
        self.assertEqual(self.node.counters.plain_hits, 0)

    def test_where_that_is_switched_off_parts_are_not_stored(self) -> None:
        self.start("CONFIG proxy.config.tsnode.http.cache.store_parts INT 0\n")
        for _ in range(2):
            self.assert_part(self.get("5-14"), 5, 14)
        self.assertEqual(len(self.origin.requests), 2)

    def test_what_may_not_be_stored_is_not_in_parts_either(self) -> None:
        for line in ("Cache-Control: no-store", "Cache-Control: private", "Vary: *"):
            self.start()
            self.change(CONTENT, "v1", line)
            for _ in range(2):
                self.assert_part(self.get("5-14"), 5, 14)
            self.assertEqual(len(self.origin.requests), 2, line)

    def test_a_part_without_a_strong_validator_is_not_stored(self) -> None:
        self.start(lie="weak")
        for _ in range(2):
            self.assert_part(self.get("5-14"), 5, 14)
        self.assertEqual(len(self.origin.requests), 2)

    def test_a_last_modified_that_is_old_enough_is_strong(self) -> None:
        """RFC 9110 §8.8.2.2."""
        for before, again in ((60, 1), (0, 2)):
            self.start()
            now = self.node.now
            lines = (f"Date: {http_date(now)}", f"Last-Modified: {http_date(now - before)}")
            part = answer("Content-Range: bytes 0-4/26", FRESH, *lines, status="206 Partial Content")
            self.origin.answer(*[part] * 2)
            for _ in range(2):
                self.assertEqual(self.get("0-4").body, b"hello")
            self.assertEqual(len(self.origin.requests), again, before)

    def test_what_contradicts_itself_is_passed_on_and_not_stored(self) -> None:
        for lie in ("none", "backwards", "beyond", "short", "unsure", "several"):
            self.start(lie=lie)
            first, second = self.get("5-14"), self.get("5-14")
            self.assertEqual((first.status, second.status), (206, 206), lie)
            self.assertEqual(len(self.origin.requests), 2, lie)
            self.assertEqual(self.node.counters.parts_stored, 0, lie)

    def test_a_part_that_nobody_asked_for_is_kept_from_the_client(self) -> None:
        self.origin.answer(answer("Content-Range: bytes 0-4/26", 'ETag: "v1"', FRESH, status="206 Partial Content"))
        found = self.get()
        self.assertEqual(found.status, 502)
        self.assertEqual(self.node.counters.cache_writes, 0)

    def test_what_broke_off_is_the_beginning_of_a_part(self) -> None:
        client = self.node.client()
        self.origin.answer(None)
        client.send(ask("/page"))
        head = f"HTTP/1.1 200 OK\r\nContent-Length: 26\r\nETag: \"v1\"\r\n{FRESH}\r\n\r\n".encode()
        self.origin.say(head + CONTENT[:10])
        self.origin.hang_up()
        self.assertTrue(client.closed)
        self.change(CONTENT, "v1")
        self.assert_part(self.get("2-7"), 2, 7)
        self.assertEqual(len(self.origin.requests), 1)
        self.assertEqual(self.get().body, CONTENT)
        self.assertEqual(self.asked()[1:], [(b"bytes=10-25", b'"v1"')])

    def test_a_purge_and_an_unsafe_method_drop_parts_too(self) -> None:
        for method, status in (("PURGE", 200), ("DELETE", 200)):
            self.start()
            self.get("5-14")
            self.assertEqual(self.node.get(URL, method=method).status, status)
            before = len(self.origin.requests)
            self.get("5-14")
            self.assertEqual(len(self.origin.requests), before + 1, method)

    def test_each_alternate_has_its_own_parts(self) -> None:
        self.change(CONTENT, "en", FRESH, "Vary: Accept-Language")
        self.get("0-4", "Accept-Language: en")
        self.change(CONTENT.lower(), "de", FRESH, "Vary: Accept-Language")
        self.assert_part(self.get("0-9", "Accept-Language: de"), 0, 9, CONTENT.lower())
        self.assert_part(self.get("0-4", "Accept-Language: en"), 0, 4)
        self.assert_part(self.get("3-9", "Accept-Language: de"), 3, 9, CONTENT.lower())
        self.assertEqual(len(self.origin.requests), 2)


class WholeForAPart(PartsCase):
    """Traffic Server, ``proxy.config.http.cache.range.write``."""

    def test_a_whole_that_answers_a_range_is_stored_and_the_range_served(self) -> None:
        """Case 29."""
        for content in (CONTENT, CONTENT * 5000):
            self.start("CONFIG proxy.config.http.cache.range.write INT 1\n")
            self.origin.answer(answer(FRESH, body=content))
            self.assert_part(self.get("5-14"), 5, 14, content)
            self.assertEqual(self.get().body, content)
            self.assertEqual(len(self.origin.requests), 1)

    def test_one_of_unknown_length_is_sent_as_a_whole(self) -> None:
        self.start("CONFIG proxy.config.http.cache.range.write INT 1\n")
        self.origin.answer(chunked(FRESH, body=CONTENT))
        found = self.get("5-14")
        self.assertEqual((found.status, found.body), (200, CONTENT))
        self.assert_part(self.get("5-14"), 5, 14)

    def test_without_it_it_is_passed_on_and_not_stored(self) -> None:
        self.origin.answer(*[answer(FRESH, body=CONTENT)] * 2)
        for _ in range(2):
            self.assertEqual(self.get("5-14").status, 200)
        self.assertEqual(len(self.origin.requests), 2)


class Joined(PartsCase):
    """RFC 9111 §3.4, RFC 9110 §15.3.7.3."""

    def test_parts_of_the_same_content_are_joined(self) -> None:
        self.get("0-4")
        self.get("10-14")
        self.get("5-9")
        self.assert_part(self.get("0-14"), 0, 14)
        self.assertEqual(len(self.origin.requests), 3)

    def test_all_of_them_together_are_the_whole(self) -> None:
        self.get("0-12")
        self.get("10-")
        self.assertEqual(self.get().body, CONTENT)
        self.assertEqual(self.get().body, CONTENT)
        self.assertEqual(len(self.origin.requests), 2)
        self.assertEqual(self.node.counters.plain_hits, 2)

    def test_a_part_of_something_else_takes_the_place_of_the_others(self) -> None:
        self.get("0-9")
        self.change(CONTENT.lower(), "v2")
        self.assert_part(self.get("20-25"), 20, 25, CONTENT.lower())
        self.assert_part(self.get("0-9"), 0, 9, CONTENT.lower())

    def test_what_is_stored_whole_is_not_replaced_by_its_parts(self) -> None:
        self.get()
        self.node.pass_time(1000)
        self.assertIn(self.get("0-4").status, (200, 206))
        self.assertEqual(self.node.get(URL, "Cache-Control: max-stale").body, CONTENT)


class Completed(PartsCase):
    def test_only_what_is_missing_is_asked_for(self) -> None:
        self.get("5-14")
        self.assert_part(self.get("0-9"), 0, 9)
        self.assert_part(self.get("3-19"), 3, 19)
        found = self.get()
        self.assertEqual((found.status, found.body, found.fields.get(b"content-length")), (200, CONTENT, b"26"))
        self.assertNotIn(b"content-range", found.fields)
        self.assertEqual(
            self.asked(),
            [(b"bytes=5-14", None), (b"bytes=0-4", b'"v1"'), (b"bytes=15-19", b'"v1"'), (b"bytes=20-25", b'"v1"')],
        )
        self.assertEqual(self.node.counters.parts_completed, 3)
        self.get()
        self.assertEqual(self.node.counters.plain_hits, 1)

    def test_islands_between_are_fetched_with_what_is_around_them(self) -> None:
        self.get("5-6")
        self.get("10-11")
        self.assertEqual(self.get().body, CONTENT)
        self.assertEqual(self.asked()[2], (b"bytes=0-25", b'"v1"'))

    def test_a_client_s_own_conditions_do_not_go_along(self) -> None:
        self.get("5-14")
        found = self.get("0-9", 'If-Range: "v1"')
        self.assert_part(found, 0, 9)
        other = self.get("0-9", 'If-Range: "v0"')
        self.assertEqual((other.status, other.body), (200, CONTENT))
        self.assertEqual(self.asked()[1:], [(b"bytes=0-4", b'"v1"'), (b"bytes=15-25", b'"v1"')])

    def test_where_the_content_has_changed_the_new_one_is_served_and_stored(self) -> None:
        self.get("5-14")
        self.change(CONTENT.lower(), "v2")
        self.assertEqual(self.get().body, CONTENT.lower())
        self.assertEqual(self.get().body, CONTENT.lower())
        self.assertEqual(len(self.origin.requests), 2)

    def test_a_range_of_what_has_changed_gets_the_new_whole(self) -> None:
        self.get("5-14")
        self.change(CONTENT.lower(), "v2")
        found = self.get("0-9")
        self.assertEqual((found.status, found.body), (200, CONTENT.lower()))
        self.assert_part(self.get("5-14"), 5, 14, CONTENT.lower())

    def test_what_does_not_fit_is_never_joined(self) -> None:
        for lie in ("none", "backwards", "beyond", "short", "elsewhere", "size", "unsure", "weak", "several"):
            self.start()
            self.get("5-14")
            self.change(CONTENT, "v1", lie=lie)
            found = self.get()
            self.assertEqual((found.status, found.body), (200, CONTENT), lie)
            self.assertEqual(self.asked()[1:], [(b"bytes=0-25", b'"v1"'), (None, None)], lie)

    def test_an_origin_that_ignores_if_range_is_found_out(self) -> None:
        self.get("5-14")

        def serve(head: RequestHead) -> bytes:
            if b"range" not in head.fields:
                return answer('ETag: "v2"', FRESH, body=CONTENT.lower())
            return answer("Content-Range: bytes 0-25/26", 'ETag: "v2"', FRESH, status="206 P", body=CONTENT.lower())

        self.origin.answer(serve, serve)
        self.assertEqual(self.get().body, CONTENT.lower())

    def test_errors_are_passed_on(self) -> None:
        for status in ("404 Not Found", "503 Busy"):
            self.start()
            self.get("5-14")
            self.origin.answer(answer(status=status, body=b"no"))
            found = self.get()
            self.assertEqual((found.status, found.body), (int(status[:3]), b"no"))
        self.start()
        self.get("5-14")
        self.origin.answer(answer("Cache-Control: no-store", status="416 Not There", body=b""), served(CONTENT, "v1"))
        self.assertEqual(self.get().body, CONTENT)

    def test_what_breaks_off_on_the_way_breaks_off_for_the_client_and_leaves_what_was_there(self) -> None:
        self.get("5-14")
        self.origin.answer(None)
        client = self.node.client().send(ask("/page", "Range: bytes=0-19"))
        self.origin.say(
            b'HTTP/1.1 206 P\r\nContent-Length: 20\r\nContent-Range: bytes 0-19/26\r\nETag: "v1"\r\n\r\n' + CONTENT[:3]
        )
        self.origin.hang_up()
        self.assertTrue(client.closed)
        self.assertNotIn(CONTENT[:6], client.received)
        self.change(CONTENT, "v1")
        self.assert_part(self.get("5-14"), 5, 14)

    def test_an_answer_that_may_not_be_stored_completes_and_leaves_nothing(self) -> None:
        self.get("5-14")
        self.change(CONTENT, "v1", "Cache-Control: no-store")
        self.assertEqual(self.get().body, CONTENT)
        self.get("5-14")
        self.assertEqual(len(self.origin.requests), 3)

    def test_stale_parts_are_not_completed(self) -> None:
        self.get("5-14")
        self.node.pass_time(1000)
        self.assert_part(self.get("0-9"), 0, 9)
        self.assertEqual(self.asked()[1], (b"bytes=0-9", None))

    def test_a_range_that_is_not_there_goes_to_the_origin(self) -> None:
        self.get("5-14")
        self.assertEqual(self.get("99-").status, 416)
        self.origin.answer(answer("Content-Type: multipart/byteranges; boundary=x", status="206 P", body=b"--x--"))
        self.assertEqual(self.get("0-1,3-4").body, b"--x--")
        self.assertEqual(len(self.origin.requests), 3)


LIES = ("", "", "", "none", "backwards", "beyond", "elsewhere", "size", "weak", "unsure")


class Never(PartsCase):
    @settings(max_examples=3 * settings().max_examples)
    @given(lists(
        tuples(
            one_of(none(), tuples(integers(0, 30), integers(0, 30))), booleans(), sampled_from(LIES), integers(0, 400)
        ),
        min_size=1, max_size=8,
    ))  # fmt: skip
    def test_an_octet_that_the_origin_has_not_there_is_ever_served(
        self, steps: list[tuple[tuple[int, int] | None, bool, str, int]]
    ) -> None:
        """Whatever is asked for, changed and told wrong: each answer is a true part of one content there was."""
        self.start()
        version = 1
        contents = {1: CONTENT}
        for wanted, changes, lie, later in steps:
            if changes:
                version += 1
                contents[version] = bytes([48 + (number + 7 * version) % 75 for number in range(20 + 3 * version)])
            self.change(contents[version], f"v{version}", lie=lie)
            self.node.pass_time(later)
            found = self.get("" if wanted is None else "{}-{}".format(*sorted(wanted)))
            told = found.fields.get(b"etag")
            if found.status == 200:
                assert told is not None
                self.assertEqual(found.body, contents[int(told.strip(b'W/"v'))])
            elif found.status == 206 and (part := found.fields.get(b"content-range")) is not None and not lie:
                assert told is not None
                first, last = (int(number) for number in part.split()[1].split(b"/")[0].split(b"-"))
                self.assertEqual(found.body, contents[int(told.strip(b'W/"v'))][first : last + 1])


class Meanwhile(PartsCase):
    """A part that comes slowly, and what is stored while it does."""

    def test_a_part_that_ends_later_does_not_cost_the_whole_that_came_meanwhile(self) -> None:
        self.origin.answer(None)
        slow = self.node.client().send(ask("/page", "Range: bytes=0-3"))
        self.origin.say(b"HTTP/1.1 206 P\r\nContent-Range: bytes 0-3/26\r\nContent-Length: 4\r\nETag: \"v1\"\r\n")
        self.origin.say(FRESH.encode() + b"\r\n\r\nAB")
        self.change(CONTENT, "v1")
        self.assertEqual(self.node.get(URL).body, CONTENT)
        self.origin.say(b"CD", self.origin.links[0])
        self.assertEqual(slow.answers()[0].body, b"ABCD")
        asked = len(self.origin.requests)
        self.assertEqual(self.node.get(URL).body, CONTENT)
        self.assertEqual(len(self.origin.requests), asked)

    def test_nothing_is_kept_of_what_was_purged_while_it_came_and_broke_off(self) -> None:
        """RFC 9111 §4.4."""
        self.origin.answer(None)
        self.node.client().send(ask("/page"))
        self.origin.say(b"HTTP/1.1 200 OK\r\nContent-Length: 26\r\nETag: \"v1\"\r\n" + FRESH.encode() + b"\r\n\r\nABCD")
        self.node.get(URL, method="PURGE")
        self.origin.hang_up()
        self.change(CONTENT.lower(), "v2")
        self.assertEqual(self.node.get(URL, "Range: bytes=0-3").body, b"abcd")
        self.assertIsNone(self.origin.requests[-1].fields.get(b"if-range"))
        self.assertEqual(self.node.counters.parts_served, 0)
