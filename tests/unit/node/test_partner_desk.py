from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from accord.config import load
from accord.core.errors import AccordError
from accord.node import requests
from accord.node.partner_desk import PartnerDesk
from accord.node.requests import Answer, RecallWanted, Told
from accord.observe.log import Log
from accord.observe.partner_health import LinkState
from support.clock import START, ManualClock
from support.page import Asking
from support.partner_routes import BOSS, STATUS
from support.released import RECEIVER, GivingNode


class Around:
    """A desk with one partner, and pages that note what they are told."""

    def __init__(self, directory: Path) -> None:
        self.clock = ManualClock()
        self.status = STATUS
        self.looking: list[Any] = [BOSS]
        self.told: list[Any] = []
        self.notes: list[str] = []
        self.disk_is_full = False
        stream = SimpleNamespace(
            callers=lambda: self.looking, tell=lambda said, to: self.told.append((said, to(None)))
        )
        browsers: Any = SimpleNamespace(callers=Asking().as_callers(), stream=stream)
        self.links: Any = SimpleNamespace(
            status=lambda: [self.status],
            pauses=SimpleNamespace(go_on=lambda *_: None),
            answered=0,
        )
        watch: Any = SimpleNamespace(note=self._note)
        self.directory = directory
        self.desk = PartnerDesk(
            directory, load(directory), browsers=browsers, links=self.links, desk=watch,
            clock=self.clock, log=Log(self.clock),
        )  # fmt: skip

    async def _note(self, by: str, sentence: str) -> None:
        if self.disk_is_full:
            raise AccordError("the watch log: disk full")
        self.notes.append(f"{by} {sentence}")

    def look(self) -> int:
        """Let it look once; how often pages were told since the last look."""
        self.told.clear()
        self.desk.look()
        assert all(said == ({"t": "partners"}, True) for said in self.told)
        return len(self.told)


@pytest.fixture
def around(tmp_path: Path) -> Iterator[Around]:
    made = Around(GivingNode.make(tmp_path / "node").directory)
    yield made
    made.desk.close()


def test_pages_are_told_at_once_when_a_link_or_an_agreement_is_otherwise(around: Around) -> None:
    assert around.look() == 1
    assert around.look() == 0
    around.status = replace(around.status, state=LinkState.DOWN)
    assert around.look() == 1
    around.status = replace(around.status, blocked=("paused",))
    assert around.look() == 1


def test_pages_are_told_at_once_when_a_recall_is_answered(around: Around) -> None:
    around.look()
    around.links.answered += 1
    assert around.look() == 1
    assert around.look() == 0


def test_pages_are_told_of_counts_now_and_then(around: Around) -> None:
    around.look()
    around.status = replace(around.status, released={"1 exact": 999})
    around.clock.advance(seconds=29)
    assert around.look() == 0
    around.clock.advance(seconds=1)
    assert around.look() == 1
    around.clock.advance(seconds=60)
    assert around.look() == 0


def test_while_nobody_looks_nothing_is_told(around: Around) -> None:
    around.looking.clear()
    assert around.look() == 0


def test_recalls_of_a_partner_are_those_that_were_asked_for_with_how_they_stand(
    around: Around,
) -> None:
    def ask(uid: str, answer: Answer | None = None, partner: str = RECEIVER) -> None:
        wanted = RecallWanted(partner=partner, uid=uid)
        made = requests.put(around.directory, wanted, reason="x", by="boss", at=START)
        if answer is not None:
            requests.answer(around.directory, made.number, answer)

    told = Told(partner=RECEIVER, digest="ab", agreement="SMALL", clause="1", name="C")
    done = Told(partner=RECEIVER, digest="ab", agreement="SMALL", clause="1", name="D",
                outcome="DROPPED", objects=1)  # fmt: skip
    ask("A")
    ask("B", Answer(refused="nothing called B"))
    ask("C", Answer(recalls=[told]))
    ask("D", Answer(recalls=[done]))
    ask("E", partner="AUS-X")
    found = list(around.desk._recalls(RECEIVER))
    assert [(each.uid, each.state) for each in found] == [
        ("A", "waits"), ("B", "refused"), ("C", "told"), ("D", "answered"),
    ]  # fmt: skip
    assert (found[1].refused, found[3].answers[0].outcome) == ("nothing called B", "DROPPED")


async def test_what_was_done_is_done_also_where_the_watch_log_cannot_be_written(
    around: Around,
) -> None:
    await around.desk._note("boss", "paused agreement SMALL")
    assert around.notes == ["boss paused agreement SMALL"]
    around.disk_is_full = True
    await around.desk._note("boss", "paused agreement SMALL")
