"""Who may sign in with a password, and who has; beside the other people, in their register."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from accord.core.principal import Direction, Group
from accord.core.user import Session, User, UserRole, key_of
from accord.storage.people import NoSuch, PeopleError, register_of_people
from accord.storage.register import RegisterReader, RegisterWithin
from accord.storage.saved_views import owner_of

MAX_USERS = 10_000
"""Users in one register; all of them are held in memory while the node runs."""

MAX_SESSIONS = 20
"""Sessions of one user; beyond, the one that was used longest ago ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A user, and what is kept of his password."""

    user: User
    hash: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Roll:
    """Everybody who may sign in, by the key of his name, and every session, by its mark."""

    accounts: Mapping[str, Account]
    sessions: Mapping[str, Session]


class Users:
    """The users in the register of people. Every method opens it anew: any thread may call.

    `within` is a change of the register that goes on: what is done then is part of it.
    """

    def __init__(self, path: Path, within: RegisterWithin | None = None) -> None:
        self.path = path
        self._register = within or register_of_people(path)

    def add(self, user: User, kept: str) -> None:
        """Enter a user with what is kept of his password. PeopleError when the name is taken."""
        with self._register.open() as register:
            key = key_of(user.name)
            taken = register.execute("SELECT name FROM account WHERE key = ?", (key,)).fetchone()
            if taken is not None:
                raise PeopleError(f"there is a user {taken[0]} already; choose another name")
            if register.execute("SELECT count(*) FROM account").fetchone()[0] >= MAX_USERS:
                raise PeopleError(f"the register holds {MAX_USERS} users, which is its limit")
            register.execute(
                "INSERT INTO account (key, name, hash, role, groups, exercises, every_exercise, "
                "added) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (key, user.name, kept, *_row(user)),
            )

    def take_in(self, user: User, kept: str) -> None:
        """Enter a user whom another vouches for, or give him the role and groups that he has now.

        `kept` is who he is there. PeopleError where the name is that of somebody else.
        """
        with self._register.open() as register:
            key = key_of(user.name)
            row = register.execute("SELECT hash FROM account WHERE key = ?", (key,)).fetchone()
            if row is None:
                Users(self.path, RegisterWithin(register)).add(user, kept)
            elif row[0] != kept:
                raise PeopleError(f"there is another user {user.name} here")
            else:
                here = Users(self.path, RegisterWithin(register))
                here.change(user.name, role=user.role, groups=user.groups)

    def set_password(self, name: str, kept: str) -> int:
        """Give a user another password; return how many sessions of his have ended by it."""
        with self._register.open() as register:
            key = _require(register, name)
            register.execute("UPDATE account SET hash = ? WHERE key = ?", (kept, key))
            return _end_all(register, key)

    def change(
        self,
        name: str,
        *,
        role: UserRole | None = None,
        groups: Mapping[Group, Direction] | None = None,
        exercises: frozenset[str] | None = None,
        every_exercise: bool = False,
    ) -> User:
        """Give a user another role, other groups or other exercises; None leaves what he has.

        Return him as he is then. His sessions stay: whoever looks is known anew.
        """
        with self._register.open() as register:
            key = _require(register, name)
            before = _roll(register).accounts[key].user
            user = replace(
                before,
                role=role or before.role,
                groups=before.groups if groups is None else groups,
                exercises=before.exercises if exercises is None else exercises,
                every_exercise=before.every_exercise if exercises is None else every_exercise,
            )
            register.execute(
                "UPDATE account SET role = ?, groups = ?, exercises = ?, every_exercise = ? "
                "WHERE key = ?",
                (*_row(user)[:-1], key),
            )
            return user

    def lock(self, name: str, now: datetime) -> int:
        """Let a user not sign in any more; return how many sessions of his have ended."""
        with self._register.open() as register:
            key = _require(register, name)
            register.execute(
                "UPDATE account SET locked = coalesce(locked, ?) WHERE key = ?",
                (now.timestamp(), key),
            )
            return _end_all(register, key)

    def unlock(self, name: str) -> None:
        """Let a user sign in again."""
        with self._register.open() as register:
            key = _require(register, name)
            register.execute("UPDATE account SET locked = NULL WHERE key = ?", (key,))

    def remove(self, name: str) -> int:
        """Forget a user; return how many sessions of his have ended."""
        with self._register.open() as register:
            key = _require(register, name)
            ended = _end_all(register, key)
            register.execute("DELETE FROM account WHERE key = ?", (key,))
            # Whoever gets the name later is somebody else.
            owner = owner_of("password", key)
            register.execute("DELETE FROM saved_view WHERE owner = ?", (owner,))
            return ended

    def begin(self, session: Session, kept: str) -> None:
        """Note that a user has signed in. PeopleError: he is gone, locked, or `kept` is not so now.

        The register may have changed while his password was looked at.
        """
        with self._register.open() as register:
            at = session.begun.timestamp()
            found = register.execute(
                "UPDATE account SET signed_in = ? WHERE key = ? AND hash = ? AND locked IS NULL",
                (at, session.key, kept),
            )
            if found.rowcount != 1:
                raise PeopleError("the account was changed")
            register.execute(
                "INSERT INTO session (mark, account, begun, used, address) VALUES (?, ?, ?, ?, ?)",
                (session.mark, session.key, at, at, session.address),
            )
            register.execute(
                "DELETE FROM session WHERE account = ? AND mark NOT IN (SELECT mark FROM session "
                "WHERE account = ? ORDER BY used DESC, mark = ? DESC LIMIT ?)",
                (session.key, session.key, session.mark, MAX_SESSIONS),
            )

    def end(self, mark: str) -> None:
        """End a session, where it has not ended."""
        with self._register.open() as register:
            register.execute("DELETE FROM session WHERE mark = ?", (mark,))

    def note_uses(self, uses: Mapping[str, datetime], over: frozenset[str] = frozenset()) -> None:
        """Note when sessions were last used, and forget those that are over."""
        with self._register.open() as register:
            register.executemany(
                "UPDATE session SET used = max(used, ?) WHERE mark = ?",
                [(used.timestamp(), mark) for mark, used in uses.items()],
            )
            register.executemany("DELETE FROM session WHERE mark = ?", [(each,) for each in over])

    def roll(self) -> Roll:
        """Return everybody, and every session."""
        with self._register.open() as register:
            return _roll(register)


class RollReader(RegisterReader[Roll]):
    """Reads users and sessions again and again."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "people", called="the register of people", load=_roll)


def _row(user: User) -> tuple[str, str, str, int, float]:
    groups = {name: direction.value for name, direction in user.groups.items()}
    return (
        user.role.value,
        json.dumps(groups, sort_keys=True),
        json.dumps(sorted(user.exercises)),
        int(user.every_exercise),
        user.added.timestamp(),
    )


def _require(register: sqlite3.Connection, name: str) -> str:
    key = key_of(name)
    if register.execute("SELECT 1 FROM account WHERE key = ?", (key,)).fetchone() is None:
        raise NoSuch(f"there is no user {name} in the register")
    return key


def _end_all(register: sqlite3.Connection, key: str) -> int:
    return register.execute("DELETE FROM session WHERE account = ?", (key,)).rowcount


def _roll(register: sqlite3.Connection) -> Roll:
    accounts = register.execute(
        "SELECT key, hash, name, role, groups, exercises, every_exercise, added, signed_in, locked "
        "FROM account ORDER BY key"
    ).fetchall()
    sessions = register.execute(
        "SELECT mark, account, begun, used, address FROM session ORDER BY begun, mark"
    ).fetchall()
    return Roll(
        accounts={key: Account(user=_user(row), hash=kept) for key, kept, *row in accounts},
        sessions={row[0]: _session(row) for row in sessions},
    )


def _user(row: list[Any]) -> User:
    name, role, groups, exercises, every, added, signed_in, locked = row
    directions: Mapping[str, int] = json.loads(groups)
    return User(
        name=name,
        role=UserRole(role),
        groups=MappingProxyType({g: Direction(d) for g, d in directions.items()}),
        exercises=frozenset(json.loads(exercises)),
        every_exercise=bool(every),
        added=_moment(added),
        last_sign_in=None if signed_in is None else _moment(signed_in),
        locked=None if locked is None else _moment(locked),
    )


def _session(row: tuple[str, str, float, float, str]) -> Session:
    mark, key, begun, used, address = row
    return Session(mark=mark, key=key, begun=_moment(begun), used=_moment(used), address=address)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
