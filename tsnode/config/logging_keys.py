"""The keys of logging.yaml. Tables, for the grammar and for the manual."""

from __future__ import annotations

from tsnode.config.grammar import Tag

__all__ = ["FILTER_KEYS", "FORMAT_KEYS", "LOG_KEYS"]

_AS_SET = "what the variable proxy.config.log.{} says"

FORMAT_KEYS = (
    Tag("name", "a text", "", "What logs call the format. It has to be there.", "name: minimal"),
    Tag("format", "texts with %<fields>", "", "The line that is written. It has to be there.",
        "format: '%<chi> %<cquc> %<pssc>'"),
    Tag("interval", "0 or more seconds", "0", "How long one line is about; a format with functions needs it.",
        "interval: 10"),
)  # fmt: skip
"""The keys of an entry below ``formats``."""

FILTER_KEYS = (
    Tag("name", "a text", "", "What logs call the filter. It has to be there.", "name: posts"),
    Tag("action", "accept, reject or wipe_field_value", "",
        "What becomes of transactions that the condition is true for. It has to be there.", "action: accept"),
    Tag("condition", "a field, an operator and values", "",
        "The operator is MATCH, CONTAIN, or one of them behind CASE_INSENSITIVE_; any of the values will do. It has to "
        "be there.",
        "condition: cqhm MATCH POST,PUT"),
)  # fmt: skip
"""The keys of an entry below ``filters``."""

LOG_KEYS = (
    Tag("filename", "a file name, stdout or stderr", "", "The log without its ending. It has to be there.",
        "filename: minimal"),
    Tag("format", "the name of a format", "", "What its lines are like. It has to be there.", "format: minimal"),
    Tag("mode", "ascii, binary or ascii_pipe", "ascii", "How it is written.", "mode: ascii"),
    Tag("header", "a text", "", "The first line of each file.", "header: '# minimal'"),
    Tag("rolling_enabled", "none, time, size, both or any, log.roll. before them, or 0 to 4",
        _AS_SET.format("rolling_enabled"), "When the file is put aside.", "rolling_enabled: both"),
    Tag("rolling_interval_sec", "60 to 86400 seconds", _AS_SET.format("rolling_interval_sec"),
        "The time between two files.", "rolling_interval_sec: 3600"),
    Tag("rolling_offset_hr", "0 to 23", _AS_SET.format("rolling_offset_hr"), "The hour that a file begins at.",
        "rolling_offset_hr: 0"),
    Tag("rolling_size_mb", "10 or more megabytes", _AS_SET.format("rolling_size_mb"),
        "The size at which a file is put aside.", "rolling_size_mb: 100"),
    Tag("rolling_min_count", "0 or more", _AS_SET.format("rolling_min_count"),
        "How many old files are kept at least.", "rolling_min_count: 2"),
    Tag("rolling_max_count", "0 or more", _AS_SET.format("rolling_max_count"),
        "How many old files are kept at most; 0 is no limit.", "rolling_max_count: 10"),
    Tag("rolling_allow_empty", "0 or 1", _AS_SET.format("rolling_allow_empty"),
        "Whether an empty file is put aside, too.", "rolling_allow_empty: 1"),
    Tag("filters", "a list of names of filters", "", "Which transactions are written.", "filters: [posts]"),
    Tag("pipe_buffer_size", "0 or more octets", "", "How much a pipe holds.", "pipe_buffer_size: 65536"),
    Tag("collation_hosts", "a list of hosts, each with a list failover", "",
        "The hosts that Traffic Server 8 sends the lines to instead.", "collation_hosts: [{host: logs.example}]"),
)  # fmt: skip
"""The keys of an entry below ``logs``."""
