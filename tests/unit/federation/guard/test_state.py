import math
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.core.form import EVERYTHING, Kept, Naming, ReleaseForm
from accord.federation.guard.state import StateForm
from accord.release.verify import verify
from accord.wire.peer.report import Grant, Header, Subject, Update
from accord.wire.peer.translate import moment, report_of_update

TEN_MINUTES = 600_000
NOW = 1_795_600_200_000  # 2026-11-25T05:50:00Z, a whole number of ten minutes
GRID = ReleaseForm(
    name="grid", cell=1852.0, cadence=timedelta(minutes=10), offset=0.5,
    keep=frozenset({Kept.TYPE_DETAIL, Kept.NATION}), identity=Naming.PSEUDONYM,
)  # fmt: skip
LATE = ReleaseForm(
    name="late", cadence=timedelta(minutes=10), min_age=timedelta(minutes=30),
    keep=EVERYTHING - {Kept.TIME, Kept.COURSE},
)  # fmt: skip
PRESENCE = ReleaseForm(
    name="presence", cadence=timedelta(minutes=10), presence_only=True, identity=Naming.PSEUDONYM
)
EXACT = ReleaseForm(name="exact", exact=True, keep=EVERYTHING)
TIMED = ReleaseForm(name="timed", keep=EVERYTHING - {Kept.SPEED, Kept.HEIGHT})
HEADER = Header(
    subject=Subject(
        origin="NZL-X", uid=f"P-{'0' * 32}", context="live", kind="a-f-S", how="m"
    ),
    epoch=1,
    grant=Grant(bytes(8), "1", "x"),
)  # fmt: skip


def a_state(**changes: Any) -> Update:
    update = Update(0, NOW, NOW, NOW, NOW + 3 * TEN_MINUTES, NOW)
    return update._replace(**changes)


def on_grid(**changes: Any) -> Update:
    """A centre of the grid of 1,852 m by its definition (docs/decisions/0010)."""
    # 180 degrees have int(180 * 110574.275822 / 1852) rows
    rows = 10_746
    height = 180 / rows
    lat = (int((90 - 41) / height) + 0.5) * height - 90
    columns = int(40_075_016.685578 * math.cos(math.radians(abs(lat) + height / 2)) / 1852)
    lon = (int((180 + 174) / (360 / columns)) + 0.5) * (360 / columns) - 180
    place = {"lat": round(lat, 6), "lon": round(lon, 6)}
    whole = {key: round(value * 10_000_000) for key, value in place.items()}
    return a_state(**{**whole, "circular_error": 3_704_000, **changes})


def test_a_state_on_the_grid_has_the_form() -> None:
    assert StateForm.of(GRID).fault(on_grid(), NOW) == ""


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"lat": -410_000_000}, "not on the grid"),
        ({"lon": 1_740_000_001}, "not on the grid"),
        ({"circular_error": None}, "smaller error"),
        ({"circular_error": 2_777_000}, "smaller error"),  # a cell and its offset are 2,778 m
        ({"circular_error": 3_704_500}, "half cells"),
        ({"course": 900}, "tells the course"),
        ({"speed": 1}, "tells the speed"),
        ({"climb": 0}, "tells the climb"),
        ({"hae": 0}, "tells the height"),
        ({"linear_error": 0}, "tells the height"),
        ({"received": NOW + 1}, "received"),
        ({"start": NOW - TEN_MINUTES}, "another start"),
        ({"time": NOW + 1, "start": NOW + 1, "received": NOW + 1}, "not reached"),
        ({"stale": NOW + 1}, "not rounded"),
        ({"doubts": 1}, "doubts"),
        ({"original": (0, b"<event/>")}, "original"),
    ],
)
def test_each_thing_that_the_form_does_not_let_out_is_named(
    changes: dict[str, Any], said: str
) -> None:
    assert said in StateForm.of(GRID).fault(on_grid(**changes), NOW)


def test_the_age_is_held_to_whatever_the_time_says() -> None:
    form = StateForm.of(LATE)
    half_an_hour = 1_800_000
    old = NOW - half_an_hour
    told = {"time": old, "start": old, "received": old}
    assert form.fault(a_state(**told), NOW) == ""
    assert "younger" in form.fault(a_state(**told), NOW - 1)
    # What was received just now is not old because its source says so.
    late = ReleaseForm(name="e", exact=True, keep=EVERYTHING, min_age=timedelta(minutes=30))
    assert "younger" in StateForm.of(late).fault(a_state(**{**told, "received": NOW}), NOW)


def test_where_only_presence_is_told_there_is_no_place() -> None:
    form = StateForm.of(PRESENCE)
    assert form.fault(a_state(), NOW) == ""
    assert form.fault(a_state(lat=0, lon=0), NOW) == "tells a place"


def test_the_exact_form_lets_out_everything() -> None:
    state = a_state(received=NOW + 5, doubts=3, course=1, original=(0, b"x"), lat=1, lon=1)
    assert StateForm.of(EXACT).fault(state, NOW) == ""


STATES = st.builds(
    lambda base, changes: base._replace(**changes),
    st.sampled_from([on_grid(), a_state(), a_state(lat=-412_800_000, lon=1_747_700_000)]),
    st.fixed_dictionaries(
        {},
        optional={
            "course": st.sampled_from([None, 0, 900]),
            "speed": st.sampled_from([None, 0, 700]),
            "climb": st.sampled_from([None, 0]),
            "hae": st.sampled_from([None, 0, 5]),
            "linear_error": st.sampled_from([None, 0]),
            "circular_error": st.sampled_from(
                [None, 0, 2_777_999, 2_778_000, 3_704_000, 3_704_001]
            ),
            "received": st.sampled_from([NOW, NOW - 1]),
            "start": st.sampled_from([NOW, NOW - TEN_MINUTES]),
            "stale": st.sampled_from([NOW + TEN_MINUTES, NOW + 1]),
            "doubts": st.sampled_from([0, 1]),
        },
    ),
)


@given(STATES, st.sampled_from([GRID, LATE, PRESENCE, EXACT, TIMED]))
def test_two_verifiers_written_apart_say_the_same(state: Update, form: ReleaseForm) -> None:
    """Both are written from the definition; neither may let out what the other holds back."""
    if state.lat is None:  # a report has no height without a place
        state = state._replace(hae=None, linear_error=None, circular_error=None)
    theirs = verify(report_of_update(HEADER, state), form, at=moment(NOW))
    of_the_state = theirs is not None and theirs not in STATIC
    assert bool(StateForm.of(form).fault(state, NOW)) is of_the_state


STATIC = {
    "names an object other than by a pseudonym", "tells its source", "tells its channel",
    "has marks in other words than its label's",
}  # fmt: skip
