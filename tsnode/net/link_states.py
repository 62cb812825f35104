"""What a connection to a next hop may do after what, in one table."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

__all__ = ["NEXT", "Seen", "State"]


class State(IntEnum):
    """What a link is doing."""

    CONNECTING = 0
    IDLE = 1  # connected, and nothing is owed by either side
    SENDING = 2  # the request is on its way out
    AWAITING = 3  # the request is out, the final head has not come
    EARLY = 4  # the head overtook the request's content
    RECEIVING = 5  # the request is out, the answer's content is coming
    CLOSED = 6  # closed, told to close, or given away as a tunnel


class Seen(IntEnum):
    """What happens to a link."""

    CLAIMED = 0  # a request with content begins
    REQUEST_SENT = 1  # the last octet of the request was given to the connection
    HEAD = 2  # a final head came
    SWITCHED = 3  # a head came that makes the connection a tunnel
    END = 4  # the answer is whole, and another may follow
    LAST_END = 5  # the answer is whole, and no other may follow
    LOST = 6  # the connection is gone, or cannot be trusted any more


NEXT: Mapping[tuple[State, Seen], State] = {
    (State.CONNECTING, Seen.CLAIMED): State.SENDING,
    (State.CONNECTING, Seen.REQUEST_SENT): State.AWAITING,  # without content, one write is all of it
    (State.IDLE, Seen.CLAIMED): State.SENDING,
    (State.IDLE, Seen.REQUEST_SENT): State.AWAITING,
    (State.SENDING, Seen.REQUEST_SENT): State.AWAITING,
    (State.SENDING, Seen.HEAD): State.EARLY,  # an answer may overtake our content, RFC 9112 §9.5
    (State.EARLY, Seen.REQUEST_SENT): State.RECEIVING,
    (State.EARLY, Seen.LAST_END): State.CLOSED,  # part of a request is still owed: never END
    (State.AWAITING, Seen.HEAD): State.RECEIVING,
    (State.AWAITING, Seen.SWITCHED): State.CLOSED,
    (State.RECEIVING, Seen.END): State.IDLE,
    (State.RECEIVING, Seen.LAST_END): State.CLOSED,
} | {(state, Seen.LOST): State.CLOSED for state in State}
"""Every step that there is; any other is a defect of ours."""
