import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from accord.release.ledger.audit import SEGMENT, audit
from accord.release.ledger.checkpoint import cosign, cosigner_name, read_checkpoint
from accord.release.ledger.entry import Pruned, Seen, decode
from accord.release.ledger.fault import LedgerFault
from accord.release.ledger.note import Signer, read_note
from accord.storage.ledger import MAX_APPEND, Ledger
from accord.storage.ledger_reader import LEDGERS, LedgerReader, Owner, partners_of, path_of
from support.ledger import (
    AT,
    AUTHOR,
    KEYS,
    NZL,
    ORIGIN,
    OTHER_AUTHOR,
    OTHER_ORIGIN,
    USA,
    WITNESS,
    key,
    make_ledger,
    release,
    rows,
)

MANY = 2 * SEGMENT + 50
assert MANY == 2098  # as it stands in statements below
BODIES = [release(number) for number in range(1, MANY + 1)]
OWNER = Owner(ORIGIN, USA.node, NZL.node)


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a ledger of some segments, signed; copied by whoever changes it."""
    directory = tmp_path_factory.mktemp("long")
    ledger = make_ledger(directory, BODIES)
    ledger.sign(AUTHOR)
    ledger.close()
    return directory


@pytest.fixture
def copied(long: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(long, tmp_path / "node"))


def tampered(directory: Path, *sql: str) -> Path:
    """Change the file as somebody with an editor for databases would."""
    path = path_of(directory, NZL.node)
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TRIGGER entry_stays")
        for each in sql:
            connection.execute(each)
    connection.close()
    return path


def test_lines_are_numbered_from_one_and_read_back(tmp_path: Path) -> None:
    ledger = make_ledger(tmp_path)
    assert ledger.append(BODIES[:3], AT) == range(1, 4)
    assert ledger.append(BODIES[3:5], AT + timedelta(seconds=1)) == range(4, 6)
    assert list(ledger.lines()) == [*rows(BODIES[:3]), *ledger.rows(4, 5)]
    assert [decode(data).body for _, data, _ in ledger.newest_first()] == BODIES[:5][::-1]
    assert decode(ledger.row(5)[1]).at == AT + timedelta(seconds=1)
    assert ledger.size() == 5
    ledger.close()


def test_what_append_returned_is_there_for_another_process_at_once(tmp_path: Path) -> None:
    ledger = make_ledger(tmp_path)
    reader = LedgerReader(path_of(tmp_path, NZL.node))
    for count in range(1, 4):
        ledger.append(BODIES[count : count + 1], AT)
        assert reader.size() == count
    assert reader._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert ledger._connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
    ledger.close()
    reader.close()


def test_a_ledger_goes_on_where_it_ended(copied: Path) -> None:
    ledger = make_ledger(copied)
    assert ledger.append(BODIES[:1], AT) == range(MANY + 1, MANY + 2)
    ledger.sign(AUTHOR)
    found = audit(ledger, ORIGIN, ledger.verifiers())
    assert (found.is_right, found.size, found.signed) == (True, MANY + 1, MANY + 1)
    ledger.close()


def test_a_start_reads_only_what_follows_the_last_segment(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, int]] = []
    real = LedgerReader.rows

    def rows_asked(self: LedgerReader, first: int, last: int) -> object:
        asked.append((first, last))
        return real(self, first, last)

    monkeypatch.setattr(LedgerReader, "rows", rows_asked)
    make_ledger(copied).close()
    assert min(asked) == (2 * SEGMENT + 1, 2 * SEGMENT + 32)
    assert sum(last - first + 1 for first, last in asked) < 2 * SEGMENT


def test_a_ledger_is_of_one_node_for_one_partner(copied: Path) -> None:
    path = path_of(copied, NZL.node)
    with pytest.raises(LedgerFault, match=f"is of {ORIGIN}"):
        Ledger(path, Owner("other", USA.node, NZL.node), [])
    assert partners_of(copied) == [NZL.node]
    assert partners_of(copied / "nowhere") == []


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    make_ledger(tmp_path).close()
    assert path_of(tmp_path, NZL.node).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / LEDGERS).stat().st_mode & 0o777 == 0o700


def test_a_call_appends_all_or_nothing(tmp_path: Path) -> None:
    ledger = make_ledger(tmp_path, BODIES[:2])
    with pytest.raises(LedgerFault, match="such a clause"):
        ledger.append([*BODIES[2:5], release(9, clause="")], AT)
    assert ledger.size() == 2
    assert ledger.append(BODIES[2:3], AT) == range(3, 4)
    for count in (0, MAX_APPEND + 1):
        with pytest.raises(LedgerFault, match="a call appends"):
            ledger.append([BODIES[0]] * count, AT)
    ledger.close()


def test_a_full_disk_is_said_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    ledger = make_ledger(tmp_path, BODIES[:10])
    pages = ledger._connection.execute("PRAGMA page_count").fetchone()[0]
    ledger._connection.execute(f"PRAGMA max_page_count = {pages + 1}")
    with pytest.raises(LedgerFault, match="the disk is full: nothing is released until"):
        ledger.append(BODIES[10:1000], AT)
    assert ledger.size() == 10
    ledger._connection.execute("PRAGMA max_page_count = 100000")
    assert ledger.append(BODIES[10:1000], AT) == range(11, 1001)
    assert audit(ledger, ORIGIN, KEYS).is_right
    ledger.close()


def test_a_second_writer_is_noticed_and_nothing_is_written_twice(tmp_path: Path) -> None:
    one = make_ledger(tmp_path, BODIES[:2])
    other = make_ledger(tmp_path)
    other.append(BODIES[2:3], AT)
    with pytest.raises(LedgerFault, match="written by another process meanwhile"):
        one.append(BODIES[3:4], AT)
    assert one.append(BODIES[3:4], AT) == range(4, 5)
    assert audit(one, ORIGIN, KEYS).is_right
    one.close()
    other.close()


def test_a_line_is_not_changed_by_any_statement(copied: Path) -> None:
    with (
        sqlite3.connect(path_of(copied, NZL.node)) as connection,
        pytest.raises(sqlite3.IntegrityError, match="never changed"),
    ):
        connection.execute("UPDATE entry SET data = x'00' WHERE number = 1")
    connection.close()


# Checkpoints


def test_a_checkpoint_is_signed_once_for_each_size(tmp_path: Path) -> None:
    ledger = make_ledger(tmp_path, BODIES[:2])
    first = ledger.sign(AUTHOR)
    assert ledger.sign(AUTHOR) == first
    ledger.append(BODIES[2:3], AT)
    second = ledger.sign(AUTHOR)
    assert [read_checkpoint(read_note(each).text).size for each in ledger.notes()] == [2, 3]
    assert ledger.note() == second.spell()
    assert ledger.note(2) == first.spell()
    assert ledger.signed() == 3
    with pytest.raises(LedgerFault, match="no such checkpoint"):
        ledger.note(1)
    ledger.close()


def test_a_cosignature_is_kept_with_its_checkpoint(tmp_path: Path) -> None:
    ledger = make_ledger(tmp_path, BODIES[:2])
    signed = ledger.sign(AUTHOR)
    ledger.keep(cosign(signed, WITNESS, 1_800_000_000), KEYS)
    found = audit(ledger, ORIGIN, ledger.verifiers())
    assert (found.cosigned, found.is_right) == (2, True)
    stranger = Signer("stranger", key("stranger"))
    ledger.keep(cosign(signed, stranger, 1), KEYS)
    assert len(read_note(ledger.note()).signatures) == 2
    ledger.close()


def test_a_cosignature_of_another_checkpoint_is_not_kept(tmp_path: Path) -> None:
    one = make_ledger(tmp_path / "one", BODIES[:2])
    other = make_ledger(tmp_path / "other", BODIES[1:3])
    one.sign(AUTHOR)
    with pytest.raises(LedgerFault, match="over another root here"):
        one.keep(other.sign(AUTHOR), KEYS)
    one.close()
    other.close()


def test_a_partners_checkpoint_is_cosigned_kept_and_remembered(tmp_path: Path) -> None:
    ours = make_ledger(tmp_path / "usa", [release(1)])
    theirs = make_ledger(tmp_path / "nzl", BODIES[:3], mine=NZL, partner=USA)
    me = Signer(cosigner_name(USA), key("USA"))
    first = theirs.sign(OTHER_AUTHOR).spell()
    cosigned = ours.witness(first, [], [OTHER_AUTHOR.key], me, AT)
    theirs.keep(cosigned, [me.cosigner_key])
    assert audit(theirs, OTHER_ORIGIN, theirs.verifiers()).cosigned == 3
    assert decode(ours.row(2)[1]).body == Seen(note=first)
    theirs.append(BODIES[3:7], AT)
    second = theirs.sign(OTHER_AUTHOR).spell()
    ours.close()
    ours = make_ledger(tmp_path / "usa")
    ours.witness(second, theirs.consistency(3, 7), [OTHER_AUTHOR.key], me, AT)
    found = ours.witnessed(OTHER_ORIGIN)
    assert found is not None
    assert found.size == 7
    for ledger in (ours, theirs):
        ledger.close()


def test_a_partners_ledger_that_was_rewritten_is_not_cosigned(tmp_path: Path) -> None:
    ours = make_ledger(tmp_path / "usa", [release(1)])
    me, keys = Signer(cosigner_name(USA), key("USA")), [OTHER_AUTHOR.key]
    notes: list[bytes] = []
    for name, first in (("was", 0), ("is", 1)):
        theirs = make_ledger(tmp_path / name, BODIES[first : first + 4], mine=NZL, partner=USA)
        notes.append(theirs.sign(OTHER_AUTHOR).spell())
        theirs.close()
    ours.witness(notes[0], [], keys, me, AT)
    with pytest.raises(LedgerFault, match="is not cosigned: its first 4 entries are not proved"):
        ours.witness(notes[1], [], keys, me, AT)
    assert ours.size() == 2
    ours.close()


# What somebody has changed


def test_an_altered_line_is_found_on_disk(copied: Path) -> None:
    path = tampered(copied, "UPDATE entry SET data = data || x'00' WHERE number = 77")
    reader = LedgerReader(path)
    (finding,) = audit(reader, ORIGIN, KEYS).findings
    assert (finding.first, finding.last, finding.says) == (77, 77, "was altered")
    reader.close()


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("UPDATE entry SET leaf = zeroblob(32) WHERE number = 2098", "line 2098 .* changed"),
        ("DELETE FROM entry WHERE number = 2097", "line 2097 .* changed"),
        ("DELETE FROM entry WHERE number = 2098", "is not the one that its checkpoint"),
        ("DELETE FROM entry WHERE number > 1024", "lines 1025 to 2048 .* are missing"),
        ("DELETE FROM segment WHERE number = 0", "lacks the root of a segment"),
        ("UPDATE segment SET root = zeroblob(32) WHERE number = 0", "is not the one"),
        ("UPDATE checkpoint SET note = 'text'", "ends with signatures"),
        ("DROP TABLE entry", "no such table"),
    ],
)
def test_nothing_is_written_to_a_ledger_that_was_changed(copied: Path, sql: str, says: str) -> None:
    tampered(copied, sql)
    with pytest.raises(LedgerFault, match=says):
        make_ledger(copied)


def test_a_damaged_file_is_said_to_be(copied: Path) -> None:
    path = path_of(copied, NZL.node)
    data = bytearray(path.read_bytes())
    data[5 * 4096 : -4096] = bytes(len(data) - 6 * 4096)
    path.write_bytes(data)
    with pytest.raises(LedgerFault, match="it is damaged"):
        make_ledger(copied)
    path.write_bytes(b"no database at all, but long enough to be taken for one" * 100)
    with pytest.raises(LedgerFault, match="it is no ledger"):
        make_ledger(copied)


def test_a_ledger_that_is_not_there_is_said_not_to_be(tmp_path: Path) -> None:
    with pytest.raises(LedgerFault, match="is not there, or may not be opened"):
        LedgerReader(tmp_path / "none.sqlite")
    (tmp_path / "ledger").write_text("in the way")
    with pytest.raises(LedgerFault, match="File exists"):
        make_ledger(tmp_path)


def test_a_ledger_of_a_newer_accord_is_left_alone(copied: Path) -> None:
    tampered(copied, "PRAGMA user_version = 99")
    with pytest.raises(LedgerFault, match="is of version 99"):
        make_ledger(copied)


# Pruning


def test_pruning_removes_whole_segments_and_says_so_in_a_line(copied: Path) -> None:
    ledger = make_ledger(copied)
    before = ledger.root(MANY)
    assert ledger.prune(2 * SEGMENT - 1, "ten years", "kea", AT) == SEGMENT
    assert ledger.rows(1, SEGMENT) == []
    said = decode(ledger.row(MANY + 1)[1]).body
    assert said == Pruned(through=SEGMENT, reason="ten years", operator="kea")
    assert ledger.root(MANY) == before
    assert ledger.pruned() == SEGMENT
    found = audit(ledger, ORIGIN, KEYS)
    assert (found.is_right, found.pruned, found.signed) == (True, SEGMENT, MANY)
    ledger.close()
    again = make_ledger(copied)
    assert again.append(BODIES[:1], AT) == range(MANY + 2, MANY + 3)
    again.close()


def test_what_is_pruned_is_said_not_to_be_there(copied: Path) -> None:
    ledger = make_ledger(copied)
    ledger.prune(SEGMENT, "old", None, AT)
    with pytest.raises(LedgerFault, match="has no line 1"):
        ledger.row(1)
    with pytest.raises(LedgerFault, match="may be pruned"):
        ledger.inclusion(1, MANY)
    ledger.close()


def test_less_than_a_segment_is_not_pruned(copied: Path) -> None:
    ledger = make_ledger(copied)
    with pytest.raises(LedgerFault, match="no whole segment"):
        ledger.prune(SEGMENT - 1, "old", None, AT)
    assert ledger.size() == MANY
    ledger.close()
