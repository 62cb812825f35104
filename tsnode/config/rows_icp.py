"""The variables about ICP."""

from __future__ import annotations

from tsnode.config.catalogue import Integer, Text, Topic, flag, record

__all__ = ["ICP"]

ICP = Topic("ICP", (
    record("icp.enabled", Integer(0, 2, meanings=("off", "answers only", "asks and answers")), default=0,
           effective=False,
           text="Whether neighbors are asked for what is not in the cache, and answered."),
    record("icp.icp_configuration", Text(r"[^\x00-\x1f\x7f]+", "a file name"), default="icp.config",
           text="The file that says who the neighbors are."),
    record("icp.icp_interface", Text(r"[!-~]*", "a network interface or an address", optional=True), default=None,
           effective=False,
           text="The interface whose address ICP is spoken from, or that address. NULL is every address."),
    record("icp.icp_port", Integer(0, 65535), default=3130, effective=False,
           text="The UDP port that ICP is spoken from."),
    record("icp.multicast_enabled", flag(), default=0, effective=False,
           text="Whether multicast groups are joined, and asked."),
    record("icp.query_timeout", Integer(0, unit="s"), default=2, effective=False,
           text="How long a request waits for the answers of neighbors."),
    record("icp.stale_icp_enabled", flag(), default=0, effective=False,
           text="Whether neighbors are asked for what is in the cache and stale, too."),
    record("icp.lookup_local", flag(), default=0, effective=False,
           text="Whether the answers are about this node alone and not its cluster. A node is never in one."),
    record("icp.reply_to_unknown_peer", flag(), default=0, effective=False,
           text="Whether a node that only answers does so to anybody."),
    record("icp.default_reply_port", Integer(0, 65535), default=0, effective=False,
           text="The UDP port that such answers go to; 0 is the port that the question came from."),
))  # fmt: skip
