from datetime import UTC, datetime, timedelta

import pytest
from starlette.datastructures import QueryParams

from accord.api.problem import Problem
from accord.api.query import (
    MAX_TEXT,
    MAX_VALUES,
    cursor,
    only_context,
    place_of,
    search,
    stretch,
)
from accord.core.context import LIVE, Context
from accord.core.geometry import Box
from accord.core.kind import Affiliation
from accord.core.track import TrackStatus
from accord.picture.query import Filter
from support.clock import START


def test_nothing_given_is_everything_live_in_pieces_of_a_hundred() -> None:
    asked = search(QueryParams(""))
    assert asked.wanted == Filter(context=LIVE)
    assert (asked.limit, asked.after) == (100, "")


def test_each_parameter_narrows_as_it_says() -> None:
    asked = search(
        QueryParams(
            "q=rangi&kind=a-f-S&kind=a-.-A&affiliation=f&affiliation=n&source=feed:ais"
            "&source=USA-PAC&group=Blue&status=live&status=stale&bbox=170,-45,-170,-30"
            "&context=exercise:TASMAN%2026&limit=1000"
        )
    )
    assert asked.wanted == Filter(
        context=Context.exercise("TASMAN 26"),
        text="rangi",
        area=Box(south=-45.0, west=170.0, north=-30.0, east=-170.0),
        kinds=("a-f-S", "a-.-A"),
        affiliations=frozenset({Affiliation.FRIEND, Affiliation.NEUTRAL}),
        sources=frozenset({"feed:ais", "USA-PAC"}),
        groups=frozenset({"Blue"}),
        statuses=frozenset({TrackStatus.LIVE, TrackStatus.STALE}),
    )
    assert asked.limit == 1000


HUNDREDS = "\U0001f6a2" * 256


@pytest.mark.parametrize(
    "uid", ["U1", "", "MMSI-512000123", "\u0101/\u2028 %00", HUNDREDS, "\ud800", HUNDREDS * 40]
)
def test_a_cursor_goes_on_after_its_place_however_long_the_uid(uid: str) -> None:
    place = place_of(uid)
    assert search(QueryParams({"cursor": cursor(place)})).after == place
    assert place == uid or len(uid) > 256


def test_long_uids_that_begin_alike_have_places_of_their_own() -> None:
    assert place_of("a" * 5000 + "b") != place_of("a" * 5000 + "c")


@pytest.mark.parametrize(
    ("query", "parameter", "says"),
    [
        ("limits=1", "limits", "no such parameter; there are affiliation, bbox,"),
        ("limit=0", "limit", "from 1 to 1000"),
        ("limit=1001", "limit", "from 1 to 1000"),
        ("limit=1e3", "limit", "from 1 to 1000"),
        ("limit=%D9%A3", "limit", "from 1 to 1000"),  # an Arabic three
        ("limit=-1", "limit", "from 1 to 1000"),
        (f"limit={'9' * 199}", "limit", "from 1 to 1000"),
        ("limit=", "limit", "from 1 to 1000"),
        ("limit=1&limit=2", "limit", "more than 1 times"),
        ("q=a&q=b", "q", "more than 1 times"),
        ("&".join(["kind=a-f"] * (MAX_VALUES + 1)), "kind", "more than 32 times"),
        (f"q={'a' * (MAX_TEXT + 1)}", "q", "longer than 200"),
        ("kind=", "kind", "an atom . stands for any"),
        ("kind=a--S", "kind", "an atom . stands for any"),
        ("kind=a-%00", "kind", "an atom . stands for any"),
        ("kind=a-%C4%81", "kind", "an atom . stands for any"),
        ("affiliation=friend", "affiliation", "one of p, u, a, f"),
        ("status=gone", "status", "one of live, stale, lost, removed"),
        ("context=exercise", "context", "live, or exercise:NAME"),
        ("context=live:x", "context", "live, or exercise:NAME"),
        ("context=exercise:%00", "context", "live, or exercise:NAME"),
        ("cursor=*", "cursor", "under next"),
        ("cursor=____", "cursor", "under next"),  # no UTF-8
        ("cursor=a", "cursor", "under next"),
        ("bbox=1,2,3", "bbox", "west,south,east,north"),
        ("bbox=1,2,3,4,5", "bbox", "west,south,east,north"),
        ("bbox=a,b,c,d", "bbox", "west,south,east,north"),
        ("bbox=nan,0,1,1", "bbox", "west,south,east,north"),
        ("bbox=-inf,0,inf,1", "bbox", "west,south,east,north"),
        ("bbox=1_7,0,18,1", "bbox", "west,south,east,north"),
        ("bbox=0,10,1,5", "bbox", "not a range of latitudes"),
        ("bbox=0,-91,1,5", "bbox", "not a range of latitudes"),
        ("bbox=181,0,1,5", "bbox", "are not longitudes"),
    ],
)
def test_what_is_wrong_is_said_with_what_it_may_be_and_which_it_is(
    query: str, parameter: str, says: str
) -> None:
    with pytest.raises(Problem) as refused:
        search(QueryParams(query))
    assert (refused.value.status, refused.value.parameter) == (400, parameter)
    assert says in str(refused.value)


def test_of_one_track_only_the_context_can_be_asked() -> None:
    assert only_context(QueryParams("")) == LIVE
    assert only_context(QueryParams("context=exercise:X")) == Context.exercise("X")
    with pytest.raises(Problem, match="no such parameter; there are context"):
        only_context(QueryParams("limit=1"))


def test_a_stretch_of_time_is_the_last_hour_unless_it_is_said() -> None:
    asked = stretch(QueryParams(""), START)
    assert (asked.until, asked.until - asked.since) == (START, timedelta(hours=1))
    assert (asked.limit, asked.context) == (1000, LIVE)


def test_a_stretch_of_time_ends_now_at_the_latest_and_says_its_zone() -> None:
    asked = stretch(
        QueryParams({"from": "2026-01-02T13:00:00+13:00", "to": "2099-01-01T00:00:00Z",
                     "limit": "5000", "context": "exercise:X"}),
        START,
    )  # fmt: skip
    assert (asked.since, asked.until) == (datetime(2026, 1, 2, 0, 0, tzinfo=UTC), START)
    assert (asked.limit, asked.context) == (5000, Context.exercise("X"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("from", "2026-01-02T03:00:00"),
        ("from", "yesterday"),
        ("from", "2027-01-01T00:00:00Z"),
        ("from", "2025-01-01T00:00:00Z"),
        ("to", "x"),
        ("to", "0001-01-01T00:30:00Z"),
        ("from", "0001-01-01T00:00:00+14:00"),
        ("from", "9999-12-31T23:59:59-14:00"),
        ("limit", "0"),
        ("limit", "5001"),
        ("limit", "-"),
        ("context", "x"),
        ("q", "x"),
    ],
)
def test_what_is_wrong_with_a_stretch_of_time_is_named(name: str, value: str) -> None:
    with pytest.raises(Problem) as refused:
        stretch(QueryParams({name: value}), START)
    assert (refused.value.status, refused.value.parameter) == (400, name)
