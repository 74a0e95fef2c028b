"""Cases as lines for people."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import cast

from accord.core.geometry import Point
from accord.desks.sar.case import Case
from accord.desks.sar.checklist import items
from accord.desks.sar.entry import Entry, Kind
from accord.desks.sar.facts import Known, point_of
from accord.desks.sar.sitrep import figures, spelled
from accord.search.spelling import spell_time

MAX_VALUE = 100
"""Letters of a value in a list."""


def cases(found: Sequence[Case]) -> Iterator[str]:
    """Yield a line for each case."""
    for case in found:
        state = "closed" if case.is_closed else case.text("phase", "no phase")
        opened = z(case.opened)
        title = _short(case.text("title"))
        yield f"{case.id}  {case.context}  {opened}  {state}  led by {case.text('lead')}  {title}"
    if not found:
        yield "no cases"


def facts(case: Case) -> Iterator[str]:
    """Yield what is known of a case, by whom, and where two differ."""
    yield f"{case.id}  {case.context}  opened {z(case.opened)}"
    for name, fact in case.facts.items():
        if fact.value:
            entry = fact.entry
            said = value(name, fact.value)
            yield f"  {name:<15} {said}  ({entry.by}, {entry.node}, {z(entry.at)})"
        for rival in fact.rivals:
            said = value(name, rival.value)
            yield f"  {'':<15} BUT {said}  ({rival.by}, {rival.node}, {z(rival.at)}): settle it"


def value(name: str, text: str) -> str:
    """Return a value as people read it."""
    if name == "position" and text:
        return spelled(point_of(text))
    if text.startswith("{"):
        said = cast("dict[str, object]", json.loads(text))
        return ", ".join(
            f"{key} {_part(key, part)}" for key, part in said.items() if part not in (None, False)
        )
    if name == "time" and text:
        return z(text)
    return _short(" ".join(text.split()))


def checklist(case: Case) -> Iterator[str]:
    """Yield the checklist of a case's phase, with who did what."""
    done = {each.about: each for each in case.log if each.kind is Kind.CHECK}
    for name, says in items(case.text("phase")).items():
        entry = done.get(name)
        who = "" if entry is None else f"  ({entry.by}, {z(entry.at)})"
        yield f"  [{'x' if entry else ' '}] {name:<15} {says}{who}"


def log(case: Case) -> Iterator[str]:
    """Yield the log."""
    for entry in case.log:
        yield line(entry)


def line(entry: Entry) -> str:
    """Return one line of the log."""
    said = value(entry.about, entry.value) if entry.kind is Kind.FACT else _words(entry)
    at = "" if entry.place is None else f"  at {spelled(entry.place)}"
    about = f" {entry.about}" if entry.about else ""
    mark = "  PRIVATE" if entry.is_private else ""
    return f"{z(entry.at)}  {entry.node}  {entry.by}: {entry.kind.value}{about} {said}{at}{mark}"


def _words(entry: Entry) -> str:
    found = figures(entry)
    if not found:
        return _short(" ".join(entry.value.split()))
    return ", ".join(
        f"{name} {_part(name, found[name])}" for name in sorted(found) if not _is_long(found[name])
    )


def _part(name: str, part: object) -> object:
    """Return a part of what the desk wrote: its times as all others are written."""
    return z(part) if name in ("time", "arrives", "begins") else part


def _is_long(part: object) -> bool:
    return isinstance(part, list | dict)


def objects(known: Known) -> Iterator[str]:
    """Yield what drifts, by group, and what there are sweep widths for."""
    for each in sorted(known.objects.values(), key=lambda every: (every.group, every.key)):
        doubt = f"  NOTE {each.doubt}" if each.doubt else ""
        yield f"{each.group:<26} {each.key:<20} {each.name}{doubt}"
    yield "sweep widths for: " + ", ".join(known.sweeps.targets)


def z(said: object) -> str:
    """Return a time, of JSON too, as rescue centres write it."""
    return spell_time(datetime.fromisoformat(str(said)))


def _short(text: str) -> str:
    return text if len(text) <= MAX_VALUE else f"{text[: MAX_VALUE - 1]}…"


Json = Mapping[str, object]
"""As `desks/sar/as_json.py` makes it."""


def helpers(found: Sequence[Json], *, looked: int) -> Iterator[str]:
    """Yield who could help, soonest first; `looked` tracks are on the picture of all groups."""
    for each in found:
        hours, miles = _float(each["hours"]), _float(each["miles"])
        assumed = " (usual for its kind)" if each["assumed"] else ""
        yield (
            f"{hours:6.1f} h  {miles:6.0f} NM  {each['name']}  {each['uid']}  {each['kind']}  "
            f"{each['speed']} kt{assumed}  seen {_float(each['age']) / 60:.0f} min ago  "
            f"{each['asked']}"
        )
    if not found:
        yield f"nobody within reach: none of the {looked} tracks on the picture of all groups"


def drift(said: Json) -> Iterator[str]:
    """Yield where it may be."""
    cells = cast("list[Json]", said["cells"])
    yield f"at {z(said['at'])}, adrift since {z(said['begin'])}:"
    likeliest = max(cells, key=lambda each: _float(each["chance"]))
    yield (
        f"  likeliest about {_place(_centre(likeliest['border']))} "
        f"({_percent(likeliest['chance'])} in that cell)"
    )
    yield (
        f"  the middle of all is {_place(said['middle'])}, half of it within {said['within_50']} "
        f"NM of that, 90 percent within {said['within_90']} NM"
    )
    yield f"  {said['particles']} particles, seed {said['seed']}, {len(cells)} cells of a map"
    yield from _taken(said)


def plan(said: Json) -> Iterator[str]:
    """Yield a plan."""
    for each in cast("list[Json]", said["tasks"]):
        corners = cast("list[object]", each["corners"])
        yield (
            f"{each['name']} ({each['unit']}): {each['kind']} from {z(each['begins'])} for "
            f"{each['hours']} h at {each['speed']} kt, spacing {each['spacing']} NM, sweeps "
            f"{each['width']} NM"
        )
        if corners:
            places = ", ".join(map(_place, corners))
            yield f"  area {places}, drifting {each['toward']} T {each['drift']} kt"
        else:
            way = cast("list[object]", each["points"])
            yield f"  along a way of {len(way)} places from {_place(way[0])}; it does not drift"
        yield f"  in it {_percent(each['poc'])}, detected there {_percent(each['pod'])}"
    groups = cast("list[Json]", said["groups"])
    for each in groups if len(groups) > 1 else ():
        units = ", ".join(cast("list[str]", each["units"])) or "nobody"
        names = ", ".join(cast("list[str]", each["scenarios"]))
        middle = _place(each["middle"])
        yield f"about {middle} ({names}), {_percent(each['chance'])} of it: {units}"
    yield (
        f"all together: in the areas {_percent(said['poc'])}, expected success along these tracks "
        f"{_percent(said['expected'])} (random search with this effort: at most "
        f"{_percent(said['bound'])})"
    )
    yield from _taken(said)


def coverage(said: Json) -> Iterator[str]:
    """Yield what was searched, and what was not."""
    yield f"by {z(said['at'])}: cumulative probability of success {_percent(said['pos'])}"
    for each in cast("list[Json]", said["units"]):
        coarse = f", {each['coarse']} too coarse to count" if each["coarse"] else ""
        others = f", positions said by others: {each['others']}" if each["others"] else ""
        counted = f"{each['points']} positions, sweeps {each['width']} NM"
        yield f"  {each['name']}: {counted}{coarse}{others}"
        for begin, end in cast("list[list[str]]", each["holes"]):
            yield f"    NOT SEEN from {z(begin)} to {z(end)}"
        for begin, end in cast("list[list[str]]", each["too_fast"]):
            yield (
                f"    NOT COUNTED from {z(begin)} to {z(end)}: positions further apart than "
                f"{each['fastest']} kt"
            )
    for each in cast("list[Json]", said["partners"]):
        yield f"  {each['node']} reported its own until {z(each['until'])}"
    for each in cast("list[str]", said["doubts"]):
        yield f"  look at: {each}"
    cells = cast("list[str]", said["unlooked"])
    chance = _percent(said["unlooked_chance"])
    yield f"not looked at yet: {len(cells)} cells, in which it is with {chance}"
    yield f"  {said['limits']}"


def _taken(said: Json) -> Iterator[str]:
    for each in cast("list[str]", said["assumed"]):
        yield f"  taken, since nobody said: {each}"
    yield f"  {said['limits']}"


def _place(given: object) -> str:
    lat, lon = cast("tuple[float, float]", given)
    return spelled(Point(lat=lat, lon=lon))


def _centre(border: object) -> tuple[float, float]:
    """Return the middle of a cell's corners, which may lie on both sides of 180 degrees."""
    corners = cast("list[list[float]]", border)
    first, count = corners[0][1], len(corners)
    east = sum((lon - first + 180.0) % 360.0 - 180.0 for _, lon in corners) / count
    return sum(lat for lat, _ in corners) / count, (first + east + 180.0) % 360.0 - 180.0


def _percent(share: object) -> str:
    return f"{_float(share) * 100:.1f} %"


def _float(given: object) -> float:
    return float(str(given))
