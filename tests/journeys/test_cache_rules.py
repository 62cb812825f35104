"""cache.config, and values that rules of remap.config have of their own, at work."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.journeys.answers import answer, http_date
from tsnode.testing.node import Answered, NodeInMemory

URL = "http://a.example/page"
VALIDATED = ("Cache-Control: max-age=10", 'ETag: "a"')


class Rules(SynchronousTestCase):
    def start(self, cache: str, records: str = "", remap: str = "") -> None:
        self.node = NodeInMemory(cache=cache, records=records, remap=remap)
        self.origin = self.node.at("a.example")

    def asked(self, *lines: str, url: str = URL) -> bool:
        """Whether a request reached the origin."""
        before = len(self.origin.requests)
        self.node.get(url, *lines)
        return len(self.origin.requests) > before

    def get(self, *lines: str) -> Answered:
        return self.node.get(URL, *lines)


class NeverCache(Rules):
    def test_it_is_neither_stored_nor_served(self) -> None:
        self.start("dest_domain=a.example action=never-cache\n")
        self.origin.answer(*[answer("Cache-Control: max-age=60")] * 3)
        self.assertEqual([self.asked() for _ in range(3)], [True] * 3)

    def test_what_was_stored_before_is_not_served_and_served_again_without_the_rule(self) -> None:
        self.start("")
        self.origin.answer(*[answer("Cache-Control: max-age=60")] * 2)
        self.assertEqual([self.asked(), self.asked()], [True, False])
        self.node.rewrite(cache="url_regex=page action=never-cache\n").reload()
        self.assertTrue(self.asked())
        self.node.rewrite(cache="").reload()
        self.assertFalse(self.asked())

    def test_a_ttl_beats_it_in_either_order(self) -> None:
        """Case 46."""
        never, ttl = "dest_domain=a.example action=never-cache\n", "dest_domain=a.example ttl-in-cache=1m\n"
        for rules in (never + ttl, ttl + never):
            self.start(rules)
            self.origin.answer(answer("Cache-Control: no-store"))
            self.assertEqual([self.asked(), self.asked()], [True, False], rules)

    def test_standard_cache_takes_it_back(self) -> None:
        never, standard = "dest_domain=. action=never-cache\n", "dest_domain=a.example action=standard-cache\n"
        for rules, again in ((never + standard, False), (standard + never, True)):
            self.start(rules)
            self.origin.answer(*[answer("Cache-Control: max-age=60")] * 2)
            self.assertEqual([self.asked(), self.asked()], [True, again], rules)

    def test_an_expression_that_takes_too_long_keeps_answers_out_and_is_counted(self) -> None:
        self.start("url_regex=(a|a?)+$ action=standard-cache\n")
        self.origin.answer(*[answer("Cache-Control: max-age=60")] * 2)
        slow = f"{URL}/{'a' * 200}b"
        self.assertEqual([self.asked(url=slow), self.asked(url=slow)], [True, True])
        self.assertEqual(self.node.counters.rules_given_up, 2)


class TtlInCache(Rules):
    def test_it_counts_from_receipt_and_not_from_date(self) -> None:
        """Case 13."""
        self.start("dest_domain=a.example ttl-in-cache=30s\n")
        self.origin.answer(*[answer(f"Date: {http_date(self.node.now - 1000)}", "Cache-Control: max-age=1")] * 2)
        self.assertTrue(self.asked())
        self.node.pass_time(29)
        self.assertFalse(self.asked())
        self.node.pass_time(2)
        self.assertTrue(self.asked())

    def test_it_stores_what_its_origin_forbids_but_not_every_status(self) -> None:
        """Case 17."""
        for line, status, again in (
            ("Cache-Control: no-store", "200 OK", False), ("Cache-Control: private", "200 OK", False),
            ("Pragma: no-cache", "200 OK", False), ("Cache-Control: no-cache", "200 OK", False),
            ("X: y", "301 M", False), ("X: y", "404 N", True), ("X: y", "302 F", True),
            ("WWW-Authenticate: Basic", "200 OK", True),
        ):  # fmt: skip
            self.start("dest_domain=a.example ttl-in-cache=30s\n")
            self.origin.answer(*[answer(line, status=status)] * 2)
            self.assertEqual([self.asked(), self.asked()], [True, again], (line, status))

    def test_cookies_do_not_matter_then(self) -> None:
        """D-7."""
        records = "CONFIG proxy.config.http.cache.cache_responses_to_cookies INT 0\n"
        self.start("dest_domain=a.example ttl-in-cache=30s\n", records)
        self.origin.answer(answer("Set-Cookie: a=b", "Content-Type: text/html"))
        self.assertEqual([self.asked(), self.asked("Cookie: c=d")], [True, False])
        self.assertNotIn(b"set-cookie", self.get().fields)

    def test_a_client_s_no_store_and_no_cache_still_hold(self) -> None:
        self.start("dest_domain=a.example ttl-in-cache=30s\n")
        self.origin.answer(*[answer()] * 3)
        self.assertEqual([self.asked("Cache-Control: no-store"), self.asked()], [True, True])
        self.assertEqual([self.asked("Cache-Control: no-cache"), self.asked()], [True, False])

    def test_urls_that_look_dynamic_are_looked_up_then(self) -> None:
        records = "CONFIG proxy.config.http.cache.cache_urls_that_look_dynamic INT 0\n"
        self.start("dest_domain=a.example suffix=gif ttl-in-cache=30s\n", records)
        self.origin.answer(*[answer("Cache-Control: max-age=60")] * 3)
        self.assertEqual([self.asked(url=f"{URL}.gif?x"), self.asked(url=f"{URL}.gif?x")], [True, False])
        self.assertEqual([self.asked(url=f"{URL}?x"), self.asked(url=f"{URL}?x")], [True, True])


class Revalidate(Rules):
    def test_it_shortens_what_an_answer_says(self) -> None:
        """Case 12."""
        self.start("dest_domain=a.example revalidate=10s\n")
        self.origin.answer(*[answer("Cache-Control: max-age=1000")] * 2)
        self.assertTrue(self.asked())
        self.node.pass_time(10)
        self.assertFalse(self.asked())
        self.node.pass_time(90)
        self.assertTrue(self.asked())

    def test_it_lengthens_it_with_a_warning(self) -> None:
        """Case 12."""
        self.start("dest_domain=a.example revalidate=1000s\n")
        self.origin.answer(answer("Cache-Control: max-age=10"))
        self.get()
        self.node.pass_time(100)
        served = self.get()
        self.assertEqual((served.status, served.fields.get(b"warning")), (200, b'113 tsnode "Heuristic Expiration"'))
        self.assertEqual(len(self.origin.requests), 1)

    def test_must_revalidate_is_stronger(self) -> None:
        self.start("dest_domain=a.example revalidate=1000s\n")
        self.origin.answer(*[answer("Cache-Control: max-age=10, must-revalidate")] * 2)
        self.get()
        self.node.pass_time(100)
        self.assertTrue(self.asked())

    def test_nothing_is_fresh_with_a_time_of_0(self) -> None:
        self.start("dest_domain=a.example revalidate=0s\n")
        self.origin.answer(*[answer("Cache-Control: max-age=10")] * 2)
        self.assertEqual([self.asked(), self.asked()], [True, True])

    def test_of_conflicting_lines_the_later_one_counts(self) -> None:
        """Case 46, D-3a."""
        self.start("dest_domain=a.example revalidate=1000s\ndest_domain=a.example revalidate=5s\n")
        self.origin.answer(*[answer("Cache-Control: max-age=100")] * 2)
        self.get()
        self.node.pass_time(6)
        self.assertTrue(self.asked())


class NoCacheIgnored(Rules):
    def test_that_of_clients(self) -> None:
        for action in ("ignore-no-cache", "ignore-client-no-cache"):
            self.start(f"dest_domain=a.example action={action}\n")
            self.origin.answer(answer("Cache-Control: max-age=60"))
            self.assertEqual([self.asked(), self.asked("Cache-Control: no-cache")], [True, False], action)

    def test_that_of_origins(self) -> None:
        for action in ("ignore-no-cache", "ignore-server-no-cache"):
            self.start(f"dest_domain=a.example action={action}\n")
            self.origin.answer(answer("Cache-Control: no-cache, max-age=60"))
            self.assertEqual([self.asked(), self.asked()], [True, False], action)


class Cookies(Rules):
    def test_a_line_says_what_becomes_of_answers_with_cookies(self) -> None:
        text = answer("Cache-Control: max-age=60", "Set-Cookie: a=b", "Content-Type: text/html")
        for rules, again in (
            ("", True), ("dest_domain=a.example revalidate=60s cache-responses-to-cookies=1\n", False),
        ):  # fmt: skip
            self.start(rules)
            self.origin.answer(*[text] * 2)
            self.assertEqual([self.asked(), self.asked()], [True, again], rules)

    def test_it_does_not_where_another_specifier_fails(self) -> None:
        """D-9."""
        self.start("dest_domain=a.example suffix=gif revalidate=60s cache-responses-to-cookies=1\n")
        text = answer("Cache-Control: max-age=60", "Set-Cookie: a=b", "Content-Type: text/html")
        self.origin.answer(*[text] * 2)
        self.assertEqual([self.asked(), self.asked()], [True, True])


class Who(Rules):
    """Rules for some clients, some times, some addresses."""

    def test_a_rule_for_some_clients_is_for_these_alone(self) -> None:
        self.start("dest_domain=a.example src_ip=127.0.0.9 action=never-cache\n")
        self.origin.answer(*[answer("Cache-Control: max-age=60")] * 2)
        self.assertEqual([self.asked(), self.asked()], [True, False])
        client = self.node.client("127.0.0.9")
        client.send(b"GET http://a.example/page HTTP/1.1\r\nHost: a.example\r\n\r\n")
        self.assertEqual(len(self.origin.requests), 2)
        self.assertFalse(self.asked())

    def test_a_rule_about_the_address_of_a_host_waits_until_that_is_known(self) -> None:
        """D-2."""
        self.start("")
        address = self.node.network.address_of("a.example")
        for rules, again in (
            (f"dest_ip={address} action=never-cache\n", True), ("dest_ip=1.2.3.4 action=never-cache\n", False),
        ):  # fmt: skip
            self.start(rules)
            self.origin.answer(*[answer("Cache-Control: max-age=60")] * 2)
            self.assertEqual([self.asked(), self.asked()], [True, again], rules)

    def test_a_host_without_an_address_is_no_destination_of_such_rules(self) -> None:
        self.start("dest_ip=1.2.3.4 action=never-cache\n")
        self.assertEqual(self.node.get("http://nowhere.invalid/").status, 500)


class Specifiers(Rules):
    """Case 45."""

    def never(self, condition: str, url: str, *lines: str) -> bool:
        """Whether a rule of that condition keeps a URL out of the cache."""
        self.start(f"{condition} action=never-cache\n")
        host = url.split("/")[2].partition(":")[0]
        port = int(url.split("/")[2].partition(":")[2] or 80)
        self.node.at(host, port).answer(*[answer("Cache-Control: max-age=60")] * 2)
        self.node.get(url, *lines)
        before: int = self.node.counters.outgoing_requests
        self.node.get(url, *lines)
        after: int = self.node.counters.outgoing_requests
        return after > before

    def test_each_alone_and_some_together_act_on_what_they_are_about(self) -> None:
        here = "http://a.example/dir/x.GIF"
        for condition, url, meant in (
            ("dest_domain=example", here, True), ("dest_domain=b.example", here, False),
            ("dest_host=a.example", here, True),
            ("dest_domain=.", here, True), ("host_regex=^a[.]", here, True), ("host_regex=^b", here, False),
            ("url_regex=dir/x", here, True), ("url_regex=DIR", here, False),
            ("url=http://a.example/dir/x.GIF", here, True),
            ("url=http://a.example/dir", here, False), ("dest_domain=. prefix=dir", here, True),
            ("dest_domain=. prefix=/dir", here, True), ("dest_domain=. prefix=x", here, False),
            ("dest_domain=. suffix=gif", here, True), ("dest_domain=. suffix=png,gif", here, True),
            ("dest_domain=. suffix=png", here, False), ("dest_domain=. scheme=http", here, True),
            ("dest_domain=. scheme=https", here, False), ("dest_domain=. port=80", here, True),
            ("dest_domain=. port=81-90", here, False), ("dest_domain=. port=81-90", "http://a.example:85/x", True),
            ("dest_domain=. method=get", here, True), ("dest_domain=. method=post", here, False),
            ("dest_domain=. src_ip=127.0.0.0-127.0.0.9", here, True), ("dest_domain=. src_ip=10.0.0.1", here, False),
            ("dest_domain=. time=00:00-23:59:59", here, True), ("dest_domain=. internal=false", here, True),
            ("dest_domain=. internal=true", here, False), ("dest_domain=. tag=x", here, False),
            ("dest_domain=a.example prefix=dir suffix=gif method=get port=80", here, True),
            ("dest_domain=a.example prefix=dir suffix=gif method=get port=81", here, False),
        ):  # fmt: skip
            self.assertEqual(self.never(condition, url), meant, condition)


class OverridesOfOneRule(Rules):
    PLUGIN = "@plugin=conf_remap.so @pparam=proxy.config."

    def test_its_values_hold_for_its_requests_alone(self) -> None:
        remap = (
            f"map http://own.example/ http://a.example/own/ {self.PLUGIN}http.cache.required_headers=2\n"
            "map http://plain.example/ http://a.example/plain/\n"
        )
        self.start("", remap=remap)
        self.origin.answer(*[answer()] * 3)
        self.assertEqual([self.asked(url="http://own.example/") for _ in range(2)], [True, True])
        self.assertEqual([self.asked(url="http://plain.example/") for _ in range(2)], [True, False])

    def test_they_hold_on_the_lane_as_well(self) -> None:
        remap = (
            f"map http://own.example/ http://a.example/x/ {self.PLUGIN}http.insert_age_in_response=0\n"
            "map http://plain.example/ http://a.example/x/\n"
        )
        self.start("", remap=remap)
        self.origin.answer(answer("Cache-Control: max-age=60"))
        self.node.get("http://own.example/")
        for host, age in (("own", None), ("plain", b"0"), ("own", None), ("plain", b"0")):
            self.assertEqual(self.node.get(f"http://{host}.example/").fields.get(b"age"), age, host)
        self.assertEqual(self.node.counters.plain_hits, 4)

    def test_they_go_out_with_the_request(self) -> None:
        remap = f"map http://own.example/ http://a.example/x/ {self.PLUGIN}url_remap.pristine_host_hdr=1\n"
        self.start("", remap=remap)
        self.origin.answer(answer())
        self.node.get("http://own.example/")
        self.assertEqual(self.origin.requests[0].host, b"own.example")

    def test_the_rules_of_cache_config_come_on_top(self) -> None:
        remap = f"map http://own.example/ http://a.example/x/ {self.PLUGIN}http.cache.required_headers=2\n"
        self.start("dest_domain=a.example prefix=x ttl-in-cache=1m\n", remap=remap)
        self.origin.answer(answer())
        self.assertEqual([self.asked(url="http://own.example/") for _ in range(2)], [True, False])


class Lenient(Rules):
    def test_a_faulty_line_is_dropped_alone(self) -> None:
        """Case 47."""
        rules = "dest_domain=a.example ttl-in-cache=x\ndest_domain=a.example action=never-cache\n"
        self.start(rules, "CONFIG proxy.config.tsnode.config.lenient INT 1\n")
        self.origin.answer(*[answer("Cache-Control: max-age=60")] * 2)
        self.assertEqual([self.asked(), self.asked()], [True, True])


class PinInCache(Rules):
    """Case 48."""

    RECORDS = "CONFIG proxy.config.cache.ram_cache.size INT 200000\n"
    PERMIT = RECORDS + "CONFIG proxy.config.cache.permit.pinning INT 1\n"
    RULES = "dest_domain=a.example prefix=page pin-in-cache=1h\n"

    def press(self) -> None:
        """Have more stored than there is room for."""
        for number in range(40):
            self.origin.answer(answer("Cache-Control: max-age=9999", body=bytes(8000)))
            self.node.get(f"http://a.example/{number}")

    def test_what_is_pinned_outlives_what_came_later(self) -> None:
        for records, asked in ((self.PERMIT, False), (self.RECORDS, True)):
            self.start(self.RULES, records)
            self.origin.answer(answer("Cache-Control: max-age=9999", body=bytes(8000)))
            self.get()
            self.press()
            self.origin.answer(answer())
            self.assertEqual(self.asked(), asked, records)

    def test_what_is_not_stored_is_not_pinned(self) -> None:
        self.start(self.RULES, self.PERMIT)
        self.origin.answer(*[answer("Cache-Control: no-store")] * 2)
        self.assertEqual([self.asked(), self.asked()], [True, True])
