"""The manual's lists of what the files may say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from twisted.trial.unittest import SynchronousTestCase

from tsnode.config.cache import parse_cache
from tsnode.config.congestion import parse_congestion
from tsnode.config.grammar import Tag
from tsnode.config.hosting import parse_hosting
from tsnode.config.icp import parse_icp
from tsnode.config.ip_allow import parse_ip_allow
from tsnode.config.ip_allow_lines import parse_ip_allow_lines
from tsnode.config.logging_yaml import parse_logging
from tsnode.config.parent import parse_parent
from tsnode.config.reading import Reading
from tsnode.config.reference_files import TABLES, render_file
from tsnode.config.remap import parse_remap
from tsnode.config.rows import RECORDS
from tsnode.config.ssl_multicert import parse_ssl_multicert
from tsnode.config.storage import parse_storage
from tsnode.config.update import parse_update
from tsnode.config.volume import parse_volume

Parse = Callable[[str, str], Reading[object]]


def fields_of(separator: str, end: str = "") -> Callable[[Sequence[Tag], Tag], str]:
    """A line of fields in a fixed order: the example of each."""
    return lambda tags, _: separator.join(tag.example for tag in tags) + end


def matcher(*actions: str) -> Callable[[Sequence[Tag], Tag], str]:
    """A line with a destination, the example, and the first of ``actions`` that the example is none of."""

    def complete(tags: Sequence[Tag], tag: Tag) -> str:
        destination = "" if tag.name.startswith(("dest_", "url", "host_")) else "dest_domain=. "
        action = "" if tag.name in {word.partition("=")[0] for word in actions} else f" {actions[0]}"
        return f"{destination}{tag.example}{action}"

    return complete


def whole(_: Sequence[Tag], tag: Tag) -> str:
    """The example is a line."""
    return tag.example


def one_of(*words: str) -> Callable[[Sequence[Tag], Tag], str]:
    """A line of these words, with the example instead of the one of its name."""

    def complete(_: Sequence[Tag], tag: Tag) -> str:
        return " ".join([tag.example, *(word for word in words if word.partition("=")[0] != tag.name)])

    return complete


def entry(before: str, *keys: str, after: str = "") -> Callable[[Sequence[Tag], Tag], str]:
    """An entry of a YAML list with these keys, with the example instead of the one of its name."""

    def complete(_: Sequence[Tag], tag: Tag) -> str:
        others = [key for key in keys if key.partition(":")[0] != tag.name]
        return before + "\n      ".join([f"    - {tag.example}", *others]) + "\n" + after

    return complete


FORMATS = "  formats:\n    - {name: minimal, format: '%<chi>'}\n"
FILTERS = "  filters:\n    - {name: posts, action: accept, condition: cqhm MATCH POST}\n"
LINES: Mapping[tuple[str, str], tuple[Parse, Callable[[Sequence[Tag], Tag], str]]] = {
    ("parent.config", ""): (parse_parent, matcher('parent="p9:8080"')),
    ("cache.config", ""): (
        parse_cache, matcher("action=never-cache", "revalidate=1d", "ttl-in-cache=1d", "pin-in-cache=1d")
    ),
    ("congestion.config", ""): (parse_congestion, matcher("max_connection=9")),
    ("remap.config", ""): (lambda name, text: parse_remap(name, text, RECORDS), whole),
    ("ip_allow.yaml", "Keys"): (
        parse_ip_allow, entry("ip_allow:\n", "apply: in", "ip_addrs: 0/0", "action: deny", "methods: ALL")
    ),
    ("ip_allow.yaml", "ip_allow.config"): (parse_ip_allow_lines, whole),
    ("icp.config", ""): (parse_icp, fields_of("|", "|")),
    ("update.config", ""): (parse_update, fields_of("\\", "\\")),
    ("storage.config", ""): (parse_storage, whole),
    ("volume.config", ""): (parse_volume, one_of("volume=9", "scheme=http", "size=10%")),
    ("hosting.config", ""): (parse_hosting, whole),
    ("ssl_multicert.config", ""): (parse_ssl_multicert, whole),
    ("logging.yaml", "Formats"): (parse_logging, entry("logging:\n  formats:\n", "name: a", "format: '%<chi>'")),
    ("logging.yaml", "Filters"): (
        parse_logging, entry("logging:\n  filters:\n", "name: a", "action: reject", "condition: pssc MATCH 200")
    ),
    ("logging.yaml", "Logs"): (
        parse_logging, entry(f"logging:\n{FORMATS}{FILTERS}  logs:\n", "filename: a", "format: minimal")
    ),
}  # fmt: skip
"""How an example of a file, or of a section of it, becomes a text that can be read."""


class Tables(SynchronousTestCase):
    def test_every_tag_of_a_file_has_one_place_in_its_page(self) -> None:
        for name, sections in TABLES.items():
            lines = Counter(render_file(name).split("\n"))
            for title, tags in sections.items():
                self.assertEqual(lines[title], 1, name)
                # a key of ip_allow.yaml has the name of a label of ip_allow.config, formats and logs have names
                wanted = Counter(tag.name for others in sections.values() for tag in others)
                for tag in tags:
                    self.assertEqual(lines[f"``{tag.name}``"], wanted[tag.name], f"{name}: {tag.name}")
                    self.assertTrue(lines[f"        {tag.example}"], f"{name}: {tag.name}")

    def test_no_section_is_empty_or_has_a_tag_twice(self) -> None:
        for name, sections in TABLES.items():
            for title, tags in sections.items():
                self.assertTrue(tags, name)
                self.assertEqual(len({tag.name for tag in tags}), len(tags), f"{name}: {title}")

    def test_every_tag_is_told_in_sentences_with_its_values_and_an_example(self) -> None:
        for name, sections in TABLES.items():
            for tag in (tag for tags in sections.values() for tag in tags):
                self.assertTrue(tag.text.endswith(".") and tag.values and tag.example, f"{name}: {tag.name}")

    def test_every_example_loads_without_an_error(self) -> None:
        for name, sections in TABLES.items():
            for title, tags in sections.items():
                parse, complete = LINES.get((name, title)) or LINES[name, ""]
                for tag in tags:
                    text = complete(tags, tag)
                    self.assertIn(tag.example, text)
                    reading = parse(name, text)
                    self.assertEqual([str(error) for error in reading.errors], [], text)
                    self.assertTrue(reading.value, text)
