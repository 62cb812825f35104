"""Answer heads that were met before."""

from __future__ import annotations

from tsnode.model.messages import ResponseHead

__all__ = ["KnownHeads"]


class KnownHeads:
    """
    Heads of answers to GET that were read before, by their octets, so that the next one need not be read again.

    At most 1,024 of at most 4 KB; when that is full it starts anew. Only for readers with the same limits.
    """

    MOST = 1024
    LONGEST = 4096

    __slots__ = ("_heads",)

    def __init__(self) -> None:
        self._heads: dict[bytes, ResponseHead] = {}

    def find(self, octets: bytes) -> ResponseHead | None:
        """What these octets were read as; None where they are new."""
        return self._heads.get(octets)

    def clear(self) -> None:
        """Remember nothing of what was read so far."""
        self._heads.clear()

    def add(self, octets: bytes, head: ResponseHead) -> None:
        """Remember what these octets are."""
        if len(octets) <= self.LONGEST:
            if len(self._heads) >= self.MOST:
                self._heads.clear()
            self._heads[octets] = head
