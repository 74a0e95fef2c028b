"""Missions that are part of another: a parent and its children."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.core.mission import Mission, Permission
from accord.tak.marti.asked import Door, refuse
from accord.tak.marti.mission_access import Asked, MissionAccess
from accord.tak.marti.missions import KIND, ROOT, MissionsApi, both


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
        said: str = request.path_params["parent"]

        def changed(known: Mission) -> Mission:
            parent = self._access.named(asked.by, said)
            if not self._as_asked(asked, parent).may(Permission.READ):
                refuse(403, f"you have no {Permission.READ} in the mission to be the parent")
            self._require_no_circle(known, parent)
            return replace(known, parent=parent.guid)

        await self._change(request, asked, changed)
        return Response()

    def _require_no_circle(self, child: Mission, parent: Mission) -> None:
        """409 where a mission would be part of itself, or of others that are part of themselves."""
        each: Mission | None = parent
        passed: set[str] = set()
        while each is not None and each.guid not in passed:
            if each.guid == child.guid:
                refuse(409, "a mission cannot be part of itself")
            passed.add(each.guid)
            each = self._missions.find(each.parent)
        if each is not None:  # kept by a release in which two changes at once could make it so
            refuse(409, f"{each.name} is part of itself: take it out of its parent first")

    async def clear(self, request: Request) -> Response:
        """Make a mission part of no other."""
        asked = await self._access.allowed(request, Permission.WRITE)
        await self._change(request, asked, lambda known: replace(known, parent=""))
        return Response()

    async def _change(
        self, request: Request, asked: Asked, changed: Callable[[Mission], Mission]
    ) -> None:
        """Keep what a mission is from now on; tell who takes part in it, and in its parents."""
        now, still = self._door.clock.now(), self._access.still(asked, Permission.WRITE)

        def decide() -> tuple[Mission, Mission]:
            known = still()
            return known, replace(changed(known), edited=now)

        def work(decided: tuple[Mission, Mission]) -> tuple[Mission, Mission]:
            self._missions.store.update(decided[1])
            return decided

        before, fresh = await self._access.change(asked, decide, work)
        parents = {before.parent, fresh.parent}
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
