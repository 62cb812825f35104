"""Volumes, and the hosts that they are for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.errors import Place
from tsnode.model.storage import UNIT, Hosting, HostingKind, HostingRule, Share, Storage, Volume, divide
from tsnode.testing.config_storage import hosting_rules, volumes

HOST, DOMAIN = HostingKind.HOST, HostingKind.DOMAIN


def rule(kind: HostingKind, name: str, *numbers: int) -> HostingRule:
    return HostingRule(kind=kind, name=name, volumes=numbers)


class Sizes(SynchronousTestCase):
    def test_shares_are_rounded_down_to_128_megabytes(self) -> None:
        """Traffic Server, volume.config."""
        found = divide([Volume(number=1, size=Share(50)), Volume(number=2, size=Share(10))], 10 * UNIT + 5)
        self.assertEqual(found, {1: 5 * UNIT, 2: UNIT})

    def test_a_volume_that_finds_too_little_has_the_rest(self) -> None:
        found = divide([Volume(number=1, size=3 * UNIT), Volume(number=2, size=3 * UNIT)], 4 * UNIT)
        self.assertEqual(found, {1: 3 * UNIT, 2: UNIT})

    @given(volumes(), st.integers(0, 2**40))
    def test_volumes_are_whole_units_and_never_more_than_there_is(self, found: tuple[Volume, ...], total: int) -> None:
        sizes = divide(found, total)
        self.assertEqual(set(sizes), {volume.number for volume in found})
        self.assertEqual([size % UNIT for size in sizes.values()], [0] * len(found))
        self.assertTrue(all(size >= 0 for size in sizes.values()))
        self.assertLessEqual(sum(sizes.values()), total)


class Hosts(SynchronousTestCase):
    def test_the_most_specific_line_counts(self) -> None:
        """Traffic Server, hosting.config, "Examples"."""
        hosting = Hosting([
            rule(DOMAIN, "mydomain.com", 1), rule(HOST, "www.myhost.com", 2), rule(HOST, "*", 3, 4),
            rule(DOMAIN, "deep.mydomain.com", 5),
        ])  # fmt: skip
        for host, numbers in (
            ("mydomain.com", (1,)), ("A.MyDomain.com.", (1,)), ("x.deep.mydomain.com", (5,)), ("www.myhost.com", (2,)),
            ("myhost.com", (3, 4)), ("a.www.myhost.com", (3, 4)), ("notmydomain.com", (3, 4)), ("", (3, 4)),
        ):  # fmt: skip
            self.assertEqual(hosting.volumes_for(host), numbers, host)

    def test_without_a_line_for_all_others_they_have_every_volume(self) -> None:
        self.assertEqual(Hosting().volumes_for("a"), ())

    @given(hosting_rules(), st.sampled_from(["a.example", "www.a.example", "x.b", "example", "z", "10.0.0.1"]))
    def test_the_choice_is_the_one_of_whoever_reads_all_lines(self, rules: tuple[HostingRule, ...], host: str) -> None:
        def rank(each: HostingRule) -> tuple[bool, int]:
            return each.kind is HOST and each.name != "*", 0 if each.name == "*" else len(each.name)

        def fits(each: HostingRule) -> bool:
            inside = each.kind is DOMAIN and host.endswith(f".{each.name}")
            return each.name in {"*", host} or inside

        best = max(filter(fits, rules), key=rank, default=None)
        self.assertEqual(Hosting(rules).volumes_for(host), () if best is None else best.volumes)


class Places(SynchronousTestCase):
    def test_where_something_stands_does_not_make_it_another(self) -> None:
        """So that a reload can tell what has changed."""
        self.assertEqual(Storage(path="/a", place=Place("s", 1)), Storage(path="/a", place=Place("s", 2)))
        self.assertNotEqual(Storage(path="/a"), Storage(path="/b"))
