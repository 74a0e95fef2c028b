from datetime import timedelta
from typing import Any

import pytest

from accord.core.context import Context
from accord.core.principal import Direction, Principal
from accord.core.report import Report, Source
from accord.core.track import Track, TrackStatus
from accord.live.seen import seen
from accord.picture.picture import Picture, PictureSettings
from support.builders import a_report
from support.clock import START

SETTINGS = PictureSettings()
BLUE = Principal(name="moana", groups={"Blue": Direction.BOTH})
MINUTE = timedelta(minutes=1)


def by(speaker: str, **changes: Any) -> Report:
    return a_report(source=Source(node="NZL", channel="tak", speaker=speaker), **changes)


def a_track(*claims: Report) -> Track:
    picture = Picture(SETTINGS)
    for claim in claims:
        picture.apply(claim)
    (track,) = picture.everything()
    return track


def test_what_was_said_into_a_group_that_one_hears_is_seen() -> None:
    track = a_track(by("a"))
    assert seen(track, BLUE, START, SETTINGS) is track


@pytest.mark.parametrize(
    "of",
    [
        Principal(name="x"),
        Principal(name="x", groups={"Red": Direction.BOTH}),
        Principal(name="x", groups={"Blue": Direction.IN}),
    ],
)
def test_who_hears_no_such_group_sees_nothing(of: Principal) -> None:
    assert seen(a_track(by("a")), of, START, SETTINGS) is None
    both = a_track(by("a"), by("b", groups=frozenset({"White"})))
    assert seen(both, of, START, SETTINGS) is None


def test_an_exercise_is_seen_by_who_takes_part() -> None:
    track = a_track(by("a", context=Context.exercise("TASMAN")))
    player = Principal(name="x", groups=BLUE.groups, exercises=frozenset({"TASMAN"}))
    assert seen(track, BLUE, START, SETTINGS) is None
    assert seen(track, player, START, SETTINGS) is track


def test_a_claim_that_one_may_not_see_neither_leads_nor_counts() -> None:
    mine = by("a", at=START)
    theirs = by("b", at=START + MINUTE, groups=frozenset({"Red"}))
    track = a_track(mine, theirs)
    assert track.lead is theirs
    shown = seen(track, BLUE, START + MINUTE, SETTINGS)
    assert shown is not None
    assert (shown.lead, list(shown.claims.values())) == (mine, [mine])


def test_a_claim_that_one_may_not_see_keeps_nothing_alive() -> None:
    """A report is valid for 5 minutes, lost 10 minutes later, and gone after another hour."""
    mine = by("a", at=START)
    track = a_track(mine, by("b", at=START + 4 * MINUTE, groups=frozenset({"Red"})))
    when = {0: TrackStatus.LIVE, 5: TrackStatus.STALE, 15: TrackStatus.LOST, 75: None}
    for minutes, status in when.items():
        shown = seen(track, BLUE, START + minutes * MINUTE, SETTINGS)
        assert (None if shown is None else shown.status) is status


def test_a_track_goes_by_a_uid_that_one_may_know() -> None:
    first = by("b", uid="SECRET-1", groups=frozenset({"Red"}))
    identity = a_report().identity
    settled = type(identity)(mmsi="512000001")
    track = a_track(
        by("b", uid="SECRET-1", groups=frozenset({"Red"}), identity=settled),
        by("a", uid="OPEN-1", identity=settled),
    )
    assert track.id == first.uid
    shown = seen(track, BLUE, START, SETTINGS)
    assert shown is not None
    assert shown.id == "OPEN-1"


def test_a_track_whose_every_claim_is_seen_goes_by_its_lead() -> None:
    settled = type(a_report().identity)(mmsi="512000001")
    track = a_track(
        by("b", uid="ONE", identity=settled),
        by("a", uid="TWO", at=START + MINUTE, identity=settled),
    )
    shown = seen(track, BLUE, START + MINUTE, SETTINGS)
    assert shown is not None
    assert (track.id, shown.id, shown.lead.uid) == ("ONE", "TWO", "TWO")
    assert len(shown.claims) == 2
