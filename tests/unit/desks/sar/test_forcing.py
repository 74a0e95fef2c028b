"""Files of wind and current: read in a process of their own, and held to the case they are for."""

import io
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from accord.desks.sar import grib_process
from accord.desks.sar.cases import Cases
from accord.desks.sar.entry import NotTaken
from accord.desks.sar.facts import FILE, Known, keep_file
from accord.desks.sar.forcing import as_netcdf, check_held, keep_flow
from accord.desks.sar.model import drift_of
from accord.desks.sar.store import CASES
from accord.search import grib as grib_reader
from accord.search.flow import Kind
from support.grib import WIND, grib
from support.sar import KNOWN, MOANA, NODE, NOW, a_case

READS = (sys.executable, "-c")


@pytest.fixture
def known(tmp_path: Path) -> Known:
    return replace(KNOWN, forcing=tmp_path / "forcing")


@pytest.fixture
def cases(tmp_path: Path, known: Known) -> Cases:
    made = Cases(tmp_path / CASES, node=NODE, known=known, partners=tuple)
    made.store.prepare()
    return made


def wind(begin: datetime, **more: float) -> bytes:
    return grib(WIND, (0, 3, 6), at=begin, **more)


def test_a_grib_file_becomes_the_wind_of_a_case_and_drifts_it(cases: Cases, known: Known) -> None:
    case = a_case(cases)
    file = keep_flow(wind(NOW - timedelta(hours=2)), known)
    assert file.startswith(FILE)
    stands = cases.set(case.id, {"wind": file}, MOANA)
    assert stands.text("wind") == file
    (note,) = [each.value for each in stands.log if each.value.startswith("look at:")]
    assert note == (
        "look at: the wind ends at 260700Z NOV 2026: what is asked of later has the last of it"
    )
    assert drift_of(stands, known, NOW).weights.sum() == pytest.approx(1.0)


def kept(data: bytes, known: Known) -> str:
    """Keep what the reading process would make of it, without one."""
    return keep_file(grib_reader.read(data), known)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"begin": NOW, "west": 10.0}, "is of 37-00.0S 010-00.0E to 35-00.0S 013-00.0E, and"),
        ({"begin": NOW, "north": -37.0}, "give a file that has it"),
        ({"begin": NOW - timedelta(days=9)}, "ends at 170900Z NOV 2026, before the time"),
        ({"begin": NOW + timedelta(days=2)}, "begins at 280300Z NOV 2026, long after"),
    ],
)  # fmt: skip
def test_a_file_that_says_nothing_of_a_case_is_refused(
    cases: Cases, known: Known, given: dict[str, float], says: str
) -> None:
    case = a_case(cases)
    file = kept(wind(**given), known)  # pyright: ignore[reportArgumentType]
    with pytest.raises(NotTaken, match=says):
        cases.set(case.id, {"wind": file}, MOANA)


def test_a_file_is_held_to_nothing_else_than_itself(cases: Cases, known: Known) -> None:
    case = a_case(cases)
    check_held(case, Kind.WIND, "230/20", known)  # what was typed is of everywhere
    assert cases.set(case.id, {"wind": "230/20"}, MOANA).text("wind")


def test_the_places_of_scenarios_are_what_a_file_has_to_hold(cases: Cases, known: Known) -> None:
    scenario = '{"position": "-20.0,175.0", "time": "2026-11-26T02:00Z"}'
    case = a_case(cases, **{"scenario:far": scenario})
    with pytest.raises(NotTaken, match=r"20-00\.0S 175-00\.0E"):
        cases.set(case.id, {"wind": kept(wind(NOW), known)}, MOANA)
    nowhere = a_case(cases, position="", time="")
    assert cases.set(nowhere.id, {"wind": kept(wind(NOW), known)}, MOANA).text("wind")


def test_a_wind_that_begins_after_the_case_is_taken_and_said(cases: Cases, known: Known) -> None:
    case = a_case(cases)
    stands = cases.set(case.id, {"wind": kept(wind(NOW), known)}, MOANA)
    assert any("begins at 260300Z NOV 2026, after the time" in each.value for each in stands.log)


def test_what_goes_wrong_in_the_reading_process_is_said() -> None:
    with pytest.raises(NotTaken, match="the GRIB file: message 1 is damaged or cut off"):
        as_netcdf(wind(NOW)[:100])
    for script, says in (
        ("import sys; sys.stderr.write('x\\nlast words\\n'); sys.exit(1)", "last words"),
        ("import os; os.abort()", "its reader broke off"),
        ("import sys; sys.exit(1)", "its reader broke off"),
    ):
        with pytest.raises(NotTaken, match=says):
            as_netcdf(b"GRIB", (*READS, script))
    with pytest.raises(NotTaken, match=r"not read within 0\.2 seconds"):
        as_netcdf(b"GRIB", (*READS, "import time; time.sleep(60)"), longest=0.2)


class Streams:
    """What the reading process has instead of its own input and outputs."""

    def __init__(self, data: bytes) -> None:
        self.stdin = io.TextIOWrapper(io.BytesIO(data))
        self.out = io.BytesIO()
        self.stdout = io.TextIOWrapper(self.out)
        self.stderr = io.StringIO()


def read(
    data: bytes, monkeypatch: pytest.MonkeyPatch, broken: type[Exception] | None = None
) -> tuple[int, Streams]:
    streams = Streams(data)
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, getattr(streams, name))
    monkeypatch.setattr(grib_process.resource, "setrlimit", lambda *_: None)

    def fail(_: bytes) -> bytes:
        assert broken is not None
        raise broken("broken")

    if broken is not None:
        monkeypatch.setattr(grib_process.grib, "read", fail)
    return grib_process.main(), streams


def test_the_reading_process_says_in_one_line_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code, streams = read(wind(NOW), monkeypatch)
    assert (code, streams.out.getvalue()[:3]) == (0, b"CDF")
    code, streams = read(b"GRIB", monkeypatch)
    assert (code, "is cut off" in streams.stderr.getvalue()) == (1, True)
    for broken, says in (
        (ImportError, "eccodes, which is not installed"), (RuntimeError, "cannot be read: broken"),
    ):  # fmt: skip
        code, streams = read(b"GRIB", monkeypatch, broken)
        assert (code, says in streams.stderr.getvalue()) == (1, True)
