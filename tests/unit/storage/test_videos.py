import sqlite3
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest

from accord.storage import videos
from accord.storage.tak_file import Full, TakFile
from accord.storage.videos import Video, Videos


def a_video(uuid: str, **changes: object) -> Video:
    given = {"owner": "kiwi", "groups": frozenset({"Blue"}), "connection": {"alias": "Bow"}}
    return Video(uuid=uuid, **{**given, **changes})  # type: ignore[arg-type]


def test_videos_are_kept_replaced_and_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = TakFile(tmp_path / "tak.sqlite")
    file.prepare()
    kept = Videos(file)
    monkeypatch.setattr(videos, "MAX_VIDEOS", 2)
    kept.keep(a_video("a"))
    kept.keep(a_video("b"))
    changed = a_video("a", connection={"alias": "Stern"}, groups=frozenset({"Red"}))
    kept.keep(changed)
    assert Videos(file).all() == [changed, a_video("b")]
    with pytest.raises(Full, match="2 videos"):
        kept.keep(a_video("c"))
    kept.forget("b", "kiwi")
    kept.forget("a", "moa")
    assert kept.all() == [changed]
    another = a_video("a", owner="moa")
    kept.keep(another)
    assert kept.all() == [changed, another]
    kept.forget("a", "kiwi")
    assert kept.all() == [another]


def test_videos_of_before_uuids_were_their_owners_are_kept(tmp_path: Path) -> None:
    scripts = sorted((files("accord.storage") / "migrations").iterdir(), key=lambda each: each.name)
    of_then = [each.read_text("utf-8") for each in scripts if each.name.endswith("_tak.sql")][:3]
    path = tmp_path / "tak.sqlite"
    with closing(sqlite3.connect(path)) as old:
        old.executescript("\n".join([*of_then, "PRAGMA user_version = 3;"]))
        row = ("a", "kiwi", '["Blue"]', '{"alias": "Bow"}')
        old.execute("INSERT INTO video VALUES (?, ?, ?, ?)", row)
        old.commit()
    file = TakFile(path)
    file.prepare()
    assert Videos(file).all() == [a_video("a")]
