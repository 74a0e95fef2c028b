"""How a guard lives: a process that begins with two sockets of its node, and ends with it."""

import asyncio
import gc
import resource
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Protocol

from accord.core.errors import AccordError
from accord.federation.guard import talk
from accord.federation.guard.node_end import NodeEnd
from accord.release.ledger.fault import LedgerFault


class Guarding(Protocol):
    """A guard that has begun."""

    async def run(self, hand: socket.socket) -> None:
        """Serve the node until it goes. `hand` brings the sockets of connections."""
        ...

    def end(self) -> None:
        """Sign a last checkpoint, and let the ledger go."""
        ...


Make = Callable[[NodeEnd], Awaitable[Guarding | None]]
"""Makes the guard of what the node says first; None where it says nothing, or something else.

AccordError where the guard cannot do its work.
"""


def live(make: Make) -> int:
    """Be the process of a guard, on the sockets whose descriptors are its arguments."""
    line, hand = (socket.socket(fileno=int(each)) for each in sys.argv[1:3])
    # What is in its memory must not come to lie on a disk.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The node ends it by closing its end, when what is under way has been entered.
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    # Frames and lines make no cycles: to look for some every 700 objects took a tenth of its time.
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    asyncio.run(guard(line, hand, make))
    return 0


async def guard(line: socket.socket, hand: socket.socket, make: Make) -> None:
    """Run until the node closes its end of the line."""
    reader, writer = await asyncio.open_unix_connection(sock=line)
    try:
        await _guard(NodeEnd(reader, writer), hand, make)
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def _guard(node: NodeEnd, hand: socket.socket, make: Make) -> None:
    try:
        made = await make(node)
    except AccordError as error:
        await node.tell(talk.Standing(0, 0, 0, str(error)))
        return
    if made is None:
        return
    try:
        await made.run(hand)
    except* LedgerFault as faults:
        # What cannot be entered does not leave; the node is told, and begins another guard.
        await node.tell(talk.Standing(0, 0, 0, str(faults.exceptions[0])))
    finally:
        made.end()
