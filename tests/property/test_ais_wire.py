"""AIS from anywhere: chunking does not matter, and hostile bytes raise nothing but are counted."""

from contextlib import suppress
from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from accord.core.report import Source
from accord.wire.ais.message import decode
from accord.wire.ais.stream import AisFrame, AisStream
from accord.wire.ais.translate import AisReader, from_original
from accord.wire.errors import WireError
from support.nmea import encoded, sentence

NOW = datetime(2026, 1, 2, tzinfo=UTC)
SOURCE = Source(node="NZL", channel="feed:a", speaker="a")
ARMOUR = "0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVW`abcdefghijklmnopqrstuvw"

payloads = st.text(ARMOUR, max_size=80)
fills = st.integers(0, 5)
real = st.builds(
    lambda kind, mmsi, lat, lon: encoded(type=kind, mmsi=mmsi, lat=lat, lon=lon, status=0),
    kind=st.sampled_from([1, 3, 4, 5, 9, 18, 19, 21, 24, 27]),
    mmsi=st.integers(1, 999_999_999),
    lat=st.floats(-91, 91),
    lon=st.floats(-181, 181),
)
garbled = st.builds(lambda p, f: sentence(f"AIVDM,1,1,,A,{p},{f}"), payloads, fills)
fragment = st.builds(
    lambda count, number, seq, p: sentence(f"AIVDM,{count},{number},{seq},A,{p},0"),
    st.integers(1, 4),
    st.integers(1, 4),
    st.integers(0, 3),
    payloads,
)
junk = st.binary(max_size=300).map(lambda data: data.replace(b"\n", b""))
lines = st.lists(st.one_of(real, garbled, fragment, junk), max_size=12)
traffic = lines.map(lambda some: b"".join(line + b"\n" for line in some))


def frames_of(chunks: list[bytes]) -> tuple[list[AisFrame], dict[str, int]]:
    stream = AisStream(max_line=200)
    frames = [frame for chunk in chunks for frame in stream.receive(chunk, 0.0)]
    return frames, dict(stream.counts)


@given(data=traffic, cuts=st.lists(st.integers(0, 2000), max_size=10))
def test_frames_do_not_depend_on_chunking(data: bytes, cuts: list[int]) -> None:
    at = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    chunks = [data[a:b] for a, b in pairwise(at)]
    assert frames_of(chunks) == frames_of([data])


@given(payload=payloads, fill=fills)
def test_a_payload_is_read_or_refused(payload: str, fill: int) -> None:
    with suppress(WireError):
        found = decode(payload.encode(), fill)
        said = [each for each in found if each is not None]
        assert all(0 <= each.mmsi < 1 << 30 for each in said)
        assert decode(payload.encode(), fill) == found


@given(data=traffic)
def test_every_report_is_made_again_from_its_original(data: bytes) -> None:
    reader = AisReader(source=SOURCE, groups=frozenset({"A"}))
    for report in reader.read(data, received=NOW, tick=0.0):
        assert report.original is not None
        again = from_original(
            report.original, source=SOURCE, groups=report.groups, received=report.received
        )
        assert again == report
