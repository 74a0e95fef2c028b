import gzip
import json
import os
import pty
import socket
from pathlib import Path

import pytest

from accord.cli.feed_check import check, pieces
from accord.core.errors import UsageError
from accord.feeds.settings import FeedSettings, Format, Transport
from support.nmea import encoded

SHIP = encoded(type=1, mmsi=512000001, lat=-41.3, lon=174.8) + b"\n"
POINT = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 2]}, "properties": {}}


def feed(format_: Format, transport: Transport, address: str, **more: str) -> FeedSettings:
    return FeedSettings(
        format=format_,
        transport=transport,
        address=address,
        groups=("Watch",),
        **more,  # type: ignore[arg-type]
    )


def file(format_: Format, name: str) -> FeedSettings:
    return feed(format_, Transport.FILE, name)


def test_a_document_is_read_whole_and_binary_frames_without_a_line_end(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"ab")
    assert list(pieces(tmp_path / "x", Format.GPX)) == [b"ab"]
    assert list(pieces(tmp_path / "x", Format.BEAST)) == [b"ab", b""]
    assert list(pieces(tmp_path / "x", Format.AIS)) == [b"ab", b"\n"]


def test_a_file_of_which_something_is_of_use_is_right(tmp_path: Path) -> None:
    (tmp_path / "day").write_bytes(gzip.compress(b"# a comment\n" + SHIP))
    (tmp_path / "chart").write_text(json.dumps(POINT))
    check("day", file(Format.AIS, "day"), tmp_path, {})
    check("chart", file(Format.GEOJSON, "chart"), tmp_path, {})
    (tmp_path / "none").write_bytes(gzip.compress(b"# a comment\n"))
    with pytest.raises(UsageError, match="nothing of it is of use"):
        check("none", file(Format.AIS, "none"), tmp_path, {})


@pytest.mark.parametrize(
    ("of", "why"),
    [
        (file(Format.AIS, "none"), "cannot be read"),
        (file(Format.AIS, "."), "cannot be read"),
        (file(Format.SBS, "day"), "nothing of it is of use as sbs (1 other lines)"),
        (file(Format.GEOJSON, "day"), "nothing of it is of use as geojson (1 malformed)"),
    ],
)
def test_a_file_that_is_not_there_or_of_no_use_is_said(
    tmp_path: Path, of: FeedSettings, why: str
) -> None:
    (tmp_path / "day").write_bytes(SHIP)
    with pytest.raises(UsageError) as error:
        check("day", of, tmp_path, {})
    assert why in str(error.value)


def test_of_a_long_recording_only_the_beginning_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accord.cli.feed_check.READ", 10)
    monkeypatch.setattr("accord.cli.feed_check._CHUNK", 10)
    (tmp_path / "day").write_bytes(b"x" * 10 + b"\n" + SHIP)
    with pytest.raises(UsageError, match="of use as ais"):
        check("day", file(Format.AIS, "day"), tmp_path, {})


@pytest.mark.parametrize(
    ("transport", "kind"),
    [(Transport.TCP_SERVER, socket.SOCK_STREAM), (Transport.UDP, socket.SOCK_DGRAM)],
)
def test_a_port_that_another_program_has_is_said(
    tmp_path: Path, transport: Transport, kind: socket.SocketKind
) -> None:
    with socket.socket(socket.AF_INET, kind) as other:
        other.bind(("127.0.0.1", 0))
        if kind is socket.SOCK_STREAM:
            other.listen()
        address = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(UsageError, match="another program has this port"):
            check("a", feed(Format.AIS, transport, address), tmp_path, {})
    check("a", feed(Format.AIS, transport, address), tmp_path, {})


def test_a_port_that_another_feed_has_is_said(tmp_path: Path) -> None:
    one = feed(Format.AIS, Transport.UDP, "127.0.0.1:10110")
    with pytest.raises(UsageError, match="feed harbour has this port already"):
        check("a", one, tmp_path, {"harbour": one})


@pytest.mark.parametrize("address", ["192.0.2.1:10110", "harbour.example:10110"])
def test_an_address_that_is_not_this_machines_is_said(tmp_path: Path, address: str) -> None:
    with pytest.raises(UsageError, match=address):
        check("a", feed(Format.AIS, Transport.UDP, address), tmp_path, {})


def test_a_multicast_group_may_be_listened_to_by_others_too(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        with pytest.raises(UsageError, match="another program has this port"):
            check("a", feed(Format.DIS, Transport.UDP, f"127.0.0.1:{port}"), tmp_path, {})
        check("a", feed(Format.DIS, Transport.UDP, f"239.1.2.3:{port}"), tmp_path, {})


def test_a_serial_line_is_one(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    try:
        check("a", feed(Format.NMEA, Transport.SERIAL, os.ttyname(theirs)), tmp_path, {})
    finally:
        os.close(ours)
        os.close(theirs)
    (tmp_path / "file").touch()
    for path, why in ((tmp_path / "none", "No such file"), (tmp_path / "file", "no serial line")):
        with pytest.raises(UsageError, match=why):
            check("a", feed(Format.NMEA, Transport.SERIAL, str(path)), tmp_path, {})


def test_a_password_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    of = feed(Format.JSON, Transport.MQTT, "mqtt://192.0.2.1/vans", password_file="secret")
    with pytest.raises(UsageError, match="password_file"):
        check("a", of, tmp_path, {})
    (tmp_path / "secret").write_text("x")
    check("a", of, tmp_path, {})
