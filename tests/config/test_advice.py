"""What the author of a configuration should know although nothing in it is wrong."""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.advice import place_of_label
from tsnode.config.tree import load
from tsnode.model.errors import Place

NO_EFFECT = "has no effect yet"


class Advice(SynchronousTestCase):
    def told(self, own_names: tuple[str, ...] = (), **files: str) -> list[str]:
        """What a folder with these files makes the node say, less that they have no effect yet."""
        folder = Path(self.mktemp())
        folder.mkdir()
        for name, text in files.items():
            (folder / name.replace("__", ".")).write_text(text)
        warnings = load(folder, folder, {}, own_names).warnings
        return [
            f"{Path(warning.place.file).name}{str(warning.place).removeprefix(warning.place.file)}: {warning.problem}"
            for warning in warnings if not warning.problem.endswith(NO_EFFECT)
        ]  # fmt: skip

    def test_a_rule_behind_one_for_everything_is_told(self) -> None:
        told = self.told(parent__config="dest_domain=. parent=a:1\ndest_host=b parent=c:1\n")
        self.assertEqual(told, ["parent.config:2:1: line 1 is for all of these requests already"])
        told = self.told(remap__config="map http://a/ http://b/\nmap http://a/x http://c/\n")
        self.assertEqual(told, ["remap.config:2:1: line 1 is for all of these URLs already"])

    def test_in_cache_config_every_line_counts(self) -> None:
        self.assertEqual(self.told(cache__config="dest_domain=. revalidate=1h\ndest_host=b pin-in-cache=1h\n"), [])

    def test_rules_while_no_parent_is_asked_are_told(self) -> None:
        name = "proxy.config.http.parent_proxy_routing_enable"
        for value, count in ((0, 1), (1, 0)):
            told = self.told(
                records__config=f"CONFIG {name} INT {value}\n", parent__config="dest_domain=. parent=a:1\n"
            )
            self.assertEqual(len([line for line in told if "no parent is asked" in line]), count, told)

    def test_a_time_over_midnight_is_told_in_every_rule_file(self) -> None:
        time = "dest_domain=a time=23:00-01:00"
        for name, rule in (("parent", "parent=a:1"), ("cache", "revalidate=1h"), ("congestion", "max_connection=1")):
            files = {f"{name}__config": f"{time} {rule}\n"}
            told = self.told((), **files)
            self.assertEqual(told, [f"{name}.config:1:15: a time over midnight never comes"])
            within = {name: text.replace("23:00", "00:00") for name, text in files.items()}
            self.assertEqual(self.told((), **within), [])

    def test_a_neighbor_that_may_not_fetch_is_told(self) -> None:
        line = "h|{}|2|8080|3130|0|0.0.0.0|1|\n"
        told = self.told(icp__config=line.format("192.0.2.1") + line.format("127.0.0.9"))
        self.assertEqual(
            told, ["icp.config:1:1: ip_allow does not let 192.0.2.1 fetch what it is told that this node has"]
        )

    def test_a_parent_with_a_name_of_this_machine_is_told(self) -> None:
        rules = "dest_host=a parent=me.example:8080\ndest_host=b parent=you.example:8080\n"
        self.assertEqual(self.told(parent__config=rules), [])
        told = self.told(("Me.example",), parent__config=rules)
        self.assertEqual(told, ["parent.config:1:1: parent me.example:8080 is this node itself"])

    def test_a_label_is_found_where_it_stands(self) -> None:
        for text, column in (("dest_host=time= time=1-2", 17), ('parent="a:1"time=1', 13), ("TIME=1", 1), ("x", 4)):
            self.assertEqual(place_of_label(Place("f", 2, 4, text), "time").column, column, text)
