from pathlib import Path
from typing import Any

import pytest

from accord.api.drill import DRILL, routes
from accord.api.openapi import document
from accord.core.principal import Direction, Principal, Role
from accord.desks.watch.alert import Act, Entry
from accord.desks.watch.board import WatchSettings
from accord.desks.watch.desk import MAX_DRILL, Around, WatchDesk
from accord.desks.watch.store import WATCH, WatchStore
from accord.observe.log import Log
from support.clock import START, ManualClock
from support.health import a_status
from support.page import AROHA, LOOKER, Asking, Page
from support.schema import faults

DOCUMENT: Any = document()
CHIEF = Principal(name="chief", groups={"Blue": Direction.BOTH}, role=Role.ADMINISTRATOR)
TASMAN = {"name": "TASMAN 26", "by": "chief", "since": "2026-01-02T03:04:05Z"}


class Watch:
    def __init__(self, directory: Path) -> None:
        self.clock = ManualClock()
        self.store = WatchStore(directory / WATCH)
        self.store.prepare()
        self.told: list[Entry] = []
        around = Around(picture=list, status=a_status, tell=self.told.extend)
        self.desk = WatchDesk(
            self.store, WatchSettings(), around, clock=self.clock, log=Log(self.clock)
        )
        asking = Asking()
        self.page = Page(asking, routes(self.desk, asking.as_callers()))

    async def drill(self) -> Any:
        answer = (await self.page.get(DRILL, LOOKER)).json()
        schema = DOCUMENT["paths"][DRILL]["get"]["responses"]["200"]["content"]
        assert faults(answer, schema["application/json"]["schema"], DOCUMENT, closed=True) == []
        return answer["drill"]


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    return Watch(tmp_path)


async def test_a_drill_is_known_to_everybody_and_after_a_restart_until_it_is_ended(
    watch: Watch, tmp_path: Path
) -> None:
    assert await watch.drill() is None
    assert (await watch.page.send(DRILL, {"name": " TASMAN 26 "}, CHIEF)).status_code == 204
    expected = {**TASMAN, "since": START.isoformat().replace("+00:00", "Z")}
    assert await watch.drill() == expected
    again = Watch(tmp_path)
    assert await again.drill() == expected
    assert (await again.page.send(DRILL, {}, CHIEF, method="DELETE")).status_code == 204
    assert await Watch(tmp_path).drill() is None


async def test_begin_and_end_stand_in_the_log_under_a_name(watch: Watch) -> None:
    await watch.page.send(DRILL, {"name": "TASMAN 26"}, CHIEF)
    await watch.page.send(DRILL, {}, CHIEF, method="DELETE")
    await watch.page.send(DRILL, {}, CHIEF, method="DELETE")
    said = [(each.act, each.by, each.text, each.groups) for each in watch.told]
    assert said == [
        (Act.DRILL_BEGUN, "chief", "TASMAN 26", None),
        (Act.DRILL_ENDED, "chief", "TASMAN 26", None),
    ]
    assert watch.store.log() == watch.told[::-1]


@pytest.mark.parametrize(
    ("said", "who", "own", "status"),
    [
        ({"name": "TASMAN"}, AROHA, True, 403),
        ({"name": "TASMAN"}, LOOKER, True, 403),
        ({"name": "TASMAN"}, None, True, 401),
        ({"name": "TASMAN"}, CHIEF, False, 403),
        ({"name": "  "}, CHIEF, True, 400),
        ({"name": "TASMAN\u202e 26"}, CHIEF, True, 400),
        ({"name": "x" * (MAX_DRILL + 1)}, CHIEF, True, 400),
    ],
)
async def test_only_an_administrator_declares_a_drill_and_it_has_a_name(
    watch: Watch, said: Any, who: Any, own: bool, status: int
) -> None:
    assert (await watch.page.send(DRILL, said, who, own=own)).status_code == status
    assert await watch.drill() is None


async def test_what_cannot_be_kept_is_not_shown(watch: Watch, tmp_path: Path) -> None:
    await watch.page.send(DRILL, {"name": "TASMAN 26"}, CHIEF)
    (tmp_path / WATCH).write_bytes(b"no database at all" * 100)
    assert (await watch.page.send(DRILL, {}, CHIEF, method="DELETE")).status_code == 503
    assert (await watch.page.send(DRILL, {"name": "B"}, CHIEF)).status_code == 503
    assert (await watch.drill())["name"] == "TASMAN 26"
