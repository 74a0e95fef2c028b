import shutil
import sqlite3
import threading
from pathlib import Path

import pytest

from accord.release.ledger.audit import SEGMENT, audit
from accord.release.ledger.fault import LedgerFault
from accord.release.merkle import Frontier, is_consistent, is_included, leaf_hash
from accord.storage.ledger_reader import LedgerReader, partners_of, path_of
from support.ledger import AT, AUTHOR, KEYS, NZL, ORIGIN, make_ledger, release, rows

MANY = 2 * SEGMENT + 50
BODIES = [release(number) for number in range(1, MANY + 1)]


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


def tampered(directory: Path, sql: str) -> Path:
    """Change the file as somebody with an editor for databases would."""
    path = path_of(directory, NZL.node)
    with sqlite3.connect(path) as connection:
        connection.execute(sql)
    connection.close()
    return path


def test_a_node_has_a_ledger_for_each_partner(long: Path, tmp_path: Path) -> None:
    assert partners_of(long) == [NZL.node]
    assert partners_of(tmp_path) == []
    assert path_of(tmp_path, NZL.node) == tmp_path / "ledger" / "NZL-JFNZ.sqlite"


def test_the_root_is_that_of_the_definition(long: Path) -> None:
    reader = LedgerReader(path_of(long, NZL.node))
    tree = Frontier()
    for _, _, leaf in rows(BODIES):
        tree.append(leaf)
    assert reader.root(MANY) == tree.root()
    assert reader.root(0) == Frontier().root()
    assert Frontier(MANY, reader.peaks(MANY)) == tree
    reader.close()


@pytest.mark.parametrize("number", [1, SEGMENT, SEGMENT + 1, 2 * SEGMENT, MANY])
def test_each_line_can_be_proved(long: Path, number: int) -> None:
    reader = LedgerReader(path_of(long, NZL.node))
    proof = reader.inclusion(number, MANY)
    leaf = leaf_hash(reader.row(number)[1])
    assert is_included(leaf, number - 1, MANY, proof, reader.root(MANY))
    grown = reader.consistency(number, MANY)
    assert is_consistent(number, MANY, grown, reader.root(number), reader.root(MANY))
    reader.close()


def test_it_is_read_while_it_is_written(tmp_path: Path) -> None:
    ledger = make_ledger(tmp_path, BODIES[:5])
    seen: list[bool] = []

    def read() -> None:
        reader = LedgerReader(path_of(tmp_path, NZL.node))
        seen.extend(audit(reader, ORIGIN, KEYS).is_right for _ in range(5))
        reader.close()

    thread = threading.Thread(target=read)
    thread.start()
    for begin in range(5, 1100, 20):
        ledger.append(BODIES[begin : begin + 20], AT)
    thread.join()
    ledger.close()
    assert seen == [True] * 5


def test_a_ledger_that_does_not_say_whose_it_is_is_not_read(copied: Path) -> None:
    tampered(copied, "DELETE FROM ledger")
    with pytest.raises(LedgerFault, match="does not say whose it is"):
        LedgerReader(path_of(copied, NZL.node))


def test_a_missing_root_is_told_where_it_is_needed(copied: Path) -> None:
    reader = LedgerReader(tampered(copied, "DELETE FROM segment WHERE number = 1"))
    with pytest.raises(LedgerFault, match="lacks the root of a segment"):
        reader.root(MANY)
    reader.close()
