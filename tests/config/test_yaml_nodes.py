"""YAML with places."""

from __future__ import annotations

import contextlib

import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.config.shape import Messages
from tsnode.config.yaml_nodes import YamlText
from tsnode.model.errors import ConfigError


class Documents(Messages):
    def fault(self, text: str) -> ConfigError:
        fault = self.assertRaises(ConfigError, YamlText("y", text).compose)
        assert isinstance(fault, ConfigError)
        return fault

    def test_nothing_is_none(self) -> None:
        for text in ("", "# x\n", "\n\n"):
            self.assertIsNone(YamlText("y", text).compose())

    def test_a_scalar_has_its_text_and_its_place(self) -> None:
        document = YamlText("y", "# x\r\na: 'b c'\r\n")
        root = document.compose()
        assert isinstance(root, yaml.MappingNode)
        ((key, value),) = root.value
        self.assertEqual(str(document.span(value).error("odd")), "y:2:4: odd\n  a: 'b c'\n     ^")
        self.assertEqual((document.span(key).text, document.span(value).text), ("a", "b c"))
        self.assertEqual(document.span(root).text, "")

    def test_faults_of_each_stage_have_a_place(self) -> None:
        for text, place, problem in (
            ("a: [1,\n}", "y:2:1", "this is not YAML: did not find expected node content"),
            ("a: *b", "y:1:4", "this is not YAML: found undefined alias"),
            ("a\n---\nb", "y:2:1", "this is not YAML: but found another document"),
            ("a: 1\nb: \x01", "y:2:4", "this is not YAML: control characters are not allowed"),
        ):
            fault = self.fault(text)
            self.assertEqual((str(fault.place), fault.problem), (place, problem))
            self.assert_marked([fault], text)

    def test_a_fault_behind_the_end_is_marked_at_the_end(self) -> None:
        problem = "this is not YAML: did not find expected node content"
        self.assertEqual(str(self.fault("a: [1,")), f"y:1:7: {problem}\n  a: [1,\n        ^")
        self.assertEqual(str(self.fault("a: [1,\n")), f"y:2:1: {problem}\n  \n  ^")

    def test_nesting_is_bounded(self) -> None:
        """The parser below would crash."""
        for text in ("[" * 30000, "- " * 30000, "{a: " * 30000):
            self.assertEqual(self.fault(text).problem, "this is nested too deeply")
        self.assertIsNotNone(YamlText("y", "[" * 20 + "]" * 20 + "\n").compose())

    @given(st.text(max_size=40) | st.text("[]{}:,&*!|>-?%@'\"# \nab\x85\u2028", max_size=40))
    def test_any_text_is_a_document_or_refused(self, text: str) -> None:
        with contextlib.suppress(ConfigError):
            YamlText("y", text).compose()
