"""From variables to settings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from tests.config.shape import Messages
from tsnode.caching.policy import CachingPolicy
from tsnode.config.catalogue import Decimal, Integer, Row
from tsnode.config.reading import Reading
from tsnode.config.records import Records, parse_records
from tsnode.config.rows import RECORDS
from tsnode.config.settings import read_caching, read_overridden, read_ports, read_proxy, read_store, read_withheld
from tsnode.model.settings import ListenPort, ProxySettings, StoreSettings
from tsnode.routing.access import EVERYTHING, NOTHING, Allowed
from tsnode.routing.rules import Override

PREFIX = Path("/prefix")

# a value other than the default, for texts, which have no neighbor
OTHER_TEXTS = {
    "proxy.config.http.server_ports": "9000",
    "proxy.config.http.connect_ports": "*",
    "proxy.config.http.negative_caching_list": "404",
    "proxy.config.hostdb.ip_resolve": "ipv6;ipv4",
    "proxy.config.http.redirect.actions": "self:reject",
}
# what has an effect only where another variable has a value of its own
_RETRIES = "CONFIG proxy.config.http.cache.max_open_read_retries INT 5\n"
_DEFAULTS = "CONFIG proxy.config.http.cache.enable_default_vary_headers INT 1\n"
_REDIRECTS = "CONFIG proxy.config.http.number_of_redirections INT 5\n"
WITH = {
    "proxy.config.http.cache.vary_default_text": _DEFAULTS,
    "proxy.config.http.cache.vary_default_images": _DEFAULTS,
    "proxy.config.http.cache.vary_default_other": _DEFAULTS,
    "proxy.config.http.cache.open_read_retry_time": _RETRIES,
    "proxy.config.http.cache.max_open_write_retries": _RETRIES,
    "proxy.config.http.redirection_enabled": _REDIRECTS,
    "proxy.config.http.redirect.actions": _REDIRECTS,
    "proxy.config.http.post_copy_size": _REDIRECTS,
}
# these name files or switch the reading itself; the tree is the test for them
ELSEWHERE = {
    "proxy.config.url_remap.filename",
    "proxy.config.cache.control.filename",
    "proxy.config.cache.ip_allow.filename",
    "proxy.config.log.config.filename",
    "proxy.config.icp.icp_configuration",
    "proxy.config.update.update_configuration",
    "proxy.config.tsnode.config.lenient",
}


@dataclass(frozen=True)
class Everything:
    proxy: ProxySettings
    caching: CachingPolicy
    store: StoreSettings
    withheld: Allowed


def parse(text: str) -> Records:
    reading = parse_records("r", text, {}, RECORDS)
    assert not reading.errors, reading.errors
    return reading.value


def read(text: str) -> Reading[Everything]:
    records = parse(text)
    ports, caching = read_ports(records), read_caching(records)
    proxy = read_proxy(records, ports.value, PREFIX)
    return Reading(
        Everything(proxy.value, caching.value, read_store(records), read_withheld(records)),
        ports.errors + proxy.errors + caching.errors,
        ports.warnings + proxy.warnings + caching.warnings,
    )


def other_value(row: Row) -> str:
    """A value that the variable can have, other than its default."""
    match row.domain:
        case Integer(minimum, maximum):
            default = row.default
            assert isinstance(default, int)
            # far enough away for variables of which only some thresholds matter
            return str(minimum if maximum is not None and minimum != default else default + 1)
        case Decimal():
            return "0.75"
        case _:
            return OTHER_TEXTS.get(row.name, "other")


class Settings(Messages):
    def test_the_defaults_of_the_variables_are_those_of_the_settings(self) -> None:
        reading = read("")
        self.assert_found(reading.errors + reading.warnings, [])
        found = reading.value
        self.assertEqual(found.caching, CachingPolicy())
        self.assertEqual(found.store, StoreSettings())
        # the prefix is applied, and a node without a name of its own is given one when it starts
        self.assertEqual(found.proxy, replace(ProxySettings(), via_name=b"", log_path="/prefix/var/log/squid.log"))

    def test_every_variable_that_is_said_to_have_an_effect_has_one(self) -> None:
        vain = []
        for row in RECORDS.values():
            if row.effective and row.name not in ELSEWHERE:
                others = WITH.get(row.name, "")
                before = read(others).value
                after = read(f"{others}CONFIG {row.name} {row.domain.word} {other_value(row)}").value
                if after == before:
                    vain.append(row.name)
        self.assertEqual(vain, [])

    def test_a_variable_said_to_have_no_effect_has_none(self) -> None:
        before = read("").value
        for row in RECORDS.values():
            if not row.effective:
                after = read(f"CONFIG {row.name} {row.domain.word} {other_value(row)}").value
                self.assertEqual(after, before, row.name)

    def test_milliseconds_become_seconds(self) -> None:
        found = read("CONFIG proxy.config.tsnode.http.collapse_wait_ms INT 250").value
        self.assertEqual(found.proxy.sharing.patience, 0.25)

    def test_tries_are_a_time_to_wait_for_another_s_fetch(self) -> None:
        """Traffic Server, ``proxy.config.http.cache.max_open_read_retries``."""
        for lines, seconds in (
            ("", 5.0), ("max_open_write_retries INT 9", 5.0), ("max_open_read_retries INT 4", 0.05),
            ("max_open_read_retries INT 0\nmax_open_write_retries INT 0", 0.0),
            ("max_open_read_retries INT 9\nopen_read_retry_time INT 100", 1.0),
        ):  # fmt: skip
            text = "".join(f"CONFIG proxy.config.http.cache.{line}\n" for line in lines.split("\n") if line)
            self.assertEqual(read(text).value.proxy.sharing.patience, seconds, lines)

    def test_redirects_are_followed_where_old_or_new_variables_say_so(self) -> None:
        """Traffic Server, ``number_of_redirections``; ``redirection_enabled`` up to version 7."""
        for lines, most in (
            ("", None), ("number_of_redirections INT 3", 3), ("redirection_enabled INT 1", 1),
            ("number_of_redirections INT 0\nredirection_enabled INT 1", None),
            ("number_of_redirections INT 3\nredirection_enabled INT 1", 3),
            ("number_of_redirections INT 3\nredirection_enabled INT 0", None),
        ):  # fmt: skip
            text = "".join(f"CONFIG proxy.config.http.{line}\n" for line in lines.split("\n") if line)
            redirects = read(text).value.proxy.redirects
            self.assertEqual(redirects and redirects.most, most, lines)

    def test_all_ports_or_some_may_be_connected_to(self) -> None:
        name = "proxy.config.http.connect_ports"
        every = read(f"CONFIG {name} STRING *").value.proxy
        self.assertEqual((every.any_connect_port, every.connect_ports), (True, frozenset()))
        some = read(f"CONFIG {name} STRING 1-3").value.proxy
        self.assertEqual((some.any_connect_port, some.connect_ports), (False, frozenset({1, 2, 3})))

    def test_status_codes_stand_between_blanks_and_commas(self) -> None:
        found = read("CONFIG proxy.config.http.negative_caching_list STRING 404,  500").value
        self.assertEqual(found.caching.negative_caching_list, frozenset({404, 500}))

    def test_an_absolute_log_folder_stays_where_it_is(self) -> None:
        found = read("CONFIG proxy.config.log.logfile_dir STRING /logs").value
        self.assertEqual(found.proxy.log_path, "/logs/squid.log")

    def test_only_two_levels_log_requests(self) -> None:
        name = "proxy.config.log.logging_enabled"
        enabled = [read(f"CONFIG {name} INT {level}").value.proxy.log_enabled for level in range(4)]
        self.assertEqual(enabled, [False, False, True, True])

    def test_unset_texts_are_empty(self) -> None:
        found = read("CONFIG proxy.config.http.response_via_str STRING NULL").value
        self.assertEqual((found.proxy.response_via_text, found.caching.warning_agent), (b"", b""))


class Faults(Messages):
    def test_faults_within_texts_are_told_where_they_are(self) -> None:
        text = (
            "CONFIG proxy.config.http.server_ports STRING 8080 x\n"
            "CONFIG proxy.config.http.connect_ports STRING 443 0\n"
            "CONFIG proxy.config.http.negative_caching_list STRING 404 99 600 1234"
        )
        reading = read(text)
        self.assert_found(reading.errors, [
            ("r:1:51", "'x' is no port", "1 to 65535"),
            ("r:2:51", "'0' is no port", "1 to 65535"),
            ("r:3:59", "'99' is no status code", "100 to 599"),
            ("r:3:62", "'600' is no status code", "100 to 599"),
            ("r:3:66", "'1234' is no status code", "100 to 599"),
        ])  # fmt: skip
        self.assert_marked(reading.errors, text)
        self.assertEqual(reading.value.proxy.ports, (ListenPort(port=8080),))
        self.assertEqual(reading.value.proxy.connect_ports, frozenset())
        self.assertEqual(reading.value.caching.negative_caching_list, frozenset({404}))

    def test_the_super_mask_names_methods_by_bits(self) -> None:
        """Traffic Server 3.0, ``proxy.config.http.quick_filter.mask``."""
        for mask, withheld in (
            ("0", NOTHING), ("0x482", Allowed(frozenset({b"PUSH", b"PURGE", b"DELETE"}), only=True)),
            ("0x80000482", NOTHING), ("0x1000", EVERYTHING), ("0x1", Allowed(frozenset({b"CONNECT"}), only=True)),
        ):  # fmt: skip
            found = read(f"CONFIG proxy.config.http.quick_filter.mask INT {mask}").value
            self.assertEqual(found.withheld, withheld, mask)

    def test_rules_may_have_values_of_their_own(self) -> None:
        records = parse("CONFIG proxy.config.http.cache.max_stale_age INT 7")
        overrides = [Override(f"proxy.config.http.{name}", 0) for name in ("cache.http", "insert_age_in_response")]
        policy, settings = read_overridden(records, overrides, (ListenPort(port=1),), PREFIX)
        self.assertEqual((policy.http, policy.max_stale_age, settings.insert_age), (False, 7, False))
        self.assertTrue(read_caching(records).value.http)
