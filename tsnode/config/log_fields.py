"""The fields that log formats and log filters name. A table, for the grammar and for the manual."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

__all__ = ["CONTAINERS", "FIELDS", "ContainerRow", "FieldKind", "FieldRow", "NameKind"]


class FieldKind(Enum):
    """What values a field has."""

    INTEGER = "number"
    TEXT = "text"
    ADDRESS = "address"


class NameKind(Enum):
    """What stands in braces before a symbol."""

    HEADER = "a header field"
    VARIABLE = "a variable"
    MILESTONE = "a milestone"
    MILESTONES = "two milestones with - between them"


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A field by its symbol. ``names``: the words that its numbers are shown as."""

    symbol: str
    kind: FieldKind
    text: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ContainerRow:
    """A symbol that needs a name in braces before it."""

    symbol: str
    needs: NameKind
    text: str


_I, _T, _A = FieldKind.INTEGER, FieldKind.TEXT, FieldKind.ADDRESS
_FINISH = ("FIN", "INTR", "TIMEOUT")
_WRITES = ("-", "WL_MISS", "INTR", "ERR", "FIN")
_SUBRESULTS = ("NONE", "NUM_REDIRECTIONS_EXCEEDED")
_HITS = (
    "NONE", "HIT", "HIT_RAM", "HIT_SSD", "HIT_DISK", "HIT_CLUSTER", "HIT_NET", "HIT_RWW", "HIT_LEVEL_6", "HIT_LEVEL_7",
    "HIT_LEVEL_8", "HIT_LEVEL_9", "MISS", "MISS_HTTP_NON_CACHE", "MISS_HTTP_NO_DLE", "MISS_HTTP_NO_LE",
    "MISS_HTTP_CONTENT", "MISS_PRAGMA_NOCACHE", "MISS_PASS", "MISS_PRE_EXPIRED", "MISS_ERROR", "MISS_CACHE_BYPASS",
    "INVALID_CODE",
)  # fmt: skip
_RESULTS = (
    "UNDEFINED", "TCP_HIT", "TCP_DISK_HIT", "TCP_MEM_HIT", "TCP_CF_HIT", "TCP_MISS", "TCP_EXPIRED_MISS",
    "TCP_REFRESH_HIT", "TCP_REF_FAIL_HIT", "TCP_REFRESH_FAIL_HIT", "TCP_REFRESH_MISS", "TCP_CLIENT_REFRESH",
    "TCP_CLIENT_REFRESH_MISS", "TCP_IMS_HIT", "TCP_IMS_MISS", "TCP_SWAPFAIL", "TCP_SWAPFAIL_MISS", "TCP_DENIED",
    "TCP_WEBFETCH_MISS", "TCP_FUTURE_2", "TCP_HIT_REDIRECT", "TCP_MISS_REDIRECT", "TCP_HIT_X_REDIRECT",
    "TCP_MISS_X_REDIRECT", "UDP_HIT", "UDP_WEAK_HIT", "UDP_HIT_OBJ", "UDP_MISS", "UDP_DENIED", "UDP_INVALID",
    "UDP_RELOADING", "UDP_FUTURE_1", "UDP_FUTURE_2", "ERR_READ_TIMEOUT", "ERR_LIFETIME_EXP",
    "ERR_POST_ENTITY_TOO_LARGE", "ERR_NO_CLIENTS_BIG_OBJ", "ERR_READ_ERROR", "ERR_CLIENT_ABORT",
    "ERR_CLIENT_READ_ERROR", "ERR_CONNECT_FAIL", "ERR_INVALID_REQ", "ERR_UNSUP_REQ", "ERR_INVALID_URL", "ERR_NO_FDS",
    "ERR_DNS_FAIL", "ERR_NOT_IMPLEMENTED", "ERR_CANNOT_FETCH", "ERR_NO_RELAY", "ERR_DISK_IO", "ERR_ZERO_SIZE_OBJECT",
    "ERR_PROXY_DENIED", "ERR_WEBFETCH_DETECTED", "ERR_FUTURE_1", "ERR_LOOP_DETECTED", "ERR_UNKNOWN",
)  # fmt: skip
_HOPS = (
    "DIRECT", "SIBLING_HIT", "PARENT_HIT", "DEFAULT_PARENT", "SINGLE_PARENT", "FIRST_UP_PARENT", "NO_PARENT_DIRECT",
    "FIRST_PARENT_MISS", "LOCAL_IP_DIRECT", "FIREWALL_IP_DIRECT", "NO_DIRECT_FAIL", "SOURCE_FASTEST",
    "SIBLING_UDP_HIT_OBJ", "PARENT_UDP_HIT_OBJ", "PASSTHROUGH_PARENT", "SSL_PARENT_MISS",
)  # fmt: skip
_ROUTES = ("EMPTY", "NONE", *_HOPS, *(f"TIMEOUT_{hop}" for hop in _HOPS), "INVALID_CODE", "INVALID_ASSIGNED_CODE")

_FIELDS = (
    FieldRow("chi", _A, "The client's address."),
    FieldRow("chih", _A, "The client's address in hexadecimal."),
    FieldRow("chp", _I, "The client's port."),
    FieldRow("hii", _A, "The address that the client connected to."),
    FieldRow("hiih", _A, "The same in hexadecimal."),
    FieldRow("caun", _T, "The authenticated user."),
    FieldRow("ccid", _I, "A number for the client's connection."),
    FieldRow("ctid", _I, "A number for the transaction on its connection."),
    FieldRow("ctpw", _I, "The weight of an HTTP/2 stream."),
    FieldRow("ctpd", _I, "The stream that an HTTP/2 stream depends on."),
    FieldRow("cqtr", _I, "Whether the connection had carried a request before."),
    FieldRow("cqmpt", _I, "Whether Multipath TCP is used."),
    FieldRow("cqint", _I, "Whether the request came from within the node."),
    FieldRow("ppv", _I, "The version of the PROXY protocol."),
    FieldRow("pps", _A, "The source that the PROXY protocol told."),
    FieldRow("ppd", _A, "The destination that the PROXY protocol told."),
    FieldRow("cqtx", _T, "The request line."),
    FieldRow("cqhm", _T, "The method."),
    FieldRow("cqhv", _T, "The HTTP version of the request."),
    FieldRow("cqpv", _T, "The protocol and version of the request."),
    FieldRow("cqu", _T, "The URL after mapping."),
    FieldRow("cquc", _T, "The URL after mapping, with unsafe characters escaped."),
    FieldRow("cqup", _T, "The path after mapping."),
    FieldRow("cqus", _T, "The scheme of the URL."),
    FieldRow("cquuc", _T, "The URL before mapping."),
    FieldRow("cquup", _T, "The path before mapping."),
    FieldRow("cquuh", _T, "The host before mapping."),
    FieldRow("cqhl", _I, "Octets of the request's head."),
    FieldRow("cqcl", _I, "Octets of the request's content."),
    FieldRow("cqql", _I, "Octets of the request."),
    FieldRow("cqah", _T, "All header fields of the request."),
    FieldRow("crid", _I, "A number for the request."),
    FieldRow("cruuid", _T, "An identifier of the request."),
    FieldRow("puuid", _T, "An identifier of the process."),
    FieldRow("cssn", _T, "The name that the client asked for in its TLS handshake."),
    FieldRow("cscert", _I, "Whether a certificate was asked of the client."),
    FieldRow("pscert", _I, "Whether the origin asked for a certificate."),
    FieldRow("cqssl", _I, "Whether the client's connection is TLS."),
    FieldRow("cqssr", _I, "Whether its TLS session was resumed."),
    FieldRow("cqssv", _T, "Its TLS version."),
    FieldRow("cqssc", _T, "Its cipher."),
    FieldRow("cqssu", _T, "Its elliptic curve."),
    FieldRow("cqssa", _T, "The protocol that was agreed on by ALPN."),
    FieldRow("pqssl", _I, "Whether the connection to the origin is TLS."),
    FieldRow("pqssr", _I, "Whether that TLS session was resumed."),
    FieldRow("cqts", _I, "When the request came, in seconds."),
    FieldRow("cqth", _I, "The same in hexadecimal."),
    FieldRow("cqtq", _I, "The same with milliseconds."),
    FieldRow("cqtn", _I, "The same as the common log format has it."),
    FieldRow("cqtd", _I, "The date of the request."),
    FieldRow("cqtt", _I, "The time of day of the request."),
    FieldRow("ttms", _I, "How long the transaction took, in milliseconds."),
    FieldRow("ttmsh", _I, "The same in hexadecimal."),
    FieldRow("ttmh", _I, "The same, by an older name."),
    FieldRow("ttmsf", _I, "The same in seconds with a fraction."),
    FieldRow("tts", _I, "The same in seconds."),
    FieldRow("stms", _I, "How long the exchange with the origin took, in milliseconds."),
    FieldRow("stmsh", _I, "The same in hexadecimal."),
    FieldRow("stmsf", _I, "The same in seconds with a fraction."),
    FieldRow("sts", _I, "The same in seconds."),
    FieldRow("crat", _I, "Seconds in the Retry-After field."),
    FieldRow("pssc", _I, "The status sent to the client."),
    FieldRow("prrp", _T, "The reason phrase sent to the client."),
    FieldRow("psct", _T, "The Content-Type of the answer."),
    FieldRow("psql", _I, "Octets of the answer."),
    FieldRow("pscl", _I, "Octets of the answer's content."),
    FieldRow("psch", _I, "The same in hexadecimal."),
    FieldRow("pshl", _I, "Octets of the answer's head."),
    FieldRow("psah", _T, "All header fields of the answer."),
    FieldRow("cfsc", _I, "How the client's side ended.", _FINISH),
    FieldRow("pfsc", _I, "How the origin's side ended.", _FINISH),
    FieldRow("crec", _T, "The error code that the client sent."),
    FieldRow("ctec", _T, "The error code that the client got."),
    FieldRow("fsiz", _I, "Octets of the object at the origin."),
    FieldRow("crc", _I, "How the cache dealt with the request.", _RESULTS),
    FieldRow("crsc", _I, "More about that.", _SUBRESULTS),
    FieldRow("chm", _I, "Which part of the cache answered.", _HITS),
    FieldRow("cwr", _I, "How storing the answer ended.", _WRITES),
    FieldRow("cwtr", _I, "How storing the transformed answer ended.", _WRITES),
    FieldRow("crra", _I, "How often reading from the cache was tried again."),
    FieldRow("cwra", _I, "How often writing to it was tried again."),
    FieldRow("cccs", _I, "Whether the request shared another's fetch."),
    FieldRow("cluc", _T, "The key in the cache."),
    FieldRow("csssc", _I, "The stored status."),
    FieldRow("csscl", _I, "Octets of the stored content."),
    FieldRow("csshl", _I, "Octets of the stored head."),
    FieldRow("cssql", _I, "Octets of the stored answer."),
    FieldRow("csshv", _T, "The HTTP version of the stored answer."),
    FieldRow("cssah", _T, "All header fields of the stored answer."),
    FieldRow("phr", _I, "The way that the answer came.", _ROUTES),
    FieldRow("shi", _A, "The origin's address."),
    FieldRow("shn", _T, "The origin's name."),
    FieldRow("nhi", _A, "The address of the next hop."),
    FieldRow("nhp", _I, "The port of the next hop."),
    FieldRow("pqsi", _A, "The node's own address towards the origin."),
    FieldRow("pqsp", _I, "The node's own port towards the origin."),
    FieldRow("pqhl", _I, "Octets of the head sent to the origin."),
    FieldRow("pqcl", _I, "Octets of the content sent to the origin."),
    FieldRow("pqql", _I, "Octets sent to the origin."),
    FieldRow("pqah", _T, "All header fields sent to the origin."),
    FieldRow("sssc", _I, "The origin's status."),
    FieldRow("sscl", _I, "Octets of the origin's content."),
    FieldRow("sshl", _I, "Octets of the origin's head."),
    FieldRow("ssql", _I, "Octets of the origin's answer."),
    FieldRow("sshv", _T, "The HTTP version of the origin's answer."),
    FieldRow("sqpv", _T, "The protocol and version agreed on with the origin."),
    FieldRow("ssah", _T, "All header fields of the origin's answer."),
    FieldRow("sca", _I, "How often connecting to the origin was tried."),
    FieldRow("sstc", _I, "Transactions that the connection to the origin had carried before."),
    FieldRow("phn", _T, "The node's host name."),
    FieldRow("phi", _A, "The node's address."),
    FieldRow("php", _I, "The node's port."),
    FieldRow("piid", _I, "The number that a plugin gave the transaction."),
    FieldRow("pitag", _T, "The word that a plugin gave it."),
    FieldRow("vbn", _T, "The build of the node."),
    FieldRow("vs", _T, "The version of the node."),
)

_CONTAINERS = (
    ContainerRow("cqh", NameKind.HEADER, "A header field of the client's request."),
    ContainerRow("pqh", NameKind.HEADER, "A header field of the request to the next hop."),
    ContainerRow("ssh", NameKind.HEADER, "A header field of the next hop's answer."),
    ContainerRow("psh", NameKind.HEADER, "A header field of the answer to the client."),
    ContainerRow("cssh", NameKind.HEADER, "A header field of the stored answer."),
    ContainerRow("ecqh", NameKind.HEADER, "As cqh, escaped as in URLs."),
    ContainerRow("epqh", NameKind.HEADER, "As pqh, escaped as in URLs."),
    ContainerRow("essh", NameKind.HEADER, "As ssh, escaped as in URLs."),
    ContainerRow("epsh", NameKind.HEADER, "As psh, escaped as in URLs."),
    ContainerRow("ecssh", NameKind.HEADER, "As cssh, escaped as in URLs."),
    ContainerRow("icfg", NameKind.VARIABLE, "The value of an INT variable."),
    ContainerRow("scfg", NameKind.VARIABLE, "The value of a STRING variable."),
    ContainerRow("record", NameKind.VARIABLE, "The value of a variable or counter."),
    ContainerRow("ms", NameKind.MILESTONE, "When a milestone was reached, in milliseconds."),
    ContainerRow("msdms", NameKind.MILESTONES, "The milliseconds between two milestones."),
)

FIELDS: Mapping[str, FieldRow] = MappingProxyType({row.symbol: row for row in _FIELDS})
"""
Every field by its symbol.

Source: Traffic Server, administrator's guide, formatting log files; ``proxy/logging/Log.cc``.
"""

CONTAINERS: Mapping[str, ContainerRow] = MappingProxyType({row.symbol: row for row in _CONTAINERS})
"""Every symbol that needs a name."""
