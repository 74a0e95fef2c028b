"""Invitations to missions: by uid, callsign, username, group or team, one or several at once."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.core.mission import Invitation, InviteeKind, Mission, MissionRole, Permission
from accord.core.principal import Principal
from accord.core.report import AddressKind
from accord.tak.marti.asked import Door, api_version, json_body, refuse, text
from accord.tak.marti.mission_access import Asked, MissionAccess
from accord.tak.marti.mission_archive import MAX_CONTACTS, contacts_said
from accord.tak.marti.mission_json import invitation_json
from accord.tak.marti.mission_said import is_json, role_in_json, role_said
from accord.tak.marti.mission_tokens import TokenKind
from accord.tak.marti.missions import ROOT, both

_LONGEST = 512
"""Characters of a name by which somebody is invited."""

_ADDRESSES = {
    InviteeKind.CLIENT_UID: AddressKind.UID,
    InviteeKind.CALLSIGN: AddressKind.CALLSIGN,
    InviteeKind.TEAM: AddressKind.TEAM,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom to invite, by what, and as what: None is the default role of the mission."""

    kind: InviteeKind
    invitee: str
    role: MissionRole | None = None


class MissionInvitations:
    """Answers what is asked of invitations."""

    def __init__(self, access: MissionAccess) -> None:
        self._access = access
        self._door: Door = access.door
        self._missions = access.missions
        self._store = access.missions.store

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes; they stand before those of missions themselves."""
        return [
            Route(f"{ROOT}/all/invitations", self.invited_names),
            Route(f"{ROOT}/invitations", self.my_invitations),
            *both("/invite/{kind}/{invitee:path}", self.invite, "PUT"),
            *both("/invite/{kind}/{invitee:path}", self.uninvite, "DELETE"),
            *both("/invite", self.invite_several, "POST"),
            *both("/invitations", self.invitations, "GET"),
        ]

    async def invite(self, request: Request) -> Response:
        """Invite whoever goes by a name, of one kind, and tell him if he is connected."""
        asked = await self._access.allowed(request, Permission.WRITE)
        one = Wanted(_kind(request), request.path_params["invitee"], role_said(request, "role"))
        await self.keep(asked, [one], asked.author(request))
        return Response()

    async def invite_several(self, request: Request) -> Response:
        """Invite those in a list; of older clients, the uids that are the `contacts` of a form."""
        asked = await self._access.allowed(request, Permission.WRITE)
        usual = role_said(request, "role")
        if api_version(request) > 2 or is_json(request):
            wanted = _wanted(await json_body(request), usual)
        else:
            contacts = await contacts_said(request)
            wanted = [Wanted(InviteeKind.CLIENT_UID, each, usual) for each in contacts]
        await self.keep(asked, wanted, asked.author(request))
        return Response()

    async def keep(self, asked: Asked, wanted: Sequence[Wanted], by_uid: str) -> None:
        """Invite people, all or none, and tell who of them is connected."""
        now = self._door.clock.now()
        if any(not 0 < len(each.invitee) <= _LONGEST for each in wanted):
            refuse(400, f"a name has 1 to {_LONGEST} characters")

        def decide() -> tuple[Mission, list[Invitation]]:
            here = self._access.again(asked)
            here.require(Permission.WRITE, f"you have no {Permission.WRITE} in this mission")
            mission = here.mission
            if MissionRole.OWNER in {each.role or mission.default_role for each in wanted}:
                here.require(Permission.SET_ROLE, "only an owner makes owners")
            return mission, [
                Invitation(
                    id=secrets.token_hex(16),
                    kind=each.kind,
                    invitee=each.invitee,
                    role=each.role or mission.default_role,
                    creator_uid=by_uid,
                    at=now,
                    person=self._access.invitee(mission, each.kind, each.invitee),
                )
                for each in wanted
            ]

        def work(decided: tuple[Mission, list[Invitation]]) -> tuple[Mission, list[Invitation]]:
            for each in decided[1]:
                self._store.invite(decided[0].guid, each)
            return decided

        mission, invitations = await self._access.change(asked, decide, work)
        for each in invitations:
            self._tell(mission, each)

    def _tell(self, mission: Mission, invitation: Invitation) -> None:
        token = self._token(mission, invitation)
        notice = self._missions.notices.invited(
            mission, invitation.role, token, invitation.creator_uid, invitation.at
        )
        kind = _ADDRESSES.get(invitation.kind)
        if kind is not None:
            self._missions.tell_address(notice, kind, invitation.invitee)
            return
        for uid in self._access.uids_of(invitation):
            self._missions.tell_address(notice, AddressKind.UID, uid)

    def _token(self, mission: Mission, invitation: Invitation) -> str:
        return self._access.token_of(mission, TokenKind.INVITATION, invitation.id, "")

    async def uninvite(self, request: Request) -> Response:
        """Invite somebody no more."""
        asked = await self._access.allowed(request, Permission.WRITE)
        kind, invitee = _kind(request), request.path_params["invitee"]
        still = self._access.still(asked, Permission.WRITE)
        await self._access.change(
            asked, still, lambda now: self._store.uninvite(now.guid, kind, invitee)
        )
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
            invitation_json(mission, each, self._token(mission, each)) for mission, each in found
        ]
        return self._door.answer("MissionInvitation", told)

    async def invited_names(self, request: Request) -> Response:
        """Answer with the names of those missions, as ATAK asks for them."""
        found = self._invited(self._door.require(request))
        return self._door.answer("MissionInvitation", [mission.name for mission, _ in found])


def _wanted(said: object, usual: MissionRole | None) -> list[Wanted]:
    """Return whom a list names, each as TAK Server writes an invitation. 400: it is none."""
    given = cast("list[object]", said) if isinstance(said, list) else []
    if not 0 < len(given) <= MAX_CONTACTS:
        refuse(400, f"the body is a list of 1 to {MAX_CONTACTS} objects with type and invitee")
    found: list[Wanted] = []
    for one in given:
        each = cast("dict[str, object]", one) if isinstance(one, dict) else {}
        role = role_in_json(each.get("role"), "role") or usual
        found.append(Wanted(_kind_of(each.get("type")), text(each.get("invitee"), "invitee"), role))
    return found


def _kind(request: Request) -> InviteeKind:
    return _kind_of(request.path_params["kind"])


def _kind_of(said: object) -> InviteeKind:
    if said not in list(InviteeKind):
        refuse(400, f"one is invited by {', '.join(InviteeKind)}")
    return InviteeKind(str(said))
