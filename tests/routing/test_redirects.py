"""Where a redirect leads a request."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.caching.samples import answer, fields
from tsnode.model.messages import CHUNKED, EMPTY, Framing, RequestHead, Sized
from tsnode.model.target import parse_target
from tsnode.routing.redirects import Redirection, find_redirection

FROM = parse_target(b"GET", b"http://a.example/b/c?d", b"")


def request(*lines: str, method: str = "GET", framing: Framing = EMPTY) -> RequestHead:
    return RequestHead(method.encode(), FROM.url, 11, fields(*lines), framing, FROM.authority, True)


def led(
    location: str, *lines: str, status: int = 302, method: str = "GET", framing: Framing = EMPTY
) -> Redirection | None:
    return find_redirection(
        request(*lines, method=method, framing=framing), FROM, answer(f"Location: {location}", status=status)
    )


def names(found: Redirection | None) -> list[bytes]:
    assert found is not None
    return [name for name, _ in found.request.fields]


class Leading(SynchronousTestCase):
    def test_locations_are_taken_from_where_they_were_met(self) -> None:
        """RFC 9110 §10.2.2."""
        for location, url in (
            ("http://b.example/x#y", b"http://b.example/x"),
            ("//b.example:81", b"http://b.example:81/"),
            ("/x?y", b"http://a.example/x?y"),
            ("../x", b"http://a.example/x"),
        ):
            found = led(location)
            assert found is not None
            self.assertEqual((found.target.url, found.request.target), (url, url))
            self.assertEqual(found.request.host, found.target.authority)

    def test_only_redirects_lead_somewhere(self) -> None:
        """Traffic Server, ``number_of_redirections``."""
        leading = [status for status in range(200, 600) if led("/x", status=status) is not None]
        self.assertEqual(leading, [300, 301, 302, 303, 305, 307, 308])
        self.assertIsNone(find_redirection(request(), FROM, answer(status=300)))

    def test_what_could_not_be_asked_is_not_gone_to(self) -> None:
        for location in (
            "https://b.example/", "ftp://b.example/", "mailto:x", "http://u@b.example/", "http://b.example:0/",
            "/a b", "/a\tHTTP/1.1", "http://b.example/\xe9",
        ):  # fmt: skip
            self.assertIsNone(led(location), location)


class Methods(SynchronousTestCase):
    def test_the_method_changes_where_the_status_says_so(self) -> None:
        """RFC 9110 §15.4."""
        for status, method, then in (
            (301, "POST", b"GET"), (302, "POST", b"GET"), (303, "POST", b"GET"), (303, "PUT", b"GET"),
            (303, "HEAD", b"HEAD"), (301, "HEAD", b"HEAD"), (307, "POST", b"POST"), (308, "POST", b"POST"),
            (301, "PUT", b"PUT"), (300, "POST", b"POST"), (305, "DELETE", b"DELETE"),
        ):  # fmt: skip
            found = led("/x", status=status, method=method)
            assert found is not None
            self.assertEqual(found.request.method, then, (status, method))

    def test_content_goes_with_a_method_that_stays(self) -> None:
        for framing in (Sized(3), CHUNKED):
            found = led("/x", "Content-Type: a/b", "Expect: 100-continue", status=307, method="POST", framing=framing)
            assert found is not None
            self.assertEqual((found.with_content, found.request.framing), (True, framing))
            self.assertEqual(names(found), [b"Content-Type"])

    def test_what_is_asked_for_instead_has_no_content(self) -> None:
        found = led(
            "/x", "Content-Type: a/b", "Content-Length: 3", "Range: bytes=1-2", "X: 1",
            status=303, method="POST", framing=Sized(3),
        )  # fmt: skip
        assert found is not None
        self.assertEqual((found.with_content, found.request.framing), (False, EMPTY))
        self.assertEqual(names(found), [b"X"])


class Fields(SynchronousTestCase):
    def test_conditions_are_about_what_was_asked_for_first(self) -> None:
        found = led("/x", 'If-None-Match: "a"', "If-Modified-Since: x", "Range: bytes=1-2")
        self.assertEqual(names(found), [b"Range"])
        self.assertEqual(names(led("/x", 'If-Range: "a"', "Range: bytes=1-2")), [])

    def test_conditions_of_a_change_stay(self) -> None:
        found = led("/x", 'If-Match: "a"', status=307, method="PUT", framing=Sized(3))
        self.assertEqual(names(found), [b"If-Match"])

    def test_another_site_gets_no_credentials(self) -> None:
        lines = ("Authorization: Basic eA==", "Cookie: a=b", "X: 1")
        self.assertEqual(names(led("/x", *lines)), [b"Authorization", b"Cookie", b"X"])
        for location in ("http://b.example/", "http://a.example:81/"):
            self.assertEqual(names(led(location, *lines)), [b"X"])
