import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from accord.api import ledgers
from accord.api.ledgers import PATH
from accord.release.ledger.entry import Count, Recall, Receipt, Refusals
from accord.wire.peer.plain import content_bytes
from accord.wire.peer.record import Outcome
from accord.wire.peer.record import Receipt as Answered
from support.page import AROHA, LOOKER
from support.partner_routes import BOSS, PartnerRoutes, at, described
from support.released import GIVER, RECEIVER, GivingNode, after, heard
from support.small_agreement import ID

SHIP = heard("SHIP-1", 10)
LEDGER = f"{PATH}/{RECEIVER}"
DROPPED = Answered(recall=bytes(32), outcome=Outcome.DROPPED, objects=3, at=1)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[PartnerRoutes]:
    """A ledger of five lines: two releases, a refusal, a recall and its receipt."""
    node = GivingNode.make(tmp_path / "node")
    node.release(SHIP, after(12))
    node.release(heard("SHIP-2", 11), after(13))
    counts = (Count(clause="0", reason="FORBIDDEN", sort="a-f-S", count=4),)
    node.note(
        after(20),
        Refusals(agreement=ID, serial=1, since=after(0), until=after(20), counts=counts),
    )
    node.note(
        after(30),
        Recall(by=GIVER, agreement=ID, serial=1, clause=None, name="SHIP-1", reason="x", frame=9),
    )
    node.note(after(31), Receipt(by=RECEIVER, frame=4, statement=content_bytes(DROPPED)))
    node.ledger()
    made = PartnerRoutes(node, at(60))
    yield made
    made.close()


async def lines(desk: PartnerRoutes, **query: str) -> Any:
    answer = await desk.page.get(LEDGER, BOSS, **query)
    assert answer.status_code == 200, answer.text
    assert described(answer, "get", "/api/v1/ledger/{partner}") == []
    return answer.json()


def numbers(said: Any) -> list[int]:
    return [each["number"] for each in said["lines"]]


async def test_lines_come_newest_first_with_how_far_they_are_signed(desk: PartnerRoutes) -> None:
    said = await lines(desk)
    assert numbers(said) == [5, 4, 3, 2, 1]
    assert (said["size"], said["signed"], said["pruned"], said["next"]) == (5, 0, 0, None)
    release = said["lines"][-1]
    assert (release["kind"], release["name"], release["form"]) == ("release", "SHIP-1", "exact")


async def test_a_receipt_says_what_the_partner_answered(desk: PartnerRoutes) -> None:
    (receipt,) = (await lines(desk, kind="receipt"))["lines"]
    assert (receipt["outcome"], receipt["objects"]) == ("DROPPED", 3)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"kind": "release"}, [2, 1]),
        ({"uid": "SHIP-1"}, [4, 1]),
        ({"clause": "1"}, [2, 1]),
        ({"clause": "0"}, [3]),
        ({"agreement": ID}, [4, 3, 2, 1]),
        ({"agreement": "OTHER"}, []),
        ({"from": "2027-03-01T06:00:20Z"}, [5, 4, 3]),
        ({"uid": "SHIP-1", "kind": "recall"}, [4]),
    ],
)
async def test_lines_are_narrowed_by_kind_clause_object_agreement_and_time(
    desk: PartnerRoutes, query: dict[str, str], found: list[int]
) -> None:
    assert numbers(await lines(desk, **query)) == found


async def test_what_does_not_fit_one_answer_is_asked_for_with_its_next(
    desk: PartnerRoutes,
) -> None:
    first = await lines(desk, limit="2")
    assert numbers(first) == [5, 4]
    second = await lines(desk, limit="2", cursor=first["next"])
    assert numbers(second) == [3, 2]
    last = await lines(desk, limit="2", cursor=second["next"])
    assert (numbers(last), last["next"]) == ([1], None)


async def test_an_answer_looks_at_so_many_lines_and_the_next_goes_on_from_there(
    desk: PartnerRoutes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledgers, "MAX_LOOKED", 2)
    said = await lines(desk, uid="SHIP-1", kind="release")
    assert numbers(said) == []
    said = await lines(desk, uid="SHIP-1", kind="release", cursor=said["next"])
    assert numbers(said) == []
    said = await lines(desk, uid="SHIP-1", kind="release", cursor=said["next"])
    assert (numbers(said), said["next"]) == ([1], None)


@pytest.mark.parametrize(
    "query",
    [
        {"kind": "nothing"}, {"from": "noon"}, {"from": "2027-03-01T06:00:00"}, {"limit": "0"},
        {"limit": "501"}, {"limit": "x"}, {"cursor": "?"}, {"cursor": "eA"}, {"more": "1"},
        {"uid": "x" * 1_025},
    ],
)  # fmt: skip
async def test_a_parameter_that_is_wrong_is_named(
    desk: PartnerRoutes, query: dict[str, str]
) -> None:
    answer = await desk.page.get(LEDGER, BOSS, **query)
    assert answer.status_code == 400
    assert answer.json()["parameter"] in query


@pytest.mark.parametrize(("who", "status"), [(None, 401), (LOOKER, 403), (AROHA, 403)])
async def test_only_administrators_read_ledgers(desk: PartnerRoutes, who: Any, status: int) -> None:
    assert (await desk.page.get(LEDGER, who)).status_code == status
    assert (await desk.page.send(f"{LEDGER}/verify", {}, who)).status_code == status


async def test_there_is_no_ledger_of_a_stranger(desk: PartnerRoutes) -> None:
    assert (await desk.page.get(f"{PATH}/AUS-X", BOSS)).status_code == 404
    assert (await desk.page.send(f"{PATH}/AUS-X/verify", {}, BOSS)).status_code == 404


async def verified(desk: PartnerRoutes) -> Any:
    assert (await lines(desk))["verified"] is None
    answer = await desk.page.send(f"{LEDGER}/verify", {}, BOSS)
    assert answer.status_code == 204
    async with asyncio.timeout(30):
        await desk.changed.wait()
    said = await lines(desk)
    assert not said["verifying"]
    return said["verified"]


async def test_a_ledger_is_verified_when_that_is_asked_for_and_pages_are_told(
    desk: PartnerRoutes,
) -> None:
    found = await verified(desk)
    assert (found["ok"], found["size"], found["findings"]) == (True, 5, [])
    assert found["at"] == "2027-03-01T06:01:00Z"


async def test_a_line_that_was_altered_is_found(desk: PartnerRoutes) -> None:
    path = desk.node.directory / "ledger" / f"{RECEIVER}.sqlite"
    with sqlite3.connect(path) as file:
        file.execute("DROP TRIGGER entry_stays")
        file.execute("UPDATE entry SET data = x'00' WHERE number = 2")
    file.close()
    found = await verified(desk)
    assert not found["ok"]
    assert found["findings"][0]["first"] == 2


@pytest.mark.parametrize("query", [{}, {"uid": "SHIP-1"}, {"from": "2027-03-01T06:00:20Z"}])
async def test_a_line_that_cannot_be_read_is_shown_as_such_among_the_others(
    desk: PartnerRoutes, query: dict[str, str]
) -> None:
    path = desk.node.directory / "ledger" / f"{RECEIVER}.sqlite"
    with sqlite3.connect(path) as file:
        file.execute("DROP TRIGGER entry_stays")
        file.execute("UPDATE entry SET data = x'00' WHERE number = 3")
    file.close()
    said = await lines(desk, **query)
    assert (3, "unreadable") in [(each["number"], each["kind"]) for each in said["lines"]]
    assert 4 in numbers(said)
