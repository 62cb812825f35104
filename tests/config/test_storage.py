"""storage.config."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.config.line_laws import any_lines
from tests.config.storage_laws import FieldLaws
from tsnode.config.storage import FIELDS, check_folders, parse_storage
from tsnode.model.storage import UNIT, Storage
from tsnode.testing.config_storage import render_storage, storages

FAULTS = (("/x 1X", 4), ("/x 0", 4), ("/x 1G 2G", 7), ("/x vol=1", 4), ("/x volume=256", 11), ("/x id=a id=b", 9))


class Lines(FieldLaws):
    def test_the_examples_of_the_manual_are_read(self) -> None:
        """Traffic Server, storage.config, "Examples"."""
        reading = parse_storage(
            "s", "/big_dir 134217728\n. 134217728\n/really_big_dir 64G\n/dev/rdsk/c0t0d0s5\n"
            "/dev/sde id=cache.disk.0\n/dev/disk/by-id/[DiskA_ID]    volume=1\n",
        )  # fmt: skip
        self.assert_found((*reading.errors, *reading.warnings), [])
        self.assertEqual(reading.value, (
            Storage(path="/big_dir", octets=UNIT), Storage(path=".", octets=UNIT),
            Storage(path="/really_big_dir", octets=2**36), Storage(path="/dev/rdsk/c0t0d0s5"),
            Storage(path="/dev/sde", seed="cache.disk.0"), Storage(path="/dev/disk/by-id/[DiskA_ID]", volume=1),
        ))  # fmt: skip

    def test_what_stands_behind_the_path_has_any_order(self) -> None:
        first, second = parse_storage("s", "/a 256m volume=2 id=x"), parse_storage("s", "/a id=x volume=2 256M")
        self.assertEqual(first.value, second.value)

    def test_a_path_or_an_id_that_is_there_already_is_told_with_its_line(self) -> None:
        reading = parse_storage("s", "/a 1G id=x\n/a 2G\n/b id=x\n")
        self.assert_found(reading.errors, [
            ("s:2:1", "'/a' is in line 1, too", "each path once"),
            ("s:3:7", "id 'x' is in line 1, too", "each id once"),
        ])  # fmt: skip

    def test_a_small_one_is_taken_with_a_warning(self) -> None:
        """Traffic Server takes it, although its manual asks for 128 MB."""
        reading = parse_storage("s", "/a 32M\n")
        self.assertEqual(reading.value, (Storage(path="/a", octets=2**25),))
        self.assert_found(
            reading.warnings, [("s:1:1", "is smaller than Traffic Server's manual allows", "128M or more")]
        )

    def test_a_folder_has_to_have_a_size(self) -> None:
        found = parse_storage("s", "/file\n/folder\n/folder2 1G\n").value
        reading = check_folders(found, lambda path: path.startswith("/folder"))
        self.assert_found(reading.errors, [("s:2:1", "the folder '/folder' has no size", "one, such as 256M")])
        self.assertEqual([storage.path for storage in reading.value], ["/file", "/folder2"])

    def test_the_table_has_every_field_with_an_example_that_loads(self) -> None:
        for tag in FIELDS:
            self.assert_found(parse_storage("s", tag.example).errors, [])

    @given(storages())
    def test_what_was_written_is_read(self, found: tuple[Storage, ...]) -> None:
        self.assert_written(parse_storage, found, render_storage(found))

    @given(storages(), st.sampled_from(FAULTS), st.integers(0, 9))
    def test_a_faulty_line_changes_no_other(
        self, found: tuple[Storage, ...], faulty: tuple[str, int], at: int
    ) -> None:
        self.assert_alone(parse_storage, render_storage(found), faulty, at)

    @given(any_lines(("/a", "1G", "volume", "id", "7")))
    def test_any_text_is_read_or_refused(self, text: str) -> None:
        self.assert_total(parse_storage, text)
