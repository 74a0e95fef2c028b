"""What administrators did to the node: who, when, from where, to whom. Only ever added to.

It stands in the register of people, so that a change of that and its act are written together.
"""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from accord.storage.people import People, register_of_people
from accord.storage.register import RegisterWithin
from accord.storage.users import Users

MAX_ACTS = 100_000
"""Acts that are kept; beyond, the oldest go. The file itself refuses to give up a newer one."""

MAX_TEXT = 500
"""Characters of one field of an act; what is longer is cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing that somebody did. `via`: command, password or certificate."""

    at: datetime
    who: str
    via: str
    whence: str
    what: str
    whom: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """An act with its number; the first that is kept is number 1, unless older ones went."""

    number: int
    act: Act


class Acts:
    """The acts in the register of people. Every method opens it anew: any thread may call."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._register = register_of_people(path)

    def note(self, act: Act) -> None:
        """Note that something was done."""
        with self._register.open() as register:
            _insert(register, act)

    @contextmanager
    def doing(self, act: Act) -> Generator[tuple[People, Users], None, None]:
        """Let people and users be changed, and the act be noted: all of it, or nothing."""
        with self._register.open() as register:
            within = RegisterWithin(register)
            yield People(self._path, within), Users(self._path, within)
            _insert(register, act)

    def newest(self, *, before: int | None = None, most: int = 100) -> list[Noted]:
        """Return the last acts, newest first; `before` goes on with those before a number."""
        with self._register.open() as register:
            rows = register.execute(
                "SELECT number, at, who, via, whence, what, whom, detail FROM act "
                "WHERE number < ? ORDER BY number DESC LIMIT ?",
                (1 << 62 if before is None else before, most),
            ).fetchall()
        return [_noted(row) for row in rows]


def _insert(register: sqlite3.Connection, act: Act) -> None:
    said = (act.who, act.via, act.whence, act.what, act.whom, act.detail)
    register.execute(
        "INSERT INTO act (at, who, via, whence, what, whom, detail) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (act.at.timestamp(), *(each[:MAX_TEXT] for each in said)),
    )
    register.execute(
        "DELETE FROM act WHERE number <= (SELECT max(number) FROM act) - ?", (MAX_ACTS,)
    )


def _noted(row: tuple[Any, ...]) -> Noted:
    number, at, who, via, whence, what, whom, detail = row
    moment = datetime.fromtimestamp(at, UTC)
    act = Act(at=moment, who=who, via=via, whence=whence, what=what, whom=whom, detail=detail)
    return Noted(number, act)
