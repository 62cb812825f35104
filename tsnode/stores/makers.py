"""The kinds of store there are, by the names that a configuration uses."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

from twisted.plugin import IPlugin, getPlugins
from zope.interface import implementer

from tsnode.model.errors import ConfigError, Place
from tsnode.model.settings import StoreSettings
from tsnode.ports import ICacheStore, ICacheStoreMaker
from tsnode.stores.absent import AbsentStore
from tsnode.stores.memory import MemoryStore
from tsnode.stores.pins import Pins

__all__ = ["AbsentMaker", "MemoryMaker", "automatic_size", "find_maker", "installed_makers", "physical_memory"]

_AUTOMATIC_MOST = 512 << 20
_MOST_ALTERNATES = 1000
"""How many alternates of a URL are kept where any number may be: each look-up goes through all of them."""


def physical_memory() -> int:
    """Octets of memory that this machine has."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def automatic_size(physical: int) -> int:
    """Octets that the memory store takes on a machine of ``physical`` octets where nothing is configured."""
    return min(physical // 16, _AUTOMATIC_MOST)


@implementer(IPlugin, ICacheStoreMaker)
class MemoryMaker:
    """Makes memory stores. ``physical`` tells how many octets of memory the machine has."""

    name = "memory"

    def __init__(self, physical: Callable[[], int]) -> None:
        self._physical = physical

    def make_store(self, settings: StoreSettings, at: Place, now: Callable[[], float]) -> ICacheStore:
        """See :class:`tsnode.ports.ICacheStoreMaker`; size -1 is as :func:`automatic_size` has it."""
        size = automatic_size(self._physical()) if settings.size == -1 else settings.size
        pins = Pins(int(size * settings.pinned_share), now)
        most = settings.max_alts or _MOST_ALTERNATES
        return MemoryStore(size, settings.cutoff, most, longest=settings.longest, pins=pins)


@implementer(IPlugin, ICacheStoreMaker)
class AbsentMaker:
    """Makes stores that store nothing."""

    name = "absent"

    def make_store(self, settings: StoreSettings, at: Place, now: Callable[[], float]) -> ICacheStore:
        """See :class:`tsnode.ports.ICacheStoreMaker`."""
        return AbsentStore()


def installed_makers() -> Iterable[ICacheStoreMaker]:
    """Every maker that is installed, ours and those of other packages."""
    return getPlugins(ICacheStoreMaker)


def find_maker(name: str, at: Place, makers: Iterable[ICacheStoreMaker]) -> ICacheStoreMaker:
    """
    The maker that the configuration calls ``name``.

    :raises ConfigError: where there is none.
    """
    known = {maker.name: maker for maker in makers}
    if name not in known:
        raise ConfigError(at, f"unknown store '{name}'", " or ".join(sorted(known)))
    return known[name]
