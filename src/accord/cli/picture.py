"""`accord picture DIR --as PARTNER --at TIME`: what a partner could see at some moment."""

import argparse
import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from accord.api.partner_picture import (
    Seen,
    Shown,
    geojson,
    gone_as_json,
    object_as_json,
    point_of,
)
from accord.api.story_json import spell_time
from accord.cli.arguments import add_directory, add_json, moment
from accord.cli.command import Subparsers
from accord.core.clock import SystemClock
from accord.core.errors import UsageError
from accord.core.naming import printable
from accord.node.rebuilt import seen_by

_MAX_CELL = 40
"""Letters of one cell of the table."""


def add_parser(subparsers: Subparsers) -> None:
    """Add `picture`."""
    parser = subparsers.add_parser(
        "picture",
        help="what a partner could see at some moment, from ledger and journal",
        description="What had been released to a partner up to a moment, each object as it was "
        "last released, made again from what the node kept and held against the ledger. Changes "
        "nothing; the node may run or not.",
    )
    add_directory(parser)
    parser.add_argument(
        "--as", dest="partner", required=True, metavar="PARTNER", help="the partner's node id"
    )
    parser.add_argument(
        "--at", type=moment, required=True, metavar="TIME",
        help="such as 2026-12-01T06:00:00Z; UTC where no zone is said",
    )  # fmt: skip
    parser.add_argument(
        "--geojson", action="store_true", help="print it as GeoJSON (RFC 7946), for a GIS"
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the picture."""
    if arguments.json and arguments.geojson:
        raise UsageError("say --json or --geojson, not both")
    seen = seen_by(arguments.directory, arguments.partner, arguments.at)
    if arguments.geojson:
        print(json.dumps(geojson(seen), indent=1, ensure_ascii=False))
    elif arguments.json:
        print(json.dumps(_as_json(seen), indent=2, ensure_ascii=False))
    else:
        print("\n".join(map(printable, _lines(seen, SystemClock().now()))))
    return 0


def _lines(seen: Seen, now: datetime) -> Iterator[str]:
    stale = sum(each.report.stale <= seen.at for each in seen.shown)
    yield (
        f"{seen.partner} at {spell_time(seen.at)}: {len(seen.shown)} objects, {stale} of them stale"
    )
    yield from _about_time(seen, now)
    if seen.removed or seen.recalled:
        yield f"not shown: {seen.removed} removed or ended, {seen.recalled} recalled"
    if seen.shown:
        head = ("NAME", "CALLSIGN", "TYPE", "HAPPENED", "WHERE", "ERROR", "FORM", "CLAUSE", "LINE")
        yield from _table([head, *(_row(each) for each in seen.shown)])
    if seen.gone:
        yield f"released, no longer here: {len(seen.gone)}"
    for each in seen.gone:
        yield (
            f"  line {each.entry.number}, {spell_time(each.entry.at)}: {each.release.name}, form "
            f"{each.release.form} by clause {each.release.clause}: {each.why}"
        )
    if seen.beyond:
        yield f"and {seen.beyond} older lines, of more objects than a picture has"


def _about_time(seen: Seen, now: datetime) -> Iterator[str]:
    if seen.at > now:
        yield "that is in the future: this is what they have now, and it may yet change"
    if seen.begins is None:
        yield "the ledger has no lines yet"
    elif seen.at < seen.begins:
        yield f"the ledger begins at {spell_time(seen.begins)}: of earlier times it says nothing"


def _row(shown: Shown) -> tuple[str, ...]:
    report, point = shown.report, point_of(shown.report)
    where = "not said" if point is None else f"{point.lat:.5f} {point.lon:.5f}"
    error = None if point is None else point.circular_error
    return (
        shown.release.name,
        report.identity.callsign or "",
        report.kind.text,
        spell_time(report.time),
        where,
        "" if error is None else f"{error:.0f} m",
        shown.release.form,
        shown.release.clause,
        str(shown.entry.number),
    )


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    cut = [[cell[:_MAX_CELL] for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cut, strict=True)]
    for row in cut:
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(padded).rstrip()


def _as_json(seen: Seen) -> dict[str, object]:
    return {
        "partner": seen.partner,
        "at": spell_time(seen.at),
        "objects": [object_as_json(each, seen.at) for each in seen.shown],
        "gone": [gone_as_json(each) for each in seen.gone],
        "removed": seen.removed,
        "recalled": seen.recalled,
        "beyond": seen.beyond,
        "begins": None if seen.begins is None else spell_time(seen.begins),
    }
