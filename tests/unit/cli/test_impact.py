import json
import re
from pathlib import Path
from typing import Any

import pytest

from accord.cli import impact
from accord.cli.main import main
from accord.desks.commitment.answers import Answers
from accord.desks.commitment.store import COMMITMENTS, CommitmentStore
from support.in_process import make_node
from support.plans import PLAN, Straight
from support.posture import sea_but_for
from support.statements import STATEMENT


@pytest.fixture(autouse=True)
def straight(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Great circles for ways: the router has tests of its own, and takes seconds."""
    wet = sea_but_for([(-19.0, 177.0, -17.0, 178.0)])
    monkeypatch.setattr(impact, "sea_mask", lambda: wet)
    monkeypatch.setattr(impact, "Reach", lambda _ways: Straight())
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "plan.yaml"
    path.write_text(PLAN)
    return path


def said(capsys: pytest.CaptureFixture[str], *arguments: str, scenario: Path, code: int = 0) -> str:
    capsys.readouterr()
    assert main(["impact", *arguments, "--scenario", str(scenario), "--draws", "40"]) == code
    out, err = capsys.readouterr()
    return out if code == 0 else err


def told(capsys: pytest.CaptureFixture[str], *arguments: str, scenario: Path) -> Any:
    return json.loads(said(capsys, *arguments, "--json", scenario=scenario))


def test_the_answer_is_in_words_with_clauses_and_with_what_is_not_known(
    plan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = said(capsys, "C1", "C2", scenario=plan).splitlines()
    assert lines[0] == "PLAN plan:plan.yaml: nothing here is live"
    assert "C1, C2" in lines
    assert lines[lines.index("C2") + 1] == "  One ship forward (invented, plan.yaml)"
    assert lines[lines.index("C1, C2") + 1].startswith("  With C1 and C2")
    assert any("clause C2.1; rests on " in each for each in lines)
    assert lines[lines.index("Not known:") + 1].startswith("  Where ships and aircraft are today")


def test_the_same_question_has_the_same_bytes(
    plan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pages = tmp_path / "one.html", tmp_path / "other.html"
    for each in pages:
        assert f"wrote {each}" in said(capsys, "C1", "C2", "--html", str(each), scenario=plan)
    assert pages[0].read_bytes() == pages[1].read_bytes()
    one = said(capsys, "C2", "C1", "--json", scenario=plan)
    assert one == said(capsys, "C1", "C2", "--json", scenario=plan)


def test_what_was_kept_gives_the_same_bytes_as_none(
    plan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cache = str(tmp_path / "kept")
    first = said(capsys, "C1", "C2", "--json", "--cache", cache, scenario=plan)
    assert list((tmp_path / "kept").glob("*.kept"))
    assert said(capsys, "C1", "C2", "--json", "--cache", cache, scenario=plan) == first
    for each in (tmp_path / "kept").glob("*.kept"):
        each.write_bytes(b"torn")
    assert said(capsys, "C1", "C2", "--json", "--cache", cache, scenario=plan) == first
    none = str(tmp_path / "plan.yaml" / "no folder")
    assert said(capsys, "C1", "C2", "--json", "--cache", none, scenario=plan) == first


def test_nothing_that_was_kept_outlives_a_change_of_the_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    impact.kept_in(tmp_path).put("a", b"hours")
    assert impact.kept_in(tmp_path).get("a") == b"hours"
    monkeypatch.setattr(impact, "version", lambda name: f"{name} of another day")
    assert impact.kept_in(tmp_path).get("a") is None


def test_programs_are_told_how_far_it_is(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["impact", "C2", "--scenario", str(plan), "--draws", "40", "--progress", "--json"]
    assert main(arguments) == 0
    out, err = capsys.readouterr()
    json.loads(out)
    lines = err.splitlines()
    assert lines[-1] == "4 of 4"
    assert all(re.fullmatch(r"\d of 4", each) for each in lines)


def test_who_looks_on_is_shown_how_far_it_is(
    plan: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert main(["impact", "C2", "--scenario", str(plan), "--draws", "40"]) == 0
    assert "What changes" in capsys.readouterr().err


def test_an_answer_is_kept_in_a_node_for_its_page(
    plan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    node = make_node(tmp_path / "node", node="NZL-A", nation="NZL")
    out = said(capsys, "C2", "--node", str(node), "--keep", "ship", scenario=plan)
    assert out == f"kept as ship in {node}: /api/v1/impact/ship/page\n"
    kept, answer = Answers(node).one("ship")
    assert (kept.question.source, kept.question.commitments) == ("plan.yaml", ("C2",))
    assert kept.context == answer["context"] == "plan:plan.yaml"
    assert answer == told(capsys, "C2", scenario=plan)
    assert "<h1>What does C2 change?</h1>" in Answers(node).page("ship")


def test_to_keep_an_answer_takes_a_node_and_a_name(
    plan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "give both --node DIR and --keep NAME" in said(
        capsys, "C2", "--keep", "ship", scenario=plan, code=2
    )
    assert "accord.toml" in said(
        capsys, "C2", "--node", str(tmp_path), "--keep", "ship", scenario=plan, code=2
    )


def test_json_stands_alone_on_the_output(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = told(capsys, "C2", scenario=plan)
    assert answer["draws"] == 40
    assert answer["context"] == "plan:plan.yaml"


def test_a_statement_can_be_asked_about_before_anybody_took_it_in(
    plan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "joint.yaml"
    path.write_text(STATEMENT)
    answer = told(capsys, str(path), "--baseline", "2026-03-01", scenario=plan)
    assert answer["as_of"] == "2026-03-01"
    (case,) = answer["cases"]
    texts = [each["text"] for each in case["sentences"]]
    assert any(each.startswith("JOINT: sentence 4 was not read: ") for each in texts)
    assert any(each.startswith("JOINT.3 binds nothing measurable") for each in texts)
    assert any(
        "JOINT.2 opens a data flow, tied to clause 3 of an agreement" in each for each in texts
    )


def test_a_node_answers_from_its_registers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from accord.cli import register_scenario
    from accord.core.clock import SystemClock
    from support.plans import a_plan

    node = make_node(tmp_path / "node", node="NZL-A", nation="NZL")
    store = CommitmentStore(node / COMMITMENTS)
    store.prepare()
    store.add(STATEMENT, "Moana", SystemClock().now())
    asked: list[Any] = []

    def scenario_of(directory: Path, at: Any) -> Any:
        asked.append((directory, at))
        return a_plan()

    monkeypatch.setattr(register_scenario, "scenario_of", scenario_of)
    answer = told(capsys, "JOINT", "--baseline", "2026-03-01", scenario=node)
    (case,) = answer["cases"]
    assert case["moves"] == []  # nobody has confirmed a clause
    texts = [each["text"] for each in case["sentences"]]
    assert any("JOINT: clause 1 was confirmed by nobody" in each for each in texts)
    ((directory, at),) = asked
    assert directory == node
    assert at.isoformat() == "2026-03-01T23:59:59.999999+00:00"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("C1", "--draws", "1"), "draws are from 2 to 10000, not 1"),
        (("C1", "--draws", "many"), "not many"),
        (("C1", "--baseline", "soon"), "soon is not a day"),
        (("C1", "--keep", "../x"), "is no name of an answer"),
    ],
)
def test_a_wrong_option_is_told(
    arguments: tuple[str, ...], words: str, plan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["impact", "--scenario", str(plan), *arguments])
    assert words in capsys.readouterr().err


def test_what_has_no_answer_is_told_in_a_sentence(
    plan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "no commitment C9" in said(capsys, "C9", scenario=plan, code=2)
    plan.write_text(PLAN.replace("circles:", "rings:"))
    assert "no such key: areas.rings" in said(capsys, "C1", scenario=plan, code=1)
    blank = "\n".join(
        each for each in PLAN.splitlines() if "id: RING" not in each and "id: HOME" not in each
    )
    plan.write_text(blank)
    assert "no area of the scenario has cells" in said(capsys, "C2", scenario=plan, code=2)
    plan.write_text(PLAN)
    gone = str(tmp_path / "no" / "page.html")
    assert "cannot be written" in said(capsys, "C2", "--html", gone, scenario=plan, code=1)
