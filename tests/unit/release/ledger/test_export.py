from collections.abc import Sequence
from io import BytesIO

import cbor2
import pytest

from accord.release.ledger.checkpoint import Checkpoint, sign
from accord.release.ledger.entry import MAX_ENTRY, Entry
from accord.release.ledger.export import FIRST_BYTES, Exported, Import, spell_export
from accord.release.ledger.fault import LedgerFault
from accord.release.merkle import Frontier
from support.ledger import AUTHOR, KEYS, NZL, ORIGIN, USA, release, rows

LINES = rows([release(number) for number in range(1, 8)])
HEAD = Exported(ORIGIN)


def tree(count: int) -> Frontier:
    found = Frontier()
    for _, _, leaf in LINES[:count]:
        found.append(leaf)
    return found


NOTE = sign(Checkpoint(ORIGIN, 7, tree(7).root()), AUTHOR).spell()


def exported(
    lines: Sequence[bytes] = tuple(data for _, data, _ in LINES),
    *,
    head: Exported = HEAD,
    note: bytes = NOTE,
) -> bytes:
    return b"".join(spell_export(head, lines, note))


def imported(data: bytes) -> tuple[Import, list[Entry]]:
    found = Import(BytesIO(data).read, KEYS)
    return found, list(found.entries())


def test_an_export_is_read_whole_with_its_checkpoint() -> None:
    found, entries = imported(exported())
    assert [entry.body for entry in entries] == [release(number) for number in range(1, 8)]
    assert found.head == HEAD
    assert found.witnessed is not None
    assert found.witnessed.checkpoint.size == 7


def test_nothing_is_vouched_for_before_the_end() -> None:
    found = Import(BytesIO(exported()).read, KEYS)
    next(found.entries())
    assert found.witnessed is None


def test_a_pruned_ledger_is_exported_with_the_roots_over_what_is_gone() -> None:
    head = Exported(ORIGIN, 6, tuple(tree(6).peaks))
    found, entries = imported(exported([LINES[6][1]], head=head))
    assert [entry.number for entry in entries] == [7]
    assert found.witnessed is not None


ALL = [data for _, data, _ in LINES]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (ALL[:6], "has 6 lines that are not the 7"),
        ([*ALL, rows([release(1)] * 8)[7][1]], "has 8 lines"),
        ([*ALL[:3], *ALL[4:]], "line 4 of the export is line 5"),
        ([ALL[1], ALL[0], *ALL[2:]], "line 1 of the export is line 2"),
        ([rows([release(9)])[0][1], *ALL[1:]], "7 lines that are not the 7"),
        ([rows([release(1)], "AUS")[0][1], *ALL[1:]], "of a ledger for AUS"),
        ([b"\x01", *ALL[1:]], "line 1 of the export: "),
    ],
)
def test_lines_that_are_not_those_of_the_checkpoint_are_found(
    lines: list[bytes], says: str
) -> None:
    with pytest.raises(LedgerFault, match=says):
        imported(exported(lines))


def test_an_export_ends_where_it_ends() -> None:
    whole = exported()
    with pytest.raises(LedgerFault, match="something follows"):
        imported(whole + b"\0")
    for cut in (len(FIRST_BYTES) + 2, 100, len(whole) - 1):
        with pytest.raises(LedgerFault, match="ends in the middle"):
            imported(whole[:cut])
    with pytest.raises(LedgerFault, match="no exported ledger"):
        imported(b"accord ledger export 2\n")


def test_a_piece_that_is_too_long_is_not_read() -> None:
    with pytest.raises(LedgerFault, match="a piece of"):
        imported(FIRST_BYTES + (MAX_ENTRY + 1).to_bytes(4, "big"))


@pytest.mark.parametrize(
    "head",
    [
        b"\xff", cbor2.dumps(7), cbor2.dumps([]), cbor2.dumps([ORIGIN, 1, []]),
        cbor2.dumps([ORIGIN, 1, [b"x"]]), cbor2.dumps([ORIGIN, True, [bytes(32)]]),
        cbor2.dumps([ORIGIN, -1, [bytes(32)]]), cbor2.dumps([7, 0, []]),
        cbor2.dumps([ORIGIN, 0, []]) + b"\0", b"\x83\x78\x28" + ORIGIN.encode() + b"\x18\x00\x80",
    ],
)  # fmt: skip
def test_a_head_that_is_none_is_refused(head: bytes) -> None:
    with pytest.raises(LedgerFault, match="head of the export"):
        imported(FIRST_BYTES + len(head).to_bytes(4, "big") + head)


def test_whose_ledger_it_is_stands_in_the_origin_that_the_checkpoint_signs() -> None:
    found, _ = imported(exported())
    assert (found.head.node, found.head.partner) == (USA.node, NZL.node)
    head = cbor2.dumps([ORIGIN.replace("PAC", "pac"), 0, []])
    with pytest.raises(LedgerFault, match="is the origin of no ledger"):
        imported(FIRST_BYTES + len(head).to_bytes(4, "big") + head)
