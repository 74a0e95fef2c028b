"""Listens for TAK clients: TCP, TLS with client certificates, UDP unicast and multicast."""

import asyncio
import errno
import ipaddress
import os
import socket
import ssl
import struct
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol, cast

from accord.core.errors import AccordError
from accord.core.principal import Principal
from accord.core.report import Form, Source
from accord.live.hub import Receiver
from accord.live.intake import Speaker
from accord.live.outbox import Outbox
from accord.observe.unheard import Unheard
from accord.security.accept import ALL, Acceptor, Peer
from accord.security.acknowledged import Acknowledged
from accord.security.authority import spell_owner
from accord.tak.session import READ_AGAIN_AFTER, Bridge, TakSession, spell_address
from accord.wire.cot.stream import read_datagram
from accord.wire.cot.translate import to_report
from accord.wire.errors import WireError

Admit = Callable[[bytes], Principal | str]
"""Who a certificate (DER) belongs to, or in a few words why it is refused."""

TURN_BYTES = 1 << 15
"""Bytes of one client read in its turn: some 50 events, well under 10 ms of work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionSettings:
    """How many may connect."""

    max_connections: int = field(
        default=20_000, metadata={"doc": "connections at one time; beyond, a new one is closed"}
    )
    max_udp_senders: int = field(
        default=4_096, metadata={"doc": "UDP senders remembered; beyond, the oldest is forgotten"}
    )


def bind_stream(host: str, port: int) -> socket.socket:
    """Bind a listening socket; `::` takes IPv4 as well. AccordError says why it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    both = host == "::" and socket.has_dualstack_ipv6()
    try:
        listener = socket.create_server(
            (host, port), family=family, backlog=4096, dualstack_ipv6=both
        )
    except OSError as error:
        raise AccordError(
            f"cannot listen on {host} port {port}: {_reason(error)}; {_advice(error)}"
        ) from None
    listener.setblocking(False)
    return listener


def _reason(error: OSError) -> str:
    """Return what the system says, without what asyncio and socket add to it."""
    return os.strerror(error.errno) if error.errno else str(error)


def _advice(error: OSError) -> str:
    if error.errno == errno.EADDRNOTAVAIL:
        return "the address is not one of this machine: give one that is, or [::] for all"
    return "is another program using it? choose another port or stop that program"


def bind_datagram(host: str, port: int) -> socket.socket:
    """Bind a UDP socket; for a multicast address, join its group. AccordError says why not."""
    address = ipaddress.ip_address(host)
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        if address.is_multicast:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            _join_group(sock, address)
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        raise AccordError(
            f"cannot listen for UDP on {host} port {port}: {error.strerror or error}"
        ) from None
    sock.setblocking(False)
    return sock


def _join_group(
    sock: socket.socket, address: ipaddress.IPv4Address | ipaddress.IPv6Address
) -> None:
    # What this host sends to the group is not given back to it: a mesh must not echo.
    if address.version == 6:
        request = address.packed + struct.pack("@I", 0)
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, request)
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_LOOP, 0)
    else:
        request = address.packed + struct.pack("!I", socket.INADDR_ANY)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)


class TakConnection(asyncio.Protocol):
    """The asyncio rim over a session: one TCP or TLS connection."""

    def __init__(self, begin: Callable[[asyncio.Transport], TakSession | None]) -> None:
        self._begin = begin
        self._session: TakSession | None = None
        self._transport: asyncio.Transport | None = None
        self._waiting = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin a session, or close when the client is not admitted."""
        # uvloop's transports are none of asyncio's classes, but do what those promise.
        stream = cast("asyncio.Transport", transport)
        session = self._begin(stream)
        if session is None:
            stream.close()
            return
        self._transport, self._session = stream, session
        session.open()

    def data_received(self, data: bytes) -> None:
        """Hand bytes on: TURN_BYTES at once, so that who sends a lot does not hold up the others.

        While the node cannot keep up, the client is not read.
        """
        if self._session is None:
            return
        if len(data) <= TURN_BYTES and self._session.receive(data):
            return
        assert self._transport is not None  # noqa: S101  set with the session
        # Otherwise libuv would go on with this client, up to 32 times, before it looks at another.
        self._transport.pause_reading()
        self._waiting = data if len(data) > TURN_BYTES else b""
        asyncio.get_running_loop().call_soon(self._take_turn)

    def _take_turn(self) -> None:
        if self._session is None or self._transport is None:
            return
        turn, self._waiting = self._waiting[:TURN_BYTES], self._waiting[TURN_BYTES:]
        if not self._session.receive(turn):
            asyncio.get_running_loop().call_later(READ_AGAIN_AFTER, self._take_turn)
        elif self._waiting:
            asyncio.get_running_loop().call_soon(self._take_turn)
        else:
            self._transport.resume_reading()

    def pause_writing(self) -> None:
        """Tell the session that the socket is full."""
        if self._session is not None:
            self._session.pause()

    def resume_writing(self) -> None:
        """Tell the session that the socket takes more."""
        if self._session is not None:
            self._session.resume()

    def eof_received(self) -> None:
        """Tell the session that the client says no more; the connection is closed then."""
        if self._session is not None:
            self._session.leaving()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the session that the connection is gone."""
        session, self._session = self._session, None
        if session is not None:
            session.closed(str(exc) if exc is not None else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One listener: how its clients are admitted and what their reports are called."""

    bridge: Bridge
    channel: str
    settings: ConnectionSettings
    admit: Admit | None
    anonymous: Principal

    def begin(self, transport: asyncio.Transport) -> TakSession | None:
        """Begin a session on a new connection, or None, counted and logged, when it is refused."""
        bridge = self.bridge
        address = spell_address(transport.get_extra_info("peername"))
        principal = self._principal(transport, address)
        if isinstance(principal, str):
            certificate = _certificate(transport)
            owner = "" if certificate is None else spell_owner(certificate)
            bridge.refuse(principal, address, owner)
            return None
        if len(bridge.sessions) >= self.settings.max_connections:
            bridge.refuse("too many connections", address)
            return None
        transport.set_write_buffer_limits(high=bridge.outbox.socket_buffer)
        _keep_alive(transport)
        session = TakSession(
            bridge, transport, principal=principal, channel=self.channel, address=address
        )
        line = Acknowledged.of(transport)
        if line is not None:
            session.watch(line)
        return session

    def turn_away(self, reason: str, peer: Peer) -> None:
        """Count and log a connection that ends before a session could begin."""
        self.bridge.refuse(reason, spell_address(peer))

    def _principal(self, transport: asyncio.Transport, address: str) -> Principal | str:
        if self.admit is None:
            # Each such connection is somebody else, so that none can take another's uid.
            return replace(self.anonymous, name=f"{self.anonymous.name}@{address}")
        certificate = _certificate(transport)
        return "no client certificate" if certificate is None else self.admit(certificate)


def _certificate(transport: asyncio.Transport) -> bytes | None:
    tls = transport.get_extra_info("ssl_object")
    return None if tls is None else tls.getpeercert(binary_form=True)


_PROBES = (
    ("TCP_KEEPIDLE", 15), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3), ("TCP_USER_TIMEOUT", 60_000),
)  # fmt: skip


def _keep_alive(transport: asyncio.Transport) -> None:
    """Notice a dead peer in about 30 s of silence: 15 s, then three probes 5 s apart.

    While it is sent something it is not probed (tcp(7)): then in the 60 s that this may wait.
    """
    sock = transport.get_extra_info("socket")
    if sock is None or sock.family not in (socket.AF_INET, socket.AF_INET6):
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in _PROBES:
        if hasattr(socket, option):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)


class Opens(Protocol):
    """Begins a session on a new connection, as a door does."""

    def begin(self, transport: asyncio.Transport) -> TakSession | None:
        """Return the session, or None where the connection is refused."""
        ...

    def turn_away(self, reason: str, peer: Peer) -> None:
        """Note a connection that ends before."""
        ...


def serve_stream(door: Opens, listener: socket.socket, tls: ssl.SSLContext | None) -> Acceptor:
    """Accept CoT stream clients on a bound socket until what this returns is closed."""
    return Acceptor(
        listener, lambda: TakConnection(door.begin), tls, refuse=door.turn_away, share=ALL
    )


class CotDatagrams(asyncio.DatagramProtocol):
    """CoT over UDP: each datagram one event, XML or protobuf with the mesh header.

    For a multicast group it is a receiver too: what members may see is sent to the mesh as XML,
    the one form every peer reads; what came from the mesh is not sent back to it.
    """

    def __init__(self, door: Door, group: tuple[str, int] | None) -> None:
        self._door = door
        self._group = group
        self._speakers: OrderedDict[str, Speaker] = OrderedDict()
        self._transport: asyncio.DatagramTransport | None = None
        self._receiver: Receiver | None = None
        self._unheard: Unheard | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Join the fan-out when there is a mesh to send to."""
        self._transport = cast("asyncio.DatagramTransport", transport)
        if (ours := transport.get_extra_info("socket")) is not None:
            self._unheard = Unheard(ours)
        if self._group is not None:
            self._receiver = self._join()

    def _join(self) -> Receiver:
        bridge = self._door.bridge
        outbox = Outbox(bridge.outbox, form=Form.COT_XML, write=self._send, overflow=self._overflow)
        receiver = Receiver(principal=self._door.anonymous, outbox=outbox)
        bridge.hub.enter(receiver)
        return receiver

    def _send(self, batch: list[bytes]) -> None:
        assert self._transport is not None  # noqa: S101  set before the hub is joined
        for data in filter(None, batch):
            self._transport.sendto(data, self._group)

    def _overflow(self, reason: str) -> None:
        """Begin anew: there is no connection to end, and what was held is old by now."""
        self._door.bridge.ended[f"mesh: {reason}"] += 1
        self._leave()
        self._receiver = self._join()
        self.pause_writing()  # only a full socket holds things up
        for speaker in self._speakers.values():
            speaker.receiver = self._receiver

    def _leave(self) -> None:
        if self._receiver is not None:
            self._door.bridge.hub.leave(self._receiver)

    def pause_writing(self) -> None:
        """Hold what is for the mesh: the socket is full."""
        if self._receiver is not None:
            self._receiver.outbox.pause()

    def resume_writing(self) -> None:
        """Go on: the socket takes more."""
        if self._receiver is not None:
            self._receiver.outbox.resume()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Read one event and let it in."""
        bridge = self._door.bridge
        if self._unheard is not None and (dropped := self._unheard.more()):
            bridge.faults["datagram dropped: nobody had time"] += dropped
        if bridge.is_congested():
            bridge.faults["datagram dropped: journal behind"] += 1
            return
        speaker = self._speaker(addr[0])
        now = bridge.clock.now()
        try:
            event = read_datagram(data, bridge.cot.max_event_bytes, bridge.cot.max_depth)
            if event is None:  # a peer of the mesh that says only that it is there
                return
            report = to_report(
                event,
                source=speaker.source,
                groups=self._door.anonymous.speaks_in,
                received=now,
            )
        except WireError as fault:
            speaker.refused[fault.reason] += 1
            bridge.faults[fault.reason] += 1
            bridge.log.burst("unreadable", address=addr[0], reason=fault.reason, detail=str(fault))
            return
        refused = bridge.intake.accept(report, speaker)
        if refused is not None:
            bridge.log.burst("refused", client=addr[0], reason=refused, uid=report.uid)

    def _speaker(self, host: str) -> Speaker:
        known = self._speakers.get(host)
        if known is not None:
            self._speakers.move_to_end(host)
            return known
        door = self._door
        if len(self._speakers) >= door.settings.max_udp_senders:
            _, oldest = self._speakers.popitem(last=False)
            door.bridge.intake.forget(oldest)
            door.bridge.faults["udp senders forgotten"] += 1
        principal = replace(door.anonymous, name=f"{door.anonymous.name}@{host}")
        speaker = Speaker(
            principal=principal,
            source=Source(node=door.bridge.node, channel=door.channel, speaker=principal.name),
            receiver=self._receiver,
        )
        self._speakers[host] = speaker
        return speaker

    def error_received(self, exc: Exception) -> None:
        """Count what the network says of datagrams sent."""
        self._door.bridge.faults[f"udp: {exc}"] += 1

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  nothing to add to it
        """Leave the fan-out."""
        self._leave()


async def serve_datagrams(door: Door, sock: socket.socket) -> asyncio.DatagramTransport:
    """Accept CoT datagrams on a bound socket; take part in the mesh when it is a group's."""
    host, port = sock.getsockname()[:2]
    group = (host, port) if ipaddress.ip_address(host).is_multicast else None
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: CotDatagrams(door, group), sock=sock)
    return transport
