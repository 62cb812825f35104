"""parent.config."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.config.line_laws import FAULTS, LineLaws, any_lines
from tsnode.config.cursor import Span
from tsnode.config.parent import TAGS, parse_parent, parse_parent_proxies
from tsnode.config.reading import Reading
from tsnode.hierarchy.rules import Parent, ParentPlan, ParentRetry, ParentRule, RoundRobin, SecondaryMode
from tsnode.matching.destinations import Host
from tsnode.matching.specifiers import Scheme
from tsnode.model.errors import Place
from tsnode.testing.config_parent import parent_rules, render_parent

A = Parent("a", 1)


def parse(text: str) -> Reading[tuple[ParentRule, ...]]:
    return parse_parent("p", text)


class ParentFile(LineLaws[ParentRule]):
    def plan(self, actions: str, warnings: int = 0) -> ParentPlan:
        """What a line with these actions says."""
        reading = parse(f"dest_host=h {actions}")
        self.assert_found(reading.errors, [])
        self.assertEqual(len(reading.warnings), warnings, reading.warnings)
        (rule,) = reading.value
        return rule.plan

    def faults(self, *lines: str) -> list[tuple[str, str]]:
        """Place and problem of all errors of a file in which only these lines are wrong."""
        text = "\n".join(lines) + "\ndest_host=last parent=a:1"
        reading = parse(text)
        self.assert_marked(reading.errors, text)
        self.assertEqual(reading.value[-1].condition.destination, Host("last"))
        return [(str(fault.place), fault.problem) for fault in reading.errors]


class Lines(ParentFile):
    def test_comments_and_blank_lines_are_skipped_but_counted(self) -> None:
        (rule,) = parse("# x\n\n \t # y\n  dest_host=h parent=a:1\n").value
        self.assertEqual(rule.place, Place("p", 4, 3, "  dest_host=h parent=a:1"))

    def test_a_comment_behind_a_rule_makes_the_line_wrong_and_the_next_one_loads(self) -> None:
        self.assertEqual(
            self.faults("dest_host=h parent=a:1 # why"), [("p:1:24", "a comment behind a rule is no comment")]
        )

    def test_labels_and_words_are_read_in_any_case(self) -> None:
        text = "DEST_HOST=h PARENT=a:1 ROUND_ROBIN=TRUE Go_Direct=False"
        (rule,) = parse(text).value
        self.assertEqual(rule.plan, ParentPlan(parents=(A,), round_robin=RoundRobin.BY_CLIENT, go_direct=False))

    def test_the_hyphenated_round_robin_is_a_synonym_with_a_warning(self) -> None:
        reading = parse("dest_host=h parent=a:1 round-robin=strict")
        self.assertEqual(reading.value[0].plan.round_robin, RoundRobin.STRICT)
        self.assert_found(
            reading.warnings,
            [("p:1:24", "round-robin is taken for round_robin; Traffic Server refuses it", "round_robin")],
        )

    def test_the_example_of_the_guide_loads_with_a_warning_for_each_thing_that_traffic_server_refuses(self) -> None:
        """Traffic Server, admin guide, hierarchical caching."""
        reading = parse('dest_host=host1 scheme=http parent="parent1;parent2" round-robin=strict')
        self.assert_found(reading.errors, [])
        self.assertEqual(len(reading.warnings), 3)
        (rule,) = reading.value
        self.assertEqual((rule.condition.destination, rule.condition.specifiers), (Host("host1"), (Scheme("http"),)))
        both = (Parent("parent1", 8080), Parent("parent2", 8080))
        self.assertEqual(rule.plan, ParentPlan(parents=both, round_robin=RoundRobin.STRICT))

    def test_forty_pairs_load_and_forty_one_do_not(self) -> None:
        line = "dest_host=h parent=a:1" + " prefix=a" * 38
        self.assert_found(parse(line).errors, [])
        self.assertEqual(self.faults(line + " prefix=a"), [("p:1:366", "there are more than 40 pairs")])

    def test_a_list_of_parents_needs_no_quotation_marks_where_it_has_no_blanks(self) -> None:
        for written in ("a:1;b:2", '"a:1, b:2"', "a:1,b:2"):
            self.assertEqual(self.plan(f"parent={written}").parents, (A, Parent("b", 2)), written)

    def test_a_list_without_parents_and_a_port_or_weight_that_is_none_cost_their_lines(self) -> None:
        lines = [f'dest_host=h parent="{written}"' for written in ("", "a:80x", "a:80|x")]
        self.assertEqual(self.faults("# x", *lines), [
            ("p:2:21", "the list of parents is empty"), ("p:3:23", "'80x' is no port"), ("p:4:26", "'x' is no weight"),
        ])  # fmt: skip

    def test_files_of_windows_load_like_others(self) -> None:
        text = "dest_host=h parent=a:1\n# x\ndest_host=i go_direct=true\n"
        self.assertEqual(parse(text.replace("\n", "\r\n")).value, parse(text).value)

    def test_two_destinations_or_none_or_two_lists_of_parents_make_a_line_wrong(self) -> None:
        self.assertEqual(
            self.faults("dest_host=h dest_ip=1.2.3.4 parent=a:1", "parent=a:1", "dest_host=h parent=a:1 parent=b:1"),
            [
                ("p:1:13", "the line has another destination already"),
                ("p:2:1", "the line has no destination"),
                ("p:3:24", "parent is there twice"),
            ],
        )

    def test_the_secondary_parents_and_the_lists_of_statuses_stand_there_once_too(self) -> None:
        self.assertEqual(
            [place for place, _ in self.faults(
                "dest_host=h parent=a:1 secondary_parent=b:1 secondary_parent=b:1",
                "dest_host=h parent=a:1 simple_server_retry_responses=404 simple_server_retry_responses=404",
            )],
            ["p:1:45", "p:2:58"],
        )  # fmt: skip

    def test_of_repeated_words_the_last_one_counts(self) -> None:
        plan = self.plan("parent=a:1 round_robin=strict round_robin=false", warnings=1)
        self.assertEqual(plan.round_robin, RoundRobin.FIRST)

    def test_an_unknown_tag_is_told_with_the_nearest_one_and_nothing_else_of_that_line(self) -> None:
        reading = parse("dest_domian=h parent=a:1\ndest_host=h round_robn=strict parent=a:1\n")
        self.assert_found(reading.errors, [
            ("p:1:1", "unknown tag 'dest_domian'", "dest_domain"),
            ("p:2:13", "unknown tag 'round_robn'", "round_robin"),
        ])  # fmt: skip

    def test_labels_that_never_were_are_unknown(self) -> None:
        for label in ("weight=2", "max_retriers=2", "host_override=true"):
            self.assertEqual(len(self.faults(f"dest_host=h parent=a:1 {label}")), 1)


class Words(ParentFile):
    def test_what_a_line_leaves_out_has_its_default(self) -> None:
        plan = self.plan("parent=a:1")
        self.assertEqual(plan, ParentPlan(parents=(A,)))
        self.assertEqual((plan.round_robin, plan.go_direct, plan.parent_is_proxy), (RoundRobin.FIRST, True, True))
        self.assertEqual((plan.ignore_query, plan.secondary_mode), (False, SecondaryMode.ALTERNATING))
        self.assertEqual(plan.retry, ParentRetry.NONE)
        self.assertEqual((plan.retry.simple, plan.retry.unavailable), (False, False))

    def test_every_tag_reaches_the_plan(self) -> None:
        plan = self.plan(
            'primary_parent=a:1 secondary_parent="b:2" secondary_mode=3 round_robin=consistent_hash go_direct=false '
            "parent_is_proxy=false qstring=ignore parent_retry=both simple_server_retry_responses=404,410 "
            'unavailable_server_retry_responses="502 503" max_simple_retries=5 max_unavailable_server_retries=2 '
            "ignore_self_detect=true"
        )
        self.assertEqual(plan, ParentPlan(
            parents=(A,), secondary_parents=(Parent("b", 2),), secondary_mode=SecondaryMode.CHOICE_DOWN,
            round_robin=RoundRobin.CONSISTENT_HASH, go_direct=False, parent_is_proxy=False, ignore_query=True,
            retry=ParentRetry.BOTH, simple_statuses=frozenset({404, 410}), unavailable_statuses=frozenset({502, 503}),
            max_simple_retries=5, max_unavailable_retries=2, ignore_self_detect=True,
        ))  # fmt: skip
        self.assertEqual((plan.retry.simple, plan.retry.unavailable), (True, True))

    def test_words_that_mean_nothing_make_a_line_wrong(self) -> None:
        for pair in (
            "round_robin=bogus", "go_direct=maybe", "parent_is_proxy=no", "parent_retry=none", "secondary_mode=7",
            "qstring=bogus", "ignore_self_detect=bogus", "max_simple_retries=0", "max_simple_retries=6",
            "max_unavailable_server_retries=x", "simple_server_retry_responses=abc",
            'simple_server_retry_responses=","',
        ):  # fmt: skip
            (fault,) = self.faults(f"dest_host=h parent=a:1 {pair}")
            self.assertEqual(fault[0], f"p:1:{24 + pair.index('=') + 1 + pair.count(chr(34)) // 2}", pair)

    def test_one_to_five_more_parents_may_be_tried(self) -> None:
        """Traffic Server, parent.config, max_simple_retries; its parser stops at four."""
        for count in range(1, 6):
            plan = self.plan(f"parent=a:1 max_simple_retries={count} max_unavailable_server_retries={count}")
            self.assertEqual((plan.max_simple_retries, plan.max_unavailable_retries), (count, count))

    def test_statuses_that_do_not_count_are_dropped_with_a_warning(self) -> None:
        plan = self.plan(
            "parent=a:1 parent_retry=unavailable_server_retry unavailable_server_retry_responses=404,503", warnings=1
        )
        self.assertEqual(plan.unavailable_statuses, frozenset({503}))

    def test_lists_of_statuses_without_their_retry_are_warned_of(self) -> None:
        self.plan("parent=a:1 simple_server_retry_responses=410", warnings=1)

    def test_a_line_without_parents_says_that_it_goes_direct(self) -> None:
        self.assertEqual(self.plan("go_direct=true"), ParentPlan())
        self.assertEqual(
            self.faults("dest_host=h go_direct=false"), [("p:1:23", "without parents there is nowhere else to go")]
        )

    def test_a_line_that_says_neither_is_an_error_yet_goes_direct_where_errors_are_lived_with(self) -> None:
        reading = parse("dest_host=h")
        self.assert_found(reading.errors, [("p:1:12", "the line says neither parent nor go_direct", "one of them")])
        self.assertEqual([rule.plan for rule in reading.value], [ParentPlan()])

    def test_secondary_parents_without_consistent_hashing_are_warned_of(self) -> None:
        self.plan("parent=a:1 secondary_parent=b:1", warnings=1)

    def test_a_list_in_which_nobody_has_weight_is_wrong_for_consistent_hashing_only(self) -> None:
        self.plan("parent=a:1|0")
        line = "dest_host=h parent=a:1|0,b:1|0.0004 round_robin=consistent_hash"
        self.assertEqual(self.faults(line), [("p:1:20", "no parent has any weight")])

    def test_lines_that_say_the_same_share_their_plan(self) -> None:
        first, second = parse("dest_host=a parent=p:1\ndest_host=b parent=p:1\n").value
        self.assertIs(first.plan, second.plan)

    def test_lines_with_warnings_share_nothing_so_that_each_is_told(self) -> None:
        reading = parse("dest_host=a parent=p\ndest_host=b parent=p\n")
        self.assertEqual([fault.place.line for fault in reading.warnings], [1, 2])

    def test_the_table_has_every_tag_once_with_an_example_that_loads(self) -> None:
        names = [tag.name for tag in TAGS]
        self.assertEqual(len(names), len(set(names)))
        for tag in TAGS:
            others = [f"{name}=x" for name in ("dest_host",) if not tag.name.startswith(("dest", "url", "host_"))]
            others += ["parent=a:1"] if tag.name != "parent" else []
            self.assert_found(parse(" ".join([tag.example, *others])).errors, [])


class DefaultParents(ParentFile):
    def test_a_variable_has_parents_like_a_line(self) -> None:
        place = Place("records.config", 1, 9, "CONFIG x a:1; b")
        reading = parse_parent_proxies(Span("a:1; b", place))
        self.assertEqual(reading.value, (A, Parent("b", 8080)))
        self.assertEqual([fault.place.column for fault in reading.warnings], [14])

    def test_an_empty_one_has_none_and_a_wrong_one_is_told(self) -> None:
        self.assertEqual(parse_parent_proxies(Span(" ;", Place("r"))), Reading(()))
        self.assertEqual(len(parse_parent_proxies(Span("a:x", Place("r"))).errors), 1)


class Laws(ParentFile):
    @given(parent_rules())
    def test_what_was_written_is_read(self, rules: tuple[ParentRule, ...]) -> None:
        reading = parse(render_parent(rules))
        self.assert_found(reading.errors, [])
        self.assertEqual(reading.value, rules)

    @given(parent_rules(3))
    def test_how_it_is_written_does_not_matter(self, rules: tuple[ParentRule, ...]) -> None:
        self.assert_dressed(parse_parent, render_parent(rules), render_parent(rules, quoted=True))

    @given(parent_rules(3), st.sampled_from(FAULTS), st.integers(0, 9))
    def test_a_faulty_line_changes_no_other(
        self, rules: tuple[ParentRule, ...], faulty: tuple[str, int], at: int
    ) -> None:
        written = f"{faulty[0]} parent=a:1" if '"x' not in faulty[0] and "#" not in faulty[0] else faulty[0]
        if faulty[0] in ("dest_host", "dest_host=a url_regex"):
            written = faulty[0]
        self.assert_alone(parse_parent, render_parent(rules), (written, faulty[1]), at)

    @given(any_lines(("dest_host", "dest_ip", "parent", "round_robin", "a:1", "strict", "|", "&", "[::1]", "0")))
    def test_any_text_is_read_or_refused(self, text: str) -> None:
        self.assert_total(parse_parent, text)
