"""What is in missions: files by hash and things by uid, their CoT, and what changed."""

import asyncio
from collections.abc import Collection, Sequence
from typing import cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from accord.core.errors import AccordError
from accord.core.mission import Item, ItemKind, LogEntry, Mission, Permission
from accord.core.mission_layer import LayerFault, NoLayer
from accord.core.principal import Principal
from accord.storage.files import is_hash
from accord.storage.mission_rows import WrittenEvent
from accord.storage.tak_file import Full
from accord.tak.marti import file_json
from accord.tak.marti.asked import (
    LONG_AGO,
    Door,
    flag,
    json_body,
    parameter,
    parameters,
    refuse,
    span,
    texts,
)
from accord.tak.marti.cot import CotApi, events, written_out
from accord.tak.marti.files import file_name
from accord.tak.marti.mission_access import Asked, MissionAccess
from accord.tak.marti.mission_away import Away, conflicts, take_away
from accord.tak.marti.mission_import import Packages, Taken
from accord.tak.marti.mission_json import Json, changes_json, mission_json, sight, squashed
from accord.tak.marti.mission_layers import Portion, portions_said, require_holds
from accord.tak.marti.mission_logs import MissionLogs
from accord.tak.marti.mission_package import Attached, BadPackage
from accord.tak.marti.missions import KIND, both
from accord.tak.marti.upload import received
from accord.tak.missions import details, is_item
from accord.wire.cot import xml
from accord.wire.errors import WireError

MAX_AT_ONCE = 10_000
"""Things and files put into a mission, or taken out of it, by one request."""


class _TooLate(AccordError):
    """Something newer stands against these changes, as they came."""

    def __init__(self, changes: list[Json]) -> None:
        super().__init__(f"something newer stands against {len(changes)} changes")
        self.changes = changes


class MissionContents:
    """Answers what is asked of what is in missions."""

    def __init__(
        self, access: MissionAccess, packages: Packages, cot: CotApi, logs: MissionLogs
    ) -> None:
        self._access = access
        self._logs = logs
        self._door: Door = access.door
        self._missions = access.missions
        self._store = access.missions.store
        self._packages = packages
        self._files = packages.files
        self._cot = cot

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes."""
        return [
            *both("/contents", self.put, "PUT"),
            *both("/contents", self.remove, "DELETE"),
            *both("/changes", self.changes, "GET"),
            *both("/cot", self.cot, "GET"),
            *both("/uid/{uid:path}/keywords", self.set_uid_keywords, "PUT", "DELETE"),
            *both("/content/{hash}/keywords", self.set_file_keywords, "PUT", "DELETE"),
            *both("/contents/missionpackage", self.put_package, "PUT"),
        ]

    async def _answer(self, asked: Asked) -> Response:
        mission = self._missions.find(asked.mission.guid) or asked.mission

        def made() -> object:
            items = self._store.items(mission.guid)
            return [mission_json(mission, items, asked.by, self._missions.feeds)]

        return await self._door.answer_long(KIND, made)

    async def put(self, request: Request) -> Response:
        """Put files and things into a mission, all of them or none."""
        asked = await self._access.allowed(request, Permission.WRITE)
        said = await json_body(request)
        given = cast("dict[str, object]", said) if isinstance(said, dict) else {}
        portions = portions_said(given)
        hashes = [each for portion in portions for each in portion.hashes]
        uids = [each for portion in portions for each in portion.uids]
        if not 0 < len(hashes) + len(uids) <= MAX_AT_ONCE:
            refuse(400, f"the body names between 1 and {MAX_AT_ONCE} of hashes and uids")
        guid, by_uid = asked.mission.guid, asked.author(request)
        await self._require_layers(guid, portions)
        await asyncio.to_thread(self._files.claim, hashes)
        try:
            items = [
                *await self._of_files(asked.by, hashes, by_uid),
                *await self._of_uids(asked.by, uids, by_uid),
            ]
            still = self._access.still(asked, Permission.WRITE)
            await self._missions.put(guid, items, still=still)
            for each in portions:
                if each.filing is not None:
                    await self._missions.file(guid, each.filing, each.which, by_uid, still=still)
        except Full as full:
            refuse(507, str(full))
        except LayerFault as fault:  # changed meanwhile: what was put is in no layer
            refuse(409, str(fault))
        finally:
            await asyncio.to_thread(self._files.release, hashes)
        return await self._answer(asked)

    async def _require_layers(self, guid: str, portions: Sequence[Portion]) -> None:
        """404 for a layer that there is not, 400 for one that holds nothing of the kind."""
        if all(each.filing is None for each in portions):
            return
        layers = await asyncio.to_thread(self._missions.layers.all, guid)
        for each in portions:
            if each.filing is not None:
                require_holds(layers, each.filing.layer, each.which)

    async def put_package(self, request: Request) -> Response:
        """Put everything in a data package into a mission, or nothing of it.

        With `changes.json` in it, it is what a client did while it was away. 409 with those changes
        that something newer stands against.
        """
        asked = await self._access.allowed(request, Permission.WRITE)
        late = await self.take_package(request, asked, asked.author(request))
        return self._door.answer("MissionChange", late, 409 if late else 200)

    async def take_file(self, request: Request, asked: Asked, name: str, by_uid: str) -> None:
        """Keep the file in a body, and put it into a mission."""
        claimed: list[str] = []
        said, by, now = file_name(name), asked.by, self._door.clock.now()
        try:
            async with received(request, self._files, self._door, by.name) as got:
                file = Attached(said, got.path, got.size)
                item = await asyncio.to_thread(self._packages.file, file, by, by_uid, now, claimed)
            still = self._access.still(asked, Permission.WRITE)
            await self._missions.put(asked.mission.guid, [item], still=still)
        except Full as full:
            refuse(507, str(full))
        finally:
            await asyncio.to_thread(self._files.release, claimed)

    async def take_package(self, request: Request, asked: Asked, by_uid: str) -> list[Json]:
        """Put everything in the data package in a body into a mission, or nothing of it.

        Return the changes in it that are in conflict, as they came: nothing is taken then.
        """
        taken: Taken | Away | None = None
        by, now, packages = asked.by, self._door.clock.now(), self._packages
        try:
            async with received(request, self._files, self._door, by.name) as got:
                path = got.path
                taken = await asyncio.to_thread(take_away, packages, path, by, by_uid, now)
                if taken is None:
                    taken = await asyncio.to_thread(packages.take, path, by, by_uid, now)
            if isinstance(taken, Away):
                return await self._put_away(asked, taken, by_uid)
            still = self._access.still(asked, Permission.WRITE)
            await self._missions.put(asked.mission.guid, taken.items, still=still)
        except BadPackage as error:
            refuse(400, str(error))
        except Full as full:
            refuse(507, str(full))
        finally:
            if taken is not None:
                await asyncio.to_thread(self._files.release, taken.claimed)
        return []

    async def _put_away(self, asked: Asked, away: Away, by_uid: str) -> list[Json]:
        """Do to a mission what a client did to it while it was away, unless that is too late."""
        mission, by = asked.mission, asked.by
        sees, guid = sight(by), mission.guid

        def late() -> None:
            known = self._store.changes(guid, LONG_AGO, self._door.clock.now())
            seen = [each for each in known if sees(each.context)]
            found = conflicts(mission, away.changes, seen, self._entry)
            if found:
                raise _TooLate(found)

        claimed = list[str]()
        try:
            await self._door.in_turn(late)
            lines = [
                await self._logs.brought(asked, each.entry, is_removal=each.is_removal)
                for each in away.entries
            ]
            await asyncio.to_thread(self._files.claim, away.hashes)
            claimed += away.hashes
            here = await self._of_files(by, away.hashes, by_uid)
            await self._missions.exchange(
                guid, [*away.items, *here], away.removals, by_uid,
                still=self._access.still(asked, Permission.WRITE), checked=late,
            )  # fmt: skip
        except _TooLate as error:
            return error.changes
        finally:
            await asyncio.to_thread(self._files.release, claimed)
        for each in lines:
            await each()
        return []

    def _entry(self, entry_id: str) -> LogEntry | None:
        found = self._store.entry(entry_id)
        return None if found is None else found[0]

    async def _of_files(self, by: Principal, hashes: Sequence[str], by_uid: str) -> list[Item]:
        """Return items for files that the caller may have. 404 for one that he may not."""
        now, found = self._door.clock.now(), list[Item]()
        for sha256 in dict.fromkeys(hashes):
            files = await asyncio.to_thread(self._files.all, now, sha256=sha256)
            mine = [
                each
                for each in files
                if each.about.submitter == by.name or not each.about.groups.isdisjoint(by.hears)
            ]
            if not is_hash(sha256) or not mine:
                refuse(404, f"there is no file {sha256[:80]} for you to have")
            about = file_json.resource(mine[0])
            found.append(
                Item(kind=ItemKind.HASH, name=sha256, at=now, creator_uid=by_uid, details=about)
            )
        return found

    async def _of_uids(self, by: Principal, uids: Sequence[str], by_uid: str) -> list[Item]:
        """Return items for things; of one that is not known yet, the CoT may come later (iTAK)."""
        now = self._door.clock.now()
        said = await self._cot.newest_of(by, list(dict.fromkeys(uids)))
        known = {each.uid: each for each in said}
        items: list[Item] = []
        for uid in dict.fromkeys(uids):
            if not 0 < len(uid) <= xml.MAX_UID:
                refuse(400, f"a uid has 1 to {xml.MAX_UID} characters")
            written = written_out([known[uid]]) if uid in known else []
            item: Item | None = Item(kind=ItemKind.UID, name=uid, at=now, creator_uid=by_uid)
            if written:
                item = _with_event(item, written[0])
            items += [] if item is None else [item]
        return items

    async def remove(self, request: Request) -> Response:
        """Take files and things out of a mission."""
        asked = await self._access.allowed(request, Permission.WRITE)
        which = [
            *((ItemKind.HASH, each.lower()) for each in parameters(request, "hash")),
            *((ItemKind.UID, each) for each in parameters(request, "uid")),
        ]
        if not 0 < len(which) <= MAX_AT_ONCE:
            refuse(400, "give the hash or the uid of what is to go")
        by_uid = asked.author(request)
        guid, still = asked.mission.guid, self._access.still(asked, Permission.WRITE)
        if not await self._missions.remove(guid, which, by_uid, still=still):
            refuse(404, "that is not in the mission")
        return await self._answer(asked)

    async def changes(self, request: Request) -> Response:
        """Answer with what changed in some time; the last of each item, or all of it."""
        asked = await self._access.allowed(request, Permission.READ)
        times = span(request, self._door.clock.now())
        is_squashed = flag(request, "squashed", default=True)

        def made() -> object:
            feeds = self._missions.feeds
            found = self._store.changes(asked.mission.guid, times.start, times.end)
            seen = list(filter(feeds.known_to(asked.by), found))
            told = squashed(seen) if is_squashed else seen
            return changes_json(asked.mission, reversed(told), asked.by, feeds)

        return await self._door.answer_long("MissionChange", made)

    async def cot(self, request: Request) -> Response:
        """Answer with the newest CoT of each thing in a mission."""
        asked = await self._access.allowed(request, Permission.READ)
        path = parameter(request, "path")
        if not path:
            return events(await self.events_of(asked.mission, asked.by))
        layers = await asyncio.to_thread(self._missions.layers.all, asked.mission.guid)
        try:
            only = {each.uid for each in layers.whole(path)}
        except NoLayer as fault:
            refuse(404, str(fault))
        return events(await self.events_of(asked.mission, asked.by, only))

    async def events_of(
        self, mission: Mission, by: Principal, only: Collection[str] | None = None
    ) -> list[bytes]:
        """Return the newest CoT of each thing in a mission that somebody may know of."""

        def work() -> list[WrittenEvent]:
            sees = sight(by)
            found = self._store.events(mission.guid)
            return [e for e in found if sees(e.context) and (only is None or e.name in only)]

        seen = await self._door.in_turn(work)
        missing = [each.name for each in seen if not each.event]
        if not missing:
            return [each.event for each in seen]
        come = await self._cot.newest_of(by, missing)
        written = {each.uid: written_out([each]) for each in come}
        found: list[bytes] = []
        for each in seen:
            found += [each.event] if each.event else written.get(each.name, [])
        return found

    async def set_uid_keywords(self, request: Request) -> Response:
        """Give a thing in a mission these keywords, or with DELETE none."""
        return await self._set_keywords(request, ItemKind.UID, request.path_params["uid"])

    async def set_file_keywords(self, request: Request) -> Response:
        """Give a file in a mission these keywords, or with DELETE none."""
        return await self._set_keywords(request, ItemKind.HASH, request.path_params["hash"].lower())

    async def _set_keywords(self, request: Request, kind: ItemKind, name: str) -> Response:
        asked = await self._access.allowed(request, Permission.WRITE)
        wanted: list[str] = []
        if request.method == "PUT":
            wanted = texts(await json_body(request), "keywords", most=100)
        guid, still = asked.mission.guid, self._access.still(asked, Permission.WRITE)
        if not await self._access.change(
            asked, still, lambda _: self._store.set_keywords(guid, kind, name, wanted)
        ):
            refuse(404, "that is not in the mission")
        what = "k-u" if kind is ItemKind.UID else "k-c"
        now = self._door.clock.now()
        notices = self._missions.notices
        notice = notices.look_again(asked.mission, what, asked.author(request), now)
        self._missions.tell_members(asked.mission, notice)
        return await self._answer(asked)


def _with_event(item: Item, event: bytes) -> Item | None:
    """Return it with its CoT; None for what is nothing in a mission, as on the stream."""
    try:
        read = xml.read_again(event)
    except WireError:
        return item
    if not is_item(read):
        return None
    return Item(
        kind=item.kind,
        name=item.name,
        at=item.at,
        creator_uid=item.creator_uid,
        details=details(read),
        event=event,
        time=read.time.timestamp(),
    )
