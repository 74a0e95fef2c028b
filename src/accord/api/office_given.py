"""What an administrator gives somebody, a client or a user: role, groups and exercises."""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Generic, TypeVar, cast

from accord.api.body import list_in
from accord.api.office import MAX_NAME
from accord.api.problem import Problem
from accord.core.naming import is_group, is_name, spell_groups
from accord.core.principal import Direction, Group

R = TypeVar("R", bound=StrEnum)

MAX_GROUPS = 200
"""Groups, or exercises, that one person may be given."""

MEMBERSHIP = ("role", "groups", "exercises", "every_exercise")
"""What is said of what somebody may see and say."""


@dataclass(frozen=True, slots=True)
class Given(Generic[R]):
    """What somebody is given; None where it is not said."""

    role: R | None
    groups: MappingProxyType[Group, Direction] | None
    exercises: frozenset[str] | None
    every_exercise: bool

    def in_words(self, *, is_new: bool) -> str:
        """Return it for the act. Exercises are named where they take the place of others."""
        parts = (
            f"role {self.role}" if self.role else "",
            f"groups {spell_groups(self.groups)}" if self.groups else "",
            "exercises" if self.exercises is not None and not is_new else "",
        )
        return "; ".join(each for each in parts if each)


def given_in(said: dict[str, object], roles: type[R], *, usual: R | None = None) -> Given[R]:
    """Return what is given; `usual` is the role of whom none is said for. Problem 400 otherwise."""
    return Given(
        role=_role(said, roles) or usual,
        groups=_groups(said),
        exercises=_exercises(said),
        every_exercise=_flag(said, "every_exercise"),
    )


def change_in(said: dict[str, object], roles: type[R]) -> Given[R]:
    """Return what takes the place of what somebody has. Problem 400 where nothing does."""
    given = given_in(said, roles)
    if given.role is None and given.groups is None and given.exercises is None:
        raise Problem(400, "give role, groups or exercises")
    return given


def _role(said: dict[str, object], roles: type[R]) -> R | None:
    role = said.get("role")
    if role is None:
        return None
    if role not in list(roles):
        raise Problem(400, f"role is one of {', '.join(roles)}", parameter="role")
    return roles(str(role))


def _groups(said: dict[str, object]) -> MappingProxyType[Group, Direction] | None:
    given = said.get("groups")
    if given is None:
        return None
    groups = cast("dict[str, object]", given) if isinstance(given, dict) else {}
    if not 0 < len(groups) <= MAX_GROUPS:
        raise Problem(400, f"groups names 1 to {MAX_GROUPS} groups", parameter="groups")
    return MappingProxyType({_group(name): _way(way) for name, way in groups.items()})


def _group(name: str) -> Group:
    if not is_group(_name(name, "groups")):
        raise Problem(400, f"group {name!r}: no : in its name, which --group could not say",
                      parameter="groups")  # fmt: skip
    return name


def _way(said: object) -> Direction:
    if said not in ("in", "out", "both"):
        raise Problem(400, "a group is given as in, out or both", parameter="groups")
    return Direction[str(said).upper()]


def _name(text: str, parameter: str) -> str:
    if len(text) > MAX_NAME or not is_name(text) or any("\ud800" <= c <= "\udfff" for c in text):
        raise Problem(400, f"{parameter}: give names that can be printed", parameter=parameter)
    return text


def _exercises(said: dict[str, object]) -> frozenset[str] | None:
    if "exercises" not in said:
        return None
    names = list_in(said, "exercises", most=MAX_GROUPS, longest=MAX_NAME)
    return frozenset(_name(each, "exercises") for each in names)


def _flag(said: dict[str, object], key: str) -> bool:
    value = said.get(key, False)
    if not isinstance(value, bool):
        raise Problem(400, f"{key} is true or false", parameter=key)
    return value
