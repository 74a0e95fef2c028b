"""The register of a node's directory as the scenario that an answer starts from."""

from datetime import datetime
from pathlib import Path

from accord.core.clock import SystemClock
from accord.core.context import LIVE, Context, ContextKind
from accord.core.errors import AccordError
from accord.desks.readiness.columns import Sheet
from accord.desks.readiness.plan import planned
from accord.desks.readiness.register import Register
from accord.node.readiness import register_of
from accord.posture.checks import find_faults
from accord.posture.model import Scenario


def scenario_of(
    directory: Path, at: datetime | None = None, context: Context | None = None
) -> Scenario:
    """Return what the register holds at a time, now if None, as a scenario.

    Of the live context where it has units, else of the one plan there is. AccordError says why
    there is no scenario, by sheet, record and sentence.
    """
    register = register_of(directory)
    register.store.prepare()
    moment = SystemClock().now() if at is None else at
    chosen = _chosen(register, directory) if context is None else context
    try:
        found = planned(register.records(chosen, at=moment), moment, name=_name(chosen))
    except (ValueError, KeyError) as error:
        raise AccordError(f"the register of {directory} makes no scenario: {error}") from None
    faults = find_faults(found.scenario)
    if faults:
        told = "; ".join(f"{each.section} {each.id}: {each.sentence}" for each in faults)
        raise AccordError(f"the register of {directory} makes no scenario: {told}")
    if not found.scenario.units:
        left = ", ".join(found.left_out) or "none there"
        raise AccordError(f"no unit of {chosen} is declared available now: {left}")
    return found.scenario


def _name(chosen: Context) -> str:
    """Return what the plan is called that starts from a register: never `live`, since it is not."""
    return "register" if chosen == LIVE else chosen.name


def _chosen(register: Register, directory: Path) -> Context:
    if register.records(LIVE)[Sheet.UNITS]:
        return LIVE
    plans = [each for each in register.store.contexts() if each.kind is ContextKind.PLAN]
    if len(plans) != 1:
        there = ", ".join(map(str, plans)) or "no plan"
        raise AccordError(f"the register of {directory} has no live units, and {there}")
    return plans[0]
