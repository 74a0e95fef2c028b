"""The layers of missions, which are their folders, and the map layers in them."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn, TypeVar, cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from accord.core.mission import Item, ItemKind, Permission
from accord.core.mission_layer import Layer, LayerFault, LayerKind, Layers, NoLayer, absent
from accord.storage.mission_layers import FIRST, LayerStore
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
from accord.tak.marti.mission_beside import map_said, printable_uid
from accord.tak.marti.mission_json import layer_json, layers_json, sight
from accord.tak.marti.missions import both
from accord.wire.cot.detail import Filing

KIND = "MissionLayer"
MAP_LAYER = "MapLayer"

MAX_AT_ONCE = 100
"""Layers moved or deleted by one request."""

MAX_PATHS = 1000
"""Layers that one request puts something into."""

MAX_NAME = 512

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
            uid=printable_uid(parameter(request, "uid") or str(uuid.uuid4())),
            name=_name(request),
            kind=_kind(request),
            parent=parameter(request, "parentUid"),
        )
        after = parameter(request, "afterUid")
        guid = asked.mission.guid
        seen = [after, layer.uid] if layer.kind is LayerKind.ITEM else [after]
        (made,) = await self._changed(
            request, asked, seen, lambda store: [store.make(guid, layer, after)]
        )
        said = layer_json(Layers([made]), made, [], asked.by)
        return self._door.answer(KIND, said)

    async def rename(self, request: Request) -> Response:
        """Give a layer another name."""
        asked = await self._access.allowed(request, Permission.WRITE)
        uid, name, guid = request.path_params["layer"], _name(request), asked.mission.guid
        await self._changed(request, asked, [uid], lambda store: [store.rename(guid, uid, name)])
        return Response()

    async def place(self, request: Request) -> Response:
        """Put a layer after another beside it; without `afterUid` before all of them."""
        asked = await self._access.allowed(request, Permission.WRITE)
        uid, guid = request.path_params["layer"], asked.mission.guid
        after = parameter(request, "afterUid") or FIRST
        await self._changed(
            request, asked, [uid, after or ""], lambda store: [store.place(guid, uid, after)]
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
        await self._changed(
            request, asked, [*uids, after], lambda store: store.move(guid, uids, parent, after)
        )
        return Response()

    async def delete(self, request: Request) -> Response:
        """Delete layers with everything in them, which goes out of the mission too."""
        asked = await self._access.allowed(request, Permission.WRITE)
        uids = await self._named(request, asked, "uid")
        by_uid, still = asked.author(request), self._access.still(asked, Permission.WRITE)
        await _done(
            self._missions.remove_layers(
                asked.mission.guid, uids, asked.by, by_uid,
                still=still, checked=lambda: self._require_seen(asked, uids),
            )
        )  # fmt: skip
        return Response()

    async def _changed(
        self,
        request: Request,
        asked: Asked,
        seen: Sequence[str],
        work: Callable[[LayerStore], Sequence[Layer]],
    ) -> Sequence[Layer]:
        """Do work that changes layers, if the caller still may, and may know of these items."""

        def checked(store: LayerStore) -> Sequence[Layer]:
            self._require_seen(asked, seen)
            return work(store)

        still, by_uid = self._access.still(asked, Permission.WRITE), asked.author(request)
        guid = asked.mission.guid
        return await _done(self._missions.change_layers(guid, checked, by_uid, still=still))

    def _require_seen(self, asked: Asked, uids: Sequence[str]) -> None:
        """404 for an item of a context in which the caller takes no part: for him it is not."""
        sees, items = sight(asked.by), self._missions.store.items(asked.mission.guid)
        hidden = {each.name for each in items if not sees(each.context)}
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
        uid = printable_uid(text(said.get("uid") or uuid.uuid4().hex, "uid"))

        def known() -> Item | None:
            found = self._missions.store.item(guid, ItemKind.MAP_LAYER, uid)
            if request.method == "PUT" and found is None:
                refuse(404, "there is no such map layer in the mission")
            if request.method == "POST" and found is not None:
                refuse(409, "there is a map layer with that uid: change it with PUT")
            return found

        there = await asyncio.to_thread(known)
        made = spell(now) if there is None else there.details.get("createTime", spell(now))
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
        still = self._access.still(asked, Permission.WRITE)
        await _done(self._missions.put(guid, [item], still=still, checked=known))
        if path:
            filing = Filing(path, after)
            await _done(self._missions.file(guid, filing, which, by_uid, still=still))
        return self._door.answer(MAP_LAYER, details)

    async def delete_map(self, request: Request) -> Response:
        """Take a map layer out of a mission."""
        asked = await self._access.allowed(request, Permission.WRITE)
        which = [(ItemKind.MAP_LAYER, request.path_params["uid"])]
        guid, still = asked.mission.guid, self._access.still(asked, Permission.WRITE)
        if not await self._missions.remove(guid, which, asked.author(request), still=still):
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
