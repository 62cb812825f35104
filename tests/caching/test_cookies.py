"""Cookies and what they keep out of the cache."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.caching.samples import ask, dated, settle
from tsnode.caching.cookies import do_cookies_allow
from tsnode.caching.policy import CachingPolicy
from tsnode.caching.storing import DoNotStore, NotStorable, Store

TYPES = ("text/html", "image/png", "application/json", None)

ALLOWED = {
    0: (False, False, False, False),
    1: (True, True, True, True),
    2: (False, True, False, False),
    3: (False, True, True, True),
    7: (False, True, True, True),
}


class Modes(SynchronousTestCase):
    """Case 20."""

    def test_the_mode_and_the_type_decide_whoever_brings_the_cookie(self) -> None:
        for mode, expected in ALLOWED.items():
            policy = CachingPolicy(cache_responses_to_cookies=mode)
            for content_type, allowed in zip(TYPES, expected, strict=True):
                lines = dated("Cache-Control: max-age=60")
                if content_type is not None:
                    lines += (f"Content-Type: {content_type}",)
                with_cookie = ask("Cookie: a=b", policy=policy)
                for asked, more in ((None, "Set-Cookie: a=b"), (with_cookie, "X: y"), (with_cookie, "Set-Cookie: a=b")):
                    storing = settle(*lines, more, request=asked, policy=policy)
                    case = (mode, content_type, asked is not None, more)
                    if allowed:
                        self.assertIsInstance(storing, Store, case)
                    else:
                        self.assertEqual(storing, DoNotStore(NotStorable.COOKIES), case)

    def test_with_mode_4_text_may_not_set_a_cookie_unless_it_is_public(self) -> None:
        for sets_cookie, public, allowed in ((False, False, True), (True, False, False), (True, True, True)):
            for content_type in (b"text/html", b"text"):
                self.assertIs(do_cookies_allow(4, content_type, sets_cookie=sets_cookie, public=public), allowed)
            for other in (b"image/png", b"application/json", None):
                self.assertTrue(do_cookies_allow(4, other, sets_cookie=sets_cookie, public=public))

    def test_the_table_is_the_one_of_the_variable(self) -> None:
        for mode, expected in ALLOWED.items():
            for content_type, allowed in zip(TYPES, expected, strict=True):
                raw = None if content_type is None else content_type.encode()
                self.assertIs(do_cookies_allow(mode, raw, sets_cookie=True, public=True), allowed, (mode, raw))

    def test_the_type_is_compared_as_written(self) -> None:
        self.assertTrue(do_cookies_allow(3, b"Text/html", sets_cookie=False, public=False))
        self.assertFalse(do_cookies_allow(2, b"Image/png", sets_cookie=False, public=False))

    def test_without_cookies_the_mode_never_matters(self) -> None:
        for mode in range(5):
            policy = CachingPolicy(cache_responses_to_cookies=mode)
            self.assertIsInstance(settle(*dated("Content-Type: text/html"), policy=policy), Store)
