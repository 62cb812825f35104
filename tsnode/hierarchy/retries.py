"""Whether a try that failed is worth another."""

from __future__ import annotations

from tsnode.model.errors import UpstreamFailed
from tsnode.model.settings import Retries

__all__ = ["IDEMPOTENT", "may_try_again"]

IDEMPOTENT = frozenset({b"GET", b"HEAD", b"OPTIONS", b"TRACE", b"PUT", b"DELETE"})
"""Methods that may be sent twice (RFC 9110 §9.2.2)."""


def may_try_again(
    method: bytes, failure: UpstreamFailed, content_taken: bool, tries: int, down: bool, limits: Retries
) -> bool:
    """
    Whether to send a request again after ``tries`` tries, the last of which failed.

    A request with content of which some was taken is never repeated: it is gone. One that may have reached the next
    hop is repeated only if its method is idempotent. A link that the next hop closed as idle costs no try.

    Source: RFC 9110 §9.2.2, RFC 9112 §9.3.1; Traffic Server's ``connect_attempts_max_retries``.
    """
    if content_taken or (failure.committed and method not in IDEMPOTENT):
        return False
    if failure.status in (500, 504):
        # the name has no address, or time is up: another try would only make the client wait again
        return False
    return tries <= (limits.down if down else limits.live)
