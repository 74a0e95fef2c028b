"""Maps and charts as SVG without a script, told apart by lightness and by words: print will do."""

from collections.abc import Callable, Iterator, Sequence
from html import escape
from math import cos, radians

import numpy as np
from numpy.typing import NDArray

from accord.posture import cells
from accord.posture.answer import Bar
from accord.posture.stations import Floats

Land = NDArray[np.bool_]
"""Where there is land, by rows from 90 south and columns from 180 west, all of one size."""

CLASSES = ("never", "up to 20 %", "up to 40 %", "up to 60 %", "up to 80 %", "over 80 %")
"""What a cell's share of draws is told as, from hatched to the darkest."""
_SHADES = ("url(#hatch)", "#eef4fa", "#c4dbee", "#7fb0d8", "#2f6fb0", "#08306b")
_STEPS = (0.2, 0.4, 0.6, 0.8)

_WIDE = 460.0
_MARGIN = 4.0
"""Degrees around an area."""

_ROW = 26
_LONGEST = 52
"""Letters of a text beside a drawing."""


def class_of(share: float) -> int:
    """Return the place of a share in CLASSES."""
    if share <= 0.0:
        return 0
    return next((n for n, limit in enumerate(_STEPS, 1) if share <= limit), len(_STEPS) + 1)


def svg(width: float, height: float, title: str, body: str, *, name: str) -> str:
    """Return a drawing that is read out by its title."""
    return (
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" '
        f'role="img" aria-labelledby="{name}"><title id="{name}">{escape(title)}</title>'
        f"{body}</svg>"
    )


class Chart:
    """A part of the world on paper: equal degrees of longitude, true to shape in its middle."""

    def __init__(self, area: Sequence[int]) -> None:
        lats, lons = cells.centres(area)
        # East of Greenwich all the way round, so that 180 degrees is no edge.
        lons = lons % 360.0
        self._west, self._north = float(lons.min()) - _MARGIN, float(lats.max()) + _MARGIN
        self._east, self._south = float(lons.max()) + _MARGIN, float(lats.min()) - _MARGIN
        middle = max(0.2, cos(radians((self._north + self._south) / 2)))
        self._scale = _WIDE / (self._east - self._west)
        self._tall = self._scale / middle
        self.width, self.height = _WIDE, (self._north - self._south) * self._tall

    def draw(
        self, area: Sequence[int], shares: Floats, land: Land, title: str, *, name: str
    ) -> str:
        """Return the map of the shares of an area's cells."""
        body = (
            f'<rect width="{self.width:.0f}" height="{self.height:.0f}" fill="#fff" stroke="#555"/>'
            f"{self._cells(area, shares)}{self._land(land)}{self._meridian()}"
        )
        return svg(self.width, self.height, title, body, name=name)

    def _cells(self, area: Sequence[int], shares: Floats) -> str:
        paths: dict[int, list[str]] = {}
        for cell, value in zip(area, shares, strict=True):
            paths.setdefault(class_of(float(value)), []).append(self._outline(cell))
        return "".join(
            f'<path d="{"".join(paths[n])}" fill="{_SHADES[n]}" stroke="#fff" stroke-width="0.4"/>'
            for n in sorted(paths)
        )

    def _outline(self, cell: int) -> str:
        corners = cells.border(cell)
        first = corners[0][1] % 360.0
        points: list[str] = []
        for lat, lon in corners:
            near = first + (lon - first + 180.0) % 360.0 - 180.0
            points.append(f"{self._x(near):.1f} {self._y(lat):.1f}")
        return f"M{'L'.join(points)}Z"

    def _land(self, land: Land) -> str:
        return f'<path d="{"".join(self._runs(land))}" fill="#6b6b5e"/>'

    def _runs(self, land: Land) -> Iterator[str]:
        """Yield each run of land along a parallel as one rectangle."""
        rows, columns = land.shape
        high, wide = 180.0 / rows, 360.0 / columns
        first = max(0, int((self._south + 90.0) / high))
        last = min(rows, int((self._north + 90.0) / high) + 1)
        west, count = self._west, int((self._east - self._west) / wide)
        at = (np.arange(count) + int((west + 180.0) % 360.0 / wide)) % columns
        for row in range(first, last):
            edges = np.flatnonzero(np.diff(np.concatenate([[0], land[row, at], [0]])))
            for begin, end in edges.reshape(-1, 2):
                x, y = self._x(west + begin * wide), self._y(-90.0 + (row + 1) * high)
                across, down = (end - begin) * wide * self._scale, high * self._tall
                yield f"M{x:.1f} {y:.1f}h{across:.1f}v{down:.1f}h{-across:.1f}Z"

    def _meridian(self) -> str:
        if not self._west < 180.0 < self._east:
            return ""
        x = self._x(180.0)
        return (
            f'<path d="M{x:.1f} 0V{self.height:.0f}" stroke="#555" stroke-dasharray="2 3"/>'
            f'<text x="{x + 3:.1f}" y="{self.height - 4:.0f}" font-size="9">180</text>'
        )

    def _x(self, lon: float) -> float:
        return (lon - self._west) * self._scale

    def _y(self, lat: float) -> float:
        return (self._north - lat) * self._tall


def legend() -> str:
    """Return what the shades of a map mean; its hatching is what maps of a page use as well."""
    hatch = (
        '<defs><pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse">'
        '<path d="M0 5L5 0" stroke="#777" stroke-width="0.8"/></pattern></defs>'
    )
    parts = [hatch]
    for n, (text, shade) in enumerate(zip(CLASSES, _SHADES, strict=True)):
        x = 4 + n * 110
        parts.append(
            f'<rect x="{x}" y="4" width="16" height="12" fill="{shade}" stroke="#555"/>'
            f'<text x="{x + 21}" y="14" font-size="12">{escape(text)}</text>'
        )
    return svg(
        670, 20, "Shades of the maps, from never to nearly always", "".join(parts), name="key"
    )


def bars_chart(bars: Sequence[Bar], now: float, *, name: str) -> str:
    """Return a bar from the low to the high end of each assumption, around the figure as it is."""
    told = [
        (each, min(each.low, each.high), max(each.low, each.high))
        for each in bars
        if each.low is not None and each.high is not None
    ]
    ends = [now, *(low for _, low, _ in told), *(high for _, _, high in told)]
    at = _axis(min(ends), max(ends), 330.0, 650.0)
    body: list[str] = []
    for n, (each, low, high) in enumerate(told):
        y = 8 + n * _ROW
        body.append(
            f'<text x="322" y="{y + 12}" font-size="12" text-anchor="end">'
            f"{escape(_short(each.assumption))}</text>"
            f'<rect x="{at(low):.1f}" y="{y + 2}" width="{max(1.0, at(high) - at(low)):.1f}" '
            f'height="12" fill="#7fb0d8" stroke="#08306b"/>'
            f'<text x="{at(low) - 3:.1f}" y="{y + 12}" font-size="10" text-anchor="end">{low:+.1f}'
            f'</text><text x="{at(high) + 3:.1f}" y="{y + 12}" font-size="10">{high:+.1f}</text>'
        )
    height = 16 + len(told) * _ROW
    body.append(f'<path d="M{at(now):.1f} 2V{height - 8}" stroke="#000" stroke-dasharray="4 2"/>')
    title = f"Hours of change as each assumption moves; the dashed line is {now:+.1f} h"
    return svg(700, height, title, "".join(body), name=name)


def shares_chart(rows: Sequence[tuple[str, dict[str, float]]], *, name: str) -> str:
    """Return one bar for each threshold, cut into the partners' shares, each with its name."""
    body: list[str] = []
    for n, (label, parts) in enumerate(rows):
        whole = sum(parts.values())
        x, y = 120.0, 6 + n * 34
        body.append(f'<text x="112" y="{y + 16}" font-size="12" text-anchor="end">{label}</text>')
        ordered = sorted(parts.items(), key=lambda each: (-each[1], each[0]))
        for k, (partner, part) in enumerate(ordered):
            wide = 560.0 * part / whole if whole else 0.0
            shade = "#fff" if k % 2 else "#d5e3ef"
            body.append(
                f'<rect x="{x:.1f}" y="{y}" width="{wide:.1f}" height="24" fill="{shade}" '
                'stroke="#08306b"/>'
            )
            if wide > 34:
                body.append(
                    f'<text x="{x + wide / 2:.1f}" y="{y + 16}" font-size="11" '
                    f'text-anchor="middle">{escape(partner)} {part / whole:.0%}</text>'
                )
            x += wide
    title = "Sharing of the load among partners, by threshold"
    return svg(700, 12 + 34 * len(rows), title, "".join(body), name=name)


def _axis(low: float, high: float, left: float, right: float) -> Callable[[float], float]:
    wide = high - low or 1.0
    return lambda value: left + 30.0 + (value - low) / wide * (right - left - 60.0)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}\u2026"
