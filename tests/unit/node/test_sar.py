"""What becomes of a partner's lines that cannot be worked with: counted, named, and kept."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from accord.config import load
from accord.core.report import Report, Source
from accord.desks.sar.cases import MAX_AHEAD, By, Line
from accord.desks.sar.entry import Kind
from accord.desks.sar.voice import CaseVoice, shared_value
from accord.live.marking import DefaultMarkings
from accord.node.case_files import cases_of
from accord.node.kept import past
from accord.node.sar import Sar
from accord.picture.picture import Change
from accord.wire.cot.translate import report_again
from support.builders import a_report
from support.in_process import make_node
from support.keys import quick_keys as quick_keys
from support.page import Asking
from support.sar import MOANA, NODE, NOW, a_case, some_cases
from support.tak import FakeNode, around_of

PARTNER = "USA-PAC"
BLUE = frozenset({"Blue"})


@pytest.fixture
def directory(tmp_path: Path, quick_keys: None) -> Path:
    return make_node(tmp_path / "node", node=NODE, nation="NZL")


class Desk:
    """A node's search and rescue; `losses` is what it counts."""

    def __init__(self, directory: Path) -> None:
        node = FakeNode()
        self.losses = Counter[str]()
        self.held: list[object] = []
        watch = SimpleNamespace(desk=self, voice=None, clients=lambda _: iter(()))
        browsers = SimpleNamespace(
            callers=Asking().as_callers(), around=around_of(node),
            past=past(directory, DefaultMarkings()),
        )  # fmt: skip
        self.sar = Sar(
            directory, load(directory), browsers=cast("Any", browsers), watch=cast("Any", watch),
            bridge=node.bridge, losses=self.losses,
        )  # fmt: skip

    async def hold(self, _kind: object, conditions: list[object]) -> None:
        self.held = conditions


def said_by_partner(directory: Path, name: str, value: str, by: By = MOANA) -> Report:
    """Return a fact that a partner has set, as it comes over the link."""
    directory.mkdir()
    cases = some_cases(directory, node=PARTNER)
    case = a_case(cases)
    cases.share(case.id, shared_value(BLUE, "", PARTNER), MOANA)
    line = Line(kind=Kind.FACT, about=name, value=value)
    case = cases.add(case.id, [line], by)
    entry = next(each for each in case.log if (each.about, each.value) == (name, value))
    node, heard = FakeNode(), list[Report]()
    node.bridge.intake.watched_by(lambda change: heard.append(change.report or a_report()))
    CaseVoice(node.bridge.intake, node=PARTNER).say(case, entry, NOW)
    original = heard[0].original
    assert original is not None
    source = Source(node=PARTNER, channel=f"partner:{PARTNER}", speaker="x")
    return replace(report_again(original, source=source, groups=BLUE, received=NOW), received=NOW)


async def test_a_garbled_fact_of_a_partner_is_counted_and_stands_in_the_log_as_what_it_is(
    directory: Path, tmp_path: Path
) -> None:
    desk = Desk(directory)
    report = said_by_partner(tmp_path / "theirs", "wind", "as strong as it gets")
    desk.sar.see(Change(sequence=1, report=report))
    await desk.sar.look()
    assert desk.losses == {"facts of cases that are garbled": 1}
    (case,) = cases_of(directory).store.all()
    (line,) = case.log
    assert line.kind is Kind.NOTE
    assert line.node == PARTNER
    assert "'as strong as it gets'" in line.value
    assert len(desk.held) == 1
    desk.sar.close()


@pytest.mark.parametrize("over", [0, 1])
async def test_a_line_from_a_clock_that_is_ahead_is_kept_and_counted(
    directory: Path, tmp_path: Path, over: int
) -> None:
    desk = Desk(directory)
    then = NOW + MAX_AHEAD + timedelta(seconds=over)
    ahead = By(name="m.rata", now=then)
    report = said_by_partner(tmp_path / "theirs", "wind", "230/25", ahead)
    desk.sar.see(Change(sequence=1, report=report))
    await desk.sar.look()
    counted = {"lines of cases dated ahead of this node's clock": 1} if over else {}
    assert desk.losses == counted
    (case,) = cases_of(directory).store.all()
    assert case.log[0].at == then
    desk.sar.close()


async def test_a_fact_that_can_be_read_is_taken_and_nothing_counted(
    directory: Path, tmp_path: Path
) -> None:
    desk = Desk(directory)
    report = said_by_partner(tmp_path / "theirs", "wind", "230/25")
    desk.sar.see(Change(sequence=1, report=report))
    await desk.sar.look()
    assert desk.losses == {}
    (case,) = cases_of(directory).store.all()
    assert case.text("wind") == "230/25"
    desk.sar.close()
