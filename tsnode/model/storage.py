"""Where a cache is kept, how it is divided into volumes, and which hosts each of them is for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import assert_never

from tsnode.model.errors import Place

__all__ = ["UNIT", "Hosting", "HostingKind", "HostingRule", "Share", "Storage", "Volume", "divide"]

UNIT = 128 * 2**20
"""Octets that the size of every volume is a multiple of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """
    A folder, file or partition that holds a part of the cache.

    ``octets`` is None for all that there is. ``seed`` takes the place of the path where objects are spread over
    storages; empty where the path does it. ``volume`` is None where it may belong to any.
    """

    path: str
    octets: int | None = None
    seed: str = ""
    volume: int | None = None
    place: Place = field(default=Place("storage.config"), compare=False)


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the whole cache in percent."""

    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A part of the cache: a share of it, or octets. ``ram_cache``: its objects may be kept in memory as well."""

    number: int
    size: Share | int
    ram_cache: bool = True
    place: Place = field(default=Place("volume.config"), compare=False)


class HostingKind(Enum):
    """Which hosts a line is for; the value is its tag."""

    HOST = "hostname"
    DOMAIN = "domain"


@dataclass(frozen=True, slots=True, kw_only=True)
class HostingRule:
    """Volumes for a host, or for a domain with all hosts in it. The host ``*`` is every other one."""

    kind: HostingKind
    name: str
    volumes: tuple[int, ...]
    place: Place = field(default=Place("hosting.config"), compare=False)


def divide(volumes: Iterable[Volume], total: int) -> Mapping[int, int]:
    """
    How many of ``total`` octets each volume has.

    Shares are of the whole and rounded down to the unit. A volume that finds less than it asks for has what is left.

    Source: Traffic Server, volume.config.
    """
    left = total // UNIT * UNIT
    found: dict[int, int] = {}
    for volume in volumes:
        match volume.size:
            case Share(percent):
                wanted = total * percent // 100
            case int() as wanted:
                pass
            case impossible:
                assert_never(impossible)
        found[volume.number] = min(wanted // UNIT * UNIT, left)
        left -= found[volume.number]
    return found


class Hosting:
    """
    Rules that say which volumes a host's answers are kept in.

    A host's own line counts, else the one of the longest domain that it is in, else the one for all others.

    Source: Traffic Server, hosting.config.
    """

    def __init__(self, rules: Iterable[HostingRule] = ()) -> None:
        self.rules = tuple(rules)
        self._hosts = {rule.name: rule for rule in self.rules if rule.kind is HostingKind.HOST}
        self._domains = {rule.name: rule for rule in self.rules if rule.kind is HostingKind.DOMAIN}

    def volumes_for(self, host: str) -> tuple[int, ...]:
        """The volumes for a host; none where no line says it, which is to say all."""
        name = host.lower().removesuffix(".")
        rule = self._hosts.get(name)
        while rule is None and name:
            rule = self._domains.get(name)
            name = name.partition(".")[2]
        rule = rule or self._hosts.get("*")
        return () if rule is None else rule.volumes
