import gzip
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from accord.api import page
from accord.api.page import routes

GZIPPED = gzip.compress(b"whole")


def _client(built: Path, basemap: Path) -> httpx.AsyncClient:
    application = Starlette(routes=routes(page=built, basemap=basemap))
    return httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="https://node")


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    built, basemap = tmp_path / "page", tmp_path / "basemap"
    (built / "assets").mkdir(parents=True)
    basemap.mkdir()
    (built / "index.html").write_text("<!doctype html>")
    (built / "assets" / "index-abc.js").write_text("whole")
    (built / "assets" / "index-abc.js.br").write_bytes(b"brotli")
    (built / "assets" / "index-abc.js.gz").write_bytes(GZIPPED)
    (built / "assets" / "notes.txt").write_text("not served")
    (basemap / "world.pmtiles").write_bytes(bytes(range(100)))
    return built, basemap


@pytest.fixture
def browser(folders: tuple[Path, Path]) -> httpx.AsyncClient:
    built, basemap = folders
    return _client(built, basemap)


async def test_the_page_is_asked_for_anew_each_time(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/")
    assert (answer.status_code, answer.text) == (200, "<!doctype html>")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


async def test_the_finer_coast_comes_from_a_package_where_one_is_installed(
    folders: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built, basemap = folders
    package = tmp_path / "site" / "accord_coast"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    assert page.coast_of("accord_coast_of_nobody") is None
    monkeypatch.syspath_prepend(str(package.parent))
    assert page.coast_of("accord_coast") is None
    (package / "coast.pmtiles").write_bytes(b"PMTiles")
    application = Starlette(routes=routes(page=built, basemap=basemap, package="accord_coast"))
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="https://node") as asking:
        answer = await asking.get("/basemap/coast.pmtiles")
        assert answer.content == b"PMTiles"
        assert (await asking.get("/basemap/world.pmtiles")).content == bytes(range(100))


async def test_a_node_without_its_page_says_how_it_is_built(tmp_path: Path) -> None:
    answer = await _client(tmp_path, tmp_path).get("/")
    assert answer.status_code == 503
    assert "python tools/page.py" in answer.text


async def test_a_part_of_the_page_is_never_asked_for_again(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/assets/index-abc.js", headers={"accept-encoding": "identity"})
    assert (answer.text, "content-encoding" in answer.headers) == ("whole", False)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("br;q=0.0", None),
        ("deflate", None),
    ],
)
async def test_a_part_comes_as_small_as_the_browser_reads_it(
    folders: tuple[Path, Path], accepted: str, encoding: str | None
) -> None:
    built, basemap = folders
    client = _client(built, basemap)
    headers = {"accept-encoding": accepted}
    async with client.stream("GET", "/assets/index-abc.js", headers=headers) as answer:
        raw = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers.get("content-encoding") == encoding
    assert raw == {"br": b"brotli", "gzip": GZIPPED, None: b"whole"}[encoding]
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["vary"] == "accept-encoding"


async def test_tiles_come_by_range(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/basemap/world.pmtiles", headers={"range": "bytes=10-19"})
    assert (answer.status_code, answer.content) == (206, bytes(range(10, 20)))
    assert answer.headers["content-range"] == "bytes 10-19/100"


@pytest.mark.parametrize(
    "path",
    [
        "/assets/other.js",
        "/assets/notes.txt",
        "/assets/..%2Findex.html",
        "/assets/..%5Cindex.html",
        "/assets/%2Fetc%2Fpasswd",
        "/assets/index-abc.js.br",
        "/basemap/..%2Fpage%2Findex.html",
        "/basemap/coast.pmtiles",
    ],
)
async def test_nothing_else_is_served(browser: httpx.AsyncClient, path: str) -> None:
    assert (await browser.get(path)).status_code == 404


@pytest.mark.parametrize("path", ["/", "/assets/index-abc.js", "/basemap/world.pmtiles"])
async def test_every_answer_lets_nothing_run_but_what_the_node_serves(
    browser: httpx.AsyncClient, path: str
) -> None:
    headers = (await browser.get(path)).headers
    policy = dict(each.split(" ", 1) for each in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_the_map_under_the_tracks_is_in_the_wheel() -> None:
    served = {path.name for path in page.BASEMAP.glob("*.pmtiles")}
    assert served == {"world.pmtiles", "bathy.pmtiles"}
    for name in served:
        assert (page.BASEMAP / name).read_bytes().startswith(b"PMTiles\x03")
