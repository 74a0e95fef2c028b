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
    kept.forget("b")
    kept.forget("none")
    assert kept.all() == [changed]
