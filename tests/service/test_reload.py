"""Taking up a configuration again."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from twisted.internet.defer import Deferred
from twisted.logger import LogLevel, capturedLogs
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.tree import Configuration, Loaded, Refused, load, try_load
from tsnode.service.reload import NEEDS_RESTART, Outcome, Read, Reloader, ReloadReport, keep_running

VIA = "CONFIG proxy.config.http.insert_response_via_str INT 1\n"
PORTS = "CONFIG proxy.config.http.server_ports STRING 9999\n"
RULE = "map http://a/ http://b/\n"


class ReloadCase(SynchronousTestCase):
    """A folder, its reloader, and a thread that is done with its work when the test says so."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp())
        self.folder.mkdir()
        self.write(records="", remap=RULE)
        self.environ: dict[str, str] = {}
        self.swapped: list[Configuration] = []
        self.under_way: list[tuple[Read, Deferred[Loaded | Refused]]] = []
        self.reloader = Reloader(
            partial(try_load, self.folder, self.folder, self.environ),
            load(self.folder, self.folder, self.environ),
            self.in_thread,
            self.swapped.append,
        )

    def write(self, **files: str) -> None:
        for name, text in files.items():
            (self.folder / f"{name}.config").write_text(text)

    def in_thread(self, read: Read) -> Deferred[Loaded | Refused]:
        done: Deferred[Loaded | Refused] = Deferred()
        self.under_way.append((read, done))
        return done

    def work(self) -> None:
        """Let the thread do what it was asked to do first."""
        read, done = self.under_way.pop(0)
        done.callback(read())

    def reload(self) -> ReloadReport:
        asked = self.reloader.reload()
        self.work()
        return self.successResultOf(asked)

    def outcomes(self, report: ReloadReport) -> dict[str, Outcome]:
        return {Path(each.file).name: each.outcome for each in report.files}


class Taken(ReloadCase):
    def test_the_whole_tree_is_swapped(self) -> None:
        self.write(records=VIA, remap=RULE * 2)
        report = self.reload()
        (tree,) = self.swapped
        self.assertEqual((tree.settings.response_via, len(tree.remap.rules)), (1, 2))
        self.assertTrue(report.swapped)
        self.assertEqual(self.outcomes(report), {"records.config": Outcome.TAKEN, "remap.config": Outcome.TAKEN})

    def test_where_nothing_has_changed_nothing_is_swapped(self) -> None:
        self.assertFalse(self.reload().swapped)
        self.assertEqual(self.swapped, [])

    def test_a_file_that_is_gone_and_one_that_is_new_are_changes(self) -> None:
        (self.folder / "remap.config").unlink()
        (self.folder / "ip_allow.yaml").write_text("ip_allow: []\n")
        self.assertEqual(
            self.outcomes(self.reload()),
            {"records.config": Outcome.UNCHANGED, "remap.config": Outcome.GONE, "ip_allow.yaml": Outcome.TAKEN},
        )

    def test_a_variable_that_is_gone_from_the_file_has_its_default_again(self) -> None:
        self.write(records=VIA)
        self.reload()
        self.write(records="")
        self.reload()
        self.assertEqual([tree.settings.response_via for tree in self.swapped], [1, 0])

    def test_the_environment_stays_above_the_file(self) -> None:
        """Traffic Server, ``PROXY_CONFIG_…``."""
        self.environ["PROXY_CONFIG_HTTP_INSERT_RESPONSE_VIA_STR"] = "0"
        self.write(records=VIA)
        self.reload()
        self.assertEqual(self.swapped[0].settings.response_via, 0)

    def test_only_what_is_odd_about_changed_files_is_told_again(self) -> None:
        self.write(records="CONFIG proxy.config.nobody.knows INT 1\n")
        self.assertEqual(len(self.reload().warnings), 1)
        self.write(remap=f"{RULE}map http://c/ http://b/\n")
        self.assertEqual(self.reload().warnings, ())


class Refusing(ReloadCase):
    def test_nothing_is_taken_and_every_file_says_why(self) -> None:
        self.write(records=VIA, remap="mop\nmop\n")
        report = self.reload()
        self.assertEqual((report.swapped, len(report.errors), self.swapped), (False, 2, []))
        self.assertEqual(self.outcomes(report), {"records.config": Outcome.LEFT, "remap.config": Outcome.REFUSED})
        self.assertEqual([len(each.errors) for each in report.files], [0, 2])

    def test_a_file_is_compared_with_what_is_in_use_not_with_what_was_refused(self) -> None:
        self.write(remap="mop\n")
        self.reload()
        self.write(remap=RULE)
        report = self.reload()
        self.assertFalse(report.swapped)
        self.assertEqual(set(self.outcomes(report).values()), {Outcome.UNCHANGED})

    def test_an_error_of_no_file_refuses_all_the_same(self) -> None:
        self.environ["PROXY_CONFIG_HTTP_CACHE_HTTP"] = "some"
        with capturedLogs() as events:
            report = self.reload()
        self.assertEqual(len(report.errors), 1)
        told = [event["problem"] for event in events if event["log_level"] is LogLevel.error and "problem" in event]
        self.assertEqual(told, [str(report.errors[0])])

    def test_a_folder_that_is_gone_changes_nothing(self) -> None:
        for name in ("records.config", "remap.config"):
            (self.folder / name).unlink()
        self.folder.rmdir()
        self.assertFalse(self.reload().swapped)

    def test_a_defect_is_told_and_the_next_reload_works(self) -> None:
        asked = self.reloader.reload()
        self.under_way.pop(0)[1].errback(Failure(MemoryError()))
        self.failureResultOf(asked, MemoryError)
        self.write(records=VIA)
        self.assertTrue(self.reload().swapped)


class Together(ReloadCase):
    def test_those_asked_for_while_one_goes_on_are_one_after_it(self) -> None:
        first = self.reloader.reload()
        others = [self.reloader.reload() for _ in range(3)]
        self.assertEqual(len(self.under_way), 1)
        self.work()
        self.assertFalse(self.successResultOf(first).swapped)
        for other in others:
            self.assertNoResult(other)
        # what was written after the first one read is found by the one that was asked for since
        self.write(records=VIA)
        self.work()
        self.assertEqual([self.successResultOf(other).swapped for other in others], [True] * 3)
        self.assertEqual((len(self.swapped), self.under_way), (1, []))

    def test_one_may_be_asked_for_by_whoever_hears_of_one(self) -> None:
        again: list[Deferred[ReloadReport]] = []
        self.reloader.reload().addCallback(lambda _: again.append(self.reloader.reload()))
        self.work()
        self.work()
        self.assertFalse(self.successResultOf(again[0]).swapped)


class Kept(ReloadCase):
    """Traffic Server, variables that need a restart."""

    def test_they_stay_and_both_values_are_told(self) -> None:
        self.write(records=PORTS + VIA)
        with capturedLogs() as events:
            (kept,) = self.reload().kept
        self.assertEqual(
            (kept.variable, kept.running, kept.wanted, kept.place.line), (NEEDS_RESTART[0], "8080", "9999", 1)
        )
        (tree,) = self.swapped
        self.assertEqual([port.port for port in tree.settings.ports], [8080])
        self.assertEqual(tree.records.text(NEEDS_RESTART[0]), "8080")
        self.assertEqual(tree.settings.response_via, 1)
        (told,) = [event for event in events if event["log_level"] is LogLevel.warn]
        self.assertIn(NEEDS_RESTART[0], told["variable"])
        self.assertEqual((told["running"], told["wanted"]), ("8080", "9999"))

    def test_they_are_told_again_with_each_change_until_they_are_taken_back(self) -> None:
        for records, kept in ((PORTS, 1), (PORTS + VIA, 1), (VIA, 0)):
            self.write(records=records)
            self.assertEqual(len(self.reload().kept), kept)

    def test_the_store_and_the_name_stay_too(self) -> None:
        running = load(self.folder, self.folder, {}).tree
        self.write(records="CONFIG proxy.config.proxy_name STRING x\nCONFIG proxy.config.cache.ram_cache.size INT 1M\n")
        tree, kept = keep_running(running, load(self.folder, self.folder, {}).tree)
        self.assertEqual((tree.store, tree.settings.via_name), (running.store, running.settings.via_name))
        self.assertEqual([each.running for each in kept], [None, -1])


class Log(ReloadCase):
    def told(self) -> list[str]:
        """What the log says about each file, and in the end."""
        with capturedLogs() as events:
            self.reload()
        known = [event["log_format"].format(**event) for event in events]
        return [line.replace(f"{self.folder}/", "") for line in known]

    def test_it_tells_file_by_file_what_became_of_it(self) -> None:
        self.write(records=VIA)
        self.assertEqual(
            self.told(), ["records.config taken", "remap.config unchanged", "the new configuration is in use"]
        )
        self.assertEqual(self.told()[-1], "the configuration has not changed")

    def test_it_shows_each_fault_in_its_place(self) -> None:
        self.write(records=VIA, remap=f"{RULE}mop http://a/ http://b/\n")
        told = self.told()
        self.assertEqual(told[0], "records.config changed, but not taken because of errors elsewhere")
        self.assertTrue(told[1].startswith("refused: remap.config:2:1: "), told[1])
        self.assertEqual(told[2], "the configuration stays as it was; errors: 1")

    def test_a_file_full_of_faults_does_not_fill_the_log(self) -> None:
        self.write(remap="mop\n" * 1000)
        told = self.told()
        self.assertEqual(len(told), 23)
        self.assertEqual(told[-2:], [
            "remap.config refused: 980 more errors", "the configuration stays as it was; errors: 1000",
        ])  # fmt: skip
