"""The lines of remap.config as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from tsnode.model.addresses import AddressRange, parse_address
from tsnode.model.errors import Place
from tsnode.model.expressions import Expression
from tsnode.model.target import Target, make_target

__all__ = [
    "ClientRange",
    "MapFilter",
    "Override",
    "RefererCheck",
    "RefererPattern",
    "RemapRule",
    "Replacement",
    "RuleKind",
    "Source",
]


class RuleKind(Enum):
    """What a rule is for; the value is its word in remap.config, without ``regex_``."""

    MAP = "map"
    MAP_WITH_RECV_PORT = "map_with_recv_port"
    MAP_WITH_REFERER = "map_with_referer"
    REVERSE_MAP = "reverse_map"
    REDIRECT = "redirect"
    REDIRECT_TEMPORARY = "redirect_temporary"


@dataclass(frozen=True, slots=True)
class Source:
    """
    The URLs that a rule is about.

    ``host`` is a lower-case host, an expression to be found in it, or empty for a rule without host, which asks
    neither for scheme nor for port. ``path`` is what the path begins with.
    """

    scheme: bytes
    host: bytes | Expression
    port: int
    path: bytes

    @property
    def url(self) -> bytes:
        """As it may be written in remap.config."""
        match self.host:
            case b"":
                return self.path
            case Expression(text):
                return make_target(self.scheme, text.encode(), self.port, self.path).url
            case host:
                return make_target(self.scheme, host, self.port, self.path).url


@dataclass(frozen=True, slots=True)
class Replacement:
    """What takes the place of the source; ``$0`` to ``$9`` in ``host`` stand for groups of the source's expression."""

    scheme: bytes
    host: bytes
    port: int
    path: bytes

    @property
    def url(self) -> bytes:
        """As it may be written in remap.config."""
        return make_target(self.scheme, self.host, self.port, self.path).url

    def rewrite(self, host: bytes, source_path: bytes, path: bytes) -> Target:
        """
        The target for a request to ``path`` (with its query), of which ``source_path`` is the matched beginning.

        Exactly one slash joins the two parts where one of them brought it.

        Source: Traffic Server's remap.config.
        """
        rest = path[len(source_path) :]
        ours = self.path
        if source_path[-1:] == b"/":
            if ours[-1:] != b"/" and rest and rest[:1] != b"?":
                ours += b"/"
        elif ours[-1:] == b"/" and rest[:1] == b"/":
            rest = rest[1:]
        return make_target(self.scheme, host, self.port, ours + rest)


@dataclass(frozen=True, slots=True)
class ClientRange:
    """Clients inside of a range, or outside of it where ``outside`` is set (``~`` in remap.config)."""

    addresses: AddressRange
    outside: bool = False


@dataclass(frozen=True, slots=True)
class MapFilter:
    """
    The ``@action``, ``@method`` and ``@src_ip`` options of one rule. An empty tuple or set asks for nothing.

    Requests with one of ``methods`` from one of ``clients`` match. ``allow`` lets only these through, else they are
    the ones that are refused.
    """

    allow: bool
    methods: frozenset[bytes] = frozenset()
    clients: tuple[ClientRange, ...] = ()

    def lets(self, method: bytes, client: str) -> bool:
        """Whether a request may use the rule; ``client`` is an address."""
        matches = (not self.methods or method in self.methods) and (not self.clients or self._names(client))
        return matches is self.allow

    def _names(self, client: str) -> bool:
        address = parse_address(client)
        if address is None:
            # nobody knows where that is: outside of what is allowed, inside of what is denied
            return not self.allow
        return any(known.addresses.holds(address) is not known.outside for known in self.clients)


@dataclass(frozen=True, slots=True)
class RefererPattern:
    """One expression of map_with_referer; None is ``*``. ``forbidden``: the Referer must not match (``~``)."""

    expression: Expression | None
    forbidden: bool = False


@dataclass(frozen=True, slots=True)
class RefererCheck:
    """Which Referer fields a map_with_referer rule accepts, and where the others are sent (302)."""

    redirect: bytes
    patterns: tuple[RefererPattern, ...]
    optional: bool = False

    def accepts(self, referer: bytes | None) -> bool:
        """
        Whether a request with that field (None: without) may use the rule. The first pattern that matches decides.

        :raises ExpressionTimeout: where an expression cannot be decided.
        """
        if referer is None:
            return self.optional
        accepted = False
        some_forbid = any(pattern.forbidden for pattern in self.patterns)
        subject = referer.decode("latin-1")
        for pattern in self.patterns:
            if pattern.expression is None:
                accepted = True
                if not some_forbid:
                    break
            elif pattern.expression.search(subject):
                return not pattern.forbidden
        return accepted


@dataclass(frozen=True, slots=True)
class Override:
    """A variable that has another value for the requests of one rule (``conf_remap.so``)."""

    name: str
    value: int | float | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemapRule:
    """One line of remap.config."""

    kind: RuleKind
    source: Source
    replacement: Replacement
    filter: MapFilter | None = None
    referer: RefererCheck | None = None
    overrides: tuple[Override, ...] = ()
    place: Place
