"""Incidents of relief as lines for people."""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from accord.desks.relief.fields import SORTS
from accord.desks.relief.incident import HEAD
from accord.desks.relief.reading import position, spelt_number, spelt_place

MAX_VALUE = 120
"""Letters of a value in a list."""

Json = Mapping[str, object]
"""As `desks/relief/as_json.py` makes it."""


def incidents(found: Sequence[Json]) -> Iterator[str]:
    """Yield a line for each incident."""
    for each in found:
        fields = cast("Mapping[str, str]", each["fields"])
        state = "closed" if each["closed"] else "open"
        shared = "  shared" if each["shared"] else ""
        title = _short(fields.get("title", ""))
        yield f"{each['id']}  {each['context']}  {each['opened']}  {state}{shared}  {title}"
    if not found:
        yield "no incidents"


def incident(said: Json) -> Iterator[str]:
    """Yield what is known of an incident: its records, what adds up, what does not."""
    shared = "  shared with partners" if said["shared"] else ""
    yield f"{said['id']}  {said['context']}  opened {said['opened']}{shared}"
    records = cast("list[Json]", said["records"])
    for each in records:
        yield from record(each)
    totals = cast("Mapping[str, int]", said["totals"])
    if totals["accounts"]:
        states = ", ".join(f"{totals[n]} {n}" for n in ("unhurt", "injured", "dead", "missing"))
        unknown = totals["unknown"]
        open_ = f"; of {unknown} accounts nobody can say who is missing" if unknown else ""
        yield f"persons: {totals['aboard']} aboard, {states}{open_}"
    for each in cast("list[str]", said["doubts"]):
        yield f"look at: {each}"


def record(said: Json) -> Iterator[str]:
    """Yield a record, in a line for each field."""
    name = "incident" if f"{said['sort']}:{said['id']}" == HEAD else f"{said['sort']} {said['id']}"
    yield f"  {name}{_sums(said)}"
    for field, value in cast("Mapping[str, Mapping[str, str]]", said["fields"]).items():
        text = shown(str(said["sort"]), field, value["value"])
        yield f"    {field:<16} {text}  ({value['by']}, {value['node']}, {value['at']})"


def _sums(said: Json) -> str:
    if said.get("left") is not None:
        left, matched = (spelt_number(float(str(said[each]))) for each in ("left", "matched"))
        return f": {matched} matched, {left} left"
    if said.get("missing") is not None:
        return f": {said['found']} accounted for, {said['missing']} missing"
    return ""


def shown(sort: str, field: str, text: str) -> str:
    """Return a value as people read it."""
    known = SORTS[sort].fields.get(field) if sort in SORTS else None
    if text and known is not None and known.read is position:
        return spelt_place(text)
    return _short(" ".join(text.split()))


def log(said: Json) -> Iterator[str]:
    """Yield the log."""
    for each in cast("list[Json]", said["log"]):
        fields = cast("Mapping[str, str]", each["fields"])
        record_ = str(each["record"])
        sort = record_.partition(":")[0]
        words = ", ".join(f"{n} {shown(sort, n, text)}" for n, text in fields.items())
        mark = "" if each["reach"] == "shared" else f"  {str(each['reach']).upper()}"
        what = record_.replace(":", " ").strip() or "note"
        yield f"{each['at']}  {each['node']}  {each['by']}: {what}  {words}{mark}"


def alerts(found: Sequence[Json]) -> Iterator[str]:
    """Yield a line for each alert."""
    for each in found:
        later = f"  (followed by {each['replaced_by']})" if each["replaced_by"] else ""
        text = _short(str(each["headline"] or each["event"]))
        yield (
            f"{each['identifier']}  {each['status']}  {each['kind']}  {each['sent']}  {text}{later}"
        )
    if not found:
        yield "no alerts"


def fields() -> Iterator[str]:
    """Yield which records there are, and their fields."""
    for sort in SORTS.values():
        yield sort.key
        for each in sort.fields.values():
            must = "must be said" if each.is_required else ""
            names = "names somebody: stays here" if each.is_personal else ""
            choices = f"one of {', '.join(each.choices)}" if each.choices else ""
            said = "; ".join(filter(None, (must, names, choices, each.tag)))
            yield f"  {each.name:<16} {said}".rstrip()


def _short(text: str) -> str:
    return text if len(text) <= MAX_VALUE else f"{text[: MAX_VALUE - 1]}…"
