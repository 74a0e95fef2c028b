"""What a frame's signature is over, and how items of a frame are proved without the others.

The tree is that of RFC 6962. A leaf begins with 16 bytes that come from the frame's salt, so that
the hash of an item that is left out cannot be tried out by guessing the item.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from accord.wire.errors import Malformed
from accord.wire.peer import cbor
from accord.wire.peer.protocol import NONCE
from accord.wire.peer.record import Evidence, Hop, Statement

FRAME_WORDS = "accord peer 1"
HOP_WORDS = "accord hop 1"
SESSION_WORDS = b"accord session 1"
UNSALTED = b""


def session_of(dialler: bytes, listener: bytes) -> bytes:
    """Return the id of the session that the nonces of both HELLOs make."""
    return sha256(SESSION_WORDS + dialler + listener).digest()[:NONCE]


def salt_of(salt: bytes | None, index: int) -> bytes:
    """Return what the leaf at that place in the frame begins with; nothing in a frame of one."""
    return UNSALTED if salt is None else sha256(salt + index.to_bytes(4)).digest()[:NONCE]


def leaf(salt: bytes, item: bytes) -> bytes:
    """Return the hash of a leaf (RFC 6962, 2.1)."""
    return sha256(b"\x00" + salt + item).digest()


def update_leaf(salt: bytes, header: bytes, at: int, body: bytes) -> bytes:
    """Return the hash of an update's leaf: the digest of its header, the frame's time, its body."""
    return sha256(b"\x00" + salt + header + at.to_bytes(8) + body).digest()


def update_leaves(salt: bytes | None, at: int, items: Iterable[tuple[bytes, bytes]]) -> list[bytes]:
    """Return the leaf hashes of a frame's updates: of each the digest of its header, its body."""
    return [
        update_leaf(salt_of(salt, place), header, at, body)
        for place, (header, body) in enumerate(items)
    ]


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the tree hash of one or more leaf hashes (RFC 6962, 2.1)."""
    level = leaves
    while len(level) > 1:
        pairs = [
            sha256(b"\x01" + level[n] + level[n + 1]).digest() for n in range(0, len(level) - 1, 2)
        ]
        if len(level) & 1:
            # What has no neighbour goes up as it is: the split at the largest power of two.
            pairs.append(level[-1])
        level = pairs
    return level[0]


def rebuilt(count: int, leaves: Mapping[int, bytes], hashes: Sequence[bytes]) -> "Nodes":
    """Return the tree of which some leaves are there, and hashes of what is left out.

    The hashes are those of the largest subtrees that hold none of the leaves, from left to right.
    Raises Malformed unless they are exactly so many as are needed.
    """
    parts = _parts(0, count, sorted(leaves))
    outside = iter(hashes)
    nodes: Nodes = {}
    for begin, end, is_kept in parts:
        found = leaves[begin] if is_kept else next(outside, None)
        if found is None:
            raise Malformed("a proof has fewer hashes than it needs")
        nodes[begin, end] = found
    if next(outside, None) is not None:
        raise Malformed("a proof has more hashes than it needs")
    return nodes


Nodes = dict[tuple[int, int], bytes]
"""The hashes of subtrees, by the first leaf and the one after the last."""


def fold(nodes: Nodes, begin: int, end: int) -> bytes:
    """Return the hash of a subtree from those that are known."""
    known = nodes.get((begin, end))
    if known is not None:
        return known
    middle = begin + _left_of(end - begin)
    return sha256(b"\x01" + fold(nodes, begin, middle) + fold(nodes, middle, end)).digest()


def _parts(begin: int, end: int, kept: Sequence[int]) -> Iterator[tuple[int, int, bool]]:
    """Cut the tree into the kept leaves and the largest subtrees without any; `kept` is sorted."""
    has = bisect_left(kept, begin) < bisect_left(kept, end)
    if not has or end - begin == 1:
        yield begin, end, has
        return
    middle = begin + _left_of(end - begin)
    yield from _parts(begin, middle, kept)
    yield from _parts(middle, end, kept)


def _left_of(count: int) -> int:
    """Return the largest power of two that is smaller."""
    return 1 << ((count - 1).bit_length() - 1)


def statement_bytes(statement: Statement) -> bytes:
    """Return the bytes that are signed."""
    return cbor.write([FRAME_WORDS, *statement])


def hop_bytes(statement: Statement, nodes: Sequence[str], to: str) -> bytes:
    """Return what the last of the nodes signs when it passes on to another node."""
    digest = sha256(statement_bytes(statement)).digest()
    return cbor.write([HOP_WORDS, digest, list(nodes), to])


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """What is kept of a frame, so that any item of it can be passed on.

    `nodes` are the hashes of all its leaves, or of those that came and of what was left out.
    `salt` is the frame's where all came, else `salts` has those of the items; both are empty in a
    frame of one. `hops` are those that it came over.
    """

    statement: Statement
    signature: bytes
    nodes: Nodes
    salt: bytes | None = None
    salts: Mapping[int, bytes] = field(default_factory=dict[int, bytes])
    hops: tuple[Hop, ...] = ()

    def evidence(self, kept: Iterable[int], hop: Hop) -> Evidence:
        """Return the proof of the items at those places; `hop` is this node's."""
        places = sorted(kept)
        is_whole = len(places) == self.statement.leaves
        return Evidence(
            statement=self.statement._replace(root=b""),
            signature=self.signature,
            hashes=tuple(
                fold(self.nodes, begin, end)
                for begin, end, is_kept in _parts(0, self.statement.leaves, places)
                if not is_kept
            ),
            hops=(*self.hops, hop),
            salt=self.salt if is_whole else None,
        )

    def left_out(self, kept: Iterable[int]) -> int:
        """Return how many hashes stand for what is left out where those places are passed on."""
        parts = _parts(0, self.statement.leaves, sorted(kept))
        return sum(not is_kept for _, _, is_kept in parts)

    def item_salt(self, index: int) -> bytes | None:
        """Return the salt of one item, as it goes along where something else is left out."""
        return self.salts.get(index) if self.salt is None else salt_of(self.salt, index)

    def to_sign(self, node: str, to: str) -> bytes:
        """Return what this node signs as its hop, when it passes items on."""
        return hop_bytes(self.statement, [*(hop.node for hop in self.hops), node], to)
