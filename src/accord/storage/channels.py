"""Which channels each client has switched off, by direction; and the number of each channel."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from accord.core.principal import Direction, Group, Principal
from accord.storage.register import RegisterReader
from accord.storage.tak_file import TakFile

MAX_CLIENTS = 16
"""Certificates of one person whose choice is remembered; beyond, the oldest choice goes."""

Off = Mapping[Group, Direction]


class Number(NamedTuple):
    """By what number clients call a channel, and since when."""

    bit: int
    since: datetime


_NOTHING: Off = MappingProxyType({})


class Choices:
    """What is switched off. A client is a person's certificate.

    One that has made no choice, such as a renewed one, begins with that person's last.
    """

    def __init__(self) -> None:
        self._off: dict[tuple[str, str], Off] = {}
        self._last: dict[str, Off] = {}

    @classmethod
    def kept(cls, rows: sqlite3.Connection) -> "Choices":
        """Return those that are kept in the file."""
        found = cls()
        for person, credential, off in rows.execute(
            "SELECT person, credential, off FROM channel ORDER BY at"
        ):
            found.note(person, credential, _read(off))
        return found

    def note(self, person: str, credential: str, off: Off) -> None:
        """Let this be what a client has switched off."""
        self._off[person, credential] = self._last[person] = off

    def off(self, principal: Principal) -> Off:
        """Return which of his channels a client has switched off, in which direction."""
        key = principal.name, principal.credential
        chosen = self._off.get(key, self._last.get(principal.name, _NOTHING))
        held = {g: d & principal.groups.get(g, Direction(0)) for g, d in chosen.items()}
        return {g: d for g, d in held.items() if d}

    def acting(self, principal: Principal) -> Principal:
        """Return the client as he acts: with the channels that are on, and no others."""
        off = self.off(principal)
        if not off:
            return principal
        left = {g: d & ~off.get(g, Direction(0)) for g, d in principal.groups.items()}
        return replace(principal, groups=MappingProxyType({g: d for g, d in left.items() if d}))


class Channels:
    """What is switched off, held in memory; kept before it holds. For one thread at a time."""

    def __init__(self, file: TakFile) -> None:
        self._file = file
        with file.look() as rows:
            self._choices = Choices.kept(rows)
            self._numbers = _numbers(rows)

    def off(self, principal: Principal) -> Off:
        """Return which of his channels a client has switched off, in which direction."""
        return self._choices.off(principal)

    def acting(self, principal: Principal) -> Principal:
        """Return the client as he acts: with the channels that are on, and no others."""
        return self._choices.acting(principal)

    def switch(self, principal: Principal, off: Off, now: datetime) -> None:
        """Keep which channels are off from now on; all his others are on. TakFault: not kept."""
        text = json.dumps({group: direction.value for group, direction in off.items()})
        with self._file.change() as rows:
            rows.execute(
                "INSERT OR REPLACE INTO channel VALUES (?, ?, ?, ?)",
                (principal.name, principal.credential, text, now.timestamp()),
            )
            rows.execute(
                "DELETE FROM channel WHERE person = ? AND credential NOT IN (SELECT credential "
                "FROM channel WHERE person = ? ORDER BY at DESC LIMIT ?)",
                (principal.name, principal.name, MAX_CLIENTS),
            )
        self._choices.note(principal.name, principal.credential, off)

    def numbers(self, groups: Iterable[Group], now: datetime) -> Mapping[Group, Number]:
        """Return the number of each of these channels; one that had none is given the next."""
        new = sorted(set(groups) - self._numbers.keys())
        if new:
            with self._file.change() as rows:
                for group in new:
                    rows.execute(
                        "INSERT OR IGNORE INTO channel_bit (name, since) VALUES (?, ?)",
                        (group, now.timestamp()),
                    )
                self._numbers = _numbers(rows)
        return {group: self._numbers[group] for group in groups}


class ChoicesReader(RegisterReader[Choices]):
    """Reads what is switched off again and again, in a process that is not the node's."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "tak", called="what TAK clients keep,", load=Choices.kept)


def _numbers(rows: sqlite3.Connection) -> dict[Group, Number]:
    found = rows.execute("SELECT name, bit, since FROM channel_bit").fetchall()
    return {name: Number(bit, datetime.fromtimestamp(since, UTC)) for name, bit, since in found}


def _read(text: str) -> Off:
    return {group: Direction(direction) for group, direction in json.loads(text).items()}
