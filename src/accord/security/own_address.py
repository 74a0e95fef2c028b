"""Where a link leads that this node writes: to itself, whatever name it was asked for under."""

from collections.abc import Callable
from urllib.parse import urlsplit


def own_address(asked: str, host: Callable[[str], str]) -> str:
    """Return the host and port under which a link leads to this node, and nowhere else.

    `asked` is the host and port of the request, which are the asker's word; `host` returns that
    name where it is the node's own, or else one that is. A link is kept, or told to others, and
    followed with the certificate of whoever has it.
    """
    try:
        parts = urlsplit(f"//{asked}")
        name, port = parts.hostname or "", parts.port
    except ValueError:
        name, port = "", None
    own = host(name)
    own = f"[{own}]" if ":" in own else own
    return own if port is None else f"{own}:{port}"
