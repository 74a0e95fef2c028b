"""What jet1090, readsb and a Stratux made of the same frames."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from accord.core.body import Position
from accord.core.report import Report, Source
from accord.wire.adsb import message
from accord.wire.adsb.aircraft import KNOT
from accord.wire.adsb.cpr import place_on_ground
from accord.wire.adsb.message import FEET, FEET_A_MINUTE, Identification, Squawk, Squitter
from accord.wire.adsb.squitters import ModeSReader
from accord.wire.adsb.stream import AvrStream, BeastStream
from accord.wire.adsb.translate import ReadsbReader, SbsReader, from_original

HERE = Path(__file__).parent
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SOURCE = Source(node="NZL", channel="feed:air", speaker="air")
GROUPS = frozenset({"Watch"})
JET1090: list[dict[str, Any]] = [
    json.loads(line)
    for line in gzip.decompress((HERE / "jet1090.jsonl.gz").read_bytes()).splitlines()
]


def again(report: Report) -> Report:
    assert report.original is not None
    return from_original(report.original, source=SOURCE, groups=GROUPS, received=NOW)


def test_every_squawk_and_velocity_is_as_jet1090_has_it() -> None:
    squawks = velocities = heights = 0
    for each in JET1090:
        said = message.read(bytes.fromhex(each["frame"]))
        if isinstance(said, Squawk):
            assert (f"{said.icao:06x}", said.squawk) == (each["icao24"], each["squawk"])
            squawks += 1
        elif isinstance(said, Squitter) and said.code == 19:
            velocity = message.velocity(said)
            assert velocity.speed == pytest.approx(each["groundspeed"])
            assert velocity.course == pytest.approx(each["track"])
            assert velocity.climb == each.get("vertical_rate")
            assert velocity.above_pressure == each.get("geo_minus_baro")
            velocities += 1
        elif isinstance(said, Squitter) and 9 <= said.code <= 18:
            assert message.cpr_fix(said).altitude == each["altitude"]
            heights += 1
    assert min(squawks, velocities, heights) > 100


def test_every_callsign_is_as_jet1090_has_it() -> None:
    said = [
        (message.identification(frame), each["callsign"])
        for each in JET1090
        if each.get("bds") == "08"
        and isinstance(frame := message.read(bytes.fromhex(each["frame"])), Squitter)
    ]
    assert said
    assert all(mine == Identification(theirs.strip(), "A0") for mine, theirs in said)


def test_every_place_is_as_jet1090_has_it() -> None:
    reader = ModeSReader(AvrStream(), source=SOURCE, groups=GROUPS)
    compared = 0
    for each in JET1090:
        line = f"*{each['frame']};\n".encode()
        for report in reader.read(line, received=NOW, tick=each["timestamp"]):
            assert isinstance(report.body, Position)
            assert report.body.point is not None
            assert report.body.point.lat == pytest.approx(each["latitude"], abs=1e-9)
            assert report.body.point.lon == pytest.approx(each["longitude"], abs=1e-9)
            assert again(report) == report
            compared += 1
    assert compared > 200


def test_every_place_on_the_ground_is_as_jet1090_has_it() -> None:
    compared = 0
    for each in JET1090:
        said = message.read(bytes.fromhex(each["frame"]))
        if not (isinstance(said, Squitter) and 5 <= said.code <= 8):
            continue
        moves = message.surface(said)
        found = place_on_ground(moves.fix, (49.0097, 2.5478))  # Paris Charles de Gaulle, by its AIP
        assert found == pytest.approx((each["latitude"], each["longitude"]), abs=1e-9)
        assert (moves.speed, moves.course) == (each["groundspeed"], each["track"])
        compared += 1
    assert compared == 24


def test_beast_and_avr_of_one_receiver_give_the_same_frames() -> None:
    data = (HERE / "beast_sample.bin").read_bytes()
    frames = list(BeastStream().receive(data))
    assert len(frames) == 239
    again = b"".join(b"*%b;\n" % each.hex().encode() for each in frames)
    assert list(AvrStream().receive(again)) == frames


@pytest.mark.parametrize("step", [1, 7, 100])
def test_the_frames_do_not_depend_on_how_the_bytes_are_divided(step: int) -> None:
    data = (HERE / "beast_sample.bin").read_bytes()
    stream = BeastStream()
    frames = [
        each for at in range(0, len(data), step) for each in stream.receive(data[at : at + step])
    ]
    assert frames == list(BeastStream().receive(data))


def test_several_aircraft_of_an_old_receiver_are_read() -> None:
    frames = list(AvrStream().receive((HERE / "modes1_avr.txt").read_bytes()))
    said = [message.read(each) for each in frames if message.read(each) is not None]
    assert len(frames) == 217
    assert {each.icao for each in said if isinstance(each, Squitter)} >= {0x4D2023}


def test_every_aircraft_of_readsb_with_a_place_is_there() -> None:
    data = (HERE / "readsb_aircraft_1.json").read_bytes()
    document = json.loads(data)
    placed = [each for each in document["aircraft"] if "lat" in each]
    reports = ReadsbReader(source=SOURCE, groups=GROUPS).read(data, received=NOW, tick=0.0)
    assert len(reports) == len(placed) > 60
    for said, report in zip(placed, reports, strict=True):
        body = report.body
        assert isinstance(body, Position)
        assert body.point is not None
        assert (body.point.lat, body.point.lon) == (said["lat"], said["lon"])
        speed = said.get("gs")
        assert body.speed == (None if speed is None else pytest.approx(speed * KNOT))
        assert body.course == said.get("track")
        assert body.point.hae == (
            pytest.approx(said["alt_geom"] * FEET) if "alt_geom" in said else None
        )
        climb = said.get("geom_rate", said.get("baro_rate"))
        assert body.climb == (None if climb is None else pytest.approx(climb * FEET_A_MINUTE))
        assert report.time.timestamp() == pytest.approx(document["now"] - said["seen_pos"])
        assert again(report) == report


def test_every_place_of_an_sbs_log_is_there() -> None:
    reader = SbsReader(source=SOURCE, groups=GROUPS)
    placed = 0
    lines = gzip.decompress((HERE / "sbs_stratux.log.gz").read_bytes())
    for line in lines.splitlines(keepends=True):
        offset, _, rest = line.partition(b",")
        words = rest.split(b",")
        for report in reader.read(rest, received=NOW, tick=int(offset) / 1e9):
            assert isinstance(report.body, Position)
            assert report.body.point is not None
            assert report.uid == f"ICAO-{words[4].decode()}"
            assert report.body.point.lat == float(words[14])
            assert report.body.point.lon == float(words[15])
            assert again(report) == report
            placed += 1
    assert placed > 50
    assert reader.counts["lines"] == 4_000
