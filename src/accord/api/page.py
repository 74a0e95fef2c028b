"""The page of the browser, and the map under it: files of the wheel, each known by name before."""

import importlib.util
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

import accord
from accord.api.download import Download

PAGE = Path(accord.__file__).parent / "page"
BASEMAP = Path(accord.__file__).parent / "basemap"

NOT_BUILT = (
    "This node has no page: it runs from source, and the page has not been built there.\n"
    "Build it with `python tools/page.py` (Node.js 20.19 or newer), and load this again.\n"
)

POLICY = "; ".join((
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
))  # fmt: skip
"""Nothing that is not a file of this node runs, and nothing is asked of anybody else."""

HEADERS: Mapping[str, str] = {
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}

_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"
_ENCODINGS: Sequence[tuple[str, str]] = (("br", ".br"), ("gzip", ".gz"))
_TYPES: Mapping[str, str] = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".pmtiles": "application/vnd.pmtiles",
}


COAST = "coast.pmtiles"
COAST_PACKAGE = "accord_coast"
"""Brings the finer coast, where it is installed: packages/accord-coast."""


def coast_of(package: str) -> Path | None:
    """Return the finer coast that a package brings, None where it is not installed."""
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        return None
    path = Path(found.origin).parent / COAST
    return path if path.is_file() else None


def routes(
    *, page: Path = PAGE, basemap: Path = BASEMAP, package: str = COAST_PACKAGE
) -> list[BaseRoute]:
    """Return the routes of the page and of the map under it."""
    files = Files(page=page, basemap=basemap, coast=coast_of(package))
    return [
        Route("/", files.index),
        Route("/assets/{name}", files.asset),
        Route("/basemap/{name}", files.tiles),
    ]


class Files:
    """Answers with files of two folders, and with nothing else: a name is no path.

    `coast` is the finer coast, from wherever it is.
    """

    def __init__(self, *, page: Path, basemap: Path, coast: Path | None = None) -> None:
        self._page = page
        self._basemap = basemap
        self._coast = coast

    async def index(self, _: Request) -> Response:
        """Answer with the page, or with how it is built."""
        path = self._page / "index.html"
        if not path.is_file():
            return PlainTextResponse(NOT_BUILT, 503, headers=dict(HEADERS))
        return _file(path, _ASK_AGAIN)

    async def asset(self, request: Request) -> Response:
        """Answer with a part of the page, as small as the browser can read it.

        The name changes with what is in it, so a browser never has to ask again.
        """
        path = _named(self._page / "assets", request)
        accepted = _accepted(request)
        for encoding, suffix in _ENCODINGS:
            smaller = path.with_name(path.name + suffix)
            if encoding in accepted and smaller.is_file():
                return _file(smaller, _FOR_EVER, like=path, encoding=encoding)
        return _file(path, _FOR_EVER)

    async def tiles(self, request: Request) -> Response:
        """Answer with tiles of a base map, by range."""
        if self._coast is not None and request.path_params["name"] == COAST:
            return _file(self._coast, _ASK_AGAIN)
        return _file(_named(self._basemap, request), _ASK_AGAIN)


def _named(folder: Path, request: Request) -> Path:
    """Return a file of a folder. 404 for what is not one of the kinds that are served."""
    name = str(request.path_params["name"])
    path = folder / name
    if "/" in name or "\\" in name or path.suffix not in _TYPES or not path.is_file():
        raise HTTPException(404, "there is no such file")
    return path


def _accepted(request: Request) -> frozenset[str]:
    """Return the encodings that a browser names and does not refuse (RFC 9110, 12.5.3)."""
    named = request.headers.get("accept-encoding", "").lower().split(",")
    return frozenset(
        each.partition(";")[0].strip()
        for each in named
        if not re.search(r";\s*q=0(?:\.0*)?\s*$", each)
    )


def _file(
    path: Path, keep: str, *, like: Path | None = None, encoding: str | None = None
) -> Response:
    headers = {**HEADERS, "cache-control": keep, "vary": "accept-encoding"}
    if encoding is not None:
        headers["content-encoding"] = encoding
    return Download(path, headers=headers, media_type=_TYPES[(like or path).suffix])
