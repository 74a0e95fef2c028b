"""Charts of the administrator's own under the tracks: `/api/v1/charts`.

A chart is a file in the node's directory, or tiles of a server that the administrator named. Those
are fetched by the node: no request of the page leaves the node.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from accord.api.caller import Callers
from accord.api.chart_settings import FILES, ChartSettings
from accord.api.download import Download
from accord.api.problem import Problem
from accord.api.tile_source import TileFault, TileSource
from accord.api.workers import Workers

CHARTS = "/api/v1/charts"

TILES_AT_ONCE = 4
MOST_TILES_WAITING = 64

LONGEST_NUMBER = 7
"""Digits of a column or row at the last zoom that there is."""


class Charts:
    """Answers with charts to whoever has signed in; `close` when nobody is answered any more."""

    def __init__(
        self, directory: Path, charts: Mapping[str, ChartSettings], callers: Callers
    ) -> None:
        self._directory = directory
        self._charts = charts
        self._callers = callers
        self._sources = {name: TileSource(each.url) for name, each in charts.items() if each.url}
        self._fetching = Workers(
            "tiles of charts", threads=TILES_AT_ONCE, waiting=MOST_TILES_WAITING
        )

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes."""
        return [
            Route(CHARTS, self.all, methods=["GET"]),
            Route(CHARTS + "/{name}/file", self.file, methods=["GET"]),
            Route(CHARTS + "/{name}/{z}/{x}/{y}", self.tile, methods=["GET"]),
        ]

    def close(self) -> None:
        """Fetch nothing more."""
        self._fetching.close()

    async def all(self, request: Request) -> Response:
        """Answer with which charts there are."""
        self._callers.require(request)
        told = [
            {
                "name": name,
                "title": each.title or name,
                "kind": each.kind,
                "attribution": each.attribution,
                "min_zoom": each.min_zoom,
                "max_zoom": each.max_zoom,
            }
            for name, each in sorted(self._charts.items())
        ]
        return JSONResponse({"charts": told}, headers={"Cache-Control": "no-store"})

    async def file(self, request: Request) -> Response:
        """Answer with a chart's file, by range."""
        self._callers.require(request)
        chart = self._charts.get(request.path_params["name"])
        path = None if chart is None or not chart.file else self._directory / chart.file
        if path is None or not path.is_file():
            raise _no_such_chart()
        headers = {"Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}
        return Download(path, headers=headers, media_type=FILES[path.suffix][1])

    async def tile(self, request: Request) -> Response:
        """Answer with a tile that the node fetches from the server of a chart."""
        self._callers.require(request)
        name, where = request.path_params["name"], request.path_params
        z, x, y = (_number(where[each]) for each in "zxy")
        source, chart = self._sources.get(name), self._charts.get(name)
        if source is None or chart is None or not chart.min_zoom <= z <= chart.max_zoom:
            raise _no_such_chart()
        if not (x < 1 << z and y < 1 << z):
            raise _no_such_chart()
        try:
            tile = await self._fetching.run(lambda: source.fetch(z, x, y))
        except TileFault as error:
            raise Problem(502, f"the chart {name}: {error}") from None
        headers = {"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"}
        return Response(tile.data, media_type=tile.media_type, headers=headers)


def _number(text: str) -> int:
    """Return a column, row or zoom of a tile. Problem 404 for what is none, however long."""
    if not (text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER):
        raise _no_such_chart()
    return int(text)


def _no_such_chart() -> Problem:
    return Problem(404, "there is no such chart, or no such part of it", parameter="name")
