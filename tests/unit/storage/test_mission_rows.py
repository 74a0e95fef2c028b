"""What is kept of a mission and what is in it is read as it was."""

from dataclasses import replace
from pathlib import Path

from accord.core.context import Context, ContextKind
from accord.core.mission import Item, ItemKind, LogEntry, Mission, MissionRole
from accord.storage.mission_rows import (
    ITEM,
    LOG,
    MISSION,
    WRITTEN_CHANGE,
    WRITTEN_ITEM,
    WrittenChange,
    WrittenItem,
    item_row,
    mission_row,
    read_entry,
    read_item,
    read_mission,
)
from accord.storage.tak_file import TakFile
from support.clock import START

WHOLE = Mission(
    guid="g1", name="Search ā", creator="kiwi", creator_uid="U1", made=START, edited=START,
    groups=frozenset({"Blue", "a, b"}), keywords=("sea", "ā"), about={"description": "x"},
    password="kept", default_role=MissionRole.READ_ONLY, invite_only=True, expires=77,
    parent="g0", group_roles={"a, b": MissionRole.OWNER},
)  # fmt: skip
BUOY = Item(
    kind=ItemKind.UID, name="BUOY", at=START, creator_uid="U1", keywords=("k",),
    details={"location": {"lat": 1.5, "lon": 2.0}}, context=Context(ContextKind.EXERCISE, "TASMAN"),
    event=b"<event/>", time=5.0,
)  # fmt: skip


def test_a_row_has_a_value_for_each_column() -> None:
    assert len(mission_row(WHOLE)) == len(MISSION.split(", "))
    assert len(item_row(BUOY)) == len(ITEM.split(", "))
    assert WRITTEN_ITEM.split(", ") == list(WrittenItem._fields)
    assert WRITTEN_CHANGE.split(", ") == list(WrittenChange._fields)


def test_a_mission_is_read_as_its_row_has_it(tmp_path: Path) -> None:
    file = TakFile(tmp_path / "tak.sqlite")
    file.prepare()
    with file.look() as rows:
        assert read_mission(rows, mission_row(WHOLE)) == WHOLE


def test_items_and_entries_are_read_as_their_rows_have_them() -> None:
    assert read_item(item_row(BUOY)) == BUOY
    chart = replace(BUOY, kind=ItemKind.MAP_LAYER, event=b"")
    assert read_item(item_row(chart)) == chart
    at = START.timestamp()
    row = ("i", "kiwi", "U1", "words", "when", at, at, '["k"]', '["ab"]')
    assert len(row) == len(LOG.split(", "))
    assert read_entry(row) == LogEntry(
        id="i", author="kiwi", creator_uid="U1", content="words", happened="when", created=START,
        changed=START, keywords=("k",), hashes=("ab",),
    )  # fmt: skip
