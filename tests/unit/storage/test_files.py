import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from accord.core.mission import Item, ItemKind, Mission
from accord.storage.files import About, FileSettings, FileStore, is_hash
from accord.storage.missions import MissionSettings, MissionStore
from accord.storage.tak_file import Full, TakFile
from support.clock import START
from support.marti import hash_of

ABOUT = About(
    name="plan ā.pdf", mime="application/pdf", tool="public", keywords=("a", "b"), submitter="kiwi",
    creator_uid="U1", groups=frozenset({"Blue", "Red, or not"}), uid="X",
    place={"Latitude": "-41.3"},
)  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    file = TakFile(tmp_path / "tak.sqlite")
    file.prepare()
    made = FileStore(file, tmp_path / "files", FileSettings(max_file=100, max_person=150))
    made.prepare()
    return made


def put(store: FileStore, data: bytes, about: About = ABOUT, **changes: object) -> str:
    received = store.incoming()
    received.write_bytes(data)
    store.keep(received, hash_of(data), replace(about, **changes), START)  # type: ignore[arg-type]
    return hash_of(data)


def test_a_file_is_found_as_it_was_kept(store: FileStore) -> None:
    sha256 = put(store, b"one")
    (found,) = store.all(START)
    assert (found.about, found.hash, found.size, found.submitted) == (ABOUT, sha256, 3, START)
    assert store.path(sha256).read_bytes() == b"one"
    assert store.all(START, sha256=sha256) == store.all(START, uid="X") == [found]
    assert store.all(START, uid=sha256) == [found]
    assert store.all(START, sha256=hash_of(b"x")) == []


def test_the_same_again_replaces_what_is_said_of_it(store: FileStore) -> None:
    put(store, b"one")
    put(store, b"one", tool="private")
    put(store, b"one", name="other")
    assert [(each.about.name, each.about.tool) for each in store.all(START)] == [
        ("other", "public"), ("plan ā.pdf", "private"),
    ]  # fmt: skip


def test_two_who_upload_at_the_same_time_do_not_pass_the_limit_together(store: FileStore) -> None:
    assert store.room("kiwi", START) == 100
    put(store, b"x" * 100)
    assert store.room("kiwi", START) == 50
    received = store.incoming()
    received.write_bytes(b"y" * 60)  # was let in while there was room
    with pytest.raises(Full, match="no room"):
        store.keep(received, hash_of(b"y" * 60), ABOUT, START)
    put(store, b"z" * 50)
    with pytest.raises(Full, match="kiwi"):
        store.room("kiwi", START)
    assert store.room("moa", START) == 100


def test_what_has_ended_is_not_found_and_makes_room(store: FileStore) -> None:
    ends = int(START.timestamp()) + 60
    sha256 = put(store, b"x" * 100, expires=ends)
    later = START + timedelta(minutes=2)
    assert store.all(later) == []
    assert store.path(sha256).exists()
    store.room("moa", later)
    assert not store.path(sha256).exists()


def test_a_crash_leaves_nothing_that_nobody_has(store: FileStore, tmp_path: Path) -> None:
    sha256 = put(store, b"one")
    (tmp_path / "files" / "incoming" / "half").write_bytes(b"x")
    (tmp_path / "files" / sha256[:2] / ("0" * 64)).write_bytes(b"x")
    store.prepare()
    assert [name for _, _, names in os.walk(tmp_path / "files") for name in names] == [sha256]


def test_a_hash_is_64_lower_case_digits() -> None:
    assert is_hash("0" * 64)
    for text in ("", "0" * 63, "G" * 64, "A" * 64, "../" + "0" * 61, "0" * 64 + "\n"):
        assert not is_hash(text)


MISSION = Mission(
    guid="M", name="Bay", creator="kiwi", creator_uid="U1", made=START, edited=START,
    groups=frozenset({"Blue"}),
)  # fmt: skip


def hold(tmp_path: Path, sha256: str) -> MissionStore:
    missions = MissionStore(TakFile(tmp_path / "tak.sqlite"), MissionSettings())
    if missions.one("M") is None:
        missions.create(MISSION)
    item = Item(kind=ItemKind.HASH, name=sha256, at=START, creator_uid="U1", details={})
    missions.put("M", [item])
    return missions


def test_what_a_mission_holds_is_neither_ended_nor_deleted(
    store: FileStore, tmp_path: Path
) -> None:
    sha256 = put(store, b"one", expires=0)
    missions = hold(tmp_path, sha256)
    later = START + timedelta(days=1)
    store.room("kiwi", later)  # when what has ended goes
    (found,) = store.all(later)
    assert not store.delete([found.number])
    assert store.path(sha256).read_bytes() == b"one"
    missions.remove("M", [(ItemKind.HASH, sha256)], "U1", later)
    assert store.all(later) == []
    store.room("kiwi", later)
    assert not store.path(sha256).exists()


def test_what_was_kept_for_missions_goes_when_none_holds_it(
    store: FileStore, tmp_path: Path
) -> None:
    ours = put(store, b"ours", groups=frozenset())
    theirs = put(store, b"theirs", groups=frozenset())
    put(store, b"theirs", submitter="moa")
    missions = hold(tmp_path, ours)
    hold(tmp_path, theirs)
    store.let_go([ours, theirs])
    assert len(store.all(START)) == 3
    missions.remove("M", [(ItemKind.HASH, each) for each in (ours, theirs)], "U1", START)
    store.let_go([ours, theirs])
    assert [each.about.submitter for each in store.all(START)] == ["moa"]
    assert (store.path(ours).exists(), store.path(theirs).exists()) == (False, True)


def test_what_is_claimed_stays_until_it_is_released(store: FileStore) -> None:
    sha256 = put(store, b"one", groups=frozenset(), expires=0)
    store.claim([sha256])
    store.claim([sha256])
    store.release([sha256])
    store.room("kiwi", START)
    assert not store.delete([1])
    assert store.path(sha256).exists()
    store.release([sha256])
    assert not store.path(sha256).exists()


def test_what_no_mission_holds_any_more_goes_when_a_node_starts(
    store: FileStore, tmp_path: Path
) -> None:
    left, held = (put(store, data, groups=frozenset()) for data in (b"left", b"held"))
    hold(tmp_path, held)
    store.prepare()
    assert [each.hash for each in store.all(START)] == [held]
    assert (store.path(left).exists(), store.path(held).exists()) == (False, True)
