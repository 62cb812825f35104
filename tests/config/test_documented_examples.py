"""What the guides and the manual pages of Traffic Server show loads, and does what the text beside it says."""

from __future__ import annotations

from tests.config.shape import Messages
from tsnode.caching.overrides import CacheEffect, fold_rules
from tsnode.config.advice_cache import advise_conflicts
from tsnode.config.cache import parse_cache
from tsnode.config.cursor import Span
from tsnode.config.parent import parse_parent, parse_parent_proxies
from tsnode.config.records import parse_records
from tsnode.config.remap import parse_remap
from tsnode.config.rows import RECORDS
from tsnode.config.update import parse_update
from tsnode.hierarchy.rules import ParentRule, RoundRobin
from tsnode.matching.index import RuleIndex
from tsnode.matching.request import RuleRequest, see_request
from tsnode.model.errors import Place
from tsnode.model.target import parse_target

NOON = 12 * 3600
POLITICS = "url_regex=politics prefix=/viewpoint go_direct=true"
GUIDE = 'dest_host=host1 scheme=http parent="parent1;parent2" round-robin=strict'
TWO_PARENTS = 'dest_domain=. method=get parent="p1.x.com:8080; p2.y.com:8080" round_robin=true'
TWO_RINGS = (
    'dest_host=example.com scheme=http parent="p1.x.com:80,p2.x.com:80" secondary_parent="p3.x.com:80,p4.x.com:80" '
    "round_robin=consistent_hash go_direct=false"
)
# a list of parents as the manual page shows it, and what it names
LISTS = (
    ("p1.x.com:8080, 192.168.0.3:80, 192.168.0.4:80",
     [("p1.x.com", 8080, 1.0, None), ("192.168.0.3", 80, 1.0, None), ("192.168.0.4", 80, 1.0, None)]),
    ("p1.x.com:8080|2.0, 192.168.0.3:80|3.0, 192.168.0.4:80|5.0",
     [("p1.x.com", 8080, 2.0, None), ("192.168.0.3", 80, 3.0, None), ("192.168.0.4", 80, 5.0, None)]),
    ("p1.x.com:80|1.0&abcdef, p2.x.com:80|1.0&xyzl, p3.x.com:80|1.0&ldffg",
     [("p1.x.com", 80, 1.0, "abcdef"), ("p2.x.com", 80, 1.0, "xyzl"), ("p3.x.com", 80, 1.0, "ldffg")]),
)  # fmt: skip

JS_WEEK = "dest_domain=example.com prefix=foo suffix=js revalidate=7d"
JS_DAY = "dest_domain=example.com suffix=js revalidate=1d"
JS_NEVER = "dest_domain=example.com suffix=js action=never-cache"
NEVER = "dest_domain=example.com action=never-cache"
TTL = "dest_domain=example.com ttl-in-cache=1d"
PICTURES = (
    "dest_domain=mydomain.com revalidate=1h", "dest_domain=mydomain.com suffix=gif revalidate=6h",
    "dest_domain=mydomain.com suffix=jpeg revalidate=6h",
)  # fmt: skip
POPULAR = "url_regex=example.com/articles/popular.* time=19:00-23:00 ttl-in-cache=1d2h"
GAME = "url_regex=example.com/game/.* pin-in-cache=1h"
APACHE_PIN = "url_regex=^https?://(www.)?apache.org/dev/ pin-in-cache=12h"
APACHE_TTL = "url_regex=^https?://(www.)?apache.org/dev/ ttl-in-cache=6h"

# variables that the guides tell people to set, with the defaults that they state or imply; parents are asked as soon
# as there is a rule for them, as in Traffic Server 9
VARIABLES = (
    ("http.parent_proxy_routing_enable", 1), ("http.cache.cache_responses_to_cookies", 3),
    ("update.enabled", 0), ("update.force", 0), ("update.retry_count", 10), ("update.retry_interval", 2),
    ("update.concurrent_updates", 100), ("http.push_method_enabled", 0), ("cache.permit.pinning", 0),
    ("http.cache.when_to_revalidate", 0), ("http.cache.required_headers", 0), ("icp.enabled", 0),
    ("http.cache.heuristic_lm_factor", 0.1), ("http.cache.ignore_client_no_cache", 0),
    ("http.cache.ignore_client_cc_max_age", 0), ("http.cache.ignore_server_no_cache", 0),
    ("http.cache.ignore_authentication", 0), ("http.cache.http", 1), ("http.cache.cache_urls_that_look_dynamic", 1),
    ("cache.limits.http.max_alts", 3), ("http.cache.enable_default_vary_headers", 0),
    ("http.cache.vary_default_text", None), ("http.cache.vary_default_images", None),
    ("http.cache.vary_default_other", None), ("http.congestion_control.enabled", 0), ("http.quick_filter.mask", 0),
    ("http.parent_proxies", None), ("icp.icp_port", 3130), ("icp.multicast_enabled", 0), ("icp.query_timeout", 2),
)  # fmt: skip


def seen(url: str, *, method: str = "GET", time_of_day: int = NOON) -> RuleRequest:
    target = parse_target(b"GET", url.encode(), b"")
    return see_request(target, method=method.encode(), client="192.0.2.1", time_of_day=time_of_day)


class ParentExamples(Messages):
    def rule(self, line: str, request: RuleRequest) -> ParentRule | None:
        """The rule of a file of one line that applies; the line has to be right."""
        reading = parse_parent("parent.config", line)
        self.assert_found(reading.errors, [])
        return RuleIndex(reading.value).first(request).first

    def test_politics_of_viewpoint_go_past_all_parents(self) -> None:
        rule = self.rule(POLITICS, seen("http://a.example/viewpoint/politics.html"))
        assert rule is not None
        self.assertEqual((rule.plan.parents, rule.plan.go_direct), ((), True))
        for url in ("http://a.example/viewpoint/sports", "http://a.example/politics"):
            self.assertIsNone(self.rule(POLITICS, seen(url)), url)

    def test_the_guide_s_two_parents_take_turns_though_traffic_server_refuses_the_line(self) -> None:
        reading = parse_parent("parent.config", GUIDE)
        self.assert_found(reading.errors, [])
        self.assertEqual(len(reading.warnings), 3, "two parents without a port, and a hyphen")
        rule = self.rule(GUIDE, seen("http://host1/x"))
        assert rule is not None
        self.assertEqual([(parent.host, parent.port) for parent in rule.plan.parents],
                         [("parent1", 8080), ("parent2", 8080)])  # fmt: skip
        self.assertIs(rule.plan.round_robin, RoundRobin.STRICT)
        for url in ("http://host2/", "https://host1/"):
            self.assertIsNone(self.rule(GUIDE, seen(url)), url)

    def test_everything_that_is_got_goes_to_two_parents_by_the_client_s_address(self) -> None:
        rule = self.rule(TWO_PARENTS, seen("http://anything.example/"))
        assert rule is not None
        self.assertEqual([(parent.host, parent.port) for parent in rule.plan.parents],
                         [("p1.x.com", 8080), ("p2.y.com", 8080)])  # fmt: skip
        self.assertIs(rule.plan.round_robin, RoundRobin.BY_CLIENT)
        self.assertIsNone(self.rule(TWO_PARENTS, seen("http://anything.example/", method="POST")))

    def test_two_rings_and_never_the_origin(self) -> None:
        rule = self.rule(TWO_RINGS, seen("http://example.com/x"))
        assert rule is not None
        plan = rule.plan
        self.assertEqual([parent.host for parent in plan.parents], ["p1.x.com", "p2.x.com"])
        self.assertEqual([parent.host for parent in plan.secondary_parents], ["p3.x.com", "p4.x.com"])
        self.assertEqual((plan.round_robin, plan.go_direct), (RoundRobin.CONSISTENT_HASH, False))
        for url in ("https://example.com/x", "http://www.example.com/x"):
            self.assertIsNone(self.rule(TWO_RINGS, seen(url)), url)

    def test_lists_have_ports_weights_and_hash_strings(self) -> None:
        for written, parents in LISTS:
            rule = self.rule(f'dest_domain=. parent="{written}" round_robin=consistent_hash', seen("http://a/"))
            assert rule is not None
            found = [(parent.host, parent.port, parent.weight, parent.hash_string) for parent in rule.plan.parents]
            self.assertEqual(found, parents)


class CacheExamples(Messages):
    def effect(self, lines: tuple[str, ...], request: RuleRequest) -> CacheEffect:
        """What a file of these lines, which have to be right, comes to for a request."""
        reading = parse_cache("cache.config", "\n".join(lines))
        self.assert_found((*reading.errors, *reading.warnings), [])
        return fold_rules(RuleIndex(reading.value).all(request).rules)

    def revalidated(self, lines: tuple[str, ...], url: str) -> int | None:
        found = self.effect(lines, seen(url)).revalidate
        return None if found is None else found.value

    def test_matching_lines_compound(self) -> None:
        effect = self.effect((JS_WEEK, JS_NEVER), seen("http://example.com/foo/a.js"))
        assert effect.never_cache is not None
        assert effect.revalidate is not None
        self.assertEqual((effect.never_cache.value, effect.revalidate.value), (True, 7 * 86400))

    def test_of_two_times_the_later_line_counts_so_that_the_general_one_has_to_come_first(self) -> None:
        foo, other = "http://example.com/foo/a.js", "http://example.com/bar/a.js"
        self.assertEqual([self.revalidated((JS_WEEK, JS_DAY), url) for url in (foo, other)], [86400, 86400])
        self.assertEqual([self.revalidated((JS_DAY, JS_WEEK), url) for url in (foo, other)], [7 * 86400, 86400])

    def test_the_wrong_order_is_told_and_the_right_one_is_not(self) -> None:
        for lines, told in (((JS_WEEK, JS_DAY), [1]), ((JS_DAY, JS_WEEK), []), (PICTURES, [])):
            rules = parse_cache("cache.config", "\n".join(lines)).value
            self.assertEqual([advice.place.line for advice in advise_conflicts(rules)], told, lines)

    def test_ttl_in_cache_takes_never_cache_back(self) -> None:
        for lines in ((NEVER, TTL), (TTL, NEVER)):
            effect = self.effect(lines, seen("http://example.com/"))
            assert effect.never_cache is not None
            assert effect.ttl_in_cache is not None
            self.assertEqual((effect.never_cache.value, effect.ttl_in_cache.value), (False, 86400))

    def test_pictures_are_revalidated_every_six_hours_and_the_rest_every_hour(self) -> None:
        for path, hours in (("a.gif", 6), ("a.jpeg", 6), ("a.html", 1), ("a.jpg", 1)):
            self.assertEqual(self.revalidated(PICTURES, f"http://www.mydomain.com/{path}"), hours * 3600, path)
        self.assertIsNone(self.revalidated(PICTURES, "http://mydomain.example/a.gif"))

    def test_popular_articles_stay_for_26_hours_if_they_come_between_seven_and_eleven_in_the_evening(self) -> None:
        url = "http://example.com/articles/popular/1"
        for clock, stays in ((18 * 3600 + 3599, False), (19 * 3600, True), (23 * 3600, True), (23 * 3600 + 1, False)):
            found = self.effect((POPULAR,), seen(url, time_of_day=clock)).ttl_in_cache
            self.assertEqual(found is not None and found.value == 26 * 3600, stays, clock)

    def test_games_are_pinned_for_an_hour_and_what_apache_develops_for_twelve(self) -> None:
        game, apache = "http://example.com/game/1", "http://www.apache.org/dev/x"
        for line, url, hours in ((GAME, game, 1), (APACHE_PIN, apache, 12)):
            found = self.effect((line,), seen(url)).pin_in_cache
            assert found is not None
            self.assertEqual(found.value, hours * 3600)

    def test_what_apache_develops_stays_for_six_hours_on_either_scheme(self) -> None:
        for url in ("http://apache.org/dev/", "https://www.apache.org/dev/x"):
            found = self.effect((APACHE_TTL,), seen(url)).ttl_in_cache
            assert found is not None
            self.assertEqual(found.value, 6 * 3600)
        self.assertIsNone(self.effect((APACHE_TTL,), seen("http://apache.org/")).ttl_in_cache)


class Variables(Messages):
    def test_each_that_the_guides_name_is_known_with_its_default(self) -> None:
        for name, default in VARIABLES:
            self.assertEqual(RECORDS[f"proxy.config.{name}"].default, default, name)

    def test_the_line_that_turns_parents_on_says_what_holds_already(self) -> None:
        line = "CONFIG proxy.config.http.parent_proxy_routing_enable INT 1"
        reading = parse_records("records.config", line, {}, RECORDS)
        self.assert_found((*reading.errors, *reading.warnings), [])
        self.assertTrue(reading.value.flag("proxy.config.http.parent_proxy_routing_enable"))

    def test_one_that_the_guide_spells_otherwise_is_told_with_its_name(self) -> None:
        """HTTP Proxy Caching, alternates: the variable about cookies."""
        line = "CONFIG proxy.config.cache.cache_responses_to_cookies INT 3"
        reading = parse_records("records.config", line, {}, RECORDS)
        self.assert_found(reading.errors, [])
        self.assert_found(reading.warnings, [(
            "records.config:1:8",
            "unknown variable 'proxy.config.cache.cache_responses_to_cookies' has no effect",
            "proxy.config.http.cache.cache_responses_to_cookies",
        )])  # fmt: skip

    def test_a_list_of_parents_may_end_with_the_semicolon_that_it_is_shown_with(self) -> None:
        written = Span("p1:8080; p2:3128;", Place("records.config"))
        reading = parse_parent_proxies(written)
        self.assert_found((*reading.errors, *reading.warnings), [])
        self.assertEqual([(parent.host, parent.port) for parent in reading.value], [("p1", 8080), ("p2", 3128)])


class OtherFiles(Messages):
    def test_a_scheduled_update_is_a_url_headers_an_hour_an_interval_and_a_depth(self) -> None:
        line = "http://www.company.com\\User-Agent: noname user agent\\13\\3600\\5\\\n"
        reading = parse_update("update.config", line)
        self.assert_found((*reading.errors, *reading.warnings), [])
        (update,) = reading.value
        self.assertEqual((update.offset_hour, update.interval, update.depth), (13, 3600, 5))

    def test_a_reverse_proxy_maps_its_name_to_the_origin(self) -> None:
        reading = parse_remap("remap.config", "map http://www.company.com/ http://server1.company.com/\n", RECORDS)
        self.assert_found((*reading.errors, *reading.warnings), [])
