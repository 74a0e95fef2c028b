"""`python -m accord.federation.tak`: the guard of one TAK server, as the node starts it."""

import asyncio
import resource
import signal
import socket
import sys

from accord.federation.tak.guard import guard


def main() -> int:
    """Run a guard on the two sockets whose descriptors are given, until the node closes them."""
    line, hand = (socket.socket(fileno=int(each)) for each in sys.argv[1:3])
    # What is in its memory must not come to lie on a disk.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The node ends it by closing its end, when what is under way has been entered.
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    asyncio.run(guard(line, hand))
    return 0


sys.exit(main())
