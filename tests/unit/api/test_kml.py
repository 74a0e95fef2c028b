from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import etree

from accord.api.kml import EVERY, NAMESPACE, Kml
from accord.api.story import Shelves
from accord.api.track_json import FormOf
from accord.api.tracks import Around, Tracks
from accord.core.body import Alarm, Opaque, Position, Shape
from accord.core.context import Context
from accord.core.geometry import Circle, Polyline
from accord.core.identity import Identity
from accord.core.report import Report
from accord.picture.picture import Picture, PictureSettings
from accord.wire.geojson.xml import read_kml
from accord.wire.page.translate import Given
from support.builders import a_point, a_report
from support.sign_in import BY_CERTIFICATE, KIWI, a_browser, a_desk, answering

NOTHING = Shelves(
    directory=Path("nowhere"), own="NZL-X", segments=lambda _: (), report_of=lambda _: None
)


OWN = ("node.example", "10.0.0.7", "fd00::7")


class Viewer:
    def __init__(self, directory: Path) -> None:
        self.desk = a_desk(directory)
        self.picture = Picture(PictureSettings())
        self.form_of: FormOf = lambda _: None

    @asynccontextmanager
    async def browser(self, certificate: bytes | None = KIWI) -> AsyncIterator[httpx.AsyncClient]:
        around = Around(
            picture=self.picture, settings=PictureSettings(), shelves=NOTHING,
            form_of=self.form_of, clock=self.desk.clock,
        )  # fmt: skip
        tracks = Tracks(around, self.desk.callers)
        kml = Kml(tracks, self.desk.callers, lambda asked: asked if asked in OWN else OWN[0])
        served = answering(kml.routes())
        async with a_browser(served, certificate=certificate) as asking:
            yield asking
        tracks.close()

    async def get(self, path: str, *reports: Report, **parameters: Any) -> Any:
        for each in reports:
            self.picture.apply(each)
        async with self.browser() as asking:
            answer = await asking.get(path, params=parameters)
        assert answer.headers["content-type"] == "application/vnd.google-earth.kml+xml"
        return etree.fromstring(answer.content)


@pytest.fixture
def viewer(tmp_path: Path) -> Viewer:
    return Viewer(tmp_path)


def texts(of: Any, path: str) -> list[str]:
    return [each.text for each in of.iterfind(path, {"k": NAMESPACE})]


@pytest.mark.parametrize("path", ["/kml/link.kml", "/kml/tracks.kml"])
async def test_nobody_we_know_is_told_nothing(viewer: Viewer, path: str) -> None:
    async with viewer.browser(certificate=None) as asking:
        assert (await asking.get(path)).status_code == 401


async def test_the_link_leads_to_the_tracks_with_the_same_search(viewer: Viewer) -> None:
    said = await viewer.get("/kml/link.kml", kind="a-n-S", q="A&B")
    (href,) = texts(said, ".//k:href")
    assert href.startswith("https://")
    assert href.endswith("/kml/tracks.kml?kind=a-n-S&q=A%26B")
    assert texts(said, ".//k:refreshInterval") == [str(EVERY)]


@pytest.mark.parametrize(
    ("host", "leads_to"),
    [
        ("node.example:8443", "node.example:8443"),
        ("10.0.0.7", "10.0.0.7"),
        ("[fd00::7]:8443", "[fd00::7]:8443"),
        ("evil.example:8443", "node.example:8443"),
        ("evil.example/x?", "node.example:8443"),
        ("node.example@evil.example", "node.example:8443"),
        ("node.example:99999", "node.example:8443"),
        ("", "node.example:8443"),
    ],
)
async def test_the_link_leads_to_this_node_whatever_host_is_asked_for(
    viewer: Viewer, host: str, leads_to: str
) -> None:
    async with viewer.browser() as asking:
        answer = await asking.get("/kml/link.kml", headers={"Host": host})
    (href,) = texts(etree.fromstring(answer.content), ".//k:href")
    assert href == f"https://{leads_to}/kml/tracks.kml"


async def test_a_track_is_a_placemark_with_its_time_and_who_it_is(viewer: Viewer) -> None:
    identity = Identity(callsign="KIWI <1>\x00", mmsi="512000001")
    body = Position(point=a_point(), course=90.0)
    said = await viewer.get("/kml/tracks.kml", a_report(identity=identity, body=body))
    assert texts(said, ".//k:Placemark/k:name") == ["KIWI <1> "]
    assert texts(said, ".//k:coordinates") == ["174.7700000,-41.2800000"]
    assert texts(said, ".//k:heading") == ["90.0"]
    assert texts(said, ".//k:when") == ["2026-01-02T03:04:05.678Z"]
    assert "512000001" in texts(said, ".//k:Data[@name='mmsi']/k:value")


async def test_drawings_are_lines_and_what_has_no_place_is_left_out(viewer: Viewer) -> None:
    points = (a_point(), a_point(lat=-41.0), a_point(lon=175.0))
    said = await viewer.get(
        "/kml/tracks.kml",
        a_report("A", body=Shape(outline=Polyline(points=points, closed=True))),
        a_report("B", body=Shape(outline=Circle(centre=a_point(), radius=100.0))),
        a_report("C", body=Alarm(category="911", point=a_point())),
        a_report("D", body=Position(point=None)),
        a_report("E", body=Opaque()),
    )
    found = read_kml(etree.tostring(said)).features
    assert [len(each.corners) for each in found] == [4, 1, 1]


async def test_what_is_of_an_exercise_or_old_or_a_call_for_help_says_so_in_its_name(
    viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    player = replace(BY_CERTIFICATE[KIWI], exercises=frozenset({"TASMAN"}))
    monkeypatch.setitem(BY_CERTIFICATE, KIWI, player)
    drill = Context.exercise("TASMAN")
    said = await viewer.get(
        "/kml/tracks.kml",
        a_report("A", context=drill, identity=Identity(callsign="KIWI")),
        a_report("B", context=drill, body=Alarm(category="911", point=a_point())),
        context="exercise:TASMAN",
    )
    assert texts(said, ".//k:Document/k:name") == ["Accord EXERCISE TASMAN"]
    assert texts(said, ".//k:Placemark/k:name") == [
        "EXERCISE TASMAN: KIWI", "EXERCISE TASMAN: CALL FOR HELP: CALL-B",
    ]  # fmt: skip
    link = await viewer.get("/kml/link.kml", context="exercise:TASMAN")
    assert texts(link, ".//k:NetworkLink/k:name") == ["Accord EXERCISE TASMAN"]


async def test_what_others_groups_hear_is_not_shown(viewer: Viewer) -> None:
    said = await viewer.get("/kml/tracks.kml", a_report("R", groups=frozenset({"Red"})))
    assert texts(said, ".//k:Placemark/k:name") == []


async def test_what_came_on_a_grid_is_its_cell(viewer: Viewer) -> None:
    viewer.form_of = lambda _: Given("grid-1nm", on_grid=True)
    said = await viewer.get(
        "/kml/tracks.kml", a_report(body=Position(point=a_point(circular_error=1852.0)))
    )
    assert texts(said, ".//k:Point/k:coordinates") == []
    (drawn,) = texts(said, ".//k:LineString/k:coordinates")
    corners = [tuple(map(float, each.split(","))) for each in drawn.split()]
    assert corners[0] == corners[-1]
    assert corners[2][1] - corners[0][1] == pytest.approx(2 / 60, rel=0.01)  # 2 NM of latitude
    assert texts(said, ".//k:Data[@name='form']/k:value") == ["grid-1nm"]
