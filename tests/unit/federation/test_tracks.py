from collections import Counter
from datetime import timedelta

from accord.federation.tracks import Candidate, Track, Tracks
from accord.federation.version import ObjectKey
from accord.wire.peer.protocol import Lane, Version
from support.builders import a_report
from support.clock import START


def key(uid: str) -> ObjectKey:
    return ObjectKey("NZL", "live", uid)


def candidate(ms: int, age: float = 0.0) -> Candidate:
    return Candidate(a_report(at=START - timedelta(seconds=age)), Version(1, ms))


def a_set(**changes: int) -> Tracks:
    given = {"limit": 3, "waiting": 4, **changes}
    return Tracks(**given, retry=5.0, counts=Counter())


def waiting(tracks: Tracks, seconds: float = 0.0) -> list[str]:
    return [
        track.key.uid
        for group in tracks.groups(Lane.TRACKS, seconds)
        for track in tracks.ready(group)
    ]


def test_only_the_newest_state_of_an_object_waits() -> None:
    tracks = a_set()
    tracks.note(key("A"), candidate(1), Lane.TRACKS, 0.0)
    tracks.note(key("A"), candidate(3), Lane.TRACKS, 1.0)
    tracks.note(key("A"), candidate(2), Lane.TRACKS, 2.0)
    track = tracks.get(key("A"))
    assert track is not None
    assert [each.version.ms for each in track.candidates] == [3]
    assert tracks.waiting(Lane.TRACKS) == (1, 0.0)


def test_an_object_keeps_its_place_however_often_it_moves() -> None:
    tracks = a_set()
    for ms, uid in enumerate("ABAAA", 1):
        tracks.note(key(uid), candidate(ms), Lane.TRACKS, float(ms))
    assert waiting(tracks) == ["A", "B"]


def test_what_is_put_off_is_decided_again_after_a_while() -> None:
    tracks = a_set()
    tracks.note(key("A"), candidate(1), Lane.TRACKS, 0.0)
    track = tracks.get(key("A"))
    assert track is not None
    tracks.later(track, 0.0)
    assert tracks.next_at() == 5.0
    assert waiting(tracks, 4.9) == []
    assert waiting(tracks, 5.0) == ["A"]


def test_what_stays_is_decided_again_when_something_has_changed() -> None:
    tracks = a_set()
    tracks.note(key("A"), candidate(1), Lane.TRACKS, 0.0)
    track = tracks.get(key("A"))
    assert track is not None
    tracks.idle(track)
    assert waiting(tracks) == []
    tracks.reconsider(1.0)
    assert waiting(tracks) == ["A"]


def test_the_object_not_heard_of_for_longest_makes_room() -> None:
    tracks = a_set(limit=2)
    for ms, uid in enumerate("ABAC", 1):
        tracks.note(key(uid), candidate(ms), Lane.TRACKS, 0.0)
    assert len(tracks) == 2
    assert {track.key.uid for track in tracks.everything()} == {"A", "C"}


def test_of_an_object_that_needs_age_older_reports_are_kept_thinned() -> None:
    tracks = a_set()
    tracks.note(key("A"), candidate(1), Lane.TRACKS, 0.0)
    track = tracks.get(key("A"))
    assert track is not None
    track.was_too_young(0, START)
    for ms in range(2, 40):
        tracks.note(key("A"), candidate(ms), Lane.TRACKS, 0.0)
    kept = [each.version.ms for each in track.candidates]
    assert 2 <= len(kept) <= 4
    assert kept[0] == 1
    assert kept[-1] == 39


def test_what_was_too_young_is_not_asked_again_before_it_is_older() -> None:
    track = Track(key("A"), Lane.TRACKS)
    track.candidates = [candidate(n, age=30.0 - 10 * n) for n in range(3)]
    assert list(track.to_try(START)) == [2, 1, 0]
    track.was_too_young(1, START)
    assert list(track.to_try(START)) == [2, 0]
    assert list(track.to_try(START + timedelta(seconds=5))) == [2, 1, 0]


def test_what_the_partner_has_already_is_not_sent() -> None:
    tracks = a_set()
    tracks.note(key("A"), candidate(1), Lane.TRACKS, 0.0)
    tracks.superseded(key("A"), Version(1, 1))
    assert len(tracks) == 1
    tracks.superseded(key("A"), Version(1, 2))
    tracks.superseded(key("B"), Version(1, 2))
    assert len(tracks) == 0
