"""What goes in and out of `/api/v1/readiness`: JSON Schema, for the document of the interface."""

from collections.abc import Iterator, Mapping

from accord.api.openapi_operation import Operation
from accord.api.schema import (
    ANYTHING,
    FLAG,
    MAYBE_TEXT,
    MOMENT,
    NUMBER,
    TEXT,
    TEXTS,
    WHOLE,
    Json,
    list_of,
    object_of,
    one_of,
    ref,
)
from accord.desks.readiness.board import Basis
from accord.desks.readiness.clash import ClashKind
from accord.desks.readiness.columns import COLUMNS, Sheet
from accord.desks.readiness.said import Confidence
from accord.desks.readiness.statement import Standing

_SAID: dict[str, Json] = {
    "value": TEXT, "by": TEXT, "as_of": MOMENT, "valid_until": MAYBE_TEXT,
    "confidence": one_of([each.value for each in Confidence]), "stale": FLAG, "entered": MOMENT,
    "person": TEXT,
}  # fmt: skip

_OF_A_RATING = frozenset({
    "scheme", "scheme_name", "source", "confidence", "pillars", "worst", "computed", "reported",
    "says", "moved_by", "moved_because",
})  # fmt: skip

_RATING = object_of(
    {
        "id": TEXT, "unit": TEXT, "stale": FLAG, "trouble": TEXT, "scheme": TEXT,
        "scheme_name": TEXT, "source": TEXT, "confidence": TEXT,
        "pillars": {"type": "object", "additionalProperties": TEXT}, "worst": TEXTS,
        "computed": TEXT, "reported": TEXT, "says": TEXT, "moved_by": TEXT, "moved_because": TEXT,
    },
    optional=_OF_A_RATING,
)  # fmt: skip

_RECORD = object_of({
    "id": TEXT, "stale": FLAG, "oldest": MOMENT,
    "values": {"type": "object", "additionalProperties": ref("Said")},
})  # fmt: skip

_REGISTER = object_of({
    "at": MOMENT,
    "columns": {"type": "object", "additionalProperties": TEXTS},
    "sheets": {"type": "object", "additionalProperties": list_of(ref("Record"))},
    "ratings": list_of(_RATING),
    "together": list_of(object_of({
        "partner": TEXT, "scheme": TEXT, "level": MAYBE_TEXT, "units": WHOLE, "stale": WHOLE,
    })),
})  # fmt: skip

_OFFERED = object_of({
    "partner": TEXT, "basis": one_of([each.value for each in Basis]),
    "standing": one_of([each.value for each in Standing]), "number": WHOLE, "oldest": MAYBE_TEXT,
    "until": MAYBE_TEXT, "by": TEXTS, "stale": FLAG,
    "confidence": one_of([each.value for each in Confidence]),
})  # fmt: skip

_CELL_OF_BOARD = object_of({
    "hours": WHOLE, "number": WHOLE, "at_least": list_of(NUMBER), "oldest": MAYBE_TEXT,
    "offered": TEXTS, "none": TEXTS, "not_released": TEXTS, "no_report": TEXTS,
    "offers": list_of(_OFFERED),
})  # fmt: skip

_BOARD = object_of({
    "at": MOMENT, "own": TEXT, "notices": list_of(WHOLE), "oldest": MAYBE_TEXT,
    "rows": list_of(object_of({"capability": TEXT, "cells": list_of(_CELL_OF_BOARD)})),
    "trouble": TEXT,
})  # fmt: skip

_CLASH = object_of({
    "kind": one_of([each.value for each in ClashKind]), "unit": TEXT, "first": TEXT,
    "second": TEXT, "begins": MOMENT, "ends": MOMENT, "text": TEXT,
})  # fmt: skip

_STATEMENT = object_of({
    "capability": TEXT, "standing": one_of([each.value for each in Standing]),
    "numbers": list_of(WHOLE), "each": NUMBER, "as_of": MOMENT, "until": MOMENT, "context": TEXT,
})  # fmt: skip

_GIVEN_ROW = object_of(
    {
        "sheet": one_of([each.value for each in Sheet]), "id": TEXT,
        "values": {"type": "object", "additionalProperties": TEXT}, "by": TEXT, "as_of": TEXT,
        "valid_until": TEXT, "confidence": one_of([each.value for each in Confidence]),
    },
    optional=frozenset({"valid_until", "confidence"}),
)  # fmt: skip

READINESS: Mapping[str, Json] = {
    "Said": object_of(_SAID),
    "Record": _RECORD,
    "Register": _REGISTER,
    "History": object_of({
        "entries": list_of(object_of({"number": WHOLE, "column": TEXT, **_SAID})),
    }),
    "Board": _BOARD,
    "Clashes": object_of({"clashes": list_of(_CLASH)}),
    "Statement": _STATEMENT,
    "Statements": object_of({
        "stated": list_of(object_of({"node": TEXT, "received": MOMENT, "statement": _STATEMENT})),
        "could": list_of(_STATEMENT),
        "told": list_of(object_of({
            "capability": TEXT, "groups": TEXTS, "marking": TEXT, "withhold": FLAG, "by": TEXT,
            "since": MOMENT, "context": TEXT,
        })),
    }),
    "NoMore": object_of(
        {"capability": TEXT, "context": TEXT}, optional=frozenset({"context"})
    ),
    "Rows": object_of(
        {"rows": list_of(_GIVEN_ROW), "context": TEXT}, optional=frozenset({"context"})
    ),
    "Upload": object_of(
        {"name": TEXT, "data": TEXT, "context": TEXT}, optional=frozenset({"context"})
    ),
    "DrawnArea": object_of(
        {
            "id": TEXT, "geojson": ANYTHING, "name": TEXT,
            "kind": one_of(list(COLUMNS[Sheet.AREAS]["kind"].words)), "published_km2": TEXT,
            "note": TEXT, "by": TEXT, "as_of": TEXT, "valid_until": TEXT,
            "confidence": one_of([each.value for each in Confidence]), "context": TEXT,
        },
        optional=frozenset({
            "name", "kind", "published_km2", "note", "valid_until", "confidence", "context",
        }),
    ),
    "Taken": object_of({"rows": WHOLE, "values": WHOLE}),
    "State": object_of(
        {"capability": TEXT, "marking": TEXT, "groups": TEXTS, "withhold": FLAG, "context": TEXT},
        optional=frozenset({"marking", "groups", "withhold", "context"}),
    ),
}  # fmt: skip


def readiness_operations() -> Iterator[Operation]:
    """Yield what can be asked of the register of readiness, and done with it."""
    when = ("of_context", "at", "known")
    for name, says, schema, more in (
        ("board", "The board: capability by notice, and who offers what.", "Board", ()),
        ("register", "Every value that holds, who said it, and whether it is stale.", "Register",
         ()),
        ("history", "All that was ever said of one record, newest first.", "History",
         ("sheet", "record")),
        ("clashes", "What cannot all be so.", "Clashes", ()),
        ("export", "A workbook of all sheets or, where a sheet is named, that one as CSV.", "",
         ("sheet",)),
        ("statements", "What nodes stated last, what could be stated, and what is told.",
         "Statements", ()),
    ):  # fmt: skip
        yield Operation(
            method="get",
            path=f"/api/v1/readiness/{name}",
            says=says,
            answers={200: schema},
            problems=(400, 401, 403, 503),
            parameters=(*when, *more),
        )
    for name, says, body, status, made in (
        ("rows", "Take rows into the register, all or none.", "Rows", 200, "Taken"),
        ("import", "Take a workbook or a CSV file, all or nothing.", "Upload", 200, "Taken"),
        ("areas", "Take an area that is drawn as GeoJSON, in cells.", "DrawnArea", 200, "Taken"),
        ("statements", "State what may be told of a capability: the agreements decide to whom.",
         "State", 201, "Statement"),
    ):  # fmt: skip
        yield Operation(
            method="post",
            path=f"/api/v1/readiness/{name}",
            says=says,
            answers={status: made},
            problems=(400, 401, 403, 409, 413, 415, 503),
            body=body,
        )
    yield Operation(
        method="delete",
        path="/api/v1/readiness/statements",
        says="State a capability no more; what was stated of it runs out.",
        answers={204: ""},
        problems=(400, 401, 403, 404, 413, 415, 503),
        body="NoMore",
    )
