from dataclasses import replace
from pathlib import Path

import pytest

from accord.desks.sar import facts
from accord.desks.sar.entry import NotTaken
from accord.desks.sar.facts import (
    MAX_TEXT,
    doubt_of,
    flow_of,
    grid_of,
    is_steady,
    keep_file,
    moment_of,
    point_of,
    read_fact,
)
from accord.search.flow import Grid, Kind
from support.sar import KNOWN


@pytest.mark.parametrize(
    ("name", "typed", "kept"),
    [
        ("phase", "Distress", "distress"),
        ("object", "life-raft-nb-1", "LIFE-RAFT-NB-1"),
        ("target", "raft 4 person", "Raft 4 person"),
        ("persons", "12", "12"),
        ("position_error", "1,5", "1.5"),
        ("position", "41 17.3S 174 46.7E", "-41.288333,174.778333"),
        # a whole minute: 0.7 x 1852 m hold 90 %, of which 0.5487 hold half (the worksheet's 1296 m)
        ("position", "36 20S 175 30E", "-36.333333,175.500000,0.38"),
        ("position", "-36.333333,175.500000,0.38", "-36.333333,175.500000,0.38"),
        ("time", "2026-11-26T15:00+12:00", "2026-11-26T03:00:00+00:00"),
        ("wind", "230 / 25 kt", "230/25"),
        ("wind", "360/0", "360/0"),
        ("current", "090T/0,8", "90/0.8"),
        ("title", "  yacht Kea ", "yacht Kea"),
        ("conditions", "ideal", "ideal"),
        ("scenario:ditched", '{"b": 1, "a": 2}', '{"a": 2, "b": 1}'),
        ("persons", "  ", ""),
    ],
)
def test_what_people_type_is_read(name: str, typed: str, kept: str) -> None:
    assert read_fact(name, typed, KNOWN) == kept


def test_a_table_of_wind_is_kept_as_it_is() -> None:
    table = "2026-11-26T00:00Z,230,20\n2026-11-26T06:00Z,200,30\n"
    assert read_fact("wind", table, KNOWN) == table.strip()


@pytest.mark.parametrize(
    ("name", "typed", "says"),
    [
        ("phase", "panic", "none of uncertainty, alert, distress"),
        ("object", "zeppelin", "no drifting object .zeppelin.; see"),
        ("object", "survival suit", "do you mean PIW-4"),
        ("target", "submarine", "no sweep width"),
        ("persons", "3.5", "no number of persons"),
        ("persons", "-1", "no number from 0"),
        ("persons", "several", "no number from 0"),
        ("position_error", "nan", "no number from 0"),
        ("position", "somewhere", "position: "),
        ("time", "2026-11-26T03:00", "no time with its zone"),
        ("time", "noon", "no time with its zone"),
        ("time", "0001-01-01T00:00:00+14:00", "a year from 1900 to 2199"),
        ("wind", "230/300", "a wind of 300 knots cannot be"),
        ("wind", "400/20", "400 degrees"),
        ("wind", "strong", "no wind: degrees/knots"),
        ("wind", "a\nb", "wind"),
        ("current", "90/45", "current of 45 knots"),
        ("title", "x" * (MAX_TEXT + 1), "at most"),
        ("colour", "red", "there is no fact 'colour'; there are title"),
        ("team:a", "{}", "there is no fact 'team:a'"),
        ("unit:a b", "{}", "a name without blanks"),
        ("unit:a", "[]", "no JSON object"),
        ("unit:a", "{", "no JSON object"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(name: str, typed: str, says: str) -> None:
    with pytest.raises(NotTaken, match=says):
        read_fact(name, typed, KNOWN)


def test_what_is_kept_is_read_again() -> None:
    assert flow_of("230/25") == (230.0, 25.0)
    point = point_of("-41.288333,174.778333")
    assert (point.lat, point.lon) == (-41.288333, 174.778333)
    assert moment_of(" 2026-11-26T03:00Z ").isoformat() == "2026-11-26T03:00:00+00:00"


GOLDEN = Path(__file__).parents[3] / "golden" / "search" / "current.nc"


def test_a_file_of_current_is_kept_by_its_digest_and_read_again(tmp_path: Path) -> None:
    known = replace(KNOWN, forcing=tmp_path / "forcing")
    kept = keep_file(GOLDEN.read_bytes(), known)
    assert read_fact("current", kept, known) == kept
    assert isinstance(grid_of(kept, Kind.CURRENT, known), Grid)
    assert not is_steady(kept)
    with pytest.raises(NotTaken, match="that this node does not have"):
        read_fact("current", kept, KNOWN)
    with pytest.raises(NotTaken, match="that this node does not have"):
        read_fact("wind", "file:../../etc/passwd", known)
    with pytest.raises(NotTaken, match="wind"):
        read_fact("wind", kept, known)


def test_a_file_that_cannot_be_kept_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = replace(KNOWN, forcing=tmp_path / "a" / "b")
    with pytest.raises(NotTaken, match="cannot be kept"):
        keep_file(b"x", known)
    monkeypatch.setattr(facts, "MAX_FILE", 1 << 20)
    with pytest.raises(NotTaken, match="at most 1 MiB"):
        keep_file(b"x" * (1 + (1 << 20)), known)


def test_a_position_on_land_is_doubted() -> None:
    assert "on land" in doubt_of("position", "-43.5,171.5", KNOWN)
    assert doubt_of("position", "-36.603333,174.916667", KNOWN) == ""
    assert doubt_of("title", "Christchurch", KNOWN) == ""


def test_a_position_that_devices_say_which_know_of_none_is_doubted() -> None:
    assert "know of none" in doubt_of("position", read_fact("position", "0 0", KNOWN), KNOWN)
