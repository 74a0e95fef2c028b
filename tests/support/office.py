"""The administration of a node of its own, and a page that asks it as whom one likes."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from accord.api.office import Office
from accord.api.office_clients import OfficeClients, Reach
from accord.api.office_users import OfficeUsers
from accord.api.openapi import document
from accord.core.principal import Direction, Principal, Role
from accord.core.user import User, UserRole
from accord.security import keystore
from accord.security.authority import CertificateSettings
from accord.storage.acts import Act, Acts
from accord.storage.people import People
from accord.storage.users import Users
from support.clock import START, ManualClock
from support.page import Asking, Page
from support.schema import faults
from support.sign_in import HASH

BOSS = Principal(
    name="boss", groups={"Blue": Direction.BOTH}, role=Role.ADMINISTRATOR, credential="b" * 64
)
BLUE = {"Blue": "both"}
PATH = "/api/v1/admin"


@dataclass
class AtDesk:
    """The page, and what is behind it. kiwi may connect, moana and boss may sign in."""

    page: Page
    people: People
    users: Users
    acts: Acts
    clock: ManualClock
    directory: Path

    async def get(self, path: str, status: int = 200, who: Principal | None = BOSS) -> Any:
        """Ask for something, which must be as the interface's document has it."""
        answer = await self.page.get(f"{PATH}/{path}", who)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def does(
        self, method: str, path: str, said: object = None, status: int = 204,
        who: Principal | None = BOSS,
    ) -> Any:  # fmt: skip
        """Do something that must be answered with a status."""
        answer = await self.page.send(f"{PATH}/{path}", said or {}, who, method=method)
        assert answer.status_code == status, f"{answer.status_code} {answer.text}"
        return answer.json() if answer.text else None

    def noted(self) -> list[Act]:
        return [each.act for each in reversed(self.acts.newest())]


def described(said: object, method: str, path: str, status: int = 200) -> list[str]:
    """What in an answer is otherwise than the document says, or left undescribed."""
    whole: Any = document()
    content = whole["paths"][f"{PATH}/{path}"][method]["responses"][str(status)]["content"]
    (kind,) = content.values()
    return faults(said, kind["schema"], whole, closed=True)


@asynccontextmanager
async def at_desk(directory: Path, *, port: int | None = 8446) -> AsyncGenerator[AtDesk]:
    """The administration of a node whose register is in a directory."""
    register, clock, asking = directory / "people.sqlite", ManualClock(), Asking()
    people, users = People(register), Users(register)
    people.create()
    people.add(Principal(name="kiwi", groups={"Blue": Direction.BOTH}), START)
    ends = START + timedelta(days=40)
    people.add_certificate("kiwi", "a" * 64, issued=START, ends=ends)
    for name, role in (("moana", UserRole.WATCH), ("boss", UserRole.ADMINISTRATOR)):
        users.add(User(name=name, role=role, groups={"Red": Direction.OUT}, added=START), HASH)
    (directory / "authority").mkdir()
    (directory / keystore.AUTHORITY_KEY).write_bytes(b"a key")
    office = Office(register, asking.as_callers(), clock)
    reach = Reach(
        directory=directory,
        port=port,
        certificates=CertificateSettings(),
        host=lambda asked: f"{asked}.known",
        package=lambda name, host: f"{name} at {host}".encode(),
    )
    page = Page(
        asking,
        [
            *office.routes(),
            *OfficeUsers(office, users, least=12).routes(),
            *OfficeClients(office, people, users, reach).routes(),
        ],
    )
    yield AtDesk(page, people, users, Acts(register), clock, directory)
