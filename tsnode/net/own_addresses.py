"""Which addresses are this machine's own."""

from __future__ import annotations

import socket

from zope.interface import implementer

from tsnode.model.addresses import Address
from tsnode.ports import IOwnAddresses

__all__ = ["SystemAddresses"]

_DISCARD = 9


@implementer(IOwnAddresses)
class SystemAddresses:
    """Asks the system: a machine talks to an address of its own from that very address. Nothing is sent."""

    def is_own(self, address: Address) -> bool:
        """See :class:`tsnode.ports.IOwnAddresses`."""
        family = socket.AF_INET if address.version == 4 else socket.AF_INET6
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as asking:
                asking.connect((str(address), _DISCARD))
                return str(asking.getsockname()[0]) == str(address)
        except OSError:
            # there is no way to it
            return False
