import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from accord.core.context import LIVE, Context
from accord.desks.readiness import store as store_module
from accord.desks.readiness.columns import Sheet
from accord.desks.readiness.said import Entry
from accord.desks.readiness.statement import Heard, Standing, Statement
from accord.desks.readiness.store import ReadinessFault, ReadinessStore, RegisterFull
from support.readiness import FLEET, NOW, SAID, a_register

UNTIL = SAID.valid_until
assert UNTIL is not None
STATEMENT = Statement(
    capability="lift-sea", standing=Standing.OFFERED, as_of=NOW, until=UNTIL,
    numbers=(0, 1, 1, 2), each=0.5,
)  # fmt: skip
HEARD = Heard(node="AUS-OPS", statement=STATEMENT, received=NOW)


def an_entry(value: str) -> Entry:
    return Entry(
        sheet=Sheet.UNITS, id="X", column="name", value=value, said=SAID, entered=NOW, person="a"
    )


@pytest.fixture
def store(tmp_path: Path) -> ReadinessStore:
    store = ReadinessStore(tmp_path / "readiness.sqlite")
    store.prepare()
    return store


def test_what_was_kept_is_read_again_as_it_was(store: ReadinessStore) -> None:
    plain = replace(an_entry("b"), said=replace(SAID, valid_until=None))
    store.add(LIVE, lambda *_: [an_entry("a"), plain])
    kept = store.history(LIVE, Sheet.UNITS, "X")[::-1]
    assert [replace(each, number=0) for each in kept] == [an_entry("a"), plain]
    assert [each.number for each in kept] == [1, 2]


def test_nothing_that_was_said_is_changed_or_forgotten(tmp_path: Path) -> None:
    a_register(tmp_path, *FLEET)
    with sqlite3.connect(tmp_path / "readiness.sqlite") as file:
        with pytest.raises(sqlite3.IntegrityError, match="never changed"):
            file.execute("UPDATE entry SET value = 'x'")
        with pytest.raises(sqlite3.IntegrityError, match="never forgotten"):
            file.execute("DELETE FROM entry")
    file.close()


def test_a_full_register_says_so_and_takes_nothing(
    store: ReadinessStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "MOST_ENTRIES", 1)
    store.add(LIVE, lambda *_: [an_entry("a")])
    with pytest.raises(RegisterFull, match="holds 1 values and may hold 1: 1 more"):
        store.add(LIVE, lambda *_: [an_entry("b")])
    assert [each.value for each in store.history(LIVE, Sheet.UNITS, "X")] == ["a"]


def test_statements_are_kept_by_context_and_the_oldest_go(
    store: ReadinessStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    exercise = Context.exercise("TASMAN")
    store.keep(HEARD)
    store.keep(replace(HEARD, statement=replace(STATEMENT, context=exercise)))
    assert store.statements(LIVE) == [HEARD]
    assert [each.statement.context for each in store.statements(exercise)] == [exercise]
    monkeypatch.setattr(store_module, "MOST_STATEMENTS", 2)
    store.keep(replace(HEARD, node="FRA"))
    assert [each.node for each in store.statements(LIVE)] == ["FRA"]
    assert store.contexts() == [exercise, LIVE]


def test_a_file_that_cannot_be_read_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "readiness.sqlite"
    path.write_bytes(b"no database at all, but long enough to be taken for one" * 30)
    with pytest.raises(ReadinessFault, match="put back your backup"):
        ReadinessStore(path).prepare()
    with pytest.raises(ReadinessFault, match="the register"):
        ReadinessStore(tmp_path / "none" / "readiness.sqlite").statements(LIVE)
