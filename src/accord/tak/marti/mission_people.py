"""Who takes part in missions: subscriptions, roles, invitations."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
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
from accord.storage.tak_file import Full
from accord.tak.marti.asked import (
    Door,
    api_version,
    json_body,
    needed,
    parameter,
    refuse,
    text,
)
from accord.tak.marti.mission_access import Asked, MissionAccess
from accord.tak.marti.mission_archive import contacts_said
from accord.tak.marti.mission_json import (
    invitation_json,
    mission_json,
    role_json,
    subscription_json,
)
from accord.tak.marti.mission_tokens import TokenKind
from accord.tak.marti.missions import ROOT, both, role_said

_SUBSCRIPTION = "com.bbn.marti.sync.model.MissionSubscription"

_ADDRESSES = {
    InviteeKind.CLIENT_UID: AddressKind.UID,
    InviteeKind.CALLSIGN: AddressKind.CALLSIGN,
    InviteeKind.TEAM: AddressKind.TEAM,
}


class MissionPeople:
    """Answers what is asked of who takes part in missions."""

    def __init__(self, access: MissionAccess, hub: Hub) -> None:
        self._access = access
        self._door: Door = access.door
        self._missions = access.missions
        self._store = access.missions.store
        self._hub = hub

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes; they stand before those of missions themselves."""
        return [
            Route(f"{ROOT}/all/subscriptions", self.all_subscriptions),
            Route(f"{ROOT}/all/invitations", self.invited_names),
            Route(f"{ROOT}/invitations", self.my_invitations),
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
            *both("/invite/{kind}/{invitee:path}", self.invite, "PUT"),
            *both("/invite/{kind}/{invitee:path}", self.uninvite, "DELETE"),
            *both("/invite", self.invite_several, "POST"),
            *both("/invitations", self.invitations, "GET"),
        ]

    async def _change(self, mission: Mission, work: Callable[[], None]) -> None:
        try:
            await self._missions.change(mission.guid, lambda _: work())
        except Full as full:
            refuse(507, str(full))

    # Subscriptions

    async def subscribe(self, request: Request) -> Response:
        """Let a client of the caller's take part: by default, an invitation, a password."""
        asked = await self._access.asked(request)
        by, mission = asked.by, asked.mission
        uid = needed(request, "uid", "topic")
        self._require_own(by, uid, mission)
        known = next((e for e in mission.subscriptions if e.client_uid == uid), None)
        if known is not None and known.person != by.name:
            if not self._access.is_device_of(by, uid):
                refuse(409, "another person takes part under that uid")
            known = None  # it is his, and who took part under it makes room
        said = parameter(request, "password")
        role = await self._access.role_to_take(by, mission, known, said)
        subscription = await self.take_part(by, mission, uid, role)
        self._access.note_device(by, uid)
        token = self._access.token_of(mission, TokenKind.SUBSCRIPTION, subscription.id, by.name)
        said = subscription_json(subscription, token)
        if api_version(request) >= 3:
            items = await asyncio.to_thread(self._store.items, mission.guid)
            said["mission"] = mission_json(mission, items, by)
        return await self._door.answer_long(_SUBSCRIPTION, lambda: said, 201)

    async def take_part(
        self, by: Principal, mission: Mission, uid: str, role: MissionRole
    ) -> Subscription:
        """Let a client take part, and return how it does."""
        subscription = Subscription(
            id=secrets.token_hex(16),
            client_uid=uid,
            person=by.name,
            role=role,
            at=self._door.clock.now(),
        )
        await self._change(mission, lambda: self._store.subscribe(mission.guid, subscription))
        return subscription

    async def leave(self, mission: Mission, uid: str) -> None:
        """Let a client take part no more."""
        await self._change(mission, lambda: self._store.unsubscribe(mission.guid, uid))

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
        """Let a client of the caller's take part no more; an owner may do so for others."""
        asked = await self._access.asked(request)
        uid = needed(request, "uid", "topic")
        found = next((e for e in asked.mission.subscriptions if e.client_uid == uid), None)
        if found is None:
            refuse(404, "no client of that uid takes part")
        if found.person != asked.by.name and not asked.may(Permission.SET_ROLE):
            refuse(403, "the client is another person's")
        if parameter(request, "disconnectOnly").lower() != "true":
            await self.leave(asked.mission, uid)
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
        """Answer with who takes part, as a bare list."""
        asked = await self._access.allowed(request, Permission.READ)
        return JSONResponse([subscription_json(each) for each in asked.mission.subscriptions])

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
        return self._door.answer("MissionRole", role_json(asked.role))

    async def set_role(self, request: Request) -> Response:
        """Give a client another role; without `role`, let it take part no more.

        With `group` in place of a client: the default role of who is in that group.
        """
        asked = await self._access.allowed(request, Permission.SET_ROLE)
        group = parameter(request, "group")
        if group:
            return await self._set_group_role(request, asked, group)
        mission, uid = asked.mission, needed(request, "clientUid")
        role = role_said(request, "role")
        found = next((e for e in mission.subscriptions if e.client_uid == uid), None)
        if found is None:
            refuse(404, "no client of that uid takes part")
        owners = [e for e in mission.subscriptions if e.role is MissionRole.OWNER]
        if owners == [found] and role is not MissionRole.OWNER:
            refuse(409, "it is the only owner: make another client one first")
        if role is None:
            await self.leave(mission, uid)
            return Response()
        changed = Subscription(
            id=found.id, client_uid=uid, person=found.person, role=role, at=found.at
        )
        await self._change(mission, lambda: self._store.subscribe(mission.guid, changed))
        token = self._access.token_of(mission, TokenKind.SUBSCRIPTION, found.id, found.person)
        notice = self._missions.notices.role_changed(mission, role, token, self._door.clock.now())
        self._missions.tell_address(notice, AddressKind.UID, uid)
        return Response()

    async def set_roles(self, request: Request) -> Response:
        """Give clients other roles; none of them where one takes no part."""
        asked = await self._access.allowed(request, Permission.SET_ROLE)
        mission, now = asked.mission, self._door.clock.now()
        known = {each.client_uid: each for each in mission.subscriptions}
        changed: list[Subscription] = []
        for uid, role in _roles_said(await json_body(request)).items():
            if uid not in known:
                refuse(404, f"no client of the uid {uid[:80]!r} takes part")
            changed.append(replace(known[uid], role=role))
        after = {**known, **{each.client_uid: each for each in changed}}
        if all(each.role is not MissionRole.OWNER for each in after.values()):
            refuse(409, "nobody would own it: leave one client an owner")

        def work() -> None:
            for each in changed:
                self._store.subscribe(mission.guid, each)

        await self._change(mission, work)
        for each in changed:
            token = self._access.token_of(mission, TokenKind.SUBSCRIPTION, each.id, each.person)
            notice = self._missions.notices.role_changed(mission, each.role, token, now)
            self._missions.tell_address(notice, AddressKind.UID, each.client_uid)
        return Response()

    async def _set_group_role(self, request: Request, asked: Asked, group: str) -> Response:
        mission, now = asked.mission, self._door.clock.now()
        if parameter(request, "clientUid"):
            refuse(400, "give clientUid or group, not both")
        if group not in mission.groups & (asked.by.hears | asked.by.speaks_in):
            refuse(404, "the mission is of no such group that you are in")
        role = role_said(request, "role")

        def work(known: Mission | None) -> None:
            if known is not None:
                roles = {each: r for each, r in known.group_roles.items() if each != group}
                roles |= {} if role is None else {group: role}
                self._store.update(replace(known, group_roles=roles, edited=now))

        await self._missions.change(mission.guid, work)
        notice = self._missions.notices.look_again(mission, "m", asked.author(request), now)
        self._missions.tell_members(mission, notice)
        return Response()

    async def token(self, request: Request) -> Response:
        """Answer with a token to read a mission, for the caller, who may know its password."""
        asked = await self._access.asked(request, password_too=True)
        if not asked.may(Permission.READ):
            refuse(403, "it takes the password to read this mission")
        token = self._access.read_token(asked.mission, asked.by.name)
        return self._door.answer("java.lang.String", token, 201)

    # Invitations

    async def invite(self, request: Request) -> Response:
        """Invite whoever goes by a name, of one kind, and tell him if he is connected."""
        asked = await self._access.allowed(request, Permission.WRITE)
        await self._invite(request, asked, _kind(request), [request.path_params["invitee"]])
        return Response()

    async def invite_several(self, request: Request) -> Response:
        """Invite clients by their uids, the `contacts` of a form."""
        asked = await self._access.allowed(request, Permission.WRITE)
        contacts = await contacts_said(request)
        await self._invite(request, asked, InviteeKind.CLIENT_UID, contacts)
        return Response()

    async def _invite(
        self, request: Request, asked: Asked, kind: InviteeKind, invitees: Sequence[str]
    ) -> None:
        mission, now = asked.mission, self._door.clock.now()
        role = role_said(request, "role") or mission.default_role
        if role is MissionRole.OWNER and not asked.may(Permission.SET_ROLE):
            refuse(403, "only an owner makes owners")
        if any(len(each) > _LONGEST for each in invitees):
            refuse(400, f"a name has at most {_LONGEST} characters")
        invitations = [
            Invitation(
                id=secrets.token_hex(16),
                kind=kind,
                invitee=each,
                role=role,
                creator_uid=asked.author(request),
                at=now,
                person=self._access.invitee(mission, kind, each),
            )
            for each in invitees
        ]

        def work() -> None:
            for each in invitations:
                self._store.invite(mission.guid, each)

        await self._change(mission, work)
        for each in invitations:
            self._tell(mission, each)

    def _tell(self, mission: Mission, invitation: Invitation) -> None:
        token = self._access.token_of(mission, TokenKind.INVITATION, invitation.id, "")
        notice = self._missions.notices.invited(
            mission, invitation.role, token, invitation.creator_uid, invitation.at
        )
        kind = _ADDRESSES.get(invitation.kind)
        if kind is not None:
            self._missions.tell_address(notice, kind, invitation.invitee)
            return
        for uid in self._access.uids_of(invitation):
            self._missions.tell_address(notice, AddressKind.UID, uid)

    async def uninvite(self, request: Request) -> Response:
        """Invite somebody no more."""
        asked = await self._access.allowed(request, Permission.WRITE)
        kind, invitee = _kind(request), request.path_params["invitee"]
        guid = asked.mission.guid
        await self._change(asked.mission, lambda: self._store.uninvite(guid, kind, invitee))
        return Response()

    async def invitations(self, request: Request) -> Response:
        """Answer with who is invited to a mission."""
        asked = await self._access.allowed(request, Permission.READ)
        told = [invitation_json(asked.mission, each) for each in asked.mission.invitations]
        return self._door.answer("MissionInvitation", told)

    def _invited(self, by: Principal) -> list[tuple[Mission, Invitation]]:
        found = [(each, self._access.invitation(each, by)) for each in self._access.visible(by)]
        return [(mission, invitation) for mission, invitation in found if invitation is not None]

    async def my_invitations(self, request: Request) -> Response:
        """Answer with the missions that the caller is invited to, each with its token."""
        found = self._invited(self._door.require(request))
        told = [
            invitation_json(
                mission,
                each,
                self._access.token_of(mission, TokenKind.INVITATION, each.id, ""),
            )
            for mission, each in found
        ]
        return self._door.answer("MissionInvitation", told)

    async def invited_names(self, request: Request) -> Response:
        """Answer with the names of those missions, as ATAK asks for them."""
        found = self._invited(self._door.require(request))
        return self._door.answer("MissionInvitation", [mission.name for mission, _ in found])


_LONGEST = 512

MAX_ROLES = 1_000
"""Clients that one request gives other roles."""


def _roles_said(said: object) -> dict[str, MissionRole]:
    """Return which client is to have which role. 400 where a body is no list of such."""
    given = cast("list[object]", said) if isinstance(said, list) else []
    if not 0 < len(given) <= MAX_ROLES:
        refuse(400, f"the body is a list of 1 to {MAX_ROLES} objects with clientUid and role")
    found: dict[str, MissionRole] = {}
    for one in given:
        each = cast("dict[str, object]", one) if isinstance(one, dict) else {}
        role = each.get("role")
        name = cast("dict[str, object]", role).get("type") if isinstance(role, dict) else role
        if name not in list(MissionRole):
            refuse(400, f"role is one of {', '.join(MissionRole)}, or an object with it as type")
        found[text(each.get("clientUid"), "clientUid")] = MissionRole(str(name))
    return found


def _kind(request: Request) -> InviteeKind:
    said: str = request.path_params["kind"]
    if said not in list(InviteeKind):
        refuse(400, f"one is invited by {', '.join(InviteeKind)}")
    return InviteeKind(said)
