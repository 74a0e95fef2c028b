import sys
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Thread

import pytest

from accord.desks.commitment.answers import Answers, Question
from accord.desks.commitment.runs import Run, Runner, State

QUESTION = Question(
    id="q1", asked=datetime(2026, 2, 11, tzinfo=UTC), by="moana", source="pacific.yaml",
    commitments=("C1", "-odd"), baseline=date(2026, 1, 1),
)  # fmt: skip

PAGE = "next(each.removeprefix('--html=') for each in sys.argv if each.startswith('--html='))"


def a_command(text: str) -> tuple[str, ...]:
    """Return a command that does what a test wants in place of an answer."""
    return (sys.executable, "-c", f"import sys\n{text}\n", "impact")


ANSWERS = f"""
print("0 of 3", file=sys.stderr, flush=True)
print("2 of 3", file=sys.stderr, flush=True)
open({PAGE}, "w").write("<p>" + " ".join(sys.argv[1:]) + "</p>")
print('{{"context": "plan:x"}}')
"""


def type_of(error: Exception) -> str:
    return f"broke off: {type(error).__name__}"


def a_run(tmp_path: Path, text: str, **more: float) -> tuple[Run, Answers]:
    answers = Answers(tmp_path)
    run = Run(QUESTION, tmp_path / "pacific.yaml")
    Runner(tmp_path, answers, broke=type_of, command=a_command(text), **more).work(run)
    return run, answers


def test_an_answer_is_kept_with_its_page_and_how_far_it_is_was_told(tmp_path: Path) -> None:
    run, answers = a_run(tmp_path, ANSWERS)
    assert (run.state, run.done, run.of, run.trouble) == (State.DONE, 2, 3, "")
    assert [each.question for each in answers.all()] == [QUESTION]
    page = answers.page("q1")
    assert f"--scenario={tmp_path / 'pacific.yaml'}" in page
    assert "--baseline=2026-01-01 --json --progress" in page
    assert page.endswith("-- C1 -odd</p>")  # a name is no option


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("print('accord: no such class', file=sys.stderr); sys.exit(1)", "no such class"),
        ("sys.exit(3)", "it ended with code 3"),
        ("print('no JSON')", "No such file"),  # it wrote no page
        (f"open({PAGE}, 'w').write('x'); print('no JSON')", "Expecting value"),
    ],
)
def test_what_went_wrong_is_told(text: str, said: str, tmp_path: Path) -> None:
    run, answers = a_run(tmp_path, text)
    assert run.state is State.FAILED
    assert said in run.trouble
    assert answers.all() == []


def test_what_takes_too_long_is_ended(tmp_path: Path) -> None:
    run, _ = a_run(tmp_path, "import time; time.sleep(600)", longest=0.2)
    assert (run.state, run.trouble) == (
        State.FAILED, "it took longer than 0.2 seconds, and was ended",
    )  # fmt: skip


def test_a_node_that_stops_ends_what_it_works_out_and_begins_nothing(tmp_path: Path) -> None:
    text = "print('1 of 9', file=sys.stderr, flush=True); import time; time.sleep(600)"
    runner = Runner(tmp_path, Answers(tmp_path), broke=type_of, command=a_command(text))
    run = Run(QUESTION, tmp_path)
    thread = Thread(target=runner.work, args=(run,))
    thread.start()
    while not run.of:
        thread.join(0.01)
    runner.stop()
    thread.join(60)
    assert (run.state, run.trouble) == (State.FAILED, "the node stopped")
    later = Run(QUESTION, tmp_path)
    runner.work(later)
    assert (later.state, later.trouble) == (State.FAILED, "the node stopped")


def test_what_nobody_foresaw_is_told_as_it_is_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> None:
        raise KeyError("secret")

    monkeypatch.setattr(Answers, "keep", breaks)
    run, _ = a_run(tmp_path, ANSWERS)
    assert (run.state, run.trouble) == (State.FAILED, "broke off: KeyError")
