"""Who inside the nation may see a report, and who may say it. Pure; fails closed."""

from accord.core.principal import Principal, Role
from accord.core.report import Report


def may_see(principal: Principal, report: Report) -> bool:
    """Tell whether the principal hears a group the report was said into, and is in its context.

    A report said into no group is seen by nobody.
    """
    return principal.takes_part_in(report.context) and not report.groups.isdisjoint(principal.hears)


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
