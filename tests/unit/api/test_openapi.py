import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from accord.api import openapi, session
from accord.api.openapi import OPERATIONS, document
from accord.api.query import MANY, ONE
from accord.api.tracks import Around, Tracks
from accord.core.body import Alarm, Position
from accord.core.geometry import Point
from accord.core.report import Form, Original
from accord.node.kept import shelves
from accord.picture.picture import Picture, PictureSettings
from accord.wire.page.translate import Given
from support.builders import a_point, a_report
from support.released import GivingNode, after, heard
from support.schema import faults, resolved
from support.sign_in import KIWI, OWN_PAGE, PASSWORD, a_browser, a_desk, answering

DOCUMENT: Any = document()


def references(of: Any) -> Iterator[str]:
    if isinstance(of, dict):
        for key, value in of.items():
            if key == "$ref":
                yield value
            yield from references(value)
    elif isinstance(of, list | tuple):
        for each in of:
            yield from references(each)


def test_every_reference_leads_somewhere_and_nothing_is_there_in_vain() -> None:
    used = set(references(DOCUMENT))
    for each in used:
        resolved(each, DOCUMENT)
    for kind in ("schemas", "parameters"):
        there = {f"#/components/{kind}/{name}" for name in DOCUMENT["components"][kind]}
        assert there <= used


def test_the_parts_that_openapi_3_1_wants_are_there() -> None:
    # OpenAPI 3.1.0, 4.8.1, 4.8.2, 4.8.10, 4.8.12, 4.8.17
    assert DOCUMENT["openapi"] == "3.1.0"
    assert {"title", "version"} <= DOCUMENT["info"].keys()
    for path, methods in DOCUMENT["paths"].items():
        assert path.startswith("/")
        for operation in methods.values():
            assert operation["responses"]
            assert all(each["description"] for each in operation["responses"].values())
            given = [resolved(p["$ref"], DOCUMENT) for p in operation.get("parameters", ())]
            in_path = {each["name"] for each in given if each["in"] == "path"}
            assert in_path == set(re.findall(r"{(\w+)}", path))
            assert all(each["required"] for each in given if each["in"] == "path")


def test_the_parameters_of_a_search_are_those_that_are_read() -> None:
    (search,) = (each for each in OPERATIONS if each.path == "/api/v1/tracks")
    assert set(search.parameters) == MANY | ONE
    for name in search.parameters:
        schema = DOCUMENT["components"]["parameters"][name]["schema"]
        assert (schema["type"] == "array") is (name in MANY)


async def test_the_document_is_served_to_anybody() -> None:
    async with a_browser(answering(openapi.routes())) as asking:
        answer = await asking.get("/api/v1/openapi.json")
    assert answer.json() == DOCUMENT


def schema_of(method: str, path: str, status: int) -> Any:
    responses = DOCUMENT["paths"][path][method]["responses"]
    (content,) = responses[str(status)]["content"].values()
    return content["schema"]


@pytest.fixture
def everything(tmp_path: Path) -> Iterator[Any]:
    """An application with something of every sort in it, and a story."""
    node = GivingNode.make(tmp_path / "node")
    ship = heard("SHIP-1", 0)
    node.journal([ship])
    node.release(ship, after(2))
    node.ledger()
    (tmp_path / "desk").mkdir()
    desk, picture = a_desk(tmp_path / "desk"), Picture(PictureSettings())
    full = Point(lat=1.0, lon=2.0, hae=3.0, circular_error=4.0)
    for report in (
        replace(ship, received=desk.clock.now()),
        a_report("U1", body=Position(point=full, course=1.0, speed=2.0, climb=3.0)),
        a_report("U2", body=Position(point=None), original=Original(Form.AIS, b"!AIVDM")),
        a_report("U3", body=Alarm(category="911", point=a_point(circular_error=1.0)),
                 original=Original(Form.PEER, b"\x00")),
    ):  # fmt: skip
        picture.apply(report)
    around = Around(
        picture=picture,
        settings=PictureSettings(),
        shelves=shelves(node.directory),
        form_of=lambda _: Given("coarse", on_grid=True),
        clock=desk.clock,
    )
    tracks = Tracks(around, desk.callers)
    yield answering([*session.routes(desk.accounts, desk.callers), *tracks.routes()])
    tracks.close()
    desk.accounts.close()


@pytest.mark.parametrize(
    ("path", "uid"),
    [
        ("/api/v1/session", ""),
        ("/api/v1/tracks", ""),
        *(("/api/v1/tracks/{uid}", uid) for uid in ("SHIP-1", "U1", "U2", "U3")),
        ("/api/v1/tracks/{uid}/why", "SHIP-1"),
    ],
)
async def test_answers_are_as_described_and_nothing_is_left_undescribed(
    everything: Any, path: str, uid: str
) -> None:
    async with a_browser(everything, certificate=KIWI) as asking:
        answer = await asking.get(path.replace("{uid}", uid))
    assert answer.status_code == 200
    assert faults(answer.json(), schema_of("get", path, 200), DOCUMENT, closed=True) == []


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("post", "/api/v1/session", 200, {"name": "moana", "password": PASSWORD}),
        ("post", "/api/v1/session", 400, {"name": 7}),
        ("post", "/api/v1/session", 401, {"name": "moana", "password": "wrong"}),
        ("delete", "/api/v1/session", 401, None),
        ("get", "/api/v1/tracks", 401, None),
        ("get", "/api/v1/tracks/{uid}", 401, None),
    ],
)
async def test_refusals_and_a_sign_in_are_as_described(
    everything: Any, method: str, path: str, status: int, body: Any
) -> None:
    async with a_browser(everything) as asking:
        answer = await asking.request(method.upper(), path, json=body, headers=OWN_PAGE)
    assert answer.status_code == status
    assert faults(answer.json(), schema_of(method, path, status), DOCUMENT, closed=True) == []
