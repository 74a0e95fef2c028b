"""Ledgers for tests: two nodes, their keys, and lines that differ by their number."""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accord.core.partner import NodeName
from accord.release.ledger.audit import SEGMENT, Row, Segment
from accord.release.ledger.checkpoint import cosigner_name, origin_of
from accord.release.ledger.entry import Body, Received, Release, encode, milliseconds
from accord.release.ledger.note import Signer
from accord.release.merkle import Leaves, fold, leaf_hash
from accord.storage.ledger import Ledger
from accord.storage.ledger_reader import Owner, path_of

USA, NZL = NodeName("pac.example", "USA-PAC"), NodeName("jfnz.example", "NZL-JFNZ")
ORIGIN, OTHER_ORIGIN = origin_of(USA, NZL.node), origin_of(NZL, USA.node)
AT = datetime(2026, 12, 1, 6, 0, 0, 123000, tzinfo=UTC)
DIGEST = sha256(b"the agreement").digest()


def key(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest())


AUTHOR, WITNESS = Signer(ORIGIN, key("USA")), Signer(cosigner_name(NZL), key("NZL"))
OTHER_AUTHOR = Signer(OTHER_ORIGIN, key("NZL"))
P384_AUTHOR = Signer(ORIGIN, derive_private_key(7, SECP384R1()))
KEYS = [AUTHOR.key, WITNESS.cosigner_key]


def passage(
    number: int, *, clause: str = "1.1", frame: int | None = None, **more: object
) -> dict[str, object]:
    """What one release says; each number is another version."""
    return {
        "agreement": "EXAMPLE-USA-NZL",
        "serial": 1,
        "digest": DIGEST,
        "clause": clause,
        "form": "grid-1nm",
        "name": f"P-{number % 7}",
        "version": (3, 1_764_000_000_000 + number),
        "payload": sha256(b"payload %d" % number).digest(),
        "marking": "(U//REL TO NZL)",
        "frame": number // 20 if frame is None else frame,
        **more,
    }


def release(number: int, **more: object) -> Release:
    return Release(**passage(number, **more))  # type: ignore[arg-type]


def received(number: int, **more: object) -> Received:
    return Received(**passage(number, **more))  # type: ignore[arg-type]


def rows(bodies: Sequence[Body], partner: str = NZL.node) -> list[Row]:
    """The lines of a ledger with these."""
    found: list[Row] = []
    for number, body in enumerate(bodies, start=1):
        data = encode(number, milliseconds(AT), partner, body)
        found.append((number, data, leaf_hash(data)))
    return found


class Kept(Leaves):
    """A ledger in memory, as `audit` takes it; lines can be changed behind its back."""

    def __init__(self, lines: Sequence[Row], notes: Sequence[bytes] = ()) -> None:
        super().__init__([leaf for _, _, leaf in lines])
        self._notes = notes
        self.parts = [
            Segment(index, lines[begin : begin + SEGMENT], self.root_of(lines, begin))
            for index, begin in enumerate(range(0, len(lines), SEGMENT))
        ]

    @staticmethod
    def root_of(lines: Sequence[Row], begin: int) -> bytes | None:
        part = [leaf for _, _, leaf in lines[begin : begin + SEGMENT]]
        return fold(part) if len(part) == SEGMENT else None

    def segments(self) -> list[Segment]:
        return self.parts

    def notes(self) -> Sequence[bytes]:
        return self._notes


def make_ledger(
    directory: Path, bodies: Sequence[Body] = (), *, mine: NodeName = USA, partner: NodeName = NZL
) -> Ledger:
    """A node's ledger for a partner on disk, with these lines."""
    author = AUTHOR if mine == USA else OTHER_AUTHOR
    witness = WITNESS if mine == USA else Signer(cosigner_name(USA), key("USA"))
    owner = Owner(origin_of(mine, partner.node), mine.node, partner.node)
    ledger = Ledger(path_of(directory, partner.node), owner, [author.key, witness.cosigner_key])
    if bodies:
        ledger.append(bodies, AT)
    return ledger
