"""What a client connection can be doing."""

from __future__ import annotations

from enum import Enum

__all__ = ["Phase"]


class Phase(Enum):
    """What a client connection is doing."""

    READING = "waiting for the head of a request"
    ANSWERING = "a transaction is under way"
    LINGERING = "the last answer is out, what still comes is thrown away"
    GONE = "closed, or given away as a tunnel"
