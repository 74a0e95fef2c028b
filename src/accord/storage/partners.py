"""The register of partners: what is pinned of each, and who is refused.

One SQLite file, changed by the command line, read by the node while it runs.
"""

import json
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from accord.core.errors import AccordError, UsageError
from accord.core.partner import (
    WHOLE,
    Denial,
    FormerKey,
    KeyOf,
    NodeName,
    Partner,
    Profile,
    Trusted,
)
from accord.storage.register import RegisterFile, RegisterReader

PARTNERS = Path("federation/partners.sqlite")

MAX_PARTNERS = 100
"""Partners of one node: each has a process and a connection of its own."""

MAX_DENIALS = 10_000
"""Single certificates that are refused; whole partners always can be."""

_CALLED = "the register of partners"


class PartnersError(AccordError):
    """The register cannot be read or changed, or says no."""


class UnknownPartner(PartnersError, UsageError):
    """There is no such partner: a name was mistyped, and nothing was changed."""

    def __init__(self, node: str) -> None:
        super().__init__(f"there is no partner {node}")


class Partners:
    """The register in one file. Every method opens it anew, so that any thread may call."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = RegisterFile(path, "partners", called=_CALLED, fault=PartnersError)

    def prepare(self) -> None:
        """Make the file, for its owner only, where there is none, and bring it up to date."""
        try:
            self.path.parent.mkdir(exist_ok=True, mode=0o700)
            self.path.touch(mode=0o600)
        except OSError as error:
            raise PartnersError(f"cannot write {self.path}: {error.strerror}") from None
        with self._file.open():
            pass

    def trusted(self) -> Trusted:
        """Return every partner and everybody who is refused."""
        with self._file.open() as register:
            return _trusted(register)

    def add(self, partner: Partner, now: datetime) -> None:
        """Pin a partner, in place of what was pinned of that node; nothing of it is refused then.

        PartnersError when another partner has its trust domain.
        """
        with self._file.open() as register:
            others = register.execute(
                "SELECT node, trust_domain FROM partner WHERE node <> ?", (partner.node,)
            ).fetchall()
            for node, domain in others:
                if domain == partner.trust_domain:
                    raise PartnersError(f"{node} has the trust domain {domain} already")
            taken = "SELECT 1 FROM tak_partner WHERE node = ?"
            if register.execute(taken, (partner.node,)).fetchone():
                raise PartnersError(f"{partner.node} is the name of a TAK server that is a partner")
            if len(others) >= MAX_PARTNERS:
                raise PartnersError(f"there are {MAX_PARTNERS} partners, which is the limit")
            register.execute("DELETE FROM denial WHERE node = ?", (partner.node,))
            _insert(register, partner, now)

    def succeed(self, partner: Partner, now: datetime) -> None:
        """Take a known partner's new keys, as it signed them; who is refused stays refused."""
        with self._file.open() as register:
            _require(register, partner.node)
            _insert(register, partner, now)

    def take_succession(self, known: Partner, new: Partner, now: datetime) -> None:
        """Take keys that succeed those of `known`, where that is still what is pinned.

        PartnersError: it is refused, or was changed meanwhile.
        """
        with self._file.open() as register:
            trusted = _trusted(register)
            if known not in trusted.partners or trusted.denied(known.name):
                raise PartnersError(f"{known.node} is refused, or was changed meanwhile")
            _insert(register, new, now)

    def begin_ledger(self, node: str, number: int) -> None:
        """Cosign from now on another of the ledgers that a partner keeps for this node."""
        with self._file.open() as register:
            _require(register, node)
            done = register.execute(
                "UPDATE partner SET ledger = ?1 WHERE node = ?2 AND ledger < ?1", (number, node)
            )
            if done.rowcount != 1:
                raise PartnersError(f"ledger {number} of {node} is none that follows")

    def remove(self, node: str, now: datetime) -> None:
        """Forget what is pinned of a partner, and refuse it by its name."""
        with self._file.open() as register:
            name = _require(register, node)
            _deny(register, name, WHOLE, now)
            register.execute("DELETE FROM partner WHERE node = ?", (node,))
            register.execute("DELETE FROM former_key WHERE node = ?", (node,))

    def deny(self, node: str, serial: str, now: datetime) -> None:
        """Refuse a partner, or one certificate of it by its serial number; it stays pinned."""
        with self._file.open() as register:
            _deny(register, _require(register, node), serial, now)

    def allow(self, node: str, serial: str) -> None:
        """Refuse no longer what `deny` refused."""
        with self._file.open() as register:
            name = _require(register, node)
            done = register.execute(
                "DELETE FROM denial WHERE trust_domain = ? AND node = ? AND serial = ?",
                (name.trust_domain, name.node, serial),
            )
            if done.rowcount != 1:
                raise PartnersError(f"{_spell(node, serial)} is not refused")


class PartnersReader(RegisterReader[Trusted]):
    """Reads every partner and everybody who is refused again and again."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "partners", called=_CALLED, load=_trusted)


def _spell(node: str, serial: str) -> str:
    return f"certificate {serial} of {node}" if serial else node


def _require(register: sqlite3.Connection, node: str) -> NodeName:
    row = register.execute("SELECT trust_domain FROM partner WHERE node = ?", (node,)).fetchone()
    if row is None:
        raise UnknownPartner(node)
    return NodeName(row[0], node)


def _deny(register: sqlite3.Connection, name: NodeName, serial: str, now: datetime) -> None:
    count = register.execute("SELECT count(*) FROM denial WHERE serial <> ''").fetchone()[0]
    if serial and count >= MAX_DENIALS:
        raise PartnersError(
            f"{MAX_DENIALS} certificates are refused, which is the limit; refuse the partner whole"
        )
    register.execute(
        "INSERT OR IGNORE INTO denial (trust_domain, node, serial, at) VALUES (?, ?, ?, ?)",
        (name.trust_domain, name.node, serial, now.timestamp()),
    )


_COLUMNS = (
    "node, trust_domain, profile, authority, party_key, release_key, ledger_key, made, addresses, "
    "former, former_until, ledger"
)


def _insert(register: sqlite3.Connection, partner: Partner, now: datetime) -> None:
    until = partner.former_until
    register.execute(
        f"INSERT OR REPLACE INTO partner ({_COLUMNS}, added) "  # noqa: S608  made of constants
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            partner.node,
            partner.trust_domain,
            partner.profile.value,
            partner.authority,
            partner.party_key,
            partner.release_key,
            partner.ledger_key,
            partner.made.timestamp(),
            json.dumps(partner.addresses),
            partner.former,
            None if until is None else until.timestamp(),
            partner.ledger,
            now.timestamp(),
        ),
    )
    register.execute("DELETE FROM former_key WHERE node = ?", (partner.node,))
    register.executemany(
        "INSERT INTO former_key VALUES (?, ?, ?, ?, ?, ?)",
        [
            (partner.node, place, it.of, it.key, it.succeeded.timestamp(), it.until.timestamp())
            for place, it in enumerate(partner.history)
        ],
    )


def _trusted(register: sqlite3.Connection) -> Trusted:
    partners = register.execute(
        f"SELECT {_COLUMNS} FROM partner ORDER BY node"  # noqa: S608  made of constants
    ).fetchall()
    history: dict[str, list[FormerKey]] = {}
    for node, of, key, succeeded, ends in register.execute(
        "SELECT node, purpose, key, succeeded, until FROM former_key ORDER BY node, place"
    ):
        history.setdefault(node, []).append(
            FormerKey(of=KeyOf(of), key=key, succeeded=_moment(succeeded), until=_moment(ends))
        )
    denials = register.execute(
        "SELECT trust_domain, node, serial, at FROM denial ORDER BY node, trust_domain, serial"
    ).fetchall()
    return Trusted(
        partners=tuple(_partner(row, history.get(row[0], ())) for row in partners),
        denials=tuple(
            Denial(name=NodeName(domain, node), serial=serial, at=_moment(at))
            for domain, node, serial, at in denials
        ),
    )


def _partner(row: Sequence[Any], history: Sequence[FormerKey]) -> Partner:
    node, domain, profile, authority, party, release, ledger, made, addresses, *former = row
    before, until, ledger_number = former
    return Partner(
        node=node,
        trust_domain=domain,
        profile=Profile(profile),
        authority=authority,
        party_key=party,
        release_key=release,
        ledger_key=ledger,
        made=_moment(made),
        addresses=tuple(json.loads(addresses)),
        former=before,
        former_until=None if until is None else _moment(until),
        history=tuple(history),
        ledger=ledger_number,
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
