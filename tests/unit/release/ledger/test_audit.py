"""Every way to change a ledger, and what is said of it."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from accord.release.ledger.audit import MAX_FINDINGS, SEGMENT, Audited, Row, audit, told
from accord.release.ledger.checkpoint import Checkpoint, cosign, sign
from accord.release.ledger.entry import Body, Pruned, Seen
from accord.release.ledger.fault import LedgerFault
from accord.release.ledger.note import Signer
from accord.release.merkle import Leaves, leaf_hash, root
from support.ledger import AUTHOR, KEYS, ORIGIN, WITNESS, Kept, key, release, rows

COUNT = 2 * SEGMENT + 100
LINES = rows([release(number) for number in range(1, COUNT + 1)])
TREE = Leaves([leaf for _, _, leaf in LINES])


def note(size: int, lines: Leaves = TREE, *, cosigned: bool = False) -> bytes:
    signed = sign(Checkpoint(ORIGIN, size, root(lines, size)), AUTHOR)
    return (cosign(signed, WITNESS, 1_800_000_000) if cosigned else signed).spell()


NOTES = [note(5), note(SEGMENT + 7, cosigned=True), note(COUNT)]


def audited(kept: Kept) -> Audited:
    return audit(kept, ORIGIN, KEYS)


def said(kept: Kept) -> list[str]:
    return [told(each) for each in audited(kept).findings]


def changed(change: Callable[[list[Row]], None], notes: Sequence[bytes] = NOTES) -> Kept:
    """A ledger whose lines were changed behind its back; roots of segments stay."""
    kept = Kept(LINES, notes)
    lines = list(LINES)
    change(lines)
    for index, part in enumerate(kept.parts):
        here = [r for r in lines if part.first <= r[0] < part.first + SEGMENT]
        kept.parts[index] = replace(part, rows=here)
    return kept


def test_a_whole_ledger_is_right_and_says_how_far_it_is_signed() -> None:
    found = audited(Kept(LINES, NOTES))
    assert found.is_right
    assert (found.size, found.root, found.checkpoints) == (COUNT, root(TREE, COUNT), 3)
    assert (found.signed, found.cosigned) == (COUNT, SEGMENT + 7)


def test_an_empty_ledger_is_right() -> None:
    empty = sign(Checkpoint(ORIGIN, 0, root(TREE, 0)), AUTHOR).spell()
    assert audited(Kept([], [empty])).is_right


ANOTHER = rows([release(number + 5) for number in range(1, COUNT + 1)])


@pytest.mark.parametrize("number", [1, SEGMENT, SEGMENT + 1, COUNT])
def test_an_altered_line_is_named(number: int) -> None:
    def alter(lines: list[Row]) -> None:
        lines[number - 1] = (number, ANOTHER[number - 1][1], lines[number - 1][2])

    assert said(changed(alter)) == [f"line {number} was altered"]


@pytest.mark.parametrize("number", [1, SEGMENT, SEGMENT + 1, COUNT - 1])
def test_a_removed_line_is_named(number: int) -> None:
    assert said(changed(lambda lines: lines.pop(number - 1) and None)) == [
        f"line {number} is missing"
    ]


def test_removed_lines_are_named_together_across_segments() -> None:
    def cut(lines: list[Row]) -> None:
        del lines[SEGMENT - 3 : 2 * SEGMENT + 2]

    kept = changed(cut)
    assert said(kept) == [f"lines {SEGMENT - 2} to {2 * SEGMENT + 2} are missing"]


def test_lines_that_changed_places_are_both_named() -> None:
    def swap(lines: list[Row]) -> None:
        lines[3], lines[8] = (4, *lines[8][1:]), (9, *lines[3][1:])

    assert said(changed(swap)) == [
        "line 4 is not the line that stood there: it is line 9",
        "line 9 is not the line that stood there: it is line 4",
        f"lines 1 to {SEGMENT}: one of these was altered, removed or moved, and its hash with it",
    ]


def test_what_is_no_line_is_named() -> None:
    def spoil(lines: list[Row]) -> None:
        lines[3] = (4, b"\xff", lines[3][2])

    (one,) = said(changed(spoil))
    assert one.startswith("line 4 is not the line that stood there: ")


def swapped_with_hash(number: int) -> Callable[[list[Row]], None]:
    def swap(lines: list[Row]) -> None:
        lines[number - 1] = ANOTHER[number - 1]

    return swap


def test_a_line_altered_with_its_hash_is_narrowed_to_its_segment() -> None:
    kept = changed(swapped_with_hash(3))
    says = "one of these was altered, removed or moved, and its hash with it"
    assert said(kept) == [f"lines 1 to {SEGMENT}: {says}"]


@pytest.mark.parametrize(
    ("number", "between"),
    [(3, "lines 1 to 5"), (6, f"lines 6 to {SEGMENT + 7}"), (COUNT, f"lines {SEGMENT + 8} to")],
)
def test_what_was_altered_with_every_hash_is_narrowed_by_the_checkpoints(
    number: int, between: str
) -> None:
    lines = list(LINES)
    swapped_with_hash(number)(lines)
    (one,) = said(Kept(lines, NOTES))
    assert one.startswith(between)
    assert "was signed over another root" in one


def test_lines_cut_off_at_the_end_are_named_by_the_checkpoint_that_has_them() -> None:
    kept = Kept(LINES[: COUNT - 4], NOTES)
    assert said(kept) == [
        f"lines {COUNT - 3} to {COUNT} are missing: the checkpoint of {COUNT} has them"
    ]
    one = Kept(LINES[: COUNT - 1], NOTES)
    assert said(one) == [f"line {COUNT} is missing: the checkpoint of {COUNT} has it"]


def test_a_removed_segment_with_its_root_is_named() -> None:
    kept = Kept(LINES, NOTES)
    kept.parts[1] = replace(kept.parts[1], rows=(), root=None)
    assert said(kept) == [f"lines {SEGMENT + 1} to {2 * SEGMENT} are missing"]


def test_a_missing_root_of_a_segment_hides_nothing() -> None:
    kept = Kept(LINES, NOTES)
    kept.parts[0] = replace(kept.parts[0], root=None)
    assert audited(kept).is_right


def test_a_checkpoint_that_others_signed_is_not_believed() -> None:
    stranger = Signer(ORIGIN, key("stranger"))
    forged = sign(Checkpoint(ORIGIN, 5, root(TREE, 5)), stranger).spell()
    (one,) = said(Kept(LINES, [forged]))
    assert one.startswith("a checkpoint cannot be believed")


def with_line(body: Body, at: int) -> list[Row]:
    bodies: list[Body] = [release(number) for number in range(1, COUNT + 1)]
    bodies[at - 1] = body
    return rows(bodies)


def test_a_cosigned_checkpoint_that_came_back_is_held_against_the_ledger() -> None:
    """Also where it is of an earlier segment and nothing else is kept of it."""
    right = with_line(Seen(note=note(7, cosigned=True)), SEGMENT + 5)
    found = audited(Kept(right))
    assert found.is_right
    assert (found.signed, found.cosigned) == (7, 7)
    other = Leaves([leaf for _, _, leaf in ANOTHER])
    wrong = with_line(Seen(note=note(7, other, cosigned=True)), SEGMENT + 5)
    (one,) = said(Kept(wrong))
    assert one.startswith("lines 1 to 7: ")


def test_a_checkpoint_of_the_partners_ledger_is_kept_and_not_judged() -> None:
    assert audited(Kept(with_line(Seen(note=b"another/ledger\n"), 9))).is_right


def test_a_line_of_the_ledgers_own_that_cannot_be_read_is_told() -> None:
    lines = list(LINES)
    data = bytes.fromhex("85 07 04 1b0000018bcfe56800 634e5a4c 6178")
    lines[3] = (4, data, leaf_hash(data))
    (one,) = said(Kept(lines))
    assert one.startswith("a line of the ledger's own cannot be read")


class WithoutFirst(Kept):
    """As on disk: below the segments there is nothing to read any more."""

    def node(self, level: int, index: int) -> bytes:
        if (index + 1) << level < SEGMENT:
            raise LedgerFault("not there")
        return super().node(level, index)


def pruned(through: int) -> Kept:
    lines = with_line(Pruned(through=through, reason="old"), COUNT)
    tree = Leaves([leaf for _, _, leaf in lines])
    kept = WithoutFirst(lines, [note(5, tree), note(SEGMENT, tree), note(COUNT, tree)])
    kept.parts[0] = replace(kept.parts[0], rows=())
    return kept


def test_what_was_pruned_is_not_missing_and_later_checkpoints_hold() -> None:
    found = audited(pruned(SEGMENT))
    assert found.is_right
    assert (found.pruned, found.signed) == (SEGMENT, COUNT)


def test_more_than_was_pruned_is_missing() -> None:
    assert said(pruned(SEGMENT - 1)) == [f"line {SEGMENT} is missing"]


def test_the_tree_is_not_followed_past_a_hole_and_what_comes_after_is_still_named() -> None:
    kept = changed(lambda lines: lines.pop(9) and None, [note(5)])
    kept.parts[0] = replace(kept.parts[0], root=None)
    lines = list(kept.parts[1].rows)
    lines[1] = (SEGMENT + 2, ANOTHER[SEGMENT + 1][1], lines[1][2])
    kept.parts[1] = replace(kept.parts[1], rows=lines)
    found = audited(kept)
    assert [told(each) for each in found.findings] == [
        f"line {SEGMENT + 2} was altered",
        "line 10 is missing",
    ]
    assert found.signed == 5


def test_of_many_findings_the_first_are_told_and_all_are_counted() -> None:
    def spoil(lines: list[Row]) -> None:
        for index in range(MAX_FINDINGS + 7):
            lines[index] = (index + 1, ANOTHER[index][1], lines[index][2])

    found = audited(changed(spoil))
    assert (len(found.findings), found.untold) == (MAX_FINDINGS, 7)
