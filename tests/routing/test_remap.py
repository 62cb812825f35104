"""remap.config at work."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.remap import parse_remap
from tsnode.config.rows import RECORDS
from tsnode.model.settings import ProxySettings
from tsnode.model.target import make_target, parse_target
from tsnode.routing.remap import Decision, Denied, Mapped, Redirected, RemapTable, Unchanged, Unmapped
from tsnode.routing.rules import RemapRule

SETTINGS = ProxySettings()


def rules(text: str) -> tuple[RemapRule, ...]:
    reading = parse_remap("remap.config", text, RECORDS)
    assert not reading.errors, reading.errors
    return reading.value


def ask(
    table: RemapTable,
    url: bytes,
    *,
    absolute_form: bool = False,
    client: str = "10.0.0.1",
    port: int = 8080,
    method: bytes = b"GET",
    referer: bytes | None = None,
) -> Decision:
    target = make_target(b"http", b"", 80, url) if url[:1] == b"/" else parse_target(b"GET", url, b"")
    return table.map_request(
        target, absolute_form=absolute_form, client=client, port=port, method=method, referer=referer
    )


class Mapping(SynchronousTestCase):
    """Which rule a request gets."""

    def where(self, text: str, url: bytes, port: int = 8080) -> bytes | None:
        """The URL that a request is mapped or redirected to; None where no rule is for it."""
        match ask(RemapTable(rules(text), SETTINGS), url, port=port):
            case Mapped(target):
                return target.url
            case Redirected(location):
                return location
            case _:
                return None

    def test_the_prefix_is_replaced_and_the_query_kept(self) -> None:
        text = "map http://h/a/b/ http://s/x/y"
        self.assertEqual(self.where(text, b"http://h/a/b/c/d.html?q"), b"http://s/x/y/c/d.html?q")
        self.assertIsNone(self.where(text, b"http://h/a/index.html"))

    def test_scheme_host_and_port_have_to_be_equal(self) -> None:
        text = "map http://H/ http://s/"
        self.assertEqual(self.where(text, b"http://h/p"), b"http://s/p")
        for url in (b"http://g/p", b"http://h:81/p", b"https://h:80/p"):
            self.assertIsNone(self.where(text, url), url)

    def test_the_first_line_that_matches_decides(self) -> None:
        text = "map http://h/a http://one/\nmap http://h/ http://two/\nmap http://h/a/b http://three/"
        self.assertEqual(self.where(text, b"http://h/a/b"), b"http://one/b")
        self.assertEqual(self.where(text, b"http://h/c"), b"http://two/c")

    def test_an_earlier_line_for_all_paths_hides_a_later_one(self) -> None:
        text = "map http://h/ http://one/\nmap http://h/a/ http://two/"
        self.assertEqual(self.where(text, b"http://h/a/b"), b"http://one/a/b")

    def test_a_rule_without_host_never_hides_one_with_it(self) -> None:
        text = "map / http://any/\nmap http://h/ http://one/"
        self.assertEqual(self.where(text, b"http://h/"), b"http://one/")
        self.assertEqual(self.where(text, b"http://g:81/x"), b"http://any/x")
        self.assertEqual(self.where(text, b"/x"), b"http://any/x")

    def test_expressions_and_hosts_are_in_one_order(self) -> None:
        early = "regex_map http://.* http://one/\nmap http://h/ http://two/"
        late = "map http://h/ http://two/\nregex_map http://.* http://one/"
        self.assertEqual(self.where(early, b"http://h/"), b"http://one/")
        self.assertEqual(self.where(late, b"http://h/"), b"http://two/")
        self.assertEqual(self.where(late, b"http://g/"), b"http://one/")

    def test_an_expression_is_about_the_host_alone(self) -> None:
        text = r"regex_map http://^(www|web)\.(.*)\.example$:81/a/ http://$2-$1.s:82/b/"
        self.assertEqual(self.where(text, b"http://WEB.x.example:81/a/c"), b"http://x-web.s:82/b/c")
        for url in (b"http://web.x.example/a/c", b"http://web.x.example:81/b", b"http://w.x.example:81/a/"):
            self.assertIsNone(self.where(text, url), url)

    def test_a_group_that_took_no_part_is_empty(self) -> None:
        self.assertEqual(self.where("regex_map http://h(x)? http://s$1/", b"http://h/"), b"http://s/")

    def test_an_expression_that_leaves_no_host_does_not_match(self) -> None:
        text = "regex_map http://h(x)? http://$1/\nmap / http://any/"
        self.assertEqual(self.where(text, b"http://h/"), b"http://any/")
        self.assertEqual(self.where(text, b"http://hx/"), b"http://x/")

    def test_the_received_port_is_asked_before_the_one_in_the_url(self) -> None:
        text = (
            "map http://h:8080/ http://one/\nmap_with_recv_port http://h:8080/ http://two/\n"
            "regex_map_with_recv_port http://g.*:8080/ http://three/"
        )
        self.assertEqual(self.where(text, b"http://h/"), b"http://two/")
        self.assertEqual(self.where(text, b"http://h:8080/", port=9), b"http://one/")
        self.assertEqual(self.where(text, b"http://gg:1/"), b"http://three/")

    def test_maps_come_before_redirects_and_these_before_redirects_by_expression(self) -> None:
        text = (
            "regex_redirect http://.* http://three/\nredirect http://h/ http://two/\nmap http://h/a http://one/\n"
            "redirect_temporary http://g/ http://four/"
        )
        self.assertEqual(self.where(text, b"http://h/a/x"), b"http://one/x")
        self.assertEqual(self.where(text, b"http://h/b"), b"http://two/b")
        self.assertEqual(self.where(text, b"http://g/b"), b"http://four/b")
        self.assertEqual(self.where(text, b"http://f/b"), b"http://three/b")

    def test_reverse_map_does_not_map_requests(self) -> None:
        table = RemapTable(rules("reverse_map http://h/ http://s/"), SETTINGS)
        self.assertTrue(table.empty)
        self.assertEqual(ask(table, b"http://h/"), Unmapped(404, b"Not Found on Accelerator"))

    def test_the_rule_that_applied_is_told(self) -> None:
        known = rules("map http://h/ http://s/")
        decision = ask(RemapTable(known, SETTINGS), b"http://h/")
        self.assertEqual(decision, Mapped(parse_target(b"GET", b"http://s/", b""), known[0]))
        self.assertEqual(known[0].place.line, 1)

    @given(
        st.lists(
            st.tuples(st.sampled_from(["", "http://h", "http://g", "regex http://[hg]"]), st.text("ab", max_size=2)),
            max_size=8,
        ),
        st.sampled_from(["h", "g", "f"]),
        st.text("ab", max_size=3),
    )
    def test_the_table_finds_what_trying_line_after_line_finds(
        self, lines: list[tuple[str, str]], host: str, path: str
    ) -> None:
        written = []
        for number, (source, start) in enumerate(lines):
            by_expression = source.startswith("regex ")
            written.append(f"{'regex_' * by_expression}map {source.removeprefix('regex ')}/{start} http://o{number}/")
        expected = None
        for with_host in (True, False):
            for number, (source, start) in enumerate(lines):
                for_host = (source[-1:] == "]" and host != "f") or source == f"http://{host}"
                if expected is None and path.startswith(start) and (for_host if with_host else source == ""):
                    expected = f"http://o{number}/{path[len(start):]}".encode()
        self.assertEqual(self.where("\n".join(written), f"http://{host}/{path}".encode()), expected)

    def test_many_rules_are_found_by_their_hosts(self) -> None:
        """Each of them, whatever comes before and behind it."""
        table = RemapTable(rules("\n".join(f"map http://h{n}/ http://s{n}/" for n in range(2000))), SETTINGS)
        for number in range(0, 2000, 97):
            decision = ask(table, b"http://h%d/x" % number)
            assert isinstance(decision, Mapped)
            self.assertEqual(decision.target.url, b"http://s%d/x" % number)


class WithoutRule(SynchronousTestCase):
    """What becomes of requests that no rule is for."""

    def decide(self, url: bytes, *, absolute_form: bool, settings: ProxySettings = SETTINGS) -> Decision:
        return ask(RemapTable((), settings), url, absolute_form=absolute_form)

    def test_a_forward_proxy_lets_them_pass(self) -> None:
        settings = replace(SETTINGS, remap_required=False)
        self.assertEqual(self.decide(b"http://h/", absolute_form=True, settings=settings), Unchanged())

    def test_else_they_are_not_found(self) -> None:
        self.assertEqual(self.decide(b"http://h/", absolute_form=True), Unmapped(404, b"Not Found"))
        for required in (True, False):
            settings = replace(SETTINGS, remap_required=required)
            decision = self.decide(b"http://h/", absolute_form=False, settings=settings)
            self.assertEqual(decision, Unmapped(404, b"Not Found on Accelerator"))

    def test_without_a_host_they_are_refused_or_redirected(self) -> None:
        self.assertEqual(self.decide(b"/", absolute_form=False), Unmapped(400, b"Host Header Required"))
        settings = replace(SETTINGS, no_host_redirect=b"http://help/")
        self.assertEqual(self.decide(b"/", absolute_form=False, settings=settings), Redirected(b"http://help/", 302))

    def test_a_node_that_is_no_reverse_proxy_maps_only_urls(self) -> None:
        table = RemapTable(rules("map http://h/ http://s/"), replace(SETTINGS, reverse_proxy=False))
        self.assertEqual(ask(table, b"http://h/"), Unmapped(404, b"Not Found on Accelerator"))
        self.assertIsInstance(ask(table, b"http://h/", absolute_form=True), Mapped)

    def test_a_table_without_rules_is_empty(self) -> None:
        self.assertTrue(RemapTable((), SETTINGS).empty)
        self.assertFalse(RemapTable(rules("redirect http://h/ http://s/"), SETTINGS).empty)


class Redirects(SynchronousTestCase):
    def test_a_redirect_lasts_or_is_temporary(self) -> None:
        table = RemapTable(rules("redirect http://h/ https://s/\nredirect_temporary http://g/a http://s/b"), SETTINGS)
        self.assertEqual(ask(table, b"http://h/x?q"), Redirected(b"https://s/x?q", 301))
        self.assertEqual(ask(table, b"http://g/a/x?q"), Redirected(b"http://s/b/x?q", 307))

    def test_the_rule_that_redirects_is_told(self) -> None:
        known = rules("redirect http://h/ https://s/\nmap_with_referer http://r/ http://s/ http://t/ good")
        table = RemapTable(known, replace(SETTINGS, referer_filter=True))
        for url, rule in ((b"http://h/", known[0]), (b"http://r/", known[1])):
            decision = ask(table, url)
            assert isinstance(decision, Redirected)
            self.assertIs(decision.rule, rule)

    def test_an_old_client_gets_302_for_307(self) -> None:
        self.assertEqual([Redirected(b"", 307).status_for(version) for version in (10, 11)], [302, 307])
        self.assertEqual([Redirected(b"", 301).status_for(version) for version in (10, 11)], [301, 301])


class Clients(SynchronousTestCase):
    """Rules that look at who asks."""

    def test_a_filter_refuses_what_it_does_not_let_through(self) -> None:
        table = RemapTable(rules("map http://h/ http://s/ @action=allow @src_ip=10.0.0.0/8 @method=get"), SETTINGS)
        self.assertIsInstance(ask(table, b"http://h/"), Mapped)
        denied = ask(table, b"http://h/", method=b"POST")
        self.assertEqual(denied, Denied("remap.config:1:1: the rule does not allow it"))
        self.assertIsInstance(ask(table, b"http://h/", client="11.0.0.1"), Denied)

    def test_a_refusing_rule_hides_later_ones(self) -> None:
        table = RemapTable(rules("map http://h/ http://s/ @action=deny\nmap http://h/ http://t/"), SETTINGS)
        self.assertIsInstance(ask(table, b"http://h/"), Denied)

    def test_the_table_tells_whether_the_client_matters(self) -> None:
        referer = "map_with_referer http://h/ http://s/ http://r/ *"
        for text, settings, depends in (
            ("map http://h/ http://s/", SETTINGS, False),
            ("map http://h/ http://s/ @method=GET", SETTINGS, True),
            (referer, SETTINGS, False),
            (referer, replace(SETTINGS, referer_filter=True), True),
        ):
            self.assertEqual(RemapTable(rules(text), settings).depends_on_client, depends, text)

    def test_a_wrong_referer_is_redirected(self) -> None:
        known = rules("map_with_referer http://h/ http://s/ http://r/?%o good")
        table = RemapTable(known, replace(SETTINGS, referer_filter=True))
        self.assertIsInstance(ask(table, b"http://h/", referer=b"http://good/"), Mapped)
        self.assertEqual(ask(table, b"http://h/", referer=b"http://bad/"), Redirected(b"http://r/?%o", 302))
        self.assertEqual(ask(table, b"http://h/"), Redirected(b"http://r/?%o", 302))
        self.assertIsInstance(ask(RemapTable(known, SETTINGS), b"http://h/"), Mapped)

    def test_the_redirect_is_filled_in_where_that_is_wanted(self) -> None:
        text = "map_with_referer http://h/a http://s/b http://r/?r=%r&f=%f&t=%t&o=%o&x=%x good"
        table = RemapTable(rules(text), replace(SETTINGS, referer_filter=True, referer_format=True))
        filled = b"http://r/?r=http://bad/&f=http://h/a&t=http://s/b&o=http://h/a?q&x=%x"
        self.assertEqual(ask(table, b"http://h/a?q", referer=b"http://bad/"), Redirected(filled, 302))
        bare = b"http://r/?r=&f=http://h/a&t=http://s/b&o=http://h/a&x=%x"
        self.assertEqual(ask(table, b"http://h/a"), Redirected(bare, 302))

    def test_an_expression_that_cannot_be_decided_lets_nothing_pass(self) -> None:
        table = RemapTable(rules("regex_map http://(a|a?)+$ http://s/"), replace(SETTINGS, remap_required=False))
        decision = ask(table, b"http://" + b"a" * 200 + b"b/", absolute_form=True)
        assert isinstance(decision, Denied)
        self.assertIn("takes too long", decision.because)


class Answers(SynchronousTestCase):
    """reverse_map, the way back."""

    TABLE = RemapTable(
        rules(
            "reverse_map http://s:81/x/ https://public/a/\nreverse_map http://s:81/ https://public/\n"
            "map http://public/ http://t/"
        ),
        SETTINGS,
    )

    def test_a_private_url_becomes_the_public_one(self) -> None:
        self.assertEqual(self.TABLE.reverse_location(b"http://S:81/x/p?q#f"), b"https://public/a/p?q#f")
        self.assertEqual(self.TABLE.reverse_location(b"http://s:81"), b"https://public/")

    def test_everything_else_is_left_alone(self) -> None:
        for value in (b"http://t/", b"http://s/x/", b"/x", b"x y", b"", b"ftp://s:81/", b"//s:81/", b"http://s:81:/"):
            self.assertEqual(self.TABLE.reverse_location(value), value)

    def test_only_explicit_lines_count(self) -> None:
        self.assertEqual(self.TABLE.reverse_location(b"http://t/x"), b"http://t/x")

    @given(st.binary(max_size=30))
    def test_any_octets_are_changed_or_left_alone(self, value: bytes) -> None:
        self.assertIsInstance(self.TABLE.reverse_location(value), bytes)


class Purity(SynchronousTestCase):
    @given(st.sampled_from([b"http://h/a", b"http://g/", b"/x"]), st.booleans())
    def test_the_same_question_has_the_same_answer(self, url: bytes, absolute_form: bool) -> None:
        table = RemapTable(rules("map http://h/ http://s/\nmap / http://t/"), SETTINGS)
        first = ask(table, url, absolute_form=absolute_form)
        self.assertEqual(ask(table, url, absolute_form=absolute_form), first)
