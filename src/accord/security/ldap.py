"""Who somebody is by the word of a directory (LDAP): found by name, known by his password there."""

import ssl
from collections.abc import Generator, Sequence
from contextlib import contextmanager

from accord.core.naming import check_person
from accord.core.user import key_of
from accord.security.ldap_connection import Connection, LdapFault
from accord.security.ldap_messages import NOT_ADMITTED, SUCCESS, Answer, Search
from accord.security.ldap_settings import LdapSettings
from accord.security.password import MAX_PASSWORD
from accord.security.vouched import Somebody

WITHIN = 8.0
"""Seconds for one connection to the directory, with all that is asked over it."""

MAX_GROUPS = 500
"""Groups of one person; beyond, he is not signed in."""


class Directory:
    """One directory. It waits for the network: for threads."""

    def __init__(
        self, settings: LdapSettings, *, password: str, tls: ssl.SSLContext, within: float = WITHIN
    ) -> None:
        self._settings = settings
        self._password = password
        self._tls = tls
        self._within = within

    def somebody(self, name: str, password: str) -> Somebody | None:
        """Return whose name and password these are, None where they are nobody's.

        LdapFault: the directory cannot be asked, or answers what cannot be. No password, and one
        that would be cut off at its first zero, are nobody's: they would bind as nobody.
        """
        if not _is_password(password) or not _is_name(name):
            return None
        with self._opened() as directory:
            entry = self._entry_of(directory, name)
            if entry is None or not self._is_his(entry.dn, password):
                return None
            groups = directory.search(
                self._under(self._settings.groups, self._settings.member_attribute, entry.dn,
                            [self._settings.group_attribute], most=MAX_GROUPS)
            )  # fmt: skip
        return self._somebody(entry, groups)

    def look(self) -> None:
        """See that it can be asked, and takes this node. LdapFault where not."""
        with self._opened():
            pass

    @contextmanager
    def _opened(self) -> Generator[Connection, None, None]:
        """Give a connection on which this node is known."""
        with Connection(self._settings.url, self._tls, within=self._within) as connection:
            answer = connection.bind(self._settings.name, self._password)
            if answer.code != SUCCESS:
                raise LdapFault(
                    f"the directory does not take name and password_file of [ldap]: {answer.code} "
                    f"{answer.text}"
                )
            yield connection

    def _entry_of(self, directory: Connection, name: str) -> Answer | None:
        settings = self._settings
        wanted = [settings.name_attribute, settings.subject_attribute]
        found = directory.search(
            self._under(settings.people, settings.name_attribute, name, wanted, most=2)
        )
        if len(found) > 1:
            raise LdapFault(f"the directory has more than one {name}")
        # It compares in a way of its own, which need not be ours.
        return found[0] if found and key_of(self._name(found[0])) == key_of(name) else None

    def _is_his(self, dn: str, password: str) -> bool:
        url, tls = self._settings.url, self._tls
        with Connection(url, tls, within=self._within) as connection:
            answer = connection.bind(dn, password) if dn else None
        if answer is not None and answer.code not in {SUCCESS, *NOT_ADMITTED}:
            raise LdapFault(f"the directory looks at no password: {answer.code} {answer.text}")
        return answer is not None and answer.code == SUCCESS

    def _under(
        self, base: str, attribute: str, value: str, wanted: Sequence[str], *, most: int
    ) -> Search:
        return Search(
            base=base, attribute=attribute, value=value, wanted=wanted, most=most,
            seconds=max(1, int(self._within)),
        )  # fmt: skip

    def _name(self, entry: Answer) -> str:
        return _text(_first(entry, self._settings.name_attribute))

    def _somebody(self, entry: Answer, groups: Sequence[Answer]) -> Somebody:
        subject, name = _first(entry, self._settings.subject_attribute), self._name(entry)
        if not subject:
            raise LdapFault(f"the directory does not tell {self._settings.subject_attribute}")
        names = [_text(_first(each, self._settings.group_attribute)) for each in groups]
        return Somebody(subject=subject.hex(), name=name, groups=tuple(filter(None, names)))


def _is_password(password: str) -> bool:
    return bool(password) and "\0" not in password and len(password.encode()) <= MAX_PASSWORD


def _is_name(name: str) -> bool:
    try:
        check_person(name)
    except ValueError:
        return False
    return True


def _first(entry: Answer, attribute: str) -> bytes:
    return next(iter(entry.attributes.get(attribute.lower(), ())), b"")


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return ""
