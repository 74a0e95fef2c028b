import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from accord.cli.main import main
from accord.cli.picture import geojson
from accord.cli.rebuilt import NO_REPORT, Seen, Shown
from accord.core.body import Alarm, Body, Message, Position, Shape
from accord.core.geometry import Circle, Point, Polyline
from accord.core.label import Label
from accord.release.ledger.entry import Entry, Recall
from support.builders import a_report
from support.clock import ManualClock
from support.ledger import release
from support.released import GIVER, RECEIVER, GivingNode, after, heard, spelt

SHIP = heard("SHIP-1", 10, at=(-17.8, 178.1))
CAR = heard("CAR-1", 5, kind="a-f-G-E-V", at=(-17.5, 178.4))


@pytest.fixture
def node(tmp_path: Path) -> GivingNode:
    """Two objects were released, one of which is not kept any more, and a third was recalled."""
    node = GivingNode.make(tmp_path / "node")
    node.journal([SHIP, CAR])
    node.release(SHIP, after(12))
    node.release(CAR, after(13))
    node.release(heard("SHIP-2", 0), after(14))
    node.release(heard("SHIP-3", 0), after(15))
    recall = Recall(
        by=GIVER, agreement="SMALL", serial=1, clause=None, name="SHIP-3", reason="x", frame=1
    )
    node.note(after(16), recall)
    node.ledger()
    return node


@pytest.fixture(autouse=True)
def long_after(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the command takes for the time now."""
    monkeypatch.setattr("accord.cli.picture.SystemClock", lambda: ManualClock(after(86_400)))


def picture(node: GivingNode, *options: str, seconds: float = 20) -> list[str]:
    at = ("--at", spelt(after(seconds)))
    return ["picture", "--as", RECEIVER, *at, *options, str(node.directory)]


def said(node: GivingNode, capsys: pytest.CaptureFixture[str], option: str) -> Any:
    assert main(picture(node, option)) == 0
    return json.loads(capsys.readouterr().out)


def test_people_get_a_table_and_what_is_no_longer_here_by_its_line(
    node: GivingNode, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(picture(node)) == 0
    head, left_out, columns, ship, car, gone, line = capsys.readouterr().out.splitlines()
    assert head == "FJI-B at 2027-03-01T06:00:20Z: 2 objects, 0 of them stale"
    assert left_out == "not shown: 0 removed or ended, 1 recalled"
    assert columns.split() == [
        "NAME", "CALLSIGN", "TYPE", "HAPPENED", "WHERE", "ERROR", "FORM", "CLAUSE", "LINE",
    ]  # fmt: skip
    assert ship.split() == [
        "SHIP-1", "a-f-S-X-M", "2027-03-01T06:00:10Z", "-17.80000", "178.10000", "50", "m",
        "exact", "1", "1",
    ]  # fmt: skip
    assert car.startswith("P-")
    assert car.split()[1:] == [
        "a-f-G-E-V", "2027-03-01T06:00:00Z", "-17.50000", "178.40000", "50", "m", "quiet", "2", "2",
    ]  # fmt: skip
    assert gone == "released, no longer here: 1"
    assert line == f"  line 3, 2027-03-01T06:00:14Z: SHIP-2, form exact by clause 1: {NO_REPORT}"


def test_what_is_stale_by_then_is_counted(
    node: GivingNode, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(picture(node, seconds=610)) == 0
    assert "2 objects, 1 of them stale" in capsys.readouterr().out


def test_before_anything_went_there_is_nothing(
    node: GivingNode, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(picture(node, seconds=1)) == 0
    assert capsys.readouterr().out == (
        "FJI-B at 2027-03-01T06:00:01Z: 0 objects, 0 of them stale\n"
        "the ledger begins at 2027-03-01T06:00:12Z: of earlier times it says nothing\n"
    )
    (node.directory / "ledger" / f"{RECEIVER}.sqlite").unlink()
    node.released.clear()
    node.ledger()
    assert main(picture(node, seconds=1)) == 0
    assert capsys.readouterr().out.endswith("\nthe ledger has no lines yet\n")


def test_a_time_in_the_future_is_said_to_be(
    node: GivingNode, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = ManualClock(after(19))
    monkeypatch.setattr("accord.cli.picture.SystemClock", lambda: clock)
    assert main(picture(node)) == 0
    said = "that is in the future: this is what they have now, and it may yet change"
    assert capsys.readouterr().out.splitlines()[1] == said
    clock.advance(seconds=1)
    assert main(picture(node)) == 0
    assert said not in capsys.readouterr().out


def test_a_callsign_stands_in_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    node = GivingNode.make(tmp_path / "node")
    ship = heard("SHIP-1", 10, detail='<contact callsign="KIWI 1"/>')
    node.journal([ship])
    node.release(ship, after(12))
    node.ledger()
    assert main(picture(node)) == 0
    row = capsys.readouterr().out.splitlines()[-1]
    assert " ".join(row.split()).startswith("SHIP-1 KIWI 1 a-f-S-X-M")


def test_machines_get_each_object_with_the_line_that_released_it(
    node: GivingNode, capsys: pytest.CaptureFixture[str]
) -> None:
    told = said(node, capsys, "--json")
    assert [each["line"] for each in told["objects"]] == [1, 2]
    assert [(each["lat"], each["lon"]) for each in told["objects"]] == [
        (-17.8, 178.1),
        (-17.5, 178.4),
    ]
    assert [(each["name"], each["why"]) for each in told["gone"]] == [("SHIP-2", NO_REPORT)]
    assert (told["recalled"], told["removed"], told["beyond"]) == (1, 0, 0)


def test_a_gis_gets_features_in_wgs_84_longitude_first(
    node: GivingNode, capsys: pytest.CaptureFixture[str]
) -> None:
    told = said(node, capsys, "--geojson")
    assert told["type"] == "FeatureCollection"
    ship, car, gone = told["features"]
    assert ship["geometry"] == {"type": "Point", "coordinates": [178.1, -17.8]}
    assert (ship["id"], ship["properties"]["error_m"], ship["properties"]["form"]) == (
        1, 50.0, "exact",
    )  # fmt: skip
    assert (car["properties"]["clause"], car["properties"]["here"]) == ("2", True)
    assert gone["geometry"] is None
    assert (gone["type"], gone["properties"]["here"]) == ("Feature", False)
    assert gone["properties"]["line"] == gone["id"] == 3


@pytest.mark.parametrize(
    "words",
    [
        ("picture", "node", "--as", "FJI-B"),
        ("picture", "node", "--at", "2027-03-01"),
        ("picture", "node", "--as", "FJI-B", "--at", "yesterday"),
    ],
)
def test_wrong_use_exits_with_2(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(words)
    assert left.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_one_output_at_a_time_and_only_of_a_partner_there_is(
    node: GivingNode, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(picture(node, "--json", "--geojson")) == 2
    assert "not both" in capsys.readouterr().err
    at = ("--at", spelt(after(1)))
    assert main(["picture", str(node.directory), "--as", "AUS-HQ", *at]) == 2
    assert "no ledger for a partner AUS-HQ" in capsys.readouterr().err


def feature(body: Body, **changes: Any) -> Any:
    """The feature of one object that says this."""
    line = release(1)
    shown = Shown(Entry(1, after(0), RECEIVER, line), line, a_report(body=body, **changes))
    seen = Seen(
        partner=RECEIVER, at=after(0), shown=(shown,), gone=(), removed=0, recalled=0, beyond=0
    )
    (found,) = geojson(seen)["features"]  # type: ignore[misc]
    return json.loads(json.dumps(found))


def line(*corners: tuple[float, float], closed: bool = False) -> Shape:
    """Corners are longitude and latitude."""
    points = tuple(Point(lat=lat, lon=lon) for lon, lat in corners)
    return Shape(outline=Polyline(points=points, closed=closed))


def test_where_nothing_is_said_of_the_place_there_is_no_geometry() -> None:
    assert feature(Position(point=None))["geometry"] is None
    words = feature(Message(text="kia ora", sender="A", room="All"))
    assert (words["geometry"], words["properties"]["text"]) == (None, "kia ora")
    assert feature(Alarm(category="b-a-o", point=Point(lat=1, lon=2)))["geometry"] == {
        "type": "Point", "coordinates": [2, 1],
    }  # fmt: skip


def test_course_speed_radius_and_mark_are_properties() -> None:
    label = Label(policy="NZL", level="RESTRICTED", originator="NZL")
    moving = feature(Position(point=Point(lat=1, lon=2), course=90.0, speed=5.0), label=label)
    told = moving["properties"]
    assert (told["course"], told["speed"], told["mark"]) == (90.0, 5.0, "(R)")
    circle = feature(Shape(outline=Circle(centre=Point(lat=1, lon=2), radius=300.0)))
    assert (circle["geometry"]["coordinates"], circle["properties"]["radius_m"]) == ([2, 1], 300.0)


def test_a_line_stays_a_line_and_an_area_is_a_ring_that_runs_counterclockwise() -> None:
    """RFC 7946, 3.1.6: a ring is closed, and an outer one runs counterclockwise."""
    assert feature(line((1, 2), (3, 4)))["geometry"] == {
        "type": "LineString", "coordinates": [[1, 2], [3, 4]],
    }  # fmt: skip
    ring = {"type": "Polygon", "coordinates": [[[0, 0], [2, 0], [2, 2], [0, 0]]]}
    assert feature(line((0, 0), (2, 0), (2, 2), closed=True))["geometry"] == ring
    assert feature(line((0, 0), (2, 2), (2, 0), closed=True))["geometry"] == ring
    assert feature(line((0, 0), (2, 2), closed=True))["geometry"]["type"] == "LineString"


@pytest.mark.parametrize(
    ("corners", "parts"),
    [
        ([(170, 0), (-170, 10)], [[[170, 0], [180, 5]], [[-180, 5], [-170, 10]]]),
        ([(-170, 10), (170, 0)], [[[-170, 10], [-180, 5]], [[180, 5], [170, 0]]]),
        ([(180, 0), (-180, 0)], [[[180, 0], [180, 0]], [[-180, 0], [-180, 0]]]),
    ],
)
def test_a_line_over_the_antimeridian_is_cut_there(
    corners: list[tuple[float, float]], parts: list[list[list[float]]]
) -> None:
    """RFC 7946, 3.1.9."""
    found = feature(line(*corners))["geometry"]
    assert found == {"type": "MultiLineString", "coordinates": parts}


def test_lines_beyond_what_a_picture_holds_are_said(
    node: GivingNode, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accord.cli.rebuilt.MAX_OBJECTS", 1)
    assert main(picture(node)) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[-1] == "and 2 older lines, of more objects than a picture has"


def test_what_is_drawn_has_the_place_of_its_anchor_or_its_first_corner() -> None:
    shape = line((2, 1), (3, 2))
    anchored = replace(shape, anchor=Point(lat=5, lon=6))
    assert [feature(each)["properties"]["lat"] for each in (shape, anchored)] == [1, 5]
