from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from accord.federation.guard.books import Books, read_request
from accord.federation.guard.talk import Withheld
from accord.release.ledger.entry import Count, Refusals
from accord.release.ledger.fault import LedgerFault
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
    assert nzl.witness(request, NOW) is None
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


def test_a_backup_that_was_put_back_is_said_by_both(tmp_path: Path) -> None:
    usa, nzl = books(tmp_path), books(tmp_path, NZL, USA)
    grown(usa, 1, 9)
    exchanged(usa, nzl)
    old = books(tmp_path / "backup")
    grown(old, 1, 3)
    request = old.request()
    assert request is not None
    note = nzl.witness(request, NOW)
    assert "fewer" in nzl.trouble
    assert note is not None
    old.cosigned_by_partner(note, NOW)
    assert "a backup was put back" in old.trouble


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
