"""The variables about carrying requests."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.rows import RECORDS


def admits(name: str, value: int | str | None) -> bool:
    return RECORDS[f"proxy.config.{name}"].domain.admits(value)


class Ranges(SynchronousTestCase):
    def test_a_head_must_have_room_for_a_request(self) -> None:
        self.assertEqual([admits("http.request_header_max_size", size) for size in (0, 255, 256)], [False, False, True])

    def test_the_name_in_via_is_one_word(self) -> None:
        """RFC 9110 §7.6.3: a pseudonym is a token, perhaps with a port."""
        names = ("node-1", "node.example:80", "two words", "", "nöde", None)
        self.assertEqual([admits("proxy_name", name) for name in names], [True, True, False, False, False, True])

    def test_the_comment_in_via_cannot_end_early(self) -> None:
        comments = ("tsnode 1.0", "a)", "(a", "a\\", "a\x1b", None)
        expected = [True, False, False, False, False, True]
        self.assertEqual([admits("http.request_via_str", comment) for comment in comments], expected)

    def test_address_families_are_words_with_semicolons_between_them(self) -> None:
        values = ("ipv4", "ipv6;ipv4", "client;ipv4;none", "ipv5", "ipv4;", "")
        expected = [True, True, True, False, False, False]
        self.assertEqual([admits("hostdb.ip_resolve", value) for value in values], expected)
