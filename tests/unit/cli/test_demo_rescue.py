from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

import accord
from accord.cli.demo_rescue import UNITS, sailed, shortfalls, tasks_of
from accord.cli.main import main
from accord.core.geometry import distance
from accord.release.document import read_document
from accord.release.load import load

WELL: dict[str, object] = {
    "expected": 0.9, "alone": 0.4, "together": 0.85, "lead": "USA", "here": 30, "there": 30,
    "disputed": ["persons"], "same": True, "reviewed": True,
}  # fmt: skip


def test_a_story_that_went_well_lacks_nothing() -> None:
    assert list(shortfalls(WELL)) == []


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ({"alone": 0.0}, "both together"),
        ({"alone": 0.86}, "both together"),
        ({"expected": 0.5}, "was achieved"),
        ({"lead": "NZL"}, "the lead is with NZL"),
        ({"there": 29}, "USA 29"),
        ({"disputed": []}, "not shown as differing"),
        ({"same": False}, "went to another case"),
        ({"reviewed": False}, "has not come over the link"),
    ],
)
def test_what_went_wrong_is_named(what: dict[str, object], says: str) -> None:
    (found,) = shortfalls({**WELL, **what})
    assert says in found


def test_a_unit_sails_its_task_at_its_speed_without_a_hole() -> None:
    begins = datetime(2026, 11, 26, 1, tzinfo=UTC)
    task = {
        "unit": "TUI", "begins": begins.isoformat(), "speed": 15.0,
        "points": [[-36.2, 175.8], [-36.2, 175.9], [-36.1, 175.9]],
    }  # fmt: skip
    assert tasks_of({"tasks": [task]}) == {"TUI": task}
    fixes = list(sailed(task))
    assert (fixes[0].when, fixes[0].point.lon) == (begins, 175.8)
    assert (fixes[-1].point.lat, fixes[-1].point.lon) == (-36.1, 175.9)
    gaps = {b.when - a.when for a, b in pairwise(fixes)}
    assert max(gaps) < timedelta(minutes=2)
    miles = sum(distance(a.point, b.point) for a, b in pairwise(fixes))
    hours = (fixes[-1].when - begins) / timedelta(hours=1)
    assert miles / 1852 / hours == pytest.approx(15.0, rel=0.01)


def test_its_agreement_lets_a_case_cross_and_no_track() -> None:
    path = Path(accord.__file__).parents[2] / "examples" / "demonstration" / "rescue.md"
    text = path.read_bytes()
    assert read_document(text).agreement.title.startswith("Demonstration: one search")
    load(text, {})  # every example comes out as stated, or this is refused


def test_three_units_of_two_nations_search() -> None:
    assert {node for node, _, _ in UNITS.values()} == {"NZL", "USA"}
    assert len(UNITS) == 3


def test_without_the_examples_it_says_where_to_run_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(accord, "__file__", str(tmp_path / "src" / "accord" / "__init__.py"))
    assert main(["demo", "--rescue"]) == 2
    assert "run ./accord demo in a clone of the source" in capsys.readouterr().err
