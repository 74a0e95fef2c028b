"""Contexts never mix: what happens in one leaves no trace in another."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from accord.core.body import Alarm, Body, Message, Position, Removal
from accord.core.context import LIVE, Context
from accord.core.geometry import Box, Circle
from accord.core.identity import Identity
from accord.core.report import Report
from accord.core.track import Track
from accord.picture.picture import Change, Picture, PictureSettings
from accord.picture.query import Filter
from support.builders import a_point, a_report
from support.clock import START

CONTEXTS = [
    LIVE,
    Context.exercise("live"),
    Context.exercise("TASMAN"),
    Context.parse("plan:TASMAN"),
    Context.parse("replay:TASMAN"),
]
AREAS = [
    None,
    Box(south=-90.0, west=-180.0, north=90.0, east=180.0),
    Circle(centre=a_point(), radius=10_000.0),
]
ROOMY = PictureSettings()
TIGHT = PictureSettings(max_tracks=2, max_claims=1, max_contexts=3)
UIDS = ["U1", "U2", "U3"]


@dataclass(frozen=True)
class Expiry:
    now: datetime


@st.composite
def reports(draw: st.DrawFn, at: datetime) -> Report:
    body: Body = draw(
        st.sampled_from(
            [
                Position(point=a_point()),
                Position(point=a_point(lat=0.0)),
                Alarm(category="911", point=a_point()),
                Alarm(category="911", cancels=True),
                Removal(target=draw(st.sampled_from(UIDS))),
                Message(text="hello", sender="U1", room="All Chat Rooms"),
            ]
        )
    )
    return a_report(
        draw(st.sampled_from(UIDS)),
        at=at,
        context=draw(st.sampled_from(CONTEXTS)),
        identity=Identity(mmsi=draw(st.sampled_from([None, "512000001", "512000002"]))),
        body=body,
    )


@st.composite
def histories(draw: st.DrawFn) -> list[Report | Expiry]:
    """Mixed reports with colliding uids and numbers, and time that passes between them."""
    history: list[Report | Expiry] = []
    now = START
    for _ in range(draw(st.integers(1, 25))):
        now += timedelta(seconds=draw(st.sampled_from([0, 1, 200, 700, 4_000])))
        history.append(draw(st.one_of(reports(now), st.just(Expiry(now)))))
    return history


def lived(
    history: list[Report | Expiry],
    only: Context | None = None,
    settings: PictureSettings = ROOMY,
) -> tuple[Picture, list[Change]]:
    """What a picture became that was told all this, or only what belongs to one context."""
    picture = Picture(settings)
    changes: list[Change] = []
    for step in history:
        if isinstance(step, Expiry):
            changes += picture.expire(step.now)
        elif only in (None, step.context):
            change = picture.apply(step)
            changes += [] if change is None else [change]
    return picture, changes


def seen(picture: Picture, context: Context) -> list[list[Track]]:
    return [
        sorted(picture.tracks(Filter(context=context, area=area)), key=lambda track: track.id)
        for area in AREAS
    ]


def belongs(track: Track | None, context: Context) -> bool:
    return track is None or (
        track.context == track.lead.context == context
        and all(claim.context == context for claim in track.claims.values())
    )


@given(histories())
def test_each_context_is_as_if_it_were_the_only_one(history: list[Report | Expiry]) -> None:
    mixed, changes = lived(history)
    for context in CONTEXTS:
        alone, own = lived(history, only=context)
        assert seen(mixed, context) == seen(alone, context)
        assert [mixed.get(context, uid) for uid in UIDS] == [
            alone.get(context, uid) for uid in UIDS
        ]
        about = [(each.report, each.track, each.before) for each in changes if of(each) == context]
        assert about == [(each.report, each.track, each.before) for each in own]


def of(change: Change) -> Context | None:
    said = change.report or change.track
    return said.context if said is not None else None


@given(histories())
def test_nothing_crosses_even_where_limits_are_met(history: list[Report | Expiry]) -> None:
    picture, changes = lived(history, settings=TIGHT)
    for change in changes:
        context = of(change)
        assert context is not None
        assert belongs(change.track, context)
        assert belongs(change.before, context)
    for context in CONTEXTS:
        tracks = [picture.get(context, uid) for uid in UIDS]
        assert all(belongs(track, context) for track in tracks)
        assert all(belongs(track, context) for found in seen(picture, context) for track in found)
    assert len(picture) <= 2
