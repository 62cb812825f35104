"""storage.config: the folders, files and partitions that hold the cache."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from tsnode.config.cursor import Span, read_lines, split_words
from tsnode.config.grammar import Label, Tag
from tsnode.config.line_fields import Fields, read_number
from tsnode.config.reading import Findings, Reading
from tsnode.model.errors import ConfigError
from tsnode.model.storage import UNIT, Storage

__all__ = ["FIELDS", "MOST_VOLUMES", "check_folders", "parse_storage"]

MOST_VOLUMES = 255
"""The largest number of a volume."""

_SIZE = re.compile("([0-9]{1,18})([KMGT]?)", re.IGNORECASE)
_SHIFTS = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}

PATH = Tag("path", "a folder, file or partition", "", "What holds a part of the cache; relative to the prefix.",
           "/var/cache/tsnode 256M")  # fmt: skip
SIZE = Tag("size", "octets, or a number with K, M, G or T", "all of a file or partition",
           "How much of it; a folder has to have one.", "/var/cache/tsnode 134217728")  # fmt: skip
SEED = Label(
    Tag("id", "any word, another one on each line", "the path",
        "What spreads objects over storages instead of the path.", "/dev/sdb id=disk.0"),
    lambda value: value.text,
)  # fmt: skip
VOLUME = Label(
    Tag("volume", f"1 to {MOST_VOLUMES}", "any", "The volume of volume.config that all of it belongs to.",
        "/dev/sdb volume=1"),
    lambda value: read_number(value, 1, MOST_VOLUMES, "volume"),
)  # fmt: skip

FIELDS = (PATH, SIZE, SEED.tag, VOLUME.tag)
"""Everything that a line of storage.config may say."""


def parse_storage(file: str, text: str) -> Reading[tuple[Storage, ...]]:
    """
    The storages of a file in their order, less the faulty lines.

    Source: Traffic Server, storage.config; ``iocore/cache/Store.cc``.
    """
    findings = Findings()
    paths: dict[str, Storage] = {}
    seeds: dict[str, Storage] = {}
    for line in read_lines(file, text):
        storage = findings.attempt(_read_line, line, paths, seeds, findings)
        if storage is not None:
            paths[storage.path] = storage
            if storage.seed:
                seeds[storage.seed] = storage
    return findings.reading(tuple(paths.values()))


def _read_line(
    line: Span, paths: Mapping[str, Storage], seeds: Mapping[str, Storage], findings: Findings
) -> Storage:
    path, *words = split_words(line)
    fields = Fields(line, (SEED, VOLUME), findings)
    octets: int | None = None
    for word in words:
        if "=" in word.text:
            fields.read(word)
        elif octets is not None:
            raise word.error("there are two sizes", "one size, and fields such as volume=1")
        else:
            octets = _read_size(word)
    storage = Storage(
        path=path.text, octets=octets, seed=fields.get(SEED) or "", volume=fields.get(VOLUME), place=line.place
    )
    other = paths.get(storage.path)
    if other is not None:
        raise path.error(f"{storage.path!r} is in line {other.place.line}, too", "each path once")
    other = seeds.get(storage.seed)
    if other is not None:
        raise fields.span(SEED).error(f"id {storage.seed!r} is in line {other.place.line}, too", "each id once")
    if octets is not None and octets < UNIT:
        findings.warnings.append(line.error("is smaller than Traffic Server's manual allows", "128M or more"))
    return storage


def _read_size(word: Span) -> int:
    found = _SIZE.fullmatch(word.text)
    if found is None or int(found[1]) == 0:
        raise word.error(f"{word.text!r} is no size", "octets, or a number with K, M, G or T")
    return int(found[1]) << _SHIFTS[found[2].upper()]


def check_folders(storages: Iterable[Storage], is_folder: Callable[[str], bool]) -> Reading[tuple[Storage, ...]]:
    """The storages without the folders that have no size. Whoever calls knows which paths are folders."""
    findings = Findings()
    found = []
    for storage in storages:
        if storage.octets is None and is_folder(storage.path):
            problem = f"the folder {storage.path!r} has no size"
            findings.errors.append(ConfigError(storage.place, problem, "one, such as 256M"))
        else:
            found.append(storage)
    return findings.reading(tuple(found))
