import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import pytest

from accord.api import tile_source
from accord.api.tile_source import HALF_WORLD, TileFault, TileSource, bounds_of


class ChartServer(BaseHTTPRequestHandler):
    """Answers as the test says, and notes what it was asked."""

    asked: ClassVar[list[str]] = []
    status: ClassVar[int] = 200
    headers_said: ClassVar[dict[str, str]] = {}
    body: ClassVar[bytes] = b"PNG"
    drips: ClassVar[str] = ""
    is_over: ClassVar[threading.Event] = threading.Event()

    def do_GET(self) -> None:
        ChartServer.asked.append(self.path)
        if self.drips:
            self.drip()
            return
        self.send_response(self.status)
        for name, value in self.headers_said.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.body)

    def drip(self) -> None:
        """Send a byte again and again, of the head or of the body, for as long as it is taken."""
        if self.drips == "body":
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.end_headers()
        else:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        with contextlib.suppress(OSError):
            while not self.is_over.wait(0.01):
                self.wfile.write(b"x")

    def log_message(self, format: str, *_: Any) -> None:  # noqa: A002  the base class's name
        assert format


@pytest.fixture
def server() -> Iterator[str]:
    ChartServer.asked, ChartServer.status, ChartServer.body = [], 200, b"PNG"
    ChartServer.headers_said = {"Content-Type": "image/png"}
    ChartServer.drips, ChartServer.is_over = "", threading.Event()
    served = HTTPServer(("127.0.0.1", 0), ChartServer)
    thread = threading.Thread(target=served.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{served.server_port}"
    ChartServer.is_over.set()
    served.shutdown()
    thread.join()
    served.server_close()


def test_a_tile_comes_as_it_is_from_where_the_address_says(server: str) -> None:
    tile = TileSource(f"{server}/wmts/{{z}}/{{y}}/{{x}}.png?key=1").fetch(3, 5, 2)
    assert (tile.data, tile.media_type) == (b"PNG", "image/png")
    assert ChartServer.asked == ["/wmts/3/2/5.png?key=1"]


def test_a_map_server_is_asked_for_the_box_of_the_tile() -> None:
    source = TileSource("https://charts.example/wms?bbox={bbox}&width=256")
    # EPSG:3857 reaches 20037508.342789 m from the middle to each side (epsg.io)
    whole = "-20037508.342789,-20037508.342789,20037508.342789,20037508.342789"
    assert source.path_of(0, 0, 0) == f"/wms?bbox={whole}&width=256"


def test_tiles_are_counted_from_the_north_west() -> None:
    assert bounds_of(1, 0, 0) == (-HALF_WORLD, 0.0, 0.0, HALF_WORLD)
    assert bounds_of(1, 1, 1) == (0.0, -HALF_WORLD, HALF_WORLD, 0.0)


@pytest.mark.parametrize(
    ("status", "headers", "why"),
    [
        (404, {"Content-Type": "image/png"}, "404"),
        (302, {"Location": "http://127.0.0.1:1/elsewhere"}, "302"),
        (200, {"Content-Type": "text/html"}, "text/html, which is no image"),
        (200, {"Content-Type": "image/svg+xml"}, "no image"),
    ],
)
def test_what_is_no_image_of_that_server_is_no_tile(
    server: str, status: int, headers: dict[str, str], why: str
) -> None:
    ChartServer.status, ChartServer.headers_said = status, headers
    with pytest.raises(TileFault, match=why):
        TileSource(server + "/{z}/{x}/{y}").fetch(0, 0, 0)
    assert len(ChartServer.asked) == 1


def test_a_tile_beyond_the_limit_is_refused(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tile_source, "MAX_TILE", 2)
    with pytest.raises(TileFault, match="larger than 2 bytes"):
        TileSource(server + "/{z}/{x}/{y}").fetch(0, 0, 0)


@pytest.mark.parametrize("drips", ["head", "body"])
def test_a_server_that_drips_is_cut_off_in_the_time_of_one_tile(
    server: str, drips: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tile_source, "WITHIN", 0.2)
    ChartServer.drips = drips
    with pytest.raises(TileFault, match=r"longer than 0\.2 s"):
        TileSource(server + "/{z}/{x}/{y}").fetch(0, 0, 0)


def test_a_server_that_does_not_answer_is_said() -> None:
    with pytest.raises(TileFault, match="cannot be asked"):
        TileSource("http://127.0.0.1:1/{z}/{x}/{y}").fetch(0, 0, 0)
