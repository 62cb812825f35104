"""volume.config."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.config.line_laws import any_lines
from tests.config.storage_laws import FieldLaws
from tsnode.config.volume import FIELDS, parse_volume
from tsnode.model.storage import UNIT, Share, Volume
from tsnode.testing.config_storage import render_volume, volumes

FAULTS = (
    ("volume=0 scheme=http size=128", 8), ("volume=256 scheme=http size=128", 8), ("volume=1 scheme=rtsp size=128", 17),
    ("volume=1 scheme=http size=100", 27), ("volume=1 scheme=http size=0%", 27), ("volume=1 scheme=http size=101%", 27),
    ("volume=1 scheme=http", 1), ("volume=1 scheme=http size=%", 27), ("volume=1 scheme=http size=128 ramcache=no", 40),
    ("volume=1 shceme=http size=128", 10), ("volume", 1),
)  # fmt: skip


class Lines(FieldLaws):
    def test_sizes_are_shares_or_megabytes(self) -> None:
        reading = parse_volume("v", "volume=1 scheme=http size=50%\nsize=256 ramcache=false scheme=HTTP volume=2\n")
        self.assert_found((*reading.errors, *reading.warnings), [])
        self.assertEqual(reading.value, (
            Volume(number=1, size=Share(50)), Volume(number=2, size=2 * UNIT, ram_cache=False),
        ))  # fmt: skip

    def test_the_manual_s_volume_for_https_is_one_for_http(self) -> None:
        """Traffic Server 8, volume.config, "Examples"."""
        reading = parse_volume("v", "volume=1 scheme=http size=50%\nvolume=2 scheme=https size=50%\n")
        self.assert_found(reading.warnings, [("v:2:17", "https is taken for http", "http")])
        self.assertEqual([volume.size for volume in reading.value], [Share(50), Share(50)])

    def test_the_share_that_makes_it_more_than_all_is_refused(self) -> None:
        text = "volume=1 scheme=http size=60%\nvolume=2 scheme=http size=41%\nvolume=3 scheme=http size=40%\n"
        reading = parse_volume("v", text)
        self.assert_found(reading.errors, [("v:2:27", "the volumes up to here have 101 %", "at most 100 %")])
        self.assertEqual([volume.number for volume in reading.value], [1, 3])

    def test_a_number_that_is_there_already_is_told_with_its_line(self) -> None:
        reading = parse_volume("v", "volume=1 scheme=http size=128\nvolume=1 scheme=http size=256\n")
        self.assert_found(reading.errors, [("v:2:8", "volume 1 is in line 1, too", "each volume once")])

    def test_the_table_has_every_field_with_an_example_that_loads(self) -> None:
        """The line of all examples is one."""
        self.assert_found(parse_volume("v", " ".join(tag.example for tag in FIELDS)).errors, [])

    @given(volumes())
    def test_what_was_written_is_read(self, found: tuple[Volume, ...]) -> None:
        self.assert_written(parse_volume, found, render_volume(found))

    @given(volumes(), st.sampled_from(FAULTS), st.integers(0, 9))
    def test_a_faulty_line_changes_no_other(self, found: tuple[Volume, ...], faulty: tuple[str, int], at: int) -> None:
        self.assert_alone(parse_volume, render_volume(found), faulty, at)

    @given(any_lines(("volume", "scheme", "size", "http", "50%", "128")))
    def test_any_text_is_read_or_refused(self, text: str) -> None:
        self.assert_total(parse_volume, text)
