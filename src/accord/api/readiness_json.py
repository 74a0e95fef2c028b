"""The register, the board and statements as the page, scripts and the command line get them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from accord.core.rfc3339 import spell
from accord.desks.readiness.board import Cell, Offer, Rows, oldest_of
from accord.desks.readiness.clash import Clash
from accord.desks.readiness.columns import COLUMNS, Sheet
from accord.desks.readiness.notice import NOTICES
from accord.desks.readiness.register import Register
from accord.desks.readiness.said import Entry, Record, Records
from accord.desks.readiness.schemes import BadScheme, Rating
from accord.desks.readiness.statement import Heard, Standing, Statement
from accord.desks.readiness.telling import Telling

Json = dict[str, object]


def maybe(moment: datetime | None) -> str | None:
    """Return a time as RFC 3339 has it, None where there is none."""
    return None if moment is None else spell(moment)


def said_json(entry: Entry, at: datetime) -> Json:
    """Return a value with all that was said of it; `stale`: it may no longer be relied on."""
    said = entry.said
    return {
        "value": entry.value,
        "by": said.by,
        "as_of": spell(said.as_of),
        "valid_until": maybe(said.valid_until),
        "confidence": said.confidence.value,
        "stale": said.is_stale(at),
        "entered": spell(entry.entered),
        "person": entry.person,
    }


def record_json(record: Record, at: datetime) -> Json:
    """Return a record, in the order of its columns."""
    return {
        "id": record.id,
        "stale": record.is_stale(at),
        "oldest": spell(record.oldest),
        "values": {
            name: said_json(record.entries[name], at)
            for name in COLUMNS[record.sheet]
            if name in record.entries
        },
    }


def entry_json(entry: Entry, at: datetime) -> Json:
    """Return one line of a record's history."""
    return {"number": entry.number, "column": entry.column, **said_json(entry, at)}


def register_json(records: Records, register: Register, at: datetime) -> Json:
    """Return the register as it stood, and the levels of units that have any."""
    return {
        "at": spell(at),
        "columns": {sheet.value: list(COLUMNS[sheet]) for sheet in Sheet},
        "sheets": {
            sheet.value: [record_json(each, at) for each in records[sheet].values()]
            for sheet in Sheet
        },
        "ratings": [_of_levels(each, register, at) for each in records[Sheet.LEVELS].values()],
        "together": [asdict(each) for each in register.together(records, at)],
    }


def _of_levels(record: Record, register: Register, at: datetime) -> Json:
    found: Json = {"id": record.id, "unit": record.text("unit"), "stale": record.is_stale(at)}
    try:
        return {**found, **rating_json(register.rating(record)), "trouble": ""}
    except BadScheme as error:  # as it stood before all of it had been said
        return {**found, "trouble": str(error)}


def rating_json(rating: Rating) -> Json:
    """Return a rating with the table that it is by, and how far that can be relied on."""
    scheme, override = rating.scheme, rating.override
    return {
        "scheme": scheme.id,
        "scheme_name": scheme.name,
        "source": scheme.source,
        "confidence": scheme.confidence,
        "pillars": dict(rating.pillars),
        "worst": list(rating.worst),
        "computed": rating.computed,
        "reported": rating.reported,
        "says": scheme.says[scheme.levels.index(rating.reported)],
        "moved_by": "" if override is None else override.by,
        "moved_because": "" if override is None else override.reason,
    }


def board_json(rows: Rows, at: datetime, *, own: str, trouble: str = "") -> Json:
    """Return the board."""
    return {
        "at": spell(at),
        "own": own,
        "notices": list(NOTICES),
        "oldest": maybe(oldest_of(rows)),
        "rows": [
            {"capability": capability, "cells": [_cell(each) for each in cells]}
            for capability, cells in rows.items()
        ],
        "trouble": trouble,
    }


def _cell(cell: Cell) -> Json:
    return {
        "hours": cell.hours,
        "number": cell.number,
        "at_least": [round(each, 4) for each in cell.at_least],
        "oldest": maybe(cell.oldest),
        "offered": list(cell.partners(Standing.OFFERED)),
        "none": list(cell.partners(Standing.NONE)),
        "not_released": list(cell.partners(Standing.NOT_RELEASED)),
        "no_report": list(cell.partners(Standing.NO_REPORT)),
        "offers": [_offer(each) for each in cell.offers],
    }


def _offer(offer: Offer) -> Json:
    return {
        "partner": offer.partner,
        "basis": offer.basis.value,
        "standing": offer.standing.value,
        "number": offer.number,
        "oldest": maybe(offer.oldest),
        "until": maybe(offer.until),
        "by": list(offer.by),
        "stale": offer.is_stale,
        "confidence": offer.confidence.value,
    }


def clash_json(clash: Clash) -> Json:
    """Return a clash."""
    return {
        "kind": clash.kind.value,
        "unit": clash.unit,
        "first": clash.first,
        "second": clash.second,
        "begins": spell(clash.begins),
        "ends": spell(clash.ends),
        "text": clash.text,
    }


def statement_json(statement: Statement) -> Json:
    """Return a statement: all that there is in it."""
    return {
        "capability": statement.capability,
        "standing": statement.standing.value,
        "numbers": list(statement.numbers),
        "each": statement.each,
        "as_of": spell(statement.as_of),
        "until": spell(statement.until),
        "context": str(statement.context),
    }


def statements_json(
    heard: Sequence[Heard], could: Sequence[Statement], told: Sequence[Telling]
) -> Json:
    """Return what nodes stated last, what could be stated, and what is told until taken back."""
    return {
        "stated": heard_json(heard),
        "could": [statement_json(each) for each in could],
        "told": [_telling(each) for each in told],
    }


def _telling(of: Telling) -> Json:
    return {
        "capability": of.wanted.capability,
        "groups": sorted(of.wanted.groups),
        "marking": of.wanted.marking,
        "withhold": of.wanted.withhold,
        "by": of.person,
        "since": spell(of.since),
        "context": str(of.context),
    }


def heard_json(heard: Sequence[Heard]) -> list[Mapping[str, object]]:
    """Return statements with whose they are, and when they were got."""
    return [
        {
            "node": each.node,
            "received": spell(each.received),
            "statement": statement_json(each.statement),
        }
        for each in heard
    ]
