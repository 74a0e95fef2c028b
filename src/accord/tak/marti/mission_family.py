"""Missions that are part of another: a parent and its children."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.core.errors import AccordError
from accord.core.mission import Mission, Permission
from accord.tak.marti.asked import Door, refuse
from accord.tak.marti.mission_access import Asked, MissionAccess
from accord.tak.marti.missions import KIND, ROOT, MissionsApi, both


class OwnAncestor(AccordError):
    """A mission would be part of itself."""


class MissionFamily:
    """Answers what is asked of parents and children. A child takes no role from its parent."""

    def __init__(self, access: MissionAccess, api: MissionsApi) -> None:
        self._access = access
        self._api = api
        self._door: Door = access.door
        self._missions = access.missions

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes; they stand before those of missions themselves."""
        return [
            Route(f"{ROOT}/guid/{{guid}}/parent/guid/{{parent}}", self.set, methods=["PUT"]),
            Route(f"{ROOT}/{{name}}/parent/{{parent}}", self.set, methods=["PUT"]),
            *both("/parent", self.clear, "DELETE"),
            *both("/parent", self.parent, "GET"),
            *both("/children", self.children, "GET"),
        ]

    async def set(self, request: Request) -> Response:
        """Make a mission part of another, that the caller may read."""
        asked = await self._access.allowed(request, Permission.WRITE)
        parent = self._access.named(asked.by, request.path_params["parent"])
        if not self._as_asked(asked, parent).may(Permission.READ):
            refuse(403, f"you have no {Permission.READ} in the mission that is to be the parent")

        def changed(known: Mission) -> Mission:
            each: Mission | None = parent
            while each is not None:
                if each.guid == known.guid:
                    raise OwnAncestor("a mission cannot be part of itself")
                each = self._missions.find(each.parent)
            return replace(known, parent=parent.guid)

        try:
            await self._change(request, asked, changed)
        except OwnAncestor as error:
            refuse(409, str(error))
        return Response()

    async def clear(self, request: Request) -> Response:
        """Make a mission part of no other."""
        asked = await self._access.allowed(request, Permission.WRITE)
        await self._change(request, asked, lambda known: replace(known, parent=""))
        return Response()

    async def _change(
        self, request: Request, asked: Asked, changed: Callable[[Mission], Mission]
    ) -> None:
        """Keep what a mission is from now on; tell who takes part in it, and in its parents."""
        now, before = self._door.clock.now(), asked.mission

        def work(known: Mission | None) -> Mission | None:
            fresh = None if known is None else replace(changed(known), edited=now)
            if fresh is not None:
                self._missions.store.update(fresh)
            return fresh

        fresh = await self._missions.change(before.guid, work)
        parents = {before.parent, "" if fresh is None else fresh.parent}
        for each in (before, *(self._missions.find(guid) for guid in sorted(parents))):
            if each is not None:
                notice = self._missions.notices.look_again(each, "m", asked.author(request), now)
                self._missions.tell_members(each, notice)

    def _as_asked(self, asked: Asked, mission: Mission) -> Asked:
        role = self._access.held_to(asked.by, self._access.role_of(asked.by, mission))
        return Asked(mission, asked.by, role, self._door)

    async def parent(self, request: Request) -> Response:
        """Answer with the mission that this one is part of. 404 where the caller sees none."""
        asked = await self._access.allowed(request, Permission.READ)
        parent = self._missions.find(asked.mission.parent)
        if parent is None or not parent.is_seen_by(asked.by):
            refuse(404, "the mission is part of no other that you see")
        (told,) = await self._api.all_told(asked.by, [parent])
        return await self._door.answer_long(KIND, lambda: told)

    async def children(self, request: Request) -> Response:
        """Answer with the missions that are part of this one, as far as the caller sees them."""
        asked = await self._access.allowed(request, Permission.READ)
        found = [
            each
            for each in self._access.visible(asked.by)
            if each.parent == asked.mission.guid
            and (not each.invite_only or self._access.role_of(asked.by, each) is not None)
        ]
        told = await self._api.all_told(asked.by, found)
        return await self._door.answer_long(KIND, lambda: told)
