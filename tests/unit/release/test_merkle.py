"""Vectors: transparency-dev/merkle, proof/verify_test.go (first certificate-transparency's own)."""

import pytest

from accord.release.merkle import (
    EMPTY_ROOT,
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

LEAVES = [
    bytes.fromhex(each)
    for each in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    bytes.fromhex(each)
    for each in (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    )
]
A, B = (
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    ("ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"),
)
C, D = (
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ("bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"),
)
E, F = (
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    ("6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"),
)
G, H = (
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    ("b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f"),
)
# Leaf (counted from 1), size, proof.
INCLUDED = [
    (1, 1, []),
    (1, 8, [E, A, F]),
    (6, 8, [D, B, C]),
    (3, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (2, 5, ["6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d", A, D]),
]
CONSISTENT = [(1, 1, []), (1, 8, [E, A, F]), (6, 8, [G, B, C]), (2, 5, [A, D]), (6, 7, [G, H, C])]

TREE = Leaves([leaf_hash(each) for each in LEAVES])
OTHER = bytes.fromhex("abacaba000000000000000000000000000000000000000000060061e00123456")


def unhex(proof: list[str]) -> list[bytes]:
    return [bytes.fromhex(each) for each in proof]


def test_the_empty_tree_has_the_published_root() -> None:
    published = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert Frontier().root().hex() == root(TREE, 0).hex() == EMPTY_ROOT.hex() == published


@pytest.mark.parametrize("size", range(1, 9))
def test_each_tree_of_the_vectors_has_its_published_root(size: int) -> None:
    frontier = Frontier()
    for leaf in LEAVES[:size]:
        frontier.append(leaf_hash(leaf))
    assert frontier.root() == root(TREE, size) == ROOTS[size - 1]


def test_a_full_tree_is_folded_to_its_published_root() -> None:
    assert fold([leaf_hash(each) for each in LEAVES]) == ROOTS[7]


@pytest.mark.parametrize(("leaf", "size", "proof"), INCLUDED)
def test_the_published_inclusion_proofs_are_made_and_hold(
    leaf: int, size: int, proof: list[str]
) -> None:
    made = inclusion_proof(TREE, leaf - 1, size)
    assert made == unhex(proof)
    assert is_included(leaf_hash(LEAVES[leaf - 1]), leaf - 1, size, made, ROOTS[size - 1])


@pytest.mark.parametrize(("first", "second", "proof"), CONSISTENT)
def test_the_published_consistency_proofs_are_made_and_hold(
    first: int, second: int, proof: list[str]
) -> None:
    made = consistency_proof(TREE, first, second)
    assert made == unhex(proof)
    assert is_consistent(first, second, made, ROOTS[first - 1], ROOTS[second - 1])


@pytest.mark.parametrize(("number", "size", "proof"), INCLUDED[1:])
def test_a_corrupt_inclusion_proof_does_not_hold(number: int, size: int, proof: list[str]) -> None:
    """The corruptions of verify_test.go."""
    path, top, index = unhex(proof), ROOTS[size - 1], number - 1
    leaf = leaf_hash(LEAVES[index])
    wrong = [
        (leaf, index - 1, size, path, top),
        (leaf, index + 1, size, path, top),
        (leaf, index ^ 2, size, path, top),
        (leaf, index, size * 2, path, top),
        (leaf, index, size // 2, path, top),
        (b"WrongLeaf", index, size, path, top),
        (leaf, index, size, path, EMPTY_ROOT),
        (leaf, index, size, path, OTHER),
        (leaf, index, size, [*path, b""], top),
        (leaf, index, size, [*path, top], top),
        (leaf, index, size, [b"", *path], top),
        (leaf, index, size, [top, *path], top),
        (leaf, index, size, path[:-1], top),
        (leaf, index, size, [path[0], OTHER, *path[1:]], top),
        (leaf, index, size, [*path, *[OTHER] * 64], top),
    ]
    for place in range(len(path)):
        bent = [*path]
        bent[place] = bytes([bent[place][0] ^ 8]) + bent[place][1:]
        wrong.append((leaf, index, size, bent, top))
    assert [each for each in wrong if is_included(*each)] == []


@pytest.mark.parametrize(("first", "second", "proof"), CONSISTENT[1:])
def test_a_corrupt_consistency_proof_does_not_hold(
    first: int, second: int, proof: list[str]
) -> None:
    """The corruptions of verify_test.go."""
    path, one, two = unhex(proof), ROOTS[first - 1], ROOTS[second - 1]
    wrong = [
        (first - 1, second, path, one, two),
        (first + 1, second, path, one, two),
        (first ^ 2, second, path, one, two),
        (first, second * 2, path, one, two),
        (first, second // 2, path, one, two),
        (first, second, path, b"WrongRoot", two),
        (first, second, path, one, b"WrongRoot"),
        (first, second, path, two, one),
        (first, second, [], one, two),
        (first, second, [*path, b""], one, two),
        (first, second, [*path, one], one, two),
        (first, second, [*path, two], one, two),
        (first, second, [b"", *path], one, two),
        (first, second, [one, *path], one, two),
        (first, second, [two, *path], one, two),
        (first, second, [path[0], *path], one, two),
        (first, second, path[:-1], one, two),
    ]
    for place in range(len(path)):
        bent = [*path]
        bent[place] = bytes([bent[place][0] ^ 16]) + bent[place][1:]
        wrong.append((first, second, bent, one, two))
    assert [each for each in wrong if is_consistent(*each)] == []


@pytest.mark.parametrize(
    ("first", "second", "one", "two", "proof", "holds"),
    [
        (0, 0, EMPTY_ROOT, EMPTY_ROOT, [], True),
        (0, 1, EMPTY_ROOT, OTHER, [], True),
        (1, 1, OTHER, OTHER, [], True),
        (0, 0, EMPTY_ROOT, OTHER, [], False),
        (0, 1, OTHER, OTHER, [], False),
        (1, 0, OTHER, OTHER, [], False),
        (2, 1, OTHER, OTHER, [], False),
        (1, 2, OTHER, OTHER, [], False),
        (0, 1, EMPTY_ROOT, OTHER, [OTHER], False),
        (1, 1, OTHER, OTHER, [OTHER], False),
        (3, 4, OTHER, OTHER, [], False),
    ],
)
def test_the_edges_of_consistency(
    first: int, second: int, one: bytes, two: bytes, proof: list[bytes], holds: bool
) -> None:
    assert is_consistent(first, second, proof, one, two) is holds


def test_there_is_no_proof_of_what_is_not_there() -> None:
    for index, size in ((0, 0), (8, 8), (-1, 8)):
        with pytest.raises(ValueError, match="no leaf"):
            inclusion_proof(TREE, index, size)
    for first, second in ((0, 8), (8, 7)):
        with pytest.raises(ValueError, match="no consistency proof"):
            consistency_proof(TREE, first, second)


def test_a_subtree_is_added_only_where_one_begins() -> None:
    frontier = Frontier()
    frontier.append(leaf_hash(b""))
    with pytest.raises(ValueError, match="no subtree of level 1 begins at leaf 1"):
        frontier.append_full(OTHER, 1)


def test_a_copy_grows_by_itself() -> None:
    frontier = Frontier()
    frontier.copy().append(OTHER)
    assert frontier == Frontier()
