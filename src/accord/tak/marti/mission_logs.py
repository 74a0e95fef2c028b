"""The logs of missions: what people note in them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.core.mission import LogEntry, Mission, Permission
from accord.core.principal import Principal
from accord.tak.marti.asked import Door, json_body, refuse, span, text, texts
from accord.tak.marti.mission_access import Asked, MissionAccess
from accord.tak.marti.mission_json import entry_of, log_json
from accord.tak.marti.missions import ROOT, both
from accord.tak.missions import by_the_node

KIND = "com.bbn.marti.sync.model.LogEntry"

"""Characters of one entry."""

MAX_MISSIONS = 32
"""Missions in whose logs one entry stands."""


class MissionLogs:
    """Answers what is asked of logs."""

    def __init__(self, access: MissionAccess) -> None:
        self._access = access
        self._door: Door = access.door
        self._missions = access.missions
        self._store = access.missions.store

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes; they stand before those of missions themselves."""
        entries = f"{ROOT}/logs/entries"
        return [
            Route(entries, self.write, methods=["POST", "PUT"]),
            Route(f"{entries}/{{id}}", self.one, methods=["GET"]),
            Route(f"{entries}/{{id}}", self.strike, methods=["DELETE"]),
            Route(f"{ROOT}/all/logs", self.everything),
            *both("/log", self.log, "GET"),
        ]

    async def log(self, request: Request) -> Response:
        """Answer with the entries of a mission's log in some time."""
        asked = await self._access.allowed(request, Permission.READ)
        return self._door.answer(KIND, await self._log(request, asked.mission))

    async def _log(self, request: Request, mission: Mission) -> list[object]:
        times = span(request, self._door.clock.now())
        found = await asyncio.to_thread(self._store.log, mission.guid, times.start, times.end)
        return [log_json(each, [mission.name]) for each in found]

    async def everything(self, request: Request) -> Response:
        """Answer with the entries of every log that the caller may read."""
        by = self._door.require(request)
        told: list[object] = []
        for mission in self._access.visible(by):
            if Asked(mission, by, self._access.role_of(by, mission), self._door).may(
                Permission.READ
            ):
                told += await self._log(request, mission)
        return self._door.answer(KIND, told)

    def _writable(self, by: Principal, names: Sequence[str]) -> list[Asked]:
        """Return the missions of these names. 403 for one in which the caller may not write."""
        found: list[Asked] = []
        for mission in (self._access.named(by, name) for name in names):
            role = self._access.held_to(by, self._access.role_of(by, mission))
            asked = Asked(mission, by, role, self._door)
            asked.require(Permission.WRITE, f"you have no {Permission.WRITE} in {mission.name}")
            found.append(asked)
        return found

    async def write(self, request: Request) -> Response:
        """Write an entry into the logs of missions; with PUT, in place of the one with its `id`."""
        by = self._door.require_speaker(request)
        said = await json_body(request)
        given = cast("dict[str, object]", said) if isinstance(said, dict) else {}
        names = texts(given.get("missionNames"), "missionNames", most=MAX_MISSIONS)
        if not names:
            refuse(400, "missionNames names no mission")
        into = self._writable(by, names)
        now = self._door.clock.now()
        entry = entry_of(given, by, now)
        entry = replace(entry, creator_uid=self._door.author(by, entry.creator_uid))
        if request.method == "PUT":
            known = await self._own(by, text(given.get("id"), "id"))
            entry = _in_place_of(known, entry)
        await self.keep(into, entry)
        told = log_json(entry, [each.mission.name for each in into])
        return self._door.answer(KIND, told, 201)  # to PUT too, as TAK Server does

    async def keep(self, into: Sequence[Asked], entry: LogEntry) -> None:
        """Write an entry into the logs of missions, and tell who takes part.

        In place of the one with its id, where that is there and may be changed by who writes.
        """
        by, still = into[0].by, [self._access.still(each, Permission.WRITE) for each in into]

        def work(missions: Sequence[Mission]) -> Sequence[Mission]:
            if self._store.entry(entry.id) is not None:
                self._own_now(by, entry.id)
            self._store.write([each.guid for each in missions], entry)
            return missions

        missions = await self._access.change(into[0], lambda: [each() for each in still], work)
        self._tell(missions, entry.creator_uid, entry.changed)

    def _tell(self, missions: Sequence[Mission], by_uid: str, now: datetime) -> None:
        for each in missions:
            notice = self._missions.notices.look_again(each, "l", by_uid, now)
            self._missions.tell_members(each, notice)

    def _found(self, by: Principal, entry_id: str) -> tuple[LogEntry, list[Mission]]:
        """Return an entry, and its missions that the caller may read. 404 where there are none."""
        found = self._store.entry(entry_id)
        if found is not None:
            known = (self._missions.find(guid) for guid in found[1])
            missions = [
                each
                for each in known
                if each is not None
                and each.is_seen_by(by)
                and Asked(each, by, self._access.role_of(by, each), self._door).may(Permission.READ)
            ]
            if missions:
                return found[0], missions
        return refuse(404, "there is no such entry for you to read")

    async def _own(self, by: Principal, entry_id: str) -> LogEntry:
        return (await asyncio.to_thread(self._own_now, by, entry_id))[0]

    def _own_now(self, by: Principal, entry_id: str) -> tuple[LogEntry, list[Mission]]:
        """Return an entry of the caller's own, and its missions. 403 where it is another's."""
        entry, missions = self._found(by, entry_id)
        owns = [self._access.role_of(by, each) for each in missions]
        if entry.author != by.name and not any(
            role is not None and Permission.SET_ROLE in role.permissions for role in owns
        ):
            refuse(403, "the entry is another's")
        return entry, missions

    async def one(self, request: Request) -> Response:
        """Answer with one entry."""
        by = self._door.require(request)
        entry, missions = await asyncio.to_thread(self._found, by, request.path_params["id"])
        return self._door.answer(KIND, [log_json(entry, [each.name for each in missions])])

    async def strike(self, request: Request) -> Response:
        """Take an entry out of every log."""
        by = self._door.require_speaker(request)
        await self._strike(by, request.path_params["id"])
        return Response()

    async def _strike(self, by: Principal, entry_id: str) -> None:
        def work(_: None) -> tuple[LogEntry, list[Mission]]:
            found = self._own_now(by, entry_id)
            self._store.strike(entry_id)
            return found

        # Of no one mission: it may stand in the logs of several.
        entry, missions = await self._missions.change("", by_the_node, work)
        self._tell(missions, entry.creator_uid, self._door.clock.now())

    async def brought(
        self, asked: Asked, given: dict[str, object], *, is_removal: bool
    ) -> Callable[[], Awaitable[None]]:
        """Return what writes an entry that a client brings into a log, or strikes one.

        400, 403 and 404 as for one that is said, before anything is written.
        """
        by, entry_id = asked.by, text(given.get("id") or "", "id")
        if is_removal:
            return partial(self._strike, by, (await self._own(by, entry_id)).id)
        entry = entry_of(given, by, self._door.clock.now())
        entry = replace(entry, creator_uid=self._door.author(by, entry.creator_uid))
        if entry_id and await asyncio.to_thread(self._store.entry, entry_id) is not None:
            entry = _in_place_of(await self._own(by, entry_id), entry)
        return partial(self.keep, [asked], entry)


def _in_place_of(known: LogEntry, entry: LogEntry) -> LogEntry:
    """Return an entry as what stands there now says it."""
    return replace(entry, id=known.id, author=known.author, created=known.created)
