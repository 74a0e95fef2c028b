"""Whatever bytes come: one kind of error; whatever is changed: found, and never more than that."""

from collections.abc import Callable
from io import BytesIO

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.release.ledger.audit import SEGMENT, audit
from accord.release.ledger.checkpoint import Checkpoint, open_checkpoint, read_checkpoint, sign
from accord.release.ledger.entry import decode, encode, milliseconds
from accord.release.ledger.export import FIRST_BYTES, Exported, Import, spell_export
from accord.release.ledger.fault import LedgerFault
from accord.release.ledger.note import read_key, read_note
from accord.release.ledger.proof import check_proof, spell_proof
from accord.release.merkle import Leaves, inclusion_proof, leaf_hash, root
from support.ledger import AUTHOR, KEYS, ORIGIN, Kept, release, rows

LINES = rows([release(number) for number in range(1, SEGMENT + 30)])
TREE = Leaves([leaf for _, _, leaf in LINES])
NOTE = sign(Checkpoint(ORIGIN, len(LINES), root(TREE, len(LINES))), AUTHOR).spell()
PROOF = spell_proof(LINES[6][1], 6, inclusion_proof(TREE, 6, len(LINES)), NOTE).encode()
SHORT = rows([release(number) for number in range(1, 4)])
SHORT_ROOT = root(Leaves([leaf for _, _, leaf in SHORT]), 3)
EXPORT = b"".join(
    spell_export(
        Exported(ORIGIN),
        [data for _, data, _ in SHORT],
        sign(Checkpoint(ORIGIN, 3, SHORT_ROOT), AUTHOR).spell(),
    )
)


def read_export(data: bytes) -> object:
    return list(Import(BytesIO(data).read, KEYS).entries())


READERS: list[tuple[Callable[[bytes], object], bytes]] = [
    (decode, LINES[0][1]),
    (read_note, NOTE),
    (lambda data: read_checkpoint(data.decode("utf-8", "replace")), NOTE),
    (lambda data: read_key(data.decode("utf-8", "replace")), KEYS[0].spell().encode()),
    (lambda data: open_checkpoint(data, ORIGIN, KEYS), NOTE),
    (lambda data: check_proof(data, ORIGIN, KEYS), PROOF),
    (read_export, EXPORT),
]


@pytest.mark.parametrize(("read", "right"), READERS)
@given(data=st.data())
def test_any_bytes_are_read_or_refused(
    read: Callable[[bytes], object], right: bytes, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(right)))
    put, skipped = data.draw(st.binary(max_size=6)), data.draw(st.integers(0, 6))
    for each in (put, right[:at] + put + right[at + skipped :], FIRST_BYTES + put):
        try:
            found = read(each)
        except LedgerFault:
            continue
        assert read(each) == found


ITEMS = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 1 << 64) | st.text(max_size=3)
    | st.binary(max_size=40) | st.floats(),
    lambda inside: st.lists(inside, max_size=5) | st.dictionaries(st.text(max_size=2), inside),
    max_leaves=12,
)  # fmt: skip


@given(st.integers(0, 10), st.lists(ITEMS, max_size=16))
def test_any_cbor_is_an_entry_or_refused(kind: int, row: list[object]) -> None:
    data = cbor2.dumps([kind, *row])
    try:
        entry = decode(data)
    except LedgerFault:
        return
    assert encode(entry.number, milliseconds(entry.at), entry.partner, entry.body) == data


@given(st.data())
def test_an_exported_ledger_that_was_changed_is_refused(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(EXPORT) - 1))
    changed = bytearray(EXPORT)
    changed[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(LedgerFault):
        read_export(bytes(changed))


@given(st.data())
def test_a_changed_line_is_named_and_no_other(data: st.DataObject) -> None:
    number = data.draw(st.integers(1, len(LINES)))
    line = bytearray(LINES[number - 1][1])
    line[data.draw(st.integers(0, len(line) - 1))] ^= data.draw(st.integers(1, 255))
    lines = list(LINES)
    lines[number - 1] = (number, bytes(line), LINES[number - 1][2])
    found = audit(Kept(lines, [NOTE]), ORIGIN, KEYS).findings
    assert [(each.first, each.last) for each in found] == [(number, number)]


@given(st.data())
def test_a_line_changed_with_all_its_hashes_breaks_the_checkpoint(data: st.DataObject) -> None:
    number = data.draw(st.integers(1, len(LINES)))
    lines = list(LINES)
    other = rows([release(number + 3)] * number)[-1][1]
    lines[number - 1] = (number, other, leaf_hash(other))
    (found,) = audit(Kept(lines, [NOTE]), ORIGIN, KEYS).findings
    assert "signed over another root" in found.says
