"""Lines of cache.config that contradict each other."""

from __future__ import annotations

from hypothesis import given
from twisted.trial.unittest import SynchronousTestCase

from tsnode.caching.overrides import CacheRule, fold_rules
from tsnode.config.advice_cache import advise_conflicts
from tsnode.config.cache import parse_cache
from tsnode.matching.index import RuleIndex
from tsnode.matching.request import RuleRequest
from tsnode.testing.config_cache import cache_rules, render_cache
from tsnode.testing.config_rules import rule_requests


def told(*lines: str) -> list[tuple[int, str]]:
    reading = parse_cache("c", "".join(f"{line}\n" for line in lines))
    assert not reading.errors, reading.errors
    return [(advice.place.line, advice.problem) for advice in advise_conflicts(reading.value)]


def loser(line: int, winner: int) -> tuple[int, str]:
    return line, f"this has no effect: line {winner} decides for the same requests"


class Conflicts(SynchronousTestCase):
    def test_of_two_lines_about_the_same_the_later_one_counts(self) -> None:
        self.assertEqual(told("dest_domain=a revalidate=1h", "dest_domain=a revalidate=2h"), [loser(1, 2)])
        self.assertEqual(told("dest_host=a action=never-cache", "dest_host=a action=standard-cache"), [loser(1, 2)])

    def test_ttl_in_cache_wins_over_never_cache_wherever_it_stands(self) -> None:
        never, ttl = "dest_domain=a action=never-cache", "dest_domain=a ttl-in-cache=1h"
        self.assertEqual(told(never, ttl), [loser(1, 2)])
        self.assertEqual(told(ttl, never), [loser(2, 1)])

    def test_directives_of_different_kinds_and_for_others_stand_together(self) -> None:
        for lines in (
            ("dest_domain=a revalidate=1h", "dest_domain=a pin-in-cache=1h"),
            ("dest_domain=a revalidate=1h", "dest_domain=b revalidate=1h"),
            ("dest_domain=a revalidate=1h", "dest_domain=a method=get revalidate=2h"),
            ("dest_domain=a action=ignore-client-no-cache", "dest_domain=a action=ignore-server-no-cache"),
            ("dest_domain=a action=cluster-cache-local", "dest_domain=a action=cluster-cache-local"),
        ):
            self.assertEqual(told(*lines), [], lines)

    def test_of_very_many_lines_for_one_destination_only_the_first_are_compared(self) -> None:
        lines = [f"dest_domain=a prefix={number} revalidate=1h" for number in range(70)]
        self.assertEqual(told(*lines, lines[0], lines[69]), [])

    def test_a_later_line_for_more_hides_an_earlier_one_for_less(self) -> None:
        self.assertEqual(told("dest_domain=a method=get revalidate=2h", "dest_domain=a revalidate=1h"), [loser(1, 2)])
        self.assertEqual(
            told("dest_domain=a action=ignore-client-no-cache", "dest_domain=a action=ignore-no-cache"), [loser(1, 2)]
        )

    @given(cache_rules(), rule_requests())
    def test_a_line_that_is_told_of_never_decides_what_it_is_about(
        self, generated: tuple[CacheRule, ...], request: RuleRequest
    ) -> None:
        rules = parse_cache("c", render_cache(generated)).value
        idle = {advice.place.line for advice in advise_conflicts(rules)}
        effect = fold_rules(RuleIndex(rules).all(request).rules)
        for decided in (
            effect.never_cache, effect.ignore_client_no_cache, effect.ignore_server_no_cache, effect.revalidate,
            effect.ttl_in_cache, effect.pin_in_cache,
        ):  # fmt: skip
            self.assertTrue(decided is None or decided.rule.place.line not in idle)
