"""What a whole story looks like is held by tests/unit/cli/test_why.py, from journal to text."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from accord.api.story import tell
from accord.api.story_json import UNMARKED, as_json, label_in_words, spell_time
from accord.core.portion import read
from accord.node.kept import shelves
from support.released import RECEIVER, GivingNode, after, heard


@pytest.fixture
def node(tmp_path: Path) -> GivingNode:
    made = GivingNode.make(tmp_path / "node")
    ship = heard("SHIP-1", 0)
    made.journal([replace(ship, groups=frozenset({"Blue", "Red"})), heard("BARE-1", 1, marks="")])
    made.release(ship, after(2))
    made.ledger()
    return made


def told(node: GivingNode, uid: str, hears: frozenset[str] | None = None) -> dict[str, object]:
    story = tell(shelves(node.directory), uid, at=after(70), incidents=frozenset())
    return json.loads(json.dumps(as_json(story, hears)))


def test_of_the_groups_those_are_told_that_somebody_hears_and_all_to_the_command(
    node: GivingNode,
) -> None:
    into = [
        each["into"]
        for hears in (None, frozenset({"Blue", "White"}), frozenset[str]())
        for each in told(node, "SHIP-1", hears)["heard"]  # type: ignore[attr-defined]
    ]
    assert into == [["Blue", "Red"], ["Blue"], []]


def test_who_has_it_and_by_which_line_is_told(node: GivingNode) -> None:
    said = told(node, "SHIP-1")
    assert (said["complete"], said["others"], said["at"]) == (
        True,
        [RECEIVER],
        "2027-03-01T06:01:10Z",
    )
    (partner,) = said["partners"]  # type: ignore[misc]
    assert (partner["partner"], partner["last_release"]["number"]) == (RECEIVER, 1)


def test_what_is_unmarked_says_so(node: GivingNode) -> None:
    (claim,) = told(node, "BARE-1")["heard"]  # type: ignore[misc]
    assert (claim["mark"], claim["mark_in_words"]) == (None, UNMARKED)


def test_times_have_milliseconds_where_they_have_any() -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert spell_time(at) == "2026-01-02T03:04:05Z"
    assert spell_time(at.replace(microsecond=678_900)) == "2026-01-02T03:04:05.678Z"


def test_a_label_is_written_in_whole_words() -> None:
    label = read("(C//REL TO AUS, NZL)", nation="NZL")
    assert label_in_words(label) == "NZL CONFIDENTIAL, releasable to AUS, NZL, made by NZL"
