from datetime import date
from pathlib import Path

import pytest

from accord.cli import impact_sources
from accord.cli.impact_sources import chosen, read_source, read_text
from accord.core.errors import UsageError
from accord.posture.fault import ScenarioError
from support.plans import PLAN, a_plan
from support.statements import STATEMENT


def test_a_scenario_is_read_from_a_file_and_may_begin_another_day(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(PLAN)
    assert read_source(path, None).as_of == date(2026, 1, 1)
    assert read_source(path, date(2026, 7, 1)).as_of == date(2026, 7, 1)


def test_commitments_are_chosen_by_name_or_by_the_file_of_a_statement(tmp_path: Path) -> None:
    path = tmp_path / "joint.yaml"
    path.write_text(STATEMENT)
    c2, joint = chosen(a_plan(), ["C2", str(path)])
    assert c2 is a_plan().commitments["C2"]
    assert (joint.id, len(joint.effects)) == ("JOINT", 3)


def test_what_cannot_be_asked_about_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no commitment C9, and no file of that name; known: C1"):
        chosen(a_plan(), ["C9"])
    with pytest.raises(UsageError, match="C1 is asked about twice"):
        chosen(a_plan(), ["C1", "C1"])
    path = tmp_path / "plan.yaml"
    path.write_text(PLAN)
    with pytest.raises(UsageError, match="is no statement"):
        chosen(a_plan(), [str(path)])


def test_a_statement_that_names_what_the_scenario_has_not_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "joint.yaml"
    path.write_text(STATEMENT.replace("class: MPA", "class: BLIMP"))
    with pytest.raises(ScenarioError, match="BLIMP"):
        chosen(a_plan(), [str(path)])


def test_a_file_that_cannot_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read_text(tmp_path / "none.yaml")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="is no text in UTF-8"):
        read_text(tmp_path / "bytes")
    monkeypatch.setattr(impact_sources, "MAX_BYTES", 2)
    with pytest.raises(UsageError, match="is larger than"):
        read_text(tmp_path / "bytes")
