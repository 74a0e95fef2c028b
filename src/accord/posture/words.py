"""The answer in plain words, made from its numbers and from nothing else.

Each sentence has its figure, the clause that it comes from, and what it rests on.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from accord.posture.answer import Answer, Case, Line
from accord.posture.applied import ClauseRef
from accord.posture.cells import centres
from accord.posture.feasibility import YEAR, Feasibility, Remedy, Verdict
from accord.posture.model import Promise, PromiseKind, Scenario
from accord.posture.presence import Days, days_of
from accord.posture.response import Change, Summary
from accord.posture.spell import (
    SMALL_SHARE,
    place_name,
    spell_capability,
    spell_cent,
    spell_hours,
    spell_origin,
    spell_place,
    spell_share,
)

MOST_PLACES = 6
"""Named places in the text; the table has all."""
MOST_LOSSES = 5


class Topic(StrEnum):
    """What a sentence is about; the order in which they are told."""

    RESPONSE = "response"
    PLACES = "places"
    SURVEILLANCE = "surveillance"
    PRESENCE = "presence"
    SHARING = "sharing of the load"
    FRAGILITY = "fragility"
    FEASIBILITY = "feasibility"
    NEXT = "one more unit"
    CLAUSES = "clauses without a number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence, the clauses that it comes from, and what it rests on."""

    topic: Topic
    text: str
    clauses: tuple[str, ...]
    rests_on: str


def sentences(answer: Answer, case: Case, scenario: Scenario) -> list[Sentence]:
    """Return what one case comes to, in words."""
    return list(_Teller(answer, case, scenario).tell())


class _Teller:
    def __init__(self, answer: Answer, case: Case, scenario: Scenario) -> None:
        self._answer = answer
        self._case = case
        self._scenario = scenario
        self._with = " and ".join(case.commitments)
        moved = {str(each.clause) for each in case.applied.moves}
        self._clauses = tuple(sorted(moved)) or case.commitments

    def tell(self) -> Iterator[Sentence]:
        """Yield every sentence, topic by topic."""
        yield from self._response()
        yield from self._places()
        yield from self._surveillance()
        yield from self._presence()
        yield from self._sharing()
        yield from self._fragility()
        yield from self._feasibility()
        yield from self._next()
        yield from self._without_number()

    def _say(self, topic: Topic, text: str, rests_on: str) -> Sentence:
        return Sentence(topic=topic, text=text, clauses=self._clauses, rests_on=rests_on)

    def _response(self) -> Iterator[Sentence]:
        line = self._case.headline
        if line is None:
            text = f"With {self._with} no response time changes in any area that is drawn."
            yield self._say(Topic.RESPONSE, text, "the units that the clauses name")
            return
        where = place_name(self._scenario, line.area)
        what = spell_capability(line.capability)
        text = f"With {self._with}, {what} in {where}: {_difference(line.change)}; {self._cost()}."
        yield self._say(Topic.RESPONSE, text, self._rests_on())
        text = f"{_draws(line.change)} {_served(line.change)} {_within(line.change)}"
        yield self._say(Topic.RESPONSE, text, f"{self._answer.draws} paired draws of one year")
        worst = self._worst(line)
        if worst:
            yield self._say(Topic.RESPONSE, worst, "the mean over all draws in which it is served")

    def _worst(self, line: Line) -> str:
        before, after = line.change.before.worst, line.change.after.worst
        if before is None or after is None:
            return ""
        then, now = self._where(line, line.change.before), self._where(line, line.change.after)
        return (
            f"The place that waits longest waits {spell_hours(before)} without{then} and "
            f"{spell_hours(after)} with{now}."
        )

    def _where(self, line: Line, summary: Summary) -> str:
        area = self._scenario.areas.get(line.area)
        if area is None or summary.worst_at is None:
            return ""
        (lat,), (lon,) = centres([sorted(area.cells)[summary.worst_at]])
        return f" ({spell_place(lat, lon)})"

    def _rests_on(self) -> str:
        return "; ".join(
            f"{bar.assumption} ({bar.value}, {spell_origin(bar.origin)})"
            for bar in self._case.bars[:2]
        )

    def _cost(self) -> str:
        """Return what is left behind: in hours where something is later, and in days at home."""
        left = self._left_behind()
        line = self._case.cost
        if line is None:
            return left or "nothing is later elsewhere, as far as areas are drawn"
        where = place_name(self._scenario, line.area)
        what = spell_capability(line.capability)
        later = f"its cost is {what} in {where}, {_later(line.change)}"
        return f"{later}, and {left}" if left else later

    def _left_behind(self) -> str:
        scenario = self._scenario
        days: defaultdict[str, float] = defaultdict(float)
        for move in self._case.applied.moves:
            unit = self._case.applied.scenario.units[move.unit]
            held = days_of(move.season, scenario.as_of)
            days[move.source] += held * unit.availability.value
        return "; ".join(
            f"{scenario.bases[base].name} has {count:.0f} usable unit-days a year fewer"
            for base, count in sorted(days.items())
        )

    def _places(self) -> Iterator[Sentence]:
        headline = self._case.headline
        lines = [
            each
            for each in self._case.lines
            if each.area not in self._scenario.areas
            and headline is not None
            and each.capability == headline.capability
        ]
        lines.sort(key=lambda each: (_mean(each.change), each.area))
        chosen = lines if len(lines) <= MOST_PLACES else [*lines[: MOST_PLACES // 2], *lines[-3:]]
        if chosen and headline is not None:
            told = "; ".join(f"{each.area} {_change(each.change)}" for each in chosen)
            text = f"By name, for {spell_capability(headline.capability)}: {told}."
            yield self._say(Topic.PLACES, text, "the cell of each place")

    def _surveillance(self) -> Iterator[Sentence]:
        now, then = self._case.seen, self._answer.seen
        if now is None:
            return
        area = place_name(self._scenario, self._answer.main_area)
        text = (
            f"A place in {area} is seen at least once in {self._answer.days} days with probability "
            f"{then.best.mean:.2f} without and {now.best.mean:.2f} with, if patrol hours are "
            f"spread as well as can be; spread evenly, {then.even.mean:.2f} and "
            f"{now.even.mean:.2f}. {spell_share(now.best.never)} of it is out of reach of every "
            f"patrol ({spell_share(then.best.never)} without)."
        )
        rests = (
            "all patrol hours spent here and nowhere else; hours a day (invented); swath (invented)"
        )
        yield self._say(Topic.SURVEILLANCE, text, rests)

    def _presence(self) -> Iterator[Sentence]:
        changes = _by_area(self._answer.presence, self._case.presence)
        told = [
            f"{partner} in {place_name(self._scenario, area)} {then:.0f} to {now:.0f}"
            for (area, partner), (then, now) in sorted(changes.items())
            if round(then) != round(now)
        ]
        if told:
            text = f"Usable unit-days in a year, without and with: {'; '.join(told)}."
            rests = "declared availability; presence says nothing of what is done there"
            yield self._say(Topic.PRESENCE, text, rests)

    def _sharing(self) -> Iterator[Sentence]:
        parts = [
            f"within {share.hours} h {_parts(share.parts)}"
            for share in self._case.shares
            if sum(share.parts.values()) > 0
        ]
        if parts:
            what = spell_capability(self._case.shares[0].capability)
            text = f"Who carries {what} with {self._with}: {'; '.join(parts)}."
            rests = "the threshold: both are shown since the shares hang on it"
            yield self._say(Topic.SHARING, text, rests)

    def _fragility(self) -> Iterator[Sentence]:
        worst = [each for each in self._case.losses if each.lost > SMALL_SHARE][:MOST_LOSSES]
        if not worst or self._case.headline is None:
            return
        hours = self._case.shares[-1].hours
        told = "; ".join(
            f"without {each.sort} {self._called(each.sort, each.name)} "
            f"{spell_share(each.served + each.lost)} falls to {spell_share(each.served)}"
            for each in worst
        )
        points = [
            self._called(each.sort, each.name) for each in self._case.losses if each.is_single_point
        ]
        named = f" Single points: {', '.join(points)}." if points else " No single point."
        text = f"Of the places and draws served within {hours} h, {told}.{named}"
        rests = "one thing dropped at a time, all else as it is"
        yield self._say(Topic.FRAGILITY, text, rests)

    def _called(self, sort: str, name: str) -> str:
        if sort == "base":
            return self._scenario.bases[name].name
        return self._scenario.classes[name].name if sort == "class" else name

    def _feasibility(self) -> Iterator[Sentence]:
        for each in self._case.feasibility:
            yield Sentence(
                topic=Topic.FEASIBILITY,
                text=self._feasible(each),
                clauses=tuple(str(clause) for clause in each.clauses),
                rests_on=self._declared(each),
            )
        for clause, why in self._case.applied.refused:
            text = f"{clause} cannot be done: {why}."
            yield Sentence(
                topic=Topic.FEASIBILITY, text=text, clauses=(str(clause),), rests_on="the scenario"
            )

    def _feasible(self, each: Feasibility) -> str:
        name = self._scenario.classes[each.platform].name
        wants = (
            f"{' and '.join(map(str, each.clauses))}: {each.wanted} of {each.partner}'s "
            f"{each.units} {name} wanted on {each.days:.0f} days of the year{self._beyond(each)}, "
            f"{each.usable:.1f} usable on average, enough on {spell_share(each.enough)} of the days"
        )
        if each.remedy is None or each.bites is None:
            return f"{wants}: feasible, and short on {each.days_short:.0f} days."
        verdict = "there are not so many" if each.verdict is Verdict.IMPOSSIBLE else "not enough"
        return (
            f"{wants}: {verdict}, from {each.bites} on, short on {each.days_short:.0f} days. "
            f"{self._gives(each)}It becomes feasible by {_remedy(each.remedy, each.units)}."
        )

    def _beyond(self, each: Feasibility) -> str:
        after = self._scenario.as_of + timedelta(days=YEAR)
        ends = [
            demand.season.last
            for demand in self._case.applied.demands
            if demand.clause in each.clauses and demand.season.last is not None
        ]
        last = max(ends, default=after)
        return f" and, which is not looked into, after it until {last}" if last > after else ""

    def _gives(self, each: Feasibility) -> str:
        bases = sorted(
            {
                self._scenario.bases[move.source].name
                for move in self._case.applied.moves
                if move.clause in each.clauses
            }
        )
        if not bases:
            return ""
        return f"What would have to give: every other task from {' and '.join(bases)}. "

    def _declared(self, each: Feasibility) -> str:
        origins = {
            spell_origin(unit.availability.origin)
            for unit in self._scenario.units.values()
            if (unit.partner, unit.platform) == (each.partner, each.platform)
        }
        return f"availability of {each.partner} {each.platform} ({', '.join(sorted(origins))})"

    def _next(self) -> Iterator[Sentence]:
        for place in self._case.places:
            bases = " and ".join(self._scenario.bases[each].name for each in place.bases)
            count = "One more" if len(place.bases) == 1 else f"{len(place.bases)} more"
            text = (
                f"{count} {self._scenario.classes[place.platform].name} would serve most from "
                f"{bases}: {spell_share(place.gain)} more of the places and draws within "
                f"{place.hours} h (gap to the best possible {spell_share(place.gap)})."
            )
            rests = "likely notice, and units that are always usable"
            yield self._say(Topic.NEXT, text, rests)

    def _without_number(self) -> Iterator[Sentence]:
        for clause, promise in self._case.applied.promises:
            yield Sentence(
                topic=Topic.CLAUSES,
                text=_promise(clause, promise),
                clauses=(str(clause),),
                rests_on="the words of the commitment",
            )


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


def _later(change: Change) -> str:
    if change.difference is not None and change.difference.low > 0:
        return f"{spell_hours(change.difference.mean)} later on average"
    return (
        f"served in {spell_share(change.after.served)} of places and draws, "
        f"not {spell_share(change.before.served)}"
    )


def _change(change: Change) -> str:
    if change.before_mean is None or change.after_mean is None:
        return f"served {spell_share(change.before.served)} to {spell_share(change.after.served)}"
    return f"{spell_hours(change.before_mean)} to {spell_hours(change.after_mean)}"


def _draws(change: Change) -> str:
    better, worse = spell_cent(change.better), spell_cent(change.worse)
    return f"It is better in {better} of the draws and worse in {worse}."


def _served(change: Change) -> str:
    return (
        f"{spell_share(change.before.served)} of places and draws are served without, "
        f"{spell_share(change.after.served)} with."
    )


def _within(change: Change) -> str:
    told = ", ".join(
        f"{hours} h {spell_share(then)} to {spell_share(_limit(change.after, hours))}"
        for hours, then in change.before.within.items()
    )
    return f"Within {told}."


def _limit(summary: Summary, hours: int) -> float:
    return summary.within[hours]


def _by_area(before: Days, after: Days) -> dict[tuple[str, str], tuple[float, float]]:
    sums: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for n, days in enumerate((before, after)):
        for (area, partner, _), count in days.items():
            sums[area, partner][n] += count
    return {key: (then, now) for key, (then, now) in sums.items()}


def _parts(parts: dict[str, float]) -> str:
    whole = sum(parts.values())
    ordered = sorted(parts.items(), key=lambda each: (-each[1], each[0]))
    return ", ".join(
        f"{partner} {spell_cent(part / whole)}"
        for partner, part in ordered
        if part / whole >= 0.005
    )


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
