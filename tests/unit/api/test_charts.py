from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from accord.api.chart_settings import ChartSettings
from accord.api.charts import CHARTS, Charts
from accord.api.openapi import document
from accord.api.tile_source import Tile, TileFault, TileSource
from support.page import LOOKER, Asking, Page
from support.schema import faults

DOCUMENT: Any = document()
SEA = ChartSettings(url="https://charts.example/{z}/{x}/{y}", title="The sea", max_zoom=9)
HARBOUR = ChartSettings(file="harbour.geojson", attribution="Harbour master", min_zoom=8)


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    (tmp_path / "harbour.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    asking = Asking()
    gone = ChartSettings(file="gone.pmtiles")
    charts = Charts(tmp_path, {"sea": SEA, "harbour": HARBOUR, "gone": gone}, asking.as_callers())
    yield Page(asking, charts.routes())
    charts.close()


async def test_charts_are_told_to_who_has_signed_in_but_not_where_they_are_from(
    page: Page,
) -> None:
    answer = (await page.get(CHARTS, LOOKER)).json()
    schema = DOCUMENT["paths"][CHARTS]["get"]["responses"]["200"]["content"]["application/json"]
    assert faults(answer, schema["schema"], DOCUMENT, closed=True) == []
    assert answer["charts"][1:] == [
        {
            "name": "harbour", "title": "harbour", "kind": "geojson",
            "attribution": "Harbour master", "min_zoom": 8, "max_zoom": 18,
        },
        {
            "name": "sea", "title": "The sea", "kind": "tiles", "attribution": "", "min_zoom": 0,
            "max_zoom": 9,
        },
    ]  # fmt: skip


async def test_a_file_is_answered_by_range(page: Page) -> None:
    answer = await page.get(f"{CHARTS}/harbour/file")
    assert answer.json()["type"] == "FeatureCollection"
    assert answer.headers["content-type"] == "application/geo+json"
    assert answer.headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize("name", ["gone", "sea", "nothing", "..%2Fharbour"])
async def test_what_is_no_file_of_a_chart_is_not_there(page: Page, name: str) -> None:
    assert (await page.get(f"{CHARTS}/{name}/file")).status_code == 404


async def test_a_tile_is_fetched_by_the_node(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def fetch(_: TileSource, *tile: int) -> Tile:
        asked.append(tile)
        return Tile(b"PNG", "image/png")

    monkeypatch.setattr(TileSource, "fetch", fetch)
    answer = await page.get(f"{CHARTS}/sea/9/511/3")
    assert (answer.content, answer.headers["content-type"]) == (b"PNG", "image/png")
    for outside in ("sea/10/0/0", "sea/9/512/0", "sea/9/0/512", "harbour/9/0/0", "none/0/0/0"):
        assert (await page.get(f"{CHARTS}/{outside}")).status_code == 404
    assert asked == [(9, 511, 3)]


async def test_a_server_that_has_no_tile_is_said(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetch(*_: Any) -> Tile:
        raise TileFault("its server answers 500")

    monkeypatch.setattr(TileSource, "fetch", fetch)
    answer = await page.get(f"{CHARTS}/sea/0/0/0")
    assert (answer.status_code, answer.json()["detail"]) == (
        502,
        "the chart sea: its server answers 500",
    )


@pytest.mark.parametrize("where", ["0/0/1", "1/2/0", "-1/0/0", "0/x/0", "0/0/" + "9" * 5_000])
async def test_what_is_no_tile_is_asked_of_nobody(page: Page, where: str) -> None:
    assert (await page.get(f"{CHARTS}/sea/{where}")).status_code == 404


@pytest.mark.parametrize("path", ["", "/harbour/file", "/sea/0/0/0"])
async def test_nobody_else_gets_a_chart(page: Page, path: str) -> None:
    assert (await page.get(CHARTS + path, None)).status_code == 401
