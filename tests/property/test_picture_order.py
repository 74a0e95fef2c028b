"""The picture does not depend on the order in which reports arrive."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from accord.core.body import Position
from accord.core.context import LIVE
from accord.core.identity import UNKNOWN_IDENTITY, Identity
from accord.core.report import Doubt, Report, Source
from accord.core.track import Track
from accord.picture.picture import Picture, PictureSettings
from accord.picture.query import Filter
from support.builders import a_point, a_report
from support.clock import START

IDENTITIES = {
    "ship, by radio": Identity(mmsi="512000001"),
    "ship, by radar": Identity(mmsi="512000001", callsign="FERRY"),
    "aircraft": Identity(icao="c81234"),
    "phone": UNKNOWN_IDENTITY,
}
SOURCES = [
    Source(node="NZL", channel="tak", speaker="kiwi-1"),
    Source(node="NZL", channel="feed:ais", speaker="ais"),
    Source(node="NZL", channel="partner:AUS", speaker="AUS", hops=("AUS",)),
]


@st.composite
def reports(draw: st.DrawFn, *, latest: int, earliest: int = -40) -> Report:
    """A report of so many seconds before or after the start; all fixes lie too near for a jump."""
    happened = timedelta(seconds=draw(st.integers(earliest, latest)))
    uid = draw(st.sampled_from(sorted(IDENTITIES)))
    speed = draw(st.sampled_from([None, 10.0, 20_000.0]))
    return a_report(
        uid,
        at=START + happened,
        stale=START + happened + timedelta(seconds=draw(st.integers(0, 900))),
        identity=IDENTITIES[uid],
        source=draw(st.sampled_from(SOURCES)),
        doubts=draw(st.sampled_from([frozenset(), frozenset({Doubt.IMPOSSIBLE_POSITION})])),
        body=Position(point=a_point(lat=draw(st.integers(0, 4)) / 1000), speed=speed),
    )


def as_received(said: list[Report]) -> list[Report]:
    """No two are received at one time: that is what the order of arrival is known by."""
    return [
        replace(report, received=START + timedelta(seconds=number))
        for number, report in enumerate(said)
    ]


def believed(in_order: list[Report]) -> Counter[Any]:
    """Every track but for its id, which is the first uid that was heard."""
    picture = Picture(PictureSettings())
    for report in in_order:
        picture.apply(report)

    def without_id(track: Track) -> tuple[Any, ...]:
        return frozenset(track.claims.items()), track.lead, track.status

    return Counter(map(without_id, picture.tracks(Filter(context=LIVE))))


@given(st.data())
def test_the_same_reports_in_any_order_give_the_same_picture(data: st.DataObject) -> None:
    said = as_received(data.draw(st.lists(reports(latest=30), max_size=12)))
    assert believed(data.draw(st.permutations(said))) == believed(said)


@given(st.lists(reports(latest=7_200, earliest=-7_200), min_size=2, max_size=2))
def test_two_reports_in_either_order_give_the_same_picture_however_wrong_the_clock(
    said: list[Report],
) -> None:
    first, second = as_received(said)
    assert believed([first, second]) == believed([second, first])


@given(st.lists(reports(latest=30), max_size=12))
def test_applying_everything_twice_changes_nothing(said: list[Report]) -> None:
    received = as_received(said)
    assert believed(received + received) == believed(received)
