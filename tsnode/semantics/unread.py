"""What a connection brought and nobody has read yet."""

from __future__ import annotations

__all__ = ["WORTH_A_VIEW", "Unread"]

WORTH_A_VIEW = 4096
"""From how many octets on a view is cheaper than a copy, and worth keeping all that was received with it alive."""


class Unread:
    """
    The unread octets of one incoming stream.

    ``octets`` from index ``at`` on are what is unread; whoever reads some moves ``at``. ``closed`` tells that no more
    will come. As long as everything is read before more is received, nothing is ever copied.
    """

    __slots__ = ("at", "closed", "octets")

    def __init__(self) -> None:
        self.octets = b""
        self.at = 0
        self.closed = False

    def __len__(self) -> int:
        return len(self.octets) - self.at

    def receive(self, octets: bytes) -> None:
        """Append what came."""
        if self.at == len(self.octets):
            self.octets = octets
        else:
            self.octets = self.octets[self.at:] + octets
        self.at = 0

    def take(self, most: int) -> bytes | memoryview | None:
        """Hand over up to ``most`` octets (above 0), never copying many; None where there are none."""
        octets = self.octets
        at = self.at
        there = len(octets) - at
        if there == 0:
            return None
        if there <= most:
            self.octets = b""
            self.at = 0
            if at == 0:
                return octets
            most = there
        else:
            self.at = at + most
        if most < WORTH_A_VIEW:
            return octets[at:at + most]
        return memoryview(octets)[at:at + most]

    def rest(self) -> bytes:
        """Hand over everything."""
        octets = self.octets[self.at:]
        self.octets = b""
        self.at = 0
        return octets
