"""A fill for tests to change one thing of."""

from __future__ import annotations

from collections.abc import Callable

from zope.interface import implementer

from tsnode.model.alternate import Alternate
from tsnode.model.errors import TsnodeError
from tsnode.ports import Buffer, IContent, IFill


@implementer(IFill)
class Passing:
    """A fill that does what another one does."""

    def __init__(self, fill: IFill) -> None:
        self.fill = fill

    def write(self, octets: Buffer) -> bool:
        """See IFill."""
        return self.fill.write(octets)

    def when_drained(self, callback: Callable[[], None]) -> None:
        """See IFill."""
        self.fill.when_drained(callback)

    def when_unread(self, callback: Callable[[bool], None]) -> None:
        """See IFill."""
        self.fill.when_unread(callback)

    def read(self) -> IContent:
        """See IFill."""
        return self.fill.read()

    def commit(self) -> None:
        """See IFill."""
        self.fill.commit()

    def finish(self) -> None:
        """See IFill."""
        self.fill.finish()

    def abort(self, reason: TsnodeError, part: Alternate | None = None) -> None:
        """See IFill."""
        self.fill.abort(reason, part)
