"""Regular expressions that match more than they seem to."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.advice_expressions import advise_expressions, advise_mapped_expressions, loose_dot
from tsnode.config.parent import parse_parent
from tsnode.config.remap import parse_remap
from tsnode.config.rows import RECORDS


class Dots(SynchronousTestCase):
    def test_a_dot_between_letters_is_found(self) -> None:
        for text, at in (("www.example.com", 3), (r"www\.example.com", 12), ("^a.b$", 2), ("a1.b", 2)):
            self.assertEqual(loose_dot(text), at, text)

    def test_one_that_is_meant_is_not(self) -> None:
        for text in (r"www\.example\.com", ".*", "a.*b", "a.+b", "[a.b]c", "[^a.b]", r"[\]a.b]", "a(.)b", "a.1", ""):
            self.assertIsNone(loose_dot(text), text)

    @given(st.text("ab.\\[]^()*+?1/:", max_size=20))
    def test_what_is_found_is_a_dot(self, text: str) -> None:
        at = loose_dot(text)
        self.assertTrue(at is None or text[at] == ".")


class Places(SynchronousTestCase):
    def test_it_is_marked_in_the_line(self) -> None:
        text = 'host_regex=www.a parent=p:1\nurl_regex="https?://www.a\\.b/c.d" parent=p:1\nurl_regex=a.b parent=p:1\n'
        rules = parse_parent("p", text).value
        places = [(advice.place.line, advice.place.column) for advice in advise_expressions(rules)]
        # what was escaped in quotes is not in the line as it is
        self.assertEqual(places, [(1, 15), (2, 1)])

    def test_it_is_marked_in_a_mapping_rule(self) -> None:
        text = "regex_map http://www.(a|b)\\.example/ http://c/\nregex_map http://x.y/ http://c/\nmap http://x.y/ http://c/\n"
        rules = parse_remap("r", text, RECORDS).value
        places = [(advice.place.line, advice.place.column) for advice in advise_mapped_expressions(rules)]
        self.assertEqual(places, [(2, 19)])
