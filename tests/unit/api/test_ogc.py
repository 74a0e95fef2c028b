from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from accord.api.history import Around as AroundHistory
from accord.api.ogc import Ogc
from accord.api.story import Shelves
from accord.api.track_json import FormOf
from accord.api.tracks import Around, Tracks
from accord.core.body import Position, Shape
from accord.core.geometry import Polyline
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.core.report import Report
from accord.live import past as live_past
from accord.picture.picture import Picture, PictureSettings
from accord.wire.page.translate import Given
from support.builders import a_point, a_report
from support.clock import ManualClock
from support.past import keep
from support.released import after, heard
from support.sign_in import KIWI, a_browser, a_desk, answering

NOTHING = Shelves(
    directory=Path("nowhere"), own="NZL-X", segments=lambda _: (), report_of=lambda _: None
)
RED = frozenset({"Red"})


class Gis:
    """A picture and a journal, and what answers for them; it is a quarter past six."""

    def __init__(self, directory: Path, kept: tuple[Report, ...]) -> None:
        (directory / "desk").mkdir()
        self.desk = a_desk(directory / "desk")
        self.past = keep(directory, kept)
        self.picture = Picture(PictureSettings())
        self.form_of: FormOf = lambda _: None
        self.clock = ManualClock(after(900))

    def has(self, *reports: Report) -> None:
        for each in reports:
            self.picture.apply(each)

    @asynccontextmanager
    async def browser(self, certificate: bytes | None = KIWI) -> AsyncIterator[httpx.AsyncClient]:
        clock = self.clock
        tracks = Tracks(
            Around(
                picture=self.picture, settings=PictureSettings(), shelves=NOTHING,
                form_of=self.form_of, clock=clock,
            ),
            self.desk.callers,
        )  # fmt: skip
        history = AroundHistory(past=self.past, form_of=lambda _: None, clock=clock, nation="NZL")
        ogc = Ogc(tracks, history, self.desk.callers)
        async with a_browser(answering(ogc.routes()), certificate=certificate) as asking:
            yield asking
        ogc.close()
        tracks.close()

    async def get(self, path: str, **parameters: Any) -> httpx.Response:
        async with self.browser() as asking:
            return await asking.get(path, params=parameters)

    async def ids(self, collection: str, **parameters: Any) -> list[str]:
        said = (await self.get(f"/ogc/collections/{collection}/items", **parameters)).json()
        assert said["numberReturned"] == len(said["features"])
        return [each["properties"]["uid"] for each in said["features"]]

    async def pages(self, collection: str, **parameters: Any) -> list[list[str]]:
        """Every page, by the links that lead from one to the next."""
        found: list[list[str]] = []
        async with self.browser() as asking:
            answer = await asking.get(f"/ogc/collections/{collection}/items", params=parameters)
            while True:
                said = answer.json()
                found.append([each["properties"]["uid"] for each in said["features"]])
                more = [each["href"] for each in said["links"] if each["rel"] == "next"]
                if not more:
                    return found
                answer = await asking.get(more[0])


Make = Callable[..., Gis]


@pytest.fixture
def gis(tmp_path: Path) -> Make:
    return lambda *kept: Gis(tmp_path, kept)


PLAIN = ("/ogc", "/ogc/", "/ogc/conformance", "/ogc/api", "/ogc/collections")


@pytest.mark.parametrize(
    "path",
    [*PLAIN, "/ogc/collections/tracks", "/ogc/collections/tracks/items",
     "/ogc/collections/positions/items", "/ogc/collections/tracks/items/U1"],
)  # fmt: skip
async def test_nobody_we_know_is_told_nothing(gis: Make, path: str) -> None:
    async with gis().browser(certificate=None) as asking:
        assert (await asking.get(path)).status_code == 401


async def test_the_landing_page_leads_to_everything(gis: Make) -> None:
    node = gis()
    async with node.browser() as asking:
        said = (await asking.get("/ogc")).json()
        by_rel = {each["rel"]: each for each in said["links"]}
        # OGC 17-069r4, requirement 2: service-desc, conformance and data
        assert {"self", "service-desc", "conformance", "data"} == by_rel.keys()
        for link in by_rel.values():
            answer = await asking.get(link["href"])
            assert answer.headers["content-type"] == link["type"]


async def test_it_says_which_classes_it_keeps_to(gis: Make) -> None:
    said = (await gis().get("/ogc/conformance")).json()
    prefix = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"
    assert set(said["conformsTo"]) == {f"{prefix}{each}" for each in ("core", "oas30", "geojson")}


async def test_the_definition_names_every_path_and_its_parameters(gis: Make) -> None:
    said = (await gis().get("/ogc/api")).json()
    assert said["openapi"].startswith("3.0")
    items = said["paths"]["/collections/{collectionId}/items"]["get"]["parameters"]
    assert {"bbox", "datetime", "limit", "kind"} <= {each["name"] for each in items}
    assert len(said["paths"]) == 8
    for path in said["paths"].values():
        assert "datetime" in {each["name"] for each in path["get"]["parameters"]}


async def test_both_collections_are_described(gis: Make) -> None:
    node = gis()
    said = (await node.get("/ogc/collections")).json()
    assert [each["id"] for each in said["collections"]] == ["tracks", "positions"]
    (one, _) = said["collections"]
    assert (await node.get("/ogc/collections/tracks")).json() == one
    assert {"self", "items"} <= {each["rel"] for each in one["links"]}
    assert (await node.get("/ogc/collections/ships")).status_code == 404
    assert (await node.get("/ogc/collections", colour="red")).status_code == 400


async def test_a_track_is_a_feature_with_flat_properties(gis: Make) -> None:
    node = gis()
    body = Position(point=a_point(circular_error=float("inf")), course=90.0, speed=5.0)
    node.has(a_report(body=body, identity=Identity(callsign="KIWI", mmsi="512000001")))
    answer = await node.get("/ogc/collections/tracks/items")
    assert answer.headers["content-type"] == "application/geo+json"
    (feature,) = answer.json()["features"]
    assert feature["geometry"] == {"type": "Point", "coordinates": [174.77, -41.28]}
    properties = feature["properties"]
    assert (feature["id"], properties["mmsi"], properties["course"]) == ("U1", "512000001", 90.0)
    assert not any(isinstance(each, dict | list) for each in properties.values())
    one = (await node.get("/ogc/collections/tracks/items/U1")).json()
    assert one["properties"] == properties
    assert {"self", "collection"} <= {each["rel"] for each in one["links"]}
    assert (await node.get("/ogc/collections/tracks/items/U2")).status_code == 404


async def test_tracks_are_chosen_by_box_kind_and_time(gis: Make) -> None:
    node = gis()
    node.has(
        a_report("A"),
        a_report("B", kind=Kind.of("a-n-S-X")),
        a_report("C", body=Position(point=a_point(lat=10.0))),
        a_report("D", at=after(60)),
        a_report("E", groups=RED),
    )
    assert await node.ids("tracks") == ["A", "B", "C", "D"]
    assert await node.ids("tracks", bbox="174,-42,175,-41") == ["A", "B", "D"]
    assert await node.ids("tracks", kind="a-n-S") == ["B"]
    assert await node.ids("tracks", datetime=f"{after(0):%Y-%m-%dT%H:%M:%SZ}/..") == ["D"]


async def test_tracks_come_in_pages(gis: Make) -> None:
    node = gis()
    node.has(*(a_report(f"U{number}") for number in range(5)))
    assert await node.pages("tracks", limit=2) == [["U0", "U1"], ["U2", "U3"], ["U4"]]


async def test_positions_of_the_past_come_in_pages(gis: Make) -> None:
    node = gis(*(heard(f"S{n % 3}", 60 * n, at=(-17.0 - n / 10, 178.0)) for n in range(5)))
    assert await node.pages("positions", limit=2) == [["S0", "S1"], ["S2", "S0"], ["S1"]]
    assert await node.pages("positions", bbox="177,-17.25,179,-16") == [["S0", "S1", "S2"]]
    at = f"{after(60):%Y-%m-%dT%H:%M:%SZ}"
    assert await node.ids("positions", datetime=at) == ["S1"]
    assert await node.ids("positions", kind="a-n") == []


@pytest.mark.parametrize(
    "asked", [{}, {"datetime": f"{after(-60):%Y-%m-%dT%H:%M:%SZ}/.."},
              {"datetime": f"../{after(3600):%Y-%m-%dT%H:%M:%SZ}"}]
)  # fmt: skip
async def test_pages_of_the_past_end_where_the_first_was_asked_for(
    gis: Make, asked: dict[str, str]
) -> None:
    node = gis(*(heard(f"S{n}", 10 * n) for n in range(20)))
    node.clock = ManualClock(after(35))
    found: list[str] = []
    async with node.browser() as asking:
        where: list[str] = ["/ogc/collections/positions/items"]
        parameters: dict[str, str] | None = {**asked, "limit": "1", "kind": "a"}
        while where:
            said = (await asking.get(where[0], params=parameters)).json()
            found += [each["properties"]["uid"] for each in said["features"]]
            where = [each["href"] for each in said["links"] if each["rel"] == "next"]
            parameters = None
            node.clock.advance(seconds=10)  # by which one position more has come
    assert found == ["S0", "S1", "S2", "S3"]


async def test_a_page_of_the_past_ends_where_too_much_was_looked_at(
    gis: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_past, "MOST_LOOKED", 2)
    node = gis(*(heard(f"S{n}", n, at=(10.0 if n < 3 else -17.0, 178.0)) for n in range(5)))
    assert await node.pages("positions", bbox="177,-18,179,-16") == [[], ["S3"], ["S4"]]


async def test_a_position_of_the_past_is_asked_for_by_its_identifier(gis: Make) -> None:
    node = gis(heard("S0", 0), heard("S1", 60))
    said = (await node.get("/ogc/collections/positions/items")).json()
    for feature in said["features"]:
        one = (await node.get(f"/ogc/collections/positions/items/{feature['id']}")).json()
        assert (one["id"], one["properties"]) == (feature["id"], feature["properties"])
    for wrong in ("99.0", "1.7", "x"):
        answer = await node.get(f"/ogc/collections/positions/items/{wrong}")
        assert answer.status_code == 404


async def test_what_is_of_other_groups_is_not_in_the_past(gis: Make) -> None:
    node = gis(heard("S0", 0), replace(heard("S1", 1), groups=RED))
    assert await node.ids("positions") == ["S0"]


async def test_parameters_that_there_are_not_are_refused(gis: Make) -> None:
    node = gis()
    for wrong in ({"colour": "red"}, {"limit": "x"}, {"bbox": "1"}, {"cursor": "?"}):
        answer = await node.get("/ogc/collections/positions/items", **wrong)
        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/problem+json"


async def test_the_schema_has_every_property_that_features_have(gis: Make) -> None:
    node = gis(heard("S0", 0))
    node.has(a_report(uid="S1"))
    for name in ("tracks", "positions"):
        said = await node.get(f"/ogc/collections/{name}/schema")
        assert said.headers["content-type"] == "application/schema+json"
        columns = said.json()["properties"]["properties"]["properties"]
        (feature,) = (await node.get(f"/ogc/collections/{name}/items")).json()["features"]
        assert set(feature["properties"]) <= set(columns)
        assert columns["received"]["format"] == "date-time"


async def test_a_time_that_an_address_has_is_taken_everywhere_and_handed_on_once(
    gis: Make,
) -> None:
    node = gis(heard("S0", 0), heard("S1", 60))
    time = f"{after(0):%Y-%m-%dT%H:%M:%SZ}/.."
    for path in ("", "/api", "/collections", "/collections/positions"):
        assert (await node.get(f"/ogc{path}", datetime=time)).status_code == 200, path
        assert (await node.get(f"/ogc{path}", datetime="noon")).status_code == 400, path
    async with node.browser() as asking:
        twice = httpx.QueryParams([("limit", "1"), ("datetime", time), ("datetime", time)])
        said = (await asking.get("/ogc/collections/positions/items", params=twice)).json()
    (more,) = (each["href"] for each in said["links"] if each["rel"] == "next")
    assert more.count("datetime=") == 1


async def test_a_drawing_is_a_line(gis: Make) -> None:
    node = gis()
    points = (a_point(), a_point(lat=-41.0))
    node.has(a_report("D", body=Shape(outline=Polyline(points=points))))
    (feature,) = (await node.get("/ogc/collections/tracks/items")).json()["features"]
    assert feature["geometry"]["type"] == "LineString"


async def test_what_came_on_a_grid_is_its_cell_and_says_its_form(gis: Make) -> None:
    it = gis()
    it.form_of = lambda _: Given("grid-1nm", on_grid=True)
    it.has(a_report(body=Position(point=a_point(circular_error=1852.0))))
    (said,) = (await it.get("/ogc/collections/tracks/items")).json()["features"]
    assert said["geometry"]["type"] == "Polygon"
    lats = [corner[1] for corner in said["geometry"]["coordinates"][0]]
    assert max(lats) - min(lats) == pytest.approx(2 / 60, rel=0.01)  # 2 NM of latitude
    assert said["properties"]["form"] == "grid-1nm"
