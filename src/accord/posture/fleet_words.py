"""What the posture as a whole is like, in words: who sees, is there, carries, and is missed."""

from collections import defaultdict
from collections.abc import Iterator

from accord.posture.presence import Days
from accord.posture.sentence import Sentence, Telling, Topic
from accord.posture.spell import (
    SMALL_SHARE,
    place_name,
    spell_capability,
    spell_cent,
    spell_share,
)

MOST_LOSSES = 5
"""Told of what would be missed; the machine's answer has all."""


def tell_surveillance(of: Telling) -> Iterator[Sentence]:
    """Yield how likely a place is seen, without and with."""
    now, then = of.case.seen, of.answer.seen
    if now is None:
        return
    area = place_name(of.scenario, of.answer.main_area)
    text = (
        f"A place in {area} is seen at least once in {of.answer.days} days with probability "
        f"{then.best.mean:.2f} without and {now.best.mean:.2f} with, if patrol hours are "
        f"spread as well as can be; spread evenly, {then.even.mean:.2f} and "
        f"{now.even.mean:.2f}. {spell_share(now.best.never)} of it is out of reach of every "
        f"patrol ({spell_share(then.best.never)} without)."
    )
    rests = "all patrol hours spent here and nowhere else; hours a day (invented); swath (invented)"
    yield of.say(Topic.SURVEILLANCE, text, rests)


def tell_presence(of: Telling) -> Iterator[Sentence]:
    """Yield where usable units are on more or on fewer days."""
    changes = _by_area(of.answer.presence, of.case.presence)
    told = [
        f"{partner} in {place_name(of.scenario, area)} {then:.0f} to {now:.0f}"
        for (area, partner), (then, now) in sorted(changes.items())
        if round(then) != round(now)
    ]
    if told:
        text = f"Usable unit-days in a year, without and with: {'; '.join(told)}."
        rests = "declared availability; presence says nothing of what is done there"
        yield of.say(Topic.PRESENCE, text, rests)


def _by_area(before: Days, after: Days) -> dict[tuple[str, str], tuple[float, float]]:
    sums: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for n, days in enumerate((before, after)):
        for (area, partner, _), count in days.items():
            sums[area, partner][n] += count
    return {key: (then, now) for key, (then, now) in sums.items()}


def tell_sharing(of: Telling) -> Iterator[Sentence]:
    """Yield who carries how much."""
    parts = [
        f"within {share.hours} h {_parts(share.parts)}"
        for share in of.case.shares
        if sum(share.parts.values()) > 0
    ]
    if parts:
        what = spell_capability(of.case.shares[0].capability)
        text = f"Who carries {what} with {of.names}: {'; '.join(parts)}."
        rests = "the threshold: both are shown since the shares hang on it"
        yield of.say(Topic.SHARING, text, rests)


def _parts(parts: dict[str, float]) -> str:
    whole = sum(parts.values())
    ordered = sorted(parts.items(), key=lambda each: (-each[1], each[0]))
    return ", ".join(
        f"{partner} {spell_cent(part / whole)}"
        for partner, part in ordered
        if part / whole >= 0.005
    )


def tell_fragility(of: Telling) -> Iterator[Sentence]:
    """Yield what hangs on one unit, base, class or partner."""
    worst = [each for each in of.case.losses if each.lost > SMALL_SHARE][:MOST_LOSSES]
    if not worst or of.case.headline is None:
        return
    hours = of.case.shares[-1].hours
    told = "; ".join(
        f"without {each.sort} {_called(of, each.sort, each.name)} "
        f"{spell_share(each.served + each.lost)} falls to {spell_share(each.served)}"
        for each in worst
    )
    points = [_called(of, each.sort, each.name) for each in of.case.losses if each.is_single_point]
    named = f" Single points: {', '.join(points)}." if points else " No single point."
    text = f"Of the places and draws served within {hours} h, {told}.{named}"
    rests = "one thing dropped at a time, all else as it is"
    yield of.say(Topic.FRAGILITY, text, rests)


def _called(of: Telling, sort: str, name: str) -> str:
    if sort == "base":
        return of.scenario.bases[name].name
    return of.scenario.classes[name].name if sort == "class" else name


def tell_next(of: Telling) -> Iterator[Sentence]:
    """Yield where one more unit, and two, would serve most."""
    for place in of.case.places:
        bases = " and ".join(of.scenario.bases[each].name for each in place.bases)
        count = "One more" if len(place.bases) == 1 else f"{len(place.bases)} more"
        text = (
            f"{count} {of.scenario.classes[place.platform].name} would serve most from "
            f"{bases}: {spell_share(place.gain)} more of the places and draws within "
            f"{place.hours} h (gap to the best possible {spell_share(place.gap)})."
        )
        rests = "likely notice, and units that are always usable"
        yield of.say(Topic.NEXT, text, rests)
