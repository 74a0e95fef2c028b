"""What gpsd, and people who checked by hand, made of the same sentences."""

import json
from pathlib import Path
from typing import Any

import pytest

from accord.wire.ais.message import AisMessage, decode
from accord.wire.ais.stream import AisStream

HERE = Path(__file__).parent
ANNOTATED = json.loads((HERE / "annotated.json").read_text("utf-8"))


def messages(lines: bytes) -> list[AisMessage]:
    return [decode(f.payload, f.fill) for f in AisStream().receive(lines + b"\n", 0.0)]


@pytest.mark.parametrize("sample", ANNOTATED, ids=lambda s: s["sentences"][0][14:30])
def test_sentences_decode_to_their_annotation(sample: dict[str, Any]) -> None:
    (message,) = messages("\n".join(sample["sentences"]).encode())
    for part in ("position", "static"):
        said = getattr(message, part)
        assert said is None if part not in sample else said._asdict() == pytest.approx(sample[part])


def expected_of_gpsd() -> dict[tuple[int, int], list[dict[str, Any]]]:
    """What gpsd decoded, by message type and number, in order."""
    found: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for line in (HERE / "gpsd_ait250.json").read_text("utf-8").splitlines():
        if line.startswith('{"class":"AIS"'):
            said = json.loads(line)
            found.setdefault((said["type"], said["mmsi"]), []).append(said)
    return found


def unless(value: float, none: float, scale: float) -> float | None:
    return None if value == none else value / scale


def test_every_position_of_a_real_receiver_is_as_gpsd_has_it() -> None:
    # Not scaled by gpsd: coordinates in 1/10000 minutes, speed and course in tenths (AIVDM/AIVDO
    # protocol decoding, E. Raymond).
    expected = expected_of_gpsd()
    compared = 0
    for message in messages((HERE / "gpsd_ait250.log").read_bytes()):
        said = message.position
        if said is None:
            continue
        gpsd = expected[(said.type, said.mmsi)].pop(0)
        assert said.lat == pytest.approx(unless(gpsd["lat"], 91 * 600_000, 600_000), abs=1e-6)
        assert said.lon == pytest.approx(unless(gpsd["lon"], 181 * 600_000, 600_000), abs=1e-6)
        if said.type != 4:
            assert said.speed == unless(gpsd["speed"], 1023, 10)
            assert said.course == unless(gpsd["course"], 3600, 10)
            assert said.heading == unless(gpsd["heading"], 511, 1)
            assert said.status == gpsd.get("status")
        compared += 1
    assert compared == 69


def test_every_type_is_as_libais_has_it() -> None:
    """But for an aircraft's speed, which libais takes for tenths of knots (M.1371-5: knots)."""
    expected: dict[tuple[int, int], dict[str, Any]] = {}
    for line in (HERE / "libais_typeexamples.json").read_text("utf-8").splitlines():
        said = json.loads(line)
        expected[(said["type"], said["mmsi"])] = said
    compared = 0
    for message in messages((HERE / "libais_typeexamples.nmea").read_bytes()):
        place, static = message.position, message.static
        if place is not None:
            libais = expected[(place.type, place.mmsi)]
            assert place.lat == pytest.approx(unless(libais["lat"], 91, 1), abs=1e-5)
            assert place.lon == pytest.approx(unless(libais["lon"], 181, 1), abs=2e-5)
            scale = 0.1 if place.type == 9 else 1
            assert place.speed == pytest.approx(unless(libais.get("speed", -1), -1, scale))
            assert place.course == pytest.approx(unless(libais.get("course", -1), -1, 1))
        elif static is not None:
            libais = expected[(int(static.part[:2].rstrip("AB")), static.mmsi)]
            assert static.name == libais["shipname"]
            assert static.callsign == libais.get("callsign")
        compared += place is not None or static is not None
    assert compared == 11
