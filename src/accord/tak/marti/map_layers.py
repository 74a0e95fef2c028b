"""Map layers of the node: an administrator says where maps are to be had, and everybody reads.

Paths, answers and defaults are those of TAK Server 5.7 (public source: MapLayersApi,
MapLayerService, MapLayer); its layers of missions stand in mission_layers.py, in the same form.
"""

import asyncio
import uuid
from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.core.principal import Principal, Role
from accord.storage.map_layers import DEFAULT, MapLayers, MapSaid
from accord.storage.tak_file import Full
from accord.tak.marti.asked import Door, json_body, refuse, spell, text
from accord.tak.marti.mission_layers import MAP_LAYER, map_said

_PATH = "/Marti/api/maplayers"
_ALL = "com.bbn.marti.maplayer.model.MapLayer"
_FLAGS = (DEFAULT, "enabled", "ignoreErrors", "invertYCoordinate")
"""What is true or false of every layer, false where it is not said."""

_TYPE = "MapTile"
"""What a layer is that does not say it."""


class MapLayersApi:
    """Answers where maps are to be had."""

    def __init__(self, door: Door, maps: MapLayers) -> None:
        self._door = door
        self._maps = maps

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes."""
        return [
            Route(f"{_PATH}/all", self.every, methods=["GET"]),
            Route(_PATH, self.make, methods=["POST"]),
            Route(_PATH, self.change, methods=["PUT"]),
            Route(f"{_PATH}/{{uid}}", self.one, methods=["GET"]),
            Route(f"{_PATH}/{{uid}}", self.delete, methods=["DELETE"]),
        ]

    async def every(self, request: Request) -> Response:
        """Answer with every map layer, by name."""
        self._door.require(request)
        found = await asyncio.to_thread(self._maps.all)
        return await self._door.answer_long(_ALL, lambda: found)

    async def one(self, request: Request) -> Response:
        """Answer with one map layer."""
        self._door.require(request)
        return self._door.answer(MAP_LAYER, await self._known(request.path_params["uid"]))

    async def make(self, request: Request) -> Response:
        """Keep a map layer that is new, under a uid of the node's own."""
        by, said = self._administrator(request), await _said(request)
        now = spell(self._door.clock.now())
        times = {"createTime": now, "modifiedTime": now}
        return await self._keep({**said, "uid": uuid.uuid4().hex, **times}, by)

    async def change(self, request: Request) -> Response:
        """Keep a map layer as it is said now."""
        by, said = self._administrator(request), await _said(request)
        before = await self._known(text(said.get("uid"), "uid"))
        times = {
            "createTime": before["createTime"], "modifiedTime": spell(self._door.clock.now()),
        }  # fmt: skip
        return await self._keep({**said, **times}, by)

    async def delete(self, request: Request) -> Response:
        """Forget a map layer."""
        self._administrator(request)
        if not await asyncio.to_thread(self._maps.forget, request.path_params["uid"]):
            refuse(404, "there is no such map layer")
        return Response()

    def _administrator(self, request: Request) -> Principal:
        by = self._door.require(request)
        if by.role is not Role.ADMINISTRATOR:
            refuse(403, "map layers for everybody are an administrator's to change")
        return by

    async def _known(self, uid: str) -> MapSaid:
        found = await asyncio.to_thread(self._maps.one, uid)
        return found or refuse(404, "there is no such map layer")

    async def _keep(self, said: MapSaid, by: Principal) -> Response:
        creator = self._door.author(by, text(said.get("creatorUid") or "", "creatorUid"))
        told = {"type": _TYPE, **said, "creatorUid": creator}
        try:
            await asyncio.to_thread(self._maps.keep, told)
        except Full as full:
            refuse(507, str(full))
        return self._door.answer(MAP_LAYER, told)


async def _said(request: Request) -> dict[str, object]:
    """Return what a body says of a map layer. 400 for what is none."""
    said = map_said(await json_body(request))
    flags = {name: said.get(name, False) for name in _FLAGS}
    for name, value in flags.items():
        if not isinstance(value, bool):
            refuse(400, f"{name} is true or false")
    url = text(said.get("url") or "", "url", most=4096)
    try:
        is_place = urlsplit(url).scheme.lower() in ("http", "https") and bool(urlsplit(url).netloc)
    except ValueError:
        is_place = False
    if not is_place:
        refuse(400, "url is where the map is to be had, such as https://host/{$z}/{$x}/{$y}.png")
    return {**said, **flags}
