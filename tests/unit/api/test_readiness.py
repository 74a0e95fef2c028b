import base64
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from accord.api.openapi import document
from accord.api.readiness import MAX_ROWS_AT_ONCE, READINESS, routes
from accord.core.principal import Direction, Principal
from accord.desks.readiness import store as store_module
from accord.desks.readiness.columns import Sheet
from accord.desks.readiness.desk import ReadinessDesk
from accord.desks.readiness.sheets import read_file
from accord.desks.readiness.statement import Heard, Standing, Statement
from accord.desks.readiness.store import ReadinessFault
from accord.desks.readiness.voice import StatementVoice
from accord.observe.log import Log
from support.clock import ManualClock
from support.page import AROHA, LOOKER, STRANGER, Asking, Page
from support.readiness import FIJI, FLEET, NOW, a_register, a_row, deployed, in_maintenance
from support.schema import faults
from support.tak import FakeNode

DOCUMENT: Any = document()
SOLDIER = Principal(
    name="soldier", groups={"Blue": Direction.BOTH}, exercises=frozenset({"TASMAN"})
)
UNIT = {
    "sheet": "units", "id": "NZL-2", "by": "HQ", "as_of": "2026-03-01",
    "values": {"partner": "NZL", "class": "MPA", "base": "NZ-OHA"},
}  # fmt: skip
LEVELS = a_row(
    Sheet.LEVELS, "L", unit="NZL-MPA", scheme="US-AR220-1", inputs="P 60, S 90, R 90, T 50",
    override_to="3", override_by="CO", override_reason="crew cross-decked this week",
)  # fmt: skip
AWAY = (
    in_maintenance("M", "NZL-MPA", capability="sar-air", from_="2026-05-01", to="2026-06-01"),
    deployed("D", "NZL-MPA", "2026-05-01", "2026-06-01"),
)


class Readiness:
    """A desk of NZL with a small fleet, and the page that asks it."""

    def __init__(self, directory: Path) -> None:
        self.clock = ManualClock(NOW)
        self.node = FakeNode()
        self.register = a_register(directory, *FLEET, LEVELS, *AWAY)
        self.desk = ReadinessDesk(
            self.register,
            StatementVoice(self.node.bridge.intake, node="NZL-A"),
            node="NZL-A",
            clock=self.clock,
            log=Log(self.clock),
        )
        asking = Asking()
        self.page = Page(asking, routes(self.desk, asking.as_callers(), own="NZL"))

    async def get(self, name: str, who: Any = AROHA, **query: str) -> Any:
        return await self.page.get(f"{READINESS}/{name}", who, **query)

    async def post(self, to: str, who: Any = AROHA, **said: Any) -> Any:
        return await self.page.send(f"{READINESS}/{to}", said, who)


@pytest.fixture
def readiness(tmp_path: Path) -> Readiness:
    return Readiness(tmp_path)


def stated() -> Heard:
    statement = Statement(
        capability="sar-air", standing=Standing.NOT_RELEASED, as_of=NOW - timedelta(days=1),
        until=NOW + timedelta(days=1),
    )  # fmt: skip
    return Heard(node="FRA-OPS", statement=statement, received=NOW)


async def test_the_board_is_for_everybody_of_the_nation(readiness: Readiness) -> None:
    readiness.register.store.keep(stated())
    for who in (AROHA, LOOKER):
        said = (await readiness.get("board", who)).json()
        assert (said["own"], said["notices"]) == ("NZL", [1, 24, 72, 240])
        assert said["oldest"] == "2026-03-01T00:00:00Z"
        rows = {each["capability"]: each["cells"] for each in said["rows"]}
        day = rows["sar-air"][1]
        assert (day["number"], day["at_least"]) == (4, [0.9375, 0.6875, 0.3125, 0.0625])
        assert (day["offered"], day["not_released"]) == (["NZL"], ["FRA"])
        assert rows["surveillance-air"][1]["no_report"] == ["FRA"]
    assert (await readiness.get("board", None)).status_code == 401


async def test_a_board_of_another_day(readiness: Readiness) -> None:
    after = (await readiness.get("board", at="2026-03-21")).json()
    assert all(cell["number"] == 0 for row in after["rows"] for cell in row["cells"])
    assert all(
        offer["stale"] for row in after["rows"] for cell in row["cells"] for offer in cell["offers"]
    )
    before = (await readiness.get("board", known="2026-03-01")).json()
    assert before["rows"] == []


async def test_every_value_has_who_said_it_and_stale_is_shown_as_stale(
    readiness: Readiness,
) -> None:
    said = (await readiness.get("register")).json()
    (unit,) = said["sheets"]["units"]
    assert unit["values"]["count"] == {
        "value": "4", "by": "HQ", "as_of": "2026-03-01T00:00:00Z",
        "valid_until": "2026-03-20T00:00:00Z", "confidence": "A", "stale": False,
        "entered": "2026-03-04T12:00:00Z", "person": "aroha",
    }  # fmt: skip
    assert list(said["columns"]["availability"])[:2] == ["unit", "capability"]
    later = (await readiness.get("register", at="2026-03-20")).json()
    assert later["sheets"]["units"][0]["stale"] is True
    assert later["sheets"]["units"][0]["values"]["count"]["stale"] is True


async def test_a_level_is_shown_with_its_table_and_who_moved_it(readiness: Readiness) -> None:
    (rating,) = (await readiness.get("register")).json()["ratings"]
    assert (rating["computed"], rating["reported"], rating["worst"]) == ("4", "3", ["P", "T"])
    assert (rating["moved_by"], rating["moved_because"]) == ("CO", "crew cross-decked this week")
    assert (rating["confidence"], rating["trouble"]) == ("B", "")
    assert rating["says"] == "many of it but not all"


async def test_a_record_has_its_history(readiness: Readiness) -> None:
    await readiness.post("rows", rows=[{**UNIT, "id": "NZL-MPA", "values": {"count": "3"},
                                        "as_of": "2026-03-02"}])  # fmt: skip
    entries = (await readiness.get("history", sheet="units", id="NZL-MPA")).json()["entries"]
    assert [(e["column"], e["value"]) for e in entries if e["column"] == "count"] == [
        ("count", "3"), ("count", "4"),
    ]  # fmt: skip


async def test_clashes_are_told(readiness: Readiness) -> None:
    (clash,) = (await readiness.get("clashes")).json()["clashes"]
    assert (clash["kind"], clash["first"], clash["second"]) == ("maintenance", "M", "D")


@pytest.mark.parametrize("query", [{}, {"sheet": "units"}])
async def test_what_is_exported_can_be_imported(
    readiness: Readiness, query: dict[str, str]
) -> None:
    answer = await readiness.get("export", LOOKER, **query)
    name = answer.headers["content-disposition"].partition('filename="')[2].rstrip('"')
    assert name == ("units.csv" if query else "readiness.xlsx")
    assert any(row.id == "NZL-MPA" for row in read_file(name, answer.content))
    data = base64.b64encode(answer.content).decode()
    again = await readiness.post("import", name=name, data=data)
    assert (again.status_code, again.json()["values"]) == (200, 0)


async def test_rows_are_taken_from_who_may_change_things(readiness: Readiness) -> None:
    answer = await readiness.post("rows", rows=[UNIT])
    assert answer.json() == {"rows": 1, "values": 3}
    units = (await readiness.get("register")).json()["sheets"]["units"]
    assert [each["id"] for each in units] == ["NZL-2", "NZL-MPA"]
    assert units[0]["values"]["base"]["person"] == "aroha"
    for name in ("rows", "import", "statements"):
        assert (await readiness.post(name, LOOKER)).status_code == 403
        assert (await readiness.post(name, None)).status_code == 401
        other = await readiness.page.send(f"{READINESS}/{name}", {}, own=False)
        assert other.status_code == 403


@pytest.mark.parametrize(
    ("name", "said", "detail"),
    [
        ("rows", {}, "rows are 1 to 1000"),
        ("rows", {"rows": []}, "rows are 1 to 1000"),
        ("rows", {"rows": [UNIT] * (MAX_ROWS_AT_ONCE + 1)}, "rows are 1 to 1000"),
        ("rows", {"rows": ["x"]}, "row 1 is no object"),
        ("rows", {"rows": [UNIT, {"sheet": "units"}]}, "row 2 has no values"),
        ("rows", {"rows": [{**UNIT, "sheet": "ships"}]}, "no such sheet; there are bases"),
        ("rows", {"rows": [{**UNIT, "by": ""}]}, "row 1: who said it?"),
        ("rows", {"rows": [{**UNIT, "values": {"count": 4}}]}, "count is missing or no text"),
        ("rows", {"rows": [{**UNIT, "values": {"count": "x"}}]}, "row 1, count: 'x' is no number"),
        ("rows", {"rows": [{**UNIT, "values": {**UNIT["values"], "class": "?"}}]},  # pyright: ignore[reportGeneralTypeIssues]
         "row 1, class: '?' is no id"),
        ("rows", {"rows": [UNIT], "context": "nowhere"}, "no such context"),
        ("import", {"name": "units.csv"}, "data is missing"),
        ("import", {"name": "units.csv", "data": "***"}, "data is no base64"),
        ("import", {"name": "units.csv", "data": "aWQK"}, "no column by"),
        ("statements", {"capability": "bombing"}, "there is no capability 'bombing'"),
        ("statements", {"capability": "sar-air", "marking": "?"}, "no portion mark"),
        ("statements", {"capability": "sar-air", "groups": ["Red"]}, "said into no group"),
        ("statements", {"capability": "sar-air", "context": "plan:x", "withhold": True},
         "it is no fact"),
    ],
)  # fmt: skip
async def test_what_is_not_right_changes_nothing_and_says_why(
    readiness: Readiness, name: str, said: dict[str, Any], detail: str
) -> None:
    before = (await readiness.get("register")).json()
    answer = await readiness.post(name, **said)
    assert answer.status_code == 400
    assert detail in answer.json()["detail"]
    assert (await readiness.get("register")).json() == before
    assert readiness.node.bridge.intake.accepted == 0


@pytest.mark.parametrize(
    ("name", "query", "status"),
    [
        ("board", {"at": "noon"}, 400),
        ("board", {"context": "nowhere"}, 400),
        ("board", {"context": "exercise:TASMAN"}, 403),
        ("board", {"context": "replay:1"}, 403),
        ("history", {"sheet": "ships"}, 400),
        ("export", {"sheet": "ships"}, 400),
    ],
)
async def test_a_question_that_cannot_be_answered_says_why(
    readiness: Readiness, name: str, query: dict[str, str], status: int
) -> None:
    answer = await readiness.get(name, **query)
    assert answer.status_code == status
    assert answer.json()["detail"]


async def test_a_plan_is_open_to_the_nation_and_never_mixes_with_live(
    readiness: Readiness,
) -> None:
    base = {
        "sheet": "bases", "id": "X", "by": "planner", "as_of": "2026-03-01", "confidence": "C",
        "values": {"name": "x", "country": "NZL", "role": "port", "lat": "0", "lon": "0"},
    }  # fmt: skip
    assert (await readiness.post("rows", rows=[base], context="plan:pacific")).status_code == 200
    plan = (await readiness.get("register", LOOKER, context="plan:pacific")).json()
    assert [each["id"] for each in plan["sheets"]["bases"]] == ["X"]
    assert plan["sheets"]["units"] == []
    live = (await readiness.get("register")).json()["sheets"]["bases"]
    assert [each["id"] for each in live] == ["NZ-OHA"]
    assert (await readiness.get("board", SOLDIER, context="exercise:TASMAN")).status_code == 200


async def test_a_statement_is_made_and_what_was_stated_is_shown(readiness: Readiness) -> None:
    readiness.register.store.keep(stated())
    answer = await readiness.post(
        "statements", capability="surveillance-air", marking="(U//REL TO FRA)"
    )
    assert answer.status_code == 201
    assert answer.json()["numbers"] == [0, 4, 4, 4]
    said = (await readiness.get("statements", STRANGER)).json()
    assert [(e["node"], e["statement"]["standing"]) for e in said["stated"]] == [
        ("FRA-OPS", "not released"), ("NZL-A", "offered"),
    ]  # fmt: skip
    assert [each["capability"] for each in said["could"]] == ["surveillance-air", "sar-air"]
    readiness.clock.advance(hours=24 * 60)
    nothing = await readiness.post("statements", capability="surveillance-air")
    assert nothing.status_code == 409


async def test_a_file_that_cannot_be_read_is_a_503_and_a_full_one_a_409(
    readiness: Readiness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "MOST_ENTRIES", 1)
    assert (await readiness.post("rows", rows=[UNIT])).status_code == 409

    def broken(*_: object, **__: object) -> Any:
        raise ReadinessFault("the register: disk I/O error")

    for name in ("standing", "history", "statements"):
        monkeypatch.setattr(readiness.register.store, name, broken)
    for name in ("board", "register", "clashes", "export", "statements"):
        assert (await readiness.get(name)).status_code == 503
    history = await readiness.get("history", sheet="units", id="X")
    assert history.status_code == 503


def schema_of(method: str, name: str, status: int) -> Any:
    responses = DOCUMENT["paths"][f"{READINESS}/{name}"][method]["responses"]
    (content,) = responses[str(status)]["content"].values()
    return content["schema"]


async def test_answers_are_as_described(readiness: Readiness) -> None:
    readiness.register.store.keep(stated())
    query = {"sheet": "units", "id": "NZL-MPA"}
    for name in ("board", "register", "history", "clashes", "statements"):
        answer = await readiness.get(name, **(query if name == "history" else {}))
        schema = schema_of("get", name, 200)
        assert faults(answer.json(), schema, DOCUMENT, closed=True) == []
    taken = await readiness.post("rows", rows=[UNIT])
    assert faults(taken.json(), schema_of("post", "rows", 200), DOCUMENT, closed=True) == []
    made = await readiness.post("statements", capability="sar-air")
    schema = schema_of("post", "statements", 201)
    assert faults(made.json(), schema, DOCUMENT, closed=True) == []


async def test_a_level_of_a_day_before_all_of_it_was_said_says_so(readiness: Readiness) -> None:
    row = {
        "sheet": "levels", "id": "L", "by": "CO", "as_of": "2026-02-01",
        "valid_until": "2026-02-08", "values": {"unit": "NZL-MPA"},
    }  # fmt: skip
    assert (await readiness.post("rows", rows=[row])).status_code == 200
    (rating,) = (await readiness.get("register", at="2026-02-02")).json()["ratings"]
    assert "there is no scheme ''" in rating["trouble"]


async def test_an_area_that_is_drawn_is_taken_in_cells(readiness: Readiness) -> None:
    drawn = {
        "id": "FIJI", "geojson": json.loads(FIJI), "name": "Round Fiji", "kind": "ops",
        "by": "ops room", "as_of": "2026-03-01",
    }  # fmt: skip
    assert (await readiness.post("areas", LOOKER, **drawn)).status_code == 403
    answer = await readiness.post("areas", **drawn)
    assert (answer.status_code, answer.json()) == (200, {"rows": 1, "values": 3})
    register = (await readiness.get("register")).json()
    (area,) = register["sheets"]["areas"]
    assert area["values"]["name"]["by"] == "ops room"
    for wrong, said in (
        ({"geojson": {"type": "Point"}}, "'Point' is no area"),
        ({"as_of": "soon"}, "'soon' is no time"),
        ({"kind": "sea"}, "'sea' is none of sar, eez, ops, box"),
        ({"id": 5}, "id is missing or no text"),
    ):
        refused = await readiness.post("areas", **{**drawn, **wrong})
        assert refused.status_code == 400
        assert said in refused.json()["detail"]


async def test_what_is_stated_is_told_until_it_is_taken_back(readiness: Readiness) -> None:
    said = {"capability": "sar-air", "withhold": True, "marking": "(U//REL TO USA)"}
    assert (await readiness.post("statements", **said)).status_code == 201
    answer = await readiness.get("statements")
    assert faults(answer.json(), schema_of("get", "statements", 200), DOCUMENT, closed=True) == []
    (told,) = answer.json()["told"]
    assert (told["capability"], told["groups"], told["by"]) == ("sar-air", ["Blue"], "aroha")
    path = f"{READINESS}/statements"

    async def stop(who: Any = AROHA, **more: str) -> int:
        body = {"capability": "sar-air", **more}
        return (await readiness.page.send(path, body, who, method="DELETE")).status_code

    assert await stop(LOOKER) == 403
    assert await stop() == 204
    assert await stop() == 404
    assert await stop(context="nowhere") == 400
    assert (await readiness.get("statements")).json()["told"] == []


async def test_a_file_that_is_lost_keeps_nothing_from_being_said(
    readiness: Readiness, tmp_path: Path
) -> None:
    (tmp_path / "readiness.sqlite").unlink()
    path = f"{READINESS}/statements"
    gone = await readiness.page.send(path, {"capability": "sar-air"}, method="DELETE")
    assert gone.status_code == 503
