import json
from dataclasses import replace
from typing import Any

from accord.posture.model import Commitment
from accord.posture.plain import as_plain
from support.plans import a_plan, an_impact, with_ops

DRAWS = 60
IMPACT = an_impact(draws=DRAWS)


def plain(*names: str) -> Any:
    answer = IMPACT.answer([a_plan().commitments[each] for each in names])
    return json.loads(json.dumps(as_plain(answer, a_plan()), allow_nan=False))


def test_an_answer_is_plain_json_without_infinities() -> None:
    said = plain("C1", "C2", "C3")
    assert said["context"] == "plan:plan"
    assert [each["commitments"] for each in said["cases"]] == [
        ["C1"], ["C2"], ["C3"], ["C1", "C2", "C3"],
    ]  # fmt: skip


def test_each_number_has_its_place() -> None:
    (ship,) = plain("C2")["cases"]
    line = next(each for each in ship["lines"] if each["area"] == "RING")
    assert line["capability"] == "sar-sea"
    assert line["mean_after"] < line["mean_before"]
    assert line["difference"]["low"] <= line["difference"]["mean"] <= line["difference"]["high"]
    assert line["before"]["within"].keys() == {"6", "24", "72", "120"}
    assert ship["moves"] == [
        {
            "clause": "C2.1",
            "unit": "NZL-OPV-DEV-2",
            "from": "DEV",
            "to": "NAN",
            "share_of_year": 1.0,
        }
    ]
    (feasible,) = ship["feasibility"]
    assert feasible["bites"] == "2026-01-02"
    assert feasible["remedy"]["more_units"] == 1
    assert ship["surveillance"] is None
    assert ship["headline"] == line
    assert ship["cost"]["area"] == "HOME"
    assert (ship["most"], ship["while_kept"]) == (None, None)
    assert any(each["single_point"] for each in ship["fragility"])
    assert {each["grade"] for each in ship["sensitivity"]} == {"B", "C"}
    assert ship["more_units"][0]["bases"] == ["NAN"]
    assert (
        len({each["month"] for each in ship["presence_days"]}) == 13
    )  # from 2 January to the next 1 January


def test_what_is_not_known_is_none_and_is_told() -> None:
    (air,) = plain("C1")["cases"]
    ring = next(each for each in air["lines"] if each["area"] == "RING")
    assert ring["difference"] is None
    assert air["surveillance"]["never"] < 1.0
    (feasible,) = air["feasibility"]
    assert (feasible["bites"], feasible["remedy"]) == (None, None)
    assert plain("C1")["not_known"]


def test_what_holds_on_some_days_is_told_of_these() -> None:
    (air,) = plain("C1")["cases"]
    kept = air["while_kept"]
    assert 0.0 < kept["share_of_year"] < 1.0
    assert kept["headline"]["after"]["served"] > air["headline"]["after"]["served"]
    assert kept["cost"]["mean_after"] > kept["cost"]["mean_before"]


def test_refusals_are_told_with_their_clause() -> None:
    closing = with_ops("{op: close_base, partner: NZL, base: NAN}")
    refused = IMPACT.answer([closing, _later(a_plan().commitments["C2"])])
    said = as_plain(refused, a_plan())
    cases = said["cases"]
    assert isinstance(cases, list)
    assert cases[-1]["refused"] == [{"clause": "CZ.1", "why": "Nadi is not open to NZL"}]


def _later(commitment: Commitment) -> Commitment:
    return replace(commitment, id="CZ")
