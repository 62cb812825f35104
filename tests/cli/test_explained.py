"""An explanation as text."""

from __future__ import annotations

import json

from hypothesis import given

from tests.cli.test_explain import FORWARD, ExplainCase
from tests.transaction.test_explanation import Scene, read, read_answer, scenes, tree_of
from tsnode.cli.explained import render_text
from tsnode.cli.explained_json import as_document
from tsnode.transaction.explanation import Question, explain

FRESH = """\
Freshness
  Date                  2026-11-26T16:59:30Z
  Age                   40 s
  age when it came      40 s
  lifetime from         Expires
  lifetime so           90 s
  bounds                0 s to 31536000 s
  lifetime              90 s
  age now               40 s
  fresh until           2026-11-26T17:00:50Z
"""


class Sections(ExplainCase):
    def assert_told(self, lines: str, told: str) -> None:
        """These lines stand in it, one behind the other."""
        self.assertIn(lines, told)

    def test_a_mapped_request_has_its_rule_and_its_key(self) -> None:
        path = self.write("remap.config", "# first\nmap http://www.example/ http://a.example:81/b/\n")
        told = self.explain("http://www.example/x")
        self.assert_told(f"  rule                  {path}:2 (map)\n", told)
        self.assert_told("  key                   http://a.example:81/b/x\n", told)
        self.assert_told("  Host for the next hop a.example:81\n", told)

    def test_redirects_and_refusals_end_the_journey(self) -> None:
        self.write(
            "remap.config",
            "redirect_temporary http://o.example/ http://n.example/\n"
            "map http://d.example/ http://e.example/ @action=deny\n",
        )
        self.assert_told("  client                307, Location: http://n.example/x\n", self.explain("http://o.example/x"))
        self.assert_told("  client                403 Access Denied: ", self.explain("http://d.example/x"))
        self.write("records.config", "")
        self.assert_told("  rule                  none is for this URL, and one is needed\n", self.explain("http://a/"))

    def test_a_client_without_access_is_told_so(self) -> None:
        told = self.explain("http://a.example/", "--client", "192.0.2.1")
        self.assert_told("  permits               no method\n", told)
        self.assert_told("  client                its connection is closed without an answer\n", told)

    def test_what_a_request_says_is_told(self) -> None:
        said = "Cache-Control: no-cache, max-stale, max-age=5"
        told = self.explain("http://a.example/", "-H", said, "-H", "Cookie: a")
        for said in ("no-cache", "max-stale", "max-age=5", "it has Cookie"):
            self.assert_told(f"  the request says      {said}\n", told)

    def test_a_client_that_wants_stored_answers_only_gets_none(self) -> None:
        response = self.write("answer", "HTTP/1.1 200 OK\n")
        told = self.explain("http://a.example/", "-H", "Cache-Control: only-if-cached", "--response", str(response))
        self.assert_told("  with nothing stored   504: the client takes only what is stored\n", told)
        self.assert_told("  not looked at         no next hop would be asked\n", told)

    def test_rules_are_told_with_verdicts_and_decisions_with_rules(self) -> None:
        rules = "dest_domain=a.example revalidate=1h\ndest_domain=. port=81 action=never-cache\n"
        path = self.write("cache.config", rules)
        told = self.explain("http://a.example/")
        self.assert_told(f"  + {path}:1  revalidate=3600s: matches\n", told)
        self.assert_told(f"  - {path}:2  action=never-cache: port=81 does not hold\n", told)
        self.assert_told(f"  = revalidate: 3600, by {path}:1\n", told)
        self.assertNotIn("does not act on it yet", told.partition("parent.config")[0])

    def test_a_rule_that_keeps_answers_out_of_the_cache_is_told(self) -> None:
        path = self.write("cache.config", "dest_domain=a.example action=never-cache\n")
        told = self.explain("http://a.example/")
        self.assert_told("no: a rule says so (never-cache in cache.config)", told)
        self.assert_told(f"  = never-cache: true, by {path}:1\n", told)

    def test_how_long_an_answer_is_fresh_by_a_rule_is_told(self) -> None:
        response = self.write("answer", "HTTP/1.1 200 OK\nDate: Thu, 26 Nov 2026 16:59:30 GMT\n")
        self.write("cache.config", "dest_domain=a.example ttl-in-cache=1m\n")
        told = self.explain("http://a.example/", "--response", str(response))
        self.assert_told("  by cache.config       fresh for 60 s after it came\n", told)
        self.assert_told("  fresh until           2026-11-26T17:01:00Z\n", told)
        self.write("cache.config", "dest_domain=a.example revalidate=1m\n")
        told = self.explain("http://a.example/", "--response", str(response))
        self.assert_told("  by cache.config       fresh up to an age of 60 s\n", told)
        self.assert_told("  fresh until           2026-11-26T17:00:30Z\n", told)

    def test_of_many_rules_only_those_that_come_near_are_told(self) -> None:
        lines = [f"dest_domain=h{number}.example action=never-cache\n" for number in range(30)]
        self.write("cache.config", "".join([*lines, "dest_domain=a.example port=81 action=never-cache\n"]))
        told = self.explain("http://a.example/")
        self.assertEqual(told.count("never-cache"), 1)
        self.assert_told("  30 more rules not shown; --all shows all\n", told)
        self.assertEqual(self.explain("http://a.example/", "--all").count("never-cache"), 31)

    def test_the_parents_that_apply_are_told(self) -> None:
        rules = 'dest_domain=a.example parent="p1:80;p2:80"\ndest_domain=b.example go_direct=true\n'
        path = self.write("parent.config", rules)
        self.assert_told(f"  = {path}:1 applies, as the first that matches\n", self.explain("http://a.example/"))
        self.assert_told("  = no rule applies\n", self.explain("http://c.example/"))
        self.write("records.config", FORWARD + "CONFIG proxy.config.http.parent_proxies STRING p9:80\n")
        self.assert_told("  = no rule applies: p9:80 (", self.explain("http://c.example/"))

    def test_freshness_is_a_table_of_its_terms(self) -> None:
        head = "HTTP/1.1 200 OK\nDate: Thu, 26 Nov 2026 16:59:30 GMT\nExpires: Thu, 26 Nov 2026 17:01:00 GMT\nAge: 40\n"
        told = self.explain("http://a.example/", "--response", str(self.write("answer", head)))
        self.assert_told("  stored                yes\n  the same again, then  served\n", told)
        self.assertTrue(told.endswith(FRESH), told)

    def test_what_is_not_stored_is_told_why(self) -> None:
        response = self.write("answer", "HTTP/1.1 200 OK\nCache-Control: private\n")
        told = self.explain("http://a.example/", "--response", str(response))
        self.assert_told("  stored                no: the answer says no-store or private\n", told)

    def test_a_tunnel_is_told(self) -> None:
        told = self.explain("a.example:443", "--method", "CONNECT")
        self.assert_told("  then                  it is connected with where it wants to go\n", told)


class Any(ExplainCase):
    @given(scenes())
    def test_every_explanation_can_be_told(self, scene: Scene) -> None:
        tree = tree_of(
            {
                "records.config": FORWARD + "\n".join(scene.records),
                "remap.config": "\n".join(scene.remap),
                "ip_allow.yaml": scene.access,
                "cache.config": scene.cache,
                "parent.config": scene.parent,
            }
        )
        head = read(scene.request)
        question = Question(
            request=head, client=scene.client, port=8080, now=1.7e9, time_of_day=0,
            response=read_answer(scene.answer, head.method),
        )  # fmt: skip
        explanation = explain(tree, question)
        self.assertIn("Outcome\n", render_text(explanation, True))
        self.assertEqual(json.loads(json.dumps(as_document(explanation, True)))["request"]["client"], scene.client)
