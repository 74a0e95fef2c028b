"""The Merkle tree of RFC 6962 and RFC 9162: roots, proofs, and how proofs are verified.

SHA-256. A tree of n leaves is split at the largest power of two smaller than n, so every subtree
but those at the right edge is full, and a full one never changes when leaves are added.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol

HASH_BYTES = 32
EMPTY_ROOT = sha256().digest()
"""Of a tree without leaves (RFC 9162, 2.1.1)."""

MAX_PROOF = 64
"""Hashes of an inclusion proof in a tree of 2^64 leaves; a consistency proof has one more."""


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf; it can be that of no node (RFC 9162, 2.1.1)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees together."""
    return sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the root over the leaf hashes of one full subtree, a power of two of them."""
    level = list(hashes)
    while len(level) > 1:
        pairs = iter(level)
        level = [sha256(b"\x01" + a + b).digest() for a, b in zip(pairs, pairs, strict=True)]
    return level[0]


@dataclass(slots=True)
class Frontier:
    """A tree as far as adding to it needs: `peaks` are the roots of its full subtrees, left first.

    Adding a leaf takes two hashes on average; the root takes one for each peak but one.
    """

    size: int = 0
    peaks: list[bytes] = field(default_factory=list[bytes])

    def append(self, leaf: bytes) -> list[bytes]:
        """Add a leaf's hash; return the subtrees that are full with it, itself first, by level."""
        return self.append_full(leaf, 0)

    def append_full(self, root: bytes, level: int) -> list[bytes]:
        """Add a full subtree of 2^level leaves. ValueError where it has no place at this size."""
        if self.size % (1 << level):
            raise ValueError(f"no subtree of level {level} begins at leaf {self.size}")
        full = [root]
        index = self.size >> level
        while index & 1:
            root = sha256(b"\x01" + self.peaks.pop() + root).digest()
            full.append(root)
            index >>= 1
        self.peaks.append(root)
        self.size += 1 << level
        return full

    def root(self) -> bytes:
        """Return the root of the whole tree."""
        if not self.peaks:
            return EMPTY_ROOT
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root

    def copy(self) -> "Frontier":
        """Return another that grows by itself."""
        return Frontier(self.size, list(self.peaks))


class Nodes(Protocol):
    """Where the hashes of full subtrees come from."""

    def node(self, level: int, index: int) -> bytes:
        """Return the hash of the subtree of 2^level leaves that begins at leaf index * 2^level."""
        ...


class Leaves:
    """A tree in memory, from its leaf hashes."""

    def __init__(self, leaves: Iterable[bytes]) -> None:
        self._levels = [list(leaves)]
        while len(self._levels[-1]) > 1:
            below = iter(self._levels[-1])
            self._levels.append([node_hash(a, b) for a, b in zip(below, below, strict=False)])

    def node(self, level: int, index: int) -> bytes:
        """Return the hash of a full subtree."""
        return self._levels[level][index]


def root(nodes: Nodes, size: int) -> bytes:
    """Return the root of the tree as it was with the first `size` leaves."""
    return _range(nodes, 0, size) if size else EMPTY_ROOT


def _range(nodes: Nodes, begin: int, end: int) -> bytes:
    count = end - begin
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return nodes.node(level, begin >> level)
    split = begin + _left_of(count)
    return node_hash(_range(nodes, begin, split), _range(nodes, split, end))


def _left_of(count: int) -> int:
    """Return the largest power of two that is smaller."""
    return 1 << ((count - 1).bit_length() - 1)


def inclusion_proof(nodes: Nodes, index: int, size: int) -> list[bytes]:
    """Return PATH(index, D[size]) of RFC 9162, 2.1.3.1. ValueError where there is no such leaf."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    proof: list[bytes] = []
    begin, end = 0, size
    while end - begin > 1:
        split = begin + _left_of(end - begin)
        if index < split:
            proof.append(_range(nodes, split, end))
            end = split
        else:
            proof.append(_range(nodes, begin, split))
            begin = split
    return proof[::-1]


def consistency_proof(nodes: Nodes, first: int, second: int) -> list[bytes]:
    """Return PROOF(first, D[second]) of RFC 9162, 2.1.4.1: the larger tree begins as the smaller.

    Empty where they are one. ValueError unless 0 < first <= second.
    """
    if not 0 < first <= second:
        raise ValueError(f"no consistency proof leads from {first} leaves to {second}")
    proof: list[bytes] = []
    begin, end = 0, second
    while first != end:
        split = begin + _left_of(end - begin)
        if first <= split:
            proof.append(_range(nodes, split, end))
            end = split
        else:
            proof.append(_range(nodes, begin, split))
            begin = split
    if begin:
        proof.append(_range(nodes, begin, end))
    return proof[::-1]


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Tell whether the proof shows that leaf in the tree of that root (RFC 9162, 2.1.3.2)."""
    if not (0 <= index < size and _are_hashes(proof, MAX_PROOF)):
        return False
    at, last, found = index, size - 1, leaf
    for each in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(each, found)
            at, last = _up_to_left(at, last)
        else:
            found = node_hash(found, each)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def is_consistent(
    first: int, second: int, proof: Sequence[bytes], first_root: bytes, second_root: bytes
) -> bool:
    """Tell whether the proof shows that the larger tree only adds (RFC 9162, 2.1.4.2)."""
    if not (0 <= first <= second and _are_hashes(proof, MAX_PROOF + 1)):
        return False
    if first == second:
        return not proof and first_root == second_root
    if first == 0:
        return not proof and first_root == EMPTY_ROOT
    path = list(proof)
    if first & (first - 1) == 0:
        path.insert(0, first_root)
    return bool(path) and _both_roots(path, first - 1, second - 1) == (first_root, second_root)


def _both_roots(path: Sequence[bytes], at: int, last: int) -> tuple[bytes, bytes] | None:
    """Return the roots of the smaller and the larger tree that the path leads to."""
    while at & 1:
        at, last = at >> 1, last >> 1
    smaller = larger = path[0]
    for each in path[1:]:
        if last == 0:
            return None
        if at & 1 or at == last:
            smaller, larger = node_hash(each, smaller), node_hash(each, larger)
            at, last = _up_to_left(at, last)
        else:
            larger = node_hash(larger, each)
        at, last = at >> 1, last >> 1
    return (smaller, larger) if last == 0 else None


def _up_to_left(at: int, last: int) -> tuple[int, int]:
    """Go up from a right edge to where there is something on the left."""
    while at and not at & 1:
        at, last = at >> 1, last >> 1
    return at, last


def _are_hashes(proof: Sequence[bytes], limit: int) -> bool:
    return len(proof) <= limit and all(len(each) == HASH_BYTES for each in proof)
