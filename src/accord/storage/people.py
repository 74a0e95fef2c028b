"""The register of people: who may connect, with which certificates, in which groups.

One SQLite file, changed by the command line and by enrolment, read by the node while it runs.
"""

import hashlib
import hmac
import json
import secrets
import sqlite3
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from accord.core.errors import AccordError
from accord.core.principal import Credential, Direction, Group, Principal, Role
from accord.storage.register import BACKUP, RegisterFile, RegisterReader, RegisterWithin

PEOPLE = Path("people.sqlite")

_CALLED = "the register of people"

MAX_PEOPLE = 100_000
"""People in one register; all of them are held in memory while the node runs."""

TOKEN_BYTES = 16
"""Random bytes of an enrolment token: 128 bits cannot be guessed over a network."""

MAX_VOUCHED = 10
"""Certificates of one person that are good at one time, where another vouches for him."""

GRACE = timedelta(minutes=10)
"""How long a used token still identifies its owner: he asks for a profile after his certificate."""


class PeopleError(AccordError):
    """The register cannot be read or changed, or says no."""


class NoSuch(PeopleError):
    """Nobody, or nothing, of that name is in the register."""


class PeopleFault(PeopleError):
    """The file of the register cannot be read or written; it says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate of a person; `revoked` also where he was thrown out himself."""

    fingerprint: str
    name: str
    issued: datetime
    ends: datetime
    revoked: datetime | None
    is_replaced: bool
    """The same device has a later one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenToken:
    """A one-time token that can be used still; of itself only its digest is kept."""

    name: str
    ends: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """One person and his certificates; `revoked` is when he was thrown out."""

    principal: Principal
    added: datetime
    revoked: datetime | None
    certificates: int
    ends: datetime | None
    has_open_token: bool


def register_of_people(path: Path) -> RegisterFile:
    """Return the file that people, users, their saved views and the acts are in."""
    return RegisterFile(path, "people", called=_CALLED, fault=PeopleFault)


class People:
    """The register in one file. Every method opens it anew, so that any thread may call.

    `within` is a change of the register that goes on: what is done then is part of it.
    """

    def __init__(self, path: Path, within: RegisterWithin | None = None) -> None:
        self.path = path
        self._register = within or register_of_people(path)

    @contextmanager
    def together(self) -> Generator["People", None, None]:
        """Let all changes be applied that are made with what this gives, or none of them."""
        with self._register.open() as register:
            yield People(self.path, RegisterWithin(register))

    def check(self) -> int:
        """Read all of the file, and return how many people are in it. PeopleFault: damaged."""
        with self._register.open() as register:
            said = register.execute("PRAGMA quick_check(1)").fetchone()[0]
            if said != "ok":
                raise PeopleFault(f"the register of people {self.path}: {said}; {BACKUP}")
            count: int = register.execute("SELECT count(*) FROM person").fetchone()[0]
            return count

    def create(self) -> None:
        """Make the file, for its owner only."""
        self.path.touch(mode=0o600)
        self.prepare()

    def prepare(self) -> None:
        """Bring the file to the newest version. AccordError says why that cannot be."""
        with self._register.open():
            pass

    def add(self, principal: Principal, now: datetime) -> None:
        """Enter a person, or one who was revoked anew. PeopleError when the name is taken."""
        with self._register.open() as register:
            taken = register.execute(
                "SELECT name, revoked FROM person WHERE name = ? COLLATE NOCASE", (principal.name,)
            ).fetchone()
            if taken is not None and (taken[1] is None or taken[0] != principal.name):
                raise PeopleError(f"there is a client {taken[0]} already; choose another name")
            if register.execute("SELECT count(*) FROM person").fetchone()[0] >= MAX_PEOPLE:
                raise PeopleError(f"the register holds {MAX_PEOPLE} people, which is its limit")
            # What was issued to him before stays revoked: each certificate says so itself.
            register.execute(
                "INSERT INTO person (name, groups, role, exercises, every_exercise, added) "
                "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET "
                "groups = excluded.groups, role = excluded.role, exercises = excluded.exercises, "
                "every_exercise = excluded.every_exercise, added = excluded.added, revoked = NULL, "
                "vouched = ''",
                (*_row(principal), now.timestamp()),
            )

    def change(
        self,
        name: str,
        *,
        role: Role | None = None,
        groups: Mapping[Group, Direction] | None = None,
        exercises: frozenset[str] | None = None,
        every_exercise: bool = False,
    ) -> Principal:
        """Give a person another role, other groups or other exercises; None leaves what he has.

        Return him as he is then. PeopleError when he is not there or was revoked.
        """
        with self._register.open() as register:
            _require(register, name)
            row = register.execute(
                f"SELECT {_PERSON} FROM person p WHERE name = ?",  # noqa: S608  a constant
                (name,),
            ).fetchone()
            before = _principal(row)
            person = replace(
                before,
                role=role or before.role,
                groups=before.groups if groups is None else groups,
                exercises=before.exercises if exercises is None else exercises,
                every_exercise=before.every_exercise if exercises is None else every_exercise,
            )
            register.execute(
                "UPDATE person SET groups = ?, role = ?, exercises = ?, every_exercise = ? "
                "WHERE name = ?",
                (*_row(person)[1:], name),
            )
            return person

    def add_certificate(
        self, name: str, fingerprint: str, *, issued: datetime, ends: datetime, device: str = ""
    ) -> None:
        """Enter a certificate of a person, on a device if that is known.

        PeopleError when he is not there or was revoked.
        """
        with self._register.open() as register:
            _require(register, name)
            _insert_certificate(register, name, fingerprint, issued, ends, device)

    def knows(self, fingerprint: str) -> bool:
        """Tell whether a certificate is in the register, revoked or not."""
        return self._count("WHERE fingerprint = ?", fingerprint) > 0

    def refuses(self, fingerprint: str) -> bool:
        """Tell whether a certificate was revoked; it was not where it never was in here."""
        return self._count("WHERE fingerprint = ? AND revoked IS NOT NULL", fingerprint) > 0

    def _count(self, which: str, fingerprint: str) -> int:
        with self._register.open() as register:
            count: int = register.execute(
                f"SELECT count(*) FROM certificate {which}",  # noqa: S608  a constant
                (fingerprint,),
            ).fetchone()[0]
        return count

    def admit(self, principal: Principal, now: datetime) -> bool:
        """Enter a person where he is not there, was revoked, or is less than that; tell whether."""
        with self._register.open() as register:
            here = People(self.path, RegisterWithin(register))
            row = register.execute(
                f"SELECT {_PERSON}, p.revoked FROM person p WHERE name = ?",  # noqa: S608
                (principal.name,),
            ).fetchone()
            if row is None or row[-1] is not None:
                here.add(principal, now)
                return True
            before = _principal(row[:-1])
            groups = {**before.groups, **principal.groups}
            if (before.role, before.groups) == (principal.role, groups):
                return False
            here.change(principal.name, role=principal.role, groups=groups)
            return True

    def issue_token(self, name: str, *, now: datetime, valid: timedelta) -> str:
        """Return a new one-time token for a person; what he had before is void."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        with self._register.open() as register:
            _require(register, name)
            register.execute("DELETE FROM token WHERE name = ?", (name,))
            register.execute(
                "INSERT INTO token (digest, name, ends) VALUES (?, ?, ?)",
                (_digest(token), name, (now + valid).timestamp()),
            )
        return token

    def withdraw_token(self, name: str) -> None:
        """Let a person's one-time token be used no more. PeopleError where he has none."""
        with self._register.open() as register:
            gone = register.execute("DELETE FROM token WHERE name = ? AND used IS NULL", (name,))
            if gone.rowcount == 0:
                raise NoSuch(f"{name} has no token that could be used")

    def tokens(self, now: datetime) -> list[OpenToken]:
        """Return the tokens that can be used still, what ends first first."""
        with self._register.open() as register:
            rows = register.execute(
                "SELECT name, ends FROM token WHERE used IS NULL AND ends > ? ORDER BY ends, name",
                (now.timestamp(),),
            ).fetchall()
        return [OpenToken(name=name, ends=_moment(ends)) for name, ends in rows]

    def check_token(self, name: str, token: str, now: datetime) -> str | None:
        """Return None when the token is that person's; else in a few words why not.

        A token that was used identifies its owner a little longer (GRACE), and signs nothing more.
        """
        with self._register.open() as register:
            return _why_not(register, name, token, now)

    def use_token(
        self,
        name: str,
        token: str,
        *,
        fingerprint: str,
        now: datetime,
        ends: datetime,
        device: str = "",
    ) -> None:
        """Enter the certificate that a token is given for; it is then void. PeopleError says no."""
        with self._register.open() as register:
            refused = _why_not(register, name, token, now)
            if refused is not None:
                raise PeopleError(refused)
            used = register.execute(
                "UPDATE token SET used = ? WHERE digest = ? AND used IS NULL",
                (now.timestamp(), _digest(token)),
            )
            if used.rowcount != 1:
                raise PeopleError("the token was used before")
            person = register.execute(
                "SELECT name FROM token WHERE digest = ?", (_digest(token),)
            ).fetchone()[0]
            _insert_certificate(register, person, fingerprint, now, ends, device)

    def take_in(
        self,
        principal: Principal,
        kept: str,
        *,
        fingerprint: str,
        now: datetime,
        ends: datetime,
        device: str = "",
    ) -> None:
        """Enter a certificate of a person whom another vouches for, as what he is now.

        `kept` is who he is there. PeopleError where the name is that of somebody else, where he was
        revoked, and beyond MAX_VOUCHED certificates.
        """
        with self._register.open() as register:
            here = People(self.path, RegisterWithin(register))
            row = register.execute(
                "SELECT name, vouched FROM person WHERE name = ? COLLATE NOCASE", (principal.name,)
            ).fetchone()
            if row is None:
                here.add(principal, now)
                register.execute(
                    "UPDATE person SET vouched = ? WHERE name = ?", (kept, principal.name)
                )
            elif row != (principal.name, kept):
                raise PeopleError(f"there is another client {row[0]} here")
            else:
                here.change(principal.name, role=principal.role, groups=principal.groups)
            good = register.execute(
                "SELECT count(*) FROM certificate WHERE name = ? AND revoked IS NULL AND ends > ?",
                (principal.name, now.timestamp()),
            ).fetchone()[0]
            if good >= MAX_VOUCHED:
                raise PeopleError(
                    f"{principal.name} has {good} certificates that are good: have one revoked"
                )
            _insert_certificate(register, principal.name, fingerprint, now, ends, device)

    def revoke(self, name: str, now: datetime) -> int:
        """Throw a person out, with every certificate and token; return how many certificates."""
        with self._register.open() as register:
            _require(register, name)
            at = now.timestamp()
            register.execute("UPDATE person SET revoked = ? WHERE name = ?", (at, name))
            register.execute("DELETE FROM token WHERE name = ?", (name,))
            return register.execute(
                "UPDATE certificate SET revoked = ? WHERE name = ? AND revoked IS NULL", (at, name)
            ).rowcount

    def revoke_certificate(self, fingerprint: str, now: datetime) -> str:
        """Refuse one certificate from now on; return whose it is. PeopleError: it is not there."""
        with self._register.open() as register:
            row = register.execute(
                "UPDATE certificate SET revoked = ? WHERE fingerprint = ? AND revoked IS NULL "
                "RETURNING name",
                (now.timestamp(), fingerprint),
            ).fetchone()
            if row is None:
                raise NoSuch("there is no certificate of that fingerprint to revoke")
            return str(row[0])

    def certificates(self) -> list[Certificate]:
        """Return every certificate, what ends first first."""
        with self._register.open() as register:
            rows = register.execute(_CERTIFICATES).fetchall()
        return [
            Certificate(
                fingerprint=mark,
                name=name,
                issued=_moment(issued),
                ends=_moment(ends),
                revoked=None if revoked is None else _moment(revoked),
                is_replaced=bool(replaced),
            )
            for mark, name, issued, ends, revoked, replaced in rows
        ]

    def memberships(self, now: datetime) -> list[Membership]:
        """Return everybody, by name."""
        with self._register.open() as register:
            rows = register.execute(_MEMBERSHIPS, (now.timestamp(),)).fetchall()
        return [_membership(row) for row in rows]

    def credentials(self) -> list[Credential]:
        """Return every certificate, revoked or not."""
        with self._register.open() as register:
            return _credentials(register)


class PeopleReader(RegisterReader[list[Credential]]):
    """Reads every certificate of the register again and again, revoked or not."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "people", called=_CALLED, load=_credentials)


_PERSON = "p.name, p.groups, p.role, p.exercises, p.every_exercise"

_MEMBERSHIPS = f"""
    SELECT {_PERSON}, p.added, p.revoked,
        (SELECT count(*) FROM certificate c WHERE c.name = p.name AND c.revoked IS NULL),
        (SELECT max(ends) FROM certificate c WHERE c.name = p.name AND c.revoked IS NULL),
        EXISTS (SELECT 1 FROM token t WHERE t.name = p.name AND used IS NULL AND ends > ?)
    FROM person p ORDER BY p.name COLLATE NOCASE
"""  # noqa: S608  made of constants

_REPLACED = """EXISTS (
    SELECT 1 FROM certificate l WHERE l.name = c.name AND l.device = c.device AND l.device <> ''
        AND l.revoked IS NULL AND l.issued > c.issued AND l.ends > c.ends
)"""

_CERTIFICATES = f"""
    SELECT fingerprint, c.name, issued, ends, coalesce(c.revoked, p.revoked), {_REPLACED}
    FROM certificate c JOIN person p ON p.name = c.name ORDER BY ends, c.name
"""  # noqa: S608  made of constants

_CREDENTIALS = f"""
    SELECT {_PERSON}, c.fingerprint, c.ends, coalesce(c.revoked, p.revoked), {_REPLACED}
    FROM certificate c JOIN person p ON p.name = c.name
"""  # noqa: S608  made of constants


def _row(principal: Principal) -> tuple[str, str, str, str, int]:
    groups = {name: direction.value for name, direction in principal.groups.items()}
    return (
        principal.name,
        json.dumps(groups, sort_keys=True),
        principal.role.value,
        json.dumps(sorted(principal.exercises)),
        int(principal.every_exercise),
    )


def _principal(row: Iterable[str | int]) -> Principal:
    name, groups, role, exercises, every = row
    directions: Mapping[str, int] = json.loads(str(groups))
    return Principal(
        name=str(name),
        groups=MappingProxyType({g: Direction(d) for g, d in directions.items()}),
        role=Role(role),
        exercises=frozenset(json.loads(str(exercises))),
        every_exercise=bool(every),
    )


def _membership(row: tuple[Any, ...]) -> Membership:
    *person, added, revoked, certificates, ends, has_open_token = row
    return Membership(
        principal=_principal(person),
        added=_moment(added),
        revoked=None if revoked is None else _moment(revoked),
        certificates=certificates,
        ends=None if ends is None else _moment(ends),
        has_open_token=bool(has_open_token),
    )


def _credentials(register: sqlite3.Connection) -> list[Credential]:
    rows = register.execute(_CREDENTIALS).fetchall()
    return [
        Credential(
            principal=replace(_principal(person), credential=mark, until=_moment(ends)),
            revoked=None if revoked is None else _moment(revoked),
            is_replaced=bool(replaced),
        )
        for *person, mark, ends, revoked, replaced in rows
    ]


def _insert_certificate(
    register: sqlite3.Connection,
    name: str,
    fingerprint: str,
    issued: datetime,
    ends: datetime,
    device: str,
) -> None:
    try:
        register.execute(
            "INSERT INTO certificate (fingerprint, name, issued, ends, device) "
            "VALUES (?, ?, ?, ?, ?)",
            (fingerprint, name, issued.timestamp(), ends.timestamp(), device),
        )
    except sqlite3.IntegrityError:
        raise PeopleError("this certificate is in the register already") from None


def _require(register: sqlite3.Connection, name: str) -> None:
    row = register.execute("SELECT revoked FROM person WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise NoSuch(f"there is no client {name} in the register")
    if row[0] is not None:
        raise PeopleError(f"{name} was revoked on {_moment(row[0]):%Y-%m-%d}")


def _why_not(register: sqlite3.Connection, name: str, token: str, now: datetime) -> str | None:
    row = register.execute(
        "SELECT t.name, t.ends, t.used, p.revoked FROM token t JOIN person p ON p.name = t.name "
        "WHERE t.digest = ?",
        (_digest(token),),
    ).fetchone()
    # Names are compared like passwords, and without regard to case, as TAK clients type them.
    if row is None or not hmac.compare_digest(row[0].casefold().encode(), name.casefold().encode()):
        return "unknown user or token"
    _, ends, used, revoked = row
    if revoked is not None:
        return "revoked"
    if used is not None and now.timestamp() > used + GRACE.total_seconds():
        return "the token was used before"
    return "the token has ended" if used is None and now.timestamp() > ends else None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
