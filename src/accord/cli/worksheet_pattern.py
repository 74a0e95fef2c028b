"""`accord worksheet pattern`: the turning points of a search pattern, by hand."""

import argparse

from accord.cli.command import Subparsers
from accord.cli.worksheet_text import add_command, place, plain_point, told
from accord.core.errors import UsageError
from accord.search.patterns import (
    Leg,
    Pattern,
    PatternKind,
    Rectangle,
    creeping,
    expanding_square,
    parallel,
    sector,
    track_line,
)
from accord.search.positions import spell_position


def add_parser(commands: Subparsers) -> None:
    """Add `pattern`."""
    parser = add_command(commands, "pattern", run, "the turning points of a search pattern")
    parser.add_argument(
        "kind", choices=[each.value for each in PatternKind], metavar="KIND",
        help="SS, VS, PS, CS or TS",
    )  # fmt: skip
    parser.add_argument(
        "places", nargs="+", metavar="PLACE", help="the datum; of a track line each place on it"
    )
    parser.add_argument("--speed", type=float, required=True, metavar="KNOTS")
    parser.add_argument("--spacing", type=float, metavar="NM", help="all but VS")
    parser.add_argument("--legs", type=int, default=12, metavar="N", help="of SS; 12 if not given")
    parser.add_argument("--radius", type=float, metavar="NM", help="of VS")
    parser.add_argument("--passes", type=int, default=1, metavar="N", help="of VS; 1 if not given")
    parser.add_argument("--length", type=float, metavar="NM", help="of PS and CS, along the axis")
    parser.add_argument("--width", type=float, metavar="NM", help="of PS and CS, across it")
    parser.add_argument(
        "--first", type=float, default=0.0, metavar="DEGREES",
        help="the first course, or the axis; 0 if not given",
    )  # fmt: skip
    parser.add_argument("--toward", type=float, default=0.0, metavar="DEGREES", help="it drifts")
    parser.add_argument("--drift", type=float, default=0.0, metavar="KNOTS", help="0 if not given")


def run(arguments: argparse.Namespace) -> int:
    """Print the legs over ground."""
    pattern = _laid(arguments)
    legs = pattern.legs(arguments.speed, arguments.toward, arguments.drift)
    hours = sum(leg.hours for leg in legs)
    long = f"{len(legs)} legs, {pattern.length:.1f} NM past the datum, {hours:.1f} h"
    lines = [
        f"{pattern.kind.value}, {long}",
        f"start  {spell_position(legs[0].start)}",
        *(_leg(number, leg) for number, leg in enumerate(legs, 1)),
    ]
    plain = {
        "kind": pattern.kind.value,
        "length_nm": pattern.length,
        "hours": hours,
        "spacing_nm": pattern.spacing,
        "start": plain_point(legs[0].start),
        "legs": [
            {
                **plain_point(leg.end),
                "course": leg.course,
                "length_nm": leg.length,
                "hours": leg.hours,
            }
            for leg in legs
        ],
    }
    return told(arguments, plain, lines)


def _leg(number: int, leg: Leg) -> str:
    return f"{number:5}  {spell_position(leg.end)}  {leg.course:03.0f} for {leg.length:.2f} NM"


def _laid(arguments: argparse.Namespace) -> Pattern:
    kind, first = PatternKind(arguments.kind), arguments.first
    places = [place(each) for each in arguments.places]
    if kind is PatternKind.TRACK_LINE:
        return track_line(places, _wanted(arguments, "spacing"))
    if len(places) > 1:
        raise UsageError(f"{kind.value} is laid about one place")
    datum = places[0]
    if kind is PatternKind.SECTOR:
        radius = _wanted(arguments, "radius")
        return sector(datum, first=first, radius=radius, passes=arguments.passes)
    spacing = _wanted(arguments, "spacing")
    if kind is PatternKind.EXPANDING_SQUARE:
        return expanding_square(datum, first=first, spacing=spacing, legs=arguments.legs)
    length, width = _wanted(arguments, "length"), _wanted(arguments, "width")
    area = Rectangle(centre=datum, axis=first, length=length, width=width)
    return (parallel if kind is PatternKind.PARALLEL else creeping)(area, spacing)


def _wanted(arguments: argparse.Namespace, name: str) -> float:
    found: float | None = getattr(arguments, name)
    if found is None:
        raise UsageError(f"{arguments.kind} needs --{name}")
    return found
