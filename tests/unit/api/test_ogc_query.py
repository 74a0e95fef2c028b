from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.datastructures import QueryParams

from accord.api.ogc_query import MOST, USUAL, Items, place_in, read_items, spell_place, url_of
from accord.api.problem import Problem
from accord.api.query import cursor
from accord.core.body import Position
from accord.core.context import LIVE, Context
from accord.core.geometry import Box
from accord.live.asked import Place
from support.builders import a_report
from support.clock import START

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def asked(**parameters: Any) -> Items:
    return read_items(QueryParams(parameters), START)


def test_what_is_left_out_narrows_nothing() -> None:
    items = asked()
    assert (items.context, items.box, items.times, items.limit) == (LIVE, None, None, USUAL)
    assert items.stretch() == ((START - timedelta(hours=1)).timestamp(), START.timestamp())
    assert items.after_place() is None
    assert items.after_text() == ""


def test_a_box_has_four_numbers_or_six() -> None:
    box = Box(west=174, south=-42, east=175.5, north=-41)
    assert asked(bbox="174,-42,175.5,-41").box == box
    assert asked(bbox="174,-42,0,175.5,-41,1000").box == box


@pytest.mark.parametrize("bbox", ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "0,5,1,4", "0,0,nan,1"])
def test_a_box_that_is_none_is_refused(bbox: str) -> None:
    with pytest.raises(Problem) as problem:
        asked(bbox=bbox)
    assert (problem.value.status, problem.value.parameter) == (400, "bbox")


def test_a_time_is_a_moment_or_a_stretch_that_may_be_open() -> None:
    noon = "2026-01-02T12:00:00Z"
    begin, end = asked(datetime=noon).times or (START, START)
    assert (begin, end - begin) == (NOON, timedelta(microseconds=999_999))
    assert asked(datetime=noon.lower()).times == asked(datetime=noon).times  # RFC 3339, 5.6
    begin, _ = asked(datetime=f"{noon}/..").times or (START, START)
    _, end = asked(datetime=f"/{noon}").times or (START, START)
    assert begin == end == NOON
    later = "2026-01-02T13:00:00+00:00"
    assert asked(datetime=f"{noon}/{later}").times == (NOON, NOON + timedelta(hours=1))


@pytest.mark.parametrize(
    "said",
    ["", "noon", "../..", "2026-01-02T12:00:00", "2026-01-03T00:00:00Z/2026-01-02T00:00:00Z"],
)
def test_a_time_that_is_none_is_refused(said: str) -> None:
    with pytest.raises(Problem) as problem:
        asked(datetime=said)
    assert problem.value.parameter == "datetime"


def test_what_is_wrong_with_a_time_is_said() -> None:
    for said, why in (("../..", "both ends are open"), ("noon", "a moment with its zone"),
                      ("2026-01-03T00:00:00Z/2026-01-02T00:00:00Z", "ends before it begins"),
                      ):  # fmt: skip
        with pytest.raises(Problem, match=why):
            asked(datetime=said)


def test_a_cursor_says_of_which_stretch_its_page_is() -> None:
    for said in (asked(), asked(datetime="2026-01-01T00:00:00Z/..")):
        later = replace(said, now=said.now + timedelta(hours=1))
        again = asked(cursor=said.next_cursor("h0.7"), datetime="2026-01-01T00:00:00Z/..")
        assert again.stretch() == pytest.approx(said.stretch())
        assert again.cursor == "h0.7"
        assert later.stretch() != again.stretch()


@pytest.mark.parametrize("cursor", ["0.7~1", "0.7~1~x", "0.7~1~2~3", "0.7~1~" + "9" * 40])
def test_a_cursor_of_no_stretch_is_refused(cursor: str) -> None:
    with pytest.raises(Problem, match="no such page"):
        asked(cursor=cursor)


@pytest.mark.parametrize("name", ["bbox", "datetime", "limit", "context", "cursor", "f", "crs"])
def test_a_parameter_is_given_once(name: str) -> None:
    once = {"bbox": "1,2,3,4", "limit": "5", "context": "live", "f": "json",
            "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
            "datetime": "2026-01-02T12:00:00Z"}.get(name, "x")  # fmt: skip
    read_items(QueryParams([(name, once), (name, once)]), START)  # as GDAL does
    with pytest.raises(Problem, match="more than once") as problem:
        read_items(QueryParams([(name, once), (name, once + "1")]), START)
    assert (problem.value.status, problem.value.parameter) == (400, name)


def test_a_kind_may_be_given_again() -> None:
    assert read_items(QueryParams([("kind", "a-f"), ("kind", "a-n")]), START).kinds == (
        "a-f", "a-n",
    )  # fmt: skip


def test_a_greater_limit_is_cut_and_one_that_is_none_refused() -> None:
    assert asked(limit="7").limit == 7
    assert asked(limit="999999").limit == MOST
    for wrong in ("0", "-1", "x", "1" * 20):
        with pytest.raises(Problem):
            asked(limit=wrong)


def test_other_parameters_are_refused() -> None:
    for wrong in ({"colour": "red"}, {"crs": "EPSG:4326"}, {"kind": "a" * 300}, {"kind": "-"}):
        with pytest.raises(Problem):
            asked(**wrong)
    assert asked(crs="http://www.opengis.net/def/crs/OGC/1.3/CRS84", f="json").box is None
    assert asked(context="exercise:DEMO").context == Context.exercise("DEMO")


def test_a_position_is_wanted_by_its_place_and_its_kind() -> None:
    ship = a_report()
    assert asked().is_wanted(ship)
    assert asked(kind="a-f-G").is_wanted(ship)
    assert not asked(kind="a-n-S").is_wanted(ship)
    assert asked(bbox="174,-42,175,-41").is_wanted(ship)
    assert not asked(bbox="0,0,1,1").is_wanted(ship)
    assert not asked().is_wanted(a_report(body=Position(point=None)))
    assert asked(kind="a-f-G").filter().kinds == ("a-f-G",)


def test_a_place_of_the_journal_is_an_identifier() -> None:
    assert place_in(spell_place(Place(12, 3))) == Place(12, 3)
    assert asked(cursor="12.3").after_place() == Place(12, 3)
    history = Place(1, 1 << 40, is_beyond=True)
    assert spell_place(history) == "h1.1099511627776"
    assert place_in(spell_place(history)) == history
    assert place_in("12") is None
    with pytest.raises(Problem):
        asked(cursor="x").after_place()
    assert asked(cursor=cursor("U1")).after_text() == "U1"


def test_an_address_is_the_one_that_was_reached() -> None:
    assert url_of("https", "node.example:8443", "/ogc") == "https://node.example:8443/ogc"
