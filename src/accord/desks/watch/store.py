"""Alerts and the watch log in one SQLite file: what is shown was kept before.

Every method opens the file anew, so that any thread may call.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from accord.core.context import Context
from accord.core.errors import AccordError
from accord.desks.watch.alert import (
    Act,
    Alert,
    Condition,
    Drill,
    Entry,
    Escalation,
    Kind,
    Priority,
)
from accord.storage.register import RegisterFile

WATCH = Path("watch.sqlite")

MOST = 1_000
"""Entries in one answer."""

_ANY = 1 << 62
"""Beyond every number."""


class WatchFault(AccordError):
    """The file of the watch cannot be read or written; it says why, and what to do."""


class WatchStore:
    """The watch's file."""

    def __init__(self, path: Path) -> None:
        self._file = RegisterFile(path, "watch", called="the watch log", fault=WatchFault)

    def prepare(self) -> None:
        """Make the file where there is none, and bring it to the newest version."""
        self._file.prepare()

    def alerts(self) -> tuple[list[Alert], int]:
        """Return the open alerts, and the number of the last of all."""
        with self._file.open() as watch:
            rows = watch.execute("SELECT data FROM alert WHERE is_open ORDER BY number").fetchall()
            last = watch.execute("SELECT max(number) FROM alert").fetchone()[0]
        return [_alert(json.loads(data)) for (data,) in rows], last or 0

    def keep(self, entries: Sequence[Entry]) -> list[Entry]:
        """Keep what happened, all of it or nothing; return it with its places in the log."""
        with self._file.open() as watch:
            return [_kept(watch, each) for each in entries]

    def drill(self) -> Drill | None:
        """Return the drill that is on."""
        with self._file.open() as watch:
            row = watch.execute("SELECT name, person, since FROM drill").fetchone()
        return None if row is None else Drill(name=row[0], by=row[1], since=_at(row[2]))

    def keep_drill(self, drill: Drill | None, entry: Entry) -> Entry:
        """Keep which drill is on, None for none, with its line of the log: both or neither."""
        with self._file.open() as watch:
            watch.execute("DELETE FROM drill")
            if drill is not None:
                watch.execute(
                    "INSERT INTO drill VALUES (1, ?, ?, ?)",
                    (drill.name, drill.by, drill.since.timestamp()),
                )
            return _kept(watch, entry)

    def memory(self) -> dict[str, Any]:
        """Return what rules remembered, by their names."""
        with self._file.open() as watch:
            rows = watch.execute("SELECT rule, data FROM memory").fetchall()
        return {rule: json.loads(data) for rule, data in rows}

    def keep_memory(self, memory: Mapping[str, Any]) -> None:
        """Keep what rules remember in place of what they did."""
        rows = [(rule, json.dumps(data)) for rule, data in memory.items()]
        with self._file.open() as watch:
            watch.execute("DELETE FROM memory")
            watch.executemany("INSERT INTO memory VALUES (?, ?)", rows)

    def log(
        self,
        *,
        since: datetime | None = None,
        before: int | None = None,
        uid: str | None = None,
        limit: int = MOST,
    ) -> list[Entry]:
        """Return the newest entries first: of a time on, before a number, about an object."""
        with self._file.open() as watch:
            rows = watch.execute(
                "SELECT number, at, act, person, text, uids, context, groups, alert FROM entry"
                " WHERE at >= ? AND number < ?"
                " AND (? IS NULL OR EXISTS (SELECT 1 FROM json_each(uids) WHERE value = ?))"
                " ORDER BY number DESC LIMIT ?",
                (
                    0.0 if since is None else since.timestamp(),
                    _ANY if before is None else before,
                    uid,
                    uid,
                    max(1, min(limit, MOST)),
                ),
            ).fetchall()
            return list(_entries(watch, rows))

    def forget(self, now: datetime, *, kept: timedelta, most: int) -> int:
        """Forget entries older than that, and the oldest beyond so many; return how many went."""
        with self._file.open() as watch:
            last = watch.execute("SELECT max(number) FROM entry").fetchone()[0] or 0
            gone = watch.execute(
                "DELETE FROM entry WHERE at < ? OR number <= ?",
                ((now - kept).timestamp(), last - most),
            ).rowcount
            watch.execute(
                "DELETE FROM alert WHERE NOT is_open AND number < (SELECT max(number) FROM alert)"
                " AND number NOT IN (SELECT alert FROM entry WHERE alert IS NOT NULL)"
            )
        return gone


def _kept(watch: sqlite3.Connection, entry: Entry) -> Entry:
    alert = entry.alert
    if alert is not None:
        watch.execute(
            "INSERT OR REPLACE INTO alert VALUES (?, ?, ?)",
            (alert.number, alert.is_open, json.dumps({**as_json(alert), **_escalation(alert)})),
        )
    groups = entry.groups
    number = watch.execute(
        "INSERT INTO entry (at, act, person, text, alert, uids, context, groups)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            entry.at.timestamp(),
            entry.act.value,
            entry.by,
            entry.text,
            None if alert is None else alert.number,
            json.dumps(entry.uids),
            str(entry.context),
            None if groups is None else json.dumps(sorted(groups)),
        ),
    ).lastrowid
    return replace(entry, number=number or 0)


def _entries(watch: sqlite3.Connection, rows: Iterable[Any]) -> Iterator[Entry]:
    for number, at, act, person, text, uids, context, groups, alert in rows:
        found = watch.execute("SELECT data FROM alert WHERE number = ?", (alert,)).fetchone()
        yield Entry(
            number=number,
            at=_at(at),
            act=Act(act),
            by=person,
            text=text,
            alert=None if found is None else _alert(json.loads(found[0])),
            uids=tuple(json.loads(uids)),
            context=Context.parse(context),
            groups=None if groups is None else frozenset(json.loads(groups)),
        )


def as_json(alert: Alert) -> dict[str, Any]:
    """Return an alert as it is kept, and given to browsers; moments as RFC 3339."""
    condition = alert.condition
    return {
        "number": alert.number,
        "key": condition.key,
        "kind": condition.kind.value,
        "priority": condition.priority.value,
        "text": condition.text,
        "uid": condition.uid,
        "context": str(condition.context),
        "groups": None if condition.groups is None else sorted(condition.groups),
        "state": alert.state.value,
        "raised": spelt(alert.raised),
        "times": alert.times,
        "rectified": spelt(alert.rectified),
        "acknowledged": spelt(alert.acknowledged),
        "acknowledged_by": alert.acknowledged_by,
        "owner": alert.owner,
        "offered_to": alert.offered_to,
        "quiet_until": spelt(alert.quiet_until),
        "escalated": spelt(alert.escalated),
        "since": spelt(alert.since),
    }


def _escalation(alert: Alert) -> dict[str, Any]:
    """Return what is kept of an alert and told to nobody: what becomes of it when it waits."""
    escalation = alert.condition.escalation
    if escalation is None:
        return {}
    return {
        "escalation": {
            "after": escalation.after.total_seconds(),
            "priority": escalation.priority,
            "offer_to": escalation.offer_to,
        }
    }


def _read_escalation(kept: dict[str, Any] | None) -> Escalation | None:
    if kept is None:
        return None
    priority = kept["priority"]
    return Escalation(
        after=timedelta(seconds=kept["after"]),
        priority=None if priority is None else Priority(priority),
        offer_to=kept["offer_to"],
    )


def _alert(kept: dict[str, Any]) -> Alert:
    groups = kept["groups"]
    return Alert(
        number=kept["number"],
        condition=Condition(
            key=kept["key"],
            kind=Kind(kept["kind"]),
            priority=Priority(kept["priority"]),
            text=kept["text"],
            uid=kept["uid"],
            context=Context.parse(kept["context"]),
            groups=None if groups is None else frozenset(groups),
            escalation=_read_escalation(kept.get("escalation")),
        ),
        raised=datetime.fromisoformat(kept["raised"]),
        times=kept["times"],
        rectified=_moment(kept["rectified"]),
        acknowledged=_moment(kept["acknowledged"]),
        acknowledged_by=kept["acknowledged_by"],
        owner=kept["owner"],
        offered_to=kept["offered_to"],
        quiet_until=_moment(kept["quiet_until"]),
        escalated=_moment(kept.get("escalated")),
        since=_moment(kept.get("since")),
    )


def spelt(moment: datetime | None) -> str | None:
    """Return a moment as RFC 3339 has it, None where there is none."""
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
