import json
from pathlib import Path
from typing import Any

import pytest

from accord.api import history_export
from accord.api.history_export import PATH, HistoryExport
from accord.storage.database import StorageFault
from accord.storage.history.archive import Archive
from accord.storage.history.look import After, Taken
from support.clock import ManualClock
from support.histories import AnyKept
from support.histories import kept as kept
from support.moving import a_row, nothing_more
from support.postgres import postgres as postgres
from support.released import after
from support.sign_in import KIWI, a_browser, a_desk, answering

WHEN = {"from": "2027-03-01T06:00:00Z", "to": "2027-03-01T07:00:00Z"}


class Asked:
    def __init__(self, tmp_path: Path, kept: AnyKept) -> None:
        self.kept = kept
        (tmp_path / "desk").mkdir()
        self.desk = a_desk(tmp_path / "desk")
        self.after: After = nothing_more

    async def get(self, *, certificate: bytes | None = KIWI, **parameters: Any) -> Any:
        archive = Archive(self.kept.source, self.after, memory=256 << 20)
        export = HistoryExport(archive, self.desk.callers, ManualClock(after(3600)))
        async with a_browser(answering(export.routes()), certificate=certificate) as asking:
            answer = await asking.get(PATH, params={"format": "geojson", **WHEN, **parameters})
        export.close()
        return answer


@pytest.fixture
def asked(tmp_path: Path, kept: AnyKept) -> Asked:
    return Asked(tmp_path, kept)


async def test_somebody_is_given_what_he_may_see_as_a_document(asked: Asked) -> None:
    asked.kept.take_in(a_row(0, uid="A"), a_row(1, uid="B", groups=("Red",)),
                       a_row(2, uid="C", context="exercise:TASMAN"))  # fmt: skip
    answer = await asked.get()
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/geo+json"
    assert answer.headers["x-accord-positions"] == "1"
    assert "history.geojson" in answer.headers["content-disposition"]
    (told,) = json.loads(answer.content)["features"]
    assert told["properties"]["uid"] == "A"
    answer = await asked.get(context="exercise:TASMAN")
    assert json.loads(answer.content)["features"] == []


async def test_what_was_released_on_a_grid_stays_a_cell(asked: Asked) -> None:
    asked.kept.take_in(a_row(0, cell=(177.0, -19.0, 179.0, -17.0), form="coarse"))
    (told,) = json.loads((await asked.get()).content)["features"]
    assert told["geometry"]["type"] == "Polygon"
    answer = await asked.get(format="gpx")
    assert (answer.headers["x-accord-left-out"], b"trkpt" in answer.content) == ("1", False)


async def test_uid_box_and_group_choose(asked: Asked) -> None:
    asked.kept.take_in(a_row(0, uid="A"), a_row(1, uid="B"), a_row(2, uid="C", lat=10.0))
    for parameters, count in (
        ({"uid": ["A", "C"]}, "2"), ({"bbox": "177,-19,179,-17"}, "2"),
        ({"group": "Blue"}, "3"), ({"group": "Red"}, "0"),
    ):  # fmt: skip
        chosen: Any = parameters
        answer = await asked.get(**chosen)
        assert answer.headers["x-accord-positions"] == count, parameters


@pytest.mark.parametrize(
    ("parameters", "which"),
    [
        ({"format": "doc"}, "format"),
        ({"colour": "red"}, "colour"),
        ({"bbox": "1,2"}, "bbox"),
        ({"from": "yesterday"}, "from"),
        ({"uid": "x" * 201}, "uid"),
        ({"uid": ["x"] * 33}, "uid"),
    ],
)
async def test_what_is_wrong_is_said(asked: Asked, parameters: Any, which: str) -> None:
    answer = await asked.get(**parameters)
    assert (answer.status_code, answer.json()["parameter"]) == (400, which)


async def test_nobody_we_know_is_given_nothing(asked: Asked) -> None:
    assert (await asked.get(certificate=None)).status_code == 401


async def test_too_much_is_refused_with_what_to_do(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_export, "MOST", 1)
    asked.kept.take_in(a_row(0), a_row(1))
    answer = await asked.get()
    assert answer.status_code == 413
    assert "ask for less" in answer.json()["detail"]


async def test_a_journal_that_cannot_be_read_is_said(asked: Asked) -> None:
    def broken(_era: int, _batch: int) -> Taken:
        raise StorageFault("it hangs")

    asked.after = broken
    answer = await asked.get()
    assert (answer.status_code, "it hangs" in answer.json()["detail"]) == (503, True)


async def test_a_node_that_stops_gives_up(asked: Asked, tmp_path: Path) -> None:
    asked.kept.take_in(*(a_row(n) for n in range(1100)))
    archive = Archive(asked.kept.source, nothing_more, memory=256 << 20)
    export = HistoryExport(archive, asked.desk.callers, ManualClock(after(3600)))
    export._is_over = True
    async with a_browser(answering(export.routes()), certificate=KIWI) as asking:
        answer = await asking.get(PATH, params={"format": "csv", **WHEN})
    assert (answer.status_code, answer.json()["detail"]) == (503, "this node stops")
    export.close()
