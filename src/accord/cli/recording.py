"""Recordings as reports, to try an agreement on: the day is given another date and a mark."""

import gzip
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from accord.core.errors import UsageError
from accord.core.label import Label
from accord.core.marking import Opex, OpexKind
from accord.core.marks import with_default
from accord.core.report import Report, Source
from accord.wire.ais.stream import time_of, with_time
from accord.wire.ais.translate import AisReader

CHANNEL = "feed:recording"
MAX_LINE = 4_096
GZIP = b"\x1f\x8b"


def read_recording(
    path: Path, *, giver: str, mark: Label | None, begins: datetime, exercise: str | None = None
) -> Iterator[Report]:
    """Yield the reports of an AIS recording as the giver's node would have them.

    It is played as though it had begun at `begins`; `mark` is put on what came without one, which
    all of AIS does. With `exercise` all of it belongs to the exercise of that name. Lines before
    the first with a time are left out.
    """
    source = Source(node=giver, channel=CHANNEL, speaker="recording")
    reader = AisReader(source=source, groups=frozenset({"recording"}))
    shift: float | None = None
    for line in _lines(path):
        time = time_of(line)
        if time is None and shift is None:
            continue
        if shift is None and time is not None:
            shift = begins.timestamp() - time
        if time is not None and shift is not None:
            now = datetime.fromtimestamp(time + shift, UTC)
            dated = with_time(line, time + shift)
            for report in reader.read(dated + b"\r\n", received=now, tick=now.timestamp()):
                yield with_default(_in_exercise(report, exercise), mark)


def _in_exercise(report: Report, exercise: str | None) -> Report:
    if exercise is None:
        return report
    opex = Opex(OpexKind.EXERCISE, exercise)
    return replace(report, context=opex.context, marking=replace(report.marking, opex=opex))


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == GZIP
        with gzip.open(path) if packed else path.open("rb") as file:
            while line := file.readline(MAX_LINE):
                yield line.strip()
    except (OSError, EOFError) as error:
        raise UsageError(f"{path}: the recording cannot be read: {error}") from None
