"""Rules of remap.config that no request ever meets."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.remap import parse_remap
from tsnode.config.rows import RECORDS
from tsnode.model.settings import ProxySettings
from tsnode.model.target import parse_target
from tsnode.routing.remap import Mapped, RemapTable
from tsnode.routing.unused import unused_rules

HOSTS = ("a", "b")
PATHS = ("/", "/x", "/x/y")


def unused(text: str) -> list[tuple[int, int]]:
    """The lines that are never used, each with the one before it that is."""
    rules = parse_remap("remap.config", text, RECORDS).value
    return [(rule.place.line, other.place.line) for rule, other in unused_rules(rules)]


class Unused(SynchronousTestCase):
    def test_a_shorter_path_before_a_longer_one_takes_all_of_it(self) -> None:
        text = "map http://a/x http://s/\nmap http://a/x/y http://t/\nmap http://a/ http://u/\nmap http://a/z http://v/\n"
        self.assertEqual(unused(text), [(2, 1), (4, 3)])

    def test_only_rules_that_are_asked_together_are_compared(self) -> None:
        others = (
            "map http://b/ http://s/", "map http://a:81/ http://s/", "map / http://s/", "reverse_map http://a/ http://s/",
            "redirect http://a/ http://s/", "map_with_recv_port http://a/ http://s/", "regex_map http://a/ http://s/",
        )  # fmt: skip
        for other in others:
            self.assertEqual(unused(f"map http://a/ http://s/\n{other}\n"), [], other)
        self.assertEqual(unused("map / http://s/\nmap /x http://t/\n"), [(2, 1)])
        self.assertEqual(unused("reverse_map http://a/ http://s/\nreverse_map http://a/ http://t/\n"), [(2, 1)])

    @given(st.lists(st.tuples(st.sampled_from(HOSTS), st.sampled_from(PATHS)), max_size=6))
    def test_a_rule_that_is_told_of_maps_nothing_and_any_other_something(self, sources: list[tuple[str, str]]) -> None:
        text = "".join(f"map http://{host}{path} http://s{at}/\n" for at, (host, path) in enumerate(sources))
        rules = parse_remap("remap.config", text, RECORDS).value
        table = RemapTable(rules, ProxySettings())
        used = set()
        for host in HOSTS:
            for path in ("/", "/x", "/x/y", "/x/y/z"):
                target = parse_target(b"GET", f"http://{host}{path}".encode(), b"")
                found = table.map_request(target, absolute_form=True, client="", port=80, method=b"GET")
                if isinstance(found, Mapped):
                    used.add(found.rule.place.line)
        told = {rule.place.line for rule, _ in unused_rules(rules)}
        self.assertEqual(used, set(range(1, len(rules) + 1)) - told)
