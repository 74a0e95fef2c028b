from dataclasses import fields, replace

from accord.core.body import Alarm, Position
from accord.core.context import Context
from accord.core.geometry import Point
from accord.core.identity import Identity
from accord.core.marking import Marking, Opex, OpexKind
from accord.core.report import Address, AddressKind, Doubt, Report
from accord.wire.moving.translate import report_of, row_of
from support.builders import a_report
from support.released import heard


def ship(**changes: object) -> Report:
    return replace(heard("SHIP-1", 0, at=(-17.9, 178.0)), **changes)


def row(report: Report, *, form: str = "", on_grid: bool = False):
    return row_of(report, era=2, sequence=7, form=form, on_grid=on_grid)


def fields_of(report: Report) -> dict[str, object]:
    return {each.name: getattr(report, each.name) for each in fields(report)}


def test_what_is_kept_of_a_position_makes_the_same_report_again() -> None:
    said = ship(
        body=Position(
            point=Point(lat=-17.9, lon=178.0, hae=3.0, circular_error=50.0),
            course=45.0, speed=7.5, climb=-1.0,
        ),
        identity=Identity(mmsi="512000001", imo="9074729", icao="c81a2b", callsign="ZMAB",
                          name="AORANGI", nation="NZL"),
        context=Context.exercise("TASMAN"),
        marking=Marking(access="UNCLASSIFIED", caveat="X", releasable_to="FJI",
                        opex=Opex(OpexKind.EXERCISE, "TASMAN")),
        doubts=frozenset({Doubt.JUMP}),
    )  # fmt: skip
    kept = row(said)
    assert kept is not None
    assert (kept.fix.era, kept.fix.sequence) == (2, 7)
    expected = replace(said, original=None, label=None, start=said.time)
    assert fields_of(report_of(kept)) == {**fields_of(expected), "form": "", "on_grid": False}


def test_what_has_no_place_or_is_no_position_is_no_row() -> None:
    assert row(ship(body=Position(point=None))) is None
    assert row(ship(body=Alarm(category="911 Alert", point=Point(lat=0, lon=0)))) is None


def test_what_was_said_to_somebody_alone_is_no_row() -> None:
    whom = frozenset({Address(AddressKind.CALLSIGN, "MOA 1")})
    assert row(ship(to=whom)) is None


def test_what_came_on_a_grid_has_the_cell_that_it_is_somewhere_in() -> None:
    point = Point(lat=0.0, lon=10.0, circular_error=11_050.0)
    kept = row(ship(body=Position(point=point)), form="coarse", on_grid=True)
    assert kept is not None
    assert kept.fix.cell is not None
    # 110.5 km are less than a degree of a great circle (core/geometry.py).
    assert [round(each, 3) for each in kept.fix.cell] == [9.9, -0.1, 10.1, 0.1]
    assert kept.label.form == "coarse"


def test_a_cell_of_which_no_size_is_said_is_the_whole_earth() -> None:
    for error in (None, float("inf")):
        point = Point(lat=0.0, lon=10.0, circular_error=error)
        kept = row(ship(body=Position(point=point)), on_grid=True)
        assert kept is not None
        assert kept.fix.cell == (-180.0, -90.0, 180.0, 90.0)
        assert kept.fix.precision is None


def test_half_a_surrogate_pair_in_a_name_becomes_a_question_mark() -> None:
    kept = row(ship(identity=Identity(callsign="M\udcffA")))
    assert kept is not None
    assert kept.label.callsign == "M?A"
    assert row(a_report("MĀORI", body=Position(point=Point(lat=0, lon=0)))) is not None
