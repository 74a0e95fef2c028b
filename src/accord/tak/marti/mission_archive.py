"""A mission as a whole: as a data package, as KML, as another mission, and sent to somebody."""

import asyncio
import hashlib
import json
import re
import uuid
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.core.mission import ItemKind, Mission, Permission
from accord.core.principal import Group, Principal
from accord.core.report import AddressKind
from accord.storage.files import PRIVATE, About, FileStore, Stored
from accord.storage.mission_rows import WrittenItem
from accord.storage.tak_file import Full
from accord.tak.marti.asked import LONG_AGO, Door, flag, form, needed, parameter, parameters, refuse
from accord.tak.marti.feed_said import feeds_in_json, items_of
from accord.tak.marti.files import content_url, disposition, file_name, groups_said
from accord.tak.marti.long_json import LongAnswer, lumps, lumps_of
from accord.tak.marti.mission_access import Asked, MissionAccess
from accord.tak.marti.mission_beside import beside_json, log_lines
from accord.tak.marti.mission_contents import MissionContents
from accord.tak.marti.mission_description import description
from accord.tak.marti.mission_json import sight
from accord.tak.marti.mission_kml import KML, document
from accord.tak.marti.mission_package import DESCRIPTION, LOG_LINES
from accord.tak.marti.mission_said import role_said
from accord.tak.marti.missions import KIND as MISSION
from accord.tak.marti.missions import ROOT, MissionsApi, both, mission_name
from accord.tak.missions import MissionExists
from accord.tak.packages import data_package
from accord.wire.cot import xml
from accord.wire.errors import WireError

MAX_ARCHIVE = 512 << 20
"""Bytes of the files in an archive."""

OFFERED_FOR = 24 * 3600
"""Seconds for which the package of a mission that was sent is kept."""

MAX_CONTACTS = 100
"""Clients that one request sends a mission to, or invites."""


class MissionArchive:
    """Answers what is asked of missions as a whole."""

    def __init__(
        self, access: MissionAccess, api: MissionsApi, contents: MissionContents, files: FileStore
    ) -> None:
        self._access = access
        self._api = api
        self._contents = contents
        self._files = files
        self._door: Door = access.door
        self._missions = access.missions

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes; they stand before those of missions themselves."""
        return [
            Route(f"{ROOT}/{{name}}/archive", self.archive),
            *both("/copy", self.copy, "PUT"),
            *both("/send", self.send, "POST"),
            *both("/kml", self.kml, "GET"),
        ]

    # As a data package

    async def archive(self, request: Request) -> Response:
        """Answer with everything in a mission as one data package."""
        asked = await self._access.allowed(request, Permission.READ)
        return await self.packed(asked)

    async def packed(self, asked: Asked) -> Response:
        """Answer with everything in a mission as one data package."""
        return Response(
            await self._package(asked),
            media_type="application/zip",
            headers={"Content-Disposition": "attachment; filename=mission.zip"},
        )

    async def _package(self, asked: Asked, *, for_others: bool = False) -> bytes:
        mission, by = asked.mission, asked.by
        written = await self._contents.events_of(mission, by)
        items = await asyncio.to_thread(self._missions.store.items, mission.guid)
        files = {
            each.name: cast("Mapping[str, object]", json.loads(each.details))
            for each in items
            if each.kind == ItemKind.HASH
        }
        if sum(int(str(each.get("size", 0))) for each in files.values()) > MAX_ARCHIVE:
            refuse(413, f"the files of the mission are over {MAX_ARCHIVE} bytes: fetch each")

        def work() -> bytes:
            entries = {f"cot/{number}.cot": each for number, each in enumerate(written)}
            things = _uids(entries)
            aside = self._aside(mission, by, set(things.values()), for_others=for_others)
            return self._packed(mission, entries, things, files, aside)

        return await self._door.in_turn(work)

    def _aside(
        self, mission: Mission, by: Principal, with_cot: Collection[str], *, for_others: bool
    ) -> Mapping[str, bytes]:
        """Return what a package of a mission says beside what is in it: for Accord, not for TAK.

        `for_others` leaves out the log, and data feeds: who is sent it need not hear what the
        sender hears.
        """
        store = self._missions.store
        log = [] if for_others else store.log(mission.guid, LONG_AGO, self._door.clock.now())
        lines, left = log_lines(log, mission.name)
        found = filter(self._missions.feeds.known_to(by), store.items(mission.guid))
        items = [e for e in found if not (for_others and e.kind == ItemKind.FEED)]
        said = {DESCRIPTION: self._description(mission, by, items, with_cot, left)}
        return {**said, LOG_LINES: lines} if log else said

    def _description(
        self,
        mission: Mission,
        by: Principal,
        items: Sequence[WrittenItem],
        with_cot: Collection[str],
        log_left: int,
    ) -> bytes:
        layers = self._missions.layers.all(mission.guid)
        said = description(mission, layers, items, by)
        return b"".join(lumps_of({**said, **beside_json(items, with_cot, log_left)}))

    def _packed(
        self,
        mission: Mission,
        entries: dict[str, bytes],
        things: Mapping[str, str],
        files: Mapping[str, Mapping[str, object]],
        aside: Mapping[str, bytes],
    ) -> bytes:
        for sha256, about in files.items():
            name = re.sub(r'[/\\\x00-\x1f<>:"|?*]', "_", str(about.get("filename", "file")))
            path = self._files.path(sha256)
            if path.is_file():
                entries[f"{sha256}/{name}"] = path.read_bytes()
        return data_package(
            entries, uid=mission.guid, name=mission.name, things=things, aside=aside
        )

    # As another mission

    async def copy(self, request: Request) -> Response:
        """Make another mission with what the caller sees in this one, in its groups or fewer."""
        asked = await self._access.allowed(request, Permission.READ)
        by, source = self._door.require_speaker(request), asked.mission
        name = mission_name(needed(request, "copyName"))
        if self._missions.named(by, name) is not None:
            refuse(409, "the name is taken: choose another")
        groups = groups_said(by, parameters(request, "group")) & source.groups
        if not groups:
            refuse(403, "you speak in no group of the mission, in which its copy could be")
        path = parameter(request, "copyPath")
        now = self._door.clock.now()
        copy = Mission(
            guid=str(uuid.uuid4()),
            name=name,
            creator=by.name,
            creator_uid=self._api.creator_said(request, by),
            groups=groups,
            keywords=source.keywords,
            about={**source.about, "path": path} if path else source.about,
            # No less closed than what it is of: who copies it need not be who closed it.
            password=await self._access.hashed(parameter(request, "password")) or source.password,
            default_role=role_said(request, "defaultRole") or source.default_role,
            group_roles={g: r for g, r in source.group_roles.items() if g in groups},
            invite_only=source.invite_only,
            expires=source.expires,
            made=now,
            edited=now,
        )
        store, still = self._missions.store, self._access.still(asked, Permission.READ)

        def unchanged() -> None:
            if _closed(still()) != _closed(source):
                refuse(409, "who may see the mission was changed meanwhile: ask again")

        def fill() -> None:
            store.copy(source.guid, copy, sight(by))
            self._copy_feeds(source, copy, by)

        try:
            return await self._api.begin(by, copy, fill, still=unchanged)
        except MissionExists as error:
            refuse(409, str(error))

    def _copy_feeds(self, source: Mission, copy: Mission, by: Principal) -> None:
        """Let a copy be about the data feeds that somebody hears; they have uids of their own."""
        store, feeds = self._missions.store, self._missions.feeds
        known = filter(feeds.known_to(by), store.items(source.guid))
        told = [json.loads(each.details) for each in known if each.kind == ItemKind.FEED]
        said = feeds_in_json(told)
        uid = copy.creator_uid
        store.put(copy.guid, items_of(said, feeds, by, copy.guid, copy.made, by_uid=uid))

    # Sent

    async def send(self, request: Request) -> Response:
        """Offer the package of a mission to clients that are connected, all of them or none."""
        asked = await self._access.allowed(request, Permission.READ)
        by = self._door.require_speaker(request)
        contacts = await contacts_said(request)
        groups = frozenset[Group]()
        for each in contacts:
            heard = self._access.heard_by(each, by.speaks_in)
            if not heard:
                refuse(404, f"no client {each[:80]!r} is connected that hears a group you speak in")
            groups |= heard
        by_uid = asked.author(request)
        stored = await self._stored(
            asked, await self._package(asked, for_others=True), by_uid, groups
        )
        url = content_url(self._door, request, stored.hash)
        now, callsign = self._door.clock.now(), self._access.callsign_of(by, by_uid)
        offer = self._missions.notices.offered(stored, url, by_uid, callsign, now)
        for each in contacts:
            self._missions.tell_address(replace(offer, groups=by.speaks_in), AddressKind.UID, each)
        told = await self._api.all_told(by, [asked.mission])
        return await self._door.answer_long(MISSION, lambda: told)

    async def _stored(
        self, asked: Asked, package: bytes, by_uid: str, groups: frozenset[Group]
    ) -> Stored:
        """Return the package, kept for a day as his private file in the addressees' groups."""
        sha256, now = hashlib.sha256(package).hexdigest(), self._door.clock.now()
        about = About(
            name=file_name(re.sub(r"[/\\]", "_", f"{asked.mission.name[:200]}.zip")),
            mime="application/zip",
            tool=PRIVATE,
            keywords=("missionpackage",),
            submitter=asked.by.name,
            creator_uid=by_uid,
            groups=groups,
            expires=int(now.timestamp()) + OFFERED_FOR,
        )
        path = self._files.incoming()

        def work() -> Stored:
            try:
                if len(package) > self._files.room(asked.by.name, now):
                    raise Full(f"there is no room for {len(package)} bytes of {asked.by.name}")
                path.write_bytes(package)
                return self._files.keep(path, sha256, about, now)
            finally:
                path.unlink(missing_ok=True)

        try:
            return await asyncio.to_thread(work)
        except Full as full:
            refuse(507, str(full))

    # As KML

    async def kml(self, request: Request) -> Response:
        """Answer with the things in a mission that have a place, as KML."""
        asked = await self._access.allowed(request, Permission.READ)
        written = await self._contents.events_of(asked.mission, asked.by)
        name, node = asked.mission.name, self._door.node

        def made() -> list[bytes]:
            return list(lumps(each.encode() for each in document(name, written, node=node)))

        answer = LongAnswer(await self._door.in_turn(made), media_type=KML)
        if flag(request, "download"):
            saved = disposition(f"{name}.kml").replace("inline", "attachment", 1)
            answer.headers["Content-Disposition"] = saved
        return answer


def _closed(mission: Mission) -> tuple[object, ...]:
    """Return what says for whom a mission is, which its copy is for too."""
    of = mission
    return of.groups, of.password, of.default_role, of.group_roles, of.invite_only, of.expires


async def contacts_said(request: Request) -> list[str]:
    """Return the `contacts` of a form, or of the query: uids of clients. 400 where there are none.

    They are said once each, or joined by commas.
    """
    said = [value for name, value in await form(request) if name == "contacts"]
    found = [each for one in said for each in one.split(",") if each]
    if not 0 < len(found) <= MAX_CONTACTS:
        refuse(400, f"contacts names between 1 and {MAX_CONTACTS} clients")
    return list(dict.fromkeys(found))


def _uids(entries: Mapping[str, bytes]) -> dict[str, str]:
    """Return the uids of events, by entry; one that cannot be read says none."""
    found: dict[str, str] = {}
    for entry, event in entries.items():
        with suppress(WireError):
            found[entry] = xml.read_again(event).uid
    return found
