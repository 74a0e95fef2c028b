"""Who takes part in missions: subscriptions and roles."""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from accord.core.mission import (
    Invitation,
    InviteeKind,
    Mission,
    MissionRole,
    Permission,
    Subscription,
)
from accord.core.principal import Principal
from accord.core.report import Address, AddressKind
from accord.live.hub import Hub
from accord.tak.endpoints import Endpoints
from accord.tak.marti.asked import (
    Door,
    api_version,
    flag,
    json_body,
    needed,
    parameter,
    refuse,
    text,
)
from accord.tak.marti.contacts import contact_json
from accord.tak.marti.mission_access import Asked, MissionAccess
from accord.tak.marti.mission_invitations import MissionInvitations, Wanted
from accord.tak.marti.mission_json import Json, mission_json, role_json, subscription_json
from accord.tak.marti.mission_said import role_in_json, role_said
from accord.tak.marti.mission_tokens import TokenKind
from accord.tak.marti.missions import ROOT, MissionsApi, both

_SUBSCRIPTION = "com.bbn.marti.sync.model.MissionSubscription"
_ROLE = "com.bbn.marti.sync.model.MissionRole"


class MissionPeople:
    """Answers what is asked of who takes part in missions."""

    def __init__(
        self,
        access: MissionAccess,
        api: MissionsApi,
        invitations: MissionInvitations,
        endpoints: Endpoints,
        hub: Hub,
    ) -> None:
        self._access = access
        self._api = api
        self._invitations = invitations
        self._endpoints = endpoints
        self._door: Door = access.door
        self._missions = access.missions
        self._store = access.missions.store
        self._hub = hub

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes; they stand before those of missions themselves."""
        return [
            Route(f"{ROOT}/all/subscriptions", self.all_subscriptions),
            *both("/subscription", self.subscribe, "PUT"),
            *both("/subscription", self.subscription, "GET"),
            *both("/subscription", self.set_roles, "POST"),
            *both("/subscription", self.unsubscribe, "DELETE"),
            *both("/subscriptions", self.subscriptions, "GET"),
            *both("/subscriptions/roles", self.roles, "GET"),
            *both("/contacts", self.contacts, "GET"),
            *both("/role", self.role, "GET"),
            *both("/role", self.set_role, "PUT"),
            *both("/token", self.token, "GET"),
        ]

    # Subscriptions

    async def subscribe(self, request: Request) -> Response:
        """Let a client of the caller's take part: by default, an invitation, a password."""
        asked = await self._access.asked(request)
        by, mission = asked.by, asked.mission
        uid = needed(request, "uid", "topic")
        self._require_own(by, uid, mission)
        subscription = await self.take_part(asked, uid, parameter(request, "password"))
        self._access.note_device(by, uid)
        token = self._access.token_of(mission, TokenKind.SUBSCRIPTION, subscription.id, by.name)
        said = subscription_json(subscription, token)
        if api_version(request) >= 3:
            said["mission"] = await self._told(request, replace(asked, role=subscription.role))
        return await self._door.answer_long(_SUBSCRIPTION, lambda: said, 201)

    async def _told(self, request: Request, asked: Asked) -> Json:
        """Return a mission with its changes and its log, as who takes part is told it."""
        mission = self._missions.find(asked.mission.guid) or asked.mission
        items = await asyncio.to_thread(self._store.items, mission.guid)
        return {
            **mission_json(mission, items, asked.by, self._missions.feeds),
            **await self._api.changes_told(request, asked),
            **await self._api.log_told(request, asked),
        }

    async def take_part(self, asked: Asked, uid: str, said: str) -> Subscription:
        """Let a client take part who says a password, or none; return how it does.

        403: he may not, 409: another person takes part under that uid.
        """
        by, before = asked.by, asked.mission
        knows = self._access.knows_by_token(asked)
        knows = knows or await self._access.shows_password(by, before, uid, said)

        def decide() -> _Change:
            mission = self._access.again(asked).mission
            still = knows and mission.password == before.password
            taken = Subscription(
                id=secrets.token_hex(16),
                client_uid=uid,
                person=by.name,
                role=self._access.role_to_take(by, mission, uid, knows=still),
                at=self._door.clock.now(),
            )
            # What invited him he has taken up.
            return _Change(mission, [taken], self._access.own_invitations(mission, by.name, {uid}))

        (subscription,) = (await self._access.change(asked, decide, self._make)).taking_part
        self._missions.heard(before.guid, uid)
        return subscription

    def _make(self, change: "_Change") -> "_Change":
        guid = change.mission.guid
        for each in change.taking_part:
            self._store.subscribe(guid, each)
        for each in change.gone:
            self._store.unsubscribe(guid, each.client_uid)
        for invitation in change.over:
            self._store.uninvite(guid, invitation.kind, invitation.invitee)
        return change

    async def leave(self, asked: Asked, uid: str) -> None:
        """Let a client take part no more: one's own, or as an owner another's. 403, 404.

        Of another's person what invites him is over. 409 for an owner where nobody would be left to
        own the mission; who made it owns it still.
        """

        def decide() -> _Change:
            now = self._access.again(asked)
            found = _to_leave(now, uid)
            is_own = found.person == now.by.name
            if not (is_own and found.person == now.mission.creator):
                _require_owner(now.mission, [], [found])
            over = [] if is_own else self._invited(now.mission, [found])
            return _Change(now.mission, gone=[found], over=over)

        await self._access.change(asked, decide, self._make)

    def _invited(self, mission: Mission, these: Sequence[Subscription]) -> list[Invitation]:
        """Return what invites the people of these clients, and nobody else."""
        uids: dict[str, set[str]] = {}
        for each in these:
            uids.setdefault(each.person, set()).add(each.client_uid)
        found = [self._access.own_invitations(mission, *each) for each in uids.items()]
        return [invitation for each in found for invitation in each]

    def _require_own(self, by: Principal, uid: str, mission: Mission) -> None:
        """403 for a uid that another of his groups, or of the mission's, is or was known under."""
        here = self._hub.reached(Address(AddressKind.UID, uid), mission.groups | by.groups.keys())
        if self._door.is_anothers(by, uid) or not here <= {by.name}:
            refuse(403, "another person is, or was, connected under that uid")

    async def subscription(self, request: Request) -> Response:
        """Answer with how a client takes part."""
        asked = await self._access.asked(request)
        uid = parameter(request, "uid")
        for each in asked.mission.subscriptions:
            if each.person == asked.by.name and uid in ("", each.client_uid):
                token = self._access.token_of(
                    asked.mission, TokenKind.SUBSCRIPTION, each.id, each.person
                )
                return self._door.answer(_SUBSCRIPTION, subscription_json(each, token))
        return refuse(404, "no client of yours of that uid takes part")

    async def unsubscribe(self, request: Request) -> Response:
        """Tell a client of the caller's no more of a mission while it is connected as it is now.

        With `disconnectOnly` false it takes part no more. An owner may do so for others.
        """
        asked = await self._access.asked(request)
        uid = needed(request, "uid", "topic")
        if flag(request, "disconnectOnly", default=True):
            _to_leave(asked, uid)
            self._missions.hush(asked.mission.guid, uid)
        else:
            await self.leave(asked, uid)
        return Response()

    async def subscriptions(self, request: Request) -> Response:
        """Answer with the uids of the clients that take part."""
        asked = await self._access.allowed(request, Permission.READ)
        uids = [each.client_uid for each in asked.mission.subscriptions]
        return self._door.answer("MissionSubscription", uids)

    async def roles(self, request: Request) -> Response:
        """Answer with who takes part, and as what."""
        asked = await self._access.allowed(request, Permission.READ)
        told = [subscription_json(each) for each in asked.mission.subscriptions]
        return self._door.answer("MissionSubscription", told)

    async def contacts(self, request: Request) -> Response:
        """Answer with whom one could invite: who is connected and hears a group of the mission."""
        asked = await self._access.allowed(request, Permission.READ)
        here = self._endpoints.connected(asked.by)
        told = [e for e in here if not e.last.groups.isdisjoint(asked.mission.groups)]
        return JSONResponse([contact_json(each) for each in told])

    async def all_subscriptions(self, request: Request) -> Response:
        """Answer with each mission that the caller takes part in, and by which client."""
        by = self._door.require(request)
        told = [
            {"missionName": mission.name, "missionGuid": mission.guid, "clientUid": each.client_uid}
            for mission in self._access.visible(by)
            for each in mission.subscriptions
            if each.person == by.name
        ]
        return self._door.answer("MissionSubscription", told)

    # Roles

    async def role(self, request: Request) -> Response:
        """Answer with what the caller is in a mission."""
        asked = await self._access.asked(request)
        if asked.role is None:
            refuse(403, "you are nothing in this mission")
        return self._door.answer(_ROLE, role_json(asked.role))

    async def set_role(self, request: Request) -> Response:
        """Give a client another role, or every client of a person; without `role`, none any more.

        With `group` in place of a client: the default role of who is in that group.
        """
        asked = await self._access.allowed(request, Permission.SET_ROLE)
        group = parameter(request, "group")
        if group:
            return await self._set_group_role(request, asked, group)
        role = role_said(request, "role")
        uid, person = parameter(request, "clientUid"), parameter(request, "username")
        still = self._access.still(asked, Permission.SET_ROLE)

        def decide() -> _Change:
            mission = still()
            found = _named(mission, uid, person)
            if not found:
                refuse(404, "no client of that clientUid, or of that username, takes part")
            given = [] if role is None else [replace(each, role=role) for each in found]
            _require_owner(mission, given, found)
            # What invited them is over: it would give them the role of before, or let them in.
            over = self._invited(mission, found)
            return _Change(mission, given, over, gone=[] if given else found)

        self._tell(await self._access.change(asked, decide, self._make))
        return Response()

    async def set_roles(self, request: Request) -> Response:
        """Give clients, or people, other roles; whoever takes no part is invited in that role."""
        asked = await self._access.allowed(request, Permission.SET_ROLE)
        said, by_uid = _roles_said(await json_body(request)), asked.author(request)
        still = self._access.still(asked, Permission.SET_ROLE)

        def decide() -> _Change:
            mission = still()
            changed = [
                replace(one, role=each.role)
                for each in said
                for one in _named(mission, each.uid, each.person)
            ]
            _require_owner(mission, changed, changed)
            return _Change(mission, changed, self._invited(mission, changed))

        made = await self._access.change(asked, decide, self._make)
        self._tell(made)
        others = [each for each in said if not _named(made.mission, each.uid, each.person)]
        await self._invitations.keep(asked, [each.wanted for each in others], by_uid)
        return Response()

    def _tell(self, change: "_Change") -> None:
        """Tell clients as what they take part now."""
        mission, now = change.mission, self._door.clock.now()
        for each in change.taking_part:
            token = self._access.token_of(mission, TokenKind.SUBSCRIPTION, each.id, each.person)
            notice = self._missions.notices.role_changed(mission, each.role, token, now)
            self._missions.tell_address(notice, AddressKind.UID, each.client_uid)

    async def _set_group_role(self, request: Request, asked: Asked, group: str) -> Response:
        mission, now = asked.mission, self._door.clock.now()
        if parameter(request, "clientUid"):
            refuse(400, "give clientUid or group, not both")
        role = role_said(request, "role")

        def work(known: Mission) -> None:
            if group not in known.groups & (asked.by.hears | asked.by.speaks_in):
                refuse(404, "the mission is of no such group that you are in")
            roles = {each: r for each, r in known.group_roles.items() if each != group}
            roles |= {} if role is None else {group: role}
            self._store.update(replace(known, group_roles=roles, edited=now))

        await self._access.change(asked, self._access.still(asked, Permission.SET_ROLE), work)
        notice = self._missions.notices.look_again(mission, "m", asked.author(request), now)
        self._missions.tell_members(mission, notice)
        return Response()

    async def token(self, request: Request) -> Response:
        """Answer with a token to read a mission, for the caller, who may know its password."""
        asked = await self._access.asked(request, password_too=True)
        if not asked.may(Permission.READ):
            refuse(403, "it takes the password to read this mission")
        token = self._access.read_token(asked.mission, asked.by.name, joins=asked.by_password)
        return self._door.answer("java.lang.String", token, 201)


MAX_ROLES = 1_000
"""Clients that one request gives other roles."""


@dataclass(frozen=True, slots=True)
class _Given:
    """Which role a client, or a person, is to have."""

    uid: str
    person: str
    role: MissionRole

    @property
    def wanted(self) -> Wanted:
        """The invitation of one who takes no part."""
        if self.person:
            return Wanted(InviteeKind.USER_NAME, self.person, self.role)
        return Wanted(InviteeKind.CLIENT_UID, self.uid, self.role)


@dataclass(frozen=True, slots=True)
class _Change:
    """Who takes part from now on, or as another, what invitations are over, and who is gone."""

    mission: Mission
    taking_part: Sequence[Subscription] = ()
    over: Sequence[Invitation] = ()
    gone: Sequence[Subscription] = ()


def _roles_said(said: object) -> list[_Given]:
    """Return who is to have which role. 400 where a body is no list of such."""
    given = cast("list[object]", said) if isinstance(said, list) else []
    if not 0 < len(given) <= MAX_ROLES:
        refuse(400, f"the body is a list of 1 to {MAX_ROLES} objects with clientUid and role")
    found: list[_Given] = []
    for one in given:
        each = cast("dict[str, object]", one) if isinstance(one, dict) else {}
        role = role_in_json(each.get("role"), "role")
        uid, person = (text(each.get(key) or "", key) for key in ("clientUid", "username"))
        if role is None or not (uid or person):
            refuse(400, "each object has a role, and a clientUid or a username")
        found.append(_Given(uid, person, role))
    return found


def _to_leave(asked: Asked, uid: str) -> Subscription:
    """Return the client of a uid that takes part. 404: none, 403: another's, and he no owner."""
    found = next((each for each in asked.mission.subscriptions if each.client_uid == uid), None)
    if found is None:
        refuse(404, "no client of that uid takes part")
    if found.person != asked.by.name:
        asked.require(Permission.SET_ROLE, "the client is another person's")
    return found


def _named(mission: Mission, uid: str, person: str) -> list[Subscription]:
    """Return the client of a uid that takes part; where none is said or does, all of a person."""
    found = [each for each in mission.subscriptions if uid and each.client_uid == uid]
    return found or [each for each in mission.subscriptions if person and each.person == person]


def _require_owner(
    mission: Mission, changed: Sequence[Subscription], gone: Sequence[Subscription]
) -> None:
    """409 where nobody would own a mission with these in place of those."""
    before = {each.client_uid: each for each in mission.subscriptions}
    after = {uid: each for uid, each in before.items() if each not in gone}
    after |= {each.client_uid: each for each in changed}
    owners = [each for each in after.values() if each.role is MissionRole.OWNER]
    if not owners and any(each.role is MissionRole.OWNER for each in before.values()):
        refuse(409, "nobody would own it: make another client an owner first")
