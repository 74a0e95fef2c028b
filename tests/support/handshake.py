"""A TLS handshake between two contexts, in memory."""

import ssl
from contextlib import suppress

ROUNDS = 10


def handshake(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> ssl.SSLObject:
    """Let a client connect by a name, and return the server's side; SSLError of either side."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    theirs = client.wrap_bio(to_client, to_server, server_hostname=name)
    ours = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(ROUNDS):
        for side in (theirs, ours):
            with suppress(ssl.SSLWantReadError):
                side.do_handshake()
    # With TLS 1.3 a client is told only afterwards that its certificate is refused.
    ours.write(b"hello")
    assert theirs.read() == b"hello"
    return ours
