"""The variables about Scheduled Update."""

from __future__ import annotations

from tsnode.config.catalogue import Integer, Text, Topic, flag, record

__all__ = ["UPDATE"]

UPDATE = Topic("Scheduled Update", (
    record("update.enabled", flag(), default=0, effective=False,
           text="Whether URLs are brought up to date in the cache at set times."),
    record("update.update_configuration", Text(r"[^\x00-\x1f\x7f]+", "a file name"), default="update.config",
           text="The file that says which URLs, and when."),
    record("update.force", flag(), default=0, effective=False,
           text="Whether all of them are updated over and over, whatever their times."),
    record("update.retry_count", Integer(0), default=10, effective=False,
           text="How often a URL is tried again that could not be updated."),
    record("update.retry_interval", Integer(0, unit="s"), default=2, effective=False,
           text="How long after the last try."),
    record("update.concurrent_updates", Integer(1), default=100, effective=False,
           text="How many URLs are updated at a time."),
    record("update.max_update_state_machines", Integer(1), default=500, effective=False,
           text="A second limit to that; the lower one holds."),
    record("update.memory_use_mb", Integer(0, unit="MB"), default=50, effective=False,
           text="Traffic Server reads it and does not use it either."),
))  # fmt: skip
