"""What charts of the administrator's own there are under the tracks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

FILES: Mapping[str, tuple[str, str]] = {
    ".geojson": ("geojson", "application/geo+json"),
    ".pmtiles": ("pmtiles", "application/vnd.pmtiles"),
}
"""What a chart's file may be: suffix to kind and media type."""

DEEPEST = 22
"""The last zoom of a tile."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartSettings:
    """One chart of one's own: a section [chart.NAME] each, with a file or a url."""

    file: str = field(
        default="", metadata={"doc": "a .geojson or .pmtiles file, from the node's directory"}
    )
    url: str = field(
        default="",
        metadata={
            "doc": "tiles of a server, fetched by the node: an address with {z}, {x} and {y} "
            "(WMTS, XYZ), or with {bbox} (WMS 1.3.0, EPSG:3857)"
        },
    )
    title: str = field(default="", metadata={"doc": "what people call it"})
    attribution: str = field(default="", metadata={"doc": "whose it is, shown with it"})
    min_zoom: int = field(default=0, metadata={"doc": "the first zoom it has", "least": 0})
    max_zoom: int = field(default=18, metadata={"doc": "the last zoom it has", "least": 0})

    def __post_init__(self) -> None:
        if bool(self.file) is bool(self.url):
            raise ValueError("a chart has a file or a url, one of the two")
        if self.file and Path(self.file).suffix not in FILES:
            raise ValueError(f"file is one of {', '.join(FILES)}")
        if self.url:
            _check_url(self.url)
        if not self.min_zoom <= self.max_zoom <= DEEPEST:
            raise ValueError(f"zooms go from min_zoom to max_zoom, at most {DEEPEST}")

    @property
    def kind(self) -> str:
        """What the page is to make of it."""
        return FILES[Path(self.file).suffix][0] if self.file else "tiles"


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "{" in parts.netloc:
        raise ValueError("url is an http or https address of a server")
    holes = set(re.findall(r"{(\w*)}", url))
    if holes not in ({"z", "x", "y"}, {"bbox"}):
        raise ValueError("url has {z}, {x} and {y} in it, or {bbox}")


def check_name(name: str) -> None:
    """ValueError for what cannot be the name of a chart: it is part of an address."""
    if _NAME.fullmatch(name) is None:
        raise ValueError(f"chart {name!r}: give up to 40 letters, digits, - and _")
