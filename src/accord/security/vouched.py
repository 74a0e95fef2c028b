"""Who another than this node vouches for, and what he is here by his groups there."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from accord.core.errors import AccordError
from accord.core.naming import read_group
from accord.core.principal import Direction, Group
from accord.core.user import UserRole


class NotVouched(AccordError):
    """Nobody is signed in; the text says why, and nothing that is secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupThere:
    """What a group there is here."""

    role: str = field(
        default=UserRole.VIEWER.value, metadata={"doc": "viewer, watch or administrator"}
    )
    groups: tuple[str, ...] = field(
        default=(), metadata={"doc": 'groups of the node, such as ["Blue", "Red:out"]'}
    )

    def __post_init__(self) -> None:
        if self.role not in list(UserRole):
            raise ValueError(f"role is one of {', '.join(UserRole)}")
        if not self.groups:
            raise ValueError("groups is empty: who is in this group would see nothing")
        for each in self.groups:
            read_group(each)


@dataclass(frozen=True, slots=True, kw_only=True)
class Somebody:
    """Who it is there. `subject` is what he is known by for ever."""

    subject: str
    name: str
    groups: tuple[str, ...]


def standing(
    somebody: Somebody, known: Mapping[str, GroupThere]
) -> tuple[UserRole, dict[Group, Direction]]:
    """Return what somebody is here by his groups there. NotVouched where he is nothing."""
    mine = [known[name] for name in somebody.groups if name in known]
    if not mine:
        raise NotVouched(f"{somebody.name} is in no group that this node knows")
    roles = {UserRole(each.role) for each in mine}
    role = max(roles, key=list(UserRole).index)
    groups: dict[Group, Direction] = {}
    for name, direction in (read_group(text) for each in mine for text in each.groups):
        groups[name] = groups.get(name, direction) | direction
    return role, groups
