"""External data of missions: what another system keeps, by where it is to be had."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from accord.core.mission import Item, ItemKind, Mission, MissionChange, Permission
from accord.storage.tak_file import Full
from accord.tak.marti.asked import Door, body, json_body, parameter, refuse, text
from accord.tak.marti.mission_access import MissionAccess
from accord.tak.marti.mission_beside import MAX_NOTES, external_said
from accord.tak.marti.missions import both

KIND = "com.bbn.marti.sync.model.ExternalMissionData"

MAX_TOKEN = 16_384
"""Bytes of what a system says of a change of its data."""


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
        said = external_said(await json_body(request))
        item = Item(
            kind=ItemKind.EXTERNAL,
            name=str(said["uid"]),
            at=self._door.clock.now(),
            creator_uid=asked.author(request),
            details=said,
        )
        still = self._access.still(asked, Permission.WRITE)
        try:
            await self._missions.put(asked.mission.guid, [item], still=still)
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
        by_uid, now, notes = asked.author(request), self._door.clock.now(), _notes(request)

        def work(_: Mission) -> MissionChange:
            known = self._store.item(guid, ItemKind.EXTERNAL, uid)
            if known is None:
                refuse(404, _NONE)
            details = {**known.details, **notes, **_with_token(known.details, token)}
            return self._store.note_again(guid, replace(known, details=details), by_uid, now)

        change = await self._access.change(asked, self._access.still(asked, Permission.WRITE), work)
        await self._missions.tell(guid, [change])
        return Response()

    async def remove(self, request: Request) -> Response:
        """Take external data out of a mission; `notes` says why."""
        asked = await self._access.allowed(request, Permission.WRITE)
        which = [(ItemKind.EXTERNAL, request.path_params["id"])]
        said, by_uid = _notes(request), asked.author(request)
        guid, still = asked.mission.guid, self._access.still(asked, Permission.WRITE)
        if not await self._missions.remove(guid, which, by_uid, still=still, said=said):
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
