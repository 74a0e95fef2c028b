from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from accord.core.context import LIVE
from accord.storage.sent_tracks import FORGOTTEN, REFUSED, SentPoint, SentTrack, SentTracks
from accord.storage.tak_file import Full, TakFile

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def a_track(*times: float, **changes: object) -> SentTrack:
    given = {
        "uid": "U", "owner": "kiwi", "callsign": "KIWI 1", "kind": "a-f-G",
        "groups": frozenset({"Blue"}), "sent": NOW,
        "points": tuple(SentPoint(t, -41.0, 174.0 + t, 1.5, None, 90.0, None) for t in times),
    }  # fmt: skip
    return SentTrack(**{**given, **changes})  # type: ignore[arg-type]


@pytest.fixture
def file(tmp_path: Path) -> TakFile:
    made = TakFile(tmp_path / "tak.sqlite")
    made.prepare()
    return made


def times(tracks: SentTracks, since: float = 0, until: float = 99, **more: object) -> list[object]:
    found = tracks.between(since, until, lambda _: True, **{"most": 100, **more})  # type: ignore[arg-type]
    return [[point.time for point in each.points] for each in found]


def test_tracks_come_back_as_they_were_sent(file: TakFile) -> None:
    track = a_track(1, 2, 3)
    assert SentTracks(file, Counter()).keep(track) == 3
    (found,) = SentTracks(file, Counter()).between(0, 9, lambda _: True, most=9)
    assert (found.uid, found.context, tuple(found.points)) == ("U", LIVE, track.points)
    assert a_track(1, 2, 3, points=tuple(found.points)) == track


def test_only_points_of_the_time_and_the_uid_are_told_the_latest_first(file: TakFile) -> None:
    tracks = SentTracks(file, Counter())
    tracks.keep(a_track(1, 2, 3))
    tracks.keep(a_track(11, 12, uid="V"))
    assert times(tracks) == [[11, 12], [1, 2, 3]]
    assert times(tracks, 2, 11) == [[11], [2, 3]]
    assert times(tracks, 4, 10) == []
    assert times(tracks, uid="U") == [[1, 2, 3]]
    assert times(tracks, most=2) == [[11, 12]]
    assert times(tracks, most=3) == [[11, 12], [1, 2, 3]]
    assert tracks.between(0, 99, lambda each: each.owner != "kiwi", most=9) == []


def test_what_is_sent_again_is_kept_once(file: TakFile) -> None:
    tracks = SentTracks(file, Counter())
    assert tracks.keep(a_track(1, 2, 3)) == 3
    assert tracks.keep(a_track(1, 2, 3)) == 0
    assert tracks.keep(a_track()) == 0
    assert tracks.keep(a_track(3, 4)) == 1
    assert tracks.keep(a_track(3, 4, owner="moa")) == 2
    assert times(tracks) == [[3, 4], [4], [1, 2, 3]]


def test_a_persons_first_tracks_make_room_for_his_last(file: TakFile) -> None:
    counts = Counter[str]()
    tracks = SentTracks(file, counts, most_of_one=5)
    for each in ((1, 2), (3, 4), (5,)):
        tracks.keep(a_track(*each))
    tracks.keep(a_track(9, owner="moa"))
    assert counts == {}
    tracks.keep(a_track(6))
    assert times(tracks) == [[9], [6], [5], [3, 4]]
    assert counts == {FORGOTTEN: 2}


def test_beyond_what_the_node_keeps_nothing_is_taken_and_nothing_goes(file: TakFile) -> None:
    counts = Counter[str]()
    tracks = SentTracks(file, counts, most_of_one=4, most=5)
    tracks.keep(a_track(1, 2))
    tracks.keep(a_track(3, 4))
    with pytest.raises(Full, match="5 points"):
        tracks.keep(a_track(1, 2, owner="moa"))
    assert times(tracks) == [[3, 4], [1, 2]]
    assert counts == {REFUSED: 1}
