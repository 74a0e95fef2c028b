"""`accord impact`: what commitments change, in hours, days and shares, and in plain words."""

import argparse
import json
import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from accord.cli.command import Subparsers
from accord.cli.impact_cache import DiskStore
from accord.cli.impact_sources import chosen, read_source, write_text
from accord.core.errors import UsageError
from accord.posture.answer import Answer, Case
from accord.posture.backtest import ROUTER, tonga_and_vanuatu
from accord.posture.draws import Draws
from accord.posture.impact import Impact, NothingToAnswer, Tell
from accord.posture.mask import sea_at
from accord.posture.model import Commitment, Scenario
from accord.posture.page import Page
from accord.posture.plain import as_plain
from accord.posture.reach import Reach, Seaways
from accord.posture.unknown import not_known
from accord.posture.words import sentences
from accord.storage.charts import sea_mask

DRAWS = 1_000
DAYS = 14
"""In which a place is seen, or not."""
MOST_DRAWS = 10_000
LAND_STEP = 0.2
"""Degrees: of the land on the maps."""


def add_parser(subparsers: Subparsers) -> None:
    """Add `impact`."""
    parser = subparsers.add_parser(
        "impact",
        help="what commitments change: response, surveillance, presence, sharing, feasibility",
        description="The posture with commitments minus the posture without, by the same draws of "
        "one year. Belongs to a plan; nothing of it is live. The same input gives the same answer.",
    )
    _add_arguments(parser)


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """Return what `run` wants, from the words of a command line."""
    parser = argparse.ArgumentParser("accord impact")
    _add_arguments(parser)
    return parser.parse_args(arguments)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "commitments",
        nargs="+",
        metavar="COMMITMENT",
        help="the name of one in the scenario, or the file of a statement",
    )
    parser.add_argument(
        "--scenario",
        required=True,
        type=Path,
        metavar="FILE|DIR",
        help="a scenario file, or the directory of a node with its registers",
    )
    parser.add_argument("--baseline", type=_day, metavar="DATE", help="as things stood then")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write the answer as a page")
    parser.add_argument("--json", action="store_true", help="for machines")
    parser.add_argument(
        "--words", action="store_true", help="in words as well, where a page is written"
    )
    parser.add_argument(
        "--draws", type=_draws, default=DRAWS, metavar="N", help=f"draws of the year ({DRAWS})"
    )
    parser.add_argument(
        "--cache",
        type=Path,
        metavar="DIR",
        help="where distances at sea are kept for the next time; by default in your cache folder",
    )
    parser.set_defaults(run=run)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not a day such as 2026-11-01") from None


def _draws(text: str) -> int:
    if not text.isdecimal() or not 2 <= int(text) <= MOST_DRAWS:
        raise argparse.ArgumentTypeError(f"draws are from 2 to {MOST_DRAWS}, not {text}")
    return int(text)


def run(arguments: argparse.Namespace) -> int:
    """Print the answer, or write it."""
    baseline: date | None = arguments.baseline
    scenario = read_source(arguments.scenario, baseline)
    commitments = chosen(scenario, arguments.commitments)
    scenario = replace(scenario, commitments={each.id: each for each in commitments})
    store = DiskStore(arguments.cache or _cache_folder())
    with _progress() as tell:
        answer = ask(scenario, commitments, store, draws=arguments.draws, tell=tell)
    if arguments.html is not None:
        write_text(arguments.html, page_of(answer, scenario))
    if arguments.json:
        print(json.dumps(as_plain(answer, scenario), indent=2, ensure_ascii=False, sort_keys=True))
    elif arguments.html is None or arguments.words:
        print("\n".join(_lines(answer, scenario)))
    if arguments.html is not None and not arguments.json:
        print(f"wrote {arguments.html}")
    return 0


def ask(
    scenario: Scenario,
    commitments: Sequence[Commitment],
    store: DiskStore,
    *,
    draws: int,
    tell: Tell,
) -> Answer:
    """Return the answer. UsageError where the scenario has no area that is drawn."""
    reach = Reach(Seaways(sea_mask(), store=store))
    try:
        impact = Impact(scenario, reach, Draws(draws).uniform, draws=draws, days=DAYS)
    except NothingToAnswer:
        raise UsageError("no area of the scenario has cells: there is nothing to answer") from None
    return impact.answer(commitments, tell=tell)


def page_of(answer: Answer, scenario: Scenario) -> str:
    """Return the answer as a page, with how far it can be believed."""
    land = ~sea_at(sea_mask(), LAND_STEP)
    page = Page(answer, scenario, land, backtests=tonga_and_vanuatu(), router=ROUTER)
    return page.write()


@contextmanager
def _progress() -> Generator[Tell, None, None]:
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("What changes", total=None)
        yield lambda done, of: progress.update(task, completed=done, total=of)


def _cache_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "accord" / "posture"


def _lines(answer: Answer, scenario: Scenario) -> Iterator[str]:
    yield f"PLAN {answer.context}: nothing here is live"
    yield f"as of {answer.as_of}, {answer.draws} paired draws of the year that follows"
    for case in answer.cases:
        yield ""
        yield ", ".join(case.commitments)
        yield from _said(case, scenario)
        for each in sentences(answer, case, scenario):
            yield f"  {each.text}"
            yield f"    clause {', '.join(each.clauses)}; rests on {each.rests_on}"
    yield ""
    yield "Not known:"
    yield from (f"  {each}" for each in not_known(scenario, answer.as_of))


def _said(case: Case, scenario: Scenario) -> Iterator[str]:
    """Yield what one commitment says, and how far that can be trusted."""
    if len(case.commitments) == 1:
        said = scenario.commitments[case.commitments[0]]
        yield f"  {said.text} ({said.origin.grade.words}, {said.origin.who})"
