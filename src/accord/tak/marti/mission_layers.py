"""The layers of missions, which are their folders, and the map layers in them."""

import asyncio
import math
import uuid
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn, TypeVar, cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from accord.core.mission import Item, ItemKind, Permission
from accord.core.mission_layer import Layer, LayerFault, LayerKind, Layers, NoLayer, absent
from accord.storage.mission_layers import FIRST
from accord.storage.mission_rows import WrittenItem
from accord.storage.tak_file import Full
from accord.tak.marti.asked import (
    Door,
    json_body,
    needed,
    parameter,
    parameters,
    refuse,
    spell,
    text,
    texts,
)
from accord.tak.marti.mission_access import Asked, MissionAccess
from accord.tak.marti.mission_json import layer_json, layers_json, sight
from accord.tak.marti.missions import both
from accord.wire.cot import xml
from accord.wire.cot.detail import Filing

KIND = "MissionLayer"
MAP_LAYER = "MapLayer"

MAX_AT_ONCE = 100
"""Layers moved or deleted by one request."""

MAX_PATHS = 1000
"""Layers that one request puts something into."""

MAX_NAME = 512

MAX_FIELDS = 64
"""Fields of a map layer."""

MAX_FIELD = 4096

T = TypeVar("T")


class MissionLayers:
    """Answers what is asked of layers."""

    def __init__(self, access: MissionAccess) -> None:
        self._access = access
        self._door: Door = access.door
        self._missions = access.missions

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes; they stand before those of missions themselves."""
        return [
            *both("/layers", self.every, "GET"),
            *both("/layers", self.make, "PUT"),
            *both("/layers", self.delete, "DELETE"),
            *both("/layers/parent", self.move, "PUT"),
            *both("/layers/{layer:path}/name", self.rename, "PUT"),
            *both("/layers/{layer:path}/position", self.place, "PUT"),
            *both("/layers/{layer:path}", self.one, "GET"),
            *both("/maplayers", self.put_map, "POST", "PUT"),
            *both("/maplayers/{uid:path}", self.delete_map, "DELETE"),
        ]

    async def _read(self, asked: Asked) -> tuple[Layers, list[WrittenItem]]:
        guid = asked.mission.guid
        layers = await asyncio.to_thread(self._missions.layers.all, guid)
        return layers, await asyncio.to_thread(self._missions.store.items, guid)

    async def every(self, request: Request) -> Response:
        """Answer with the layers of a mission, each with those in it."""
        asked = await self._access.allowed(request, Permission.READ)
        layers, items = await self._read(asked)
        return await self._door.answer_long(KIND, lambda: layers_json(layers, "", items, asked.by))

    async def one(self, request: Request) -> Response:
        """Answer with one layer, and what is in it."""
        asked = await self._access.allowed(request, Permission.READ)
        layers, items = await self._read(asked)
        layer = layers.find(request.path_params["layer"])
        if layer is None or layer.kind is LayerKind.ITEM:
            refuse(404, "there is no such layer in the mission")
        return await self._door.answer_long(
            KIND, lambda: layer_json(layers, layer, items, asked.by)
        )

    async def make(self, request: Request) -> Response:
        """Make a layer, or move the one that has the uid."""
        asked = await self._access.allowed(request, Permission.WRITE)
        layer = Layer(
            uid=_uid(parameter(request, "uid") or str(uuid.uuid4())),
            name=_name(request),
            kind=_kind(request),
            parent=parameter(request, "parentUid"),
        )
        after = parameter(request, "afterUid")
        guid = asked.mission.guid
        await self._require_seen(asked, after)
        if layer.kind is LayerKind.ITEM:
            await self._require_seen(asked, layer.uid)
        (made,) = await _done(
            self._missions.change_layers(
                guid, lambda store: [store.make(guid, layer, after)], asked.author(request)
            )
        )
        said = layer_json(Layers([made]), made, [], asked.by)
        return self._door.answer(KIND, said)

    async def rename(self, request: Request) -> Response:
        """Give a layer another name."""
        asked = await self._access.allowed(request, Permission.WRITE)
        uid, name, guid = request.path_params["layer"], _name(request), asked.mission.guid
        await self._require_seen(asked, uid)
        await _done(
            self._missions.change_layers(
                guid, lambda store: [store.rename(guid, uid, name)], asked.author(request)
            )
        )
        return Response()

    async def place(self, request: Request) -> Response:
        """Put a layer after another beside it; without `afterUid` before all of them."""
        asked = await self._access.allowed(request, Permission.WRITE)
        uid, guid = request.path_params["layer"], asked.mission.guid
        after = parameter(request, "afterUid") or FIRST
        await self._require_seen(asked, uid, after or "")
        await _done(
            self._missions.change_layers(
                guid, lambda store: [store.place(guid, uid, after)], asked.author(request)
            )
        )
        return Response()

    async def move(self, request: Request) -> Response:
        """Put layers into another, or into the mission itself, in the order given."""
        asked = await self._access.allowed(request, Permission.WRITE)
        guid, after = asked.mission.guid, parameter(request, "afterUid")
        uids, parent = (
            await self._named(request, asked, "layerUid"),
            parameter(request, "parentUid"),
        )
        await self._require_seen(asked, *uids, after)
        await _done(
            self._missions.change_layers(
                guid, lambda store: store.move(guid, uids, parent, after), asked.author(request)
            )
        )
        return Response()

    async def delete(self, request: Request) -> Response:
        """Delete layers with everything in them, which goes out of the mission too."""
        asked = await self._access.allowed(request, Permission.WRITE)
        uids = await self._named(request, asked, "uid")
        by_uid = asked.author(request)
        await self._require_seen(asked, *uids)
        await _done(self._missions.remove_layers(asked.mission.guid, uids, asked.by, by_uid))
        return Response()

    async def _require_seen(self, asked: Asked, *uids: str) -> None:
        """404 for an item of a context in which the caller takes no part: for him it is not."""

        def work() -> set[str]:
            sees, items = sight(asked.by), self._missions.store.items(asked.mission.guid)
            return {each.name for each in items if not sees(each.context)}

        hidden = await asyncio.to_thread(work)
        for each in uids:
            if each in hidden:
                refuse(404, absent(each))

    async def _named(self, request: Request, asked: Asked, name: str) -> list[str]:
        """Return the layers that a parameter names, once or several times, or joined by commas."""
        said = [each for each in parameters(request, name) if each]
        layers = await asyncio.to_thread(self._missions.layers.all, asked.mission.guid)
        found: list[str] = []
        for each in said:
            found += [each] if layers.find(each) is not None else each.split(",")
        if not 0 < len(found) <= MAX_AT_ONCE:
            refuse(400, f"{name} names between 1 and {MAX_AT_ONCE} layers")
        return list(dict.fromkeys(found))

    # Map layers

    async def put_map(self, request: Request) -> Response:
        """Put a map layer into a mission, with PUT in place of the one with its uid."""
        asked = await self._access.allowed(request, Permission.WRITE)
        said = map_said(await json_body(request))
        guid, now, by_uid = asked.mission.guid, self._door.clock.now(), asked.author(request)
        uid = _uid(text(said.get("uid") or uuid.uuid4().hex, "uid"))
        known = await asyncio.to_thread(self._missions.store.item, guid, ItemKind.MAP_LAYER, uid)
        if request.method == "PUT" and known is None:
            refuse(404, "there is no such map layer in the mission")
        if request.method == "POST" and known is not None:
            refuse(409, "there is a map layer with that uid: change it with PUT")
        made = spell(now) if known is None else known.details.get("createTime", spell(now))
        details = {
            **said, "uid": uid, "creatorUid": by_uid,
            "createTime": made, "modifiedTime": spell(now),
        }  # fmt: skip
        item = Item(kind=ItemKind.MAP_LAYER, name=uid, at=now, creator_uid=by_uid, details=details)
        path, after = (text(said.get(e) or "", e) for e in ("path", "after"))
        which = [(ItemKind.MAP_LAYER, uid)]
        if path:
            layers = await asyncio.to_thread(self._missions.layers.all, guid)
            require_holds(layers, path, which)
        await _done(self._missions.put(guid, [item]))
        if path:
            await _done(self._missions.file(guid, Filing(path, after), which, by_uid))
        return self._door.answer(MAP_LAYER, details)

    async def delete_map(self, request: Request) -> Response:
        """Take a map layer out of a mission."""
        asked = await self._access.allowed(request, Permission.WRITE)
        which = [(ItemKind.MAP_LAYER, request.path_params["uid"])]
        if not await self._missions.remove(asked.mission.guid, which, asked.author(request)):
            refuse(404, "there is no such map layer in the mission")
        return Response()


async def _done(work: Awaitable[T]) -> T:
    """Return what work returns; 404, 400 or 507 where it cannot be done."""
    try:
        return await work
    except LayerFault as fault:
        _refuse(fault)
    except Full as full:
        refuse(507, str(full))


def _refuse(fault: LayerFault) -> NoReturn:
    refuse(404 if isinstance(fault, NoLayer) else 400, str(fault))


def _uid(said: str) -> str:
    if not 0 < len(said) <= xml.MAX_UID or not said.isprintable():
        refuse(400, f"a uid has 1 to {xml.MAX_UID} characters to be printed")
    return said


def _name(request: Request) -> str:
    said = needed(request, "name").strip()
    if not 0 < len(said) <= MAX_NAME or not said.isprintable():
        refuse(400, f"a layer's name has 1 to {MAX_NAME} characters to be printed")
    return said


def _kind(request: Request) -> LayerKind:
    said = needed(request, "type").upper()
    if said not in list(LayerKind):
        refuse(400, f"type is one of {', '.join(LayerKind)}")
    return LayerKind(said)


def map_said(said: object) -> dict[str, object]:
    """Return what a body says of a map layer: texts, numbers and flags. 400 for anything else."""
    given = cast("dict[str, object]", said) if isinstance(said, dict) else {}
    kept = {key: value for key, value in given.items() if value is not None}
    if not 0 < len(kept) <= MAX_FIELDS:
        refuse(400, f"a map layer is a JSON object of 1 to {MAX_FIELDS} fields")
    for key, value in kept.items():
        text(key, "a field's name", most=64)
        if isinstance(value, str):
            text(value, key, most=MAX_FIELD)
        elif not _is_plain(value):
            refuse(400, f"{key} is a text, a number, true or false")
    if not kept.get("name"):
        refuse(400, "a map layer has a name")
    return kept


def _is_plain(value: object) -> bool:
    return isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))


# What is put into a mission may name the layers that it is to stand in.


@dataclass(frozen=True, slots=True)
class Portion:
    """Files and things to be put into a mission, and the layer to stand in, if one is said."""

    hashes: Sequence[str]
    uids: Sequence[str]
    filing: Filing | None = None

    @property
    def which(self) -> list[tuple[ItemKind, str]]:
        """What it names."""
        return [
            *((ItemKind.HASH, each) for each in self.hashes),
            *((ItemKind.UID, each) for each in self.uids),
        ]


def portions_said(given: Mapping[str, object]) -> list[Portion]:
    """Return what a body puts into a mission: its own, and of each layer. 400 where it is none."""
    found = [_portion(given, "")]
    paths = given.get("paths") or dict[str, object]()
    if not isinstance(paths, dict):
        refuse(400, "paths is an object: the uid of a layer, and a list of what to put there")
    for layer, said in cast("dict[str, object]", paths).items():
        parts = cast("list[object]", said) if isinstance(said, list) else None
        if parts is None or len(parts) + len(found) > MAX_PATHS:
            refuse(400, f"paths has lists of objects, at most {MAX_PATHS} in all")
        for part in parts:
            if not isinstance(part, dict):
                refuse(400, "paths has lists of objects with hashes, uids and after")
            found.append(_portion(cast("dict[str, object]", part), layer))
    return found


def _portion(given: Mapping[str, object], layer: str) -> Portion:
    hashes = [each.lower() for each in texts(given.get("hashes") or [], "hashes")]
    uids = texts(given.get("uids") or [], "uids")
    after = text(given.get("after") or "", "after")
    return Portion(hashes, uids, Filing(layer, after) if layer else None)


def require_holds(layers: Layers, uid: str, which: Sequence[tuple[ItemKind, str]]) -> None:
    """404 where there is no layer of that uid, 400 where it holds nothing of a kind."""
    try:
        layer = layers.one(uid)
    except NoLayer as fault:
        _refuse(fault)
    if any(kind is not layer.kind.holds for kind, _ in which):
        refuse(400, f"in a layer of type {layer.kind} stands nothing of that kind")
