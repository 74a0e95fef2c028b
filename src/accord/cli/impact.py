"""`accord impact`: what commitments change, in hours, days and shares, and in plain words."""

import argparse
import json
import os
import sys
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import accord
from accord.cli.account import account
from accord.cli.arguments import add_json, day
from accord.cli.command import Subparsers
from accord.cli.impact_sources import chosen, read_source, write_text
from accord.core.clock import SystemClock
from accord.core.errors import UsageError
from accord.desks.commitment.answers import REGISTER, Answers, Question, check_name
from accord.posture.answer import Answer, Case
from accord.posture.backtest import ROUTER, tonga_and_vanuatu
from accord.posture.draws import Draws
from accord.posture.impact import Impact, NothingToAnswer, Tell
from accord.posture.known import Task, Work
from accord.posture.mask import sea_at
from accord.posture.model import Commitment, Scenario
from accord.posture.page import Page
from accord.posture.plain import as_plain
from accord.posture.reach import Reach, Seaways
from accord.posture.unknown import not_known
from accord.posture.view import Asked
from accord.posture.words import sentences
from accord.storage.cache import DiskStore
from accord.storage.charts import sea_mask

DRAWS = 1_000
DAYS = 14
"""In which a place is seen, or not."""
MOST_DRAWS = 10_000
LAND_STEP = 0.2
"""Degrees: of the land on the maps."""
AT_ONCE = 2
"""Threads that work on an answer; more wait for memory, and not for a processor."""


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
    parser.add_argument("--baseline", type=day, metavar="DATE", help="as things stood then")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write the answer as a page")
    add_json(parser)
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
        help="where what was worked out is kept for the next time; by default your cache folder",
    )
    parser.add_argument(
        "--progress", action="store_true", help="tell programs on stderr how far it is: 3 of 23"
    )
    parser.add_argument(
        "--node", type=Path, metavar="DIR", help="keep the answer in this node, for its page"
    )
    parser.add_argument("--keep", type=_name, metavar="NAME", help="under this name; needs --node")
    parser.set_defaults(run=run)


def _name(text: str) -> str:
    try:
        return check_name(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _draws(text: str) -> int:
    if not text.isdecimal() or not 2 <= int(text) <= MOST_DRAWS:
        raise argparse.ArgumentTypeError(f"draws are from 2 to {MOST_DRAWS}, not {text}")
    return int(text)


def run(arguments: argparse.Namespace) -> int:
    """Print the answer, write it, or keep it in a node."""
    answers = _kept_by(arguments)
    baseline: date | None = arguments.baseline
    scenario = read_source(arguments.scenario, baseline)
    commitments = chosen(scenario, arguments.commitments)
    scenario = replace(scenario, commitments={each.id: each for each in commitments})
    store = kept_in(arguments.cache or _cache_folder())
    with _progress(in_lines=arguments.progress) as tell:
        answer = ask(scenario, commitments, store, draws=arguments.draws, tell=tell)
    is_written = arguments.html is not None or answers is not None
    page = page_of(answer, scenario) if is_written else ""
    if arguments.html is not None:
        write_text(arguments.html, page)
    if answers is not None:
        answers.keep(_question(arguments, answer), _as_json(answer, scenario), page)
    if arguments.json:
        print(_as_json(answer, scenario))
        return 0
    if arguments.words or not is_written:
        print("\n".join(_lines(answer, scenario)))
    if arguments.html is not None:
        print(f"wrote {arguments.html}")
    if answers is not None:
        print(f"kept as {arguments.keep} in {arguments.node}: /api/v1/impact/{arguments.keep}/page")
    return 0


def _kept_by(arguments: argparse.Namespace) -> Answers | None:
    """Return where the answer is kept, None where it is not."""
    if (arguments.node is None) is not (arguments.keep is None):
        raise UsageError("to keep an answer give both --node DIR and --keep NAME")
    if arguments.node is None:
        return None
    from accord.config import load  # knows the whole node, which an answer does not need

    load(arguments.node)
    return Answers(arguments.node)


def _question(arguments: argparse.Namespace, answer: Answer) -> Question:
    is_register = arguments.scenario.is_dir()
    return Question(
        id=arguments.keep,
        asked=SystemClock().now(),
        by=account(),
        source=REGISTER if is_register else arguments.scenario.name,
        commitments=answer.cases[-1].commitments,
        baseline=arguments.baseline,
    )


def _as_json(answer: Answer, scenario: Scenario) -> str:
    said = as_plain(answer, scenario)
    # On one line: with line breaks it would take half a second longer.
    return json.dumps(said, ensure_ascii=False, sort_keys=True)


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
    asked = Asked(reach, Draws(draws).uniform, draws)
    work = Work(store=store, many=_side_by_side)
    try:
        impact = Impact(scenario, asked, days=DAYS, work=work)
    except NothingToAnswer:
        raise UsageError("no area of the scenario has cells: there is nothing to answer") from None
    return impact.answer(commitments, tell=tell)


def _side_by_side(tasks: Sequence[Task]) -> Iterator[object]:
    """Do tasks in threads: most of the work is NumPy's, which lets others go on."""
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="impact") as threads:
        yield from threads.map(_do, tasks)


def _do(task: Task) -> object:
    return task()


def kept_in(folder: Path) -> DiskStore:
    """Return what is kept for the next time; nothing of it outlives a change of the model."""
    mark = sha256("".join(map(version, ("numpy", "scipy", "h3"))).encode())
    for each in sorted((Path(accord.__file__).parent / "posture").rglob("*.py")):
        mark.update(each.read_bytes())
    return DiskStore(folder, mark=mark.hexdigest())


def page_of(answer: Answer, scenario: Scenario) -> str:
    """Return the answer as a page, with how far it can be believed."""
    land = ~sea_at(sea_mask(), LAND_STEP)
    page = Page(answer, scenario, land, backtests=tonga_and_vanuatu(), router=ROUTER)
    return page.write()


@contextmanager
def _progress(*, in_lines: bool) -> Generator[Tell, None, None]:
    if in_lines:
        yield lambda done, of: print(f"{done} of {of}", file=sys.stderr, flush=True)
        return
    if not sys.stderr.isatty():
        yield lambda _done, _of: None
        return
    from rich.console import Console  # a tenth of a second that programs need not wait for
    from rich.progress import Progress

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
