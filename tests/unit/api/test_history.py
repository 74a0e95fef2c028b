from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from accord.api.history import MOST_TRAILS, Around, History
from accord.api.openapi import document
from accord.core.context import Context
from accord.core.report import Report
from accord.live.past import Past
from accord.wire.page.translate import Given
from support.clock import ManualClock
from support.past import keep
from support.released import after, heard
from support.schema import faults
from support.sign_in import KIWI, Desk, a_browser, a_desk, answering

DOCUMENT: Any = document()
RED = frozenset({"Red"})


class Asked:
    """A journal, and what answers for it; it is a quarter past six."""

    def __init__(self, desk: Desk, past: Past) -> None:
        self.desk = desk
        self.past = past
        self.forms: dict[str, Given] = {}

    @asynccontextmanager
    async def browser(self, certificate: bytes | None = KIWI) -> AsyncIterator[httpx.AsyncClient]:
        around = Around(
            past=self.past,
            form_of=lambda report: self.forms.get(report.uid),
            clock=ManualClock(after(900)),
            nation="NZL",
        )
        history = History(around, self.desk.callers)
        async with a_browser(answering(history.routes()), certificate=certificate) as asking:
            yield asking
        history.close()

    async def get(self, path: str, **parameters: Any) -> Any:
        async with self.browser() as asking:
            answer = await asking.get(path, params=parameters)
        return answer.json() if answer.status_code == 200 else answer

    async def trails(self, **said: Any) -> Any:
        async with self.browser() as asking:
            answer = await asking.post("/api/v1/trails", json=said)
        return answer.json() if answer.status_code == 200 else answer


Keeping = Callable[..., Asked]


@pytest.fixture
def keeping(tmp_path: Path) -> Keeping:
    (tmp_path / "desk").mkdir()

    def keeps(*reports: Report) -> Asked:
        return Asked(a_desk(tmp_path / "desk"), keep(tmp_path, reports))

    return keeps


def spelt(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def ship(at: float, uid: str = "SHIP-1", **changes: Any) -> Report:
    track = '<track course="45" speed="7.5"/>'
    return replace(heard(uid, at, at=(-17.9, 178.0 + at / 1e4), detail=track), **changes)


def is_described(said: Any, method: str, path: str) -> bool:
    content = DOCUMENT["paths"][path][method]["responses"]["200"]["content"]
    return faults(said, content["application/json"]["schema"], DOCUMENT, closed=True) == []


async def test_nobody_we_know_is_told_nothing(keeping: Keeping) -> None:
    async with keeping(ship(0)).browser(certificate=None) as asking:
        for path in ("/api/v1/history", "/api/v1/tracks/SHIP-1/history"):
            assert (await asking.get(path)).status_code == 401
        assert (await asking.post("/api/v1/trails", json={})).status_code == 401


async def test_what_is_held_is_told_by_channel(keeping: Keeping) -> None:
    said = await keeping(ship(0), ship(60)).get("/api/v1/history")
    assert said == {
        "now": spelt(after(900)), "from": spelt(after(0)), "to": spelt(after(60)),
        "channels": [{"channel": "tak", "from": spelt(after(0)), "to": spelt(after(60))}],
    }  # fmt: skip
    assert is_described(said, "get", "/api/v1/history")


async def test_of_channels_of_which_one_may_see_nothing_is_told_nothing(keeping: Keeping) -> None:
    red = ship(300, "R", groups=RED, source=replace(ship(0).source, channel="feed:red"))
    drill = ship(
        400, "D", context=Context.exercise("TASMAN"),
        source=replace(ship(0).source, channel="feed:drill"),
    )  # fmt: skip
    said = await keeping(ship(0), ship(60), red, drill).get("/api/v1/history")
    assert [each["channel"] for each in said["channels"]] == ["tak"]
    assert (said["from"], said["to"]) == (spelt(after(0)), spelt(after(60)))


async def test_where_nothing_is_held_that_is_told(keeping: Keeping) -> None:
    said = await keeping().get("/api/v1/history")
    assert (said["from"], said["to"], said["channels"]) == (None, None, [])
    assert is_described(said, "get", "/api/v1/history")


async def test_a_track_was_where_its_source_said_it_was(keeping: Keeping) -> None:
    said = await keeping(ship(0), ship(60)).get("/api/v1/tracks/SHIP-1/history")
    assert (said["uid"], said["count"], said["whole"]) == ("SHIP-1", 2, True)
    last = said["positions"][-1]
    assert (last["lat"], last["lon"], last["course"], last["speed"]) == (-17.9, 178.006, 45.0, 7.5)
    assert (last["source"], last["speaker"]) == ("tak", "kiwi-1")
    assert last["received"] == spelt(after(60))
    assert is_described(said, "get", "/api/v1/tracks/{uid}/history")


async def test_only_the_time_and_as_much_as_was_asked_for_is_told(keeping: Keeping) -> None:
    asked = keeping(*(ship(at) for at in range(0, 600, 60)))
    path = "/api/v1/tracks/SHIP-1/history"
    limits = {"from": spelt(after(60)), "to": spelt(after(180))}
    said = await asked.get(path, **limits)
    assert [each["received"] for each in said["positions"]] == [
        spelt(after(at)) for at in (60, 120, 180)
    ]
    whole = {"from": spelt(after(0)), "to": spelt(after(540))}
    said = await asked.get(path, limit=4, **whole)
    assert (said["count"], len(said["positions"])) == (10, 4)
    assert said["positions"][-1]["received"] == spelt(after(540))
    answer = await asked.get(path, limit=0)
    assert (answer.status_code, answer.json()["parameter"]) == (400, "limit")


async def test_what_one_may_not_see_was_nowhere(keeping: Keeping) -> None:
    asked = keeping(ship(0, groups=RED))
    said = await asked.get("/api/v1/tracks/SHIP-1/history")
    assert (said["count"], said["positions"]) == (0, [])
    assert (await asked.trails(uids=["SHIP-1"]))["trails"] == {}


async def test_what_was_released_on_a_grid_is_told_as_its_cell_and_has_no_trail(
    keeping: Keeping,
) -> None:
    asked = keeping(ship(0), ship(60, uid="SHIP-2"))
    asked.forms["SHIP-1"] = Given("coarse", on_grid=True)
    (position,) = (await asked.get("/api/v1/tracks/SHIP-1/history"))["positions"]
    assert (position["form"], len(position["cell"])) == ("coarse", 4)
    assert set((await asked.trails(uids=["SHIP-1", "SHIP-2"]))["trails"]) == {"SHIP-2"}


async def test_trails_are_of_those_that_are_asked_about_and_so_long(keeping: Keeping) -> None:
    asked = keeping(*(ship(at, uid=f"S{at % 120}") for at in range(0, 900, 60)))
    said = await asked.trails(uids=["S0", "S9"], minutes=5)
    assert said["whole"] is True
    assert set(said["trails"]) == {"S0"}
    start = int(after(0).timestamp() * 1000)
    assert said["trails"]["S0"] == [
        [start + at * 1000, 1_780_000_000 + at * 1000, -179_000_000] for at in (600, 720, 840)
    ]
    assert is_described(said, "post", "/api/v1/trails")
    then = int(after(130).timestamp() * 1000)
    said = await asked.trails(uids=["S0"], minutes=1, until=then)
    assert [each[0] for each in said["trails"]["S0"]] == [start + 120_000]


async def test_more_trails_than_are_told_at_once_are_refused(keeping: Keeping) -> None:
    asked = keeping()
    answer = await asked.trails(uids=[f"S{n}" for n in range(MOST_TRAILS + 1)])
    assert (answer.status_code, answer.json()["parameter"]) == (400, "uids")
    assert (await asked.trails(uids=[], minutes=121)).status_code == 400
    assert (await asked.trails(uids=[], context="x")).status_code == 400


async def test_a_journal_that_cannot_be_read_is_told(keeping: Keeping, tmp_path: Path) -> None:
    asked = keeping(ship(0))
    (tmp_path / "journal.sqlite").write_bytes(b"no database, but long enough to be looked at" * 9)
    answer = await asked.get("/api/v1/history")
    assert answer.status_code == 503
    assert "journal cannot be read" in answer.json()["detail"]


async def test_a_node_that_stops_gives_up_what_was_asked(keeping: Keeping) -> None:
    asked = keeping(ship(0))
    around = Around(past=asked.past, form_of=lambda _: None, clock=ManualClock(after(900)),
                    nation="NZL")  # fmt: skip
    history = History(around, asked.desk.callers)
    course = asked.past.course

    def course_of_one_that_stops(about: Any, uid: str) -> Any:
        history.close()
        return course(about, uid)

    asked.past.course = course_of_one_that_stops  # type: ignore[method-assign]
    async with a_browser(answering(history.routes()), certificate=KIWI) as asking:
        answer = await asking.get("/api/v1/tracks/SHIP-1/history")
    assert (answer.status_code, answer.json()["detail"]) == (503, "this node stops")
