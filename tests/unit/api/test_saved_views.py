from pathlib import Path
from typing import Any

import pytest

from accord.api.openapi import document
from accord.api.saved_views import MAX_NAME, MAX_VIEW, VIEWS, routes
from accord.storage import saved_views
from accord.storage.people import People
from accord.storage.saved_views import SavedViews
from support.clock import ManualClock
from support.page import AROHA, LOOKER, WIREMU, Asking, Page
from support.schema import faults

DOCUMENT: Any = document()
STRAITS = {"name": "Straits", "view": {"text": "ferry", "sources": ["feed:ais"]}}


@pytest.fixture
def page(tmp_path: Path) -> Page:
    path = tmp_path / "people.sqlite"
    People(path).create()
    asking = Asking()
    return Page(asking, routes(SavedViews(path), asking.as_callers(), ManualClock()))


async def test_a_view_is_there_again_for_who_saved_it_and_for_nobody_else(page: Page) -> None:
    assert (await page.send(VIEWS, STRAITS)).status_code == 204
    answer = await page.get(VIEWS)
    assert answer.json() == {"views": [STRAITS]}
    schema = DOCUMENT["paths"][VIEWS]["get"]["responses"]["200"]["content"]["application/json"]
    assert faults(answer.json(), schema["schema"], DOCUMENT, closed=True) == []
    assert (await page.get(VIEWS, WIREMU)).json() == {"views": []}


async def test_who_may_only_look_saves_views_too(page: Page) -> None:
    assert (await page.send(VIEWS, STRAITS, LOOKER)).status_code == 204
    assert (await page.get(VIEWS, LOOKER)).json() == {"views": [STRAITS]}


async def test_a_view_is_forgotten_and_then_not_found(page: Page) -> None:
    await page.send(VIEWS, STRAITS)
    gone = [await page.send(VIEWS, {"name": "Straits"}, method="DELETE") for _ in range(2)]
    assert [each.status_code for each in gone] == [204, 404]


@pytest.mark.parametrize(
    ("said", "who", "own", "status"),
    [
        ({"name": " ", "view": {}}, AROHA, True, 400),
        ({"name": "x" * (MAX_NAME + 1), "view": {}}, AROHA, True, 400),
        ({"name": "x", "view": []}, AROHA, True, 400),
        ({"name": "x", "view": {"text": "x" * MAX_VIEW}}, AROHA, True, 400),
        ({"name": "x", "view": {"text": "x" * 3 * MAX_VIEW}}, AROHA, True, 413),
        (STRAITS, None, True, 401),
        (STRAITS, AROHA, False, 403),
    ],
)
async def test_what_is_no_view_or_nobodys_is_not_saved(
    page: Page, said: Any, who: Any, own: bool, status: int
) -> None:
    assert (await page.send(VIEWS, said, who, own=own)).status_code == status
    assert (await page.get(VIEWS)).json() == {"views": []}


@pytest.mark.parametrize("value", [b"NaN", b"1e400", b'"\\ud800"', b"[" * 900 + b"]" * 900])
async def test_what_was_saved_can_always_be_told_again(page: Page, value: bytes) -> None:
    await page.send_bytes(VIEWS, b'{"name": "x", "view": {"within": ' + value + b"}}")
    assert (await page.get(VIEWS)).status_code == 200


async def test_too_many_are_refused_and_a_broken_register_is_no_fault_of_the_user(
    page: Page, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(saved_views, "MAX_VIEWS", 0)
    assert (await page.send(VIEWS, STRAITS)).status_code == 409
    (tmp_path / "people.sqlite").write_bytes(b"no database at all" * 100)
    assert (await page.get(VIEWS)).status_code == 503
