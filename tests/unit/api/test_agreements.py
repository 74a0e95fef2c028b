from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from accord.api.agreements import PATH, PAUSES
from accord.release.signature import Act
from accord.storage.agreements import AGREEMENTS, Agreements
from support.page import AROHA, LOOKER
from support.partner_routes import BOSS, PartnerRoutes, at, described
from support.released import RECEIVER, TEXT, GivingNode
from support.small_agreement import ID, signed

ONE = f"{PATH}/{ID}"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[PartnerRoutes]:
    made = PartnerRoutes(GivingNode.make(tmp_path / "node"), at(60))
    yield made
    made.close()


def held(desk: PartnerRoutes) -> Agreements:
    return Agreements(desk.node.directory / AGREEMENTS)


async def agreement(desk: PartnerRoutes) -> Any:
    answer = await desk.page.get(PATH, LOOKER)
    assert described(answer, "get", "/api/v1/agreements") == []
    (found,) = answer.json()["agreements"]
    return found


async def test_whoever_signs_in_is_told_what_this_node_holds_and_how_it_stands(
    desk: PartnerRoutes,
) -> None:
    found = await agreement(desk)
    assert (found["id"], found["serial"], found["state"]) == (ID, 1, "in force")
    assert found["receivers"] == [RECEIVER]
    assert [each["number"] for each in found["clauses"]] == ["0", "1", "2"]
    assert (await desk.page.get(PATH, None)).status_code == 401


async def test_one_has_its_text_as_it_was_signed(desk: PartnerRoutes) -> None:
    answer = await desk.page.get(ONE, LOOKER)
    assert described(answer, "get", "/api/v1/agreements/{id}") == []
    assert answer.json()["text"].encode() == TEXT
    assert (await desk.page.get(f"{PATH}/OTHER", LOOKER)).status_code == 404


async def test_one_that_a_party_suspended_or_that_is_torn_is_not_in_force_and_says_why(
    desk: PartnerRoutes,
) -> None:
    held(desk).add(signed(TEXT, Act.SUSPEND)[0])
    found = await agreement(desk)
    assert found["state"] == "not in force"
    assert "suspended" in " ".join(found["faults"])
    (text,) = (desk.node.directory / AGREEMENTS).glob("*/*/agreement.md")
    text.write_bytes(b"torn")
    found = await agreement(desk)
    assert (found["state"], found["title"]) == ("not in force", "")
    assert found["faults"]
    text.unlink()
    assert "cannot be read" in (await agreement(desk))["faults"][0]


async def test_an_administrator_pauses_and_resumes_and_the_watch_log_has_both(
    desk: PartnerRoutes,
) -> None:
    answer = await desk.page.send(f"{ONE}/pause", {"reason": "wrong area"}, BOSS)
    assert described(answer, "post", "/api/v1/agreements/{id}/pause") == []
    assert answer.json() == {"partners": [RECEIVER], "in_flight": 2}
    found = await agreement(desk)
    assert (found["state"], found["paused"]["by"]) == ("paused", "boss")
    again = await desk.page.send(f"{ONE}/pause", {"reason": "again"}, BOSS)
    assert again.status_code == 409
    assert (await desk.page.send(f"{ONE}/resume", {}, BOSS)).status_code == 204
    assert (await agreement(desk))["state"] == "in force"
    assert (await desk.page.send(f"{ONE}/resume", {}, BOSS)).status_code == 409
    assert desk.notes == [
        ("boss", f"paused agreement {ID} serial 1: wrong area"),
        ("boss", f"agreement {ID} serial 1 goes on"),
    ]


async def test_a_pause_is_told_to_whoever_signed_in_for_as_long_as_it_stands(
    desk: PartnerRoutes,
) -> None:
    assert (await desk.page.get(PAUSES, LOOKER)).json() == {"pauses": []}
    await desk.page.send(f"{ONE}/pause", {"reason": "wrong area"}, BOSS)
    answer = await desk.page.get(PAUSES, LOOKER)
    assert described(answer, "get", "/api/v1/pauses") == []
    (found,) = answer.json()["pauses"]
    assert (found["agreement"], found["serial"]) == (ID, 1)
    assert found["partners"] == [RECEIVER]
    assert (found["by"], found["reason"]) == ("boss", "wrong area")
    await desk.page.send(f"{ONE}/resume", {}, BOSS)
    assert (await desk.page.get(PAUSES, LOOKER)).json() == {"pauses": []}
    assert (await desk.page.get(PAUSES, None)).status_code == 401


@pytest.mark.parametrize(
    ("who", "said", "status"),
    [
        (None, {"reason": "x"}, 401),
        (LOOKER, {"reason": "x"}, 403),
        (AROHA, {"reason": "x"}, 403),
        (BOSS, {}, 400),
        (BOSS, {"reason": 7}, 400),
    ],
)
async def test_nobody_else_pauses_and_nobody_without_a_reason(
    desk: PartnerRoutes, who: Any, said: Any, status: int
) -> None:
    assert (await desk.page.send(f"{ONE}/pause", said, who)).status_code == status
    assert held(desk).paused() == []


async def test_what_is_not_held_cannot_be_paused(desk: PartnerRoutes) -> None:
    for act in ("pause", "resume"):
        answer = await desk.page.send(f"{PATH}/OTHER/{act}", {"reason": "x"}, BOSS)
        assert answer.status_code == 404


async def test_a_page_of_another_site_pauses_nothing(desk: PartnerRoutes) -> None:
    answer = await desk.page.send(f"{ONE}/pause", {"reason": "x"}, BOSS, own=False)
    assert answer.status_code == 403
    assert held(desk).paused() == []


async def test_only_administrators_try_texts(desk: PartnerRoutes) -> None:
    for who, status in ((None, 401), (LOOKER, 403), (AROHA, 403)):
        answer = await desk.page.send(f"{PATH}/preview", {"text": "x"}, who)
        assert answer.status_code == status
