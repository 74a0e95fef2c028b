"""Vectors: the example of C2SP tlog-cosignature, and the published checkpoint of test_note."""

import base64

import pytest

from accord.core.partner import NodeName
from accord.release.ledger.checkpoint import (
    Checkpoint,
    cosign,
    number_of,
    open_checkpoint,
    origin_of,
    parties_of,
    read_checkpoint,
    sign,
    why_not_cosign,
)
from accord.release.ledger.fault import LedgerFault
from accord.release.ledger.note import Note, Signer
from accord.release.merkle import EMPTY_ROOT, Leaves, consistency_proof, leaf_hash, root
from support.ledger import AUTHOR, KEYS, NZL, ORIGIN, P384_AUTHOR, WITNESS, key

EXAMPLE = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
TREE = Leaves([leaf_hash(bytes([each])) for each in range(9)])


def checkpoint(size: int, origin: str = ORIGIN) -> Checkpoint:
    return Checkpoint(origin, size, root(TREE, size))


def test_the_example_of_the_specification_is_read() -> None:
    found = read_checkpoint(EXAMPLE)
    assert (found.origin, found.size) == ("example.com/behind-the-sofa", 20852163)
    assert base64.b64encode(found.root).decode() == EXAMPLE.split("\n")[2]
    assert found.text == EXAMPLE


def test_an_empty_ledger_has_a_checkpoint() -> None:
    assert read_checkpoint(checkpoint(0).text) == Checkpoint(ORIGIN, 0, EMPTY_ROOT)


@pytest.mark.parametrize(
    "bad",
    [
        EXAMPLE[:-1],
        EXAMPLE + "extension\n",
        EXAMPLE.replace("20852163", "020852163"),
        EXAMPLE.replace("20852163", "-1"),
        EXAMPLE.replace("CsUY", "!!!!"),
        EXAMPLE.replace("CsUYapGGPo4d", "CsUYapGG"),
        EXAMPLE.replace("q2I=", "q2J="),
        EXAMPLE.replace("example.com/behind-the-sofa", ""),
    ],
)
def test_what_is_no_checkpoint_is_refused(bad: str) -> None:
    with pytest.raises(LedgerFault):
        read_checkpoint(bad)


def test_a_checkpoint_names_the_node_and_the_partner_it_is_for() -> None:
    assert ORIGIN == "pac.example/node/USA-PAC/ledger/NZL-JFNZ"
    assert WITNESS.cosigner_key.name == "jfnz.example/node/NZL-JFNZ"


@pytest.mark.parametrize(
    "origin",
    [
        "", "example.com/behind-the-sofa", ORIGIN.replace("pac.", "PAC."),
        ORIGIN.replace("NZL", "nzl"), ORIGIN + "/ledger/AUS",
        ORIGIN.replace("USA-PAC", "XXX-PAC"), "/node/USA/ledger/NZL",
    ],
)  # fmt: skip
def test_other_origins_are_of_no_ledger(origin: str) -> None:
    assert parties_of(ORIGIN) == ("USA-PAC", "NZL-JFNZ")
    with pytest.raises(LedgerFault, match="origin of no ledger"):
        parties_of(origin)


def test_a_ledger_that_was_begun_anew_says_its_number_in_its_origin() -> None:
    again = origin_of(NodeName("pac.example", "USA-PAC"), "NZL-JFNZ", 12)
    assert again == f"{ORIGIN}/12"
    assert (parties_of(again), number_of(again)) == (("USA-PAC", "NZL-JFNZ"), 12)
    assert number_of(ORIGIN) == 1
    assert origin_of(NodeName("pac.example", "USA-PAC"), "NZL-JFNZ", 1) == ORIGIN


@pytest.mark.parametrize("number", ["", "0", "1", "02", "x", "1000000", "2/3"])
def test_a_number_has_one_spelling(number: str) -> None:
    with pytest.raises(LedgerFault, match="origin of no ledger"):
        number_of(f"{ORIGIN}/{number}")


def test_a_signed_and_cosigned_checkpoint_says_who_and_when() -> None:
    note = cosign(sign(checkpoint(7), AUTHOR), WITNESS, 1_800_000_000)
    opened = open_checkpoint(note.spell(), ORIGIN, KEYS)
    assert opened.checkpoint == checkpoint(7)
    assert [(key.name, at) for key, at in opened.cosigners] == [
        (f"jfnz.example/node/{NZL.node}", 1_800_000_000)
    ]


def test_the_profile_of_p384_signs_checkpoints_as_well() -> None:
    note = sign(checkpoint(7), P384_AUTHOR)
    assert open_checkpoint(note.spell(), ORIGIN, [P384_AUTHOR.key]).cosigners == ()


def test_a_checkpoint_of_another_ledger_is_refused() -> None:
    note = sign(checkpoint(7, f"{ORIGIN}X"), AUTHOR)
    with pytest.raises(LedgerFault, match="not of pac"):
        open_checkpoint(note.spell(), ORIGIN, KEYS)


def test_a_cosigner_alone_does_not_speak_for_a_ledger() -> None:
    text = checkpoint(7).text
    note = cosign(sign(checkpoint(7), AUTHOR), WITNESS, 1)
    alone = Note(text, note.signatures[1:])
    with pytest.raises(LedgerFault, match="is not signed by it"):
        open_checkpoint(alone.spell(), ORIGIN, KEYS)
    as_author = Note(text, (WITNESS.sign(text),))
    with pytest.raises(LedgerFault, match="is not signed by it"):
        open_checkpoint(as_author.spell(), ORIGIN, [*KEYS, WITNESS.key])


def test_a_cosigner_that_bears_the_ledgers_name_does_not_speak_for_it_either() -> None:
    text = checkpoint(7).text
    named_so = Signer(ORIGIN, key("NZL"))
    note = Note(text, (named_so.cosign(text, 1),))
    with pytest.raises(LedgerFault, match="is not signed by it"):
        open_checkpoint(note.spell(), ORIGIN, [named_so.cosigner_key])


def test_a_partner_cosigns_what_only_grows() -> None:
    proof = consistency_proof(TREE, 4, 9)
    assert why_not_cosign(None, checkpoint(4), []) is None
    assert why_not_cosign(checkpoint(4), checkpoint(9), proof) is None
    assert why_not_cosign(checkpoint(4), checkpoint(4), []) is None


def test_a_partner_does_not_cosign_what_was_rewritten() -> None:
    proof = consistency_proof(TREE, 4, 9)
    other = Checkpoint(ORIGIN, 4, root(TREE, 5))
    refused = [
        why_not_cosign(None, checkpoint(4), proof),
        why_not_cosign(checkpoint(9), checkpoint(4), proof),
        why_not_cosign(other, checkpoint(9), proof),
        why_not_cosign(checkpoint(4, "x"), checkpoint(9), proof),
    ]
    assert [each and each.split()[0] for each in refused] == ["there", "it", "its", "it"]
