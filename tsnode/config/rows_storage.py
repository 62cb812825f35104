"""The variables that name the files about storage."""

from __future__ import annotations

from tsnode.config.catalogue import Text, Topic, record

__all__ = ["STORAGE"]

_FILE = Text(r"[^\x00-\x1f\x7f]+", "a file name")

STORAGE = Topic("Storage", (
    record("cache.storage_filename", _FILE, default="storage.config", effective=False,
           text="The file that says which folders and partitions hold the cache."),
    record("cache.volume_filename", _FILE, default="volume.config", effective=False,
           text="The file that says how the cache is divided."),
    record("cache.hosting_filename", _FILE, default="hosting.config", effective=False,
           text="The file that says which hosts each part is for."),
))  # fmt: skip
