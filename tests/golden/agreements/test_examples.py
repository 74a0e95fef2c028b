"""The worked agreements: what they say comes out, and their sabotaged twins are caught."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from accord.core.agreement import Clause, Example
from accord.release.fault import AgreementError
from accord.release.judge import judge
from accord.release.load import load, unproved
from accord.release.loaded import Loaded, read

ROOT = Path(__file__).parents[3]
HERE = ROOT / "examples" / "agreements"
FILES = {path.name: path.read_bytes() for path in HERE.glob("*.geojson")}
NAMES = sorted(path.stem for path in HERE.glob("*.md") if path.stem != "README")


def _text(name: str) -> str:
    return (HERE / f"{name}.md").read_text("utf-8")


@cache
def _loaded(name: str) -> Loaded:
    return load(_text(name).encode(), FILES)


def _examples(loaded: Loaded) -> Iterator[tuple[Clause, Example, str]]:
    """Every example with every receiver that it is meant for."""
    for clause in loaded.agreement.clauses:
        for example in clause.examples:
            giver = loaded.described[example.report].giver
            for node in loaded.receivers:
                if node != giver and example.partner in (None, node):
                    yield clause, example, node


def test_there_are_four() -> None:
    assert NAMES == ["exercise-endex", "pacific-relief", "search-and-rescue", "usa-nzl-maritime"]


@pytest.mark.parametrize("name", NAMES)
def test_it_loads_and_says_of_twenty_reports_or_more_what_happens(name: str) -> None:
    loaded = _loaded(name)
    said = {example.report for _, example, _ in _examples(loaded)}
    assert said == set(loaded.described)
    assert len(said) >= 20
    assert {example.form for _, example, _ in _examples(loaded)} == {
        None, *(form.name for form in loaded.agreement.forms),
    }  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_it_says_that_it_is_invented(name: str) -> None:
    assert "in this agreement is invented.**" in _text(name)
    assert _loaded(name).agreement.id.startswith("EXAMPLE-")


@pytest.mark.parametrize("name", NAMES)
def test_what_it_says_is_what_cedar_itself_says(name: str) -> None:
    loaded = _loaded(name)
    for _, example, node in _examples(loaded):
        described = loaded.described[example.report]
        said = judge(described.report, loaded, described.at, described.situation(node))
        assert said.facts is not None
        assert loaded.reference.agrees(said.facts, loaded.receivers[node], example.form), example


@pytest.mark.parametrize("name", NAMES)
def test_areas_say_that_they_are_invented(name: str) -> None:
    for area in _loaded(name).agreement.areas:
        assert b"Invented for an example" in FILES[area.file]


UNMARKED = "nothing unmarked leaves"
NOT_TO_THEM = "nothing leaves that is not marked releasable to the receiver's nation"
OUT_OF_TIME = "nothing leaves before the agreement begins or after it ends"
CLOCK = "nothing leaves while the giver's clock cannot be trusted"
MIXED = "exercise and live never mix"
PASSED_ON = "what a third party made goes only where its originator granted it"
OWN_SHIPS = (
    "a party's own ships and aircraft have a position only when they work for the relief or call "
    "for help"
)
OWN_BOATS = (
    "the sides are shown each other's boats under water as presence only, unless one calls for help"
)

TWINS = [
    ("usa-nzl-maritime", "resource.releasable_to.contains(principal.nation) &&", "", NOT_TO_THEM),
    ("usa-nzl-maritime", "context.synchronised &&\n", "", CLOCK),
    ("usa-nzl-maritime", "unless { principal.contexts.contains(resource.context) }",
     'unless { resource.context != "plan:P1" }', MIXED),
    ("usa-nzl-maritime", "resource.third_party && !", "resource.hops > 2 && !", PASSED_ON),
    ("usa-nzl-maritime", 'when { resource.touches.contains("QUIET") }',
     'when { resource.inside.contains("QUIET") }',
     "what may be in the quiet strip is never released in any form"),
    ("usa-nzl-maritime", 'resource.domain == "surface" &&\n', "",
     "nothing under water is released exactly, but a call for help"),
    ("usa-nzl-maritime", 'resource.level == "RESTRICTED" &&\n', 'resource.level != "" &&\n',
     "nothing above the level RESTRICTED leaves"),
    ("pacific-relief", "resource.releasable_to.contains(principal.nation)",
     'resource.releasable_to.contains("FJI")', NOT_TO_THEM),
    ("pacific-relief", 'context.now < datetime("2027-03-10T00:00:00Z")',
     'context.now < datetime("2028-03-10T00:00:00Z")', OUT_OF_TIME),
    ("pacific-relief", "resource.third_party && !resource.onward.contains(principal.nation)",
     'resource.third_party && principal.nation == "AUS"', PASSED_ON),
    ("pacific-relief", 'resource.caveats.contains("MEDICAL") || resource.directed',
     "resource.directed",
     "nothing medical leaves, and nothing that was meant for single persons"),
    ("pacific-relief", 'resource.touches.contains("RESERVED") && !resource.emergency',
     'resource.inside.contains("RESERVED") && !resource.emergency',
     "what may be at the reserved site is released only as a call for help or as words"),
    ("pacific-relief", 'resource.groups.contains("Relief") &&\n', "",
     OWN_SHIPS),
    ("exercise-endex", "unless { principal.contexts.contains(resource.context) }",
     "unless { principal.contexts.contains(resource.context) || resource.emergency }", MIXED),
    ("exercise-endex", "unless { principal.contexts.contains(resource.context) }",
     "unless { principal.contexts.contains(resource.context) || resource.emergency }",
     "nothing live leaves, not even a call for help"),
    ("exercise-endex", 'context.now < datetime("2027-05-14T04:00:00Z")\n',
     'context.now <= datetime("2027-05-14T04:00:00Z")\n', "nothing leaves after ENDEX"),
    ("exercise-endex", 'resource.groups.contains("Control") }',
     'resource.groups.contains("Control") && !resource.groups.contains("Blue") }',
     "what the controllers hold never leaves"),
    ("exercise-endex", 'principal == Accord::Node::"USA-WHITE"', "principal",
     OWN_BOATS),
    ("search-and-rescue", "unless {\n  resource.marked &&\n",
     "unless {\n  resource.emergency || resource.marked &&\n", UNMARKED),
    ("search-and-rescue", '  context.incidents.contains("SAR") &&\n  resource.groups',
     "  resource.groups",
     "an own aircraft or warship is exact only while an incident is open, or in distress"),
    ("search-and-rescue", '(resource.level == "LIMITED" && context.incidents.contains("SAR"))',
     '(resource.level == "LIMITED" && (context.incidents.contains("SAR") || resource.emergency))',
     "an emergency never overrides the marking: LIMITED leaves only while an incident is open"),
    ("search-and-rescue", 'when { resource.domain == "subsurface" }',
     'when { resource.domain == "subsurface" && !context.incidents.contains("SAR") }',
     "nothing under water but a call for help"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "clause", "instead", "promise"), TWINS)
def test_a_sabotaged_twin_is_not_proved(name: str, clause: str, instead: str, promise: str) -> None:
    text = _text(name)
    assert text.count(clause) == 1
    twin = text.replace(clause, instead).encode()
    faults = [fault.sentence for fault in unproved(read(twin, FILES))]
    assert any(sentence.startswith(f'not proved: "{promise}". Clause ') for sentence in faults)
    with pytest.raises(AgreementError):
        load(twin, FILES)


@pytest.mark.parametrize("name", NAMES)
def test_no_twin_is_missing_for_an_own_promise(name: str) -> None:
    own = {invariant.sentence for invariant in _loaded(name).agreement.invariants}
    assert own <= {promise for twin, _, _, promise in TWINS if twin == name}


def test_every_built_in_promise_has_a_twin() -> None:
    promised = {promise for _, _, _, promise in TWINS}
    assert {UNMARKED, NOT_TO_THEM, OUT_OF_TIME, CLOCK, MIXED, PASSED_ON} <= promised


def test_the_counterexample_that_the_explanation_shows_is_the_one_that_is_found() -> None:
    explained = (ROOT / "docs" / "explain" / "release-decisions.md").read_text("utf-8")
    shown = explained.partition("```text\n")[2].partition("```")[0]
    twin = _text("usa-nzl-maritime").replace('resource.domain == "surface" &&\n', "")
    (fault,) = unproved(read(twin.encode(), FILES))
    assert shown.split() == fault.sentence.split()
