from dataclasses import replace
from typing import Any, cast

import pytest

from accord.api.openapi import document
from accord.api.staging import REPLAY, news, routes
from accord.core.context import Context
from accord.core.geometry import Box
from accord.core.principal import Direction, Role
from support.page import AROHA, LOOKER, STRANGER, WIREMU, Asking, Page
from support.released import after, heard
from support.schema import faults
from support.staged import Theatre, Viewer

CHIEF = replace(WIREMU, name="chief", role=Role.ADMINISTRATOR)
DOCUMENT: Any = document()
BOX = [177.0, -20.0, 179.0, -15.0]


def spelt(seconds: float) -> str:
    return after(seconds).isoformat()


class Asked:
    """Who asks for replays, by a page of the node."""

    def __init__(self) -> None:
        self.theatre = Theatre(heard("S1", 0))
        asking = Asking()
        self.page = Page(
            asking, routes(self.theatre.stage, asking.as_callers(), self.theatre.clock, 8189)
        )

    async def begins(self, who: Any = AROHA, **more: Any) -> Any:
        said = {"from": spelt(5), "to": spelt(60), **more}
        return await self.page.send(REPLAY, said, who)

    async def steers(self, who: Any = AROHA, **said: Any) -> Any:
        return await self.page.send(REPLAY, said, who, method="PATCH")


@pytest.fixture
def asked() -> Asked:
    return Asked()


async def test_a_replay_is_begun_and_stands_as_the_document_says(asked: Asked) -> None:
    nothing = (await asked.page.get(REPLAY)).json()
    assert nothing == {"replay": None, "port": 8189, "fastest": 600}
    answer = await asked.begins(speed=60, area=BOX, groups=["Blue"])
    assert answer.status_code == 201
    Viewer(asked.theatre.room, AROHA)
    now = (await asked.page.get(REPLAY)).json()
    schema = DOCUMENT["components"]["schemas"]["ReplayNow"]
    for each in (nothing, answer.json(), now):
        assert list(faults(each, schema, DOCUMENT, closed=True)) == []
    said = now["replay"]
    assert (said["by"], said["speed"], said["playing"], said["whole"]) == ("aroha", 60, True, True)
    assert (said["area"], said["groups"], said["clients"]) == (BOX, ["Blue"], 1)
    to_play = asked.theatre.stage.on and asked.theatre.stage.on.to_play
    assert to_play is not None
    assert (to_play.since, to_play.until) == (after(5), after(60))
    assert to_play.area == Box(west=177.0, south=-20.0, east=179.0, north=-15.0)
    assert (await asked.begins()).status_code == 409


@pytest.mark.parametrize(
    ("said", "parameter"),
    [({"from": "noon"}, "from"), ({"from": 5}, "from"), ({"to": spelt(5)}, "from"),
     ({"from": "2026-01-01T00:00:00Z"}, "from"), ({"speed": 0}, "speed"), ({"speed": 601}, "speed"),
     ({"speed": 1.5}, "speed"), ({"area": [1, 2, 3]}, "area"), ({"area": "here"}, "area"),
     ({"area": [0, 20, 1, 10]}, "area"), ({"groups": "Blue"}, "groups"),
     ({"context": "plan:x"}, "context"), ({"colour": "red"}, "colour")],
)  # fmt: skip
async def test_what_cannot_be_played_is_refused_with_its_reason(
    asked: Asked, said: dict[str, Any], parameter: str
) -> None:
    answer = await asked.begins(**said)
    assert answer.status_code in (400, 403)
    assert answer.json()["parameter"] == parameter if answer.status_code == 400 else True
    assert asked.theatre.stage.on is None


async def test_it_ends_no_later_than_now(asked: Asked) -> None:
    await asked.begins(to=spelt(100_000))
    assert asked.theatre.stage.on is not None
    assert asked.theatre.stage.on.to_play.until == asked.theatre.clock.now()


async def test_who_may_only_look_begins_none_nor_does_another_sites_page(asked: Asked) -> None:
    assert (await asked.begins(LOOKER)).status_code == 403
    said = {"from": spelt(5), "to": spelt(60)}
    assert (await asked.page.send(REPLAY, said, own=False)).status_code == 403
    assert (await asked.begins(groups=["Red"])).status_code == 403
    assert (await asked.begins(context="exercise:TASMAN")).status_code == 403


async def test_whoever_began_it_steers_it_and_an_administrator_does(asked: Asked) -> None:
    for does in (asked.steers(speed=5), asked.page.send(REPLAY, {}, method="DELETE")):
        assert (await does).status_code == 404
    await asked.begins()
    assert (await asked.steers(WIREMU, speed=5)).status_code == 403
    told = (await asked.steers(at=spelt(30), speed=5, playing=False)).json()["replay"]
    assert (told["at"], told["speed"], told["playing"]) == ("2027-03-01T06:00:30Z", 5, False)
    assert (await asked.steers(CHIEF, playing=True)).json()["replay"]["speed"] == 5
    for wrong in ({"playing": "yes"}, {"at": "noon"}, {"speed": 0}, {"to": spelt(5)}):
        assert (await asked.steers(**wrong)).status_code == 400
    ended = await asked.page.send(REPLAY, {}, CHIEF, method="DELETE")
    assert (ended.status_code, asked.theatre.stage.on) == (204, None)


async def test_nobody_hears_of_groups_of_a_replay_that_he_does_not_hear(asked: Asked) -> None:
    both = replace(AROHA, groups={**AROHA.groups, "Red": Direction.BOTH})
    assert (await asked.begins(both, groups=["Blue", "Red"])).status_code == 201
    assert (await asked.page.get(REPLAY)).json()["replay"]["groups"] == ["Blue"]
    assert (await asked.page.get(REPLAY, both)).json()["replay"]["groups"] == ["Blue", "Red"]
    only_green = replace(AROHA, groups={"Green": Direction.BOTH})
    assert (await asked.page.get(REPLAY, only_green)).json()["replay"] is None
    said, may_know = news(asked.theatre.stage)
    assert "groups" not in cast("dict[str, object]", said["replay"])
    asked.page.asking.who = only_green
    assert not may_know(asked.page.asking.caller)
    assert (await asked.steers(only_green, speed=5)).status_code == 404


async def test_who_plays_is_named_only_to_whoever_may_know_of_it(asked: Asked) -> None:
    assert (await asked.begins(groups=["Blue"])).status_code == 201
    only_green = replace(WIREMU, groups={"Green": Direction.BOTH})
    told = await asked.begins(only_green)
    assert (told.status_code, "aroha" in told.text) == (409, False)
    assert told.json()["detail"] == "one is played already; it ends before another begins"
    for who in (WIREMU, replace(only_green, role=Role.ADMINISTRATOR)):
        assert (await asked.begins(who)).json()["detail"].startswith("aroha plays one already")


async def test_an_administrator_steers_and_ends_one_of_groups_that_he_does_not_hear(
    asked: Asked,
) -> None:
    both = replace(AROHA, groups={"Blue": Direction.BOTH, "Red": Direction.BOTH})
    chief = replace(CHIEF, groups={"Green": Direction.BOTH})
    assert (await asked.begins(both, groups=["Blue", "Red"])).status_code == 201
    for answer in (await asked.page.get(REPLAY, chief), await asked.steers(chief, speed=5)):
        told = answer.json()["replay"]
        assert (told["by"], told["groups"]) == ("aroha", [])
        assert "Blue" not in answer.text
    _, may_know = news(asked.theatre.stage)
    asked.page.asking.who = chief
    assert may_know(asked.page.asking.caller)
    ended = await asked.page.send(REPLAY, {}, chief, method="DELETE")
    assert (ended.status_code, asked.theatre.stage.on) == (204, None)


async def test_nobody_hears_of_a_replay_of_an_exercise_that_he_is_not_in(asked: Asked) -> None:
    player = replace(AROHA, exercises=frozenset({"TASMAN"}))
    assert (await asked.begins(player, context=str(Context.exercise("TASMAN")))).status_code == 201
    assert (await asked.page.get(REPLAY, STRANGER)).json()["replay"] is None
    assert (await asked.steers(CHIEF, speed=5)).status_code == 404
    said, may_know = news(asked.theatre.stage)
    asked.page.asking.who = STRANGER
    assert not may_know(asked.page.asking.caller)
    asked.page.asking.who = player
    assert may_know(asked.page.asking.caller)
    assert said["t"] == "played"
    assert asked.theatre.stage.on is not None
    asked.theatre.stage.end(asked.theatre.stage.on, "enough")
    said, may_know = news(asked.theatre.stage)
    assert (said["replay"], may_know(asked.page.asking.caller)) == (None, True)
