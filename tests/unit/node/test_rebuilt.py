import sqlite3
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from accord.api.partner_picture import Seen
from accord.core.errors import UsageError
from accord.core.report import Report
from accord.node import rebuilt
from accord.node.rebuilt import NO_KEY, NO_REPORT, NO_TEXT, NO_VERSION, seen_by
from accord.release.ledger.entry import Entry, Recall, decode
from accord.release.ledger.fault import LedgerFault
from accord.wire.peer.plain import content_bytes
from accord.wire.peer.protocol import Version
from accord.wire.peer.report import Grant
from accord.wire.peer.translate import Leave, milliseconds, to_peer_report
from support.ledger import received
from support.released import GIVER, RECEIVER, GivingNode, after, heard

SHIP = [heard("SHIP-1", seconds) for seconds in (0, 10, 60)]
CAR = heard("CAR-1", 5, kind="a-f-G-E-V", at=(-17.5, 178.4))


def happened(seen: Seen) -> dict[str, Report]:
    return {each.release.name: each.report for each in seen.shown}


def lost(seen: Seen) -> list[tuple[int, str]]:
    return [(each.entry.number, each.why) for each in seen.gone]


@pytest.fixture
def node(tmp_path: Path) -> GivingNode:
    """A node that has heard a ship three times and a car once."""
    made = GivingNode.make(tmp_path / "node")
    made.journal([*SHIP, CAR])
    return made


def seen(node: GivingNode, seconds: float) -> Seen:
    return seen_by(node.directory, RECEIVER, after(seconds))


def test_each_moment_has_the_picture_that_the_partner_had_then(node: GivingNode) -> None:
    node.release(SHIP[1], after(12))
    name = node.release(CAR, after(13)).name
    node.release(SHIP[2], after(61))
    node.ledger()
    assert happened(seen(node, 11.999)) == {}
    assert {key: each.time for key, each in happened(seen(node, 12)).items()} == {
        "SHIP-1": after(10)
    }
    at_13 = happened(seen(node, 60.999))
    assert {key: each.time for key, each in at_13.items()} == {
        "SHIP-1": after(10),
        name: after(0),  # rounded to ten minutes
    }
    assert happened(seen(node, 61))["SHIP-1"].time == after(60)
    assert lost(seen(node, 61)) == []


def test_a_partner_without_a_ledger_is_wrong_use(node: GivingNode) -> None:
    with pytest.raises(UsageError, match="no ledger for a partner FJI-B"):
        seen(node, 12)


def test_what_the_journal_has_forgotten_is_named_by_its_line(tmp_path: Path) -> None:
    node = GivingNode.make(tmp_path / "node")
    node.journal([CAR])
    node.release(SHIP[1], after(12))
    node.release(CAR, after(13))
    node.ledger()
    found = seen(node, 14)
    assert [each.entry.number for each in found.shown] == [2]
    assert lost(found) == [(1, NO_REPORT)]


def test_a_report_that_does_not_have_the_digest_is_not_shown(node: GivingNode) -> None:
    other = replace(node.release(SHIP[1], after(12)), payload=bytes(32))
    node.released = [(after(12), other)]
    node.ledger()
    assert lost(seen(node, 14)) == [(1, NO_REPORT)]


def test_another_text_under_that_serial_or_none_of_its_forms_is_no_text(node: GivingNode) -> None:
    line = node.release(SHIP[1], after(12))
    others = (
        replace(line, name="A", digest=bytes(32)),
        replace(line, name="B", serial=9),
        replace(line, name="C", agreement="OTHER"),
        replace(line, name="D", form="no such form"),
    )
    node.released = [(after(12), each) for each in others]
    node.ledger()
    assert lost(seen(node, 14)) == [(number, NO_TEXT) for number in (1, 2, 3, 4)]


def test_without_the_secret_only_what_needs_none_is_rebuilt(node: GivingNode) -> None:
    node.release(SHIP[1], after(12))
    node.release(CAR, after(13))
    node.ledger()
    (node.directory / "federation" / "secrets" / RECEIVER).unlink()
    found = seen(node, 14)
    assert list(happened(found)) == ["SHIP-1"]
    assert lost(found) == [(2, NO_KEY)]


def test_a_header_alone_is_no_place_and_does_not_hide_what_went_before(node: GivingNode) -> None:
    line = node.release(SHIP[1], after(12))
    node.note(after(13), replace(line, version=(7, 0)))
    node.note(after(13), replace(line, name="HEAD", version=(7, 0)))
    node.ledger()
    found = seen(node, 14)
    assert [each.entry.number for each in found.shown] == [1]
    assert lost(found) == [(3, NO_VERSION)]


def test_what_was_recalled_by_then_is_not_there_and_is_counted(node: GivingNode) -> None:
    node.release(SHIP[1], after(12))
    recall = Recall(
        by=GIVER, agreement="SMALL", serial=1, clause=None, name="SHIP-1", reason="x", frame=1
    )
    node.note(after(20), recall)
    node.ledger()
    assert (len(seen(node, 19.9).shown), seen(node, 19.9).recalled) == (1, 0)
    assert (len(seen(node, 20).shown), seen(node, 20).recalled) == (0, 1)


def test_an_object_is_gone_when_its_removal_was_released(node: GivingNode) -> None:
    removal = heard(
        "R-1", 65, kind="t-x-d-d",
        detail='<link uid="SHIP-1" relation="p-p" type="none"/><__forcedelete/>',
    )  # fmt: skip
    node.journal([*SHIP, CAR, removal])
    node.release(SHIP[1], after(12))
    line = replace(node.release(SHIP[1], after(66)), name="R-1")
    node.released[-1] = (after(66), replace(line, payload=payload_of(node, removal)))
    node.ledger()
    found = seen(node, 70)
    assert (list(happened(found)), found.removed, lost(found)) == ([], 2, [])


def payload_of(node: GivingNode, removal: Report) -> bytes:
    """What the ledger has of a removal, which no clause of the small agreement lets out."""
    digest = bytes.fromhex(node.agreement.loaded.agreement.digest)
    leave = Leave(origin=GIVER, grant=Grant(digest[:8], "1", "exact"), path=())
    version = Version(7, milliseconds(SHIP[1].received))
    return sha256(content_bytes(to_peer_report(removal, leave, version=version))).digest()


def test_other_lines_are_passed_over_and_one_that_cannot_be_read_is_named(
    node: GivingNode,
) -> None:
    node.note(after(1), received(1))
    node.ledger()
    assert seen(node, 70).shown == ()
    path = node.directory / "ledger" / f"{RECEIVER}.sqlite"
    with sqlite3.connect(path) as file:
        file.execute("DROP TRIGGER entry_stays")
        file.execute("UPDATE entry SET data = x'8e01011b0000000000000000'")
    file.close()
    with pytest.raises(LedgerFault, match="line 1 of the ledger for FJI-B"):
        seen(node, 70)


def test_no_more_objects_than_a_picture_has_are_taken(
    node: GivingNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilt, "MAX_OBJECTS", 1)
    node.release(SHIP[1], after(12))
    node.release(CAR, after(13))
    node.ledger()
    found = seen(node, 14)
    assert ([each.entry.number for each in found.shown], found.beyond) == ([2], 1)


def test_of_an_object_only_the_newest_line_is_read(
    node: GivingNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ledger has a million lines, of some thousand objects."""
    for report, seconds in zip(SHIP, (12, 13, 61), strict=True):
        node.release(report, after(seconds))
    node.ledger()
    before = happened(seen(node, 61))
    read: list[bytes] = []

    def counting(data: bytes) -> Entry:
        read.append(data)
        return decode(data)

    monkeypatch.setattr(rebuilt, "decode", counting)
    assert happened(seen(node, 61)) == before
    # The newest is looked at, and read once more as what is shown; the first says when it begins.
    assert len(read) == 3
