"""SIGHUP, as operators send it to have the configuration read again."""

from __future__ import annotations

import signal
from collections.abc import Callable

from twisted.internet.interfaces import IReactorFromThreads

__all__ = ["Hear", "hear_hangups"]

Hear = Callable[[Callable[[], None]], Callable[[], None]]
"""Begins to call what it is given at each hang-up; what it gives ends that, and leaves things as they were before."""


def hear_hangups(reactor: IReactorFromThreads, heard: Callable[[], None]) -> Callable[[], None]:
    """
    Have the reactor call ``heard`` soon after each SIGHUP. Main thread only.

    A signal comes between any two instructions, so that nothing is done there but to ask for the call.
    """

    def schedule(*_: object) -> None:
        reactor.callFromThread(heard)

    before = signal.signal(signal.SIGHUP, schedule)

    def restore() -> None:
        # None is a handler that Python did not install, and cannot install again
        signal.signal(signal.SIGHUP, signal.SIG_DFL if before is None else before)

    return restore
