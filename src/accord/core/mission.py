"""Missions, TAK's Data Sync: what some people share by name, and what each may do with it."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from accord.core.context import LIVE, Context
from accord.core.principal import Group, Principal

NEVER = -1
"""The end of what has none, as TAK clients write it."""


class Permission(StrEnum):
    """What may be done with a mission, by TAK Server's names."""

    READ = "MISSION_READ"
    WRITE = "MISSION_WRITE"
    DELETE = "MISSION_DELETE"
    SET_ROLE = "MISSION_SET_ROLE"
    SET_PASSWORD = "MISSION_SET_PASSWORD"  # noqa: S105  the right to, not one
    UPDATE_GROUPS = "MISSION_UPDATE_GROUPS"
    MANAGE_FEEDS = "MISSION_MANAGE_FEEDS"
    MANAGE_LAYERS = "MISSION_MANAGE_LAYERS"


class MissionRole(StrEnum):
    """What somebody is in a mission, by TAK Server's names."""

    OWNER = "MISSION_OWNER"
    SUBSCRIBER = "MISSION_SUBSCRIBER"
    READ_ONLY = "MISSION_READONLY_SUBSCRIBER"

    @property
    def permissions(self) -> tuple[Permission, ...]:
        """What he may do."""
        return _PERMISSIONS[self]


_PERMISSIONS: Mapping[MissionRole, tuple[Permission, ...]] = {
    MissionRole.OWNER: tuple(Permission),
    MissionRole.SUBSCRIBER: (Permission.READ, Permission.WRITE),
    MissionRole.READ_ONLY: (Permission.READ,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A client that takes part in a mission, and the person that it is of."""

    id: str
    client_uid: str
    person: str
    role: MissionRole
    at: datetime


class InviteeKind(StrEnum):
    """By what somebody is invited, by TAK Server's names."""

    CLIENT_UID = "clientUid"
    CALLSIGN = "callsign"
    USER_NAME = "userName"
    GROUP = "group"
    TEAM = "team"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """That whoever goes by that name may take part.

    `person` is who was known by a uid or callsign when he was invited: it is for nobody else.
    """

    id: str
    kind: InviteeKind
    invitee: str
    role: MissionRole
    creator_uid: str
    at: datetime
    person: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mission:
    """A mission without what is in it. `password` is what is kept of one, empty for none.

    `about` is what clients say of it, by their own keys; `expires` is in seconds since 1970.
    `parent` is the guid of the mission that it is part of. `group_roles` are default roles of
    groups that have another than `default_role`.
    """

    guid: str
    name: str
    creator: str
    creator_uid: str
    groups: frozenset[Group]
    made: datetime
    edited: datetime
    keywords: tuple[str, ...] = ()
    about: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    password: str = field(default="", repr=False)
    default_role: MissionRole = MissionRole.SUBSCRIBER
    invite_only: bool = False
    expires: int = NEVER
    parent: str = ""
    group_roles: Mapping[Group, MissionRole] = field(default_factory=lambda: MappingProxyType({}))
    subscriptions: tuple[Subscription, ...] = ()
    invitations: tuple[Invitation, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether its default role is anybody's who sees it."""
        return not self.password and not self.invite_only

    def has_ended(self, now: datetime) -> bool:
        """Tell whether its time is over."""
        return 0 <= self.expires <= now.timestamp()

    def is_seen_by(self, by: Principal) -> bool:
        """Tell whether somebody is in a group that it is of."""
        return not self.groups.isdisjoint(by.hears)

    def subscribed_role(self, by: Principal) -> MissionRole | None:
        """Return what somebody is as a subscriber, the most of what his clients are."""
        roles = {each.role for each in self.subscriptions if each.person == by.name}
        return next((role for role in MissionRole if role in roles), None)

    def role_for(self, by: Principal) -> MissionRole:
        """Return the default role of somebody: the most of what his groups are.

        A role of a group's own is no more than to read for who does not speak in that group.
        """
        found: set[MissionRole] = set()
        for group in self.groups & by.hears:
            role = self.group_roles.get(group)
            speaks = role is None or group in by.speaks_in
            found.add((role or self.default_role) if speaks else MissionRole.READ_ONLY)
        return next((role for role in MissionRole if role in found), self.default_role)

    def is_left_to(self, by: Principal) -> bool:
        """Tell whether somebody made it, and nobody owns it now; an owner may have let him go."""
        owners = {each.role for each in self.subscriptions}
        return by.name == self.creator and MissionRole.OWNER not in owners


class ItemKind(StrEnum):
    """What an item of a mission is known by: the uid of a thing, the hash of a file, or its own.

    A map layer says where a map is to be had, external data what another system keeps, a feed which
    data feed of the node the mission is interested in.
    """

    UID = "uid"
    HASH = "hash"
    MAP_LAYER = "maplayer"
    EXTERNAL = "external"
    FEED = "feed"

    @property
    def put_in(self) -> "ChangeType":
        """What happened where such an item was put into a mission."""
        return ChangeType.CREATE_DATA_FEED if self is ItemKind.FEED else ChangeType.ADD_CONTENT

    @property
    def taken_out(self) -> "ChangeType":
        """What happened where such an item was taken out of a mission."""
        return ChangeType.DELETE_DATA_FEED if self is ItemKind.FEED else ChangeType.REMOVE_CONTENT

    @property
    def is_described(self) -> bool:
        """Whether such an item is all that is said of it, and may be said anew."""
        return self in (ItemKind.MAP_LAYER, ItemKind.EXTERNAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something in a mission. `event` is the newest CoT of a uid, empty where none has come."""

    kind: ItemKind
    name: str
    at: datetime
    creator_uid: str
    keywords: tuple[str, ...] = ()
    details: Mapping[str, object] = field(default_factory=dict[str, object])
    context: Context = LIVE
    event: bytes = b""
    time: float = 0.0


class ChangeType(StrEnum):
    """What happened to a mission, by TAK Server's names."""

    CREATE_MISSION = "CREATE_MISSION"
    ADD_CONTENT = "ADD_CONTENT"
    REMOVE_CONTENT = "REMOVE_CONTENT"
    CREATE_DATA_FEED = "CREATE_DATA_FEED"
    DELETE_DATA_FEED = "DELETE_DATA_FEED"


@dataclass(frozen=True, slots=True, kw_only=True)
class MissionChange:
    """Something that happened to a mission; `item` is what was added or removed."""

    number: int
    at: datetime
    type: ChangeType
    creator_uid: str
    item: Item | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """A note in the log of missions. `happened` is when it was, as its author wrote it."""

    id: str
    author: str
    creator_uid: str
    content: str
    happened: str
    created: datetime
    changed: datetime
    keywords: tuple[str, ...] = ()
    hashes: tuple[str, ...] = ()


def key_of(name: str) -> str:
    """Return the name of a mission as names are compared: clients mix case, and forms of a letter.

    A letter with an accent is one character or two (Unicode's NFC and NFD), and looks the same.
    """
    folded = unicodedata.normalize("NFC", name.strip()).casefold()
    return unicodedata.normalize("NFC", folded)
