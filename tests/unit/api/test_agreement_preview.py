from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from accord.api import agreement_preview
from accord.api.agreements import PATH
from accord.core.report import Source
from support.partner_routes import BOSS, OTHER_BOSS, PartnerRoutes, at, described
from support.released import RECEIVER, TEXT, GivingNode, heard
from support.small_agreement import ID

SHIP = [heard("SHIP-1", seconds) for seconds in (0, 10, 60)]
CAR = heard("CAR-1", 5, kind="a-f-G-E-V", at=(-17.5, 178.4))
UNMARKED = heard("SHIP-9", 7, marks="")
THEIRS = heard("SHIP-8", 8, source=Source(node=RECEIVER, channel=f"partner:{RECEIVER}", speaker=""))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[PartnerRoutes]:
    node = GivingNode.make(tmp_path / "node")
    node.journal([SHIP[0], CAR, UNMARKED, THEIRS, *SHIP[1:]])
    made = PartnerRoutes(node, at(3_600))
    yield made
    made.close()


async def tried(desk: PartnerRoutes, who: Any = BOSS, **said: Any) -> Any:
    answer = await desk.page.send(f"{PATH}/preview", {"text": TEXT.decode(), **said}, who)
    assert answer.status_code == 200, answer.text
    assert described(answer, "post", "/api/v1/agreements/preview") == []
    return answer.json()


async def test_a_text_is_tried_on_what_was_heard_and_told_by_clause_form_and_reason(
    desk: PartnerRoutes,
) -> None:
    said = await tried(desk)
    assert (said["ok"], said["id"], said["partner"]) == (True, ID, RECEIVER)
    assert (said["looked_at"], said["complete"]) == (5, True)
    released = {(each["clause"], each["form"]): each for each in said["released"]}
    assert (released["1", "exact"]["reports"], released["1", "exact"]["objects"]) == (3, 1)
    assert released["2", "quiet"]["reports"] == 1
    assert [(each["clause"], each["reports"]) for each in said["withheld"]] == [("0", 1)]
    ship = next(
        each["properties"]
        for each in said["sample"]["features"]
        if each["properties"]["clause"] == "1"
    )
    assert (ship["meta"]["uid"], ship["lat"], ship["happened"]) == (
        "SHIP-1", -17.9, "2027-03-01T06:01:00Z",
    )  # fmt: skip


async def test_a_sample_shows_nobody_what_he_does_not_hear(desk: PartnerRoutes) -> None:
    said = await tried(desk, OTHER_BOSS)
    assert said["sample"]["features"] == []
    assert said["looked_at"] == 5


async def test_a_text_that_does_not_load_says_where_and_why_and_nothing_is_in_force(
    desk: PartnerRoutes,
) -> None:
    said = await tried(desk, text=TEXT.decode().replace('"SEA")', '"LAKE")'))
    assert not said["ok"]
    assert "LAKE" in said["faults"][0]["sentence"]
    assert said["faults"][0]["line"] > 1


async def test_only_so_many_hours_and_reports_are_looked_at_and_that_is_said(
    desk: PartnerRoutes, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.clock.advance(hours=2)
    assert (await tried(desk))["looked_at"] == 0
    assert (await tried(desk, hours=24))["looked_at"] == 5
    monkeypatch.setattr(agreement_preview, "MAX_REPORTS", 2)
    said = await tried(desk, hours=24)
    assert (said["looked_at"], said["complete"]) == (2, False)
    assert said["since"] == "2027-03-01T06:00:10Z"


async def test_what_is_read_when_the_time_is_up_must_do(
    desk: PartnerRoutes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accord.api.agreements.WITHIN", -1.0)
    said = await tried(desk)
    assert (said["looked_at"], said["complete"]) == (0, False)


async def test_a_sample_has_so_many_objects(
    desk: PartnerRoutes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agreement_preview, "MAX_SAMPLE", 1)
    sample = (await tried(desk))["sample"]
    assert (len(sample["features"]), sample["left_out"]) == (1, 1)


@pytest.mark.parametrize(
    ("said", "parameter"),
    [
        ({"partner": "AUS-X"}, "partner"),
        ({"hours": 0}, "hours"),
        ({"hours": 25}, "hours"),
        ({"text": 7}, "text"),
    ],
)
async def test_a_trial_that_is_asked_for_wrongly_says_what_is_wrong(
    desk: PartnerRoutes, said: Any, parameter: str
) -> None:
    body = {"text": TEXT.decode(), **said}
    answer = await desk.page.send(f"{PATH}/preview", body, BOSS)
    assert (answer.status_code, answer.json()["parameter"]) == (400, parameter)


async def test_a_text_by_which_this_node_gives_nothing_is_refused(desk: PartnerRoutes) -> None:
    body = {"text": TEXT.decode().replace("NZL-A ->", "FJI-B ->").replace("-> FJI-B", "-> NZL-A")}
    answer = await desk.page.send(f"{PATH}/preview", body, BOSS)
    assert answer.status_code in (200, 400)
    assert answer.json().get("parameter") == "text" or not answer.json()["ok"]
