"""`accord sar report`: situation reports, drafted, reviewed, let go and printed."""

import argparse
import json
from pathlib import Path

from accord.cli.command import Subparsers
from accord.cli.sar_case import Add, case_of, read_text, who
from accord.core.errors import AccordError
from accord.core.naming import printable
from accord.desks.sar import sheet
from accord.desks.sar.case import Case
from accord.desks.sar.cases import By, Cases, Line
from accord.desks.sar.entry import Kind
from accord.desks.sar.reports import SitRep, lines, report_json, report_of, reports_of
from accord.desks.sar.sitrep import sitrep
from accord.node import case_files


def add_parser(commands: Subparsers, add: Add) -> None:
    """Add the subcommand."""
    report = add(commands, "report", run_report, "the situation report: draft, review, print")
    report.add_argument("--to", default="ALL CONCERNED", metavar="WHOM")
    what = report.add_mutually_exclusive_group()
    what.add_argument(
        "--release", action="store_true", help="write it into the log: you have read it"
    )
    what.add_argument("--draft", action="store_true", help="keep it for a person to review")
    what.add_argument(
        "--review", metavar="LINE", help="let a draft go, by the line that names it: you read it"
    )
    what.add_argument("--show", metavar="LINE", help="one that was kept, by its line")
    what.add_argument("--list", action="store_true", help="every report, and who has reviewed it")
    report.add_argument(
        "--text", metavar="FILE", help="with --draft or --review: what it is to say; - for input"
    )
    report.add_argument(
        "--pdf", type=Path, metavar="FILE", help="write it as PDF; a draft says that it is one"
    )
    report.add_argument(
        "--page", type=Path, metavar="FILE", help="write it as a page that a browser prints"
    )


def run_report(arguments: argparse.Namespace) -> int:
    """Print the situation report."""
    cases = case_files.cases_of(arguments.directory)
    case = case_of(cases, arguments.case)
    if arguments.list:
        return _listed(arguments, cases, case)
    report = _report(arguments, cases, case, who())
    for path, data in (
        (arguments.pdf, lambda: sheet.pdf(report)),
        (arguments.page, lambda: sheet.page(report).encode()),
    ):
        if path is not None:
            _write(path, data())
    if arguments.json:
        is_kept = report.first.number > 0
        said = _json(cases, report) if is_kept else {}
        text = report.last.value
        said = {**said, "text": text, "released": report.reviewed is not None}
        print(json.dumps(said, ensure_ascii=False))
    else:
        print("\n".join(map(printable, report.last.value.splitlines())))
        if report.first.number:
            print(printable(next(lines([report]))))
    return 0


def _listed(arguments: argparse.Namespace, cases: Cases, case: Case) -> int:
    found = reports_of(case)
    if arguments.json:
        said = [_json(cases, each) for each in found]
        print(json.dumps(said, indent=1, ensure_ascii=False))
    else:
        print("\n".join(map(printable, lines(found))))
    return 0


def _json(cases: Cases, report: SitRep) -> dict[str, object]:
    told = cases.store.told(report.case.id)
    return report_json(report, own=cases.node, told=told)


def _report(arguments: argparse.Namespace, cases: Cases, case: Case, by: By) -> SitRep:
    """Return the report that is asked for, kept or let go where that is asked for."""
    given = None if arguments.text is None else read_text(arguments.text)
    if arguments.show is not None:
        return report_of(case, arguments.show)
    if arguments.review is not None:
        return report_of(cases.review(case.id, arguments.review, by, given), arguments.review)
    text = given or sitrep(case, node=cases.node, to=arguments.to, at=by.now)
    if arguments.draft:
        return reports_of(cases.draft(case.id, arguments.to, text, by))[-1]
    if arguments.release:
        line = Line(kind=Kind.REPORT, about=arguments.to, value=text)
        return reports_of(cases.log(case.id, line, by))[-1]
    return reports_of(cases.draft_now(case, arguments.to, text, by))[-1]


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise AccordError(f"cannot write {path}: {error.strerror}") from None
