from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from accord.federation.guard.books import Books
from accord.node.parted import Parted
from accord.observe.partner_health import LinkState
from accord.storage import ledger_reader
from accord.storage.ledger_reader import path_of
from support.health import A_PARTNER
from support.ledger import release
from support.partners import NZL, USA, name_of, partner_of, signing_key

NOW = datetime(2026, 12, 1, 6, tzinfo=UTC)


def books(directory: Path, own: str, partner: str) -> Books:
    return Books(directory, name_of(own), partner_of(partner), signing_key(own, "ledger"))


def test_a_refused_partner_is_told_with_the_ledger_that_is_there(tmp_path: Path) -> None:
    parted = Parted(tmp_path / "usa")
    usa, nzl = books(tmp_path / "usa", USA, NZL), books(tmp_path / "nzl", NZL, USA)
    usa.enter([release(1), release(2)], NOW)
    usa.sign()
    assert parted.status(NZL).cosigned == 0
    request = usa.request()
    assert request is not None
    note = nzl.witness(request, NOW)
    assert note is not None
    usa.cosigned_by_partner(note, NOW)  # which is a line too
    usa.enter([release(3)], NOW)
    usa.sign()
    said = parted.status(NZL)
    assert (said.state, said.lines, said.cosigned) == (LinkState.REFUSED, 4, 2)
    assert said.last_heard is None


def test_how_its_link_stood_is_remembered_while_the_node_lives(tmp_path: Path) -> None:
    parted = Parted(tmp_path)
    parted.ended(A_PARTNER)
    said = parted.status(A_PARTNER.node)
    assert said.last_heard == A_PARTNER.last_heard
    assert said.released == A_PARTNER.released
    assert (said.lines, said.cosigned) == (0, 0)  # no ledger is there


def test_a_ledger_that_cannot_be_read_is_not_told_as_empty(tmp_path: Path) -> None:
    path = path_of(tmp_path, USA)
    path.parent.mkdir()
    path.write_bytes(b"no database, but as long as one would be at the least" * 20)
    parted = Parted(tmp_path)
    parted.ended(replace(A_PARTNER, node=USA))
    assert (parted.status(USA).lines, parted.status(USA).cosigned) == (None, None)


def test_signatures_are_looked_at_once_for_each_length(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usa = books(tmp_path, USA, NZL)
    usa.enter([release(1)], NOW)
    looked: list[None] = []
    before = ledger_reader.LedgerReader.notes

    def notes(reader: ledger_reader.LedgerReader) -> list[bytes]:
        looked.append(None)
        return before(reader)

    monkeypatch.setattr(ledger_reader.LedgerReader, "notes", notes)
    parted = Parted(tmp_path)
    assert [parted.status(NZL).lines for _ in range(3)] == [1, 1, 1]
    assert len(looked) == 1
