"""SIGHUP."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IReactorFromThreads
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from tsnode.service.hangup import hear_hangups


@implementer(IReactorFromThreads)
class Reactor:
    """Keeps what it is to call."""

    def __init__(self) -> None:
        self.calls: list[Callable[..., Any]] = []

    def callFromThread(self, callable: Callable[..., Any], *args: object, **kwargs: object) -> None:  # noqa: A002
        """See IReactorFromThreads."""
        self.calls.append(callable)


class Hearing(SynchronousTestCase):
    def setUp(self) -> None:
        # whoever runs the tests may have sent SIGHUP elsewhere, as nohup does
        self.addCleanup(signal.signal, signal.SIGHUP, signal.getsignal(signal.SIGHUP))
        self.others: list[int] = []
        signal.signal(signal.SIGHUP, lambda number, _: self.others.append(number))

    def test_a_signal_is_left_to_the_reactor_to_do_something_about(self) -> None:
        reactor, heard = Reactor(), list[str]()
        hear_hangups(reactor, lambda: heard.append("hung up"))
        signal.raise_signal(signal.SIGHUP)
        self.assertEqual(heard, [])
        for call in reactor.calls:
            call()
        self.assertEqual(heard, ["hung up"])
        self.assertEqual(self.others, [])

    def test_afterwards_it_goes_where_it_went_before(self) -> None:
        reactor = Reactor()
        hear_hangups(reactor, lambda: None)()
        signal.raise_signal(signal.SIGHUP)
        self.assertEqual((reactor.calls, self.others), ([], [signal.SIGHUP]))
