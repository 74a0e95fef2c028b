"""The tree against its definition in RFC 6962, written down word for word."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from accord.release.merkle import (
    Frontier,
    Leaves,
    consistency_proof,
    fold,
    inclusion_proof,
    is_consistent,
    is_included,
    leaf_hash,
    root,
)


def naive_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, 2.1, word for word."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\1" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def naive_path(index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962, 2.1.1, word for word."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if index < k:
        return [*naive_path(index, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(index - k, leaves[k:]), naive_root(leaves[:k])]


def naive_subproof(m: int, leaves: list[bytes], *, is_known: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962, 2.1.2, word for word."""
    n = len(leaves)
    if m == n:
        return [] if is_known else [naive_root(leaves)]
    k = 1
    while k * 2 < n:
        k *= 2
    if m <= k:
        return [*naive_subproof(m, leaves[:k], is_known=is_known), naive_root(leaves[k:])]
    return [*naive_subproof(m - k, leaves[k:], is_known=False), naive_root(leaves[:k])]


@given(st.lists(st.binary(max_size=3), min_size=1, max_size=40), st.data())
def test_roots_and_proofs_are_those_of_the_definition(
    leaves: list[bytes], data: st.DataObject
) -> None:
    size = len(leaves)
    frontier = Frontier()
    full = [frontier.append(leaf_hash(each)) for each in leaves]
    tree = Leaves([leaf_hash(each) for each in leaves])
    assert frontier.root() == root(tree, size) == naive_root(leaves)
    index = data.draw(st.integers(0, size - 1))
    assert full[index][-1] == naive_root(
        leaves[index + 1 - (1 << len(full[index]) - 1) : index + 1]
    )
    path = inclusion_proof(tree, index, size)
    assert path == naive_path(index, leaves)
    assert is_included(leaf_hash(leaves[index]), index, size, path, naive_root(leaves))
    first = data.draw(st.integers(1, size))
    proof = consistency_proof(tree, first, size)
    assert proof == naive_subproof(first, leaves, is_known=True)
    assert is_consistent(first, size, proof, naive_root(leaves[:first]), naive_root(leaves))


@given(st.integers(0, 70), st.integers(0, 3))
def test_a_tree_that_is_put_together_from_full_subtrees_is_the_same(size: int, level: int) -> None:
    leaves = [leaf_hash(bytes([each])) for each in range(size)]
    one, other = Frontier(), Frontier()
    for leaf in leaves:
        one.append(leaf)
    whole = size >> level
    for index in range(whole):
        other.append_full(fold(leaves[index << level : (index + 1) << level]), level)
    for leaf in leaves[whole << level :]:
        other.append(leaf)
    assert one == other
