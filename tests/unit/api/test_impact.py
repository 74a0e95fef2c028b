import asyncio
import json
import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from accord.api import impact as module
from accord.api.impact import IMPACT, Desk, Impact
from accord.api.openapi import document
from accord.desks.commitment.answers import Answers, Question
from accord.desks.commitment.runs import Run, Runner, State
from accord.desks.commitment.sources import SCENARIOS, Sources
from accord.desks.commitment.store import COMMITMENTS, CommitmentStore
from accord.posture.style import STYLE
from support.clock import ManualClock
from support.page import LOOKER, Asking, Page
from support.plans import PLAN
from support.schema import faults

ANSWER = json.dumps({"context": "plan:pacific", "cases": []})
PAGE = f"<!doctype html><title>x</title><style>{STYLE}</style><p>PLAN</p>"
DOCUMENT: Any = document()


class Slow(Runner):
    """Answers when a test says so."""

    def __init__(self, directory: Path, answers: Answers) -> None:
        super().__init__(directory, answers, broke=str)
        self.answers = answers
        self.go = Event()
        self.trouble = ""

    def work(self, run: Run) -> None:
        run.state, run.done, run.of = State.WORKING, 1, 9
        self.go.wait(60)
        if self.trouble:
            run.fail(self.trouble)
            return
        self.answers.keep(run.question, ANSWER, PAGE)
        run.state = State.DONE

    def stop(self) -> None:
        self.go.set()


class Node:
    def __init__(self, directory: Path) -> None:
        store = CommitmentStore(directory / COMMITMENTS)
        store.prepare()
        (directory / SCENARIOS).mkdir()
        (directory / SCENARIOS / "pacific.yaml").write_text(PLAN)
        self.answers = Answers(directory)
        self.runner = Slow(directory, self.answers)
        desk = Desk(sources=Sources(directory, store), runner=self.runner, answers=self.answers)
        asking = Asking()
        self.impact = Impact(desk, asking.as_callers(), clock=ManualClock())
        self.page = Page(asking, self.impact.routes())

    async def ask(self, *commitments: str, **more: Any) -> Any:
        said = {"commitments": commitments or ("C1",), "source": "pacific.yaml", **more}
        return await self.page.send(IMPACT, said)

    async def state(self, name: str) -> str:
        return (await self.page.get(f"{IMPACT}/{name}")).json()["about"]["state"]

    async def until(self, name: str, state: str) -> None:
        async with asyncio.timeout(60):
            while await self.state(name) != state:  # noqa: ASYNC110  a process has no event
                await asyncio.sleep(0.01)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    made = Node(tmp_path)
    yield made
    made.impact.close()


def described(answer: Any, path: str, method: str = "get") -> list[str]:
    status = str(answer.status_code)
    responses = DOCUMENT["paths"][path][method]["responses"]
    schema = responses[status]["content"]["application/json"]["schema"]
    return faults(answer.json(), schema, DOCUMENT, closed=True)


async def test_what_is_asked_is_worked_out_and_told_when_it_is_there(node: Node) -> None:
    asked = await node.ask("C1", "C2", baseline="2026-05-01")
    assert asked.status_code == 201
    assert described(asked, IMPACT, "post") == []
    name = asked.json()["id"]
    assert (asked.json()["by"], asked.json()["baseline"]) == ("aroha", "2026-05-01")
    await node.until(name, "working")
    far = await node.page.get(f"{IMPACT}/{name}", LOOKER)
    assert (far.json()["about"]["done"], far.json()["about"]["of"]) == (1, 9)
    assert far.json()["answer"] is None
    assert described(far, f"{IMPACT}/{{id}}") == []
    assert (await node.page.get(f"{IMPACT}/{name}/page")).status_code == 404
    node.runner.go.set()
    await node.until(name, "done")
    done = await node.page.get(f"{IMPACT}/{name}")
    assert done.json()["answer"] == {"context": "plan:pacific", "cases": []}
    assert done.json()["about"]["context"] == "plan:pacific"
    assert described(done, f"{IMPACT}/{{id}}") == []


async def test_the_list_has_what_was_asked_and_what_can_be(node: Node) -> None:
    node.answers.keep(
        Question(
            id="before", asked=datetime(2026, 1, 1, tzinfo=UTC), by="moana", source="register",
            commitments=("JOINT",),
        ),
        ANSWER,
        PAGE,
    )  # fmt: skip
    name = (await node.ask()).json()["id"]
    every = await node.page.get(IMPACT, LOOKER)
    assert described(every, IMPACT) == []
    said = every.json()
    assert said["context"] == "plan"
    assert [each["id"] for each in said["answers"]] == [name, "before"]
    assert said["answers"][1]["page"] == f"{IMPACT}/before/page"
    register, pacific = said["sources"]
    assert (register["name"], register["commitments"]) == ("register", [])
    assert pacific["commitments"][0] == {"id": "C1", "text": "One aircraft forward"}
    node.runner.go.set()
    await node.until(name, "done")
    ids = [each["id"] for each in (await node.page.get(IMPACT)).json()["answers"]]
    assert ids == [name, "before"]  # once, not twice


async def test_a_page_may_have_its_own_style_and_nothing_else(node: Node) -> None:
    node.runner.go.set()
    name = (await node.ask()).json()["id"]
    await node.until(name, "done")
    page = await node.page.get(f"{IMPACT}/{name}/page", LOOKER)
    assert page.text == PAGE
    assert page.headers["content-type"].startswith("text/html")
    policy = page.headers["content-security-policy"]
    style = re.search(r"<style>(.*)</style>", page.text, re.DOTALL)
    assert style is not None
    mark = b64encode(sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{mark}'" in policy
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert page.headers["cache-control"] == "no-store"


async def test_who_may_look_may_not_ask(node: Node) -> None:
    said = {"commitments": ["C1"], "source": "pacific.yaml"}
    assert (await node.page.send(IMPACT, said, LOOKER)).status_code == 403
    assert (await node.page.send(IMPACT, said, own=False)).status_code == 403
    for path in (IMPACT, f"{IMPACT}/x", f"{IMPACT}/x/page"):
        assert (await node.page.get(path, None)).status_code == 401
        assert (await node.page.get(path, LOOKER)).status_code in (200, 404)


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ({"commitments": ["C9"]}, "C9 is no commitment of pacific.yaml"),
        ({"commitments": []}, "nothing is no commitment"),
        ({"source": "other.yaml"}, "no scenario 'other.yaml' here"),
        ({"source": 5}, "source is missing or no text"),
        ({"baseline": "soon"}, "baseline is a day"),
        ({"baseline": 5}, "baseline is missing or no text"),
        ({"commitments": "C1"}, "commitments is a list of at most 20 texts"),
    ],
)
async def test_what_cannot_be_asked_is_told(node: Node, said: dict[str, object], text: str) -> None:
    body = {"commitments": ["C1"], "source": "pacific.yaml", **said}
    answer = await node.page.send(IMPACT, body)
    assert answer.status_code == 400
    assert text in answer.json()["detail"]
    assert (await node.page.get(IMPACT)).json()["answers"] == []


async def test_what_failed_is_told_with_why(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_FAILED", 1)
    node.runner.trouble = "no area of the scenario has cells"
    node.runner.go.set()
    name = (await node.ask()).json()["id"]
    await node.until(name, "failed")
    about = (await node.page.get(f"{IMPACT}/{name}")).json()["about"]
    assert about["trouble"] == "no area of the scenario has cells"
    node.impact._clock.advance(seconds=1)  # pyright: ignore
    last = (await node.ask()).json()["id"]
    async with asyncio.timeout(60):
        while len((await node.page.get(IMPACT)).json()["answers"]) > 1:  # noqa: ASYNC110  likewise
            await asyncio.sleep(0.01)
    assert await node.state(last) == "failed"


async def test_more_than_may_wait_is_refused_and_counted(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock: Any = node.impact._clock
    for _ in range(module.WAITING + 1):
        assert (await node.ask()).status_code == 201
        clock.advance(seconds=1)
    refused = await node.ask()
    assert refused.status_code == 503
    assert "try again" in refused.json()["detail"]
    assert len((await node.page.get(IMPACT)).json()["answers"]) == module.WAITING + 1


async def test_a_folder_that_cannot_be_read_is_no_fault_of_who_asks(
    node: Node, tmp_path: Path
) -> None:
    node.runner.go.set()
    name = (await node.ask()).json()["id"]
    await node.until(name, "done")
    (tmp_path / "answers" / f"{name}.html").write_bytes(b"\xff")
    assert (await node.page.get(f"{IMPACT}/{name}/page")).status_code == 503
