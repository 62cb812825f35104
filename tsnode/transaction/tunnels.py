"""CONNECT: a connection to somewhere else, octet for octet."""

from __future__ import annotations

from tsnode.hierarchy.next_hop import plan_hops
from tsnode.model.errors import PeerError
from tsnode.model.target import Target
from tsnode.ports import IReply
from tsnode.transaction.services import Services

__all__ = ["open_tunnel"]

_ESTABLISHED = b"HTTP/1.1 200 Connection Established\r\n\r\n"


async def open_tunnel(services: Services, target: Target, reply: IReply) -> None:
    """
    Connect the client with ``target``, if its port may be (``proxy.config.http.connect_ports``).

    :raises PeerError: 403 where the port is not allowed, else why no connection could be made.

    Source: RFC 9110 §9.3.6.
    """
    settings = services.settings
    if not settings.any_connect_port and target.port not in settings.connect_ports:
        raise PeerError(f"no tunnels to port {target.port}", status=403, reason=b"Tunnel Forbidden")
    (hop,) = plan_hops(target)
    connecting = services.upstream.connect(hop, settings.timeouts.connect)
    reply.when_gone(connecting.cancel)
    far = await connecting
    if reply.gone:
        far.abandon()
        return
    reply.mark("TCP_MISS", hop.kind.value, hop.host)
    far.splice(reply.tunnel(_ESTABLISHED))
