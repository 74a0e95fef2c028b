"""Connected sockets, handed by the node to a guard over a socket pair (SCM_RIGHTS)."""

import array
import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import suppress

from accord.federation.guard.talk import Role

MAX_ADDRESS = 128
"""Characters of an address that goes with a socket."""

Handed = tuple[socket.socket, Role, str]


def pair() -> tuple[socket.socket, socket.socket]:
    """Return both ends; each message is one socket and what it is."""
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    near.setblocking(False)
    return near, far


def hand_over(hand: socket.socket, sock: socket.socket, role: Role, address: str) -> bool:
    """Give a socket away; False where the guard takes none now. It is closed here either way."""
    said = f"{role.value} {address[:MAX_ADDRESS]}".encode("ascii", "replace")
    rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [sock.fileno()]))
    try:
        hand.sendmsg([said], [rights])
    except OSError:
        return False
    finally:
        sock.close()
    return True


async def take_sockets(hand: socket.socket) -> AsyncGenerator[Handed, None]:
    """Yield what the node hands over, until it goes."""
    hand.setblocking(False)
    loop = asyncio.get_running_loop()
    while True:
        readable = loop.create_future()
        loop.add_reader(hand, _set, readable)
        try:
            await readable
        finally:
            loop.remove_reader(hand)
        try:
            said, descriptors, _, _ = socket.recv_fds(hand, 2 * MAX_ADDRESS, 1)
        except BlockingIOError:
            continue
        if not said:
            return
        for each in descriptors:
            sock = socket.socket(fileno=each)
            sock.setblocking(False)
            role, _, address = said.decode("ascii", "replace").partition(" ")
            yield sock, Role(int(role)), address


def _set(future: "asyncio.Future[None]") -> None:
    with suppress(asyncio.InvalidStateError):
        future.set_result(None)
