"""What a decoder of another make says of the same AIS payloads, field by field.

gpsdecode (Debian gpsd-clients, C, BSD-2-Clause) is given each payload that our framing found, in a
sentence of its own, and its unscaled values are held to ours.
"""

import json
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import reduce
from typing import Any, NamedTuple

from accord.wire.ais.message import AisMessage, decode
from accord.wire.ais.stream import AisFrame, AisStream
from accord.wire.errors import WireError


class Difference(NamedTuple):
    """Where the two do not say the same of one payload."""

    kind: int
    field: str
    ours: object
    theirs: object
    sentence: str


class Comparison(NamedTuple):
    """How many values were compared, which differed, and what only one of them read."""

    values: Counter[str]
    differences: list[Difference]
    only_ours: list[str]
    only_theirs: list[tuple[str, str]]


def frames_of(data: bytes) -> list[AisFrame]:
    """Return every payload that our framing finds in a recording."""
    return AisStream(max_wait=1e9).receive(data + b"\n", 0.0)


def sentence(frame: AisFrame) -> str:
    """Return the payload in one sentence, however many it came in."""
    body = f"AIVDM,1,1,,A,{frame.payload.decode('ascii')},{frame.fill}"
    return f"!{body}*{reduce(int.__xor__, body.encode(), 0):02X}"


def compare(frames: Iterable[AisFrame]) -> Comparison:
    """Have both read the payloads, and return how they compare."""
    wanted = {sentence(each): each for each in frames}
    theirs = dict(_gpsdecode(wanted))
    found = Comparison(Counter(), [], [], [])
    names: dict[int, str] = {}
    for text, frame in wanted.items():
        said = theirs.get(text)
        try:
            ours = decode(frame.payload, frame.fill)
        except WireError as error:
            if said is not None:
                found.only_theirs.append((error.reason, text))
            continue
        if ours.static is not None and ours.static.part == "24A":
            names[ours.static.mmsi] = ours.static.name or ""
            continue  # gpsd says nothing of it before part B has come
        if ours.position is None and ours.static is None:
            continue
        if said is None:
            found.only_ours.append(text)
            continue
        _fields(ours, said, text, names, found)
    return found


def _gpsdecode(sentences: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    done = subprocess.run(
        ["gpsdecode", "-u", "-v"],
        input="".join(f"{each}\r\n" for each in sentences).encode(),
        capture_output=True,
        check=True,
    )
    last = ""
    for line in done.stdout.decode("latin-1").splitlines():
        if line.startswith("!"):
            last = line.strip()
        elif line.startswith("{"):
            yield last, json.loads(line, strict=False)


def _fields(
    ours: AisMessage, said: dict[str, Any], text: str, names: dict[int, str], into: Comparison
) -> None:
    for field, mine in _raw(ours, names):
        theirs = said.get(field)
        if isinstance(theirs, str):
            theirs = theirs.partition("@")[0].rstrip()
        if theirs is None:
            continue
        into.values[field] += 1
        if mine != theirs:
            into.differences.append(Difference(said["type"], field, mine, theirs, text))


def _raw(ours: AisMessage, names: dict[int, str]) -> Iterator[tuple[str, object]]:
    """Yield our values as they stand in the payload (ITU-R M.1371-5 annex 8)."""
    position, static = ours
    if position is not None:
        kind = position.type
        yield "mmsi", position.mmsi
        minute = 600 if kind == 27 else 600_000
        yield "lat", round((91.0 if position.lat is None else position.lat) * minute)
        yield "lon", round((181.0 if position.lon is None else position.lon) * minute)
        yield "accuracy", position.is_accurate
        if kind not in (4, 11, 21):
            none = 63 if kind == 27 else 1023
            tenths = 1 if kind in (9, 27) else 10
            yield "speed", none if position.speed is None else round(position.speed * tenths)
            degrees, unknown = (1, 511) if kind == 27 else (10, 3600)
            course = position.course
            yield "course", unknown if course is None else round(course * degrees)
        if kind not in (4, 9, 11, 21, 27):
            yield "heading", 511 if position.heading is None else position.heading
        if position.status is not None:
            yield "status", position.status
    if static is not None:
        yield "mmsi", static.mmsi
        name = names.get(static.mmsi, "") if static.part == "24B" else static.name
        yield "name" if static.part == "21" else "shipname", name or ""
        if static.part in ("5", "24B"):
            yield "callsign", static.callsign or ""
        if static.part == "5":
            yield "imo", static.imo or 0
        if static.ship_type is not None:
            yield "shiptype", static.ship_type
