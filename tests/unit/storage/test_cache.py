from pathlib import Path

from accord.storage.cache import DiskStore


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    DiskStore(tmp_path / "cache").put("a", b"distances")
    assert DiskStore(tmp_path / "cache").get("a") == b"distances"
    assert DiskStore(tmp_path / "cache").get("b") is None


def test_a_damaged_file_is_as_if_it_were_not_there(tmp_path: Path) -> None:
    store = DiskStore(tmp_path)
    store.put("a", b"distances")
    (kept,) = tmp_path.glob("*.kept")
    kept.write_bytes(b"X" + kept.read_bytes()[1:])
    assert store.get("a") is None
    kept.write_bytes(b"")
    assert store.get("a") is None


def test_the_folder_stays_within_its_room_and_the_oldest_goes(tmp_path: Path) -> None:
    store = DiskStore(tmp_path, room=3 * 132)
    for name in "abcde":
        store.put(name, name.encode() * 100)
    assert len(list(tmp_path.iterdir())) == 3
    assert store.dropped == 2
    assert store.get("e") == b"e" * 100


def test_a_folder_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = DiskStore(tmp_path / "file" / "cache")
    store.put("a", b"x")
    assert store.get("a") is None


def test_what_was_kept_under_another_mark_is_not_found(tmp_path: Path) -> None:
    DiskStore(tmp_path, mark="model 1").put("a", b"hours")
    assert DiskStore(tmp_path, mark="model 2").get("a") is None
    assert DiskStore(tmp_path, mark="model 1").get("a") == b"hours"
