"""Missions in the file of `TakFile`: who takes part, what is in them, what happened to them.

Every method may be called by any thread; TakFault says why it cannot be done.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from accord.core.context import Context
from accord.core.mission import (
    ChangeType,
    Invitation,
    InviteeKind,
    Item,
    ItemKind,
    LogEntry,
    Mission,
    MissionChange,
    Subscription,
    key_of,
)
from accord.core.principal import Group
from accord.storage.mission_rows import (
    ITEM,
    LOG,
    MISSION,
    WRITTEN_CHANGE,
    WRITTEN_ITEM,
    WrittenChange,
    WrittenEvent,
    WrittenItem,
    item_row,
    mission_row,
    read_entry,
    read_item,
    read_mission,
)
from accord.storage.tak_file import Full, TakFile, read_groups


@dataclass(frozen=True, slots=True, kw_only=True)
class MissionSettings:
    """Missions of TAK clients (Data Sync)."""

    max_missions: int = field(
        default=1_000, metadata={"doc": "missions on the node; beyond, none is made"}
    )
    max_items: int = field(
        default=20_000, metadata={"doc": "things and files in one mission; beyond, none is taken"}
    )
    max_layers: int = field(
        default=1_000, metadata={"doc": "layers and folders in one mission; beyond, none is made"}
    )
    max_feeds: int = field(
        default=100, metadata={"doc": "data feeds in one mission; beyond, none is taken"}
    )
    max_bytes: int = field(
        default=128 << 20, metadata={"doc": "bytes of CoT in one mission; beyond, none is taken"}
    )
    max_changes: int = field(
        default=100_000,
        metadata={"doc": "changes of one mission that are told; beyond, the oldest go"},
    )
    max_subscribers: int = field(
        default=1_000, metadata={"doc": "clients that take part in one mission, or are invited"}
    )
    max_log: int = field(
        default=10_000, metadata={"doc": "entries in the log of one mission; beyond, none is taken"}
    )


class MissionStore:
    """The missions of a node."""

    def __init__(self, file: TakFile, settings: MissionSettings) -> None:
        self.settings = settings
        self._file = file

    def all(self) -> list[Mission]:
        """Return every mission that was not deleted, with who takes part."""
        with self._file.look() as rows:
            found = rows.execute(f"SELECT {MISSION} FROM mission WHERE deleted IS NULL")  # noqa: S608
            return [read_mission(rows, row) for row in found.fetchall()]

    def one(self, guid: str) -> Mission | None:
        """Return one mission, None where it was deleted or never was."""
        with self._file.look() as rows:
            row = rows.execute(
                f"SELECT {MISSION} FROM mission WHERE guid = ? AND deleted IS NULL",  # noqa: S608
                (guid,),
            ).fetchone()
            return None if row is None else read_mission(rows, row)

    def deleted(self) -> dict[str, frozenset[Group]]:
        """Return the groups of missions that were deleted, by guid and by compared name."""
        with self._file.look() as rows:
            found = rows.execute(
                "SELECT guid, key, groups FROM mission WHERE deleted IS NOT NULL ORDER BY deleted"
            ).fetchall()
        told: dict[str, frozenset[Group]] = {}
        for guid, key, groups in found:
            for name in (guid, key):
                told[name] = told.get(name, frozenset()) | read_groups(groups)
        return told

    def hashes(self) -> list[tuple[str, str]]:
        """Return the hash of each file in a mission, with the guid of that."""
        with self._file.look() as rows:
            return rows.execute(
                "SELECT i.name, i.mission FROM mission_item i JOIN mission m ON m.guid = i.mission "
                "WHERE kind = 'hash' AND deleted IS NULL"
            ).fetchall()

    def create(self, mission: Mission) -> MissionChange:
        """Keep a new mission. Full where there are too many.

        There may be others of its name, that of people who do not see each other's.
        """
        with self._file.change() as rows:
            count = rows.execute("SELECT count(*) FROM mission WHERE deleted IS NULL").fetchone()
            if count[0] >= self.settings.max_missions:
                raise Full(f"this node keeps {count[0]} missions and takes no more")
            rows.execute(
                f"INSERT INTO mission ({MISSION}, key) VALUES "  # noqa: S608  constants
                "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*mission_row(mission), key_of(mission.name)),
            )
            return self._note(
                rows, mission.guid, ChangeType.CREATE_MISSION, mission.creator_uid, mission.made
            )

    def copy(self, guid: str, to: Mission, sees: Callable[[str], bool]) -> None:
        """Keep what is in a mission in a new one too, in the same layers, where `sees` its context.

        It is new there, and comes from whoever made that mission. Not its data feeds, which not
        everybody hears who sees the mission.
        """
        by, at = to.creator_uid, to.made.timestamp()
        with self._file.change() as rows:
            found = rows.execute(
                "SELECT DISTINCT context FROM mission_item WHERE mission = ?", (guid,)
            ).fetchall()
            seen = json.dumps([context for (context,) in found if sees(context)])
            rows.execute(
                f"INSERT INTO mission_item (mission, {ITEM}) SELECT ?, kind, name, ?, ?, keywords, "  # noqa: S608
                "details, context, event, time FROM mission_item WHERE mission = ? "
                "AND kind != 'feed' AND context IN (SELECT value FROM json_each(?)) "
                "ORDER BY at, rowid",
                (to.guid, at, by, guid, seen),
            )
            rows.execute(
                f"INSERT INTO mission_change (mission, {WRITTEN_CHANGE}) "  # noqa: S608
                "SELECT mission, at, ?, creator_uid, kind, name, details, context "
                "FROM mission_item WHERE mission = ? ORDER BY rowid",
                (ChangeType.ADD_CONTENT, to.guid),
            )
            rows.execute(
                "INSERT INTO mission_layer (mission, uid, name, kind, parent, place) "
                "SELECT ?, uid, name, kind, parent, place FROM mission_layer WHERE mission = ? AND "
                "(kind != 'ITEM' OR uid IN (SELECT name FROM mission_item WHERE mission = ?))",
                (to.guid, guid, to.guid),
            )
            self._forget_oldest(rows, to.guid)

    def forget(self, guid: str) -> None:
        """Keep nothing of a mission, as though it had never been made."""
        with self._file.change() as rows:
            self._empty(rows, guid)
            rows.execute("DELETE FROM mission WHERE guid = ?", (guid,))

    def _empty(self, rows: sqlite3.Connection, guid: str) -> None:
        for table in ("item", "layer", "change", "subscription", "invitation", "log"):
            rows.execute(f"DELETE FROM mission_{table} WHERE mission = ?", (guid,))  # noqa: S608

    def update(self, mission: Mission) -> None:
        """Keep what a mission is now, under its guid."""
        with self._file.change() as rows:
            rows.execute(
                f"UPDATE mission SET ({MISSION}) = "  # noqa: S608
                "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) WHERE guid = ?",
                (*mission_row(mission), mission.guid),
            )

    def delete(self, guid: str, now: datetime) -> None:
        """Delete a mission, and everything in it."""
        with self._file.change() as rows:
            rows.execute("UPDATE mission SET deleted = ? WHERE guid = ?", (now.timestamp(), guid))
            rows.execute("UPDATE mission SET parent = '' WHERE parent = ?", (guid,))
            self._empty(rows, guid)

    def subscribe(self, guid: str, subscription: Subscription) -> None:
        """Let a client take part, or in another role than before. Full: there are too many."""
        with self._file.change() as rows:
            self._limit(rows, "subscription", guid, self.settings.max_subscribers)
            each = subscription
            rows.execute(
                "INSERT INTO mission_subscription (id, mission, client_uid, person, role, at) "
                "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (mission, client_uid) DO UPDATE SET "
                "id = excluded.id, person = excluded.person, role = excluded.role",
                (each.id, guid, each.client_uid, each.person, each.role, each.at.timestamp()),
            )

    def unsubscribe(self, guid: str, client_uid: str) -> None:
        """Let a client take part no more."""
        with self._file.change() as rows:
            rows.execute(
                "DELETE FROM mission_subscription WHERE mission = ? AND client_uid = ?",
                (guid, client_uid),
            )

    def invite(self, guid: str, invitation: Invitation) -> None:
        """Invite somebody, or in another role than before. Full: too many are."""
        with self._file.change() as rows:
            self._limit(rows, "invitation", guid, self.settings.max_subscribers)
            each = invitation
            rows.execute(
                "INSERT OR REPLACE INTO mission_invitation "
                "(id, mission, kind, invitee, role, creator_uid, at, person) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (each.id, guid, each.kind, each.invitee, each.role, each.creator_uid,
                 each.at.timestamp(), each.person),
            )  # fmt: skip

    def uninvite(self, guid: str, kind: InviteeKind, invitee: str) -> None:
        """Invite somebody no more."""
        with self._file.change() as rows:
            rows.execute(
                "DELETE FROM mission_invitation WHERE mission = ? AND kind = ? AND invitee = ?",
                (guid, kind, invitee),
            )

    def put(self, guid: str, items: Sequence[Item]) -> list[MissionChange]:
        """Keep items in a mission, all or none; return what is new in it. Full: too much.

        Of one that is there already, what is newer is kept.
        """
        with self._file.change() as rows:
            changes = [each for item in items for each in self._put(rows, guid, item)]
            count, size, feeds = rows.execute(
                "SELECT count(*), total(length(event)), total(kind = 'feed') FROM mission_item "
                "WHERE mission = ?",
                (guid,),
            ).fetchone()
            has_feeds = any(each.kind is ItemKind.FEED for each in items)
            if has_feeds and feeds > self.settings.max_feeds:
                raise Full(f"the mission may have {self.settings.max_feeds} data feeds")
            if count > self.settings.max_items or size > self.settings.max_bytes:
                raise Full(  # nothing of it is kept then
                    f"the mission may hold {self.settings.max_items} items and "
                    f"{self.settings.max_bytes} bytes of CoT, and this would be more"
                )
            self._forget_oldest(rows, guid)
        return changes

    def _put(self, rows: sqlite3.Connection, guid: str, item: Item) -> list[MissionChange]:
        there = rows.execute(
            "SELECT time FROM mission_item WHERE mission = ? AND kind = ? AND name = ?",
            (guid, item.kind, item.name),
        ).fetchone()
        if there is not None and item.kind.is_described:
            return [self._put_anew(rows, guid, item)]
        if there is not None:
            if item.event and item.time >= there[0]:
                rows.execute(
                    "UPDATE mission_item SET details = ?, context = ?, event = ?, time = ? "
                    "WHERE mission = ? AND kind = ? AND name = ?",
                    (json.dumps(item.details), str(item.context), item.event, item.time,
                     guid, item.kind, item.name),
                )  # fmt: skip
            return []
        rows.execute(
            f"INSERT INTO mission_item (mission, {ITEM}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            (guid, *item_row(item)),
        )
        return [self._note(rows, guid, item.kind.put_in, item.creator_uid, item.at, item)]

    def _put_anew(self, rows: sqlite3.Connection, guid: str, item: Item) -> MissionChange:
        rows.execute(
            "UPDATE mission_item SET details = ?, at = ?, creator_uid = ? "
            "WHERE mission = ? AND kind = ? AND name = ?",
            (json.dumps(item.details), item.at.timestamp(), item.creator_uid,
             guid, item.kind, item.name),
        )  # fmt: skip
        return self._note(rows, guid, ChangeType.ADD_CONTENT, item.creator_uid, item.at, item)

    def remove(
        self,
        guid: str,
        which: Iterable[tuple[ItemKind, str]],
        creator_uid: str,
        now: datetime,
        *,
        said: Mapping[str, object] | None = None,
    ) -> list[MissionChange]:
        """Take items out of a mission; return those that were in it, with what is said of that."""
        with self._file.change() as rows:
            return self.removed(rows, guid, which, creator_uid, now, said=said)

    def removed(
        self,
        rows: sqlite3.Connection,
        guid: str,
        which: Iterable[tuple[ItemKind, str]],
        creator_uid: str,
        now: datetime,
        *,
        said: Mapping[str, object] | None = None,
    ) -> list[MissionChange]:
        """Do the same as part of a change."""
        changes: list[MissionChange] = []
        for kind, name in which:
            row = rows.execute(
                f"DELETE FROM mission_item WHERE mission = ? AND kind = ? AND name = ? "  # noqa: S608
                f"RETURNING {ITEM}",
                (guid, kind, name),
            ).fetchone()
            if row is not None:
                rows.execute(
                    "DELETE FROM mission_layer WHERE mission = ? AND uid = ? AND kind = 'ITEM'",
                    (guid, name),
                )
                item = read_item(row)
                gone = replace(item, details={**item.details, **(said or {})})
                changes.append(self._note(rows, guid, kind.taken_out, creator_uid, now, gone))
        return changes

    def note_again(self, guid: str, item: Item, creator_uid: str, now: datetime) -> MissionChange:
        """Note that what an item speaks of is another now, though what is said of it is not."""
        with self._file.change() as rows:
            noted = self._note(rows, guid, ChangeType.ADD_CONTENT, creator_uid, now, item)
            self._forget_oldest(rows, guid)
        return noted

    def _note(
        self,
        rows: sqlite3.Connection,
        guid: str,
        type_: ChangeType,
        creator_uid: str,
        at: datetime,
        item: Item | None = None,
    ) -> MissionChange:
        of = ("", "", "{}", "live") if item is None else (
            item.kind, item.name, json.dumps(item.details), str(item.context)
        )  # fmt: skip
        number = rows.execute(
            "INSERT INTO mission_change (mission, at, type, creator_uid, kind, name, details, "
            "context) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (guid, at.timestamp(), type_, creator_uid, *of),
        ).lastrowid
        if item is None or item.kind is not ItemKind.FEED:  # of which not everybody may know
            rows.execute("UPDATE mission SET edited = ? WHERE guid = ?", (at.timestamp(), guid))
        return MissionChange(
            number=number or 0, at=at, type=type_, creator_uid=creator_uid, item=item
        )

    def _forget_oldest(self, rows: sqlite3.Connection, guid: str) -> None:
        rows.execute(
            "DELETE FROM mission_change WHERE mission = ? AND number <= (SELECT number FROM "
            "mission_change WHERE mission = ? ORDER BY number DESC LIMIT 1 OFFSET ?)",
            (guid, guid, self.settings.max_changes),
        )

    def item(self, guid: str, kind: ItemKind, name: str) -> Item | None:
        """Return one item without its CoT, None where it is not in the mission."""
        columns = ITEM.replace("event", "''")
        with self._file.look() as rows:
            row = rows.execute(
                f"SELECT {columns} FROM mission_item "  # noqa: S608
                "WHERE mission = ? AND kind = ? AND name = ?",
                (guid, kind, name),
            ).fetchone()
        return None if row is None else read_item(row)

    def set_keywords(self, guid: str, kind: ItemKind, name: str, keywords: Iterable[str]) -> bool:
        """Give an item these keywords; False where it is not there."""
        with self._file.change() as rows:
            found = rows.execute(
                "UPDATE mission_item SET keywords = ? WHERE mission = ? AND kind = ? AND name = ?",
                (json.dumps(list(keywords)), guid, kind, name),
            )
        return found.rowcount == 1

    def items(self, guid: str) -> list[WrittenItem]:
        """Return what is in a mission, in order of coming, without the CoT."""
        return list(map(WrittenItem._make, self._of(guid, WRITTEN_ITEM)))

    def events(self, guid: str) -> list[WrittenEvent]:
        """Return the newest CoT of each thing in a mission, in order of coming."""
        found = self._of(guid, "name, context, event", "AND kind = 'uid'")
        return list(map(WrittenEvent._make, found))

    def _of(self, guid: str, columns: str, which: str = "") -> list[tuple[Any, ...]]:
        with self._file.look() as rows:
            return rows.execute(
                f"SELECT {columns} FROM mission_item WHERE mission = ? {which} ORDER BY at, rowid",  # noqa: S608
                (guid,),
            ).fetchall()

    def counts(self, guids: Iterable[str]) -> list[tuple[str, Context, int]]:
        """Return how many things and files of each context are in missions, by guid."""
        with self._file.look() as rows:
            found = rows.execute(
                "SELECT mission, context, count(*) FROM mission_item "
                "WHERE mission IN (SELECT value FROM json_each(?)) AND kind IN ('uid', 'hash') "
                "GROUP BY mission, context",
                (json.dumps(list(guids)),),
            ).fetchall()
        return [(guid, Context.parse(context), count) for guid, context, count in found]

    def changes(self, guid: str, since: datetime, until: datetime) -> list[WrittenChange]:
        """Return what happened to a mission in some time, in order."""
        with self._file.look() as rows:
            found = rows.execute(
                f"SELECT {WRITTEN_CHANGE} FROM mission_change "  # noqa: S608
                "WHERE mission = ? AND at BETWEEN ? AND ? ORDER BY number",
                (guid, since.timestamp(), until.timestamp()),
            ).fetchall()
        return list(map(WrittenChange._make, found))

    def write(self, guids: Iterable[str], entry: LogEntry) -> None:
        """Keep an entry in the logs of missions, in place of one with its id. Full: too many."""
        with self._file.change() as rows:
            rows.execute("DELETE FROM mission_log WHERE id = ?", (entry.id,))
            for guid in guids:
                self._limit(rows, "log", guid, self.settings.max_log)
                rows.execute(
                    f"INSERT INTO mission_log (mission, {LOG}) "  # noqa: S608
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (guid, entry.id, entry.author, entry.creator_uid, entry.content,
                     entry.happened, entry.created.timestamp(), entry.changed.timestamp(),
                     json.dumps(entry.keywords), json.dumps(entry.hashes)),
                )  # fmt: skip

    def strike(self, entry_id: str) -> None:
        """Take an entry out of every log."""
        with self._file.change() as rows:
            rows.execute("DELETE FROM mission_log WHERE id = ?", (entry_id,))

    def log(self, guid: str, since: datetime, until: datetime) -> list[LogEntry]:
        """Return the entries of a mission's log in some time, in order of coming."""
        with self._file.look() as rows:
            found = rows.execute(
                f"SELECT {LOG} FROM mission_log WHERE mission = ? AND created BETWEEN ? AND ? "  # noqa: S608
                "ORDER BY created, id",
                (guid, since.timestamp(), until.timestamp()),
            ).fetchall()
        return [read_entry(row) for row in found]

    def entry(self, entry_id: str) -> tuple[LogEntry, list[str]] | None:
        """Return an entry with the guids of its missions, None where there is none."""
        with self._file.look() as rows:
            found = rows.execute(
                f"SELECT mission, {LOG} FROM mission_log WHERE id = ?",  # noqa: S608
                (entry_id,),
            ).fetchall()
        return (read_entry(found[0][1:]), [row[0] for row in found]) if found else None

    def _limit(self, rows: sqlite3.Connection, table: str, guid: str, most: int) -> None:
        count = rows.execute(
            f"SELECT count(*) FROM mission_{table} WHERE mission = ?",  # noqa: S608
            (guid,),
        ).fetchone()[0]
        if count >= most:
            raise Full(f"the mission has {count} of {table}, which is its limit")
