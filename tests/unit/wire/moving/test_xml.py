"""Tracks that ATAK sends: what TAK Server 5.7 reads of them (public source: KmlUtils)."""

from datetime import UTC, datetime

import pytest

from accord.wire.errors import FrameTooLarge, Malformed, TooDeep, Unsupported, WireError
from accord.wire.moving.xml import TrackPoint, read_tracks
from support.sent_tracks import COORDS, HEAD, TAIL, WHENS, a_document, a_track

BEGUN = datetime(2026, 1, 2, 2, tzinfo=UTC).timestamp()


def read(*tracks: str, most: int = 100) -> list[TrackPoint]:
    return read_tracks(a_document(*tracks), most=most)


def test_points_are_read_with_what_belongs_to_each() -> None:
    track = a_track(
        angles=("370 0 0", "", "-90 0 0"),
        arrays={
            "speed": ("1.5", "x", "-1"), "ce": ("9.8", "NaN", "3"), "le": ("1", "2", "3"),
            "geopointsrc": ("GPS",),
        },
    )  # fmt: skip
    assert read(track) == [
        TrackPoint(BEGUN, -41.3, 174.8, 12.5, 9.8, 10.0, 1.5),
        TrackPoint(BEGUN + 5, -41.31, 174.81, 0.0, None, None, None),
        TrackPoint(BEGUN + 10, -41.32, 174.82, None, 3.0, 270.0, None),
    ]


def test_points_of_several_tracks_are_in_order_of_time_and_once_each() -> None:
    later = a_track(("2026-01-02T03:00:00Z",), ("1 2",))
    again = a_track((WHENS[1], "2026-01-02T15:00:30+13:00", "2026-01-02T02:01:00"), COORDS)
    multi = f"<gx:MultiTrack>{later}{again}{a_track()}</gx:MultiTrack>"
    found = read(multi)
    assert [each.time - BEGUN for each in found] == [0, 5, 10, 30, 60, 3600]
    assert found[1].lon == 174.8  # the first that was said of that moment


def test_a_moment_without_a_place_is_left_out_and_so_is_all_that_is_no_track() -> None:
    line = "<LineString><coordinates>1,2</coordinates></LineString><when>2026</when>"
    assert [each.lon for each in read(line, a_track(coords=("1 2", "", "3 4")))] == [1.0, 3.0]
    assert read(line) == []
    assert read(a_track((), ())) == []


@pytest.mark.parametrize(
    ("track", "match"),
    [
        (a_track(WHENS[:2]), "2 when and 3 gx:coord"),
        (a_track(coords=()), "3 when and 0 gx:coord"),
        (a_track(angles=("1 0 0",)), "1 gx:angles"),
        (a_track(arrays={"speed": ("1",)}), "1 speed"),
        (a_track(coords=("1", "1 2", "1 2")), "no place"),
        (a_track(coords=("x 1", "1 2", "1 2")), "no place"),
        (a_track(coords=("181 1", "1 2", "1 2")), "no place"),
        (a_track(coords=("1 -90.1", "1 2", "1 2")), "no place"),
        (a_track(coords=("nan 1", "1 2", "1 2")), "no place"),
        (a_track(("yesterday", *WHENS[1:])), "no moment"),
    ],
)
def test_a_track_that_does_not_fit_together_is_refused(track: str, match: str) -> None:
    with pytest.raises(Malformed, match=match):
        read(track)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", Malformed), (b"no XML", Malformed), (b"<gpx/>", Malformed),
        (b'<?xml version="1.0" encoding="none"?><kml/>', Malformed),
        (b"<kml>" + b"<a>" * 32 + b"</a>" * 32 + b"</kml>", TooDeep),
        (b'<!DOCTYPE kml [<!ENTITY a "b">]><kml>&a;</kml>', Unsupported),
        (b'<!DOCTYPE kml [<!ENTITY a SYSTEM "file:///etc/passwd">]><kml>&a;</kml>', Unsupported),
        (HEAD.encode() + b"\xff" + TAIL.encode(), Malformed),
    ],
)  # fmt: skip
def test_what_is_no_document_is_refused(data: bytes, fault: type[WireError]) -> None:
    with pytest.raises(fault):
        read_tracks(data, most=100)


def test_no_more_points_are_read_than_asked_for() -> None:
    assert len(read(most=3)) == 3
    with pytest.raises(FrameTooLarge, match="more than 5"):
        read(a_track(), a_track(), most=5)
