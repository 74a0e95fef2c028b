"""A person who signs in to the page with a name and a password."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from accord.core.principal import Direction, Group, Principal, Role


class UserRole(StrEnum):
    """What somebody may do on the page."""

    VIEWER = "viewer"
    """Look."""
    WATCH = "watch"
    """Also speak, draw, acknowledge."""
    ADMINISTRATOR = "administrator"
    """Also change the node."""

    @classmethod
    def of(cls, role: Role) -> "UserRole":
        """Return what a principal of that role may do on the page."""
        return _OF[role]

    @property
    def role(self) -> Role:
        """The role that the rest of the node knows."""
        return _ROLES[self]


_ROLES = {
    UserRole.VIEWER: Role.READ_ONLY,
    UserRole.WATCH: Role.MEMBER,
    UserRole.ADMINISTRATOR: Role.ADMINISTRATOR,
}
_OF = {role: said for said, role in _ROLES.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """One person, as the register has him. `locked` is since when he may not sign in."""

    name: str
    role: UserRole
    groups: Mapping[Group, Direction]
    added: datetime
    exercises: frozenset[str] = frozenset()
    every_exercise: bool = False
    last_sign_in: datetime | None = None
    locked: datetime | None = None

    @property
    def principal(self) -> Principal:
        """What he may see and say, as for anybody else of the nation."""
        return Principal(
            name=self.name,
            groups=self.groups,
            role=self.role.role,
            exercises=self.exercises,
            every_exercise=self.every_exercise,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One browser that is signed in; `mark` is of its cookie, `key` the user's name as compared."""

    mark: str = field(repr=False)
    key: str
    begun: datetime
    used: datetime
    address: str


def key_of(name: str) -> str:
    """Return what names are compared by: without regard to case and to how letters are composed."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
