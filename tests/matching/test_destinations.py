"""Hosts as rules and requests have them."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.matching.destinations import request_name, rule_name


class Names(SynchronousTestCase):
    def test_case_dots_around_and_empty_labels_do_not_matter_in_a_rule(self) -> None:
        for text in ("example.com", ".Example.COM", "example.com.", "..example..com.."):
            self.assertEqual(rule_name(text), "example.com")
        self.assertEqual((rule_name("."), rule_name("[::1]")), ("", "::1"))

    def test_case_and_one_dot_behind_do_not_matter_in_a_request(self) -> None:
        self.assertEqual([request_name(host) for host in ("A.b", "a.b.", "a.b..")], ["a.b", "a.b", "a.b."])
