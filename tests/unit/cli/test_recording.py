import gzip
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from accord.cli.recording import read_recording
from accord.core import portion
from accord.core.context import Context
from accord.core.errors import UsageError
from accord.core.label import Label
from accord.core.marking import Opex
from accord.core.report import Report

BEGINS = datetime(2027, 1, 1, tzinfo=UTC)
MARK = replace(portion.read("(U//REL TO FJI)", nation="NZL"), by_default=True)
RECORDING = Path(__file__).parents[3] / "examples" / "recordings" / "tasman-2012.nmea.gz"
LINES = gzip.decompress(RECORDING.read_bytes()).splitlines(keepends=True)


def _read(path: Path, mark: Label | None = MARK) -> list[Report]:
    return list(read_recording(path, giver="NZL-A", mark=mark, begins=BEGINS))


def test_a_recording_is_played_as_though_it_had_begun_then() -> None:
    reports = _read(RECORDING)
    assert reports[0].received >= BEGINS
    times = [report.received for report in reports]
    assert times == sorted(times)
    # The milliseconds at the end of its first and last line.
    first, last = (int(line.rsplit(b",", 1)[1]) for line in (LINES[0], LINES[-1]))
    assert (times[-1] - BEGINS).total_seconds() <= (last - first) / 1000


def test_reports_are_the_givers_own_and_marked_by_default() -> None:
    for report in _read(RECORDING):
        assert (report.source.node, report.source.channel) == ("NZL-A", "feed:recording")
        assert report.label == MARK
        assert report.marking.by_default


def test_without_a_mark_they_stay_unmarked() -> None:
    assert all(report.label is None for report in _read(RECORDING, None))


def test_it_can_be_put_into_an_exercise_and_is_marked_so() -> None:
    opex = Opex.parse("e-KAURI 27")
    for report in read_recording(
        RECORDING, giver="NZL-A", mark=MARK, begins=BEGINS, exercise="KAURI 27"
    ):
        assert report.context == Context.exercise("KAURI 27")
        assert report.marking.opex == opex
        assert report.label == replace(MARK, opex=opex)


def test_a_recording_may_be_plain_as_well(tmp_path: Path) -> None:
    plain = tmp_path / "plain.nmea"
    plain.write_bytes(b"".join(LINES))
    assert _read(plain) == _read(RECORDING)


def test_lines_without_a_time_are_left_out(tmp_path: Path) -> None:
    plain = tmp_path / "plain.nmea"
    untimed = LINES[4].rsplit(b",", 1)[0] + b"\r\n"
    plain.write_bytes(untimed + LINES[0] + untimed + b"".join(LINES[1:]))
    assert _read(plain) == _read(RECORDING)


@pytest.mark.parametrize("data", [None, b"\x1f\x8bnot gzip", gzip.compress(b"".join(LINES))[:-100]])
def test_what_cannot_be_read_is_wrong_use(tmp_path: Path, data: bytes | None) -> None:
    path = tmp_path / "r.nmea.gz"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(UsageError, match="the recording cannot be read"):
        _read(path)
