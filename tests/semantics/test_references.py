"""References are resolved against the URL they were found at."""

from __future__ import annotations

from urllib.parse import urljoin

from hypothesis import given
from hypothesis.strategies import binary, from_regex
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.target import Target, parse_target
from tsnode.semantics.references import is_same_origin, resolve_reference


def target(url: bytes) -> Target:
    return parse_target(b"GET", url, b"")


BASE = target(b"http://a.example/b/c/d?q")


class Resolving(SynchronousTestCase):
    """RFC 3986 §5.4, fragments left out."""

    def test_each_form_of_reference_is_resolved(self) -> None:
        for reference, url in (
            (b"", b"http://a.example/b/c/d?q"),
            (b"#x", b"http://a.example/b/c/d?q"),
            (b"?y", b"http://a.example/b/c/d?y"),
            (b"?", b"http://a.example/b/c/d?"),
            (b"g", b"http://a.example/b/c/g"),
            (b"./g?y#z", b"http://a.example/b/c/g?y"),
            (b"g/", b"http://a.example/b/c/g/"),
            (b"/g", b"http://a.example/g"),
            (b"//h.example/g", b"http://h.example/g"),
            (b"//h.example:81", b"http://h.example:81/"),
            (b"..", b"http://a.example/b/"),
            (b"../g", b"http://a.example/b/g"),
            (b"../../../g", b"http://a.example/g"),
            (b".", b"http://a.example/b/c/"),
            (b"g?y/../x", b"http://a.example/b/c/g?y/../x"),
            (b"HTTP://A.example:80/x/./y/../z", b"http://a.example/x/z"),
            (b"https://a.example/", b"https://a.example/"),
        ):
            named = resolve_reference(BASE, reference)
            self.assertIsNotNone(named, reference)
            self.assertEqual(named and named.url, url, reference)

    def test_what_we_could_not_fetch_is_none(self) -> None:
        for reference in (b"mailto:x", b"ftp://a.example/", b"http://", b"http://u@a.example/", b"//[/", b"http:g"):
            self.assertIsNone(resolve_reference(BASE, reference), reference)

    @given(from_regex(r"(/|\.\./|\./|[a-z]+/)*[a-z.]*(\?[a-z]*)?", fullmatch=True).filter(lambda it: "//" not in it))
    def test_paths_resolve_as_the_standard_library_has_it(self, reference: str) -> None:
        named = resolve_reference(BASE, reference.encode())
        joined = urljoin("http://a.example/b/c/d?q", reference)
        if not reference.endswith("?"):  # the standard library drops an empty query
            self.assertEqual(named and named.url, target(joined.encode()).url)

    @given(binary(max_size=30))
    def test_whatever_the_octets_they_name_something_or_nothing(self, reference: bytes) -> None:
        named = resolve_reference(BASE, reference)
        if named is not None:
            self.assertTrue(named.path.startswith(b"/"))


class Origins(SynchronousTestCase):
    """RFC 9110 §4.3.1."""

    def test_scheme_host_and_port_make_the_origin(self) -> None:
        one = target(b"http://a.example/x")
        self.assertTrue(is_same_origin(one, target(b"http://A.example:80/y")))
        for other in (b"https://a.example/x", b"http://b.example/x", b"http://a.example:81/x"):
            self.assertFalse(is_same_origin(one, target(other)), other)
