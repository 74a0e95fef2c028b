from pathlib import Path
from typing import Any

import pytest

from accord.api.commitments import COMMITMENTS, Standpoint, routes
from accord.api.openapi import document
from accord.desks.commitment import store as store_module
from accord.desks.commitment.store import COMMITMENTS as FILE
from accord.desks.commitment.store import CommitmentStore
from support.clock import ManualClock
from support.page import AROHA, LOOKER, Asking, Page
from support.schema import faults
from support.statements import STATEMENT

HERE = Standpoint(
    nation="NZL", tied=lambda now: lambda clause: f"clause {clause.number} at {now:%Y}"
)


@pytest.fixture
def page(tmp_path: Path) -> Page:
    store = CommitmentStore(tmp_path / FILE)
    store.prepare()
    asking = Asking()
    callers = asking.as_callers()
    return Page(asking, routes(store, callers, at=HERE, clock=ManualClock()))


async def added(page: Page) -> None:
    answer = await page.send(COMMITMENTS, {"text": STATEMENT})
    assert answer.status_code == 201
    assert answer.json() == {"id": "JOINT", "clauses": 3, "new": True}


async def say(page: Page, who: Any = AROHA, **said: Any) -> Any:
    return await page.send(f"{COMMITMENTS}/JOINT/notes", said, who)


def described(answer: Any, path: str) -> list[str]:
    whole = document()
    paths: Any = whole["paths"]
    responses = paths[path]["get"]["responses"]
    schema = responses["200"]["content"]["application/json"]["schema"]
    return faults(answer.json(), schema, whole, closed=True)


async def test_the_register_tells_what_we_owe_and_what_we_are_owed(page: Page) -> None:
    await added(page)
    await say(page, clause=1, event="confirmed")
    answer = await page.get(COMMITMENTS, on="2026-05-02")
    said = answer.json()
    assert (said["nation"], said["on"]) == ("NZL", "2026-05-02")
    (owe,) = said["owe"]
    assert (owe["clause"], owe["progress"], owe["confirmed_by"]) == (1, "late", "aroha")
    assert owe["binding"] == "adds a deployment"
    assert owe["standing"] == "invented"
    assert owe["tied"] == "clause 1 at 2026"
    assert [each["progress"] for each in said["owed"]] == ["not confirmed"]
    assert [each["progress"] for each in said["others"]] == ["not measurable"]
    assert [each["sentence"] for each in said["unread"]] == [4]
    assert described(answer, COMMITMENTS) == []


async def test_one_statement_is_told_with_what_was_said_of_it(page: Page) -> None:
    await added(page)
    await say(page, clause=2, event="confirmed", day="2026-03-01")
    stands = await say(page, clause=2, event="kept", day="2026-03-31", text="seen")
    assert stands.status_code == 200
    assert [each["progress"] for each in stands.json()["clauses"]] == [
        "not confirmed", "kept", "not measurable",
    ]  # fmt: skip
    answer = await page.get(f"{COMMITMENTS}/JOINT")
    said = answer.json()
    assert said["notes"] == stands.json()["notes"]
    assert [each["clause"] for each in said["clauses"]] == [1, 2, 3]
    _, note = said["notes"]
    assert (note["clause"], note["event"], note["day"], note["by"], note["text"]) == (
        2, "kept", "2026-03-31", "aroha", "seen",
    )  # fmt: skip
    assert said["added_by"] == "aroha"
    assert described(answer, f"{COMMITMENTS}/{{id}}") == []


async def test_a_note_without_a_day_is_about_today(page: Page) -> None:
    await added(page)
    await say(page, clause=1, event="confirmed")
    (note,) = (await page.get(f"{COMMITMENTS}/JOINT")).json()["notes"]
    assert note["day"] == "2026-01-02"


async def test_who_may_look_may_not_change(page: Page) -> None:
    assert (await page.send(COMMITMENTS, {"text": STATEMENT}, LOOKER)).status_code == 403
    await added(page)
    assert (await say(page, LOOKER, clause=1, event="kept")).status_code == 403
    assert (await page.get(COMMITMENTS, LOOKER)).status_code == 200
    assert (await page.get(COMMITMENTS, None)).status_code == 401
    assert (await page.get(f"{COMMITMENTS}/JOINT", None)).status_code == 401


async def test_what_is_wrong_is_told_and_nothing_is_taken(page: Page) -> None:
    wrong = await page.send(COMMITMENTS, {"text": STATEMENT.replace("conf: C", "conf: D")})
    assert wrong.status_code == 400
    assert "line 7" in wrong.json()["detail"]
    assert (await page.get(COMMITMENTS)).json()["owe"] == []
    assert (await page.get(f"{COMMITMENTS}/JOINT")).status_code == 404
    assert (await say(page, clause=1, event="kept")).status_code == 404
    await added(page)
    for said, status in (
        ({"clause": 9, "event": "kept"}, 404),
        ({"clause": 0, "event": "kept"}, 400),
        ({"event": "kept"}, 400),
        ({"clause": 1, "event": "liked"}, 400),
        ({"clause": 1, "event": "kept", "day": "soon"}, 400),
    ):
        assert (await say(page, **said)).status_code == status
    assert (await page.get(COMMITMENTS, on="soon")).status_code == 400


async def test_what_cannot_be_said_of_a_clause_is_a_conflict(page: Page) -> None:
    await added(page)
    for said in ({"clause": 1, "event": "kept"}, {"clause": 3, "event": "broken"}):
        answer = await say(page, **said)
        assert answer.status_code == 409
    assert "binds nothing measurable" in answer.json()["detail"]


async def test_a_statement_that_says_nothing_new_is_told_as_that(page: Page) -> None:
    await added(page)
    answer = await page.send(COMMITMENTS, {"text": STATEMENT})
    assert (answer.status_code, answer.json()["new"]) == (201, False)


async def test_a_full_register_and_a_lost_file_are_told_apart(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "MOST", 0)
    assert (await page.send(COMMITMENTS, {"text": STATEMENT})).status_code == 409
    (tmp_path / FILE).unlink()
    assert (await page.get(COMMITMENTS)).status_code == 503
