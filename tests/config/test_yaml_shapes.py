"""What YAML files have in common."""

from __future__ import annotations

import yaml

from tests.config.shape import Messages
from tsnode.config.yaml_nodes import YamlText
from tsnode.config.yaml_shapes import YamlReader, is_empty


class Shapes(Messages):
    def read(self, text: str) -> tuple[YamlReader, dict[str, yaml.Node]]:
        document = YamlText("y", text)
        reader = YamlReader(document)
        root = document.compose()
        assert root is not None
        return reader, reader.mapping(root, ("name", "count", "list"))

    def test_a_key_is_known_and_there_once(self) -> None:
        reader, parts = self.read("name: 1\nname: 2\nnmae: 3\nzzzzzz: 4\n[a]: 5")
        self.assertEqual(list(parts), ["name"])
        self.assert_found(reader.findings.errors, [
            ("y:2:1", "'name' is there twice", "each key once"),
            ("y:3:1", "unknown key 'nmae'", "name"),
            ("y:4:1", "unknown key 'zzzzzz'", "name, count, list"),
            ("y:5:1", "unknown key ''", "name, count, list"),
        ])  # fmt: skip

    def test_a_text_is_one_value(self) -> None:
        reader, parts = self.read("name: x\nlist: [y]\n")
        self.assertEqual([reader.text(parts, name) for name in ("name", "list", "count")], ["x", None, None])
        self.assert_found(reader.findings.errors, [("y:2:7", "list is not a text", "one value")])

    def test_a_number_out_of_range_is_left_out_with_a_warning(self) -> None:
        for written, number in (("3", 3), ("1", None), ("9", None), ("x", None)):
            reader, parts = self.read(f"count: {written}")
            self.assertEqual(reader.number(parts, "count", 2, 8), number)
            self.assertEqual(len(reader.findings.errors), written == "x")
        reader, parts = self.read("count: 9")
        reader.number(parts, "count", 2, 8)
        self.assert_found(reader.findings.warnings, [("y:1:8", "count cannot be 9, and is left out", "2 to 8")])
        self.assertIsNone(reader.number({}, "count", 2))

    def test_a_list_may_be_missing_or_empty(self) -> None:
        for text in ("list:", "list: []", "name: x"):
            reader, parts = self.read(text)
            self.assertEqual(list(reader.items(parts.get("list"), "list", "things")), [])
            self.assert_found(reader.findings.errors, [])
        reader, parts = self.read("list: {a: b}")
        self.assertEqual(list(reader.items(parts["list"], "list", "things")), [])
        self.assert_found(reader.findings.errors, [("y:1:7", "list is not a list", "things")])

    def test_nothing_is_written_where_no_scalar_is(self) -> None:
        _, parts = self.read("name:\ncount: ''\nlist: []\n")
        self.assertEqual([is_empty(parts[name]) for name in ("name", "count", "list")], [True, True, False])
