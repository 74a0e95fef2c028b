"""How links to partners are made and watched over."""

from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSettings:
    """How a partner is dialled, how long is waited, and how often ledgers are compared."""

    dial_first: float = field(
        default=1.0, metadata={"doc": "seconds until a partner is dialled again, at first"}
    )
    dial_longest: float = field(
        default=60.0, metadata={"doc": "seconds until a partner is dialled again, at most"}
    )
    dial_timeout: float = field(
        default=10.0, metadata={"doc": "seconds that a TCP connection may take to be made"}
    )
    handshake_timeout: int = field(
        default=15, metadata={"doc": "seconds that TLS, and then the first frame, may take"}
    )
    checkpoint_every: timedelta = field(
        default=timedelta(minutes=10),
        metadata={"doc": "how often the ledger is signed and sent to the partner to be cosigned"},
    )
    withheld_every: timedelta = field(
        default=timedelta(minutes=1),
        metadata={"doc": "for how long what is withheld is counted before it is entered"},
    )
    kept_every: timedelta = field(
        default=timedelta(seconds=5),
        metadata={"doc": "how often what a link must remember is written to the disk"},
    )
    send_buffer: int = field(
        default=16 * 1024,
        metadata={"doc": "bytes that the system may hold of a link; nothing overtakes them"},
    )
    given_at_once: int = field(
        default=8, metadata={"doc": "frames that a guard may have and not have sent yet"}
    )
    bundle_bytes: int = field(
        default=64 * 1024 * 1024,
        metadata={"doc": "bytes of a file that carries what a line would, written or taken"},
    )
    bundle_age: timedelta = field(
        default=timedelta(days=30),
        metadata={"doc": "how long ago such a file may have been made when it is taken"},
    )
