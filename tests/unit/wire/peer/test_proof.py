from hashlib import sha256

import pytest

from accord.release import merkle
from accord.wire.errors import Malformed
from accord.wire.peer.proof import (
    Proved,
    fold,
    hop_bytes,
    leaf,
    rebuilt,
    root,
    salt_of,
    session_of,
    statement_bytes,
    update_leaf,
    update_leaves,
)
from accord.wire.peer.protocol import FrameType, Lane
from accord.wire.peer.record import Hop, Statement

# The leaves and roots of the test of Certificate Transparency's reference implementation
# (google/certificate-transparency, cpp/merkletree/merkle_tree_test.cc).
INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}

STATEMENT = Statement(
    bytes(16), "NZL", "USA", FrameType.UPDATES, 7, Lane.TRACKS, 1000, 3, bytes(32)
)


@pytest.mark.parametrize("count", ROOTS)
def test_roots_are_those_that_certificate_transparency_published(count: int) -> None:
    leaves = [leaf(b"", data) for data in INPUTS[:count]]
    nodes = {(n, n + 1): each for n, each in enumerate(leaves)}
    assert root(leaves).hex() == fold(nodes, 0, count).hex() == ROOTS[count]


@pytest.mark.parametrize("count", [*range(1, 34), 100])
def test_the_tree_is_that_of_the_ledger(count: int) -> None:
    data = [bytes([n]) for n in range(count)]
    expected = merkle.root(merkle.Leaves(merkle.leaf_hash(each) for each in data), count)
    assert root([leaf(b"", each) for each in data]) == expected


@pytest.mark.parametrize("count", [2, 3, 7, 8, 21])
def test_a_proof_of_one_has_the_hashes_of_an_inclusion_proof(count: int) -> None:
    leaves = [leaf(b"", bytes([n])) for n in range(count)]
    proof = Proved(
        statement=STATEMENT._replace(leaves=count),
        signature=b"",
        nodes={(n, n + 1): each for n, each in enumerate(leaves)},
    )
    for n in range(count):
        hashes = proof.evidence([n], Hop("USA", b"")).hashes
        assert proof.left_out([n]) == len(hashes)
        assert set(hashes) == set(merkle.inclusion_proof(merkle.Leaves(leaves), n, count))
        assert fold(rebuilt(count, {n: leaves[n]}, hashes), 0, count) == root(leaves)


def test_a_proof_has_exactly_the_hashes_that_it_needs() -> None:
    leaves = [leaf(b"", bytes([n])) for n in range(4)]
    for hashes in ([], [leaves[1]], [leaves[1], leaves[2], leaves[3]]):
        with pytest.raises(Malformed):
            rebuilt(4, {0: leaves[0]}, hashes)


def test_a_part_of_a_part_is_proved_too() -> None:
    leaves = [leaf(b"", bytes([n])) for n in range(8)]
    whole = Proved(
        statement=STATEMENT._replace(leaves=8),
        signature=b"",
        nodes={(n, n + 1): each for n, each in enumerate(leaves)},
    )
    hashes = whole.evidence([1, 2], Hop("USA", b"")).hashes
    nodes = rebuilt(8, {1: leaves[1], 2: leaves[2]}, hashes)
    part = Proved(statement=whole.statement, signature=b"", nodes=nodes)
    again = part.evidence([2], Hop("AUS", b"")).hashes
    assert fold(rebuilt(8, {2: leaves[2]}, again), 0, 8) == root(leaves)


def test_the_salt_goes_along_only_where_nothing_is_left_out() -> None:
    leaves = [leaf(b"", bytes([n])) for n in range(3)]
    proof = Proved(
        statement=STATEMENT,
        signature=b"",
        nodes={(n, n + 1): each for n, each in enumerate(leaves)},
        salt=bytes(16),
    )
    hop = Hop("USA", b"")
    assert proof.evidence([0, 1, 2], hop).salt == bytes(16)
    assert proof.evidence([0, 1], hop).salt is None
    assert proof.item_salt(1) == salt_of(bytes(16), 1)


def test_a_salt_for_one_tells_none_for_another() -> None:
    assert salt_of(bytes(16), 0) == sha256(bytes(20)).digest()[:16]
    assert salt_of(bytes(16), 0) != salt_of(bytes(16), 1)
    assert salt_of(None, 0) == b""


def test_an_update_is_signed_with_its_header_and_the_time_of_its_frame() -> None:
    said = b"\0" + b"s" * 16 + b"d" * 32 + (1000).to_bytes(8) + b"body"
    assert update_leaf(b"s" * 16, b"d" * 32, 1000, b"body") == sha256(said).digest()


def test_each_update_of_a_frame_has_a_salt_of_its_own_but_one_alone_has_none() -> None:
    items = [(b"d" * 32, b"one"), (b"e" * 32, b"two")]
    salts = [sha256(b"s" * 16 + place.to_bytes(4)).digest()[:16] for place in (0, 1)]
    assert update_leaves(b"s" * 16, 1000, items) == [
        sha256(b"\0" + salt + header + (1000).to_bytes(8) + body).digest()
        for salt, (header, body) in zip(salts, items, strict=True)
    ]
    alone = sha256(b"\0" + b"d" * 32 + (1000).to_bytes(8) + b"one").digest()
    assert update_leaves(None, 1000, items[:1]) == [alone]


def test_a_statement_is_written_as_documented() -> None:
    assert statement_bytes(STATEMENT).hex() == (
        "8a"  # an array of ten
        "6d6163636f726420706565722031"  # "accord peer 1"
        "50" + "00" * 16 + "634e5a4c" "63555341"  # session, "NZL", "USA"
        "03" "07" "04" "1903e8" "03"  # UPDATES, number, lane, time, leaves
        "5820" + "00" * 32
    )  # fmt: skip


def test_a_hop_is_signed_over_the_way_so_far_and_where_it_goes() -> None:
    digest = sha256(statement_bytes(STATEMENT)).hexdigest()
    assert hop_bytes(STATEMENT, ["USA", "AUS"], "CAN").hex() == (
        "84" "6c6163636f726420686f702031" "5820" + digest + "82" "63555341" "63415553" "6343414e"
    )  # fmt: skip


def test_a_session_is_of_both_nonces() -> None:
    expected = sha256(b"accord session 1" + b"a" * 16 + b"b" * 16).digest()[:16]
    assert session_of(b"a" * 16, b"b" * 16) == expected
    assert session_of(b"b" * 16, b"a" * 16) != expected
