"""Whatever is done to the text of a scenario: it is read whole, or refused by its lines."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.posture.checks import find_faults
from accord.posture.fault import Fault, ScenarioError
from accord.posture.scenario import read_scenario
from support.posture import SMALL

FULL = SMALL + (
    "units:\n  - {id: X, partner: NZL, class: OPV, base: DEV, availability: 0.5, conf: C}\n"
    "deployments:\n  - {unit: X, base: NAN, share_of_year: 0.5, months: [1, 2], conf: C}\n"
    "places:\n  - {name: Apia, lat: -13.8, lon: -171.8, conf: B}\n"
)
_SCALAR = re.compile(r"(?<=: )[^,\[\]{}\n]+|(?<=\[)[^,\[\]{}\n]+")
SPOTS = [match.span() for match in _SCALAR.finditer(FULL)]

words = st.sampled_from(
    [
        *("", "0", "-1", "1e400", ".inf", "nan", "null", "~", "true", "1" * 400, "200"),
        *("2026-02-30", "9999-12-31", "C9", "NZL", "[]", "[1, 2, 3]", "{}", "{a: 1}", "'"),
        *("&x 1", "*x", "!!int 3", "\u200b"),
    ]
)


def faults(text: str) -> list[Fault]:
    try:
        scenario = read_scenario(text, name="x")
    except ScenarioError as error:
        return list(error.faults)
    assert find_faults(scenario) == []
    return []


def holds(text: str) -> None:
    last = text.count("\n") + 2
    assert all(1 <= fault.line <= last and fault.sentence for fault in faults(text))


@given(st.sampled_from(SPOTS), words | st.text(max_size=8))
def test_any_value_in_any_place_is_taken_or_refused(spot: tuple[int, int], word: str) -> None:
    holds(FULL[: spot[0]] + word + FULL[spot[1] :])


@given(st.integers(0, len(FULL)), st.integers(0, 40))
def test_a_text_with_a_hole_is_taken_or_refused(start: int, length: int) -> None:
    holds(FULL[:start] + FULL[start + length :])


@given(st.text(max_size=60))
def test_any_text_is_refused(text: str) -> None:
    with pytest.raises(ScenarioError):
        read_scenario(text, name="x")
