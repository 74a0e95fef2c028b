"""Whatever is asked of the tracks is answered, or refused with what is wrong and where."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.datastructures import QueryParams

from accord.api.openapi import document
from accord.api.problem import Problem
from accord.api.query import MANY, ONE, cursor, place_of, search
from accord.api.story import Shelves
from accord.api.tracks import Around, Tracks
from accord.core.body import Position
from accord.core.identity import Identity
from accord.core.kind import Affiliation
from accord.core.track import TrackStatus
from accord.picture.picture import Picture, PictureSettings
from support.builders import a_point, a_report
from support.schema import faults
from support.sign_in import KIWI, a_browser, a_desk, answering

DOCUMENT: Any = document()
NAMES = sorted(MANY | ONE)
PLAUSIBLE = st.one_of(
    st.sampled_from(
        ["live", "exercise:X", "a-f-S", "a-.-S", "170,-45,-170,-30", "0,0,1,1", "-1e1,0,0,0", "U1",
         "1", "1000", "999999", "nan,0,0,0", "exercise:", "VTE", "=", "a--", "-", "."]
    ),
    st.sampled_from([each.value for each in (*Affiliation, *TrackStatus)]),
    st.lists(st.floats(), min_size=3, max_size=5).map(lambda n: ",".join(map(str, n))),
    st.text(max_size=250),
)  # fmt: skip
queries = st.lists(
    st.tuples(st.one_of(st.sampled_from(NAMES), st.text(max_size=20)), PLAUSIBLE), max_size=6
)
uids = st.one_of(st.text(min_size=1, max_size=12), st.sampled_from(["U1", "U2", "..", "why", "/"]))


@given(queries)
def test_parameters_are_read_or_the_wrong_one_is_named(query: list[tuple[str, str]]) -> None:
    asked = refused = None
    try:
        asked = search(QueryParams(query))
    except Problem as problem:
        refused = problem
    if asked is not None:
        assert {name for name, _ in query} <= set(NAMES)
        assert 1 <= asked.limit <= 1000
    if refused is not None:
        assert refused.status == 400
        assert refused.parameter in {name[:200] for name, _ in query}
        assert len(str(refused)) < 1000


@given(st.text(max_size=600), st.text(max_size=600))
def test_places_are_as_different_as_uids_and_a_cursor_keeps_them(one: str, other: str) -> None:
    assert (place_of(one) == place_of(other)) is (one == other)
    assert search(QueryParams({"cursor": cursor(place_of(one))})).after == place_of(one)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Starlette]:
    desk, picture = a_desk(tmp_path_factory.mktemp("desk")), Picture(PictureSettings())
    for number, (lat, lon) in enumerate([(-41.0, 175.0), (-35.0, -178.0), (90.0, 180.0)]):
        picture.apply(
            a_report(
                f"U{number}",
                body=Position(point=a_point(lat=lat, lon=lon)),
                identity=Identity(name=f"\u202e<b>{number}"),
            )
        )
    nothing = Shelves(
        directory=Path("nowhere"), own="NZL-X", segments=lambda _: (), report_of=lambda _: None
    )
    around = Around(
        picture=picture,
        settings=PictureSettings(),
        shelves=nothing,
        form_of=lambda _: None,
        clock=desk.clock,
    )
    tracks = Tracks(around, desk.callers)
    yield answering(tracks.routes())
    tracks.close()
    desk.accounts.close()


def check(answer: httpx.Response, path: str) -> None:
    assert answer.status_code in (200, 400, 404)
    responses = DOCUMENT["paths"][path]["get"]["responses"]
    (content,) = responses[str(answer.status_code)]["content"].values()
    assert faults(answer.json(), content["schema"], DOCUMENT, closed=True) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(queries)
async def test_a_search_answers_as_described(
    served: Starlette, query: list[tuple[str, str]]
) -> None:
    async with a_browser(served, certificate=KIWI) as asking:
        check(await asking.get("/api/v1/tracks", params=tuple(query)), "/api/v1/tracks")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(uids, st.sampled_from(["", "/why"]), queries)
async def test_whatever_the_uid_there_is_an_answer_as_described(
    served: Starlette, uid: str, end: str, query: list[tuple[str, str]]
) -> None:
    path = "".join(f"%{byte:02X}" for byte in uid.encode())
    async with a_browser(served, certificate=KIWI) as asking:
        answer = await asking.get(f"/api/v1/tracks/{path}{end}", params=tuple(query))
    described = "/api/v1/tracks/{uid}"
    if end or uid.endswith("/why"):
        described += "/why"
    check(answer, described)
