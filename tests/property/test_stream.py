"""Whatever happens, and however a page lags or is cut off: it knows what its audience may see."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from accord.core.body import Position, Removal
from accord.core.context import LIVE, Context
from accord.core.identity import Identity
from accord.core.principal import Direction, Principal
from accord.core.report import Report, Source
from accord.live.seen import seen
from accord.live.views import StreamSettings
from accord.picture.picture import PictureSettings
from accord.picture.query import Filter
from accord.release.access import may_see
from support.builders import a_point, a_report
from support.stream_page import Page
from support.stream_views import Looked, told

EXERCISE = Context.exercise("TASMAN")
SOURCES = [
    Source(node="NZL", channel="tak", speaker="kiwi-1"),
    Source(node="NZL", channel="feed:ais", speaker="ais"),
    Source(node="USA", channel="partner:USA", speaker=""),
]
UIDS = ["A", "B", "C"]
NUMBERS = [None, None, "512000001"]
AUDIENCES = [
    Principal(name="blue", groups={"Blue": Direction.OUT}),
    Principal(name="red", groups={"Red": Direction.BOTH}),
    Principal(name="both", groups={"Blue": Direction.BOTH, "Red": Direction.OUT}),
    Principal(name="speaks", groups={"Blue": Direction.IN}),
    Principal(
        name="player", groups={"Blue": Direction.OUT}, exercises=frozenset({"TASMAN"})
    ),
]  # fmt: skip
GROUPS = [frozenset({"Blue"}), frozenset({"Red"}), frozenset({"Blue", "Red"})]


@st.composite
def claims(draw: st.DrawFn) -> Report:
    return a_report(
        draw(st.sampled_from(UIDS)),
        context=draw(st.sampled_from([LIVE, LIVE, EXERCISE])),
        identity=Identity(
            mmsi=draw(st.sampled_from(NUMBERS)), callsign=draw(st.sampled_from("XY"))
        ),
        source=draw(st.sampled_from(SOURCES)),
        groups=draw(st.sampled_from(GROUPS)),
        body=Position(
            point=draw(st.sampled_from([None, a_point(), a_point(lat=-41.281)])),
            course=draw(st.sampled_from([None, 90.0])),
        ),
    )


@st.composite
def removals(draw: st.DrawFn) -> Report:
    return a_report(
        "removal",
        context=draw(st.sampled_from([LIVE, EXERCISE])),
        source=draw(st.sampled_from(SOURCES)),
        groups=draw(st.sampled_from(GROUPS)),
        body=Removal(target=draw(st.sampled_from(UIDS))),
    )


THEN = ["", "round", "round", "listen", "listen", "cut", "leave"]
"""What follows: a round; and then the page is told, or cut off in the middle, or opened again."""

STEPS = st.tuples(
    st.one_of(claims(), claims(), removals(), st.sampled_from([1, 200, 200, 400, 4_000])),
    st.sampled_from(THEN),
)


def shown(look: Looked, principal: Principal, context: Context) -> dict[str, Any]:
    """What the picture has that somebody may see, as the document says it is told."""
    found: dict[str, Any] = {}
    for whole in look.picture.tracks(Filter(context=context)):
        track = seen(whole, principal, look.clock.now(), look.picture.settings)
        if track is None:
            continue
        lead = track.lead
        assert may_see(principal, lead)
        body = lead.body
        assert isinstance(body, Position)
        point = body.point
        found[lead.uid] = (
            track.status.value,
            None if point is None else (round(point.lon * 1e7), round(point.lat * 1e7)),
            None if body.course is None or point is None else round(body.course * 100),
            lead.identity.callsign,
            len(track.claims),
            sorted(lead.groups & principal.hears),
        )
    return found


def known(page: Page) -> dict[str, Any]:
    return {
        uid: (
            track.state,
            None if track.lon is None else (track.lon, track.lat),
            track.course,
            track.meta["name"],
            track.meta["claims"],
            track.meta["groups"],
        )
        for uid, track in page.by_uid().items()
    }


@given(
    st.lists(STEPS, max_size=30),
    st.sampled_from(AUDIENCES),
    st.sampled_from([LIVE, EXERCISE]),
    st.integers(1, 4),
    st.data(),
)
def test_a_page_knows_what_its_audience_may_see(
    steps: list[tuple[Report | int, str]],
    principal: Principal,
    context: Context,
    max_gone: int,
    data: st.DataObject,
) -> None:
    if not principal.takes_part_in(context):
        context = LIVE
    look = Looked(
        StreamSettings(max_gone=max_gone, kept_for=timedelta(minutes=30)),
        PictureSettings(max_tracks=data.draw(st.sampled_from([2, 100]))),
    )
    view, page = look.views.open(principal, context), Page()
    for event, then in steps:
        look.clock.advance(seconds=0.25)
        if isinstance(event, int):
            look.clock.advance(seconds=event)
        else:
            now = look.clock.now()
            five = timedelta(minutes=5)
            look.say(replace(event, time=now, start=now, received=now, stale=now + five))
        if then:
            look.round()
        if then == "listen":
            page.take_all(told(view, page))
        elif then == "cut":
            frames = told(view, page)
            page.take_all(frames[: data.draw(st.integers(0, len(frames)))])
        elif then == "leave":
            look.views.close(view)
            view = look.views.open(principal, context)
    look.round()
    view = look.views.open(principal, context)
    page.take_all(told(view, page))
    assert known(page) == shown(look, principal, context)
    assert len(page.tracks) == len(page.by_uid())
