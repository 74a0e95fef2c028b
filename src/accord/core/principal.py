"""Who is asking: the person or device behind a connection, known from its certificate."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Flag, StrEnum
from types import MappingProxyType

from accord.core.context import Context, ContextKind

Group = str
"""The name of a TAK group (a channel)."""


class Direction(Flag):
    """Which way a member's traffic goes, seen from the group, as TAK Server has it."""

    IN = 1
    """What the member says enters the group."""
    OUT = 2
    """The member receives what is in the group."""
    BOTH = 3


class Role(StrEnum):
    """What a principal may do with the node itself."""

    MEMBER = "member"
    READ_ONLY = "read-only"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A member of the nation: name, groups with direction, and the exercises he takes part in.

    `exercises` holds names; `every_exercise` stands for all. `credential` is the fingerprint of the
    certificate he is known by, empty where there was none, and `until` when that ends. `replay` is
    the one that he watches: only whoever is let in to one takes part in it.
    """

    name: str
    groups: Mapping[Group, Direction] = field(default_factory=lambda: MappingProxyType({}))
    role: Role = Role.MEMBER
    exercises: frozenset[str] = frozenset()
    every_exercise: bool = False
    credential: str = ""
    until: datetime | None = None
    replay: str = ""

    speaks_in: frozenset[Group] = field(init=False, compare=False, repr=False)
    """The groups that what he says enters."""
    hears: frozenset[Group] = field(init=False, compare=False, repr=False)
    """The groups that he receives from."""
    only_hears: bool = field(init=False, compare=False, repr=False)
    """Whether nothing that he says is heard by anybody."""

    def __post_init__(self) -> None:
        # Asked for every report and every audience, so made once.
        for name, direction in (("speaks_in", Direction.IN), ("hears", Direction.OUT)):
            groups = frozenset(g for g, d in self.groups.items() if direction in d)
            object.__setattr__(self, name, groups)
        only_hears = self.role is Role.READ_ONLY or not self.speaks_in
        object.__setattr__(self, "only_hears", only_hears)

    def takes_part_in(self, context: Context) -> bool:
        """Tell whether he is in that context.

        Live always, an exercise when named, the replay that he watches, never a plan.
        """
        if context.kind is ContextKind.LIVE:
            return True
        if context.kind is ContextKind.EXERCISE:
            return self.every_exercise or context.name in self.exercises
        if context.kind is ContextKind.REPLAY:
            return bool(self.replay) and context.name == self.replay
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A certificate in the register: who its bearer is, and when it was revoked, if it was.

    `is_replaced`: the same device has a later one, so that nobody is cut off when this one ends.
    """

    principal: Principal
    revoked: datetime | None = None
    is_replaced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """That a client's uid is a person's.

    `groups` are those that he was in under it, `used` is when he was heard under it last.
    """

    uid: str
    person: str
    groups: frozenset[Group]
    used: datetime
