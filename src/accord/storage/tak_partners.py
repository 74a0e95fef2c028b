"""The part of the register of partners that holds TAK servers; the same file as the others."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from accord.core.errors import AccordError
from accord.core.tak_partner import TakPartner, TakVersion
from accord.storage.partners import MAX_PARTNERS, PartnersError, UnknownPartner
from accord.storage.register import RegisterFile, RegisterReader

_CALLED = "the register of partners"


@dataclass(frozen=True, slots=True)
class KnownTak:
    """Which TAK servers are partners, and which of them are refused all the same."""

    partners: tuple[TakPartner, ...] = ()
    denied: frozenset[str] = frozenset()

    @property
    def admitted(self) -> tuple[TakPartner, ...]:
        """Those that are not refused."""
        return tuple(each for each in self.partners if each.node not in self.denied)

    def partner(self, node: str) -> TakPartner | None:
        """Return what is pinned of one; None where there is none of that name."""
        return next((each for each in self.partners if each.node == node), None)


class TakPartners:
    """TAK servers in one file, which is opened anew for each change."""

    def __init__(self, path: Path) -> None:
        self._file = RegisterFile(path, "partners", called=_CALLED, fault=PartnersError)

    def known(self) -> KnownTak:
        """Return every TAK server that is a partner."""
        with self._file.open() as register:
            return _known(register)

    def add(self, partner: TakPartner) -> None:
        """Pin a TAK server, in place of what was pinned of that name; it is not refused then.

        PartnersError: a node of Accord has that name, or there are as many as there may be.
        """
        with self._file.open() as register:
            taken = "SELECT 1 FROM partner WHERE node = ?"
            if register.execute(taken, (partner.node,)).fetchone():
                raise PartnersError(f"{partner.node} is a node of Accord, and a partner as such")
            others = "SELECT count(*) FROM tak_partner WHERE node <> ?"
            if register.execute(others, (partner.node,)).fetchone()[0] >= MAX_PARTNERS:
                raise PartnersError(f"there are {MAX_PARTNERS} TAK servers, which is the limit")
            _insert(register, partner)

    def remove(self, node: str) -> None:
        """Forget a TAK server. UnknownPartner where there is none of that name."""
        self._change("DELETE FROM tak_partner WHERE node = ?", node)

    def deny(self, node: str) -> None:
        """Refuse a TAK server; it stays pinned. UnknownPartner."""
        self._change("UPDATE tak_partner SET denied = 1 WHERE node = ?", node)

    def allow(self, node: str) -> None:
        """Refuse it no longer. UnknownPartner."""
        self._change("UPDATE tak_partner SET denied = 0 WHERE node = ?", node)

    def _change(self, statement: str, node: str) -> None:
        with self._file.open() as register:
            if register.execute(statement, (node,)).rowcount != 1:
                raise UnknownPartner(node)


class TakPartnersReader(RegisterReader[KnownTak]):
    """Reads every TAK server again and again."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "partners", called=_CALLED, load=_known)


_COLUMNS = (
    "node, authorities, fingerprint, version, dial, listen, said_into, mapping, max_hops, made"
)


def _insert(register: sqlite3.Connection, it: TakPartner) -> None:
    register.execute(
        f"INSERT OR REPLACE INTO tak_partner ({_COLUMNS}) "  # noqa: S608  made of constants
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            it.node, _pem(it.authorities), it.fingerprint, it.version.value, it.dial, it.listen,
            json.dumps(it.groups), json.dumps(it.mapping), it.max_hops, it.made.timestamp(),
        ),
    )  # fmt: skip


def _known(register: sqlite3.Connection) -> KnownTak:
    rows = register.execute(
        f"SELECT {_COLUMNS}, denied FROM tak_partner ORDER BY node"  # noqa: S608  made of constants
    ).fetchall()
    return KnownTak(
        partners=tuple(_partner(row[:-1]) for row in rows),
        denied=frozenset(row[0] for row in rows if row[-1]),
    )


def _partner(row: Sequence[Any]) -> TakPartner:
    node, authorities, fingerprint, version, dial, listen, groups, mapping, hops, made = row
    return TakPartner(
        node=node,
        authorities=tuple(read_authorities(authorities)),
        fingerprint=fingerprint,
        version=TakVersion(version),
        dial=dial,
        listen=listen,
        groups=tuple(json.loads(groups)),
        mapping=tuple((there, here) for there, here in json.loads(mapping)),
        max_hops=hops,
        made=datetime.fromtimestamp(made, UTC),
    )


def read_authorities(pem: bytes) -> list[bytes]:
    """Return the certificates (DER) of a PEM text, at least one. AccordError says what is wrong."""
    try:
        found = x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise AccordError(f"it holds no PEM certificate: {error}") from None
    return [each.public_bytes(Encoding.DER) for each in found]


def _pem(authorities: tuple[bytes, ...]) -> bytes:
    found = (x509.load_der_x509_certificate(each) for each in authorities)
    return b"".join(each.public_bytes(Encoding.PEM) for each in found)
