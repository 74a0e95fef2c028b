"""External data of missions: what another system keeps, by where it is to be had."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from accord.core.mission import Item, ItemKind, Permission
from accord.storage.tak_file import Full
from accord.tak.marti.asked import Door, body, json_body, parameter, refuse, text
from accord.tak.marti.mission_access import MissionAccess
from accord.tak.marti.missions import both
from accord.wire.cot import xml

KIND = "com.bbn.marti.sync.model.ExternalMissionData"

MAX_URL = 4096
MAX_NOTES = 16_384
MAX_TOKEN = 16_384
"""Bytes of what a system says of a change of its data."""

_FIELDS = {
    "uid": xml.MAX_UID, "name": 1024, "tool": 1024, "urlData": MAX_URL, "urlView": MAX_URL,
    "notes": MAX_NOTES,
}  # fmt: skip


class MissionExternal:
    """Answers what is asked of external data."""

    def __init__(self, access: MissionAccess) -> None:
        self._access = access
        self._door: Door = access.door
        self._missions = access.missions
        self._store = access.missions.store

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes; they stand before those of missions themselves."""
        return [
            *both("/externaldata", self.put, "POST"),
            *both("/externaldata/{id:path}/change", self.changed, "POST"),
            *both("/externaldata/{id:path}", self.remove, "DELETE"),
        ]

    async def put(self, request: Request) -> Response:
        """Put external data into a mission, or say anew what has its uid."""
        asked = await self._access.allowed(request, Permission.WRITE)
        found = await json_body(request)
        given = cast("dict[str, object]", found) if isinstance(found, dict) else {}
        said = {key: text(given.get(key) or "", key, most=most) for key, most in _FIELDS.items()}
        if not said["uid"] or not said["uid"].isprintable():
            refuse(400, "external data has a uid of characters to be printed")
        item = Item(
            kind=ItemKind.EXTERNAL,
            name=said["uid"],
            at=self._door.clock.now(),
            creator_uid=asked.author(request),
            details=dict(said),
        )
        try:
            await self._missions.put(asked.mission.guid, [item])
        except Full as full:
            refuse(507, str(full))
        return self._door.answer(KIND, said, 201)

    async def changed(self, request: Request) -> Response:
        """Tell who takes part that the data itself is another now; the body says more of that."""
        asked = await self._access.allowed(request, Permission.WRITE)
        try:
            token = text((await body(request, MAX_TOKEN)).decode(), "the body", most=MAX_TOKEN)
        except UnicodeDecodeError:
            refuse(400, "the body is no text")
        guid, uid = asked.mission.guid, request.path_params["id"]
        known = await asyncio.to_thread(self._store.item, guid, ItemKind.EXTERNAL, uid)
        if known is None:
            refuse(404, _NONE)
        details = {**known.details, **_notes(request), **_with_token(known.details, token)}
        item = replace(known, details=details)
        by_uid, now = asked.author(request), self._door.clock.now()
        change = await self._missions.change(
            guid, lambda _: self._store.note_again(guid, item, by_uid, now)
        )
        await self._missions.tell(guid, [change])
        return Response()

    async def remove(self, request: Request) -> Response:
        """Take external data out of a mission; `notes` says why."""
        asked = await self._access.allowed(request, Permission.WRITE)
        which = [(ItemKind.EXTERNAL, request.path_params["id"])]
        said, by_uid = _notes(request), asked.author(request)
        if not await self._missions.remove(asked.mission.guid, which, by_uid, said=said):
            refuse(404, _NONE)
        return Response()


_NONE = "there is no such external data in the mission"


def _with_token(details: Mapping[str, object], token: str) -> dict[str, object]:
    """Return where the data is to be had as it is now, as TAK Server tells of a change."""
    if not token:
        return {}
    said: dict[str, object] = {}
    for key in ("urlData", "urlView"):
        url = str(details.get(key, ""))
        said[key] = f"{url}{'&' if '?' in url else '?'}token={quote(token, safe='')}"
    return said


def _notes(request: Request) -> dict[str, object]:
    notes = parameter(request, "notes", most=MAX_NOTES)
    return {"notes": notes} if notes else {}
