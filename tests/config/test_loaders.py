"""The files of a folder one by one."""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.folder import Folder
from tsnode.config.loaders import (
    load_access,
    load_caching_rules,
    load_congestion,
    load_default_parents,
    load_hosting,
    load_logging,
    load_parents,
    load_records,
    load_remap,
    load_storage,
    load_volumes,
    mention_others,
)
from tsnode.model.log_formats import Logging
from tsnode.routing.access import LOOPBACK_ONLY

PARENT = "dest_domain=. parent=p.example:80\n"
CACHING = "dest_domain=a.example revalidate=1h\n"
CONGESTION = "dest_host=a.example max_connection=2\n"


class Loaders(SynchronousTestCase):
    def setUp(self) -> None:
        self.path = Path(self.mktemp())
        self.path.mkdir()

    def folder(self, **files: str) -> Folder:
        """A folder with these files; ``__`` in a name stands for the dot."""
        for name, text in files.items():
            (self.path / name.replace("__", ".")).write_text(text)
        return Folder(self.path)

    def told(self, folder: Folder) -> list[str]:
        """Its warnings, each with the file's name alone."""
        self.assertEqual(folder.errors, [])
        return [f"{Path(warning.place.file).name}: {warning.problem}" for warning in folder.warnings]

    def test_without_files_there_are_no_rules(self) -> None:
        folder = self.folder()
        records = load_records(folder, {})
        self.assertEqual(load_remap(folder, records), ())
        self.assertIs(load_access(folder, records), LOOPBACK_ONLY)
        self.assertEqual(load_logging(folder, records), Logging())
        for load in (load_parents, load_caching_rules, load_congestion):
            self.assertEqual(load(folder, records).rules, ())
        self.assertEqual(load_default_parents(folder, records), ())
        mention_others(folder)
        self.assertEqual(self.told(folder), [])

    def test_rules_that_nobody_heeds_yet_are_read_and_told_of(self) -> None:
        folder = self.folder(parent__config=PARENT, cache__config=CACHING, congestion__config=CONGESTION)
        records = load_records(folder, {})
        for load in (load_parents, load_caching_rules, load_congestion):
            self.assertEqual([rule.place.line for rule in load(folder, records).rules], [1])
        self.assertEqual(
            self.told(folder),
            [f"{name}: has no effect yet" for name in ("parent.config", "congestion.config")],
        )

    def test_files_without_rules_are_silent(self) -> None:
        folder = self.folder(parent__config="# none\n", cache__config="", congestion__config="\n")
        records = load_records(folder, {})
        for load in (load_parents, load_caching_rules, load_congestion):
            load(folder, records)
        self.assertEqual(self.told(folder), [])

    def test_the_parents_for_all_other_requests_stand_in_a_variable(self) -> None:
        folder = self.folder(records__config="CONFIG proxy.config.http.parent_proxies STRING a:1;b:2\n")
        parents = load_default_parents(folder, load_records(folder, {}))
        self.assertEqual([(parent.host, parent.port) for parent in parents], [("a", 1), ("b", 2)])

    def test_a_lenient_node_leaves_faulty_rules_out(self) -> None:
        lenient = "CONFIG proxy.config.tsnode.config.lenient INT 1\n"
        folder = self.folder(records__config=lenient, parent__config=PARENT + "dest_domian=x go_direct=true\n")
        rules = load_parents(folder, load_records(folder, {})).rules
        self.assertEqual([rule.place.line for rule in rules], [1])
        self.assertEqual(folder.errors, [])

    def test_what_the_files_about_storage_say_has_to_fit_together(self) -> None:
        (self.path / "cache").mkdir()
        folder = self.folder(
            storage__config="/no/such/file\ncache\n", volume__config="volume=1 scheme=http size=128\n",
            hosting__config="hostname=a volume=2\nhostname=* volume=1\n",
        )  # fmt: skip
        records = load_records(folder, {})
        self.assertEqual([each.path for each in load_storage(folder, records, self.path)], ["/no/such/file"])
        volumes = load_volumes(folder, records)
        self.assertEqual([each.number for each in volumes], [1])
        self.assertEqual([rule.name for rule in load_hosting(folder, records, volumes).rules], ["*"])
        self.assertEqual(
            [fault.problem for fault in folder.errors], ["the folder 'cache' has no size", "there is no volume 2"]
        )
