"""The form of the file: C2SP tlog-proof v1."""

import base64

import pytest

from accord.release.ledger.checkpoint import Checkpoint, cosign, sign
from accord.release.ledger.fault import LedgerFault
from accord.release.ledger.proof import MAX_FILE, check_proof, origin_in, spell_proof
from accord.release.merkle import Leaves, inclusion_proof, leaf_hash, root
from support.ledger import AUTHOR, KEYS, ORIGIN, WITNESS, release, rows

LINES = rows([release(number) for number in range(1, 8)])
TREE = Leaves([leaf for _, _, leaf in LINES])
NOTE = cosign(sign(Checkpoint(ORIGIN, 7, root(TREE, 7)), AUTHOR), WITNESS, 1_800_000_000).spell()


def proof_of(number: int) -> str:
    return spell_proof(LINES[number - 1][1], number - 1, inclusion_proof(TREE, number - 1, 7), NOTE)


def test_the_file_is_as_the_specification_has_it() -> None:
    lines = proof_of(3).split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert lines[1] == f"extra {base64.b64encode(LINES[2][1]).decode()}"
    assert lines[2] == "index 2"
    assert [base64.b64decode(each) for each in lines[3:6]] == inclusion_proof(TREE, 2, 7)
    assert lines[6] == ""
    assert "\n".join(lines[7:]).encode() == NOTE


@pytest.mark.parametrize("number", range(1, 8))
def test_a_proof_proves_its_line_to_whoever_has_the_key(number: int) -> None:
    text = proof_of(number).encode()
    proved = check_proof(text, ORIGIN, KEYS)
    assert proved.entry.body == release(number)
    assert proved.witnessed.checkpoint.size == 7
    assert len(proved.witnessed.cosigners) == 1
    assert origin_in(text) == ORIGIN


def test_a_proof_of_a_changed_line_proves_nothing() -> None:
    other = rows([release(1), release(99)])[1][1]
    text = proof_of(2).replace(
        base64.b64encode(LINES[1][1]).decode(), base64.b64encode(other).decode()
    )
    with pytest.raises(LedgerFault, match="not in the ledger"):
        check_proof(text.encode(), ORIGIN, KEYS)


def test_a_line_that_stands_in_the_wrong_place_is_told() -> None:
    """Nobody but the ledger's own author can sign such a tree."""
    note = sign(Checkpoint(ORIGIN, 1, leaf_hash(LINES[4][1])), AUTHOR).spell()
    with pytest.raises(LedgerFault, match="this is line 5, and stands where line 1 should"):
        check_proof(spell_proof(LINES[4][1], 0, [], note).encode(), ORIGIN, KEYS)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2"),
        ("extra ", "xtra "),
        ("index 2", "index 02"),
        ("index 2", "index 3"),
        ("index 2", "index -2"),
        ("\n\n", "\n!\n\n"),
        ("\n\n", "\n"),
    ],
)
def test_a_changed_proof_proves_nothing(old: str, new: str) -> None:
    with pytest.raises(LedgerFault):
        check_proof(proof_of(3).replace(old, new, 1).encode(), ORIGIN, KEYS)


def test_a_proof_by_keys_that_are_not_ours_proves_nothing() -> None:
    with pytest.raises(LedgerFault, match="not signed"):
        check_proof(proof_of(3).encode(), ORIGIN, [WITNESS.cosigner_key])


def test_a_proof_that_is_too_long_is_not_read() -> None:
    with pytest.raises(LedgerFault, match="at most"):
        check_proof(bytes(MAX_FILE + 1), ORIGIN, KEYS)


def test_a_file_that_names_no_ledger_has_no_origin() -> None:
    assert origin_in(b"nothing") == ""
