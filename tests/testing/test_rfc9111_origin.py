"""The origins of histories."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tsnode.testing.rfc9111 import Asked
from tsnode.testing.rfc9111_origin import describe
from tsnode.testing.rfc9111_scenes import Says


class Representations(SynchronousTestCase):
    def test_versions_users_and_variants_have_unmistakable_octets_and_tags(self) -> None:
        seen = {}
        for url in ("http://a.example/1", "http://b.example/1"):
            for fields in ({}, {"x-foo": "a"}, {"authorization": "x"}):
                for version in (1, 2):
                    told = describe(Asked("GET", url, fields), Says(), version)
                    seen[told.body, told.tag] = told
                    self.assertEqual(len(told.body), Says().size)
        self.assertEqual(len(seen), 12)

    def test_validators_are_those_that_are_asked_for(self) -> None:
        asked = Asked("GET", "http://a.example/1", {})
        for tags, tag, modified in (
            ("strong", True, False), ("none", False, False), ("modified", False, True), ("both", True, True),
        ):  # fmt: skip
            told = describe(asked, Says(tags=tags), 1)
            self.assertEqual((told.tag is not None, told.modified is not None), (tag, modified), tags)
        weak = describe(asked, Says(tags="weak"), 1).tag
        assert weak is not None
        self.assertTrue(weak.startswith('W/"'))
