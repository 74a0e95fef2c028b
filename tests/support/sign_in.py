"""Accounts of a register of its own, and what asks an application as a browser does."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send

from accord.api.accounts import Accounts
from accord.api.caller import PEER_CERTIFICATE, Callers
from accord.api.directory import DirectoryDesk
from accord.api.problem import Problem, failed, refused
from accord.core.principal import Direction, Principal, Role
from accord.core.user import User, UserRole
from accord.observe.log import Log
from accord.security.accounts import AccountSettings
from accord.storage.people import People
from accord.storage.users import RollReader, Users
from support.clock import START, ManualClock

PASSWORD = "correct horse battery staple"
HASH = Argon2id(
    salt=b"sixteen bytes 16", length=32, iterations=1, lanes=1, memory_cost=8
).derive_phc_encoded(PASSWORD.encode())
"""What is kept of it, but with the least work that RFC 9106 allows, so that tests are quick."""

NODE = "NZL-X"
HOST = "node:8443"
OWN_PAGE = {"origin": f"https://{HOST}", "content-type": "application/json"}
"""What a browser sends when a page of the node changes something."""

CHIEF, KIWI, SCREEN, REVOKED = b"chief", b"kiwi", b"screen", b"revoked"
BLUE = {"Blue": Direction.BOTH}
BY_CERTIFICATE = {
    CHIEF: Principal(name="chief", role=Role.ADMINISTRATOR, groups=BLUE, credential="c"),
    KIWI: Principal(name="kiwi-1", groups=BLUE, credential="k"),
    SCREEN: Principal(name="screen", role=Role.READ_ONLY, groups=BLUE, credential="s"),
}


def admit(certificate: bytes) -> Principal | str:
    return BY_CERTIFICATE.get(certificate, "revoked")


def why_gone(principal: Principal) -> str | None:
    return None if principal.name != "kiwi-1" else "revoked"


@dataclass(frozen=True)
class Desk:
    """A register with moana in it, who may sign in with PASSWORD."""

    users: Users
    accounts: Accounts
    callers: Callers
    clock: ManualClock

    def add(self, name: str, role: UserRole = UserRole.WATCH, **more: Any) -> None:
        values = {"groups": BLUE, "added": START, **more}
        self.users.add(User(name=name, role=role, **values), HASH)


def a_desk(directory: Path, elsewhere: DirectoryDesk | None = None, **settings: Any) -> Desk:
    path, clock = directory / "people.sqlite", ManualClock()
    if not path.exists():
        People(path).create()
        Users(path).add(User(name="moana", role=UserRole.WATCH, groups=BLUE, added=START), HASH)
    users = Users(path)
    given = AccountSettings(**settings)
    accounts = Accounts(
        users, RollReader(path), given, clock=clock, log=Log(clock), directory=elsewhere
    )
    callers = Callers(accounts, node=NODE, admit=admit, why_gone=why_gone)
    return Desk(users, accounts, callers, clock)


def answering(routes: Sequence[BaseRoute]) -> Starlette:
    handlers = {Problem: refused, HTTPException: refused, Exception: failed}
    return Starlette(routes=list(routes), exception_handlers=handlers)


def a_browser(
    served: Starlette, *, certificate: bytes | None = None, host: str = "192.0.2.1"
) -> httpx.AsyncClient:
    """A browser that keeps its cookies."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"] = {PEER_CERTIFICATE: certificate}
        await served(scope, receive, send)

    transport = httpx.ASGITransport(application, client=(host, 40000), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=f"https://{HOST}")
