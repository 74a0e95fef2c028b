"""What whoever asks may do with a mission: by his token, his subscription, or the default role."""

import hashlib
import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TypeVar

from starlette.requests import Request

from accord.core.mission import (
    Invitation,
    InviteeKind,
    Mission,
    MissionRole,
    Permission,
    key_of,
)
from accord.core.principal import Group, Principal, Role
from accord.core.report import Address, AddressKind
from accord.security import password
from accord.security.lockout import Lockout
from accord.security.password import PasswordThread, TooManyWait
from accord.storage.tak_file import Full
from accord.tak.marti.asked import Door, parameter, refuse
from accord.tak.marti.mission_tokens import Token, TokenKind, Tokens
from accord.tak.missions import Missions
from accord.tak.session import Bridge, TakSession

D = TypeVar("D")
T = TypeVar("T")

WAITING = 8
"""Passwords of missions that may wait while one is looked at."""

FAILURES, SPAN = 5, 300.0
"""Wrong passwords of one person for one mission, and the seconds in which none is heard then."""

READ_TOKEN_KEPT = timedelta(days=1)
"""For how long a token to read is good."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A mission, who asks for it, and what he is in it; None where he is nothing.

    `by_password` says that he gave its password, and it was looked at.
    """

    mission: Mission
    by: Principal
    role: MissionRole | None
    door: Door
    by_password: bool = False
    token: Token | None = None

    def author(self, request: Request) -> str:
        """Return the uid under which he does it: `creatorUid`, where that is not another's."""
        return self.door.author(self.by, parameter(request, "creatorUid"))

    def may(self, permission: Permission) -> bool:
        """Tell whether he may do this."""
        return self.role is not None and permission in self.role.permissions

    def require(self, permission: Permission, said: str) -> None:
        """403 with that sentence where he may not do this."""
        if not self.may(permission):
            refuse(403, said)


class MissionAccess:
    """Finds missions for whoever asks."""

    def __init__(self, door: Door, missions: Missions, tokens: Tokens, bridge: Bridge) -> None:
        self.door = door
        self.missions = missions
        self.tokens = tokens
        self._bridge = bridge
        self._lockout = Lockout(failures=FAILURES, span=SPAN)
        self._passwords = PasswordThread(waiting=WAITING)

    async def asked(self, request: Request, *, password_too: bool = False) -> Asked:
        """Return the mission that the path names, and who asks. 404 or 410 where he sees none."""
        by = self.door.require(request)
        named = request.path_params.get("guid") or request.path_params["name"]
        mission = self.named(by, str(named))
        token = self._token(request)
        role = self._role(token, mission, by)
        # A password alone opens no mission of invited people, and is not looked at there.
        may_open = role is None and password_too and not mission.invite_only
        knows = may_open and await self.knows_password(request, mission, by)
        role = mission.role_for(by) if knows else role
        return Asked(mission, by, self.held_to(by, role), self.door, knows, token)

    async def allowed(self, request: Request, permission: Permission) -> Asked:
        """Return them where he may do this. 403 where he may not."""
        found = await self.asked(request)
        if not found.may(permission):
            refuse(403, f"you have no {permission} in this mission")
        return found

    def again(self, asked: Asked) -> Asked:
        """Return a mission as it is now, and what he is in it now. 404 or 410 where he sees none.

        By his token or without it; what he may by a password alone is to read.
        """
        mission = self.missions.find(asked.mission.guid)
        if mission is None:
            refuse(410, "the mission was deleted meanwhile, or has ended")
        if not mission.is_seen_by(asked.by):
            refuse(404, "there is no such mission for you to see any more")
        role = self.held_to(asked.by, self._role(asked.token, mission, asked.by))
        return replace(asked, mission=mission, role=role, by_password=False)

    def still(self, asked: Asked, permission: Permission) -> Callable[[], Mission]:
        """Return what tells a mission as it is when a change's turn has come. 403: he may no more.

        Whatever a change depends on is looked at there: what was found before may be so no more.
        """

        def decide() -> Mission:
            now = self.again(asked)
            now.require(permission, f"you have no {permission} in this mission any more")
            return now.mission

        return decide

    async def change(self, asked: Asked, decide: Callable[[], D], work: Callable[[D], T]) -> T:
        """Do work in a thread that changes a mission in the store. 507 for too much."""
        try:
            return await self.missions.change(asked.mission.guid, decide, work)
        except Full as full:
            refuse(507, str(full))

    def named(self, by: Principal, name: str) -> Mission:
        """Return the mission of that name or guid. 404 where he sees none, 410: deleted."""
        mission = self.missions.named(by, name)
        if mission is not None:
            return mission
        if self.missions.was_deleted(by, name):
            refuse(410, "the mission was deleted")
        return refuse(404, "there is no such mission for you to see")

    def role_of(self, by: Principal, mission: Mission) -> MissionRole | None:
        """Return what somebody is in a mission that shows no token."""
        if by.role is Role.ADMINISTRATOR or mission.is_left_to(by):
            return MissionRole.OWNER
        found = mission.subscribed_role(by)
        return found or (mission.role_for(by) if mission.is_open else None)

    def held_to(self, by: Principal, role: MissionRole | None) -> MissionRole | None:
        """Return that role, or less for who only hears: he changes nothing anywhere."""
        return MissionRole.READ_ONLY if role is not None and by.only_hears else role

    def _role(self, token: Token | None, mission: Mission, by: Principal) -> MissionRole | None:
        usual = self.role_of(by, mission)
        if token is None or by.role is Role.ADMINISTRATOR:
            return usual
        if token.guid != mission.guid or token.person not in ("", by.name):
            refuse(401, "the token is of another mission or another person")
        if token.kind is TokenKind.SUBSCRIPTION:
            subscribed = {each.id: each.role for each in mission.subscriptions}
            return subscribed.get(token.id) or usual
        if token.kind is TokenKind.INVITATION:
            invited = self.invitation(mission, by)
            return usual if invited is None else invited.role
        return usual or self._by_read_token(token, mission)

    def _by_read_token(self, token: Token, mission: Mission) -> MissionRole | None:
        """Return what a token to read is still good for: not where the way in is another now.

        One that was given for a role, and not for the password, is good as long as there is one.
        """
        return MissionRole.READ_ONLY if self._is_good(token, mission, _JOINS) else None

    def _is_good(self, token: Token, mission: Mission, use: str) -> bool:
        is_timely = token.until is not None and self.door.clock.now() < token.until
        return is_timely and token.bound == _way_in(mission, use) and not mission.invite_only

    def knows_by_token(self, asked: Asked) -> bool:
        """Tell whether the caller shows the token that he was given for the password."""
        token, mission, by = asked.token, asked.mission, asked.by
        return (
            token is not None
            and token.kind is TokenKind.ACCESS
            and (token.guid, token.person) == (mission.guid, by.name)
            and self._is_good(token, mission, _JOINS)
        )

    def _token(self, request: Request) -> Token | None:
        given = request.headers.get("missionauthorization", "")
        said = given or request.headers.get("authorization", "")
        scheme, _, text = said.partition(" ")
        token = self.tokens.read(text.strip()) if scheme.lower() == "bearer" else None
        if given and token is None:
            refuse(401, "the mission token is none of this node's")
        return token

    async def knows_password(self, request: Request, mission: Mission, by: Principal) -> bool:
        """Tell whether the password is given. 403 for a wrong one, 429 for too many."""
        return await self.is_password(parameter(request, "password"), mission, by)

    async def is_password(self, said: str, mission: Mission, by: Principal) -> bool:
        """Tell whether that is the password, where it has one. 403 and 429 as above."""
        if not mission.password or not said:
            return False
        name = f"{mission.guid} {by.name}"
        if self._lockout.attempt(name, name, self.door.clock.monotonic()) > 0:
            refuse(429, "too many wrong passwords: wait five minutes")
        if not await self._looked_at(partial(password.is_right, said, mission.password)):
            refuse(403, "that is not the password of this mission")
        self._lockout.passed(name, name)
        return True

    async def hashed(self, said: str) -> str:
        """Return what is kept of a password, empty for none. 400 for one that cannot be."""
        if not said:
            return ""
        try:
            return await self._looked_at(partial(password.hashed, said))
        except ValueError as error:
            refuse(400, str(error))

    async def _looked_at(self, work: Callable[[], T]) -> T:
        try:
            return await self._passwords.run(work)
        except TooManyWait as error:
            refuse(503, str(error))

    async def shows_password(self, by: Principal, mission: Mission, uid: str, said: str) -> bool:
        """Tell whether he says the password, which is looked at only where it takes that."""
        if mission.invite_only or self._needs_none(by, mission, uid) is not None:
            return False
        return await self.is_password(said, mission, by)

    def role_to_take(
        self, by: Principal, mission: Mission, uid: str, *, knows: bool
    ) -> MissionRole:
        """Return as what somebody takes part under a uid. 403: he may not, 409: another does.

        `knows` says that he has shown that he knows the password that it has.
        """
        role = self._needs_none(by, mission, uid)
        if role is None:
            is_in = mission.is_open or (knows and not mission.invite_only)
            role = mission.role_for(by) if is_in else mission.subscribed_role(by)
        held = self.held_to(by, role)
        needed = "an invitation" if mission.invite_only else "an invitation, or the password,"
        return held or refuse(403, f"it takes {needed} to take part")

    def _needs_none(self, by: Principal, mission: Mission, uid: str) -> MissionRole | None:
        """Return as what somebody takes part who needs no password to, None where he needs one."""
        known = next((each for each in mission.subscriptions if each.client_uid == uid), None)
        if known is not None and known.person != by.name:
            if not self.is_device_of(by, uid):
                refuse(409, "another person takes part under that uid")
            known = None  # it is his, and who took part under it makes room
        if known is not None:
            return known.role
        if by.role is Role.ADMINISTRATOR or mission.is_left_to(by):
            return MissionRole.OWNER
        invited = self.invitation(mission, by)
        return None if invited is None else invited.role

    def invitation(self, mission: Mission, by: Principal) -> Invitation | None:
        """Return by what somebody is invited: of several the one that gives him most."""
        his = [each for each in mission.invitations if self._is(by, each)]
        ranks = list(MissionRole)
        return min(his, key=lambda each: ranks.index(each.role), default=None)

    def _is(self, by: Principal, invitation: Invitation) -> bool:
        if invitation.kind is InviteeKind.GROUP:
            return invitation.invitee in by.groups
        if invitation.kind is InviteeKind.TEAM:
            return any(invitation.invitee in each.teams() for each in self._clients(by.name))
        return self._is_his_own(by.name, invitation)

    def own_invitations(
        self, mission: Mission, person: str, uids: Collection[str] = ()
    ) -> list[Invitation]:
        """Return what invites one person and nobody else: by his name, a callsign, a uid.

        `uids` are clients of his that need not be connected.
        """
        return [each for each in mission.invitations if self._is_his_own(person, each, uids)]

    def _is_his_own(self, person: str, invitation: Invitation, uids: Collection[str] = ()) -> bool:
        kind, invitee = invitation.kind, invitation.invitee
        if kind is InviteeKind.USER_NAME:
            return invitee == person
        if kind is InviteeKind.CALLSIGN:
            return invitation.person == person  # a callsign is whoever's says it next
        if kind is not InviteeKind.CLIENT_UID:
            return False
        owner = invitation.person or self.person_of(invitee)
        if owner:
            return owner == person
        return invitee in uids or any(each.uid == invitee for each in self._clients(person))

    def _clients(self, person: str) -> list[TakSession]:
        return [each for each in self._bridge.sessions if each.principal.name == person]

    def person_of(self, uid: str) -> str:
        """Return whose a uid is known to be, empty where that is not known.

        Where nobody's device is known, the one who takes part in missions under it.
        """
        person = self._bridge.intake.devices.person(uid)
        if person:
            return person
        people = {
            each.person
            for mission in self.missions.all()
            for each in mission.subscriptions
            if each.client_uid == uid
        }
        return people.pop() if len(people) == 1 else ""

    def invitee(self, mission: Mission, kind: InviteeKind, name: str) -> str:
        """Return who is known by the name that somebody is invited by, empty where nobody is.

        409 for a callsign that is not one person's now: it could be anybody's later.
        """
        if kind is InviteeKind.CLIENT_UID:
            return self.person_of(name)
        if kind is not InviteeKind.CALLSIGN:
            return ""
        here = self._bridge.hub.reached(Address(AddressKind.CALLSIGN, name), mission.groups)
        if len(here) != 1:
            who = "several people are" if here else "nobody of the mission's groups is"
            refuse(409, f"{who} connected under that callsign: invite by userName or clientUid")
        return here.pop()

    def is_device_of(self, by: Principal, uid: str) -> bool:
        """Tell whether a uid is known as somebody's own."""
        return self._bridge.intake.devices.person(uid) == by.name

    def note_device(self, by: Principal, uid: str) -> None:
        """Note that somebody takes part under a uid: his, if it is nobody's yet."""
        if uid != by.name:
            self._bridge.intake.devices.note(uid, by, self.door.clock.now())

    def uids_of(self, invitation: Invitation) -> set[str]:
        """Return the uids of the clients that are connected now and meant by an invitation."""
        found: set[str] = set()
        for each in self._bridge.sessions:
            if each.uid and self._is(each.principal, invitation):
                found.add(each.uid)
        return found

    def callsign_of(self, by: Principal, uid: str) -> str:
        """Return what somebody's client of that uid is called, if connected, or else his name."""
        mine = [e for e in self._bridge.sessions if (e.uid, e.principal.name) == (uid, by.name)]
        return next((each.callsign for each in mine if each.callsign), by.name)

    def heard_by(self, uid: str, groups: frozenset[Group]) -> frozenset[Group]:
        """Return which of these groups a client of that uid hears that is connected."""
        found = frozenset[Group]()
        for each in self._bridge.sessions:
            if each.uid == uid:
                found |= each.speaker.principal.hears & groups
        return found

    def may_have(self, by: Principal, sha256: str) -> bool:
        """Tell whether somebody may read a mission that holds the file with a hash."""
        return any(self.may_read(by, each) for each in self.missions.with_file(sha256))

    def may_have_by(self, by: Principal, sha256: str, name: str) -> bool:
        """Tell whether a mission of that name that he may read holds the file with a hash."""
        key = key_of(name)
        holding = self.missions.with_file(sha256)
        return any(key_of(each.name) == key and self.may_read(by, each) for each in holding)

    def may_read(self, by: Principal, mission: Mission) -> bool:
        """Tell whether somebody who shows no token may know what is in a mission."""
        return mission.is_seen_by(by) and self.role_of(by, mission) is not None

    def visible(self, by: Principal) -> Sequence[Mission]:
        """Return the missions that somebody sees."""
        return [each for each in self.missions.all() if each.is_seen_by(by)]

    def read_token(self, mission: Mission, person: str, *, joins: bool = False) -> str:
        """Return a token to read a mission, until its password is another or it ends.

        With `joins` it does to take part as well, in place of the password that was given for it.
        """
        now = self.door.clock.now()
        token = Token(
            kind=TokenKind.ACCESS,
            id=secrets.token_hex(16),
            guid=mission.guid,
            person=person,
            until=now + READ_TOKEN_KEPT,
            bound=_way_in(mission, _JOINS if joins else _READS),
        )
        return self.tokens.make(token, mission, now)

    def token_of(self, mission: Mission, kind: TokenKind, id_: str, person: str) -> str:
        """Return a new token."""
        token = Token(kind=kind, id=id_, guid=mission.guid, person=person)
        return self.tokens.make(token, mission, self.door.clock.now())


_READS, _JOINS = "read", "join"
"""What a token of that kind is good for."""


def _way_in(mission: Mission, use: str) -> str:
    """Return a mark of how one gets into a mission, which is another as soon as that is."""
    return hashlib.sha256(f"{use} token {mission.password}".encode()).hexdigest()[:32]
