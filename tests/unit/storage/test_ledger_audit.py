import sqlite3
from pathlib import Path

import pytest

from accord.core.errors import UsageError
from accord.release.ledger.checkpoint import cosign
from accord.storage.ledger_audit import audited, pinned
from accord.storage.ledger_reader import path_of
from accord.storage.partners import PARTNERS, Partners
from support.ledger import AT, AUTHOR, KEYS, NZL, WITNESS, make_ledger, release
from support.partners import partner_of


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A ledger of three lines, signed here and cosigned by the partner."""
    ledger = make_ledger(tmp_path, [release(number) for number in (1, 2, 3)])
    ledger.keep(cosign(ledger.sign(AUTHOR), WITNESS, 1), KEYS)
    ledger.close()
    return tmp_path


def test_a_ledger_is_whole_by_the_keys_that_are_kept_with_it(place: Path) -> None:
    found = audited(place, NZL.node)
    assert (found.is_right, found.size, found.signed, found.cosigned) == (True, 3, 3, 3)


def test_keys_that_are_given_are_believed_and_no_others(place: Path) -> None:
    found = audited(place, NZL.node, [WITNESS.cosigner_key.spell()])
    assert not found.is_right


def test_the_key_of_a_partner_is_believed_as_people_have_pinned_it(place: Path) -> None:
    partners = Partners(place / PARTNERS)
    partners.prepare()
    assert pinned(place, NZL.node) is None
    other = partner_of(NZL.node)
    partners.add(other, AT)
    found = pinned(place, NZL.node)
    assert found is not None
    assert found.node == NZL.node
    assert audited(place, NZL.node).cosigned == 0


def test_a_line_that_was_changed_is_named(place: Path) -> None:
    with sqlite3.connect(path_of(place, NZL.node)) as file:
        file.execute("DROP TRIGGER entry_stays")
        file.execute("UPDATE entry SET data = x'00' WHERE number = 2")
    file.close()
    assert [each.first for each in audited(place, NZL.node).findings][:1] == [2]


def test_where_there_is_no_ledger_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no ledger"):
        audited(tmp_path, NZL.node)
