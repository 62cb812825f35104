"""YAML with places."""

from __future__ import annotations

import contextlib

import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.config.shape import Messages
from tsnode.config.yaml_nodes import Scalar, YamlText
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
            ("a\n---\nb", "y:3:1", "this is another document"),
            ("a: 1\nb: \x01", "y:2:4", "this is not YAML: control characters are not allowed"),
        ):
            fault = self.fault(text)
            self.assertEqual((str(fault.place), fault.problem), (place, problem))
            self.assert_marked([fault], text)

    def test_a_fault_behind_the_end_is_marked_at_the_end(self) -> None:
        problem = "this is not YAML: did not find expected node content"
        self.assertEqual(str(self.fault("a: [1,")), f"y:1:7: {problem}\n  a: [1,\n        ^")
        self.assertEqual(str(self.fault("a: [1,\n")), f"y:2:1: {problem}\n  \n  ^")

    def test_there_may_be_several_documents(self) -> None:
        roots = YamlText("y", "a\n---\nb\n").compose_all()
        self.assertEqual([root.value for root in roots], ["a", "b"])

    def test_aliases_are_followed_as_far_as_a_configuration_needs(self) -> None:
        root = YamlText("y", "a: &x [1, 2]\nb: *x\nc: *x\n").compose()
        assert isinstance(root, yaml.MappingNode)
        self.assertEqual(len({id(value) for _, value in root.value}), 1)

    def test_what_aliases_repeat_is_bounded(self) -> None:
        """The billion laughs."""
        lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
        lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
        fault = self.fault("\n".join(lines))
        self.assertEqual(fault.problem, "there are more than 200000 nodes, by aliases")
        self.assertEqual(str(fault.place), "y:6:5")

    def test_how_deep_aliases_lead_is_bounded(self) -> None:
        lines = ["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 5000))]
        self.assertEqual(self.fault("\n".join(lines)).problem, "this is nested too deeply, by its aliases")

    def test_nothing_is_part_of_itself(self) -> None:
        for text in ("a: &x [*x]", "&x {a: {b: *x}}", "&x {*x : 1}"):
            self.assertEqual(self.fault(text).problem, "this is part of itself, by an alias")

    def test_size_is_bounded(self) -> None:
        self.assertEqual(self.fault("- x\n" * 200_001).problem, "there are more than 200000 nodes")
        self.assertEqual(self.fault("#" * (9 << 20)).problem, "is longer than 8388608 characters")

    def test_nesting_is_bounded(self) -> None:
        """The parser below would crash."""
        for text in ("[" * 30000, "- " * 30000, "{a: " * 30000):
            self.assertEqual(self.fault(text).problem, "this is nested too deeply")
        self.assertIsNotNone(YamlText("y", "[" * 20 + "]" * 20 + "\n").compose())

    @given(st.text(max_size=40) | st.text("[]{}:,&*!|>-?%@'\"# \nab\x85\u2028", max_size=40))
    def test_any_text_is_a_document_or_refused(self, text: str) -> None:
        with contextlib.suppress(ConfigError):
            YamlText("y", text).compose()


class Scalars(Messages):
    """A part of a scalar is found in the file, however the scalar is written."""

    def scalar(self, text: str) -> Scalar:
        document = YamlText("y", text)
        root = document.compose()
        assert isinstance(root, yaml.MappingNode)
        return document.scalar(root.value[0][1])

    def test_a_part_is_marked_where_it_stands(self) -> None:
        for text, line, column in (
            ("a: x yz", 1, 6), ("a: 'x yz'", 1, 7), ('a: "x yz"', 1, 7), ("a: >-\n  x\n  yz\n", 3, 3),
            ("a: |\n  x\n\n  yz\n", 4, 3), ("a: 'x\n\n   yz'", 3, 4), ("a: x\r\n  yz\r\n", 2, 3),
        ):  # fmt: skip
            scalar = self.scalar(text)
            start = scalar.text.index("z")
            part = scalar.part(start, start + 1)
            self.assertEqual((part.text, part.place.line, part.place.column), ("z", line, column + 1), text)

    def test_a_part_that_is_written_otherwise_has_the_place_of_the_whole(self) -> None:
        scalar = self.scalar('a: "x \\x79z w"')
        self.assertEqual([str(scalar.part(at, at + 1).place) for at in (0, 2, 5)], ["y:1:5", "y:1:4", "y:1:4"])

    def test_blanks_before_all_words_have_the_place_of_the_whole(self) -> None:
        self.assertEqual(str(self.scalar("a: '  x'").part(0, 1).place), "y:1:4")

    def test_the_last_word_takes_the_rest(self) -> None:
        words = self.scalar("a: ' x  y z  w '").words(3)
        self.assertEqual([(word.text, word.place.column) for word in words], [("x", 6), ("y", 9), ("z  w", 11)])
        self.assertEqual(self.scalar("a: ' '").words(3), ())

    @given(st.text("ab %<>é:'#", max_size=20), st.sampled_from(["plain", "single", "double", "literal", "folded"]))
    def test_whatever_its_style_a_word_is_found_or_has_the_place_of_the_whole(self, value: str, style: str) -> None:
        written = yaml.dump({"k": value}, allow_unicode=True, width=5, default_style=STYLES[style])
        scalar = self.scalar(written)
        for word in scalar.words(99)[:-1]:
            quoted = written.split("\n")[word.place.line - 1][word.place.column - 1 :]
            self.assertTrue(quoted.startswith(word.text) or word.place == scalar.whole.place, written)


STYLES = {"plain": None, "single": "'", "double": '"', "literal": "|", "folded": ">"}
