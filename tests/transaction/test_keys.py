"""Under which key a request's answer is stored."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import sampled_from
from twisted.trial.unittest import SynchronousTestCase

from tests.transaction.stand_ins import SETTINGS, Client, World, request
from tsnode.caching.policy import CachingPolicy
from tsnode.model.errors import BadRequest
from tsnode.model.settings import ProxySettings
from tsnode.model.target import parse_target
from tsnode.semantics.plain_get import PlainGet
from tsnode.transaction.carry import Carrier
from tsnode.transaction.keys import find_asked, keyed_target
from tsnode.transaction.services import Asked

MAPPED = parse_target(b"GET", b"http://origin.example:8080/x?y", b"")
PRISTINE = ProxySettings(remap_required=False, pristine_host=True)
REMAP = """
map http://www.example/ http://origin.example:8080/base/
map http://other.example/ http://third.example/
redirect http://old.example/ http://new.example/
"""


class PristineHost(SynchronousTestCase):
    """Traffic Server, ``proxy.config.url_remap.pristine_host_hdr``."""

    def test_without_it_the_key_is_that_of_the_mapped_url(self) -> None:
        self.assertIs(keyed_target(MAPPED, b"www.example", False), MAPPED)

    def test_with_it_the_client_s_host_is_part_of_the_key(self) -> None:
        self.assertEqual(keyed_target(MAPPED, b"WWW.example", True).url, b"http://www.example/x?y")
        self.assertEqual(keyed_target(MAPPED, b"www.example:81", True).url, b"http://www.example:81/x?y")

    def test_the_default_port_of_the_host_is_that_of_the_mapped_scheme(self) -> None:
        secure = parse_target(b"GET", b"https://origin.example/x", b"")
        self.assertEqual(keyed_target(secure, b"www.example", True).url, b"https://www.example/x")
        self.assertEqual(keyed_target(secure, b"www.example:443", True).url, b"https://www.example/x")

    def test_a_client_without_a_host_has_none_to_keep(self) -> None:
        self.assertIs(keyed_target(MAPPED, b"", True), MAPPED)

    def test_what_is_no_host_is_refused(self) -> None:
        self.assertRaises(BadRequest, keyed_target, MAPPED, b"a b", True)


class Lane(SynchronousTestCase):
    """What a plain GET asks for, told without the long way."""

    def find(self, world: World, target: str, host: str | None = None) -> Asked | None:
        return find_asked(world.services, 8080)(PlainGet(target.encode(), None if host is None else host.encode()))

    def test_a_url_that_no_rule_is_for_is_itself(self) -> None:
        asked = self.find(World(), "http://A.example:80/x")
        assert asked is not None
        self.assertEqual((asked.target.url, asked.host, asked.mapped), (b"http://a.example/x", b"a.example", None))
        self.assertEqual((asked.facts.key, asked.facts.url), (b"http://a.example/x", b"http://a.example/x"))
        self.assertTrue(asked.facts.plain and asked.facts.lookupable)

    def test_the_generation_is_part_of_the_key(self) -> None:
        asked = self.find(World(policy=CachingPolicy(generation=7)), "http://a.example/")
        assert asked is not None
        self.assertEqual(asked.facts.key, b"7 http://a.example/")

    def test_what_the_long_way_would_refuse_or_redirect_is_left_to_it(self) -> None:
        world = World(remap=REMAP)
        for target, host in (
            ("http://old.example/", None), ("/x", "unknown.example"), ("/x", "a.example:99999"), ("ftp://a/", None),
        ):  # fmt: skip
            self.assertIsNone(self.find(world, target, host), target)

    def test_where_the_cache_is_off_there_is_nothing_to_ask_for(self) -> None:
        self.assertIsNone(self.find(World(policy=CachingPolicy(http=False)), "http://a.example/"))

    def test_what_looks_dynamic_is_left_to_the_long_way_where_that_is_not_cached(self) -> None:
        world = World(policy=CachingPolicy(cache_urls_that_look_dynamic=False))
        self.assertIsNone(self.find(world, "http://a.example/x?y"))
        self.assertIsNotNone(self.find(world, "http://a.example/x"))

    def test_where_more_than_target_and_host_decide_the_lane_is_closed(self) -> None:
        rules = "map http://www.example/ http://origin.example/ @action=deny @method=POST"
        self.assertIsNone(self.find(World(remap=rules), "http://www.example/"))

    @given(
        sampled_from((
            ("http://a.example/x?y", None), ("http://www.example/x", None), ("/x", "www.example"),
            ("/", "WWW.example:80"),
            ("/x", "other.example"), ("/x", "www.example:8080"), ("/x", "nowhere.example"),
        )),
        sampled_from((SETTINGS, PRISTINE)),
        sampled_from((CachingPolicy(), CachingPolicy(generation=3))),
    )  # fmt: skip
    def test_both_ways_find_the_same(
        self, asked: tuple[str, str | None], settings: ProxySettings, policy: CachingPolicy
    ) -> None:
        target, host = asked
        lane, long = (World(remap=REMAP, settings=settings, policy=policy) for _ in range(2))
        head = request(f"Host: {host or 'a.example'}", url=target, host=host or "")
        found = self.find(lane, target, host)
        by_lane, by_long = Client(), Client()
        Carrier(long.services).carry(head, None, by_long)
        if found is None:
            self.assertEqual(long.hops.orders, [])
            return
        Carrier(lane.services).carry_plain(head, found, by_lane)
        self.assertEqual([order.head for order in lane.hops.orders], [order.head for order in long.hops.orders])
        self.assertEqual([order.hop for order in lane.hops.orders], [order.hop for order in long.hops.orders])
        self.assertEqual(by_lane.url, by_long.url)
        for world in (lane, long):
            world.hops.respond("Cache-Control: max-age=60")
        self.assertEqual(list(lane.store.keys()), list(long.store.keys()))
        self.assertEqual(list(lane.store.keys()), [found.facts.key])
