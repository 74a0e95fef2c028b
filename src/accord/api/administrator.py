"""Who may have the node do something to a partner, and see its ledger: administrators."""

from starlette.requests import Request

from accord.api.caller import Caller, Callers, require_own_page
from accord.api.problem import Problem
from accord.core.user import UserRole

MAX_REASON = 500
"""Characters of a reason, which stands in the ledgers of both nodes."""


def require_administrator(callers: Callers, request: Request) -> Caller:
    """Return the administrator who asks. Problem 401 or 403 for anybody else."""
    caller = callers.require(request)
    if caller.role is not UserRole.ADMINISTRATOR:
        raise Problem(403, f"{caller.principal.name} is no administrator of this node")
    return caller


def require_act(callers: Callers, request: Request) -> Caller:
    """Return the administrator who asks for a change, from a page of ours. Problem otherwise."""
    require_own_page(request)
    return require_administrator(callers, request)


def reason_in(said: dict[str, object]) -> str:
    """Return why something is to be done. Problem 400 where that is not said."""
    reason = said.get("reason")
    if not isinstance(reason, str) or not reason.strip() or not reason.isprintable():
        raise Problem(400, "say why: in a line that others can read", parameter="reason")
    if len(reason) > MAX_REASON:
        raise Problem(400, f"reason is longer than {MAX_REASON} characters", parameter="reason")
    return reason.strip()
