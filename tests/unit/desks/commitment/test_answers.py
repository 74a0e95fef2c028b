import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from accord.desks.commitment import answers as module
from accord.desks.commitment.answers import (
    ANSWERS,
    AnswerFault,
    Answers,
    NoSuchAnswer,
    Question,
    check_name,
)

NOW = datetime(2026, 2, 11, 8, tzinfo=UTC)
ANSWER = json.dumps({"context": "plan:pacific", "cases": []})
QUESTION = Question(
    id="first", asked=NOW, by="moana", source="pacific.yaml", commitments=("C1", "C2"),
    baseline=date(2026, 1, 1),
)  # fmt: skip


def test_an_answer_comes_back_with_what_was_asked(tmp_path: Path) -> None:
    answers = Answers(tmp_path)
    assert answers.all() == []
    answers.keep(QUESTION, ANSWER, "<p>whole</p>")
    (kept,) = answers.all()
    assert (kept.question, kept.context) == (QUESTION, "plan:pacific")
    assert answers.one("first") == (kept, {"context": "plan:pacific", "cases": []})
    assert answers.page("first") == "<p>whole</p>"


def test_the_newest_comes_first_and_the_oldest_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    answers = Answers(tmp_path)
    for n in (2, 1, 3):
        asked = NOW + timedelta(minutes=n)
        answers.keep(replace(QUESTION, id=f"q{n}", asked=asked, baseline=None), ANSWER, "")
    assert [each.question.id for each in answers.all()] == ["q3", "q2"]
    assert len(list((tmp_path / ANSWERS).iterdir())) == 6
    with pytest.raises(NoSuchAnswer, match="no answer q1"):
        answers.page("q1")


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "-x", "a b", "x" * 81, "\u0661"])
def test_a_name_is_no_path(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is no name of an answer"):
        check_name(name)
    for ask in (Answers(tmp_path).one, Answers(tmp_path).page):
        with pytest.raises(NoSuchAnswer):
            ask(name)
    assert check_name("20260211T080000Z-C1.v2_a") == "20260211T080000Z-C1.v2_a"


def test_what_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    answers = Answers(tmp_path)
    answers.keep(QUESTION, ANSWER, "")
    (tmp_path / ANSWERS / "torn.about").write_text("{")
    (tmp_path / ANSWERS / "other.about").write_text("[]")
    assert [each.question.id for each in answers.all()] == ["first"]
    with pytest.raises(NoSuchAnswer):
        answers.one("torn")
    (tmp_path / ANSWERS / "first.html").write_bytes(b"\xff")
    with pytest.raises(AnswerFault, match="first cannot be read"):
        answers.page("first")


def test_where_it_cannot_be_kept_that_is_said(tmp_path: Path) -> None:
    (tmp_path / ANSWERS).write_text("in the way")
    with pytest.raises(AnswerFault, match="it was not kept"):
        Answers(tmp_path).keep(QUESTION, ANSWER, "")
