"""Signing in by a directory (LDAP): people of the register by its word, asked in threads."""

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from accord.api.problem import Problem
from accord.api.workers import Workers
from accord.core.clock import Clock
from accord.core.errors import UsageError
from accord.core.naming import NOT_IN_NAMES, check_person
from accord.core.user import User
from accord.observe.health import ServiceStatus
from accord.observe.log import Log
from accord.security.ldap_settings import LdapGroup, LdapSettings
from accord.security.vouched import NotVouched, Somebody, standing

AT_ONCE, WAITING = 4, 32
"""Questions at one time, each of at most two connections of 8 s, and those that may wait."""

LOOK_EVERY = 60.0
"""Seconds from one look at whether it can be asked to the next."""

UNASKED = "the directory cannot be asked"
WRONG_THERE = "wrong name or password in the directory"
NO_NAME = f"a name that nobody can have here: none of {' '.join(NOT_IN_NAMES)}, at most 64 bytes"
NO_GROUP = "in no group of [ldap_group]"


class DirectoryDesk:
    """Knows people by their names and passwords in a directory. For one event loop."""

    def __init__(
        self,
        settings: LdapSettings,
        groups: Mapping[str, LdapGroup],
        *,
        directory: Path,
        clock: Clock,
        log: Log,
    ) -> None:
        """UsageError: the extra is missing, or a file of the settings cannot be read."""
        try:
            from accord.security.ldap import Directory
        except ImportError as error:
            raise UsageError(
                f"[ldap] is set, and {error.name} is not installed here: pip install 'accord[ldap]'"
            ) from None
        password, tls = _files(settings, directory)
        self._asked = Directory(settings, password=password, tls=tls)
        self._url = settings.url
        self._groups = groups
        self._clock = clock
        self._log = log
        self._workers = Workers("the directory", threads=AT_ONCE, waiting=WAITING)
        self._trouble = ""
        self._since: datetime | None = None
        self._doubted = asyncio.Event()

    async def user(self, name: str, password: str) -> tuple[User, str] | str:
        """Return whose these are, with what is kept of him; or in a few words why nobody's.

        Problem 503: the directory cannot be asked. It is not where nobody here can be called so.
        """
        try:
            check_person(name)
        except ValueError:
            return NO_NAME
        try:
            found = await self._workers.run(lambda: self._asked.somebody(name, password))
        except NotVouched as fault:
            self._log.burst(UNASKED, reason=str(fault))
            self._doubted.set()
            raise Problem(503, f"{UNASKED} now; people of this node itself can sign in") from None
        if found is None:
            return WRONG_THERE
        return self._here(found)

    @property
    def status(self) -> ServiceStatus:
        """How it was when it was looked at last."""
        return ServiceStatus(
            what="directory", address=self._url, trouble=self._trouble, since=self._since
        )

    async def keep_looking(self) -> None:
        """See again and again whether it can be asked, and at once where somebody could not."""
        while True:
            await self.look()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._doubted.wait(), LOOK_EVERY)
            self._doubted.clear()

    async def look(self) -> None:
        """See whether it can be asked, and note since when not."""
        try:
            await self._workers.run(self._asked.look)
        except NotVouched as fault:
            if not self._trouble:
                self._since = self._clock.now()
                self._log.trouble(UNASKED, reason=str(fault))
            self._trouble = str(fault)
        except Problem:
            pass  # so much is asked of it that this is not the time to look
        else:
            if self._trouble:
                self._log.event("the directory can be asked again")
            self._trouble, self._since = "", None

    def _here(self, found: Somebody) -> tuple[User, str] | str:
        try:
            role, groups = standing(found, self._groups)
        except NotVouched:
            self._log.burst("not signed in", name=found.name, reason=NO_GROUP)
            return NO_GROUP
        user = User(name=found.name, role=role, groups=groups, added=self._clock.now())
        return user, f"ldap {self._url} {found.subject}"

    @property
    def refused(self) -> int:
        """How many questions were refused because too many waited."""
        return self._workers.refused

    def close(self) -> None:
        """Ask nothing more."""
        self._workers.close()


def _files(settings: LdapSettings, directory: Path) -> tuple[str, ssl.SSLContext]:
    try:
        password = (directory / settings.password_file).read_text("utf-8").rstrip("\r\n")
        tls = ssl.create_default_context(cafile=directory / settings.authority_file)
    except (OSError, ValueError) as error:
        raise UsageError(f"[ldap]: a file of it cannot be read: {error}") from None
    if not password:
        raise UsageError("[ldap]: password_file is empty")
    return password, tls
