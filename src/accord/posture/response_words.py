"""How much sooner or later somebody is there, in words: where, on which days, at what cost."""

from collections import defaultdict
from collections.abc import Iterator

from accord.posture.answer import Line
from accord.posture.cells import centres
from accord.posture.presence import days_of
from accord.posture.response import Change, Summary
from accord.posture.sentence import Sentence, Telling, Topic
from accord.posture.spell import (
    place_name,
    spell_capability,
    spell_cent,
    spell_hours,
    spell_origin,
    spell_place,
    spell_seasons,
    spell_share,
)

LITTLE_SERVICE = 0.005
"""Of places and draws: what less of service is told beside the hours."""
MOST_PLACES = 6
"""Named places in the text; the table has all."""


def tell_response(of: Telling) -> Iterator[Sentence]:
    """Yield what changes first, on what it rests, and what it costs."""
    line = of.case.headline
    if line is None:
        text = f"With {of.names} no response time changes in any area that is drawn."
        yield of.say(Topic.RESPONSE, text, "the units that the clauses name")
        return
    where, what = _where(of, line), spell_capability(line.capability)
    text = f"With {of.names}, {_first(of, line)}; {_cost(of)}."
    yield of.say(Topic.RESPONSE, text, _rests_on(of))
    draws = f"{of.answer.draws} paired draws of one year"
    text = f"In {where} alone, {_draws(line.change, what)} {_served(line.change)} "
    yield of.say(Topic.RESPONSE, text + _within(line.change), draws)
    most = of.case.most
    if most is not None:
        what = spell_capability(most.capability)
        text = f"What changes most there is {what}: {_most(most.change)}."
        yield of.say(Topic.RESPONSE, text, draws)
    longest = _longest(of, line)
    if longest:
        yield of.say(Topic.RESPONSE, longest, "the mean over all draws in which it is served")


def _first(of: Telling, line: Line) -> str:
    """Return the headline: on the days on which it is kept, where these are not all, and always."""
    about = f"{spell_capability(line.capability)} in {_where(of, line)}"
    kept = of.case.while_kept
    if kept is None:
        return f"{about}: {_difference(line.change)}"
    return (
        f"on the days on which it moves a unit ({_days(of)}), {about}: "
        f"{_difference(kept.headline)}; over the whole year {_difference(line.change)}"
    )


def _days(of: Telling) -> str:
    kept = of.case.while_kept
    share = "" if kept is None else f"{spell_cent(kept.share)} of the year"
    when = spell_seasons([each.season for each in of.case.applied.moves])
    return f"{share}: {when}" if when else share


def _where(of: Telling, line: Line) -> str:
    return place_name(of.scenario, line.area)


def _longest(of: Telling, line: Line) -> str:
    before, after = line.change.before.worst, line.change.after.worst
    if before is None or after is None:
        return ""
    then, now = _at(of, line, line.change.before), _at(of, line, line.change.after)
    return (
        f"The place that waits longest waits {spell_hours(before)} without{then} and "
        f"{spell_hours(after)} with{now}."
    )


def _at(of: Telling, line: Line, summary: Summary) -> str:
    area = of.scenario.areas.get(line.area)
    if area is None or summary.worst_at is None:
        return ""
    (lat,), (lon,) = centres([sorted(area.cells)[summary.worst_at]])
    return f" ({spell_place(lat, lon)})"


def _rests_on(of: Telling) -> str:
    return "; ".join(
        f"{bar.assumption} ({bar.value}, {spell_origin(bar.origin)})" for bar in of.case.bars[:2]
    )


def _cost(of: Telling) -> str:
    """Return what is left behind: in hours where something is later, and in days at home."""
    left = _left_behind(of)
    line, kept = of.case.cost, of.case.while_kept
    if line is None:
        return left or "nothing is later elsewhere, as far as areas are drawn"
    about = f"its cost is {spell_capability(line.capability)} in {_where(of, line)}"
    later = f"{about}, {_later(line.change)}"
    if kept is not None and kept.cost is not None:
        later = f"{about}, {_later(kept.cost)} on those days and, over the year, "
        later += _later(line.change)
    return f"{later}, and {left}" if left else later


def _left_behind(of: Telling) -> str:
    scenario = of.scenario
    days: defaultdict[str, float] = defaultdict(float)
    for move in of.case.applied.moves:
        unit = of.case.applied.scenario.units[move.unit]
        held = days_of(move.season, scenario.as_of)
        days[move.source] += held * unit.availability.value
    return "; ".join(
        f"{scenario.bases[base].name} has {count:.0f} usable unit-days a year fewer"
        for base, count in sorted(days.items())
    )


def tell_places(of: Telling) -> Iterator[Sentence]:
    """Yield what changes at places that people ask for by name."""
    headline = of.case.headline
    lines = [
        each
        for each in of.case.lines
        if each.area not in of.scenario.areas
        and headline is not None
        and each.capability == headline.capability
    ]
    lines.sort(key=lambda each: (_mean(each.change), each.area))
    chosen = lines if len(lines) <= MOST_PLACES else [*lines[: MOST_PLACES // 2], *lines[-3:]]
    if chosen and headline is not None:
        told = "; ".join(f"{each.area} {_change(each.change)}" for each in chosen)
        what = spell_capability(headline.capability)
        text = f"By name, for {what}, over the whole year: {told}."
        yield of.say(Topic.PLACES, text, "the cell of each place")


def _mean(change: Change) -> float:
    return 0.0 if change.difference is None else change.difference.mean


def _difference(change: Change) -> str:
    if change.difference is None or change.before_mean is None or change.after_mean is None:
        return "nothing is served both without and with, so that no hours can be compared"
    by = change.difference
    if by.low <= 0.0 <= by.high:
        word = "no sooner and no later that can be told"
    else:
        word = f"{spell_hours(abs(by.mean))} {'sooner' if by.mean < 0 else 'later'} on average"
    low, high = sorted((by.low, by.high))
    return (
        f"{word} ({change.before_mean:.1f} to {change.after_mean:.1f} h, difference "
        f"{by.mean:+.1f} h, 95 % interval {low:+.1f} to {high:+.1f})"
    )


def _most(change: Change) -> str:
    then, now = spell_share(change.before.served), spell_share(change.after.served)
    return f"{_difference(change)}, served in {then} of places and draws without and {now} with"


def _later(change: Change) -> str:
    then, now = change.before.served, change.after.served
    served = f"served in {spell_share(now)} of places and draws, not {spell_share(then)}"
    if change.difference is None or change.difference.low <= 0:
        return served
    later = f"{spell_hours(change.difference.mean)} later on average"
    return f"{later} and {served}" if then - now >= LITTLE_SERVICE else later


def _change(change: Change) -> str:
    if change.before_mean is None or change.after_mean is None:
        return f"served {spell_share(change.before.served)} to {spell_share(change.after.served)}"
    return f"{spell_hours(change.before_mean)} to {spell_hours(change.after_mean)}"


def _draws(change: Change, what: str) -> str:
    better, worse = spell_cent(change.better), spell_cent(change.worse)
    return f"{what} is better in {better} of the draws of the year and worse in {worse}."


def _served(change: Change) -> str:
    return (
        f"{spell_share(change.before.served)} of places and draws are served without, "
        f"{spell_share(change.after.served)} with."
    )


def _within(change: Change) -> str:
    told = ", ".join(
        f"{hours} h {spell_share(then)} to {spell_share(change.after.within[hours])}"
        for hours, then in change.before.within.items()
    )
    return f"Within {told}."
