"""Hypothesis strategies for storage.config, volume.config and hosting.config, and how their values are written."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis.strategies import (
    DrawFn,
    SearchStrategy,
    booleans,
    builds,
    composite,
    integers,
    just,
    lists,
    none,
    sampled_from,
)

from tsnode.model.storage import UNIT, HostingKind, HostingRule, Share, Storage, Volume

__all__ = ["hosting_rules", "render_hosting", "render_storage", "render_volume", "storages", "volumes"]

_MEGABYTE = 2**20


def storages(most: int = 5) -> SearchStrategy[tuple[Storage, ...]]:
    """The storages of a file, each with its own path and, where it has one, its own seed."""
    storage = builds(
        Storage,
        path=sampled_from(["/var/cache", "/dev/sdb", ".", "rel/folder", "/dev/disk/by-id/a[1]"]),
        octets=none() | integers(UNIT, 2**50),
        seed=just("") | sampled_from(["disk.0", "disk.1", "x"]),
        volume=none() | integers(1, 255),
    )
    return lists(storage, max_size=most, unique_by=(lambda each: each.path, lambda each: each.seed or each.path)).map(
        tuple
    )


@composite
def volumes(draw: DrawFn, most: int = 5) -> tuple[Volume, ...]:
    """The volumes of a file, with shares of 100 % at the most."""
    left = 100
    found = []
    for number in draw(lists(integers(1, 255), max_size=most, unique=True)):
        size: Share | int = draw(integers(1, 9)) * UNIT
        if left and draw(booleans()):
            size = Share(draw(integers(1, left)))
            left -= size.percent
        found.append(Volume(number=number, size=size, ram_cache=draw(booleans())))
    return tuple(found)


def hosting_rules(most: int = 5) -> SearchStrategy[tuple[HostingRule, ...]]:
    """The rules of a file, at most one for each host and domain."""
    names = sampled_from(["a.example", "www.a.example", "b", "example", "10.0.0.1"])
    numbers = lists(integers(1, 255), min_size=1, max_size=3, unique=True).map(tuple)
    rule = builds(HostingRule, kind=sampled_from(HostingKind), name=names, volumes=numbers)
    others = builds(HostingRule, kind=just(HostingKind.HOST), name=just("*"), volumes=numbers)
    return lists(rule | others, max_size=most, unique_by=lambda each: (each.kind, each.name)).map(tuple)


def render_storage(found: Iterable[Storage]) -> str:
    """A file with these storages."""
    lines = []
    for storage in found:
        words = [storage.path]
        if storage.octets is not None:
            words.append(str(storage.octets))
        if storage.seed:
            words.append(f"id={storage.seed}")
        if storage.volume is not None:
            words.append(f"volume={storage.volume}")
        lines.append(" ".join(words) + "\n")
    return "".join(lines)


def render_volume(found: Iterable[Volume]) -> str:
    """A file with these volumes."""
    lines = []
    for volume in found:
        size = f"{volume.size.percent}%" if isinstance(volume.size, Share) else str(volume.size // _MEGABYTE)
        memory = "" if volume.ram_cache else " ramcache=false"
        lines.append(f"volume={volume.number} scheme=http size={size}{memory}\n")
    return "".join(lines)


def render_hosting(rules: Iterable[HostingRule]) -> str:
    """A file with these rules."""
    return "".join(f"{rule.kind.value}={rule.name} volume={','.join(map(str, rule.volumes))}\n" for rule in rules)
