"""A client's channels: which it is in, which it has switched on, by direction."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.core.principal import Direction, Group, Principal
from accord.storage.channels import Number, Off
from accord.tak.marti.asked import Door, json_body, parameter, refuse, text

_KIND = "com.bbn.marti.remote.groups.Group"
_WAYS = {"IN": Direction.IN, "OUT": Direction.OUT}

MAX_ROWS = 10_000
"""Groups in one request."""

Switched = Callable[[Principal, str], None]
"""Is told of somebody whose channels are others now, and by which client of his, if it says so."""


class Groups:
    """Answers which channels there are for somebody; `switched` is told when he chooses."""

    def __init__(self, door: Door, switched: Switched) -> None:
        self._door = door
        self._switched = switched

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes."""
        return [
            Route("/Marti/api/groups/all", self.all),
            Route("/Marti/api/groups/groupCacheEnabled", self.are_chosen),
            Route("/Marti/api/groups/active", self.choose, methods=["PUT"]),
            Route("/Marti/api/groups/activebits", self.choose_by_number, methods=["PUT"]),
            Route("/Marti/api/groups/{name:path}/{direction}", self.one),
        ]

    def _rows(self, member: Principal) -> list[dict[str, object]]:
        numbers = self._door.channels.numbers(member.groups, self._door.clock.now())
        return rows(member, self._door.channels.off(member), numbers)

    async def all(self, request: Request) -> Response:
        """Answer with every channel of the caller's, by direction."""
        return self._door.answer(_KIND, self._rows(self._door.member(request)))

    async def one(self, request: Request) -> Response:
        """Answer with one of them."""
        wanted = request.path_params["name"], request.path_params["direction"].upper()
        for row in self._rows(self._door.member(request)):
            if (row["name"], row["direction"]) == wanted:
                return self._door.answer(_KIND, row)
        return refuse(404, "you are in no such group")

    async def are_chosen(self, request: Request) -> Response:
        """Answer that channels can be switched."""
        self._door.member(request)
        return self._door.answer("java.lang.Boolean", True)

    async def choose(self, request: Request) -> Response:
        """Switch channels on and off, by direction; one that is not named stays as it is.

        One that is not his is passed over, as by number; 400 where none of them is.
        """
        member = self._door.member(request)
        off = dict(self._door.channels.off(member))
        choices = _choices(await json_body(request))
        if choices and not any(group in member.groups for group, _, _ in choices):
            refuse(400, f"{choices[0][0][:80]} is the name of no channel of yours")
        for group, way, active in choices:
            if active:
                off[group] = off.get(group, Direction(0)) & ~way
            else:
                off[group] = off.get(group, Direction(0)) | way
        return await self._keep(member, off, parameter(request, "clientUid"))

    async def choose_by_number(self, request: Request) -> Response:
        """Switch on the channels with these numbers, and all others off.

        A number of no channel of his is passed over, as TAK Server does: a client may know of one
        that he was in. 400 where none of them is of his: that would switch all off.
        """
        member = self._door.member(request)
        said = await json_body(request)
        if not isinstance(said, list) or len(cast("list[object]", said)) > MAX_ROWS:
            refuse(400, "the body is a list of the numbers of channels")
        on = cast("list[object]", said)
        numbers = self._door.channels.numbers(member.groups, self._door.clock.now())
        his = {each.bit for each in numbers.values()}
        if any(type(each) is not int for each in on):
            refuse(400, "the body is a list of the numbers of channels")
        if on and his.isdisjoint(on):
            refuse(400, f"{str(on[0])[:80]} is the number of no channel of yours")
        return await self._keep(
            member,
            {group: Direction.BOTH for group, each in numbers.items() if each.bit not in on},
            parameter(request, "clientUid"),
        )

    async def _keep(self, member: Principal, off: Off, by_uid: str) -> Response:
        held = {g: d & member.groups[g] for g, d in off.items() if g in member.groups}
        chosen = {g: d for g, d in held.items() if d}
        if chosen != self._door.channels.off(member):
            now = self._door.clock.now()
            await asyncio.to_thread(self._door.channels.switch, member, chosen, now)
            self._switched(member, by_uid)
        return Response()


def rows(member: Principal, off: Off, numbers: Mapping[Group, Number]) -> list[dict[str, object]]:
    """Return a row for each channel and direction that somebody has."""
    return [
        {
            "name": group,
            "direction": name,
            "created": f"{numbers[group].since:%Y-%m-%d}",
            "type": "SYSTEM",
            "bitpos": numbers[group].bit,
            "active": way not in off.get(group, Direction(0)),
        }
        for group, directions in sorted(member.groups.items())
        for name, way in _WAYS.items()
        if way in directions
    ]


def _choices(said: object) -> list[tuple[Group, Direction, bool]]:
    if not isinstance(said, list) or len(cast("list[object]", said)) > MAX_ROWS:
        refuse(400, "the body is a list of groups")
    found: list[tuple[Group, Direction, bool]] = []
    for each in cast("list[object]", said):
        row = cast("dict[str, object]", each) if isinstance(each, dict) else {}
        way, active = _WAYS.get(str(row.get("direction")).upper()), row.get("active")
        if way is None or not isinstance(active, bool):
            refuse(400, "each group has a name, a direction IN or OUT, and active true or false")
        found.append((text(row.get("name"), "name"), way, active))
    return found
