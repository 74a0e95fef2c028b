"""What is in missions: files by hash and things by uid, their CoT, and what changed."""

import asyncio
import hashlib
import mimetypes
import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.core.mission import Item, ItemKind, Mission, Permission
from accord.core.mission_layer import LayerFault, NoLayer
from accord.core.principal import Principal
from accord.core.report import Source
from accord.storage.files import PRIVATE, About, FileStore, is_hash
from accord.storage.tak_file import Full
from accord.tak.marti import file_json
from accord.tak.marti.asked import (
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
from accord.tak.marti.mission_json import changes_json, mission_json, squashed
from accord.tak.marti.mission_layers import Portion, portions_said, require_holds
from accord.tak.marti.mission_package import Attached, BadPackage, Thing, unpack
from accord.tak.marti.missions import KIND, ROOT, both
from accord.tak.marti.upload import received
from accord.tak.mission_notices import CHANNEL
from accord.tak.missions import details
from accord.tak.packages import data_package
from accord.wire.cot import xml
from accord.wire.cot.message import CotEvent
from accord.wire.cot.translate import to_report, to_xml
from accord.wire.errors import WireError

MAX_AT_ONCE = 10_000
"""Things and files put into a mission, or taken out of it, by one request."""

MAX_ARCHIVE = 512 << 20
"""Bytes of the files in an archive."""


class MissionContents:
    """Answers what is asked of what is in missions."""

    def __init__(self, access: MissionAccess, files: FileStore, cot: CotApi) -> None:
        self._access = access
        self._door: Door = access.door
        self._missions = access.missions
        self._store = access.missions.store
        self._files = files
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
            Route(f"{ROOT}/{{name}}/archive", self.archive),
        ]

    async def _answer(self, asked: Asked) -> Response:
        mission = self._missions.find(asked.mission.guid) or asked.mission
        items = await asyncio.to_thread(self._store.items, mission.guid)
        return await self._door.answer_long(KIND, lambda: [mission_json(mission, items, asked.by)])

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
        items = [
            *await self._of_files(asked.by, hashes, by_uid),
            *await self._of_uids(asked.by, uids, by_uid),
        ]
        try:
            await self._missions.put(guid, items)
            for each in portions:
                if each.filing is not None:
                    await self._missions.file(guid, each.filing, each.which, by_uid)
        except Full as full:
            refuse(507, str(full))
        except LayerFault as fault:  # changed meanwhile: what was put is in no layer
            refuse(409, str(fault))
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
        """Put everything in a data package into a mission, or nothing of it."""
        asked = await self._access.allowed(request, Permission.WRITE)
        await self.take_package(request, asked, asked.author(request))
        return self._door.answer("MissionChange", [])

    async def take_file(self, request: Request, asked: Asked, name: str, by_uid: str) -> None:
        """Keep the file in a body, and put it into a mission."""
        new: list[int] = []
        try:
            async with received(request, self._files, self._door, asked.by.name) as got:
                if not got.size:
                    refuse(400, "the file is empty")
                each = Attached(name=file_name(name), path=got.path, size=got.size)
                item = await asyncio.to_thread(lambda: self._file(asked, each, by_uid, new))
            await self._missions.put(asked.mission.guid, [item])
        except Full as full:
            await asyncio.to_thread(self._files.delete, new)
            refuse(507, str(full))

    async def take_package(self, request: Request, asked: Asked, by_uid: str) -> None:
        """Put everything in the data package in a body into a mission, or nothing of it."""
        places: list[Path] = []
        new: list[int] = []

        def place() -> Path:
            places.append(self._files.incoming())
            return places[-1]

        limit = self._files.settings.max_file
        try:
            async with received(request, self._files, self._door, asked.by.name) as got:
                found = await asyncio.to_thread(lambda: list(unpack(got.path, place, limit=limit)))
            items = [self._thing(asked.by, e.event, by_uid) for e in found if isinstance(e, Thing)]
            files = [each for each in found if isinstance(each, Attached)]
            for each in files:
                file_name(each.name)
            items += await asyncio.to_thread(
                lambda: [self._file(asked, each, by_uid, new) for each in files]
            )
            await self._missions.put(asked.mission.guid, items)
        except BadPackage as error:
            refuse(400, str(error))
        except Full as full:
            await asyncio.to_thread(self._files.delete, new)
            refuse(507, str(full))
        finally:
            for each in places:
                each.unlink(missing_ok=True)

    def _file(self, asked: Asked, each: Attached, by_uid: str, new: list[int]) -> Item:
        """Return an item for a file, kept unless he has it; `new` notes what is kept."""
        now, by, name = self._door.clock.now(), asked.by, file_name(each.name)
        with each.path.open("rb") as data:
            sha256 = hashlib.file_digest(data, "sha256").hexdigest()
        for known in self._files.all(now, sha256=sha256):
            if (known.about.name, known.about.submitter) == (name, by.name):
                said = file_json.resource(known)
                break
        else:
            about = About(
                name=name,
                mime=mimetypes.guess_type(name)[0] or "application/octet-stream",
                tool=PRIVATE,  # it is found in the mission
                keywords=(),
                submitter=by.name,
                creator_uid=by_uid,
                groups=frozenset(),  # who may read the mission has it, and nobody else
            )
            stored = self._files.keep(each.path, sha256, about, now)
            new.append(stored.number)
            said = file_json.resource(stored)
        return Item(kind=ItemKind.HASH, name=sha256, at=now, creator_uid=by_uid, details=said)

    def _thing(self, by: Principal, event: CotEvent, by_uid: str) -> Item:
        """Return an item for an event. BadPackage where it is of an exercise that is not his."""
        now = self._door.clock.now()
        source = Source(node=self._door.node, channel=CHANNEL, speaker=by.name)
        try:
            report = to_report(event, source=source, groups=by.speaks_in, received=now)
            written = to_xml(report)
        except WireError as error:
            raise BadPackage(f"{event.uid!r} cannot be taken: {error}") from None
        if not by.takes_part_in(report.context):
            raise BadPackage(f"{event.uid!r} is of {report.context}, in which you take no part")
        return Item(
            kind=ItemKind.UID,
            name=report.uid,
            at=now,
            creator_uid=by_uid,
            details=details(event),
            context=report.context,
            event=written,
            time=report.time.timestamp(),
        )

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
            item = Item(kind=ItemKind.UID, name=uid, at=now, creator_uid=by_uid)
            items.append(_with_event(item, written[0]) if written else item)
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
        if not await self._missions.remove(asked.mission.guid, which, by_uid):
            refuse(404, "that is not in the mission")
        return await self._answer(asked)

    async def changes(self, request: Request) -> Response:
        """Answer with what changed in some time; the last of each item, or all of it."""
        asked = await self._access.allowed(request, Permission.READ)
        times = span(request, self._door.clock.now())
        found = await asyncio.to_thread(
            self._store.changes, asked.mission.guid, times.start, times.end
        )
        is_squashed = flag(request, "squashed", default=True)

        def made() -> object:
            by = asked.by
            seen = [e for e in found if e.item is None or by.takes_part_in(e.item.context)]
            told = squashed(seen) if is_squashed else seen
            return changes_json(asked.mission, reversed(told), by)

        return await self._door.answer_long("MissionChange", made)

    async def cot(self, request: Request) -> Response:
        """Answer with the newest CoT of each thing in a mission."""
        asked = await self._access.allowed(request, Permission.READ)
        path = parameter(request, "path")
        if not path:
            return events(await self._events(asked.mission, asked.by))
        layers = await asyncio.to_thread(self._missions.layers.all, asked.mission.guid)
        try:
            only = {each.uid for each in layers.whole(path)}
        except NoLayer as fault:
            refuse(404, str(fault))
        return events(await self._events(asked.mission, asked.by, only))

    async def _events(
        self, mission: Mission, by: Principal, only: Collection[str] | None = None
    ) -> list[bytes]:
        items = await asyncio.to_thread(self._store.items, mission.guid, with_events=True)
        seen = [
            e
            for e in items
            if e.kind is ItemKind.UID
            and by.takes_part_in(e.context)
            and (only is None or e.name in only)
        ]
        missing = [each.name for each in seen if not each.event]
        come = await self._cot.newest_of(by, missing) if missing else []
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
        guid = asked.mission.guid
        if not await asyncio.to_thread(self._store.set_keywords, guid, kind, name, wanted):
            refuse(404, "that is not in the mission")
        return await self._answer(asked)

    async def archive(self, request: Request) -> Response:
        """Answer with everything in a mission as one data package."""
        asked = await self._access.allowed(request, Permission.READ)
        return await self.packed(asked)

    async def packed(self, asked: Asked) -> Response:
        """Answer with everything in a mission as one data package."""
        events_ = await self._events(asked.mission, asked.by)
        items = await asyncio.to_thread(self._store.items, asked.mission.guid)
        files = [each for each in items if each.kind is ItemKind.HASH]
        if sum(int(str(each.details.get("size", 0))) for each in files) > MAX_ARCHIVE:
            refuse(413, f"the files of the mission are over {MAX_ARCHIVE} bytes: fetch each")
        data = await asyncio.to_thread(self._packed, asked.mission, events_, files)
        return Response(
            data,
            media_type="application/zip",
            headers={"Content-Disposition": "attachment; filename=mission.zip"},
        )

    def _packed(self, mission: Mission, written: Sequence[bytes], files: Sequence[Item]) -> bytes:
        entries = {f"cot/{number}.cot": each for number, each in enumerate(written)}
        for each in files:
            name = re.sub(r'[/\\\x00-\x1f<>:"|?*]', "_", str(each.details.get("filename", "file")))
            path = self._files.path(each.name)
            if path.is_file():
                entries[f"{each.name}/{name}"] = path.read_bytes()
        return data_package(entries, uid=mission.guid, name=mission.name)


def _with_event(item: Item, event: bytes) -> Item:
    try:
        read = xml.read_again(event)
    except WireError:
        return item
    return Item(
        kind=item.kind,
        name=item.name,
        at=item.at,
        creator_uid=item.creator_uid,
        details=details(read),
        event=event,
        time=read.time.timestamp(),
    )
