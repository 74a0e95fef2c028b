"""Who inside the nation may see a report, and who may say it. Pure; fails closed."""

from typing import Protocol

from accord.core.context import Context
from accord.core.principal import Group, Principal, Role
from accord.core.report import Report


class Said(Protocol):
    """Something said in a context, into groups: a report, or what is kept of one."""

    @property
    def context(self) -> Context:
        """The world that it is of."""
        ...

    @property
    def groups(self) -> frozenset[Group]:
        """The groups it was said into."""
        ...


def may_see(principal: Principal, said: Said) -> bool:
    """Tell whether the principal hears a group that this was said into, and is in its context.

    What was said into no group is seen by nobody.
    """
    return principal.takes_part_in(said.context) and not said.groups.isdisjoint(principal.hears)


def may_say(principal: Principal, report: Report) -> str | None:
    """Return None when the principal may say this, else in a few words why not.

    At least one group of the report must be one that he speaks in. That it was said into no other
    is the promise of whoever made the report: groups come from the node, never from the message.
    """
    if principal.role is Role.READ_ONLY:
        return "read-only"
    if not principal.takes_part_in(report.context):
        return f"takes no part in {report.context.kind.value}"
    if report.groups.isdisjoint(principal.speaks_in):
        return "said into no group that the sender speaks in"
    return None
