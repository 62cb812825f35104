"""CONNECT: a connection to somewhere else, octet for octet."""

from __future__ import annotations

from twisted.python.failure import Failure

from tsnode.hierarchy.next_hop import plan_hops
from tsnode.model.errors import PeerError, UpstreamFailed
from tsnode.model.settings import ProxySettings
from tsnode.model.target import Target
from tsnode.ports import IReply, ITunnelEnd
from tsnode.transaction.answers import turn_away
from tsnode.transaction.destinations import go_if_permitted
from tsnode.transaction.services import Services

__all__ = ["check_tunnel", "open_tunnel"]

_ESTABLISHED = b"HTTP/1.1 200 Connection Established\r\n\r\n"


def check_tunnel(target: Target, settings: ProxySettings) -> None:
    """
    Turn away what is for a port that tunnels may not go to.

    :raises PeerError: 403 where it is.

    Source: Traffic Server, ``proxy.config.http.connect_ports``.
    """
    if not settings.any_connect_port and target.port not in settings.connect_ports:
        problem = f"no tunnels to port {target.port}"
        raise PeerError(problem, status=403, reason=b"Tunnel Forbidden", kind=b"http_request_denied")


def open_tunnel(services: Services, target: Target, reply: IReply) -> None:
    """
    Connect the client with ``target``, if its port may be (``proxy.config.http.connect_ports``).

    :raises PeerError: 403 where the port is not allowed.

    Source: RFC 9110 §9.3.6.
    """
    settings = services.settings
    check_tunnel(target, settings)
    (hop,) = plan_hops(target)

    def connect() -> None:
        if reply.gone:
            # it left while the addresses were looked up
            return
        connecting = services.upstream.connect(hop, settings.timeouts.connect)
        reply.when_gone(connecting.cancel)
        connecting.addCallbacks(connected, failed)
        connecting.addErrback(reply.broken)

    def connected(far: ITunnelEnd) -> None:
        if reply.gone:
            far.abandon()
            return
        reply.mark("TCP_MISS", hop.kind.value, hop.host)
        far.splice(reply.tunnel(_ESTABLISHED))

    def failed(failure: Failure) -> None:
        error = failure.value
        if isinstance(error, UpstreamFailed):
            refused(error)
        else:
            reply.broken(failure)

    def refused(error: PeerError) -> None:
        turn_away(services, reply, error, hop.host)

    go_if_permitted(services, hop, b"CONNECT", reply, connect, refused)
