"""Where requests may go: the ``apply: out`` rules of ip_allow."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from twisted.python.failure import Failure

from tsnode.model.errors import PeerError
from tsnode.model.neighbors import Hop
from tsnode.ports import IReply
from tsnode.transaction.services import Services

__all__ = ["go_if_permitted"]


def go_if_permitted(
    services: Services,
    hop: Hop,
    method: bytes,
    reply: IReply,
    go: Callable[[], None],
    refused: Callable[[PeerError], None],
) -> None:
    """
    Call ``go`` where ``method`` may be sent to every address of ``hop``, else ``refused``; at once without such rules.

    All addresses have to be permitted, since any of them may be the one that is connected to. They come from the same
    remembered answer that connecting uses.

    Source: Traffic Server's ip_allow.yaml.
    """
    access = services.access
    if not access.outbound:
        go()
        return

    def judge(addresses: Sequence[str]) -> None:
        if all(access.methods_to(address).permits(method) for address in addresses):
            go()
        else:
            problem = "this node may not use this method there"
            refused(PeerError(problem, status=403, reason=b"Access Denied", kind=b"destination_ip_prohibited"))

    def unknown(failure: Failure) -> None:
        error = failure.value
        if isinstance(error, PeerError):
            refused(error)
        else:
            reply.broken(failure)

    resolving = services.resolver.resolve(hop.host)
    resolving.addCallbacks(judge, unknown)
    resolving.addErrback(reply.broken)
