"""`accord readiness`: the register of a node, its board, and what clashes in it."""

import argparse
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from accord.api.readiness_json import board_json, clash_json, entry_json, register_json
from accord.cli import readiness_telling, readiness_text
from accord.cli.account import account
from accord.cli.arguments import add_directory, add_json, context, moment
from accord.cli.command import Run, Subparsers
from accord.config import load
from accord.core.clock import SystemClock
from accord.core.context import LIVE, Context, ContextKind
from accord.core.errors import AccordError, UsageError
from accord.core.naming import printable
from accord.desks.readiness.board import board
from accord.desks.readiness.clash import clashes
from accord.desks.readiness.columns import COLUMNS, Sheet
from accord.desks.readiness.register import Register
from accord.desks.readiness.said import AFTER_ALL, Confidence, Record, Row
from accord.desks.readiness.sheets import read_file, said_of, write_csv, write_workbook
from accord.node.readiness import register_of

if TYPE_CHECKING:
    from accord.desks.readiness.from_scenario import Brought

SCENARIOS = (".yaml", ".yml")
"""How files of scenarios end."""


def add_parser(subparsers: Subparsers) -> None:
    """Add `readiness` with its subcommands."""
    parser = subparsers.add_parser(
        "readiness",
        help="the register of bases, units and what they are ready for",
        description="What a nation has, where it is and how ready: entered by workbook or CSV, "
        "kept with its history, shown as of any day. The node may run or not.",
    )
    commands: Subparsers = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")
    _add_import(commands)
    _add_area(commands)
    _add_export(commands)
    _add_show(commands)
    _command(commands, "board", run_board, "what can be had, by capability and notice")
    _command(commands, "clashes", run_clashes, "what cannot all be so")
    _add_telling(commands)


def _command(commands: Subparsers, name: str, run: Run, says: str) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=says, description=f"{says[0].upper()}{says[1:]}.")
    add_directory(parser)
    _add_context(parser)
    _add_when(parser)
    add_json(parser)
    parser.set_defaults(run=run)
    return parser


def _add_context(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--context", type=context, default=LIVE, metavar="CONTEXT",
        help="live if not given, exercise:NAME or plan:ID; they never mix",
    )  # fmt: skip


def _add_when(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--at", type=moment, metavar="TIME", help="as it stood then; now if not given"
    )
    parser.add_argument(
        "--known", type=moment, default=AFTER_ALL, metavar="TIME",
        help="as far as this node had been told by then",
    )  # fmt: skip


def _add_import(commands: Subparsers) -> None:
    parser = commands.add_parser(
        "import",
        help="take a workbook, a CSV file or a scenario into the register",
        description="Take FILE into the register, all of it or nothing: a workbook (.xlsx), a "
        "CSV file that is called for its sheet, such as units.csv, or, into a plan, a scenario "
        "(.yaml). What is wrong is told by sheet, row and cell, or by line.",
    )
    add_directory(parser)
    parser.add_argument("file", type=Path, metavar="FILE", help=".xlsx, .csv or .yaml")
    _add_context(parser)
    add_json(parser)
    parser.set_defaults(run=run_import)


def _add_area(commands: Subparsers) -> None:
    parser = commands.add_parser(
        "area",
        help="draw an area: GeoJSON to cells",
        description="Take the polygons of a GeoJSON file into the register as the area ID, in "
        "cells. They may cross 180 degrees, go round a pole, and have holes. What is not given "
        "stays as it stands.",
    )
    add_directory(parser)
    parser.add_argument("id", metavar="ID", help="the area, new or there already")
    parser.add_argument(
        "--geojson", type=Path, required=True, metavar="FILE", help="Polygon or MultiPolygon"
    )
    parser.add_argument("--name", metavar="TEXT", help="what it is called; a new one needs it")
    parser.add_argument(
        "--kind", choices=COLUMNS[Sheet.AREAS]["kind"].words, help="a new one needs it"
    )
    parser.add_argument("--published-km2", metavar="N", help="its size as its owner states it")
    parser.add_argument("--by", metavar="WHO", help="who said so; you if not given")
    parser.add_argument("--as-of", metavar="TIME", help="since when it is so; today if not given")
    parser.add_argument("--confidence", metavar="LETTER", help="A stated (usual), B, C invented")
    _add_context(parser)
    add_json(parser)
    parser.set_defaults(run=run_area)


def _add_telling(commands: Subparsers) -> None:
    about = "what partners are told, as far as agreements say"
    parser = commands.add_parser(
        "statement",
        help=f"{about}, until it is taken back",
        description="State a capability of this node, now and every hour until it is taken back: "
        "how many by when, until when, never why. Agreements decide which partner hears it.",
    )
    add_directory(parser)
    readiness_telling.add_arguments(parser)
    showing = commands.add_parser(
        "statements",
        help=f"{about}: what is told, and what nodes stated last",
        description="What is told until it is taken back, and the last word of each nation.",
    )
    add_directory(showing)
    for each, run in ((parser, run_statement), (showing, run_statements)):
        _add_context(each)
        add_json(each)
        each.set_defaults(run=run)


def run_statement(arguments: argparse.Namespace) -> int:
    """Tell a capability until it is taken back, or take it back."""
    return readiness_telling.tell(arguments, _register(arguments.directory))


def run_statements(arguments: argparse.Namespace) -> int:
    """Print what is told, and what nodes stated last."""
    return readiness_telling.show(arguments, _register(arguments.directory))


def _add_export(commands: Subparsers) -> None:
    parser = commands.add_parser(
        "export",
        help="write the register as a workbook or a CSV file",
        description="Write what holds to FILE, with who said each value: all sheets to a workbook "
        "(.xlsx), or one sheet to a CSV file that is called for it. Import takes it again.",
    )
    add_directory(parser)
    parser.add_argument("file", type=Path, metavar="FILE", help=".xlsx, or SHEET.csv")
    _add_context(parser)
    _add_when(parser)
    parser.set_defaults(run=run_export)


def _add_show(commands: Subparsers) -> None:
    parser = _command(commands, "show", run_show, "every value that holds, and who said it")
    parser.add_argument("--sheet", choices=[each.value for each in Sheet], help="this sheet only")
    parser.add_argument("--id", metavar="ID", help="this record only, with its whole history")


def _register(directory: Path) -> Register:
    load(directory)
    register = register_of(directory)
    register.store.prepare()
    return register


def _at(arguments: argparse.Namespace) -> datetime:
    return arguments.at or SystemClock().now()


def run_import(arguments: argparse.Namespace) -> int:
    """Take a file into the register."""
    register = _register(arguments.directory)
    path: Path = arguments.file
    if path.suffix.lower() in SCENARIOS:
        found = _of_scenario(path, arguments.context)
        return _take(arguments, register, found.rows, found.left_out)
    return _take(arguments, register, read_file(path.name, _bytes_of(path)))


def _of_scenario(path: Path, into: Context) -> "Brought":
    if into.kind is not ContextKind.PLAN:
        raise UsageError(
            f"{path} is a scenario: it goes into a plan, such as --context plan:pacific"
        )
    # Not before it is needed: these bring NumPy along.
    from accord.cli.impact_sources import read_text
    from accord.desks.readiness.from_scenario import brought
    from accord.posture.scenario import read_scenario
    from accord.storage.charts import zones

    return brought(read_scenario(read_text(path), name=path.name, zones=zones()))


def run_area(arguments: argparse.Namespace) -> int:
    """Take a drawing into the register."""
    from accord.desks.readiness.drawn import area_row  # brings NumPy along

    register = _register(arguments.directory)
    now = SystemClock().now()
    texts = {
        "by": arguments.by or account(),
        "as_of": arguments.as_of or now.date().isoformat(),
        "confidence": arguments.confidence or Confidence.STATED.value,
    }
    try:
        said = said_of(texts)
    except ValueError as error:
        raise UsageError(str(error)) from None
    given = {
        "name": arguments.name, "kind": arguments.kind, "published_km2": arguments.published_km2,
    }  # fmt: skip
    values = {name: text for name, text in given.items() if text is not None}
    drawing = _bytes_of(arguments.geojson).decode("utf-8", "replace")
    return _take(arguments, register, [area_row(arguments.id, drawing, values, said)])


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None


def _take(
    arguments: argparse.Namespace,
    register: Register,
    rows: Sequence[Row],
    left_out: Sequence[str] = (),
) -> int:
    now = SystemClock().now()
    new = register.take(rows, person=account(), now=now, context=arguments.context)
    if arguments.json:
        said = {"rows": len(rows), "values": len(new), "left_out": list(left_out)}
        print(json.dumps(said, ensure_ascii=False))
    else:
        print(f"{len(rows)} rows read, {len(new)} values new in {arguments.context}")
        for each in left_out:
            print(printable(f"not as the scenario has it: {each}"))
    return 0


def run_export(arguments: argparse.Namespace) -> int:
    """Write the register to a file."""
    register, at = _register(arguments.directory), _at(arguments)
    records = register.records(arguments.context, at=at, known=arguments.known)
    path: Path = arguments.file
    if path.suffix.lower() == ".xlsx":
        data = write_workbook(records, at)
    elif path.suffix.lower() == ".csv" and path.stem in tuple(Sheet):
        data = write_csv(records, Sheet(path.stem))
    else:
        raise UsageError(f"{path}: give FILE.xlsx, or SHEET.csv of {', '.join(Sheet)}")
    try:
        path.write_bytes(data)
    except OSError as error:
        raise AccordError(f"cannot write {path}: {error.strerror}") from None
    print(f"wrote {path}: {sum(map(len, records.values()))} records of {arguments.context}")
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    """Print what holds, or the history of one record."""
    register, at = _register(arguments.directory), _at(arguments)
    sheet = None if arguments.sheet is None else Sheet(arguments.sheet)
    if arguments.id is not None:
        if sheet is None:
            raise UsageError("say of which sheet with --sheet: an id alone is in none")
        entries = register.history(sheet, arguments.id, arguments.context)
        _print(
            arguments,
            {"entries": [entry_json(each, at) for each in entries]},
            readiness_text.history(entries, at),
        )
        return 0
    records = register.records(arguments.context, at=at, known=arguments.known)
    if sheet is not None:
        none: dict[str, Record] = {}
        records = {each: records[each] if each is sheet else none for each in Sheet}
    _print(
        arguments,
        register_json(records, register, at),
        readiness_text.records(records, register, at),
    )
    return 0


def run_board(arguments: argparse.Namespace) -> int:
    """Print the board."""
    register, at = _register(arguments.directory), _at(arguments)
    own = load(arguments.directory).node.nation
    records = register.records(arguments.context, at=at, known=arguments.known)
    heard = register.heard(arguments.context, known=min(at, arguments.known))
    rows = board(records, heard, at, own=own)
    _print(arguments, board_json(rows, at, own=own), readiness_text.board(rows, at))
    return 0


def run_clashes(arguments: argparse.Namespace) -> int:
    """Print what clashes; 1 where anything does."""
    register, at = _register(arguments.directory), _at(arguments)
    found = clashes(register.records(arguments.context, at=at, known=arguments.known))
    lines = [each.text for each in found] or ["no clashes"]
    _print(arguments, {"clashes": [clash_json(each) for each in found]}, lines)
    return 1 if found else 0


def _print(arguments: argparse.Namespace, said: dict[str, object], lines: Sequence[str]) -> None:
    if arguments.json:
        print(json.dumps(said, indent=2, ensure_ascii=False))
    else:
        print("\n".join(map(printable, lines)))
