"""A whole configuration."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.config.shape import Messages
from tests.project.sources import ROOT
from tsnode.config.records import SettingSource
from tsnode.config.tree import Loaded, Refused, load, try_load
from tsnode.hierarchy.rules import Parent
from tsnode.model.errors import ConfigError, ConfigErrors
from tsnode.model.neighbors import NeighborKind
from tsnode.model.settings import ListenPort
from tsnode.routing.access import LOOPBACK_ONLY

LENIENT = "CONFIG proxy.config.tsnode.config.lenient INT 1\n"
ALLOW = "ip_allow:\n  - {apply: in, ip_addrs: 10.0.0.0/8, action: allow}\n"


class Folder(Messages):
    """A folder that each test fills as it likes."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp())
        self.folder.mkdir()

    def write(self, **files: str) -> None:
        """Put files there; ``__`` in a name stands for the dot."""
        for name, text in files.items():
            (self.folder / name.replace("__", ".")).write_text(text, encoding="utf-8", newline="")

    def load(self, **environ: str) -> Loaded:
        return load(self.folder, Path("/prefix"), environ)

    def warnings(self, **environ: str) -> list[str]:
        """What is told, without the folder's name."""
        return [self.short(warning) for warning in self.load(**environ).warnings]

    def errors(self, **environ: str) -> list[str]:
        """What the configuration is refused for, without the folder's name."""
        fault = self.assertRaises(ConfigErrors, load, self.folder, Path("/prefix"), environ)
        assert isinstance(fault, ConfigErrors)
        return [self.short(error) for error in fault.errors]

    def short(self, fault: ConfigError) -> str:
        return f"{fault.place}: {fault.problem}".replace(f"{self.folder}{os.sep}", "")


class Defaults(Folder):
    def test_every_file_may_be_missing(self) -> None:
        loaded = self.load()
        self.assertEqual(loaded.warnings, ())
        tree = loaded.tree
        self.assertEqual(tree.access, LOOPBACK_ONLY)
        self.assertTrue(tree.remap.empty)
        self.assertEqual(tree.settings.ports, (ListenPort(port=8080),))
        self.assertEqual((tree.store.name, tree.caching.max_stale_age), ("memory", 604800.0))

    def test_the_folder_itself_may_not(self) -> None:
        fault = self.assertRaises(ConfigErrors, load, self.folder / "none", Path("/prefix"), {})
        self.assertIn("is no folder (expected the one that holds records.config)", str(fault))

    def test_every_shipped_file_loads_without_a_word(self) -> None:
        loaded = load(ROOT / "etc", ROOT, {})
        self.assertEqual([str(warning) for warning in loaded.warnings], [])
        self.assertEqual({path.name for path in (ROOT / "etc").iterdir()},
                         {"records.config", "remap.config", "ip_allow.yaml"})  # fmt: skip

    def test_the_shipped_node_is_a_forward_proxy_for_this_machine(self) -> None:
        tree = load(ROOT / "etc", ROOT, {}).tree
        self.assertEqual(tree.settings.ports, (ListenPort(port=8080, address="127.0.0.1"),))
        self.assertEqual((tree.settings.remap_required, tree.remap.empty, tree.store.name), (False, True, "memory"))
        self.assertEqual([tree.access.methods_for(client).all for client in ("127.0.0.1", "::1")], [True, True])
        self.assertEqual([tree.access.methods_for(client).none for client in ("10.0.0.1", "fc00::1")], [True, True])

    def test_the_examples_in_the_shipped_files_are_right(self) -> None:
        """What a newcomer gets by taking the # away."""
        remap = (ROOT / "etc/remap.config").read_text(encoding="utf-8")
        rules = [line[2:] for line in remap.split("\n") if line.startswith(("# map ", "# re")) and "://" in line]
        access = (ROOT / "etc/ip_allow.yaml").read_text(encoding="utf-8")
        opened = access.replace("\n  # - ", "\n  - ").replace("\n  #   ", "\n    ")
        self.write(remap__config="\n".join(rules), ip_allow__yaml=opened)
        tree = self.load().tree
        self.assertEqual(len(tree.remap.rules), 3)
        self.assertFalse(tree.access.methods_for("192.0.2.1").permits(b"PURGE"))
        self.assertTrue(tree.access.methods_for("192.0.2.1").permits(b"GET"))


class RuleFiles(Folder):
    def test_rule_files_are_read_and_told_to_have_no_effect_yet(self) -> None:
        self.write(
            parent__config="dest_domain=. parent=a:1\n", cache__config="dest_domain=. revalidate=1\n",
            congestion__config="dest_domain=.\n",
            records__config="CONFIG proxy.config.http.congestion_control.default.fail_window INT 7\n",
        )  # fmt: skip
        loaded = self.load(PROXY_CONFIG_HTTP_PARENT_PROXIES="p:80")
        tree = loaded.tree
        self.assertEqual([len(index.rules) for index in (tree.parents, tree.caching_rules, tree.congestion)], [1, 1, 1])
        self.assertEqual(tree.congestion.rules[0].limits.fail_window, 7)
        self.assertEqual(tree.default_parents, (Parent("p", 80),))
        told = [self.short(warning) for warning in loaded.warnings]
        for name in ("parent", "congestion"):
            self.assertIn(f"{name}.config: has no effect yet", told)
        self.assertNotIn("cache.config: has no effect yet", told)

    def test_rules_of_remap_config_may_have_values_of_their_own(self) -> None:
        plugin = "@plugin=conf_remap.so @pparam=proxy.config."
        self.write(
            remap__config=f"map http://a/ http://o/a/ {plugin}http.cache.required_headers=2\n"
            f"map http://b/ http://o/b/ {plugin}http.insert_age_in_response=0 @pparam=proxy.config.url_remap."
            "pristine_host_hdr=1\nmap http://c/ http://o/c/\n",
            records__config="CONFIG proxy.config.http.cache.max_stale_age INT 7\n",
        )
        tree = self.load().tree
        first, second, third = (tree.overridden.get(rule.overrides) for rule in tree.remap.rules)
        assert first is not None
        assert second is not None
        self.assertEqual(first, (replace(tree.caching, required_headers=2), tree.settings))
        self.assertEqual(second, (tree.caching, replace(tree.settings, insert_age=False, pristine_host=True)))
        self.assertIsNone(third)
        self.assertEqual(tree.caching.max_stale_age, 7)

    def test_a_faulty_line_is_refused_or_left_out_by_a_lenient_node(self) -> None:
        self.write(parent__config="dest_domian=. parent=a:1\ndest_host=a parent=a:1\n")
        self.assertEqual(self.errors(), ["parent.config:1:1: unknown tag 'dest_domian'"])
        self.write(records__config=LENIENT)
        self.assertEqual(len(self.load().tree.parents.rules), 1)


class Storages(Folder):
    def test_the_files_about_storage_are_read_and_told_to_have_no_effect_yet(self) -> None:
        self.write(
            storage__config="/var/cache 256M\n", volume__config="volume=1 scheme=http size=100%\n",
            hosting__config="hostname=* volume=1\n",
        )  # fmt: skip
        tree = self.load().tree
        self.assertEqual((tree.storage[0].octets, tree.volumes[0].number), (2**28, 1))
        self.assertEqual(tree.hosting.volumes_for("a"), (1,))
        names = ("storage", "volume", "hosting")
        self.assertEqual(self.warnings(), [f"{name}.config: has no effect yet" for name in names])


class Certificates(Folder):
    GOOD = "dest_ip=* ssl_cert_name=a.pem\n"

    def test_certificates_are_read_and_told_to_have_no_effect_yet(self) -> None:
        self.write(ssl_multicert__config=self.GOOD)
        self.assertEqual([each.files for each in self.load().tree.certificates], [("a.pem",)])
        self.assertEqual(self.warnings(), ["ssl_multicert.config: has no effect yet"])

    def test_a_faulty_line_is_refused_or_left_out_by_a_lenient_node(self) -> None:
        self.write(ssl_multicert__config=f"{self.GOOD}ssl_cert=b.pem\n")
        self.assertEqual(self.errors(), ["ssl_multicert.config:2:1: unknown field 'ssl_cert'"])
        self.write(records__config=LENIENT)
        self.assertEqual(len(self.load().tree.certificates), 1)


class Files(Folder):
    def test_each_file_has_its_part(self) -> None:
        self.write(
            records__config="CONFIG proxy.config.http.cache.http INT 0\n",
            remap__config="map http://h/ http://s/\n",
            ip_allow__yaml=ALLOW,
        )
        tree = self.load(PROXY_CONFIG_PROXY_NAME="me").tree
        self.assertEqual((tree.caching.http, tree.settings.via_name), (False, b"me"))
        self.assertEqual(len(tree.remap.rules), 1)
        self.assertTrue(tree.access.methods_for("10.0.0.1").all)
        self.assertIs(tree.records.setting("proxy.config.proxy_name").source, SettingSource.ENVIRONMENT)

    def test_the_settings_reach_the_mapping(self) -> None:
        self.write(records__config="CONFIG proxy.config.url_remap.remap_required INT 0\n")
        tree = self.load().tree
        self.assertIs(tree.remap.settings, tree.settings)

    def test_files_may_have_other_names(self) -> None:
        self.write(
            records__config="CONFIG proxy.config.url_remap.filename STRING m\n"
            "CONFIG proxy.config.cache.ip_allow.filename STRING a.config\n",
            m="map / http://s/\n",
            a__config="src_ip=10.0.0.0/8 action=ip_allow\n",
            ip_allow__yaml="not read",
            remap__config="not read",
        )
        loaded = self.load()
        self.assertEqual(loaded.warnings, ())
        self.assertEqual(len(loaded.tree.remap.rules), 1)
        self.assertTrue(loaded.tree.access.methods_for("10.0.0.1").all)

    def test_a_missing_file_that_somebody_named_is_told(self) -> None:
        self.write(records__config="CONFIG proxy.config.url_remap.filename STRING m\n")
        name = "PROXY_CONFIG_CACHE_IP_ALLOW_FILENAME"
        self.assertEqual(self.warnings(**{name: "a.yaml"}), [
            "records.config:1:47: there is no file 'm'",
            f"environment variable {name}: there is no file 'a.yaml'",
        ])  # fmt: skip

    def test_the_old_ip_allow_is_read_where_the_new_one_is_missing(self) -> None:
        self.write(ip_allow__config="src_ip=10.0.0.0/8 action=ip_allow\n")
        self.assertTrue(self.load().tree.access.methods_for("10.0.0.1").all)
        self.write(ip_allow__yaml="ip_allow:\n  - {apply: in, ip_addrs: 11.0.0.0/8, action: allow}\n")
        self.assertTrue(self.load().tree.access.methods_for("10.0.0.1").none)

    def test_a_file_that_cannot_be_read_is_an_error(self) -> None:
        for name in ("records.config", "parent.config", "ip_allow.yaml"):
            (self.folder / name).mkdir()
        self.write(remap__config="\0")
        self.assertEqual(self.errors(), [
            "records.config: cannot be read: Is a directory",
            "remap.config:1:1: this is no text: there is a NUL octet",
            "ip_allow.yaml: cannot be read: Is a directory",
            "parent.config: cannot be read: Is a directory",
        ])  # fmt: skip

    def test_a_file_that_is_there_and_cannot_be_read_is_not_taken_for_missing(self) -> None:
        """Else a broken ip_allow.config would leave the node open as if there were none."""
        (self.folder / "ip_allow.config").symlink_to(self.folder.absolute() / "ip_allow.config")
        self.assertEqual(self.errors(), ["ip_allow.config: cannot be read: Too many levels of symbolic links"])

    def test_files_that_nobody_heeds_are_told_if_they_say_something(self) -> None:
        self.write(
            parent__config="# x\ndest_domain=. parent=p:8080\n", cache__config="# only words\n",
            plugin__config="x.so\n", sni__yaml="sni: []\n", icp__config="\n",
        )  # fmt: skip
        self.assertEqual(self.warnings(), [
            "parent.config: has no effect yet",
            "plugin.config: is not supported and has no effect",
            "sni.yaml: is not supported and has no effect",
        ])  # fmt: skip


class Yaml(Folder):
    def test_records_yaml_is_above_records_config(self) -> None:
        self.write(records__config="CONFIG proxy.config.http.cache.http INT x\n")
        self.write(records__yaml="records: {http: {cache: {http: 0}}}\n")
        self.assertFalse(self.load().tree.caching.http)
        self.assertEqual(self.warnings(), ["records.config: is not read, because there is records.yaml"])
        self.assertTrue(self.load(PROXY_CONFIG_HTTP_CACHE_HTTP="1").tree.caching.http)

    def test_it_says_whether_faulty_lines_are_left_out(self) -> None:
        self.write(records__yaml="records:\n  tsnode: {config: {lenient: 1}}\n  http: {cache: {http: x}}\n")
        self.assertEqual(self.warnings(), ["records.yaml:3:24: 'x' is not a whole number"])

    def test_what_is_written_of_the_logs_is_told(self) -> None:
        logs = "logging:\n  formats: [{name: a, format: '%<chi>'}]\n  logs: [{filename: a, format: a}]\n"
        self.write(logging__yaml=logs)
        loaded = self.load()
        self.assertEqual([log.filename for log in loaded.tree.logging.logs], ["a"])
        self.assertEqual([self.short(told) for told in loaded.warnings],
                         ["logging.yaml:3:10: log 'a' is not written yet"])  # fmt: skip

    def test_the_logs_may_be_in_another_file(self) -> None:
        self.write(records__config="CONFIG proxy.config.log.config.filename STRING l.yaml\n", l__yaml="logging: [\n")
        self.assertEqual(len(self.errors()), 1)

    def test_logs_of_older_forms_are_not_supported(self) -> None:
        """Lua in Traffic Server 7, something like XML before it."""
        for name in ("logging.config", "own.config"):
            self.write(records__config=f"CONFIG proxy.config.log.config.filename STRING {name}\n")
            self.write(**{name.replace(".", "__"): "log.ascii {}\n"})
            self.assertEqual(self.warnings(), [f"{name}: is not supported and has no effect"])
            (self.folder / name).unlink()

    def test_every_other_file_of_a_real_folder_gets_one_warning(self) -> None:
        names = [
            "plugin.config", "splitdns.config", "socks.config", "sni.yaml", "strategies.yaml", "virtualization.config",
            "vaddrs.config", "log_hosts.config", "logs_xml.config", "logging.config",
        ]  # fmt: skip
        for name in names:
            self.write(**{name.replace(".", "__"): "x\n"})
        (self.folder / "body_factory" / "default").mkdir(parents=True)
        told = [f"{name}: is not supported and has no effect" for name in [*names, "body_factory"]]
        self.assertEqual(self.warnings(), told)


class Neighbors(Folder):
    GOOD = "h|127.0.0.9|2|8080|3130|0|0.0.0.0|1|\n"

    def test_icp_neighbors_are_read_and_told_to_have_no_effect_yet(self) -> None:
        self.write(icp__config=self.GOOD)
        self.assertEqual([neighbor.kind for neighbor in self.load().tree.neighbors], [NeighborKind.SIBLING])
        self.assertEqual(self.warnings(), ["icp.config: has no effect yet"])

    def test_their_file_may_have_another_name(self) -> None:
        self.write(records__config="CONFIG proxy.config.icp.icp_configuration STRING n\n", n=self.GOOD, icp__config="x")
        self.assertEqual(len(self.load().tree.neighbors), 1)
        self.assertEqual(self.warnings(), ["n: has no effect yet"])

    def test_a_faulty_line_refuses_the_whole_file_even_for_a_lenient_node(self) -> None:
        self.write(icp__config=f"{self.GOOD}x\n")
        errors = self.errors()
        self.assertEqual(errors, ["icp.config:2:2: a neighbor has 8 fields, this line 1"])
        self.write(records__config=LENIENT)
        self.assertEqual(self.load().tree.neighbors, ())
        self.assertEqual(self.warnings(), [*errors, "icp.config: has no effect yet"])


class Schedules(Folder):
    GOOD = "http://a/\\\\13\\3600\\0\\\n"

    def test_scheduled_updates_are_read_and_told_to_have_no_effect_yet(self) -> None:
        self.write(update__config=self.GOOD)
        self.assertEqual([update.url for update in self.load().tree.schedule], [b"http://a/"])
        self.assertEqual(self.warnings(), ["update.config: has no effect yet"])

    def test_their_file_may_have_another_name(self) -> None:
        name = "proxy.config.update.update_configuration"
        self.write(records__config=f"CONFIG {name} STRING n\n", n=self.GOOD, update__config="x")
        self.assertEqual(len(self.load().tree.schedule), 1)
        self.assertEqual(self.warnings(), ["n: has no effect yet"])

    def test_a_faulty_line_refuses_the_whole_file_even_for_a_lenient_node(self) -> None:
        self.write(update__config=f"{self.GOOD}x\n")
        errors = self.errors()
        self.assertEqual(errors, ["update.config:2:2: an entry has 5 fields, this one 1"])
        self.write(records__config=LENIENT)
        self.assertEqual(self.load().tree.schedule, ())
        self.assertEqual(self.warnings(), [*errors, "update.config: has no effect yet"])


FAULTY = {
    "records__config": "CONFIG proxy.config.http.cache.http INT x\n"
    "CONFIG proxy.config.http.connect_ports STRING 443 x\n"
    "CONFIG proxy.config.http.negative_caching_list STRING 1\n",
    "remap__config": "map http://h/ http://s/\nmap x\n",
}


class Digests(Folder):
    """What tells whether a file has changed."""

    def files(self) -> dict[str, bytes]:
        found = try_load(self.folder, Path("/prefix"), {})
        return {Path(name).name: digest for name, digest in found.files.items()}

    def test_each_file_that_is_there_has_one_and_another_with_other_text(self) -> None:
        self.assertEqual(self.files(), {})
        self.write(records__config="# one\n", ip_allow__yaml=ALLOW, storage__config="")
        before = self.files()
        self.assertEqual(set(before), {"records.config", "ip_allow.yaml", "storage.config"})
        self.assertEqual(self.files(), before)
        self.write(records__config="# two\n")
        changed = [name for name, digest in self.files().items() if before[name] != digest]
        self.assertEqual(changed, ["records.config"])

    def test_faulty_files_have_one_too(self) -> None:
        self.write(records__config="what\n")
        (self.folder / "remap.config").mkdir()
        found = try_load(self.folder, Path("/prefix"), {})
        assert isinstance(found, Refused)
        self.assertEqual(len(found.errors), 2)
        self.assertEqual(set(self.files()), {"records.config", "remap.config"})

    def test_without_a_folder_there_is_an_error_and_no_file(self) -> None:
        found = try_load(self.folder / "none", Path("/prefix"), {})
        assert isinstance(found, Refused)
        self.assertEqual((len(found.errors), found.files), (1, {}))


class Faults(Folder):
    def test_errors_come_in_the_order_of_the_lines_whichever_is_found_first(self) -> None:
        self.write(records__config="CONFIG proxy.config.http.server_ports STRING 80x\nCONFG a INT 1\n")
        self.assertEqual([told.split(":")[1] for told in self.errors()], ["1", "2"])

    def test_all_errors_of_all_files_are_told_at_once(self) -> None:
        self.write(**FAULTY, ip_allow__yaml="x: 1\n")
        self.assertEqual(self.errors(PROXY_CONFIG_HTTP_SERVER_PORTS="y"), [
            "records.config:1:41: 'x' is not a whole number",
            "records.config:2:51: 'x' is no port",
            "records.config:3:55: '1' is no status code",
            "environment variable PROXY_CONFIG_HTTP_SERVER_PORTS: 'y' is no port",
            "remap.config:2:6: the replacement is missing",
            "ip_allow.yaml:1:1: unknown key 'x'",
        ])  # fmt: skip

    def test_each_shows_its_line_and_marks_its_place(self) -> None:
        self.write(**FAULTY)
        fault = self.assertRaises(ConfigErrors, load, self.folder, Path("/prefix"), {})
        shown = str(fault).replace(f"{self.folder}{os.sep}", "").split("\n")
        self.assertEqual(shown[3:6], [
            "records.config:2:51: 'x' is no port",
            "  CONFIG proxy.config.http.connect_ports STRING 443 x",
            " " * 52 + "^ expected 1 to 65535",
        ])  # fmt: skip

    def test_a_lenient_node_leaves_faulty_lines_out_with_the_same_messages(self) -> None:
        self.write(**FAULTY)
        errors = self.errors()
        self.write(**(FAULTY | {"records__config": FAULTY["records__config"] + LENIENT}))
        loaded = self.load()
        self.assertEqual([self.short(warning) for warning in loaded.warnings], errors)
        self.assertEqual(len(loaded.tree.remap.rules), 1)
        self.assertTrue(loaded.tree.caching.http)
        self.assertEqual(loaded.tree.settings.connect_ports, frozenset())

    def test_lenience_may_come_from_the_environment(self) -> None:
        self.write(**FAULTY)
        self.assertEqual(len(self.warnings(PROXY_CONFIG_TSNODE_CONFIG_LENIENT="1")), 4)

    def test_what_opens_the_node_to_others_has_to_be_right_even_then(self) -> None:
        self.write(
            records__config=LENIENT + "CONFIG proxy.config.http.server_ports STRING 8080:ip-in=x 8081\n",
            ip_allow__yaml=ALLOW + "  - x\n",
        )
        self.assertEqual(self.errors(), [
            "records.config:2:57: 'x' is no address to listen on",
            "ip_allow.yaml:3:5: there are no keys here",
        ])  # fmt: skip

    @given(st.dictionaries(
        st.sampled_from(["records.config", "remap.config", "ip_allow.yaml", "ip_allow.config", "plugin.config"]),
        st.binary(max_size=80) | st.sampled_from([LENIENT, ALLOW, "map / http://s/", "x"]).map(str.encode),
    ))  # fmt: skip
    def test_any_folder_is_read_or_refused(self, files: dict[str, bytes]) -> None:
        for path in self.folder.iterdir():
            path.unlink()
        for name, octets in files.items():
            (self.folder / name).write_bytes(octets)
        try:
            self.load()
        except ConfigErrors as faults:
            self.assertTrue(faults.errors)
