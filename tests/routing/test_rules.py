"""The parts of a mapping rule."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.addresses import AddressRange
from tsnode.model.expressions import compile_expression
from tsnode.routing.rules import ClientRange, MapFilter, RefererCheck, RefererPattern, Replacement, Source

NEAR = AddressRange(4, 0x0A000000, 0x0AFFFFFF)
paths = st.text("ab/", max_size=8).map(lambda path: b"/" + path.encode())


class Rewriting(SynchronousTestCase):
    """What becomes of a path whose beginning is replaced."""

    def rewritten(self, source: bytes, replacement: bytes, path: bytes) -> bytes:
        return Replacement(b"http", b"s", 80, replacement).rewrite(b"s", source, path).path

    def test_the_matched_beginning_is_replaced(self) -> None:
        """Traffic Server, remap.config."""
        for source, replacement, path, expected in (
            (b"/a/b/", b"/x/y", b"/a/b/c/d.html", b"/x/y/c/d.html"),
            (b"/a/b/", b"/x/y/", b"/a/b/c/d.html", b"/x/y/c/d.html"),
            (b"/a/b", b"/x/y", b"/a/b/c/d.html", b"/x/y/c/d.html"),
            (b"/a/b", b"/x/y/", b"/a/b/c/d.html", b"/x/y/c/d.html"),
            (b"/a", b"/x", b"/ab", b"/xb"),
            (b"/", b"/", b"/", b"/"),
            (b"/", b"/", b"//a", b"//a"),
            (b"/", b"/x", b"/", b"/x"),
            (b"/a", b"/", b"/a/c", b"/c"),
        ):
            self.assertEqual(self.rewritten(source, replacement, path), expected, (source, replacement, path))

    def test_the_query_is_kept_as_it_is(self) -> None:
        self.assertEqual(self.rewritten(b"/a/", b"/x", b"/a/?q=/"), b"/x?q=/")
        self.assertEqual(self.rewritten(b"/a/", b"/x", b"/a/b?q=/"), b"/x/b?q=/")

    @given(paths, paths)
    def test_replacing_a_beginning_by_itself_changes_nothing(self, source: bytes, rest: bytes) -> None:
        self.assertEqual(self.rewritten(source, source, source + rest[1:]), source + rest[1:])

    @given(paths, paths, paths)
    def test_a_path_stays_a_path(self, source: bytes, replacement: bytes, rest: bytes) -> None:
        found = self.rewritten(source, replacement, source + rest[1:])
        self.assertTrue(found.startswith(replacement))
        self.assertTrue(found.endswith(rest[1:].removeprefix(b"/")))

    def test_scheme_host_and_port_come_from_the_replacement(self) -> None:
        target = Replacement(b"http", b"$1.s", 8080, b"/").rewrite(b"x.s", b"/", b"/p")
        self.assertEqual(target.url, b"http://x.s:8080/p")


class Urls(SynchronousTestCase):
    def test_source_and_replacement_show_their_urls(self) -> None:
        self.assertEqual(Source(b"http", b"h", 81, b"/a").url, b"http://h:81/a")
        self.assertEqual(Source(b"", b"", 0, b"/a").url, b"/a")
        self.assertEqual(Source(b"http", compile_expression("h(.*)"), 80, b"/a").url, b"http://h(.*)/a")
        self.assertEqual(Replacement(b"https", b"h", 443, b"/a").url, b"https://h/a")


class Filters(SynchronousTestCase):
    """Traffic Server, remap.config, ACL filters."""

    def test_allow_lets_only_what_matches_through(self) -> None:
        allow = MapFilter(True, frozenset({b"GET"}), (ClientRange(NEAR),))
        self.assertTrue(allow.lets(b"GET", "10.1.1.1"))
        self.assertFalse(allow.lets(b"POST", "10.1.1.1"))
        self.assertFalse(allow.lets(b"GET", "11.1.1.1"))

    def test_deny_keeps_only_what_matches_out(self) -> None:
        deny = MapFilter(False, frozenset({b"GET"}), (ClientRange(NEAR),))
        self.assertFalse(deny.lets(b"GET", "10.1.1.1"))
        self.assertTrue(deny.lets(b"POST", "10.1.1.1"))
        self.assertTrue(deny.lets(b"GET", "11.1.1.1"))

    def test_an_action_alone_is_for_everyone(self) -> None:
        self.assertTrue(MapFilter(True).lets(b"GET", "10.1.1.1"))
        self.assertFalse(MapFilter(False).lets(b"GET", "10.1.1.1"))

    def test_a_range_may_name_those_outside_of_it(self) -> None:
        far = MapFilter(True, clients=(ClientRange(NEAR, outside=True),))
        self.assertFalse(far.lets(b"GET", "10.1.1.1"))
        self.assertTrue(far.lets(b"GET", "11.1.1.1"))

    def test_one_of_several_ranges_is_enough(self) -> None:
        both = MapFilter(True, clients=(ClientRange(AddressRange(6, 1, 1)), ClientRange(NEAR)))
        self.assertTrue(both.lets(b"GET", "10.1.1.1"))

    def test_a_client_without_a_readable_address_is_refused_either_way(self) -> None:
        for allow in (True, False):
            for outside in (True, False):
                chosen = MapFilter(allow, clients=(ClientRange(NEAR, outside),))
                self.assertFalse(chosen.lets(b"GET", "unix"), chosen)


class Referers(SynchronousTestCase):
    """Traffic Server, map_with_referer."""

    def accepts(self, referer: bytes | None, *patterns: RefererPattern, optional: bool = False) -> bool:
        return RefererCheck(b"http://r/", patterns, optional).accepts(referer)

    def test_without_the_field_it_depends_on_whether_it_is_optional(self) -> None:
        self.assertFalse(self.accepts(None, RefererPattern(None)))
        self.assertTrue(self.accepts(None, RefererPattern(None), optional=True))

    def test_one_expression_has_to_match(self) -> None:
        good = RefererPattern(compile_expression("good"))
        self.assertTrue(self.accepts(b"http://good/", good))
        self.assertFalse(self.accepts(b"http://bad/", good))
        self.assertFalse(self.accepts(b"http://bad/", good, optional=True))

    def test_a_forbidden_one_must_not(self) -> None:
        bad = RefererPattern(compile_expression("bad"), forbidden=True)
        self.assertFalse(self.accepts(b"http://bad/", RefererPattern(None), bad))
        self.assertTrue(self.accepts(b"http://good/", RefererPattern(None), bad))

    def test_an_asterisk_is_for_all(self) -> None:
        self.assertTrue(self.accepts(b"\xff", RefererPattern(None), RefererPattern(compile_expression("x"))))
