"""What the manual lists of which configuration file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from tsnode.config import (
    cache,
    congestion,
    hosting,
    icp,
    ip_allow,
    ip_allow_lines,
    logging_keys,
    parent,
    remap_tags,
    ssl_multicert,
    storage,
    update,
    volume,
)
from tsnode.config.grammar import Tag
from tsnode.config.matcher_tags import DESTINATIONS, SPECIFIERS
from tsnode.config.reference import render_tags

__all__ = ["TABLES", "render_file"]

_DESTINATIONS = frozenset(label.name for label in DESTINATIONS)
_SPECIFIERS = frozenset(label.name for label in SPECIFIERS)


def _matcher(tags: Iterable[Tag], last: str) -> Mapping[str, tuple[Tag, ...]]:
    """The tags of a control-matcher file in three parts; ``last`` is the title of what the others do not have."""
    tags = tuple(tags)
    return {
        "Destinations": tuple(tag for tag in tags if tag.name in _DESTINATIONS),
        "Specifiers": tuple(tag for tag in tags if tag.name in _SPECIFIERS),
        last: tuple(tag for tag in tags if tag.name not in _DESTINATIONS | _SPECIFIERS),
    }


TABLES: Mapping[str, Mapping[str, tuple[Tag, ...]]] = MappingProxyType({
    "parent.config": _matcher(parent.TAGS, "Parents"),
    "cache.config": _matcher(cache.TAGS, "Actions"),
    "congestion.config": _matcher(congestion.TAGS, "Limits"),
    "remap.config": {"Rules": remap_tags.TYPES, "Options": remap_tags.OPTIONS},
    "ip_allow.yaml": {"Keys": ip_allow.KEYS, "ip_allow.config": ip_allow_lines.LABELS},
    "icp.config": {"Fields": icp.FIELDS},
    "update.config": {"Fields": update.FIELDS},
    "storage.config": {"Fields": storage.FIELDS},
    "volume.config": {"Fields": volume.FIELDS},
    "hosting.config": {"Fields": hosting.FIELDS},
    "ssl_multicert.config": {"Fields": ssl_multicert.FIELDS},
    "logging.yaml": {
        "Formats": logging_keys.FORMAT_KEYS,
        "Filters": logging_keys.FILTER_KEYS,
        "Logs": logging_keys.LOG_KEYS,
    },
})  # fmt: skip
"""The sections of each file's page, and the tags in them."""


def render_file(name: str) -> str:
    """The sections of a file's page, as reStructuredText."""
    return "\n".join(render_tags(title, tags) for title, tags in TABLES[name].items())
