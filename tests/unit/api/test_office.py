"""What administrators did, and that what is done by other routes is noted too."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from accord.api import office as office_file
from accord.api.office import Office
from accord.storage.people import People
from support.clock import ManualClock
from support.office import BOSS, AtDesk, at_desk, described
from support.page import AROHA, Asking, Page


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncGenerator[AtDesk]:
    async with at_desk(tmp_path) as made:
        yield made


async def test_acts_are_told_newest_first_page_by_page(
    desk: AtDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office_file, "ACTS_SHOWN", 2)
    for name in ("lock", "unlock", "lock"):
        await desk.does("POST", f"users/moana/{name}")
    first = await desk.get("acts")
    assert described(first, "get", "acts") == []
    assert [each["what"] for each in first["acts"]] == ["user lock", "user unlock"]
    rest = await desk.page.get("/api/v1/admin/acts", BOSS, before=str(first["next"]))
    assert [each["number"] for each in rest.json()["acts"]] == [1]
    assert rest.json()["next"] is None
    for wrong in ("x", "-1", "\u0661", "9" * 20):
        answer = await desk.page.get("/api/v1/admin/acts", BOSS, before=wrong)
        assert answer.status_code == 400


async def test_what_an_administrator_does_by_a_route_of_another_part_is_noted(
    tmp_path: Path,
) -> None:
    path = tmp_path / "people.sqlite"
    People(path).create()
    asking = Asking()
    office = Office(path, asking.as_callers(), ManualClock())

    async def answer(request: Request) -> Response:
        return Response(status_code=409 if request.path_params.get("id") == "bad" else 204)

    routes = [
        Route("/x/{id}/pause", answer, methods=["POST"]),
        Route("/x/{id}/resume", answer, methods=["POST"]),
        Mount("/y", routes=[]),
    ]
    named = {"POST /x/{id}/pause": "agreement pause"}
    page = Page(asking, office.noting(routes, named))
    for path_ in ("/x/A/pause", "/x/bad/pause", "/x/A/resume"):
        await page.send(path_, {}, BOSS)
    assert [(e.act.what, e.act.whom) for e in office.acts.newest()] == [("agreement pause", "A")]
    assert (await page.send("/x/A/resume", {}, AROHA)).status_code == 204
