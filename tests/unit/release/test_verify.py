from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accord.core.body import Alarm, Body, Message, Opaque, Position, Removal, Shape
from accord.core.form import EVERYTHING, Kept, ReleaseForm
from accord.core.geometry import Circle, Point, Polyline
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.core.label import Label
from accord.core.marking import Marking
from accord.core.report import Address, AddressKind, Doubt, Form, Original, Report, Source
from accord.release.verify import verify
from support.builders import a_report
from support.clock import START
from support.forms import EXACT, GRID, LATE, MILE, NAMELESS, PRESENCE, TEN_MINUTES, WORDS

WHOLE = datetime(2026, 1, 2, 3, 0, tzinfo=UTC)
NAME = "P-0123456789abcdef0123456789abcdef"
CENTRE = Point(lat=0.008375, lon=0.008319, circular_error=1.5 * MILE)
"""Of the cell north-east of 0, 0: there are 10,746 rows and 21,638 columns at the equator."""
EQUATOR = 40_075_016.685_578
"""Metres round WGS-84."""


IN_PLACE = Position(point=CENTRE)


def released(body: Body = IN_PLACE, **changes: Any) -> Report:
    """Return what the nameless form may give, written down by hand."""
    values: dict[str, Any] = {
        "uid": NAME,
        "kind": Kind.of("a-f-S"),
        "how": "m",
        "time": WHOLE,
        "start": WHOLE,
        "received": WHOLE,
        "stale": WHOLE + 3 * TEN_MINUTES,
        "body": body,
        "identity": Identity(),
        "source": Source(node="", channel="released", speaker=""),
        "groups": frozenset(),
    }
    return a_report(**(values | changes))


def fault(report: Report, form: ReleaseForm = NAMELESS, *, at: datetime = START) -> str | None:
    return verify(report, form, at=at)


def test_the_centre_that_these_tests_rest_on_is_that_of_the_definition() -> None:
    rows, columns = int(180 * 110_574.275_822 / MILE), int(EQUATOR / MILE)
    assert (rows, columns) == (10_746, 21_638)
    # The row's poleward edge is 0.01675 degrees from the equator, whose cosine changes nothing.
    assert pytest.approx((0.5 * 180 / rows, 0.5 * 360 / columns), abs=5e-7) == (
        CENTRE.lat,
        CENTRE.lon,
    )


@pytest.mark.parametrize(
    "body",
    [
        Position(point=CENTRE),
        Position(point=None),
        Alarm(category="a-f-S", point=CENTRE),
        Removal(target=NAME),
        Shape(outline=Circle(centre=CENTRE, radius=2 * MILE), anchor=CENTRE),
        Shape(outline=Polyline(points=(CENTRE, CENTRE))),
    ],
)
def test_what_has_the_form_passes(body: Body) -> None:
    assert fault(released(body)) is None
    assert fault(released(body, author=NAME)) is None


@pytest.mark.parametrize(
    ("label", "marking"),
    [
        (
            Label(policy="NATO", level="TOP SECRET", originator="NZL"),
            Marking(access="COSMIC TOP SECRET"),
        ),
        (
            Label(
                policy="USA",
                level="TOP SECRET",
                originator="USA",
                compartments=frozenset({"SI"}),
                caveats=frozenset({"ORCON"}),
                releasable_to=frozenset({"USA", "NZL"}),
            ),
            Marking(access="USA TOP SECRET", caveat="ORCON/SI", releasable_to="NZL, USA"),
        ),
    ],
)
def test_marks_that_say_what_the_label_says_pass(label: Label, marking: Marking) -> None:
    assert fault(released(label=label, marking=marking)) is None


def test_anything_old_enough_is_exact() -> None:
    assert fault(a_report(), EXACT) is None
    late = replace(EXACT, min_age=TEN_MINUTES)
    assert fault(a_report(), late) == "is younger than 0:10:00"
    assert fault(a_report(), late, at=START + TEN_MINUTES) is None


def test_age_is_held_to() -> None:
    late = replace(LATE, cell=MILE)
    assert fault(released(), late, at=WHOLE + timedelta(minutes=29)) == "is younger than 0:30:00"
    whole = released(stale=WHOLE + timedelta(hours=4))
    assert fault(whole, late, at=WHOLE + timedelta(minutes=30)) is None


LABEL = Label(policy="NZL", level="SECRET", originator="NZL", releasable_to=frozenset({"NZL"}))
MARKS = Marking(access="NZL SECRET", releasable_to="NZL")
OTHER_WORDS = "has marks in other words than its label's"
SECOND, HALF_DAY = timedelta(seconds=1), timedelta(hours=12)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"original": Original(Form.AIS, b"")}, "carries its original bytes"),
        ({"received": WHOLE + SECOND}, "tells when it was received"),
        ({"start": WHOLE + SECOND}, "tells another start than its time"),
        ({"stale": WHOLE + SECOND}, "has a time that is not rounded to 0:10:00"),
        (
            dict.fromkeys(("time", "start", "received"), WHOLE + SECOND),
            "has a time that is not rounded to 0:10:00",
        ),
        (
            dict.fromkeys(("time", "start", "received"), WHOLE + TEN_MINUTES),
            "has a time that is not reached yet",
        ),
        ({"doubts": frozenset({Doubt.JUMP})}, "tells what the giver doubts"),
        ({"marking": Marking(access="ask for RUSTY")}, OTHER_WORDS),
        ({"marking": Marking(caveat="from Suva")}, OTHER_WORDS),
        ({"marking": Marking(releasable_to="him")}, OTHER_WORDS),
        ({"label": LABEL, "marking": Marking(access="S", releasable_to="NZL")}, OTHER_WORDS),
        ({"label": LABEL, "marking": replace(MARKS, caveat="from Suva")}, OTHER_WORDS),
        ({"label": LABEL, "marking": replace(MARKS, releasable_to="NZL, USA")}, OTHER_WORDS),
        (
            {"body": Alarm(category="a-f-S", point=CENTRE, cancels=True)},
            "tells where a call for help ended",
        ),
        (
            {"marking": MARKS, "label": replace(LABEL, created=WHOLE)},
            "has a label with a time of day",
        ),
        (
            {"marking": MARKS, "label": replace(LABEL, review=WHOLE)},
            "has a label with a time of day",
        ),
        ({"identity": Identity(mmsi="512000001")}, "tells the mmsi"),
        ({"identity": Identity(imo="9074729")}, "tells the imo"),
        ({"identity": Identity(icao="c87f01")}, "tells the icao"),
        ({"identity": Identity(callsign="KEA")}, "tells the callsign"),
        ({"identity": Identity(name="KEA")}, "tells the name"),
        ({"identity": Identity(nation="NZL")}, "tells the nation"),
        ({"uid": "U1"}, "names an object other than by a pseudonym"),
        ({"uid": f"{NAME}\n"}, "names an object other than by a pseudonym"),
        ({"author": "U1"}, "names an object other than by a pseudonym"),
        ({"body": Removal(target="U1")}, "names an object other than by a pseudonym"),
        ({"source": Source(node="N", channel="released", speaker="")}, "tells its source"),
        ({"source": Source(node="", channel="released", speaker="op")}, "tells its source"),
        (
            {"source": Source(node="", channel="released", speaker="", hops=("A",))},
            "tells its source",
        ),
        ({"source": Source(node="", channel="feed:x", speaker="")}, "tells its channel"),
        ({"groups": frozenset({"Blue"})}, "tells its groups"),
        ({"to": frozenset({Address(AddressKind.UID, NAME)})}, "tells its addressees"),
        ({"how": "m-g"}, "tells how the position was come by"),
        ({"kind": Kind.of("a-f-S-C")}, "tells more of its type than the sort"),
        ({"kind": Kind.of("a-f-S\n")}, "tells more of its type than the sort"),
        ({"kind": Kind.of("b-m-p-w")}, "tells more of its type than the sort"),
    ],
)
def test_each_thing_that_the_form_removes_is_missed_when_it_is_there(
    changes: dict[str, Any], says: str
) -> None:
    assert fault(released(**changes)) == says


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (Position(point=CENTRE, course=1.0), "tells the course"),
        (Position(point=CENTRE, speed=0.0), "tells the speed"),
        (Position(point=CENTRE, climb=1.0), "tells the climb"),
        (Position(point=replace(CENTRE, hae=1.0)), "tells the height"),
        (Position(point=replace(CENTRE, linear_error=1.0)), "tells the height"),
        (Alarm(category="911 Alert", point=CENTRE), "tells the category of the alarm"),
        (Alarm(category="a-f-S", point=replace(CENTRE, hae=1.0)), "tells the height"),
        (Message(text="", sender="", room=""), "is a message"),
        (Opaque(), "is not understood, so it has no form"),
        (
            Shape(outline=Circle(centre=CENTRE, radius=MILE + 1)),
            "has a radius that is not of whole cells",
        ),
        (Shape(outline=Circle(centre=CENTRE, radius=0.0)), "has a radius that is not of whole"),
        (
            Shape(outline=Circle(centre=CENTRE, radius=MILE), anchor=replace(CENTRE, hae=1.0)),
            "tells the height",
        ),
        (Shape(outline=Polyline(points=(CENTRE, replace(CENTRE, lat=0.0)))), "is not on the grid"),
    ],
)
def test_each_body_is_held_to_the_form(body: Body, says: str) -> None:
    found = fault(released(body))
    assert found is not None
    assert found.startswith(says)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"circular_error": None}, "states a smaller error than cell and offset make"),
        ({"circular_error": 1.5 * MILE - 1}, "states a smaller error than cell and offset make"),
        ({"circular_error": 1.5 * MILE + 1}, "states an error that is not of half cells"),
        ({"lat": 0.008376}, "is not on the grid of 1852 m"),
        ({"lat": 0.0083751}, "is not on the grid of 1852 m"),
        ({"lon": 0.00832}, "is not on the grid of 1852 m"),
        ({"lon": 0.0083191}, "is not on the grid of 1852 m"),
    ],
)
def test_a_place_off_the_grid_is_caught_to_the_last_decimal(
    changes: dict[str, Any], says: str
) -> None:
    assert fault(released(Position(point=replace(CENTRE, **changes)))) == says


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (Position(point=CENTRE), "tells a place"),
        (Alarm(category="a-f-S", point=CENTRE), "tells a place"),
        (Shape(outline=Circle(centre=CENTRE, radius=MILE)), "is a shape"),
    ],
)
def test_presence_tells_no_place(body: Body, says: str) -> None:
    assert fault(released(body), PRESENCE) == says
    assert fault(released(Position(point=None)), PRESENCE) is None


def test_what_is_kept_is_not_missed() -> None:
    full = a_report(
        kind=Kind.of("a-f-S-C-L-F"),
        body=Position(point=Point(lat=1.0, lon=2.0, hae=3.0), course=1.0, speed=2.0, climb=0.0),
        to=frozenset({Address(AddressKind.UID, "U2")}),
        marking=MARKS,
        label=replace(LABEL, created=START),
    )
    assert fault(full, WORDS) is None
    assert fault(replace(full, received=START + SECOND), WORDS) == "tells when it was received"


def test_words_are_held_to_the_callsign() -> None:
    said = a_report(body=Message(text="hello", sender="KEA", room="All"))
    unnamed = replace(WORDS, keep=EVERYTHING - {Kept.CALLSIGN})
    assert fault(said, WORDS) is None
    said = replace(said, identity=Identity())
    assert fault(said, unnamed) == "tells the sender"
    assert fault(replace(said, body=Message(text="hello", sender="", room="All")), unnamed) is None


@pytest.mark.parametrize("row", [-1, 2, -5])
def test_rows_are_counted_from_the_equator_both_ways(row: int) -> None:
    lat = round((row + 0.5) * 180 / 10_746, 6)
    assert fault(released(Position(point=replace(CENTRE, lat=lat)))) is None


def test_a_named_coarse_form_is_held_to_the_grid_too() -> None:
    assert fault(released(uid="U1", identity=Identity(mmsi="512000001")), GRID) is None
    off = released(Position(point=replace(CENTRE, lat=0.1)), uid="U1")
    assert fault(off, GRID) == "is not on the grid of 1852 m"
