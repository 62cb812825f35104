"""What storages, volumes and rules about hosts are drawn, and how they are written."""

from __future__ import annotations

from hypothesis import find, given
from twisted.trial.unittest import SynchronousTestCase

from tsnode.model.storage import UNIT, HostingKind, HostingRule, Share, Storage, Volume
from tsnode.testing.config_storage import (
    hosting_rules,
    render_hosting,
    render_storage,
    render_volume,
    storages,
    volumes,
)


class Made(SynchronousTestCase):
    def test_values_of_every_kind_are_drawn(self) -> None:
        find(storages(), lambda found: any(storage.seed and storage.volume for storage in found))
        find(volumes(), lambda found: any(isinstance(volume.size, Share) for volume in found))
        find(volumes(), lambda found: any(volume.size == UNIT for volume in found))
        find(hosting_rules(), lambda found: any(rule.name == "*" for rule in found))

    @given(volumes())
    def test_shares_are_all_of_it_at_most(self, found: tuple[Volume, ...]) -> None:
        shares = [volume.size.percent for volume in found if isinstance(volume.size, Share)]
        self.assertLessEqual(sum(shares), 100)

    def test_each_is_one_line_without_its_defaults(self) -> None:
        self.assertEqual(render_storage([Storage(path="/a"), Storage(path="/b", octets=9, seed="x", volume=1)]),
                         "/a\n/b 9 id=x volume=1\n")  # fmt: skip
        self.assertEqual(render_volume([Volume(number=1, size=Share(9)), Volume(number=2, size=UNIT, ram_cache=False)]),
                         "volume=1 scheme=http size=9%\nvolume=2 scheme=http size=128 ramcache=false\n")  # fmt: skip
        self.assertEqual(render_hosting([HostingRule(kind=HostingKind.DOMAIN, name="a", volumes=(1, 2))]),
                         "domain=a volume=1,2\n")  # fmt: skip
