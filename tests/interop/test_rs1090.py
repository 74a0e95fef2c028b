"""Recorded Mode S frames, read by a decoder of another make as well: rs1090 (Rust, MIT).

With ACCORD_RECORDINGS=DIR the recordings of that folder are read too: `.bin` is Beast, `.txt` AVR,
`.jsonl.gz` what jet1090 writes.
"""

import gzip
import json
import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from accord.wire.adsb import message
from accord.wire.adsb.message import NOT_ICAO, Squawk, Squitter, WrongParity
from accord.wire.adsb.stream import AvrStream, BeastStream
from support.other_client import PYTHON

pytestmark = pytest.mark.interop

HERE = Path(__file__).parent
GOLDEN = HERE.parent / "golden" / "adsb"
_MORE = os.environ.get("ACCORD_RECORDINGS")
RECORDINGS = sorted(
    path
    for folder in (GOLDEN, *([Path(_MORE)] if _MORE else []))
    for path in folder.iterdir()
    if path.name.endswith((".bin", ".txt", ".jsonl.gz"))
)


def frames_of(path: Path) -> list[bytes]:
    if path.suffix == ".gz":
        lines = gzip.decompress(path.read_bytes()).splitlines()
        return [bytes.fromhex(json.loads(line)["frame"]) for line in lines]
    stream = BeastStream() if path.suffix == ".bin" else AvrStream()
    return list(stream.receive(path.read_bytes()))


def theirs(frames: list[bytes]) -> list[dict[str, Any] | None]:
    done = subprocess.run(
        [PYTHON, HERE / "rs1090_decode.py"],
        input="\n".join(each.hex() for each in frames),
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def ours(said: Squitter | Squawk) -> Iterator[tuple[str, object]]:
    """Yield our values by the names that rs1090 has for them."""
    yield "icao24", f"{said.icao & NOT_ICAO - 1:06x}"
    if isinstance(said, Squawk):
        yield "squawk", said.squawk
    elif 1 <= said.code <= 4:
        yield "callsign", message.identification(said).callsign
    elif 5 <= said.code <= 8:
        moves = message.surface(said)
        yield from _fix(moves.fix)
        yield "groundspeed", moves.speed
        yield "track", moves.course
    elif 9 <= said.code <= 18:
        fix = message.cpr_fix(said)
        yield from _fix(fix)
        yield "altitude", fix.altitude
    elif said.code == 19:
        velocity = message.velocity(said)
        yield "groundspeed", velocity.speed
        yield "track", velocity.course
        yield "vertical_rate", velocity.climb
        yield "geo_minus_baro", velocity.above_pressure
    elif said.code == 28 and (call := message.emergency(said)) is not None:
        yield "squawk", call.squawk


def _fix(fix: message.CprFix) -> Iterator[tuple[str, object]]:
    yield "parity", "odd" if fix.is_odd else "even"
    yield "lat_cpr", fix.lat
    yield "lon_cpr", fix.lon


def explained(field: str, mine: object, other: object, said: Squitter | Squawk) -> bool:
    """Tell whether it is known why the two do not say the same."""
    is_on_ground = isinstance(said, Squitter) and 5 <= said.code <= 8
    if field == "groundspeed" and is_on_ground and isinstance(mine, float):
        # From 2 to 15 knots DO-260B table 2-14 has steps of half a knot, rs1090 of a quarter.
        return other == 2.0 + (mine - 2.0) / 2
    return False


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.name)
def test_a_decoder_of_another_make_says_the_same(path: Path) -> None:
    if not PYTHON.exists():
        pytest.skip("rs1090 is not installed: ./test installs it where it can")
    frames = frames_of(path)
    compared, only = Counter[str](), Counter[str]()
    for frame, other in zip(frames, theirs(frames), strict=True):
        try:
            said = message.read(frame)
        except WrongParity:
            only["wrong parity"] += other is not None
            continue
        if said is None:
            continue
        if other is None:
            only["ours"] += 1
            continue
        for field, mine in ours(said):
            value = other.get(field)
            if value is None or mine is None:
                assert value is mine or field in ("altitude", "vertical_rate", "geo_minus_baro")
                continue
            compared[field] += 1
            is_same = value == pytest.approx(mine) if isinstance(mine, float) else value == mine
            assert is_same or explained(field, mine, value, said), (frame.hex(), field, mine, value)
    assert only == Counter()
    assert compared.total() > 100
