"""A hazard on the picture that somebody names: he finds what he may see, and nothing else."""

from accord.api.caller import Caller
from accord.api.problem import Problem
from accord.api.tracks import Around
from accord.core.context import Context
from accord.core.report import Report
from accord.live.hazards import is_hazard
from accord.live.seen import seen
from accord.picture.query import Filter


def hazard_for(caller: Caller, around: Around, name: str, context: Context) -> Report:
    """Return the newest of a hazard, such as TC1000643, that he may see. Problem 404."""
    now, tracks = around.clock.now(), around.picture.tracks(Filter(context=context))
    shown = (seen(each, caller.principal, now, around.settings) for each in tracks)
    found = [each.lead for each in shown if each is not None and is_hazard(each.lead, name)]
    if not found:
        raise Problem(404, "there is no such hazard for you to see", parameter="alert")
    return max(found, key=lambda each: each.received)
