"""Lines of a ledger for machines."""

from dataclasses import fields
from datetime import datetime
from typing import cast

from accord.release.ledger.entry import KIND_NAMES, Count, Entry


def as_json(entry: Entry) -> dict[str, object]:
    """Return a line for machines: bytes in hexadecimal, a checkpoint as its text."""
    said: dict[str, object] = {
        "number": entry.number,
        "time": spell(entry.at),
        "partner": entry.partner,
        "kind": KIND_NAMES[type(entry.body)],
    }
    for each in fields(entry.body):
        said[each.name] = _plain(each.name, getattr(entry.body, each.name))
    return said


def _plain(name: str, value: object) -> object:
    match value:
        case bytes():
            return value.decode("utf-8", "replace") if name == "note" else value.hex()
        case datetime():
            return spell(value)
        case Count():
            return {each.name: getattr(value, each.name) for each in fields(value)}
        case tuple():
            return [_plain(name, each) for each in cast("tuple[object, ...]", value)]
        case _:
            return value


def spell(at: datetime) -> str:
    """Return a time as a ledger has it: UTC, to the millisecond."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
