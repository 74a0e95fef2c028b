from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from accord.api import partners
from accord.api.partner_picture import Seen, Shown
from accord.api.partners import PATH, Answered, AskedBack, WantedBack
from accord.release.ledger.entry import Count, Entry, Refusals, Release
from accord.storage.agreements import AGREEMENTS, Agreements, Pause
from support.page import AROHA, LOOKER, STRANGER
from support.partner_routes import BOSS, OTHER_BOSS, STATUS, PartnerRoutes, at, described
from support.released import RECEIVER, GivingNode, after, heard
from support.small_agreement import ID

SHIP, CAR = heard("SHIP-1", 10), heard("CAR-1", 5, kind="a-f-G-E-V", at=(-17.5, 178.4))
PICTURE = f"{PATH}/{RECEIVER}/picture"
RECALLS = f"{PATH}/{RECEIVER}/recalls"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[PartnerRoutes]:
    """A node that released a ship, and a car whose report is not kept any more."""
    node = GivingNode.make(tmp_path / "node")
    node.journal([SHIP])
    node.release(SHIP, after(12))
    node.release(CAR, after(13))
    counts = (Count(clause="0", reason="FORBIDDEN", sort="a-f-S", count=4),)
    node.note(after(20), Refusals(agreement=ID, serial=1, since=after(0), until=after(20),
                                  counts=counts))  # fmt: skip
    node.ledger()
    made = PartnerRoutes(node, at(60))
    yield made
    made.close()


async def the_partner(desk: PartnerRoutes, who: Any = LOOKER) -> Any:
    answer = await desk.page.get(PATH, who)
    assert described(answer, "get", "/api/v1/partners") == []
    (partner,) = answer.json()["partners"]
    return partner


async def test_whoever_signs_in_is_told_how_partners_are_and_what_went_by_which_clause(
    desk: PartnerRoutes,
) -> None:
    partner = await the_partner(desk)
    assert (partner["node"], partner["state"]) == (RECEIVER, "up")
    assert partner["waiting_bytes"] == {"chat": 900}
    assert (partner["budget_second"], partner["budget_day"]) == (None, 1_000_000)
    released = {
        (each["clause"], each["form"]): each["count"] for each in partner["hour"]["released"]
    }
    assert released == {("1", "exact"): 1, ("2", "quiet"): 1}
    (withheld,) = partner["day"]["withheld"]
    assert (withheld["clause"], withheld["reason"], withheld["count"]) == ("0", "FORBIDDEN", 4)
    assert (await desk.page.get(PATH, None)).status_code == 401


async def test_an_agreement_that_is_paused_names_by_whom_since_when_and_why(
    desk: PartnerRoutes,
) -> None:
    held = Agreements(desk.node.directory / AGREEMENTS)
    held.pause(ID, Pause(by="boss", at=after(30), reason="wrong area"))
    (agreement,) = (await the_partner(desk))["agreements"]
    assert agreement["paused"] == {
        "by": "boss", "at": "2027-03-01T06:00:30Z", "reason": "wrong area",
    }  # fmt: skip


async def test_a_ledger_that_cannot_be_read_hides_no_partner(desk: PartnerRoutes) -> None:
    (desk.node.directory / "ledger" / f"{RECEIVER}.sqlite").write_bytes(b"torn")
    assert "is no ledger" in (await the_partner(desk))["ledger_fault"]


async def picture(desk: PartnerRoutes, who: Any = AROHA, **query: str) -> Any:
    answer = await desk.page.get(PICTURE, who, **query)
    assert answer.status_code == 200, answer.text
    assert described(answer, "get", "/api/v1/partners/{node}/picture") == []
    return answer.json()


async def test_the_picture_of_a_partner_is_what_had_been_released_to_it(
    desk: PartnerRoutes,
) -> None:
    said = await picture(desk)
    (feature,) = said["features"]
    assert feature["geometry"] == {"type": "Point", "coordinates": [178.0, -17.9]}
    properties = feature["properties"]
    assert (properties["form"], properties["clause"], properties["line"]) == ("exact", "1", 1)
    assert (properties["meta"]["uid"], properties["meta"]["cell"]) == ("SHIP-1", None)
    assert [each["count"] for each in said["gone"]] == [1]
    assert (await picture(desk, at="2027-03-01T06:00:11Z"))["features"] == []


async def test_of_a_partners_picture_one_sees_what_one_hears_and_how_much_is_hidden(
    desk: PartnerRoutes,
) -> None:
    said = await picture(desk, STRANGER)
    assert (said["features"], said["hidden"]) == ([], 1)
    said = await picture(desk, OTHER_BOSS)
    assert (said["features"], said["hidden"]) == ([], 1)


async def test_contexts_do_not_mix_in_a_partners_picture(desk: PartnerRoutes) -> None:
    said = await picture(desk, context="exercise:TASMAN 26")
    assert (said["features"], said["elsewhere"]) == ([], 1)


async def test_a_picture_has_so_many_objects_and_says_how_many_more_there_are(
    desk: PartnerRoutes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partners, "MOST_SHOWN", 0)
    said = await picture(desk)
    assert (said["features"], said["left_out"]) == ([], 1)


async def test_what_there_is_no_time_for_is_missing_and_said_to_be(
    desk: PartnerRoutes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partners, "WITHIN", -1.0)
    said = await picture(desk)
    assert (said["features"], said["since"]) == ([], None)
    assert said["gone"] == [{"why": "there was no time to look for it", "count": 2}]
    monkeypatch.setattr("accord.node.rebuilt.LOOKED_AT", 1)
    said = await picture(desk)
    assert (said["gone"], said["since"]) == ([], "2027-03-01T06:00:13Z")


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        (f"{PATH}/AUS-X/picture", {}, 404),
        (PICTURE, {"at": "noon"}, 400),
        (PICTURE, {"at": "2027-03-01T06:00:00"}, 400),
        (PICTURE, {"at": "0001-01-01T00:00:00+14:00"}, 400),
        (PICTURE, {"at": "9999-12-31T23:59:59-14:00"}, 400),
        (PICTURE, {"context": "nowhere"}, 400),
        (PICTURE, {"context": "exercise:" + "x" * 300}, 400),
    ],
)
async def test_a_picture_that_is_asked_for_wrongly_is_refused(
    desk: PartnerRoutes, path: str, query: dict[str, str], status: int
) -> None:
    assert (await desk.page.get(path, AROHA, **query)).status_code == status


async def test_a_partner_without_a_ledger_has_no_picture(desk: PartnerRoutes) -> None:
    desk.statuses.append(replace(STATUS, node="AUS-X"))
    assert (await desk.page.get(f"{PATH}/AUS-X/picture")).status_code == 404


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ({"uid": "SHIP-1"}, ("SHIP-1", "", "")),
        ({"agreement": ID}, ("", ID, "")),
        ({"agreement": ID, "clause": "1"}, ("", ID, "1")),
    ],
)
async def test_an_administrator_has_something_called_back_with_a_reason(
    desk: PartnerRoutes, said: dict[str, str], wanted: tuple[str, str, str]
) -> None:
    answer = await desk.page.send(RECALLS, {**said, "reason": " sent in error "}, BOSS)
    assert (answer.status_code, answer.json()) == (201, {"number": 1})
    uid, agreement, clause = wanted
    asked = WantedBack(partner=RECEIVER, uid=uid, agreement=agreement, clause=clause)
    assert desk.called_back == [(asked, "sent in error", "boss")]
    ((by, note),) = desk.notes
    assert by == "boss"
    assert f"asked {RECEIVER} to drop" in note
    assert note.endswith("sent in error")
    assert "SHIP-1" not in note


@pytest.mark.parametrize(
    ("who", "said", "status"),
    [
        (None, {"uid": "SHIP-1", "reason": "x"}, 401),
        (LOOKER, {"uid": "SHIP-1", "reason": "x"}, 403),
        (AROHA, {"uid": "SHIP-1", "reason": "x"}, 403),
        (BOSS, {"uid": "SHIP-1"}, 400),
        (BOSS, {"uid": "SHIP-1", "reason": " "}, 400),
        (BOSS, {"uid": "SHIP-1", "reason": "x" * 501}, 400),
        (BOSS, {"uid": "SHIP-1", "reason": "two\nlines"}, 400),
        (BOSS, {"uid": "SHIP-1", "agreement": ID, "reason": "x"}, 400),
        (BOSS, {"clause": "1", "uid": "SHIP-1", "reason": "x"}, 400),
        (BOSS, {"reason": "x"}, 400),
    ],
)
async def test_nobody_else_and_nothing_else_is_called_back(
    desk: PartnerRoutes, who: Any, said: dict[str, str], status: int
) -> None:
    assert (await desk.page.send(RECALLS, said, who)).status_code == status
    assert desk.called_back == []


async def test_a_page_of_another_site_calls_nothing_back(desk: PartnerRoutes) -> None:
    said = {"uid": "SHIP-1", "reason": "x"}
    assert (await desk.page.send(RECALLS, said, BOSS, own=False)).status_code == 403
    assert desk.called_back == []


async def test_recalls_are_told_the_newest_first_with_what_the_partner_answered(
    desk: PartnerRoutes, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = Answered(agreement=ID, clause="", name="SHIP-1", outcome="DROPPED", objects=1)
    for number, state in enumerate(("answered", "told", "waits"), start=1):
        desk.recalls.append(
            AskedBack(number=number, at=after(number), by="boss", reason="x", uid="SHIP-1",
                      agreement="", clause="", state=state, refused="", answers=(said,))
        )  # fmt: skip
    assert (await the_partner(desk))["recalls_waiting"] == 2
    monkeypatch.setattr(partners, "MOST_RECALLS", 2)
    answer = await desk.page.get(RECALLS, BOSS)
    assert described(answer, "get", "/api/v1/partners/{node}/recalls") == []
    found = answer.json()
    assert ([each["number"] for each in found["recalls"]], found["more"]) == ([3, 2], 1)
    assert found["recalls"][0]["answers"][0]["outcome"] == "DROPPED"
    assert (await desk.page.get(RECALLS, AROHA)).status_code == 403


async def test_what_was_released_on_a_grid_is_shown_as_its_cell(
    desk: PartnerRoutes, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = desk.node.released[0][1]
    assert isinstance(line, Release)
    shown = Shown(Entry(1, after(12), RECEIVER, line), line, SHIP, on_grid=True)
    seen = Seen(
        partner=RECEIVER, at=after(60), shown=(shown,), gone=(), removed=0, recalled=0, beyond=0
    )
    monkeypatch.setattr("support.partner_routes.seen_by", lambda *_, **__: seen)
    (feature,) = (await picture(desk))["features"]
    west, south, east, north = feature["properties"]["meta"]["cell"]
    assert west < 178.0 < east
    assert south < -17.9 < north
