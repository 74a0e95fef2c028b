"""A small register of readiness: one line of aircraft, and rows to add to it."""

import json
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from accord.desks.readiness.columns import Sheet
from accord.desks.readiness.register import Register
from accord.desks.readiness.said import Confidence, Records, Row, Said
from accord.desks.readiness.schemes import read_schemes

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
"""A Wednesday noon."""

SAID = Said(
    by="HQ",
    as_of=datetime(2026, 3, 1, tzinfo=UTC),
    valid_until=datetime(2026, 3, 20, tzinfo=UTC),
    confidence=Confidence.STATED,
)

SCHEMES = read_schemes((files("accord.desks.readiness") / "schemes.toml").read_text("utf-8"))


def a_row(sheet: Sheet, id_: str, said: Said = SAID, /, **values: str) -> Row:
    """A row; `from_` stands for the column `from`, `class_` for `class`."""
    named = {name.rstrip("_"): value for name, value in values.items()}
    return Row(sheet=sheet, id=id_, values=named, said=said)


def a_base(id_: str = "NZ-OHA") -> Row:
    return a_row(
        Sheet.BASES, id_, name="Ohakea", country="NZL", role="both", lat="-40.2", lon="175.4"
    )


def a_class(id_: str = "MPA", **values: str) -> Row:
    usual = {
        "name": "patrol aircraft", "domain": "air", "cruise_kt": "440", "notice_h": "1/2/6",
        "roles": "surveillance, sar",
    }  # fmt: skip
    return a_row(Sheet.CLASSES, id_, SAID, **{**usual, **values})


def a_unit(id_: str = "NZL-MPA", **values: str) -> Row:
    usual = {"partner": "NZL", "class": "MPA", "base": "NZ-OHA"}
    return a_row(Sheet.UNITS, id_, SAID, **{**usual, **values})


def available(id_: str, unit: str, share: str = "0.5", said: Said = SAID, **values: str) -> Row:
    usual = {
        "unit": unit, "from": "2026-01-01", "to": "2027-01-01", "state": "available",
        "share": share,
    }  # fmt: skip
    return a_row(Sheet.AVAILABILITY, id_, said, **{**usual, **values})


def in_maintenance(id_: str, unit: str, said: Said = SAID, **values: str) -> Row:
    usual = {"unit": unit, "from": "2026-03-01", "to": "2026-04-01", "state": "maintenance"}
    return a_row(Sheet.AVAILABILITY, id_, said, **{**usual, **values})


def deployed(id_: str, unit: str, begins: str, ends: str, **values: str) -> Row:
    usual = {"unit": unit, "base": "NZ-OHA", "from": begins, "to": ends}
    return a_row(Sheet.DEPLOYMENTS, id_, SAID, **{**usual, **values})


FLEET = (
    a_base(),
    a_class(),
    a_unit("NZL-MPA", count="4"),
    available("A1", "NZL-MPA"),
)
"""Four alike aircraft, each available half of the time, at two hours' notice."""


def a_register(directory: Path, *rows: Row, at: datetime = NOW) -> Register:
    """A register in a file, with those rows in it."""
    register = Register(directory / "readiness.sqlite", SCHEMES)
    register.store.prepare()
    if rows:
        register.take(rows, person="aroha", now=at)
    return register


FIJI = json.dumps({
    "type": "Polygon",
    "coordinates": [[[170, -20], [190, -20], [190, -10], [170, -10], [170, -20]]],
})  # fmt: skip
"""A drawing of an area over 180 degrees."""


def records_of(*rows: Row, directory: Path) -> Records:
    """What a register of those rows holds."""
    return a_register(directory, *rows).records()
