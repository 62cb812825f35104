"""The ``@`` options of a mapping rule."""

from __future__ import annotations

from tests.config.shape import Messages
from tsnode.config.cursor import Span, split_words
from tsnode.config.reading import Findings
from tsnode.config.remap_options import Options, read_options
from tsnode.config.rows import RECORDS
from tsnode.model.addresses import AddressRange
from tsnode.model.errors import Place
from tsnode.routing.rules import ClientRange, MapFilter, Override

NEAR = AddressRange(4, 0x0A000000, 0x0AFFFFFF)


class OptionTests(Messages):
    def read(self, text: str) -> tuple[Options, Findings]:
        findings = Findings()
        return read_options(split_words(Span(text, Place("m", 1, 1, text))), RECORDS, findings), findings

    def right(self, text: str) -> Options:
        options, findings = self.read(text)
        self.assert_found(findings.errors, [])
        return options

    def wrong(self, text: str, place: str, problem: str, expected: str) -> None:
        _, findings = self.read(text)
        self.assert_found(findings.errors, [(place, problem, expected)])


class Filters(OptionTests):
    def test_no_options_are_no_filter(self) -> None:
        self.assertEqual(self.right(""), Options(None, ()))

    def test_action_method_and_addresses_make_a_filter(self) -> None:
        options = self.right("@ACTION=Deny @method=get @method=PURGE @src_ip=10.0.0.0/8 @src_ip=~10.0.0.0/8")
        ranges = (ClientRange(NEAR), ClientRange(NEAR, outside=True))
        self.assertEqual(options.filter, MapFilter(False, frozenset({b"GET", b"PURGE"}), ranges))

    def test_without_an_action_what_is_named_is_allowed(self) -> None:
        self.assertEqual(self.right("@method=get").filter, MapFilter(True, frozenset({b"GET"})))

    def test_an_action_may_stand_alone(self) -> None:
        self.assertEqual(self.right("@action=deny").filter, MapFilter(False))
        self.assertEqual(self.right("@action=allow").filter, MapFilter(True))

    def test_wrong_values_are_errors(self) -> None:
        self.wrong("@action=maybe", "m:1:9", "unknown action 'maybe'", "allow or deny")
        self.wrong("@action=deny @action=allow", "m:1:22", "a rule has one action", "action once")
        self.wrong("@method=a,b", "m:1:9", "'a,b' is no method", "ALL, or a method such as GET")
        self.wrong("@src_ip=~x", "m:1:10", "'x' is no range of addresses", "a, a-b or a/bits")
        self.wrong("@method=", "m:1:2", "'method=' has no value", "name=value")
        self.wrong("@method", "m:1:2", "'method' has no value", "name=value")
        self.wrong("@internal=true", "m:1:2", "unknown option 'internal'", "action, method, src_ip, plugin or pparam")
        self.wrong("@action=deny x", "m:1:14", "'x' is no option", "options, each with @")

    def test_a_filter_that_would_not_be_heeded_is_an_error(self) -> None:
        """Ignoring it would let in what it was to keep out."""
        problem = "in_ip is not supported yet, and what it keeps out would get in"
        self.wrong("@in_ip=10.0.0.1", "m:1:2", problem, "src_ip")


class Plugins(OptionTests):
    PLUGIN = "@plugin=conf_remap.so"

    def test_overrides_are_kept(self) -> None:
        name = "proxy.config.http.cache.required_headers"
        options, findings = self.read(f"{self.PLUGIN} @pparam={name}=2")
        self.assertEqual(options.overrides, (Override(name, 2),))
        self.assert_found([*findings.errors, *findings.warnings], [])

    def test_what_single_rules_cannot_change_is_told(self) -> None:
        timeout = "proxy.config.http.keep_alive_no_activity_timeout_in"
        _, findings = self.read(f"{self.PLUGIN} @pparam={timeout}=2")
        self.assert_found(findings.warnings, [("m:1:31", f"{timeout} is one for all rules", "records.config")])
        later = "proxy.config.http.parent_proxy.retry_time"
        _, findings = self.read(f"{self.PLUGIN} @pparam={later}=2")
        self.assert_found(findings.warnings, [("m:1:31", f"{later} is known, but has no effect yet", "")])

    def test_their_values_are_those_of_the_variable(self) -> None:
        name = "proxy.config.http.cache.heuristic_lm_factor"
        self.assertEqual(self.right(f"{self.PLUGIN} @pparam={name}=0.5").overrides, (Override(name, 0.5),))
        self.wrong(f"{self.PLUGIN} @pparam={name}=2", "m:1:75", f"{name} cannot be '2'", "0 to 1")
        self.wrong(f"{self.PLUGIN} @pparam={name}=x", "m:1:75", "'x' is not a decimal number", "digits and a point")

    def test_only_some_variables_can_be_overridden(self) -> None:
        name = "proxy.config.http.server_ports"
        self.wrong(f"{self.PLUGIN} @pparam={name}=1", "m:1:31",
                   f"{name} cannot have another value for single rules", "")  # fmt: skip
        for text in ("x=1", "proxy.config.http.cache.http"):
            shown = text.partition("=")[0]
            self.wrong(f"{self.PLUGIN} @pparam={text}", "m:1:31", f"'{shown}' is not a variable with a value",
                       "proxy.config.NAME=VALUE")  # fmt: skip

    def test_other_plugins_are_an_error_told_once(self) -> None:
        self.wrong("@plugin=x.so @pparam=a @pparam=b", "m:1:9", "plugin 'x.so' is not supported",
                   "conf_remap.so, which is built in")  # fmt: skip

    def test_a_parameter_needs_its_plugin_before_it(self) -> None:
        self.wrong("@pparam=a=b", "m:1:9", "a parameter belongs to the plugin before it", "@plugin=conf_remap.so first")
