"""How missions and what is in them stand in rows of the file of `TakFile`."""

import json
import sqlite3
from datetime import UTC, datetime
from typing import Any, NamedTuple

from accord.core.context import Context
from accord.core.mission import (
    Invitation,
    InviteeKind,
    Item,
    ItemKind,
    LogEntry,
    Mission,
    MissionRole,
    Subscription,
)
from accord.storage.tak_file import read_groups, spell_groups

MISSION = (
    "guid, name, creator, creator_uid, groups, keywords, about, password, default_role, "
    "invite_only, expires, made, edited, parent, group_roles"
)
"""Columns of a mission."""

ITEM = "kind, name, at, creator_uid, keywords, details, context, event, time"
"""Columns of an item."""

WRITTEN_ITEM = "kind, name, at, creator_uid, keywords, details, context"
"""Columns of an item that is told as it is kept."""

WRITTEN_CHANGE = "at, type, creator_uid, kind, name, details, context"
"""Columns of a change that is told as it is kept."""

LOG = "id, author, creator_uid, content, happened, created, changed, keywords, hashes"
"""Columns of a log entry."""


class WrittenItem(NamedTuple):
    """An item as it is kept, by `WRITTEN_ITEM`: keywords and details are JSON."""

    kind: str
    name: str
    at: float
    creator_uid: str
    keywords: str
    details: str
    context: str


class WrittenChange(NamedTuple):
    """A change as it is kept, by `WRITTEN_CHANGE`: details are JSON; without a kind it has none."""

    at: float
    type: str
    creator_uid: str
    kind: str
    name: str
    details: str
    context: str


class WrittenEvent(NamedTuple):
    """The newest CoT of a thing, empty where none has come."""

    name: str
    context: str
    event: bytes


def mission_row(of: Mission) -> tuple[object, ...]:
    """Return the row of a mission, by `MISSION`."""
    return (
        of.guid, of.name, of.creator, of.creator_uid, spell_groups(of.groups),
        json.dumps(of.keywords), json.dumps(dict(of.about)), of.password, of.default_role,
        int(of.invite_only), of.expires, of.made.timestamp(), of.edited.timestamp(),
        of.parent, json.dumps(dict(of.group_roles)),
    )  # fmt: skip


def read_mission(rows: sqlite3.Connection, row: tuple[Any, ...]) -> Mission:
    """Return the mission of a row, with who takes part and who is invited."""
    guid, name, creator, creator_uid, groups, keywords, about, password, role, *rest = row
    invite_only, expires, made, edited, parent, group_roles = rest
    subscriptions = rows.execute(
        "SELECT id, client_uid, person, role, at FROM mission_subscription WHERE mission = ? "
        "ORDER BY at, client_uid",
        (guid,),
    ).fetchall()
    invitations = rows.execute(
        "SELECT id, kind, invitee, role, creator_uid, at, person FROM mission_invitation "
        "WHERE mission = ? ORDER BY at, invitee",
        (guid,),
    ).fetchall()
    return Mission(
        guid=guid,
        name=name,
        creator=creator,
        creator_uid=creator_uid,
        groups=read_groups(groups),
        keywords=tuple(json.loads(keywords)),
        about=json.loads(about),
        password=password,
        default_role=MissionRole(role),
        invite_only=bool(invite_only),
        expires=expires,
        parent=parent,
        group_roles={g: MissionRole(r) for g, r in json.loads(group_roles).items()},
        made=_moment(made),
        edited=_moment(edited),
        subscriptions=tuple(
            Subscription(id=i, client_uid=uid, person=person, role=MissionRole(r), at=_moment(at))
            for i, uid, person, r, at in subscriptions
        ),
        invitations=tuple(
            Invitation(
                id=i,
                kind=InviteeKind(kind),
                invitee=invitee,
                role=MissionRole(r),
                creator_uid=by,
                at=_moment(at),
                person=person,
            )
            for i, kind, invitee, r, by, at, person in invitations
        ),
    )


def item_row(item: Item) -> tuple[object, ...]:
    """Return the row of an item, by `ITEM`."""
    return (
        item.kind, item.name, item.at.timestamp(), item.creator_uid, json.dumps(item.keywords),
        json.dumps(item.details), str(item.context), item.event, item.time,
    )  # fmt: skip


def read_item(row: tuple[Any, ...]) -> Item:
    """Return the item of a row."""
    kind, name, at, creator_uid, keywords, details, context, event, time = row
    return Item(
        kind=ItemKind(kind),
        name=name,
        at=_moment(at),
        creator_uid=creator_uid,
        keywords=tuple(json.loads(keywords)),
        details=json.loads(details),
        context=Context.parse(context),
        event=event or b"",
        time=time,
    )


def read_entry(row: tuple[Any, ...]) -> LogEntry:
    """Return the log entry of a row, by `LOG`."""
    id_, author, creator_uid, content, happened, created, changed, keywords, hashes = row
    return LogEntry(
        id=id_,
        author=author,
        creator_uid=creator_uid,
        content=content,
        happened=happened,
        created=_moment(created),
        changed=_moment(changed),
        keywords=tuple(json.loads(keywords)),
        hashes=tuple(json.loads(hashes)),
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
