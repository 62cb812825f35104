"""Header and trailer fields: ordered, repeatable, compared without regard to case (RFC 9110 §5)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

__all__ = ["Fields", "Line"]

Line = tuple[bytes, bytes]


class Fields:
    """
    The field lines of one message, in their order, names as they were written.

    Names given to the methods are lower case. Values carry no leading or trailing white space.
    Immutable: what changes fields gives new ones. ``memo`` is where somebody may keep what was made of them; since it
    can be made again, it never takes part in a decision.
    """

    __slots__ = ("_index", "lines", "memo")

    lines: tuple[Line, ...]
    memo: object

    def __init__(self, lines: Iterable[Line] = (), index: dict[bytes, bytes] | None = None) -> None:
        """``index``, from lower-case name to value, saves work where it is known and no name occurs twice."""
        self.lines = tuple(lines)
        self._index: Mapping[bytes, bytes | list[bytes]] | None = index
        self.memo = None

    def _indexed(self) -> Mapping[bytes, bytes | list[bytes]]:
        # one value a name is the rule; a list stands only where lines repeat
        index: dict[bytes, bytes | list[bytes]] = {}
        for name, value in self.lines:
            key = name.lower()
            known = index.get(key)
            if known is None:
                index[key] = value
            elif isinstance(known, list):
                known.append(value)
            else:
                index[key] = [known, value]
        self._index = index
        return index

    def get(self, name: bytes) -> bytes | None:
        """The value of a field, its lines combined with ``", "`` (RFC 9110 §5.3); None where it is absent."""
        index = self._index
        if index is None:
            index = self._indexed()
        value = index.get(name)
        if isinstance(value, list):
            return b", ".join(value)
        return value

    def all(self, name: bytes) -> tuple[bytes, ...]:
        """The value of each line of a field, in order; empty where it is absent."""
        index = self._index
        if index is None:
            index = self._indexed()
        value = index.get(name)
        if value is None:
            return ()
        return tuple(value) if isinstance(value, list) else (value,)

    def __contains__(self, name: bytes) -> bool:
        index = self._index
        if index is None:
            index = self._indexed()
        return name in index

    def names(self) -> Collection[bytes]:
        """Every name that occurs, in lower case, once each."""
        index = self._index
        if index is None:
            index = self._indexed()
        return index.keys()

    def without(self, names: Collection[bytes]) -> Fields:
        """These fields less every line whose name is in ``names``."""
        if not any(name in names for name in self.names()):
            return self
        return Fields([line for line in self.lines if line[0].lower() not in names])

    def plus(self, *lines: Line) -> Fields:
        """These fields with ``lines`` after them."""
        return Fields(self.lines + lines)

    def replaced(self, name: bytes, value: bytes) -> Fields:
        """These fields with one line of ``name`` (written as given) in place of all that it had."""
        return self.without((name.lower(),)).plus((name, value))

    def render(self) -> bytes:
        """The field lines as they stand on the wire, each with its CRLF, without the empty line."""
        return b"".join([b"%b: %b\r\n" % line for line in self.lines])

    def __iter__(self) -> Iterator[Line]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fields) and other.lines == self.lines

    def __hash__(self) -> int:
        return hash(self.lines)

    def __repr__(self) -> str:
        return f"Fields({list(self.lines)!r})"
