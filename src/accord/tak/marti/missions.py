"""Missions: made, found, described, deleted; their contents and people stand elsewhere."""

import asyncio
import secrets
import unicodedata
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.core.mission import (
    NEVER,
    Item,
    ItemKind,
    Mission,
    MissionRole,
    Permission,
    Subscription,
    key_of,
)
from accord.core.mission_layer import LayerFault
from accord.core.principal import Group, Principal
from accord.storage.missions import MissionStore
from accord.storage.tak_file import Full
from accord.tak.marti.asked import (
    Door,
    api_version,
    flag,
    json_body,
    needed,
    number,
    parameter,
    refuse,
    span,
    texts,
)
from accord.tak.marti.feed_said import FeedSaid, items_of
from accord.tak.marti.files import groups_said, names_groups
from accord.tak.marti.long_json import Parts, encode
from accord.tak.marti.mission_access import Asked, MissionAccess
from accord.tak.marti.mission_description import Description
from accord.tak.marti.mission_import import Packages, fill
from accord.tak.marti.mission_json import (
    Json,
    changes_json,
    log_json,
    mission_json,
    role_json,
    sight,
)
from accord.tak.marti.mission_package import DESCRIPTION, BadPackage
from accord.tak.marti.mission_said import MAX_KEYWORDS, Said, is_package, said_of
from accord.tak.marti.mission_tokens import TokenKind
from accord.tak.marti.upload import received
from accord.tak.missions import MissionExists, Missions, Still, by_the_node, unchecked

ROOT = "/Marti/api/missions"
KIND = "Mission"

MAX_NAME = 1024

Endpoint = Callable[[Request], Awaitable[Response]]


def both(path: str, endpoint: Endpoint, *methods: str) -> list[BaseRoute]:
    """Return the routes of something asked of a mission, by its guid and by its name."""
    return [
        Route(f"{ROOT}/guid/{{guid}}{path}", endpoint, methods=list(methods)),
        Route(f"{ROOT}/{{name}}{path}", endpoint, methods=list(methods)),
    ]


class MissionsApi:
    """Answers what is asked of missions themselves."""

    def __init__(self, access: MissionAccess, packages: Packages) -> None:
        self._access = access
        self._packages = packages
        self._door: Door = access.door
        self._missions: Missions = access.missions
        self._store: MissionStore = access.missions.store

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes; they stand after those that are more special."""
        return [
            Route(ROOT, self.every, methods=["GET"]),
            Route(ROOT, self.delete_by_guid, methods=["DELETE"]),
            Route("/Marti/api/pagedmissions", self.page),
            Route("/Marti/api/missioncount", self.count),
            *both("/keywords", self.set_keywords, "PUT"),
            *both("/keywords", self.clear_keywords, "DELETE"),
            *both("/keywords/{keyword}", self.drop_keyword, "DELETE"),
            *both("/password", self.set_password, "PUT"),
            *both("/password", self.clear_password, "DELETE"),
            *both("/expiration", self.set_end, "PUT"),
            *both("", self.one, "GET"),
            Route(f"{ROOT}/{{name}}", self.create, methods=["PUT", "POST"]),
            *both("", self.delete, "DELETE"),
        ]

    async def _told(self, asked: Asked, *, hidden: bool = False) -> Json:
        def told() -> Json:
            items = [] if hidden else self._store.items(asked.mission.guid)
            return mission_json(asked.mission, items, asked.by, self._missions.feeds)

        return await self._door.in_turn(told)

    async def _answer(self, asked: Asked, **more: object) -> Response:
        told = await self._told(asked)
        return await self._door.answer_long(KIND, lambda: [{**told, **more}])

    async def _fresh(self, asked: Asked) -> Response:
        """Answer with a mission as it is now."""
        mission = self._missions.find(asked.mission.guid) or asked.mission
        return await self._answer(replace(asked, mission=mission))

    # Found

    def _listed(
        self, request: Request, by: Principal, *, usual: bool = False, tool: str = "public"
    ) -> list[Mission]:
        """Return missions that are asked for; `usual` and `tool` are what holds if not said."""
        with_password = flag(request, "passwordProtected", default=usual)
        with_role = flag(request, "defaultRole", default=usual)
        tool = parameter(request, "tool") or tool
        return [
            each
            for each in self._access.visible(by)
            if tool in ("", each.about.get("tool", "public"))
            and (with_password or not each.password)
            and (with_role or each.default_role is MissionRole.SUBSCRIBER)
            and (not each.invite_only or self._access.role_of(by, each) is not None)
        ]

    async def every(self, request: Request) -> Response:
        """Answer with the missions that there are for the caller, and what is in them."""
        by = self._door.require(request)
        told = await self.all_told(by, self._listed(request, by))
        return await self._door.answer_long(KIND, lambda: told)

    async def all_told(self, by: Principal, missions: Sequence[Mission]) -> list[Json]:
        """Return missions, each with what is in it where somebody may read it."""
        told: list[Json] = []
        for each in missions:
            asked = Asked(each, by, self._access.role_of(by, each), self._door)
            told.append(await self._told(asked, hidden=not asked.may(Permission.READ)))
        return told

    async def page(self, request: Request) -> Response:
        """Answer with one page of them, of every tool and every kind if not asked otherwise."""
        by = self._door.require(request)
        wanted, uid = key_of(parameter(request, "nameFilter")), parameter(request, "uidFilter")
        found = self._listed(request, by, usual=True, tool="")
        found = [each for each in found if wanted in key_of(each.name)]
        if uid:
            found = [each for each in found if await self._has(each, by, uid)]
        by_what = _ORDERS.get(parameter(request, "sort").lower())
        if by_what is not None:
            found.sort(key=by_what)
        if not flag(request, "ascending", default=True):
            found.reverse()
        size = max(1, number(request, "pagesize", 10))
        begin = max(0, number(request, "page", 0)) * size
        told = await self.all_told(by, found[begin : begin + size])
        return await self._door.answer_long(KIND, lambda: told)

    async def _has(self, mission: Mission, by: Principal, uid: str) -> bool:
        """Tell whether somebody may know of a thing in a mission with that in its uid."""
        if self._access.role_of(by, mission) is None:
            return False

        def work() -> bool:
            sees, items = sight(by), self._store.items(mission.guid)
            return any(
                each.kind == ItemKind.UID and uid in each.name and sees(each.context)
                for each in items
            )

        return await self._door.in_turn(work)

    async def count(self, request: Request) -> Response:
        """Answer with how many there are."""
        by = self._door.require(request)
        found = self._listed(request, by, usual=True, tool="")
        return self._door.answer(KIND, len(found))

    async def one(self, request: Request) -> Response:
        """Answer with one mission; with its changes and its log where they are asked for."""
        asked = await self._access.asked(request, password_too=True)
        if not asked.may(Permission.READ):
            if api_version(request) < 3:
                refuse(403, "you have no MISSION_READ in this mission")
            hidden = await self._told(asked, hidden=True)
            return await self._door.answer_long(KIND, lambda: [hidden])
        more: Json = {}
        if flag(request, "changes"):
            more |= await self.changes_told(request, asked)
        if flag(request, "logs"):
            more |= await self.log_told(request, asked)
        if asked.by_password:
            more["token"] = self._access.read_token(asked.mission, asked.by.name, joins=True)
        return await self._answer(asked, **more)

    async def changes_told(self, request: Request, asked: Asked) -> Json:
        """Return every change of a mission in some time, as a mission has them."""
        times, guid = span(request, self._door.clock.now()), asked.mission.guid

        def work() -> Parts:
            found = self._store.changes(guid, times.start, times.end)
            return changes_json(asked.mission, found, asked.by, self._missions.feeds)

        return {"missionChanges": await self._door.in_turn(work)}

    async def log_told(self, request: Request, asked: Asked) -> Json:
        """Return the log of a mission in some time, as a mission has it."""
        times, mission = span(request, self._door.clock.now()), asked.mission
        log = await asyncio.to_thread(self._store.log, mission.guid, times.start, times.end)
        return {"logs": Parts([encode(log_json(each, [mission.name])) for each in log])}

    # Made and described

    async def create(self, request: Request) -> Response:
        """Make a mission, or describe one that is there anew."""
        by = self._door.require_speaker(request)
        name = mission_name(request.path_params["name"])
        said = await said_of(request)
        if self._missions.named(by, name) is not None:
            return await self._describe_taken(request, said)
        for each in self._missions.ended():
            await self._delete(each, by_the_node)  # its name is free
        try:
            return await self._make(request, by, name, said)
        except MissionExists:  # somebody was faster: as though he came after that
            return await self._describe_taken(request, said)

    async def _describe_taken(self, request: Request, said: Said) -> Response:
        """Describe a mission that is there anew. 409 where it was not to be that one."""
        if flag(request, "allowDupe"):
            refuse(409, "the name is taken: choose another")
        if is_package(request):
            refuse(
                409,
                "the name is taken, and of a package a new mission is made: choose another name, "
                "or put the package into this one at its contents/missionpackage",
            )
        return await self._describe(request, said)

    async def _make(self, request: Request, by: Principal, name: str, about: Said) -> Response:
        said = await self._said(request, by, name, about)
        if not is_package(request):
            feeds = self._feeds_of(about.feeds or (), by, said)
            return await self.begin(by, said, lambda: _put(self._store, said.guid, feeds))
        try:
            async with received(request, self._packages.files, self._door, by.name) as got:
                return await self._make_of(got.path, by, about, said)
        except BadPackage as error:
            refuse(400, str(error))
        except Full as full:
            refuse(507, str(full))

    async def _make_of(self, package: Path, by: Principal, about: Said, said: Mission) -> Response:
        """Make a mission with everything that is in a package, described as that says.

        What the request says stands before it. 400 where it had a password and is given none.
        """
        store, layers = self._store, self._missions.layers
        taken = await asyncio.to_thread(
            self._packages.take, package, by, said.creator_uid, said.made
        )
        try:
            mission = self._as_told(about, said, taken.description, by)
            whole = taken.about(self._feeds_of(taken.description.feeds, by, mission))
            return await self.begin(by, mission, lambda: fill(store, layers, mission.guid, whole))
        finally:
            await asyncio.to_thread(self._packages.release, taken)

    def _feeds_of(self, said: Sequence[FeedSaid], by: Principal, mission: Mission) -> list[Item]:
        """Return what is kept of the data feeds that a new mission is said to be about."""
        uid = mission.creator_uid
        return items_of(said, self._missions.feeds, by, mission.guid, mission.made, by_uid=uid)

    @staticmethod
    def _as_told(asked: Said, said: Mission, told: Description, by: Principal) -> Mission:
        """Return a new mission as the request describes it, and a package what that leaves out."""
        if told.has_password and not said.password:
            raise BadPackage("it had a password, which is not in it: give it one with ?password=")
        return replace(
            said,
            keywords=told.keywords,
            about={**told.about, **said.about},
            groups=said.groups if asked.groups else told.groups_for(by),
            default_role=asked.role or told.role or said.default_role,
            invite_only=told.invite_only if asked.invite_only is None else asked.invite_only,
            expires=said.expires if said.expires != NEVER else told.expires_after(said.made),
        )

    async def _said(self, request: Request, by: Principal, name: str, said: Said) -> Mission:
        """Return a new mission as the request describes it. 400: a password that it leaves out."""
        _require_password(said, is_kept=False)
        return Mission(
            guid=str(uuid.uuid4()),
            name=name,
            creator=by.name,
            creator_uid=self.creator_said(request, by),
            groups=groups_said(by, said.groups),
            about=said.about,
            keywords=said.keywords or (),
            password=await self._access.hashed(said.password),
            default_role=said.role or MissionRole.SUBSCRIBER,
            invite_only=bool(said.invite_only),
            expires=self._to_come(said.expires, NEVER),
            made=(now := self._door.clock.now()),
            edited=now,
        )

    def creator_said(self, request: Request, by: Principal) -> str:
        """Return the uid under which somebody makes a mission. 403 for another person's."""
        said = parameter(request, "creatorUid") or by.name
        if self._door.is_anothers(by, said):
            refuse(403, "another person is, or was, connected under that creatorUid")
        return said

    async def begin(
        self,
        by: Principal,
        mission: Mission,
        fill_it: Callable[[], None],
        *,
        still: Still = by_the_node,
    ) -> Response:
        """Keep a new mission, which its maker owns; `fill_it` puts into it, in a thread.

        MissionExists where somebody was faster.
        """
        owner = Subscription(
            id=secrets.token_hex(16),
            client_uid=mission.creator_uid,
            person=by.name,
            role=MissionRole.OWNER,
            at=mission.made,
        )
        try:
            await self._missions.begin(by, mission, owner, fill_it, still=still)
        except LayerFault as error:
            refuse(400, f"{DESCRIPTION}: {error}")
        except Full as full:
            refuse(507, str(full))
        self._access.note_device(by, mission.creator_uid)
        token = self._access.token_of(mission, TokenKind.SUBSCRIPTION, owner.id, by.name)
        more = {"token": token, "ownerRole": role_json(MissionRole.OWNER)}

        def made() -> object:
            items = self._store.items(mission.guid)
            return [{**mission_json(mission, items, by, self._missions.feeds), **more}]

        return await self._door.answer_long(KIND, made, 201)

    async def _describe(self, request: Request, said: Said) -> Response:
        asked = await self._access.allowed(request, Permission.WRITE)
        by = asked.by
        groups = groups_said(by, said.groups) if names_groups(by, said.groups) else None
        gives_one = bool(said.password) and asked.may(Permission.SET_PASSWORD)
        kept = await self._access.hashed(said.password) if gives_one else None

        def decide() -> Mission:
            now = self._access.again(asked)
            now.require(Permission.WRITE, f"you have no {Permission.WRITE} in this mission")
            _require_password(said, is_kept=bool(now.mission.password))
            fresh = self._described(now.mission, said, groups)
            _require_owners(now, fresh)
            if kept is not None:
                now.require(Permission.SET_PASSWORD, "only an owner gives it a password")
            elif said.password and not fresh.password:
                refuse(403, "only an owner gives it a password")
            return fresh if kept is None else replace(fresh, password=kept)

        if said.feeds is not None:
            decide()  # Of what is refused, nothing is done.
            await self._change_feeds(request, asked, said.feeds)
        return await self._change(request, asked, decide, "m")

    def _described(self, known: Mission, said: Said, groups: frozenset[Group] | None) -> Mission:
        """Return a mission described anew; what is not said of it stays."""
        wanted = known.groups if groups is None else groups
        return replace(
            known,
            groups=wanted,
            group_roles={g: r for g, r in known.group_roles.items() if g in wanted},
            keywords=known.keywords if said.keywords is None else said.keywords,
            about={**known.about, **said.about},
            default_role=said.role or known.default_role,
            invite_only=known.invite_only if said.invite_only is None else said.invite_only,
            expires=self._to_come(said.expires, known.expires),
        )

    async def _change_feeds(self, request: Request, asked: Asked, said: Sequence[FeedSaid]) -> None:
        """Let a mission be about these data feeds, of those that the caller hears.

        Those that he does not hear stay as they are: he was not told of them.
        """
        guid, feeds, by_uid = asked.mission.guid, self._missions.feeds, asked.author(request)
        items = await asyncio.to_thread(self._store.items, guid)
        known = filter(feeds.known_to(asked.by), items)
        there = {each.name for each in known if each.kind == ItemKind.FEED}
        now = self._door.clock.now()
        wanted = items_of(said, feeds, asked.by, guid, now, by_uid=by_uid)
        new = [each for each in wanted if each.name not in there]
        gone = there - {each.uid(guid) for each in said}
        if not (new or gone):
            return
        out = [(ItemKind.FEED, each) for each in sorted(gone)]
        still = self._access.still(asked, Permission.MANAGE_FEEDS)
        try:
            await self._missions.exchange(guid, new, out, by_uid, still=still, checked=unchecked)
        except Full as full:
            refuse(507, str(full))

    async def _change(
        self, request: Request, asked: Asked, decide: Callable[[], Mission], what: str
    ) -> Response:
        """Keep what a mission is from now on, tell who takes part, and answer with it."""
        now = self._door.clock.now()
        await self._access.change(
            asked, decide, lambda fresh: self._store.update(replace(fresh, edited=now))
        )
        notices = self._missions.notices
        notice = notices.look_again(asked.mission, what, asked.author(request), now)
        # To its groups, as TAK Server does: lists of missions show what it is called and about.
        self._missions.tell_groups(notice)
        return await self._fresh(asked)

    async def set_keywords(self, request: Request) -> Response:
        """Give a mission these keywords instead of those it has."""
        asked = await self._access.allowed(request, Permission.WRITE)
        keywords = tuple(texts(await json_body(request), "keywords", most=MAX_KEYWORDS))
        still = self._access.still(asked, Permission.WRITE)
        return await self._change(request, asked, lambda: replace(still(), keywords=keywords), "k")

    async def clear_keywords(self, request: Request) -> Response:
        """Take all keywords from a mission."""
        asked = await self._access.allowed(request, Permission.WRITE)
        still = self._access.still(asked, Permission.WRITE)
        return await self._change(request, asked, lambda: replace(still(), keywords=()), "k")

    async def drop_keyword(self, request: Request) -> Response:
        """Take one keyword from a mission."""
        asked = await self._access.allowed(request, Permission.WRITE)
        gone: str = request.path_params["keyword"]

        still = self._access.still(asked, Permission.WRITE)

        def decide() -> Mission:
            known = still()
            return replace(known, keywords=tuple(k for k in known.keywords if k != gone))

        return await self._change(request, asked, decide, "k")

    async def set_password(self, request: Request) -> Response:
        """Let nobody take part from now on who does not know this password."""
        asked = await self._access.allowed(request, Permission.SET_PASSWORD)
        kept = await self._access.hashed(needed(request, "password"))
        still = self._access.still(asked, Permission.SET_PASSWORD)
        return await self._change(request, asked, lambda: replace(still(), password=kept), "m")

    async def clear_password(self, request: Request) -> Response:
        """Let everybody take part again who sees the mission."""
        asked = await self._access.allowed(request, Permission.SET_PASSWORD)
        still = self._access.still(asked, Permission.SET_PASSWORD)
        return await self._change(request, asked, lambda: replace(still(), password=""), "m")

    async def set_end(self, request: Request) -> Response:
        """Say when a mission ends, in seconds since 1970; -1 is never."""
        asked = await self._access.allowed(request, Permission.DELETE)
        expires = self._to_come(number(request, "expiration", NEVER), NEVER)
        still = self._access.still(asked, Permission.DELETE)
        return await self._change(request, asked, lambda: replace(still(), expires=expires), "m")

    def _to_come(self, said: int | None, default: int) -> int:
        """Return when a mission is to end. 400 for what is over, or before 1970."""
        expires = default if said is None else said
        is_over = expires <= self._door.clock.now().timestamp()
        if is_over and expires not in (default, NEVER):
            refuse(400, "expiration is a moment to come, in seconds since 1970, or -1 for never")
        return expires

    # Deleted

    async def delete_by_guid(self, request: Request) -> Response:
        """Delete the mission that the parameter `guid` names."""
        self._door.require(request)
        request.path_params["guid"] = needed(request, "guid")
        return await self.delete(request)

    async def delete(self, request: Request) -> Response:
        """Delete a mission; what is asked of it later is answered with 410."""
        asked = await self._access.allowed(request, Permission.DELETE)
        told, now = await self._told(asked), self._door.clock.now()
        await self._delete(asked.mission, self._access.still(asked, Permission.DELETE))
        by_uid = asked.author(request)
        self._missions.tell_groups(self._missions.notices.deleted(asked.mission, by_uid, now))
        return await self._door.answer_long(KIND, lambda: [told])

    async def _delete(self, mission: Mission, still: Still) -> None:
        guid, now = mission.guid, self._door.clock.now()
        await self._missions.change(guid, still, lambda _: self._store.delete(guid, now))


def _put(store: MissionStore, guid: str, items: Sequence[Item]) -> None:
    store.put(guid, items)


def _require_owners(asked: Asked, fresh: Mission) -> None:
    """403 where a mission is to be what only an owner makes of it, and the caller is none."""
    known = asked.mission
    is_owners = (fresh.groups, fresh.default_role, fresh.invite_only) != (
        known.groups, known.default_role, known.invite_only,
    )  # fmt: skip
    if is_owners:
        said = "only an owner changes groups, default role and who is invited"
        asked.require(Permission.UPDATE_GROUPS, said)
    if fresh.expires != known.expires:
        said = "only an owner says when it ends: with its end it is deleted"
        asked.require(Permission.DELETE, said)


def _require_password(said: Said, *, is_kept: bool) -> None:
    """400 for a mission that is to have a password, where none is said and none is kept."""
    if said.has_password and not (said.password or is_kept):
        refuse(400, "passwordProtected is true, and there is no password: give it one as password")


def mission_name(name: str) -> str:
    """Return the name of a mission, in any script. 400 for one that cannot be."""
    fault = name_fault(name)
    if fault:
        refuse(400, fault)
    return unicodedata.normalize("NFC", name.strip())


def name_fault(name: str) -> str:
    """Return why a mission cannot be called that, empty where it can."""
    said = unicodedata.normalize("NFC", name.strip())
    if said in (".", ".."):
        return f"a mission cannot be called {said}: no client can ask for it by that name"
    is_path = "/" in said or "\\" in said
    if not said or len(said) > MAX_NAME or is_path or not said.isprintable():
        return f"a mission's name has 1 to {MAX_NAME} characters to be printed, and no / or \\"
    if key_of(said) in _TAKEN:
        return f"a mission cannot be called {said}: there is a path of that name"
    return ""


_TAKEN = frozenset({"all", "guid", "logs", "invitations", "citrap"})

_ORDERS: Mapping[str, Callable[[Mission], str]] = {
    "name": lambda each: key_of(each.name),
    "createtime": lambda each: each.made.isoformat(),
    "lastedited": lambda each: each.edited.isoformat(),
    "creatoruid": lambda each: each.creator_uid.casefold(),
}
"""What a page of missions can be sorted by, in small letters; by anything else it is by name."""
