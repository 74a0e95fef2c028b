"""Who may sign in with a password, who has, and until when; as of the last look at the register."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from accord.api.directory import DirectoryDesk
from accord.api.problem import Problem
from accord.core.clock import Clock
from accord.core.principal import Principal
from accord.core.user import Session, User, key_of
from accord.observe.health import ServiceStatus
from accord.observe.log import Log
from accord.security.accounts import AccountSettings, mark_of, new_token, why_ended
from accord.security.lockout import Lockout
from accord.security.password import NOBODYS, PasswordThread, TooManyWait, is_own, is_right
from accord.storage.people import PeopleError, PeopleFault
from accord.storage.users import Account, Roll, RollReader, Users

WAITING = 16
"""Passwords that may wait while one is looked at."""

NOTE_EVERY = 300.0
"""Seconds between notes in the register of when sessions were used: each makes all be read anew."""

WRONG = "wrong name or password"
SIGNED_OUT = "not signed in, or signed out meanwhile"
CHANGED = "the account was changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Somebody who has just signed in; `token` is his browser's cookie."""

    token: str
    session: Session
    principal: Principal


class Accounts:
    """Signs people in and out, and knows them by their cookie. For one event loop."""

    def __init__(
        self,
        users: Users,
        reader: RollReader,
        settings: AccountSettings,
        *,
        clock: Clock,
        log: Log,
        directory: DirectoryDesk | None = None,
    ) -> None:
        self.refused: Counter[str] = Counter()
        self._directory = directory
        self._users = users
        self._reader = reader
        self._settings = settings
        self._clock = clock
        self._log = log
        self._lockout = Lockout(failures=settings.failures, span=settings.lockout.total_seconds())
        self._passwords = PasswordThread(waiting=WAITING)
        self._roll = Roll(accounts={}, sessions={})
        self._used: dict[str, datetime] = {}
        self.look()
        for session in self._roll.sessions.values():
            self._lockout.knows(session.key, session.address)

    @property
    def counts(self) -> Counter[str]:
        """Why people were not signed in, and how often."""
        asked = 0 if self._directory is None else self._directory.refused
        busy = Counter({"too many at once": self._passwords.refused + asked})
        return self.refused + self._lockout.counts + busy

    @property
    def longest(self) -> timedelta:
        """For how long one is signed in at most."""
        return self._settings.session_longest

    def people(self) -> Iterator[Principal]:
        """Yield everybody who has an account."""
        return (each.user.principal for each in self._roll.accounts.values())

    def knows(self, name: str) -> bool:
        """Tell whether somebody of exactly that name may sign in."""
        account = self._roll.accounts.get(key_of(name))
        return account is not None and account.user.name == name

    def look(self) -> None:
        """Read the register again where it has changed."""
        roll = self._reader.read()
        if roll is not None:
            self._roll = roll
            self._used = {m: used for m, used in self._used.items() if m in roll.sessions}

    async def sign_in(self, name: str, password: str, address: str) -> SignedIn:
        """Sign somebody in. Problem 401 where that is not his password, 429 after many failures.

        A name that is not there and one that is locked take as long as any other, and answer alike.
        Who has no password here is asked for in the directory, where there is one; 503: not now.
        """
        key = self._attempt(name, address)
        account = self._roll.accounts.get(key)
        if self._directory is None or (account is not None and is_own(account.hash)):
            return await self._by_password(account, key, password, address)
        return await self._by_directory(self._directory, name, password, address)

    def _attempt(self, name: str, address: str) -> str:
        """Count a try, and return the key of the name. Problem 429 after many failures."""
        key = key_of(name)
        wait = self._lockout.attempt(key, address, self._clock.monotonic())
        if wait > 0:
            said = f"too many failures; try again in {ceil(wait)} s"
            raise Problem(429, said, headers={"Retry-After": str(ceil(wait))})
        self.look()
        return key

    async def _by_password(
        self, account: Account | None, key: str, password: str, address: str
    ) -> SignedIn:
        kept = NOBODYS if account is None else account.hash
        try:
            is_his = await self._passwords.run(lambda: is_right(password, kept))
        except TooManyWait as error:
            self._lockout.take_back(key, address)
            raise Problem(503, str(error)) from None
        why = self._why_refused(account, is_his=is_his)
        if account is None or why is not None:
            raise self._refusal(why or WRONG, address)
        self._lockout.passed(key, address)
        return await self._begin(account, address)

    async def _by_directory(
        self, directory: DirectoryDesk, name: str, password: str, address: str
    ) -> SignedIn:
        account = await self._vouched(directory, name, password, address)
        return await self._begin(account, address)

    async def _vouched(
        self, directory: DirectoryDesk, name: str, password: str, address: str
    ) -> Account:
        key = key_of(name)
        try:
            found = await directory.user(name, password)
            account = None if isinstance(found, str) else await self._taken_in(*found)
        except Problem:
            self._lockout.take_back(key, address)
            raise
        if isinstance(found, str):
            raise self._refusal(found, address)
        if account is None or account.user.locked is not None:
            raise self._refusal("locked", address)
        self._lockout.passed(key, address)
        return account

    async def vouched(self, name: str, password: str, address: str) -> Account:
        """Return somebody whom the directory knows, without a session of his.

        Problem as for `sign_in`; 401 also where there is no directory, and for who has a password
        here.
        """
        key = self._attempt(name, address)
        account = self._roll.accounts.get(key)
        if self._directory is None or (account is not None and is_own(account.hash)):
            raise self._refusal(WRONG, address)
        return await self._vouched(self._directory, name, password, address)

    def _refusal(self, why: str, address: str) -> Problem:
        self.refused[why] += 1
        self._log.burst("not signed in", reason=why, address=address)
        return Problem(401, WRONG)

    def _why_refused(self, account: Account | None, *, is_his: bool) -> str | None:
        if account is None:
            return "unknown name"
        if not is_his:
            return "wrong password"
        return None if account.user.locked is None else "locked"

    async def _begin(self, account: Account, address: str) -> SignedIn:
        token, now, user = new_token(), self._clock.now(), account.user
        session = Session(
            mark=mark_of(token), key=key_of(user.name), begun=now, used=now, address=address
        )
        try:
            await asyncio.to_thread(self._users.begin, session, account.hash)
        except PeopleError as error:
            raise Problem(503, str(error)) from None
        self.look()
        self._log.event("signed in", name=user.name, address=address)
        return SignedIn(token=token, session=session, principal=user.principal)

    async def sign_in_known(self, user: User, kept: str, address: str) -> str:
        """Sign in somebody whom another vouches for, as what he is now; return his cookie.

        `kept` says who he is there. Problem 403 where he is locked, 409: the name is another's.
        """
        account = await self._taken_in(user, kept)
        if account is None or account.user.locked is not None:
            self.refused["locked"] += 1
            raise Problem(403, f"{user.name} may not sign in")
        return (await self._begin(account, address)).token

    async def _taken_in(self, user: User, kept: str) -> Account | None:
        try:
            await asyncio.to_thread(self._users.take_in, user, kept)
        except PeopleFault as error:
            raise Problem(503, str(error)) from None
        except PeopleError as error:
            raise Problem(409, str(error)) from None
        self.look()
        return self._roll.accounts.get(key_of(user.name))

    async def sign_out(self, mark: str) -> None:
        """End a session."""
        try:
            await asyncio.to_thread(self._users.end, mark)
        except PeopleError as error:
            raise Problem(503, str(error)) from None
        self.look()

    def session_of(self, token: str) -> tuple[str, Principal] | str:
        """Return the mark of the session of a cookie and whose it is, or why there is none."""
        mark = mark_of(token)
        if mark not in self._roll.sessions:
            self.look()
        return self._use(mark)

    def why_gone(self, mark: str, principal: Principal) -> str | None:
        """Return why somebody who was signed in is not any more; to ask is to use the session."""
        found = self._use(mark)
        if isinstance(found, str):
            return found
        return None if found[1] == principal else CHANGED

    def _use(self, mark: str) -> tuple[str, Principal] | str:
        kept, now = self._roll.sessions.get(mark), self._clock.now()
        account = None if kept is None else self._roll.accounts.get(kept.key)
        if kept is None or account is None or account.user.locked is not None:
            return SIGNED_OUT
        ended = why_ended(self._session(mark, kept), now, self._settings)
        if ended is not None:
            return ended
        self._used[mark] = now
        return mark, account.user.principal

    def _session(self, mark: str, kept: Session) -> Session:
        return replace(kept, used=max(kept.used, self._used.get(mark, kept.used)))

    def services(self) -> Sequence[ServiceStatus]:
        """Return how the directory is, where there is one."""
        return () if self._directory is None else (self._directory.status,)

    async def keep_looking(self) -> None:
        """See again and again whether the directory can be asked, where there is one."""
        if self._directory is not None:
            await self._directory.keep_looking()

    async def keep_noting(self) -> None:
        """Note again and again when sessions were used, so that a restart signs nobody out."""
        while True:
            await asyncio.sleep(NOTE_EVERY)
            uses, over = self._to_note()
            await asyncio.to_thread(self._note, uses, over)

    def _to_note(self) -> tuple[dict[str, datetime], frozenset[str]]:
        """Return the uses that the register does not know of, and the sessions that are over."""
        now, uses, over = self._clock.now(), dict[str, datetime](), set[str]()
        for mark, kept in self._roll.sessions.items():
            session = self._session(mark, kept)
            if why_ended(session, now, self._settings) is not None:
                over.add(mark)
            elif session.used > kept.used:
                uses[mark] = session.used
        return uses, frozenset(over)

    def _note(self, uses: Mapping[str, datetime], over: frozenset[str]) -> None:
        if not uses and not over:
            return
        try:
            self._users.note_uses(uses, over)
        except PeopleError as error:
            self._log.burst("uses of sessions not noted", reason=str(error))

    def close(self) -> None:
        """Note the last uses, and sign nobody in any more."""
        self._passwords.close()
        if self._directory is not None:
            self._directory.close()
        self._note(*self._to_note())
        self._reader.close()
