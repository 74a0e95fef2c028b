import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from accord.core.context import Context
from accord.desks.watch.alert import Act, Alert, Condition, Entry, Kind, Priority, about
from accord.desks.watch.store import WATCH, WatchFault, WatchStore
from support.clock import START

CALL = Condition(
    key="emergency exercise:TASMAN KIWI",
    kind=Kind.EMERGENCY,
    priority=Priority.CAUTION,
    text="KIWI: 911 Alert",
    uid="KIWI",
    context=Context.exercise("TASMAN"),
    groups=frozenset({"Blue", "Red"}),
)
ALERT = Alert(
    number=7,
    condition=CALL,
    raised=START,
    times=3,
    owner="aroha",
    offered_to="wiremu",
    acknowledged=START,
    acknowledged_by="aroha",
    quiet_until=START + timedelta(hours=1),
)


@pytest.fixture
def store(tmp_path: Path) -> WatchStore:
    store = WatchStore(tmp_path / WATCH)
    store.prepare()
    return store


def test_alerts_and_lines_are_read_as_they_were_kept(store: WatchStore) -> None:
    note = Entry(at=START, act=Act.NOTED, by="aroha", text="fog", uids=("A", "B"))
    kept = store.keep([about(ALERT, Act.OFFERED, START, by="aroha"), note])
    assert [each.number for each in kept] == [1, 2]
    assert store.log() == kept[::-1]
    assert store.alerts() == ([ALERT], 7)


def test_of_an_alert_that_has_ended_only_its_number_is_remembered_as_taken(
    store: WatchStore,
) -> None:
    over = Alert(number=8, condition=CALL, raised=START, rectified=START, acknowledged=START)
    store.keep([about(over, Act.RECTIFIED, START)])
    assert store.alerts() == ([], 8)


def test_nothing_of_what_happened_together_is_kept_when_some_of_it_cannot_be(
    store: WatchStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = about(ALERT, Act.RAISED, START)
    bad = Entry(at=START, act=Act.NOTED, text=None)  # type: ignore[arg-type]
    with pytest.raises(WatchFault):
        store.keep([good, bad])
    assert store.log() == []
    assert store.alerts() == ([], 0)


def test_the_log_is_asked_by_time_by_place_and_by_object(store: WatchStore) -> None:
    notes = [
        Entry(at=START + timedelta(hours=h), act=Act.NOTED, text=f"note {h}", uids=(uid,))
        for h, uid in enumerate(("A", "B", "A"))
    ]
    store.keep(notes)
    texts = lambda **asked: [each.text for each in store.log(**asked)]  # noqa: E731
    assert texts(since=START + timedelta(hours=1)) == ["note 2", "note 1"]
    assert texts(before=3) == ["note 1", "note 0"]
    assert texts(uid="A") == ["note 2", "note 0"]
    assert texts(uid="B", since=START + timedelta(hours=2)) == []
    assert texts(limit=1) == ["note 2"]


def test_no_line_of_the_log_can_be_changed(store: WatchStore, tmp_path: Path) -> None:
    store.keep([Entry(at=START, act=Act.NOTED, by="aroha", text="fog")])
    with sqlite3.connect(tmp_path / WATCH) as watch, pytest.raises(sqlite3.Error, match="never"):
        watch.execute("UPDATE entry SET text = 'sun'")


def test_what_is_old_or_beyond_the_limit_is_forgotten_with_its_ended_alerts(
    store: WatchStore,
) -> None:
    over = Alert(number=1, condition=CALL, raised=START, rectified=START, acknowledged=START)
    store.keep([about(over, Act.RECTIFIED, START)])
    store.keep([about(ALERT, Act.RAISED, START)])
    later = START + timedelta(days=2)
    store.keep([Entry(at=later, act=Act.NOTED, text=f"note {n}") for n in range(3)])
    assert store.forget(later, kept=timedelta(days=1), most=100) == 2
    assert store.alerts() == ([ALERT], 7)
    assert store.forget(later, kept=timedelta(days=1), most=2) == 1
    assert [each.text for each in store.log()] == ["note 2", "note 1"]


def test_a_file_that_is_none_of_ours_is_named(tmp_path: Path) -> None:
    (tmp_path / WATCH).write_bytes(b"nothing like a database, and long enough to be seen as such")
    with pytest.raises(WatchFault, match=r"watch\.sqlite"):
        WatchStore(tmp_path / WATCH).prepare()
