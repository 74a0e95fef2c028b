"""Clause by clause, in words: can it be kept, what would do, and what has no number."""

from collections.abc import Iterator
from datetime import timedelta

from accord.posture.applied import ClauseRef
from accord.posture.feasibility import YEAR, Feasibility, Remedy, Verdict
from accord.posture.model import Promise, PromiseKind
from accord.posture.sentence import Sentence, Telling, Topic
from accord.posture.spell import spell_cent, spell_origin, spell_share

_WORDS = "the words of the commitment"


def tell_feasibility(of: Telling) -> Iterator[Sentence]:
    """Yield whether there are enough units on enough days, and what cannot be done at all."""
    for each in of.case.feasibility:
        yield of.say_of(Topic.FEASIBILITY, _feasible(of, each), each.clauses, _declared(of, each))
    for clause, why in of.case.applied.refused:
        text = f"{clause} cannot be done: {why}."
        yield of.say_of(Topic.FEASIBILITY, text, [clause], "the scenario")


def _feasible(of: Telling, each: Feasibility) -> str:
    name = of.scenario.classes[each.platform].name
    wants = (
        f"{' and '.join(map(str, each.clauses))}: {each.wanted} of {each.partner}'s "
        f"{each.units} {name} wanted on {each.days:.0f} days of the year{_beyond(of, each)}, "
        f"{each.usable:.1f} usable on average, enough on {spell_share(each.enough)} of the days"
    )
    if each.remedy is None or each.bites is None:
        return f"{wants}: feasible, and short on {each.days_short:.0f} days."
    verdict = "there are not so many" if each.verdict is Verdict.IMPOSSIBLE else "not enough"
    return (
        f"{wants}: {verdict}, from {each.bites} on, short on {each.days_short:.0f} days. "
        f"{_gives(of, each)}It becomes feasible by {_remedy(each.remedy, each.units)}."
    )


def _beyond(of: Telling, each: Feasibility) -> str:
    after = of.scenario.as_of + timedelta(days=YEAR)
    ends = [
        demand.season.last
        for demand in of.case.applied.demands
        if demand.clause in each.clauses and demand.season.last is not None
    ]
    last = max(ends, default=after)
    return f" and, which is not looked into, after it until {last}" if last > after else ""


def _gives(of: Telling, each: Feasibility) -> str:
    bases = sorted(
        {
            of.scenario.bases[move.source].name
            for move in of.case.applied.moves
            if move.clause in each.clauses
        }
    )
    if not bases:
        return ""
    return f"What would have to give: every other task from {' and '.join(bases)}. "


def _declared(of: Telling, each: Feasibility) -> str:
    origins = {
        spell_origin(unit.availability.origin)
        for unit in of.scenario.units.values()
        if (unit.partner, unit.platform) == (each.partner, each.platform)
    }
    return f"availability of {each.partner} {each.platform} ({', '.join(sorted(origins))})"


def tell_clauses(of: Telling) -> Iterator[Sentence]:
    """Yield what is promised and moves no number here, and what of the words is left out."""
    for clause, promise in of.case.applied.promises:
        yield of.say_of(Topic.CLAUSES, _promise(clause, promise), [clause], _WORDS)
    for name in of.case.commitments:
        commitment = of.scenario.commitments.get(name)
        for text in () if commitment is None else commitment.left_out:
            yield of.say_of(Topic.CLAUSES, f"{name}: {text}", [name], _WORDS)


def _promise(clause: ClauseRef, promise: Promise) -> str:
    said = f" ({promise.text})" if promise.text else ""
    tied = f", tied to {promise.tied_to} of an agreement" if promise.tied_to else ""
    match promise.kind:
        case PromiseKind.DATA_OPENED:
            return f"{clause} opens a data flow{tied}{said}; it moves no unit and no hour here."
        case PromiseKind.DATA_CLOSED:
            return f"{clause} closes a data flow{tied}{said}; it moves no unit and no hour here."
        case PromiseKind.EXERCISE:
            return f"{clause} promises an exercise{said}; what it trains is not measured here."
        case PromiseKind.CONTRIBUTION:
            return f"{clause} promises a contribution{said}; it moves no unit and no hour here."
        case _:
            return f"{clause} binds nothing measurable{said}."


def _remedy(remedy: Remedy, units: int) -> str:
    kept, given_up = spell_cent(remedy.share_of_days), spell_cent(remedy.given_up)
    ways = [f"keeping it on {kept} of those days (gives up {given_up} of what is promised)"]
    if remedy.later is not None:
        ways.insert(0, f"beginning the last of them on {remedy.later}")
    if remedy.count is not None:
        ways.append(f"promising {remedy.count}")
    if remedy.availability is not None:
        ways.append(f"an availability of {remedy.availability:.2f} of each of the {units}")
    if remedy.more_units is not None:
        ways.append(f"{remedy.more_units} more of them")
    return ", or ".join(ways)
