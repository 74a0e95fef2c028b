import json
from pathlib import Path
from typing import Any

import pytest

from accord.cli.main import main
from accord.node.rebuilt import NO_REPORT
from accord.release.ledger.entry import Recall
from support.clock import ManualClock
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


def test_lines_beyond_what_a_picture_holds_are_said(
    node: GivingNode, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accord.node.rebuilt.MAX_OBJECTS", 1)
    assert main(picture(node)) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[-1] == "and 2 older lines, of more objects than a picture has"
