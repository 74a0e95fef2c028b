import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from accord.cli import asking
from accord.cli.main import main
from accord.core.clock import SystemClock
from accord.node import requests
from accord.node.requests import Answer, RecallWanted, Request, Told
from accord.release.ledger.entry import Body, Recall
from accord.storage.ledger import Ledger
from accord.storage.partners import PARTNERS, Partners
from support.clock import START
from support.in_process import make_node
from support.ledger import NZL, make_ledger
from support.ledger import USA as OWN
from support.partners import partner_of

pytestmark = pytest.mark.usefixtures("quick_keys")

TOLD = Told(partner=NZL.node, digest="ab", agreement="SMALL", clause="1", name="FRIGATE")
LINE = Recall(
    by=OWN.node, agreement="SMALL", serial=1, clause="1", name="FRIGATE", reason="error", frame=1
)
BY_OBJECT = ("--object", "FRIGATE", "--reason", "error")


@pytest.fixture
def usa(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A node with one partner."""
    made = make_node(tmp_path / "usa", node=OWN.node, nation="USA")
    register = Partners(made / PARTNERS)
    register.prepare()
    register.add(partner_of(NZL.node), SystemClock().now())
    capsys.readouterr()
    return made


@pytest.fixture
def run(usa: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a recall and returns the exit code with what it printed on stdout or else stderr."""

    def command(*arguments: object, partner: str = NZL.node) -> tuple[int, str]:
        code = main(["federation", "recall", str(usa), partner, *map(str, arguments)])
        out, err = capsys.readouterr()
        return code, out or err

    return command


@pytest.fixture
def node(usa: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets the node answer with these recalls, and its ledger have these lines, while it waits."""

    def answers(recalls: Sequence[Told], *lines: Body) -> None:
        def sleep(_: float) -> None:
            (number,) = requests.numbers(usa)
            requests.answer(usa, number, Answer(partners=[NZL.node], recalls=list(recalls)))
            if lines:
                ledger = make_ledger(usa, mine=OWN, partner=NZL)
                ledger.append(lines, SystemClock().now())
                Ledger.close(ledger)
            monkeypatch.setattr(asking.time, "sleep", lambda _: None)

        monkeypatch.setattr(asking.time, "sleep", sleep)

    return answers


def only(usa: Path) -> Request:
    (number,) = requests.numbers(usa)
    return requests.read(usa, number)


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("--object", "FRIGATE"), RecallWanted(partner=NZL.node, uid="FRIGATE")),
        (("--agreement", "SMALL"), RecallWanted(partner=NZL.node, agreement="SMALL")),
        (
            ("--clause", "1.2", "--agreement", "SMALL"),
            RecallWanted(partner=NZL.node, agreement="SMALL", clause="1.2"),
        ),
    ],
)
def test_what_is_to_be_called_back_is_asked_of_a_node_that_does_not_run(
    run: Any, usa: Path, words: Sequence[str], wanted: RecallWanted
) -> None:
    code, said = run(*words, "--reason", "error", "--wait", "0")
    assert code == 1
    assert "not sent yet: the node does not run; it is kept" in said
    asked = only(usa)
    assert (asked.wanted, asked.reason) == (wanted, "error")


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--object", "FRIGATE", "--agreement", "SMALL"),
        ("--object", "FRIGATE", "--clause", "1"),
        ("--clause", "1"),
    ],
)
def test_what_is_to_be_called_back_must_be_said_and_only_one_thing(
    run: Any, usa: Path, words: Sequence[str]
) -> None:
    code, said = run(*words, "--reason", "error")
    assert code == 2
    assert "--agreement" in said or "--object" in said
    assert not (usa / requests.REQUESTS).exists()


def test_nothing_is_asked_about_who_is_no_partner(run: Any, usa: Path) -> None:
    assert run(*BY_OBJECT, partner="AUS-X") == (2, "accord: there is no partner AUS-X\n")
    (usa / PARTNERS).unlink()
    assert run(*BY_OBJECT)[0] == 2
    assert not (usa / requests.REQUESTS).exists()


@pytest.mark.parametrize(
    ("outcome", "objects", "words"),
    [
        ("DROPPED", 1, "dropped (1 object)"),
        ("NOT_HELD", 0, "not held (0 objects)"),
        ("PASSED_ON", 2, "called back from those it had been passed on to (2 objects)"),
    ],
)
def test_what_the_partner_answers_is_printed(
    run: Any, node: Any, outcome: str, objects: int, words: str
) -> None:
    node([replace(TOLD, outcome=outcome, objects=objects)])
    code, said = run(*BY_OBJECT)
    assert code == 0
    assert (
        f"FRIGATE, by clause 1 of SMALL: {'' if outcome != 'PASSED_ON' else 'dropped, and '}"
        in said
    )
    assert words in said
    assert "decided anew" in said


def test_a_recall_without_an_answer_was_sent_or_not_as_the_ledger_has_it(
    run: Any, node: Any, usa: Path
) -> None:
    other = replace(TOLD, name="OTHER")
    node([TOLD, other], LINE, replace(LINE, by=NZL.node, name="X"))
    code, said = run(*BY_OBJECT, "--wait", "0.2", "--json")
    assert code == 1
    found = json.loads(said)
    assert (found["partner"], found["state"]) == (NZL.node, "waits")
    assert [(each["name"], each["state"]) for each in found["recalls"]] == [
        ("FRIGATE", "sent"), ("OTHER", "waits"),
    ]  # fmt: skip
    (usa / requests.REQUESTS / "1").unlink()
    (usa / requests.REQUESTS / f"1{requests.ANSWER}").unlink()
    node([replace(TOLD, clause="", name="")])
    code, said = run("--agreement", "SMALL", "--reason", "error", "--wait", "0.2")
    assert "SMALL: not sent yet; it is kept" in said


def test_only_what_was_asked_now_counts_as_sent(run: Any, node: Any, usa: Path) -> None:
    ledger = make_ledger(usa, mine=OWN, partner=NZL)
    ledger.append([LINE], START)
    ledger.close()
    node([TOLD])
    said = json.loads(run(*BY_OBJECT, "--wait", "0.2", "--json")[1])
    assert [each["state"] for each in said["recalls"]] == ["waits"]


def test_without_a_ledger_nothing_was_sent(run: Any, node: Any) -> None:
    node([TOLD])
    assert json.loads(run(*BY_OBJECT, "--wait", "0.2", "--json")[1])["state"] == "waits"


def test_what_is_sent_and_not_answered_says_so(run: Any, node: Any) -> None:
    node([TOLD], LINE)
    code, said = run(*BY_OBJECT, "--wait", "0.2")
    assert (code, "sent, no answer yet" in said) == (1, True)
