import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from accord.core.partner import FormerKey, KeyOf
from accord.federation.guard.books import Books, read_request
from accord.federation.guard.talk import Withheld
from accord.release.ledger.checkpoint import (
    Checkpoint,
    cosign,
    cosigner_name,
    origin_of,
    read_checkpoint,
)
from accord.release.ledger.entry import Count, Refusals, Seen, decode
from accord.release.ledger.fault import LedgerFault
from accord.release.ledger.note import Note, Signer, pinned_keys, read_note
from accord.storage.ledger_reader import LedgerReader, path_of
from support.ledger import release
from support.partners import NZL, USA, name_of, partner_of, signing_key

NOW = datetime(2026, 12, 1, 6, tzinfo=UTC)


def books(directory: Path, own: str = USA, partner: str = NZL, **changes: Any) -> Books:
    pinned = replace(partner_of(partner), **changes)
    return Books(directory / own, name_of(own), pinned, signing_key(own, "ledger"))


def grown(it: Books, first: int, count: int = 3) -> None:
    it.enter([release(number) for number in range(first, first + count)], NOW)
    it.sign()


def exchanged(giver: Books, witness: Books) -> None:
    """The giver's checkpoint goes to the partner, and comes back."""
    request = giver.request()
    assert request is not None
    note = witness.witness(request, NOW)
    assert note is not None, witness.trouble
    giver.cosigned_by_partner(note, NOW)


def test_a_partner_cosigns_what_only_grew(tmp_path: Path) -> None:
    usa, nzl = books(tmp_path), books(tmp_path, NZL, USA)
    for first in (1, 4, 7):
        grown(usa, first)
        exchanged(usa, nzl)
        assert usa.cosigned == usa.signed
        assert (usa.trouble, nzl.trouble) == ("", "")
    assert books(tmp_path).cosigned == usa.cosigned


def test_nothing_new_makes_no_checkpoint(tmp_path: Path) -> None:
    usa, nzl = books(tmp_path), books(tmp_path, NZL, USA)
    usa.sign()
    assert usa.request() is None
    grown(usa, 1)
    exchanged(usa, nzl)
    usa.sign()  # the line that says what the partner cosigned is nothing to be cosigned
    assert usa.request() is None


def test_a_rewritten_ledger_is_not_cosigned_and_said(tmp_path: Path) -> None:
    usa, nzl = books(tmp_path), books(tmp_path, NZL, USA)
    grown(usa, 1)
    exchanged(usa, nzl)
    forged = books(tmp_path / "forged")
    grown(forged, 50, 9)
    forged.cosigned = 3
    request = forged.request()
    assert request is not None
    answer = nzl.witness(request, NOW)
    assert answer is not None
    assert read_checkpoint(read_note(answer).text).size == 3  # what it had cosigned before
    assert "not proved" in nzl.trouble


def test_who_lost_a_cosignature_is_told_how_far_it_had_come(tmp_path: Path) -> None:
    usa, nzl = books(tmp_path), books(tmp_path, NZL, USA)
    grown(usa, 1)
    request = usa.request()
    assert request is not None
    nzl.witness(request, NOW)  # and the answer is lost
    grown(usa, 4)
    again = usa.request()
    assert again is not None
    note = nzl.witness(again, NOW)
    assert note is not None
    usa.cosigned_by_partner(note, NOW)
    assert usa.cosigned == 3
    exchanged(usa, nzl)
    assert usa.cosigned == 6


def put_back(directory: Path, own: str = USA, partner: str = NZL) -> Callable[[], None]:
    """Copy a ledger; what is returned puts the copy back."""
    ledgers = directory / own / "ledger"
    copied = directory / f"backup of {own}"
    shutil.copytree(ledgers, copied)

    def back() -> None:
        shutil.rmtree(ledgers)
        shutil.copytree(copied, ledgers)

    return back


def greeted(giver: Books, witness: Books) -> bytes | None:
    """What both say of the giver's ledger when a session begins."""
    asked: bytes | None = giver.greeting()
    note = None
    for _ in range(3):
        note = None if asked is None else witness.witness(asked, NOW)
        asked = None if note is None else giver.cosigned_by_partner(note, NOW)
        if asked is None:
            return note
    raise AssertionError("they ask each other for ever")


@pytest.mark.parametrize("after", [0, 2, 30])
def test_a_backup_that_was_put_back_is_found_when_a_session_begins_and_said_by_both(
    tmp_path: Path, after: int
) -> None:
    usa, nzl = books(tmp_path), books(tmp_path, NZL, USA)
    grown(usa, 1, 9)
    exchanged(usa, nzl)
    usa.close()
    back = put_back(tmp_path)
    usa = books(tmp_path)
    grown(usa, 10, 9)
    exchanged(usa, nzl)
    cosigned = usa.cosigned
    usa.close()
    back()
    usa = books(tmp_path)
    if after:
        grown(usa, 500, after)  # what was released before anybody knew
    lines = usa.lines
    greeted(usa, nzl)
    assert f"has cosigned {cosigned}" in usa.lost or f"first {cosigned}" in usa.lost
    assert usa.trouble == usa.lost
    assert str(lines) in usa.lost or after == 30
    with pytest.raises(LedgerFault, match="backup"):
        usa.enter([release(900)], NOW)
    assert nzl.witness(usa.contradiction(), NOW)
    assert "since 2026-12-01T06:00:00Z the ledger of USA-X is not the one" in nzl.trouble
    nzl.close()
    nzl = books(tmp_path, NZL, USA)
    assert "is not the one" in nzl.trouble  # after a restart too
    usa.close()


def test_both_ledgers_keep_what_proves_that_lines_were_lost(tmp_path: Path) -> None:
    usa, nzl = books(tmp_path), books(tmp_path, NZL, USA)
    grown(usa, 1, 9)
    usa.close()
    back = put_back(tmp_path)
    usa = books(tmp_path)
    grown(usa, 10, 9)
    exchanged(usa, nzl)
    usa.close()
    back()
    usa = books(tmp_path)
    greeted(usa, nzl)
    for _ in range(2):
        nzl.witness(usa.contradiction(), NOW)
    key = pinned_keys(origin_of(name_of(USA), NZL), str(signing_key(USA, "ledger").public))[0]
    for own, partner in ((USA, NZL), (NZL, USA)):
        reader = LedgerReader(path_of(tmp_path / own, partner))
        bodies = [decode(data).body for _, data, _ in reader.lines()]
        notes = [read_note(each.note) for each in bodies if isinstance(each, Seen)]
        signed = [note for note in notes if note.verified([key])]
        assert len({note.text for note in signed}) == (1 if own == USA else 2)
        assert len(signed) == (1 if own == USA else 2)


def test_a_partner_alone_cannot_make_a_ledger_look_lost(tmp_path: Path) -> None:
    usa = books(tmp_path)
    grown(usa, 1)
    made_up = Checkpoint(origin_of(name_of(USA), NZL), 1_000, bytes(32))
    nzl = Signer(cosigner_name(name_of(NZL)), signing_key(NZL, "ledger").key)
    usa.cosigned_by_partner(cosign(Note(made_up.text, ()), nzl, 5).spell(), NOW)
    assert not usa.lost
    assert "no signature of this node" in usa.trouble
    usa.enter([release(7)], NOW)


@pytest.mark.parametrize("at", [253_402_300_800, 1 << 50, (1 << 64) - 1])
def test_a_cosignature_after_the_last_year_is_not_believed(tmp_path: Path, at: int) -> None:
    """The first second of the year 10000, and what no clock counts to."""
    usa = books(tmp_path)
    grown(usa, 1)
    ours = Checkpoint(origin_of(name_of(USA), NZL), 5, bytes(32))
    nzl = Signer(cosigner_name(name_of(NZL)), signing_key(NZL, "ledger").key)
    usa.cosigned_by_partner(cosign(Note(ours.text, ()), nzl, at).spell(), NOW)
    assert usa.trouble == "a cosignature has a time that no clock can show"
    assert (usa.cosigned, usa.lost) == (0, "")
    usa.enter([release(7)], NOW)


def test_a_cosignature_of_another_ledger_is_named_and_steers_no_terminal(tmp_path: Path) -> None:
    usa = books(tmp_path)
    nzl = Signer(cosigner_name(name_of(NZL)), signing_key(NZL, "ledger").key)
    for origin, trouble in (
        ("x" * 3_000, f"a cosignature of {'x' * 300} is not of this ledger"),
        ("x\x9b2J\u202eLINK UP\x7f", "a note has no control characters but line breaks"),
    ):
        other = Checkpoint(origin, 5, bytes(32))
        usa.cosigned_by_partner(cosign(Note(other.text, ()), nzl, 5).spell(), NOW)
        assert usa.trouble == trouble


def test_the_right_ledger_put_back_settles_it(tmp_path: Path) -> None:
    usa, nzl = books(tmp_path), books(tmp_path, NZL, USA)
    grown(usa, 1, 9)
    exchanged(usa, nzl)
    other = books(tmp_path / "elsewhere")
    grown(other, 1, 2)
    greeted(other, nzl)
    assert other.lost
    assert nzl.trouble
    grown(usa, 10)
    greeted(usa, nzl)
    assert usa.cosigned == usa.signed
    assert (usa.trouble, nzl.trouble) == ("", "")


@pytest.mark.parametrize("how", ["older", "gone"])
def test_a_witness_whose_backup_was_put_back_cosigns_again_from_where_it_is(
    tmp_path: Path, how: str
) -> None:
    usa, nzl = books(tmp_path), books(tmp_path, NZL, USA)
    if how == "older":
        grown(usa, 1, 9)
        exchanged(usa, nzl)
    nzl.close()
    back = put_back(tmp_path, NZL, USA)
    nzl = books(tmp_path, NZL, USA)
    for first in (10, 20):
        grown(usa, first, 9)
        exchanged(usa, nzl)
    nzl.close()
    back()
    nzl = books(tmp_path, NZL, USA)
    greeted(usa, nzl)
    assert usa.cosigned == usa.signed
    grown(usa, 30)
    exchanged(usa, nzl)
    assert (usa.trouble, nzl.trouble, usa.lost) == ("", "", "")
    assert usa.cosigned == usa.signed
    assert usa.request() is None


def test_a_greeting_of_what_both_know_adds_no_line(tmp_path: Path) -> None:
    usa, nzl = books(tmp_path), books(tmp_path, NZL, USA)
    assert greeted(usa, nzl) is None  # nothing was released yet
    grown(usa, 1)
    exchanged(usa, nzl)
    before = usa.lines, nzl.lines
    assert greeted(usa, nzl) is not None
    assert (usa.lines, nzl.lines) == before


def test_another_ledger_is_cosigned_only_once_somebody_has_accepted_it(tmp_path: Path) -> None:
    usa, nzl = books(tmp_path), books(tmp_path, NZL, USA)
    grown(usa, 1)
    exchanged(usa, nzl)
    usa.close()
    path = path_of(tmp_path / USA, NZL)
    path.rename(path.with_name(f"{NZL}.1.sqlite"))
    usa = books(tmp_path)
    grown(usa, 10)
    assert "has not cosigned ledger 2" in books(tmp_path).trouble
    assert greeted(usa, nzl) is None
    assert "USA-X has begun ledger 2 in place of the one of which 3 lines" in nzl.trouble
    assert "accord ledger accept DIR USA-X --number 2" in nzl.trouble
    nzl.close()
    nzl = books(tmp_path, NZL, USA, ledger=2)
    greeted(usa, nzl)
    assert usa.cosigned == usa.signed == 3
    assert (usa.trouble, nzl.trouble) == ("", "")


def test_a_ledger_goes_on_under_a_key_that_succeeds(tmp_path: Path) -> None:
    usa, nzl = books(tmp_path), books(tmp_path, NZL, USA)
    grown(usa, 1)
    exchanged(usa, nzl)
    grown(nzl, 1)
    exchanged(nzl, usa)
    for each in (usa, nzl):
        each.close()
    new, old = signing_key(USA, "ledger 2"), str(signing_key(USA, "ledger").public)
    former = FormerKey(of=KeyOf.LEDGER, key=old, succeeded=NOW, until=NOW)
    usa = Books(tmp_path / USA, name_of(USA), partner_of(NZL), new)
    nzl = books(tmp_path, NZL, USA, ledger_key=str(new.public), history=(former,))
    assert (usa.cosigned, nzl.cosigned) == (3, nzl.signed)
    grown(usa, 4)
    exchanged(usa, nzl)
    grown(nzl, 4)
    exchanged(nzl, usa)
    assert (usa.trouble, nzl.trouble) == ("", "")
    stale = books(tmp_path / "stale")  # signs with the key that was succeeded
    grown(stale, 1, 30)
    assert nzl.witness(stale.greeting(), NOW) is None


def test_notes_of_others_are_not_kept(tmp_path: Path) -> None:
    usa, nzl = books(tmp_path), books(tmp_path, NZL, USA)
    grown(usa, 1)
    request = usa.request()
    assert request is not None
    _, _, bare = read_request(request)
    usa.cosigned_by_partner(bare, NOW)
    assert "without the partner's cosignature" in usa.trouble
    grown(nzl, 1)
    theirs = nzl.request()
    assert theirs is not None
    cosigned = usa.witness(theirs, NOW)
    assert cosigned is not None
    usa.cosigned_by_partner(cosigned, NOW)
    assert usa.cosigned == 0


def test_another_key_than_the_pinned_one_signs_no_checkpoint(tmp_path: Path) -> None:
    usa = books(tmp_path)
    grown(usa, 1)
    request = usa.request()
    assert request is not None
    nzl = books(tmp_path, NZL, USA, ledger_key=str(signing_key("AUS-X", "ledger").public))
    assert nzl.witness(request, NOW) is None
    assert nzl.trouble


@pytest.mark.parametrize(
    "request_",
    [
        b"",
        b"old 1",
        b"new 1\n\nx",
        b"old 01\n\nx",
        b"old 1\n?\n\nx",
        b"old 1" + 64 * b"\nAA==" + b"\n\nx",
    ],
)
def test_what_is_no_request_is_refused(request_: bytes) -> None:
    with pytest.raises(LedgerFault):
        read_request(request_)


def test_what_was_withheld_and_refused_is_entered(tmp_path: Path) -> None:
    usa = books(tmp_path)
    counts = (Count(clause="0.2", reason="unmarked", sort="ship", count=7),)
    usa.withheld(Withheld("A-1", 3, 1_000, 2_000, counts), NOW)
    usa.refused("it has no mark", "1", NOW)
    usa.close()
    reader = LedgerReader(path_of(tmp_path / USA, NZL))
    assert reader.size() == 2
    reader.close()
    assert Refusals
