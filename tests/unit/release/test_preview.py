"""What would have been shown of a recording, on reports that anybody can count."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from accord.core.agreement import Reason, Situation
from accord.core.body import Alarm, Body, Message, Position, Shape
from accord.core.geometry import Circle, Point, Polyline
from accord.core.kind import Kind
from accord.core.label import Label
from accord.core.report import Report, Source
from accord.release.preview import Preview, features, geojson, preview
from support.agreements import NZL, USA, example
from support.builders import a_report

AT = datetime(2026, 12, 1, 6, tzinfo=UTC)
SITUATION = Situation(own=USA, partner=NZL, synchronised=True, incidents=frozenset({"SAR"}))
LABEL = Label(
    policy="USA", level="UNCLASSIFIED", originator="USA", releasable_to=frozenset({"NZL"})
)
TASMAN = Point(lat=-38.0, lon=166.0, circular_error=50.0)


def _report(uid: str, kind: str, after: float = 0.0, body: Body | None = None) -> Report:
    """A report so many minutes after the beginning."""
    return a_report(
        uid,
        at=AT + timedelta(minutes=after),
        kind=Kind.of(kind),
        body=Position(point=TASMAN) if body is None else body,
        source=Source(node=USA, channel="feed:recording", speaker=""),
        label=LABEL,
    )


def _preview(*reports: Report) -> Preview:
    return preview(reports, example(), SITUATION)


def test_what_is_shown_and_withheld_is_counted_by_clause_form_and_reason() -> None:
    found = _preview(
        _report("SHIP", "a-f-S-C"),
        _report("SHIP", "a-f-S-C", 1),
        _report("AIRCRAFT", "a-f-A-M-F", 1),
        _report("AIRCRAFT", "a-f-A-M-F", 5),
        _report("AIRCRAFT", "a-f-A-M-F", 11),
        _report("TANK", "a-f-G", 12),
        replace(_report("SECRET", "a-f-S-C", 13), label=None),
    )
    assert found.partner == NZL
    assert found.looked_at == 7
    assert found.released == {("1", "exact"): 2, ("2", "grid-1nm"): 2}
    assert found.withheld == {
        (Reason.NOT_DUE, "2"): 1,
        (Reason.NOT_PERMITTED, None): 1,
        (Reason.FORBIDDEN, "0.2"): 1,
    }
    assert [each.at for each in found.shown] == [
        AT + timedelta(minutes=minutes) for minutes in (0, 1, 1, 11)
    ]


def test_what_is_too_young_is_shown_when_it_is_old_enough() -> None:
    found = _preview(
        _report("SUB", "a-f-U-S"), _report("SUB", "a-f-U-S", 10), _report("SHIP", "a-f-S-C", 45)
    )
    late, ship = found.shown
    assert (late.form, late.clause, late.at) == ("late-10nm", "3", AT + timedelta(minutes=30))
    assert late.was.time == AT
    assert ship.form == "exact"
    # Of one object one report waits at a time.
    assert found.withheld == {(Reason.TOO_YOUNG, "form late-10nm"): 1}


def test_what_still_waits_at_the_end_is_shown_as_well() -> None:
    found = _preview(_report("SUB", "a-f-U-S"))
    assert [each.at for each in found.shown] == [AT + timedelta(minutes=30)]


def test_what_can_never_be_old_enough_counts_as_withheld() -> None:
    """Two hours ahead by its own clock: when it is old enough by that, it is no longer waiting."""
    ahead = replace(_report("SUB", "a-f-U-S"), received=AT - timedelta(hours=2))
    found = _preview(ahead)
    assert len(found.shown) + sum(found.withheld.values()) == 1


def test_what_has_no_such_form_is_counted() -> None:
    drawing = _report("LINE", "a-f-A-M", body=Position(point=TASMAN))
    stubborn = replace(drawing, to=frozenset())
    assert _preview(stubborn).released == {("2", "grid-1nm"): 1}


def test_samples_are_the_first_few_of_each_clause() -> None:
    found = _preview(
        *(_report(f"S{n}", "a-f-S-C", n) for n in range(5)), _report("A", "a-f-A-M", 6)
    )
    assert [each.was.uid for each in found.samples(2)] == ["S0", "S1", "A"]


def test_the_map_shows_what_the_partner_would_have_seen() -> None:
    found = _preview(_report("SHIP", "a-f-S-C"), _report("AIRCRAFT", "a-f-A-M-F"))
    ship, aircraft = json.loads(geojson(found))["features"]
    assert ship["geometry"] == {"type": "Point", "coordinates": [166.0, -38.0]}
    assert ship["properties"] == {
        "uid": "SHIP",
        "kind": "a-f-S-C",
        "time": "2026-12-01T06:00:00+00:00",
        "error_m": 50.0,
        "form": "exact",
        "clause": "1",
    }
    assert "AIRCRAFT" not in json.dumps(aircraft)
    assert aircraft["properties"]["error_m"] > 1852.0
    assert aircraft["geometry"]["coordinates"] != [166.0, -38.0]


def test_every_body_that_has_a_place_has_it_on_the_map() -> None:
    shapes: list[Body] = [
        Alarm(category="911", point=TASMAN),
        Shape(outline=Circle(centre=TASMAN, radius=5.0)),
        Shape(outline=Polyline(points=(TASMAN,)), anchor=TASMAN),
        Shape(outline=Polyline(points=(TASMAN,))),
        Message(text="", sender="", room=""),
    ]
    shown = _preview(_report("SHIP", "a-f-S-C")).shown[0]
    found = Preview(
        partner=NZL,
        shown=[replace(shown, report=replace(shown.report, body=body)) for body in shapes],
    )
    places = [each["geometry"] for each in features(found)]
    here = {"type": "Point", "coordinates": [166.0, -38.0]}
    assert places == [here, here, here, None, None]
