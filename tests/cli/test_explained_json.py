"""An explanation as a JSON document."""

from __future__ import annotations

from tests.cli.test_explain import ExplainCase


class Document(ExplainCase):
    def test_its_names_stay(self) -> None:
        response = self.write("answer", "HTTP/1.1 200 OK\nCache-Control: max-age=60\n")
        found = self.document("http://a.example/", "--response", str(response))
        self.assertEqual(
            {name: sorted(part) for name, part in found.items() if isinstance(part, dict)},
            {
                "request": ["at", "client", "host", "method", "port", "target", "url"],
                "access": ["methods", "only", "permitted", "rule"],
                "mapping": ["decision"],
                "cache": [
                    "because", "host_for_next_hop", "key", "looked_up", "only_if_cached", "permits_lookup",
                    "permits_storing", "url", "with_nothing_stored",
                ],
                "cache_config": ["decided", "not_shown", "rules"],
                "parent_config": ["applied", "default_parents", "not_shown", "rule", "rules"],
                "outcome": ["asks_next_hop", "kind", "step"],
                "answer": [
                    "again", "age_field", "because", "current_age", "date", "date_stated", "fresh_until",
                    "initial_age", "invalidates", "lifetime", "lifetime_bounds", "lifetime_source",
                    "lifetime_unbounded", "status", "stored",
                ],
            },
        )  # fmt: skip
        self.assertEqual(found["destination"], "unrestricted")

    def test_what_the_journey_does_not_come_to_is_null(self) -> None:
        found = self.document("http://a.example/", "--client", "192.0.2.1")
        parts = ("mapping", "cache", "cache_config", "parent_config", "destination", "answer")
        self.assertEqual([found[name] for name in parts], [None] * len(parts))
        self.assertEqual(found["outcome"], {"kind": "closed"})

    def test_every_kind_of_mapping_is_told(self) -> None:
        path = self.write(
            "remap.config",
            "map http://m.example/ http://n.example/\nredirect http://r.example/ http://n.example/\n"
            "map http://d.example/ http://n.example/ @action=deny\n",
        )
        rule = {"file": str(path), "line": 2, "column": 1}
        self.assertEqual(
            self.document("http://r.example/")["mapping"],
            {"decision": "redirected", "rule": rule, "location": "http://n.example/", "status": 301},
        )
        self.assertEqual(self.document("http://m.example/x")["mapping"]["url"], "http://n.example/x")
        self.assertEqual(self.document("http://d.example/x")["mapping"]["decision"], "denied")
        found = self.document("http://u.example/x", "--origin-form")
        self.assertEqual((found["mapping"]["decision"], found["outcome"]["status"]), ("unmapped", 404))

    def test_rules_and_decisions_have_places(self) -> None:
        path = self.write("cache.config", "dest_domain=a.example ttl-in-cache=1m\n")
        found = self.document("http://a.example/")["cache_config"]
        rule = {"file": str(path), "line": 1, "column": 1}
        self.assertEqual(found["decided"], {"ttl-in-cache": {"value": 60, "rule": rule}})
        self.assertEqual(
            found["rules"], [{"rule": rule, "says": "ttl-in-cache=60s", "matched": True, "verdict": "matches"}]
        )

    def test_what_is_not_stored_has_a_word_for_it(self) -> None:
        response = self.write("answer", "HTTP/1.1 200 OK\nCache-Control: private\n")
        found = self.document("http://a.example/", "--response", str(response))["answer"]
        self.assertEqual((found["stored"], found["because"]), (False, "forbidden"))
