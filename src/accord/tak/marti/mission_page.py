"""What people at the page do with missions: each a client of his own, by the rules of clients."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from accord.core.mission import ItemKind, LogEntry, Mission, Permission
from accord.core.principal import Principal
from accord.storage.mission_rows import WrittenItem
from accord.tak.marti.asked import LONG_AGO, refuse, spell
from accord.tak.marti.mission_access import Asked, MissionAccess
from accord.tak.marti.mission_archive import MissionArchive
from accord.tak.marti.mission_contents import MissionContents
from accord.tak.marti.mission_json import entry_of, sight
from accord.tak.marti.mission_logs import MissionLogs
from accord.tak.marti.mission_people import MissionPeople

MOST = 500
"""Things, lines or clients of a mission in one answer: the newest."""

Json = dict[str, object]


class MissionPage:
    """Missions for people at the page, who are known by a name and speak under a uid."""

    def __init__(
        self,
        access: MissionAccess,
        people: MissionPeople,
        contents: MissionContents,
        logs: MissionLogs,
        archive: MissionArchive,
    ) -> None:
        self._access = access
        self._people = people
        self._contents = contents
        self._logs = logs
        self._archive = archive

    def _asked(self, by: Principal, guid: str) -> Asked:
        mission = self._access.named(by, guid)
        role = self._access.held_to(by, self._access.role_of(by, mission))
        return Asked(mission, by, role, self._access.door)

    def _allowed(self, by: Principal, guid: str, permission: Permission) -> Asked:
        asked = self._asked(by, guid)
        if not asked.may(permission):
            refuse(403, f"you have no {permission} in this mission")
        return asked

    async def one(self, by: Principal, guid: str) -> Json:
        """Return what is in a mission, who takes part, and what was noted. 403 for who may not."""
        asked = self._allowed(by, guid, Permission.READ)
        mission, store = asked.mission, self._access.missions.store
        items = await asyncio.to_thread(store.items, mission.guid)
        sees = sight(by)
        seen = [e for e in items if sees(e.context) and e.kind in (ItemKind.UID, ItemKind.HASH)]
        now = self._access.door.clock.now()
        log = await asyncio.to_thread(store.log, mission.guid, LONG_AGO, now)
        newest = sorted(seen, key=lambda each: each.at, reverse=True)
        return {
            "name": mission.name,
            "guid": mission.guid,
            "role": None if asked.role is None else asked.role.value,
            "writes": asked.may(Permission.WRITE),
            "joined": mission.subscribed_role(by) is not None,
            "items": [_item_json(each) for each in newest[:MOST]],
            "log": [_entry_json(each) for each in reversed(log[-MOST:])],
            "people": _people_json(mission)[:MOST],
        }

    async def join(self, by: Principal, uid: str, guid: str, password: str) -> None:
        """Let him take part under a uid: by the default, an invitation or a password."""
        await self._people.take_part(self._asked(by, guid), uid, password)

    async def leave(self, by: Principal, uid: str, guid: str) -> None:
        """Let him take part no more."""
        asked = self._asked(by, guid)
        mine = [e for e in asked.mission.subscriptions if e.client_uid == uid]
        if not any(each.person == by.name for each in mine):
            refuse(404, "you do not take part")
        await self._people.leave(asked, uid)

    async def note(self, by: Principal, uid: str, guid: str, words: str) -> None:
        """Write a line into the log of a mission."""
        asked = self._allowed(by, guid, Permission.WRITE)
        said: Mapping[str, object] = {"content": words, "creatorUid": uid}
        entry = entry_of(dict(said), by, self._access.door.clock.now())
        await self._logs.keep([asked], entry)

    async def put(self, request: Request, by: Principal, uid: str, guid: str, name: str) -> None:
        """Put the file in a body into a mission under a name; without one, what a package has."""
        asked = self._allowed(by, guid, Permission.WRITE)
        if name:
            await self._contents.take_file(request, asked, name, uid)
            return
        late = await self._contents.take_package(request, asked, uid)
        if late:
            refuse(409, f"the mission has something newer than {len(late)} of the changes in it")

    async def package(self, by: Principal, guid: str) -> Response:
        """Answer with everything in a mission as one data package."""
        return await self._archive.packed(self._allowed(by, guid, Permission.READ))


def _item_json(item: WrittenItem) -> Json:
    said: Mapping[str, object] = json.loads(item.details)
    is_file = item.kind == ItemKind.HASH
    title = said.get("filename") if is_file else said.get("callsign")
    size = said.get("size")
    return {
        "kind": "file" if is_file else "thing",
        "id": item.name,
        "title": str(title or item.name),
        "type": str(said.get("mimeType" if is_file else "type", "")),
        "size": size if isinstance(size, int) else None,
        "at": spell(datetime.fromtimestamp(item.at, UTC)),
        "by": item.creator_uid,
        "context": item.context,
    }


def _entry_json(entry: LogEntry) -> Json:
    return {
        "id": entry.id, "at": spell(entry.created), "author": entry.author, "text": entry.content,
    }  # fmt: skip


def _people_json(mission: Mission) -> list[Json]:
    return [
        {"person": each.person, "uid": each.client_uid, "role": each.role.value}
        for each in mission.subscriptions
    ]
