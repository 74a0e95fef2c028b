"""What TAK clients share, for people at the page: `/api/v1/missions` and `/api/v1/files`."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from accord.api.caller import Callers
from accord.api.download import Download
from accord.api.missions import member
from accord.api.problem import Problem
from accord.core.clock import Clock
from accord.core.mission import Mission
from accord.core.principal import Principal
from accord.core.rfc3339 import spell
from accord.storage.files import PRIVATE, PUBLIC, FileStore, Stored
from accord.storage.missions import MissionStore
from accord.storage.tak_file import TakFault

MISSIONS = "/api/v1/missions"
FILES = "/api/v1/files"

MOST = 200
"""Missions, or files, in one answer: the newest."""

Json = dict[str, object]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What there is, and the rules by which a TAK client may have it."""

    missions: MissionStore
    files: FileStore
    acting: Callable[[Principal], Principal]
    seen: Callable[[Principal], Iterable[Mission]]
    may_read: Callable[[Principal, Mission], bool]
    may_have: Callable[[Principal, Stored], bool]
    holding: Callable[[str], Iterable[Mission]]


def routes(shelf: Shelf, callers: Callers, clock: Clock) -> Sequence[BaseRoute]:
    """Return the routes."""
    asked = _Asked(shelf, callers, clock)
    return [
        Route(MISSIONS, asked.missions, methods=["GET"]),
        Route(FILES, asked.files, methods=["GET"]),
        Route(f"{FILES}/{{hash}}", asked.content, methods=["GET"]),
    ]


class _Asked:
    def __init__(self, shelf: Shelf, callers: Callers, clock: Clock) -> None:
        self._shelf = shelf
        self._callers = callers
        self._clock = clock

    def _who(self, request: Request) -> Principal:
        return member(self._callers.require(request), self._shelf.acting)

    async def missions(self, request: Request) -> Response:
        """Answer with the missions that he sees, what changed last first."""
        by = self._who(request)
        listed = [e for e in self._shelf.seen(by) if e.about.get("tool", PUBLIC) == PUBLIC]
        listed.sort(key=lambda each: each.edited, reverse=True)
        shown = listed[:MOST]
        readable = {each.guid for each in shown if self._shelf.may_read(by, each)}
        items = await self._items(by, readable)
        told = [
            _open(each, by, items[each.guid]) if each.guid in readable else _closed(each, by)
            for each in shown
        ]
        return _answer({"missions": told, "whole": len(shown) == len(listed)})

    async def _items(self, by: Principal, guids: Iterable[str]) -> Counter[str]:
        """Return how many things are in missions, of the contexts in which he takes part."""
        found = Counter[str]()
        for guid, context, count in await _read(lambda: self._shelf.missions.counts(guids)):
            if by.takes_part_in(context):
                found[guid] += count
        return found

    async def files(self, request: Request) -> Response:
        """Answer with the files that he may have, newest first."""
        by, now = self._who(request), self._clock.now()
        kept = await _read(lambda: self._shelf.files.all(now))
        listed = (told for each in kept if (told := self._told(by, each)) is not None)
        found = list(islice(listed, MOST + 1))
        return _answer({"files": found[:MOST], "whole": len(found) <= MOST})

    def _told(self, by: Principal, file: Stored) -> Json | None:
        """Return what is said of a file; None of what he may not have, or does not search for."""
        if not self._shelf.may_have(by, file):
            return None
        holding = self._shelf.holding(file.hash)
        missions = sorted(each.name for each in holding if self._shelf.may_read(by, each))
        is_found = file.about.tool != PRIVATE or missions
        return _file(file, missions) if is_found else None

    async def content(self, request: Request) -> Response:
        """Answer with the bytes, to be kept and not shown."""
        by, now = self._who(request), self._clock.now()
        sha256 = str(request.path_params["hash"]).lower()
        kept = await _read(lambda: self._shelf.files.all(now, sha256=sha256))
        mine = [each for each in kept if self._shelf.may_have(by, each)]
        if not mine:
            raise Problem(404, "there is no such file for you to have")
        about = mine[0].about
        headers = {
            "Cache-Control": "no-store",
            # Whatever it is, it is no page of this node's.
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox",
        }
        path = self._shelf.files.path(sha256)
        return Download(path, headers=headers, media_type=about.mime, name=about.name)


def _open(mission: Mission, by: Principal, items: int) -> Json:
    return {
        **_closed(mission, by),
        "description": mission.about.get("description", ""),
        "keywords": list(mission.keywords),
        "items": items,
        "subscribers": len(mission.subscriptions),
        "closed": False,
    }


def _closed(mission: Mission, by: Principal) -> Json:
    """Return what is told of a mission with a password, or by invitation, to who has no part."""
    return {
        "name": mission.name,
        "guid": mission.guid,
        "description": "",
        "groups": sorted(mission.groups & (by.hears | by.speaks_in)),
        "creator": mission.creator,
        "made": spell(mission.made),
        "edited": spell(mission.edited),
        "keywords": [],
        "items": None,
        "subscribers": None,
        "closed": True,
    }


def _file(file: Stored, missions: Sequence[str]) -> Json:
    return {
        "hash": file.hash,
        "name": file.about.name,
        "size": file.size,
        "type": file.about.mime,
        "submitter": file.about.submitter,
        "submitted": spell(file.submitted),
        "keywords": list(file.about.keywords),
        "missions": missions,
    }


def _answer(content: Json) -> JSONResponse:
    return JSONResponse(content, headers={"Cache-Control": "no-store"})


async def _read(do: Callable[[], T]) -> T:
    """Return what the store says. Problem 503 where it cannot."""
    try:
        return await asyncio.to_thread(do)
    except TakFault as error:
        raise Problem(503, str(error)) from None
