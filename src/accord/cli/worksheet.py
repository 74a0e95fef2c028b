"""`accord worksheet`: what a coordinator works out by hand, without a case and without a node."""

import argparse
import math
from dataclasses import asdict

from accord.cli import worksheet_pattern
from accord.cli.command import Subparsers
from accord.cli.worksheet_text import Plain, add_command, place, plain_point, told
from accord.core.errors import UsageError
from accord.core.geometry import Point
from accord.search.area import (
    DRIFT_ERROR,
    Datum,
    Leg,
    Minimax,
    best_square,
    datum,
    diverging,
    minimax,
    total_error,
)
from accord.search.cumulative import posterior, success, together
from accord.search.detection import Conditions
from accord.search.flow import Kind, steady
from accord.search.grid_reference import spell_mgrs
from accord.search.positions import Reading, read_position, spell_position, spoken_position
from accord.search.sweep import Heard, Looking, Platform, beacon_width
from accord.storage.charts import leeway, sweep_widths

SIDES = ("left of downwind", "straight downwind", "right of downwind")


def add_parser(subparsers: Subparsers) -> None:
    """Add `worksheet` with its subcommands."""
    parser = subparsers.add_parser(
        "worksheet",
        help="a position, a datum, a sweep width: worked out without a case",
        description="What a coordinator works out by hand. A decision aid; nothing is kept.",
    )
    commands: Subparsers = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")
    _add_position(commands)
    _add_datum(commands)
    _add_width(commands)
    _add_beacon(commands)
    worksheet_pattern.add_parser(commands)
    _add_success(commands)


def _add_position(commands: Subparsers) -> None:
    parser = add_command(
        commands, "position", run_position, "every way in which a position can be read"
    )
    parser.add_argument("text", metavar="TEXT", help="in any notation")
    parser.add_argument("--near", metavar="TEXT", help="the nearest to it first")


def _add_datum(commands: Subparsers) -> None:
    parser = add_command(
        commands, "datum", run_datum, "the datum after some hours, and its search radius"
    )
    parser.add_argument("start", metavar="START", help="the last known position")
    parser.add_argument("hours", type=float, metavar="HOURS", help="since then")
    parser.add_argument(
        "--current", action="append", default=[], type=_pair, metavar="DEGREES/KNOTS",
        help="towards; may be given again",
    )  # fmt: skip
    parser.add_argument("--wind", type=_pair, metavar="DEGREES/KNOTS", help="from")
    drifts = parser.add_mutually_exclusive_group()
    drifts.add_argument("--object", metavar="CLASS", help="what drifts, for its leeway")
    drifts.add_argument("--leeway", type=float, metavar="KNOTS", help="downwind, in this wind")
    parser.add_argument(
        "--divergence", type=float, default=0.0, metavar="DEGREES", help="of that leeway; 0"
    )
    parser.add_argument("--x", type=float, default=0.0, metavar="NM", help="error of the position")
    parser.add_argument("--y", type=float, default=0.0, metavar="NM", help="error of the searcher")
    parser.add_argument(
        "--safety", type=float, default=1.0, metavar="FACTOR", help="1 if not given"
    )
    parser.add_argument("--effort", type=float, metavar="NM2", help="width x speed x hours at hand")
    parser.add_argument("--ideal", action="store_true", help="ideal search conditions, not normal")


def _add_width(commands: Subparsers) -> None:
    parser = add_command(commands, "width", run_width, "the corrected visual sweep width")
    parser.add_argument(
        "target", metavar="OBJECT", help="what is looked for; see accord sar objects"
    )
    parser.add_argument(
        "--from", dest="platform", required=True, choices=[each.lower() for each in Platform],
        metavar="PLATFORM", help="aircraft, helicopter or boat",
    )  # fmt: skip
    for name, metavar in (("height", "FEET"), ("visibility", "NM"), ("speed", "KNOTS")):
        parser.add_argument(f"--{name}", type=float, required=True, metavar=metavar)
    parser.add_argument("--wind", type=float, default=0.0, metavar="KNOTS", help="0 if not given")
    parser.add_argument("--sea", type=float, default=0.0, metavar="FEET", help="0 if not given")
    parser.add_argument("--tired", action="store_true", help="the crew is")
    parser.add_argument("--flotation", action="store_true", help="the person wears a device")


def _add_beacon(commands: Subparsers) -> None:
    parser = add_command(
        commands, "beacon", run_beacon, "the sweep width of listening for a beacon"
    )
    parser.add_argument(
        "heard", choices=[str(each) for each in Heard], metavar="RANGE",
        help="minimum, average, maximum or horizon: which one is known",
    )  # fmt: skip
    parser.add_argument("miles", type=float, metavar="NM", help="how far that is")


def _add_success(commands: Subparsers) -> None:
    parser = add_command(commands, "success", run_success, "what searches come to over areas")
    parser.add_argument(
        "areas", nargs="+", type=_area, metavar="AREA=POC/POD",
        help="such as A=0.6/0.5; of more searches A=0.6/0.5,0.4",
    )  # fmt: skip


def _area(text: str) -> tuple[str, float, list[float]]:
    name, _, rest = text.partition("=")
    poc, _, pods = rest.partition("/")
    try:
        return name, float(poc), [float(each) for each in pods.split(",") if each]
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no area with its probabilities, such as A=0.6/0.5"
        ) from None


def _pair(text: str) -> tuple[float, float]:
    degrees, _, knots = text.partition("/")
    try:
        return float(degrees), float(knots)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no direction and speed, such as 230/25"
        ) from None


def run_position(arguments: argparse.Namespace) -> int:
    """Print every way to read a text."""
    near = None if arguments.near is None else place(arguments.near)
    found = read_position(arguments.text, near=near)
    lines = [line for each in found for line in _reading(each)]
    if len(found) > 1:
        lines.append(f"{len(found)} ways to read it: ask which")
    return told(arguments, [_plain_reading(each) for each in found], lines)


def _reading(each: Reading) -> list[str]:
    error = each.point.circular_error or 0.0
    doubt = f"; {each.doubt}" if each.doubt else ""
    return [
        f"{each.said}  within {error:.0f} m  ({each.how}{doubt})",
        f"  {_grid(each.point)}",
        f"  {spoken_position(each.point)}",
    ]


def _plain_reading(each: Reading) -> Plain:
    return {
        "lat": each.point.lat,
        "lon": each.point.lon,
        "error_m": each.point.circular_error,
        "said": each.said,
        "spoken": spoken_position(each.point),
        "grid": _grid(each.point),
        "how": each.how,
        "doubt": each.doubt,
    }


def _grid(point: Point) -> str:
    """Return the reference with as many digits as the position deserves."""
    error = max(1.0, point.circular_error or 1.0)
    digits = max(0, 5 - math.floor(math.log10(error)))
    try:
        return spell_mgrs(point, digits=digits).rstrip()
    except ValueError:
        return "no grid reference so near the pole"


def run_datum(arguments: argparse.Namespace) -> int:
    """Print the datum or the datums, and the search area."""
    if not 0.0 <= arguments.hours <= 240.0:
        raise UsageError(f"{arguments.hours:g} hours; 0 to 240 are worked out by hand")
    datums = _datums(arguments)
    lines = [f"{name}: {_datum(each)}" for name, each in datums.items()]
    plain: Plain = {"datums": {name: _plain_datum(each) for name, each in datums.items()}}
    errors = [DRIFT_ERROR * each.drift for each in datums.values()]
    middle: Minimax | None = None
    if len(datums) > 1:
        middle = minimax(datums[SIDES[0]], datums[SIDES[2]])
        lines.append(f"the middle of left and right: {spell_position(middle.point)}")
        lines.append(f"  they are {middle.between:.1f} NM apart; drift error {middle.error:.2f} NM")
    error = total_error(arguments.x, arguments.y, errors[0] if middle is None else middle.error)
    lines.append(f"total probable error {error:.2f} NM")
    plain |= {"middle": None if middle is None else _plain_middle(middle), "error_nm": error}
    plain["square"] = None if arguments.effort is None else _square(arguments, error, lines)
    return told(arguments, plain, lines)


def _square(arguments: argparse.Namespace, error: float, lines: list[str]) -> Plain:
    """Return the best square for the effort, and say it."""
    if error <= 0.0:
        raise UsageError("an effort needs an error to be spread over: --x, --y or a drift")
    conditions = Conditions.IDEAL if arguments.ideal else Conditions.NORMAL
    best = best_square(arguments.effort / error**2, conditions)
    half = best.factor * error
    where = f"{2 * half:.1f} NM a side (factor {best.factor:.2f}, {conditions} conditions)"
    lines.append(
        f"best square: {where}, POC {best.poc:.0%}, POD {best.pod:.0%}, POS {best.pos:.0%}"
    )
    return {"side_nm": 2 * half, **asdict(best), "pos": best.pos}


def _datums(arguments: argparse.Namespace) -> dict[str, Datum]:
    """Return the datum by the currents alone, or the three with leeway."""
    for toward, knots in arguments.current:
        steady(Kind.CURRENT, toward, knots)
    currents = [
        Leg(toward=toward, speed=knots, hours=arguments.hours)
        for toward, knots in arguments.current
    ]
    ways = {"datum": currents}
    if arguments.object is not None or arguments.leeway is not None:
        ways = {
            name: [*currents, Leg(toward=toward, speed=knots, hours=arguments.hours)]
            for name, (toward, knots) in zip(SIDES, _leeways(arguments), strict=True)
        }
    start = place(arguments.start)
    errors = {"x": arguments.x, "y": arguments.y, "safety": arguments.safety}
    return {name: datum(start, legs, **errors) for name, legs in ways.items()}


def _leeways(arguments: argparse.Namespace) -> list[tuple[float, float]]:
    """Return direction and speed of the leeway to the left, straight and to the right."""
    if arguments.wind is None:
        raise UsageError("leeway needs a wind: give --wind DEGREES/KNOTS")
    came, wind = arguments.wind
    steady(Kind.WIND, came, wind)
    if arguments.object is None:
        return [
            (toward, arguments.leeway) for toward in diverging(came + 180.0, arguments.divergence)
        ]
    thing = leeway().get(arguments.object)
    if thing is None:
        raise UsageError(f"there is no class {arguments.object!r}; see accord sar objects")
    along = thing.downwind.at(wind)
    asides = (thing.left.at(wind), 0.0, thing.right.at(wind))
    return [
        ((came + 180.0 + math.degrees(math.atan2(aside, along))) % 360.0, math.hypot(along, aside))
        for aside in asides
    ]


def _datum(each: Datum) -> str:
    return (
        f"{spell_position(each.point)}, {each.drift:.1f} NM toward {each.toward:03.0f},"
        f" search radius {each.radius:.2f} NM"
    )


def _plain_datum(each: Datum) -> Plain:
    return {
        **plain_point(each.point),
        "drift_nm": each.drift,
        "toward": each.toward,
        "radius_nm": each.radius,
        "corners": [plain_point(corner) for corner in each.corners],
    }


def _plain_middle(each: Minimax) -> Plain:
    return {**plain_point(each.point), "between_nm": each.between, "drift_error_nm": each.error}


def run_width(arguments: argparse.Namespace) -> int:
    """Print a sweep width and what it is made of."""
    found = sweep_widths().width(
        arguments.target,
        Looking(
            platform=Platform(arguments.platform.capitalize()),
            height_ft=arguments.height,
            visibility=arguments.visibility,
            speed=arguments.speed,
            wind=arguments.wind,
            sea_ft=arguments.sea,
            is_tired=arguments.tired,
            wears_flotation=arguments.flotation,
        ),
    )
    made = (
        f"{found.width:.2f} NM = {found.uncorrected:.2f} x weather {found.weather:g}"
        f" x speed {found.speed:.2f} x fatigue {found.fatigue:g}"
    )
    lines = [made, *found.notes]
    plain = asdict(found)
    return told(arguments, {"width_nm": plain.pop("width"), **plain}, lines)


def run_beacon(arguments: argparse.Namespace) -> int:
    """Print the sweep width of listening for a beacon."""
    width = beacon_width(Heard(arguments.heard), arguments.miles)
    return told(arguments, {"width_nm": width}, [f"{width:.1f} NM"])


def run_success(arguments: argparse.Namespace) -> int:
    """Print what searches come to, and how likely each area is afterwards."""
    pocs = {name: poc for name, poc, _ in arguments.areas}
    pods = {name: together(each) for name, _, each in arguments.areas}
    if len(pocs) < len(arguments.areas):
        raise UsageError("an area stands twice; write all its searches behind one")
    pos, after = success(pocs, pods), posterior(pocs, pods)
    lines = [
        f"{name}: POC {pocs[name]:.3f}, POD {pods[name]:.3f}, not found: POC {after[name]:.3f}"
        for name in pocs
    ]
    plain = {"pos": pos, "areas": {name: {"pod": pods[name], "poc": after[name]} for name in pocs}}
    return told(arguments, plain, [*lines, f"success {pos:.3f}"])
