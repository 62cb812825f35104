"""hosting.config."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.config.line_laws import any_lines
from tests.config.storage_laws import FieldLaws
from tsnode.config.hosting import FIELDS, check_volumes, parse_hosting
from tsnode.model.storage import HostingKind, HostingRule, Volume
from tsnode.testing.config_storage import hosting_rules, render_hosting

FAULTS = (
    ("hostname=a/b volume=1", 10), ("hostname=x volume=1,1", 21), ("hostname=x volume=1,", 21), ("hostname=x", 1),
    ("volume=1", 1), ("hostname=x domain=x volume=1", 1), ("domain=* volume=1", 8), ("hostnam=x volume=1", 1),
    ("hostname=x volume=256", 19),
)  # fmt: skip


class Lines(FieldLaws):
    def test_the_example_of_the_manual_is_read(self) -> None:
        """Traffic Server, hosting.config, "Examples"."""
        text = "domain=mydomain.com volume=1\nhostname=WWW.myhost.com volume=2\nhostname=* volume=3,4\n"
        reading = parse_hosting("h", text)
        self.assert_found((*reading.errors, *reading.warnings), [])
        self.assertEqual(reading.value, (
            HostingRule(kind=HostingKind.DOMAIN, name="mydomain.com", volumes=(1,)),
            HostingRule(kind=HostingKind.HOST, name="www.myhost.com", volumes=(2,)),
            HostingRule(kind=HostingKind.HOST, name="*", volumes=(3, 4)),
        ))  # fmt: skip

    def test_each_host_and_each_domain_has_one_line(self) -> None:
        text = "hostname=a volume=1\ndomain=A. volume=1\nhostname=A volume=2\nhostname=* volume=1"
        reading = parse_hosting("h", text)
        self.assert_found(reading.errors, [("h:3:10", "hostname=a is in line 1, too", "each one once")])

    def test_a_file_without_a_line_for_all_others_has_a_warning(self) -> None:
        reading = parse_hosting("h", "hostname=a volume=1\n")
        self.assert_found(
            reading.warnings, [("h:1:1", "no line is for all other hosts", "hostname=* volume=… in another line")]
        )
        self.assertEqual(parse_hosting("h", "").warnings, ())

    def test_a_volume_that_is_not_there_is_told_of(self) -> None:
        rules = parse_hosting("h", "hostname=a volume=1\nhostname=* volume=1,2\n").value
        reading = check_volumes(rules, [Volume(number=1, size=128)])
        self.assert_found(reading.errors, [("h:2:1", "there is no volume 2", "one of volume.config")])
        self.assertEqual(reading.value, rules[:1])

    def test_the_table_has_every_field_with_an_example_that_loads(self) -> None:
        for tag in FIELDS:
            self.assert_found(parse_hosting("h", tag.example).errors, [])

    @given(hosting_rules())
    def test_what_was_written_is_read(self, rules: tuple[HostingRule, ...]) -> None:
        self.assert_written(parse_hosting, rules, render_hosting(rules))

    @given(hosting_rules(), st.sampled_from(FAULTS), st.integers(0, 9))
    def test_a_faulty_line_changes_no_other(
        self, rules: tuple[HostingRule, ...], faulty: tuple[str, int], at: int
    ) -> None:
        self.assert_alone(parse_hosting, render_hosting(rules), faulty, at)

    @given(any_lines(("hostname", "domain", "volume", "*", "1", ",")))
    def test_any_text_is_read_or_refused(self, text: str) -> None:
        self.assert_total(parse_hosting, text)
