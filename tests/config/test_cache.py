"""cache.config."""

from __future__ import annotations

from typing import TypedDict

from hypothesis import given
from hypothesis import strategies as st

from tests.config.line_laws import FAULTS, LineLaws, any_lines
from tsnode.caching.overrides import (
    CacheRule,
    Directive,
    IgnoreNoCache,
    NeverCache,
    PinInCache,
    Revalidate,
    StandardCache,
    TtlInCache,
    fold_rules,
)
from tsnode.config.cache import TAGS, parse_cache
from tsnode.matching.destinations import Domain
from tsnode.matching.index import RuleIndex
from tsnode.matching.request import see_request
from tsnode.model.target import make_target
from tsnode.testing.config_cache import cache_rules, render_cache


class CacheFile(LineLaws[CacheRule]):
    def directive(self, pair: str) -> Directive:
        reading = parse_cache("c", f"dest_domain=. {pair}")
        self.assert_found(reading.errors, [])
        (rule,) = reading.value
        return rule.directive

    def faults(self, *lines: str) -> list[tuple[str, str]]:
        """Place and problem of all errors of a file in which only these lines are wrong."""
        text = "\n".join(lines) + "\ndest_domain=last revalidate=1"
        reading = parse_cache("c", text)
        self.assert_marked(reading.errors, text)
        self.assertEqual([rule.condition.destination for rule in reading.value], [Domain("last")])
        return [(str(fault.place), fault.problem) for fault in reading.errors]


class Lines(CacheFile):
    def test_a_time_is_numbers_with_units(self) -> None:
        """Traffic Server, cache.config, pin-in-cache."""
        for text, seconds in (
            ("2d", 172800), ("10h", 36000), ("5m", 300), ("20s", 20), ("1h15m20s", 4520), ("90", 90), ("1w", 604800),
            ("1d2h", 93600), ("1h30m10", 5410), ("0", 0), ("2147483647", 2147483647),
        ):  # fmt: skip
            self.assertEqual(self.directive(f"revalidate={text}"), Revalidate(seconds))

    def test_every_directive_is_read(self) -> None:
        for pair, directive in (
            ("action=never-cache", NeverCache()),
            ("action=Standard-Cache", StandardCache()),
            ("action=ignore-no-cache", IgnoreNoCache(client=True, server=True)),
            ("action=ignore-client-no-cache", IgnoreNoCache(client=True, server=False)),
            ("action=ignore-server-no-cache", IgnoreNoCache(client=False, server=True)),
            ("ttl-in-cache=1m", TtlInCache(60)),
            ("pin-in-cache=1m", PinInCache(60)),
        ):
            self.assertEqual(self.directive(pair), directive)

    def test_dest_host_is_an_alias_of_dest_domain(self) -> None:
        """Traffic Server, cache.config, dest_host."""
        (rule,) = parse_cache("c", "dest_host=a.example revalidate=1").value
        self.assertEqual(rule.condition.destination, Domain("a.example"))

    def test_every_faulty_line_is_told_by_its_number_and_the_rest_works(self) -> None:
        self.assertEqual(self.faults(
            "action=never-cache", "dest_domain=a dest_host=b revalidate=1", "dest_domain=a junk",
            "dest_domain=a revalidate=", "dest_domain=a", "dest_domain=a action=sometimes", "dest_domain=a foo=1",
            "dest_domain=a revalidate=1 ttl-in-cache=2", "dest_domain=a revalidate=1y", "dest_domain=a revalidate=-5",
            "dest_domain=a time=24:00-25:00 revalidate=1", "dest_domain=a scheme=x revalidate=1",
            "dest_ip=1.2.3 revalidate=1", "url_regex=( revalidate=1", "dest_domain=a internal=1 revalidate=1",
            "dest_domain=a cache-responses-to-cookies=5 revalidate=1", "dest_domain=a cache-responses-to-cookies=1",
            "dest_domain=a revalidate=2147483648", 'dest_domain=a revalidate=""',
            "dest_domain=a port=1 port=2 revalidate=1", "dest_domain=a revalidate=1 revalidate=2",
        ), [
            ("c:1:1", "the line has no destination"),
            ("c:2:15", "the line has another destination already"),
            ("c:3:15", "'junk' is no pair"),
            ("c:4:26", "revalidate has no value"),
            ("c:5:14", "the line says nothing about caching"),
            ("c:6:22", "unknown action 'sometimes'"),
            ("c:7:15", "unknown tag 'foo'"),
            ("c:8:41", "beside revalidate there is another one"),
            ("c:9:26", "'1y' is no time"),
            ("c:10:26", "'-5' is no time"),
            ("c:11:20", "'24:00' is no time of the day"),
            ("c:12:22", "unknown scheme 'x'"),
            ("c:13:9", "'1.2.3' is no range of addresses"),
            ("c:14:12", "in the expression: missing )"),
            ("c:15:24", "unknown value '1'"),
            ("c:16:42", "'5' is no style of caching"),
            ("c:17:43", "the line says nothing about caching"),
            ("c:18:26", "'2147483648' is too long"),
            ("c:19:27", "the time is empty"),
            ("c:20:22", "port is there twice"),
            ("c:21:28", "revalidate is there twice"),
        ])  # fmt: skip

    def test_the_table_has_every_tag_once_with_an_example_that_loads(self) -> None:
        self.assertEqual(len({tag.name for tag in TAGS}), len(TAGS))
        for tag in TAGS:
            others = [] if tag.name.startswith(("dest", "url", "host_")) else ["dest_domain=x"]
            if tag.name not in ("action", "revalidate", "ttl-in-cache", "pin-in-cache"):
                others.append("action=never-cache")
            self.assert_found(parse_cache("c", " ".join([tag.example, *others])).errors, [])


class Examples(CacheFile):
    """What the manual says that its examples do (Traffic Server, cache.config)."""

    def effect(self, path: bytes, *lines: str) -> tuple[object, ...]:
        """Whether never-cache holds, the age limit and the lifetime for a request to example.com."""
        reading = parse_cache("c", "\n".join(lines))
        self.assert_found(reading.errors, [])
        target = make_target(b"http", b"example.com", 80, path)
        effect = fold_rules(RuleIndex(reading.value).all(see_request(target, method=b"GET", client="::1")).rules)
        decided = (effect.never_cache, effect.revalidate, effect.ttl_in_cache)
        return tuple(None if each is None else each.value for each in decided)

    def test_never_cache_and_revalidate_compound(self) -> None:
        lines = (
            "dest_domain=example.com prefix=foo suffix=js revalidate=7d",
            "dest_domain=example.com suffix=js action=never-cache",
        )
        self.assertEqual(self.effect(b"/foo/a.js", *lines), (True, 604800, None))
        self.assertEqual(self.effect(b"/bar/a.js", *lines), (True, None, None))

    def test_of_two_revalidate_lines_the_later_one_counts(self) -> None:
        general = "dest_domain=example.com suffix=js revalidate=1d"
        special = "dest_domain=example.com prefix=foo suffix=js revalidate=7d"
        self.assertEqual(self.effect(b"/foo/a.js", special, general), (None, 86400, None))
        self.assertEqual(self.effect(b"/foo/a.js", general, special), (None, 604800, None))
        self.assertEqual(self.effect(b"/bar/a.js", general, special), (None, 86400, None))

    def test_ttl_in_cache_beats_never_cache_in_both_orders(self) -> None:
        never, ttl = "dest_domain=example.com action=never-cache", "dest_domain=example.com ttl-in-cache=1d"
        for lines in ((never, ttl), (ttl, never)):
            self.assertEqual(self.effect(b"/", *lines), (False, None, 86400))


class Asked(TypedDict, total=False):
    """In what a request differs from another one."""

    scheme: bytes
    port: int
    path: bytes
    method: bytes
    client: str
    clock: int
    internal: bool


# a specifier, a request that fulfills it, and one that does not
SPECIFIERS: tuple[tuple[str, Asked, Asked], ...] = (
    ("port=8080-8090", {"port": 8090}, {"port": 8091}),
    ("scheme=https", {"scheme": b"https"}, {"scheme": b"http"}),
    ("prefix=img", {"path": b"/img/a.gif"}, {"path": b"/Img/a.gif"}),
    ("prefix=/img", {"path": b"/img/a.gif"}, {"path": b"/x/img/a.gif"}),
    ("suffix=gif,jpeg", {"path": b"/img/a.GIF"}, {"path": b"/img/a.png"}),
    ("method=put", {"method": b"PUT"}, {"method": b"GET"}),
    ("time=19:00-23:00", {"clock": 19 * 3600}, {"clock": 19 * 3600 - 1}),
    ("time=19:00-23:00", {"clock": 23 * 3600}, {"clock": 23 * 3600 + 1}),
    ("src_ip=10.0.0.0/8", {"client": "10.255.255.255"}, {"client": "11.0.0.0"}),
    ("internal=false", {"internal": False}, {"internal": True}),
)


class Specifiers(CacheFile):
    """Traffic Server, cache.config, secondary specifiers."""

    def holds(
        self,
        specifiers: str,
        *,
        scheme: bytes = b"http",
        port: int = 80,
        path: bytes = b"/",
        method: bytes = b"GET",
        client: str = "::1",
        clock: int = 0,
        internal: bool = False,
    ) -> bool:
        """Whether a line with these specifiers is for such a request."""
        reading = parse_cache("c", f"dest_domain=. {specifiers} action=never-cache")
        self.assert_found(reading.errors, [])
        target = make_target(scheme, b"h", port, path)
        request = see_request(target, method=method, client=client, internal=internal, time_of_day=clock)
        return RuleIndex(reading.value).all(request).rules == reading.value

    def test_each_of_them_alone_keeps_others_out(self) -> None:
        for specifier, wanted, other in SPECIFIERS:
            self.assertEqual(
                (self.holds(specifier, **wanted), self.holds(specifier, **other)), (True, False), specifier
            )

    def test_all_of_a_line_have_to_hold_at_once(self) -> None:
        chosen = {specifier.partition("=")[0]: (specifier, wanted) for specifier, wanted, _ in SPECIFIERS}
        line = " ".join(specifier for specifier, _ in chosen.values())
        wanted: Asked = {}
        for _, part in chosen.values():
            wanted.update(part)
        self.assertTrue(self.holds(line, **wanted))
        for _, _, other in SPECIFIERS:
            mixed: Asked = {**wanted, **other}
            self.assertFalse(self.holds(line, **mixed), other)


class Laws(CacheFile):
    @given(cache_rules())
    def test_what_was_written_is_read(self, rules: tuple[CacheRule, ...]) -> None:
        reading = parse_cache("c", render_cache(rules))
        self.assert_found(reading.errors, [])
        self.assertEqual(reading.value, rules)

    @given(cache_rules(3))
    def test_how_it_is_written_does_not_matter(self, rules: tuple[CacheRule, ...]) -> None:
        self.assert_dressed(parse_cache, render_cache(rules), render_cache(rules, quoted=True))

    @given(cache_rules(3), st.sampled_from(FAULTS), st.integers(0, 9))
    def test_a_faulty_line_changes_no_other(
        self, rules: tuple[CacheRule, ...], faulty: tuple[str, int], at: int
    ) -> None:
        self.assert_alone(parse_cache, render_cache(rules), faulty, at)

    @given(any_lines(("dest_host", "revalidate", "ttl-in-cache", "action", "never-cache", "1h", "m", "port", "0")))
    def test_any_text_is_read_or_refused(self, text: str) -> None:
        self.assert_total(parse_cache, text)
