"""What can be asked of `/api/v1/sar`, and what goes in and out: for the interface's document."""

from collections.abc import Mapping, Sequence

from accord.api.openapi_operation import Described, Operation, described
from accord.api.schema import (
    ANYTHING,
    FLAG,
    MOMENT,
    NUMBER,
    TEXT,
    TEXTS,
    WHOLE,
    Json,
    list_of,
    maybe,
    object_of,
    one_of,
    ref,
)
from accord.desks.sar.coverings import State
from accord.desks.sar.entry import Kind
from accord.desks.sar.reports import State as ReportState
from accord.desks.sar.route import FORMS
from accord.search.patterns import PatternKind
from accord.search.sweep import Platform

_PLACE = list_of(NUMBER)
_PLACES = list_of(_PLACE)

_RIVAL = object_of({"value": TEXT, "by": TEXT, "node": TEXT, "at": MOMENT})
_FACT = object_of({
    "value": TEXT, "by": TEXT, "node": TEXT, "at": MOMENT, "seen": TEXTS, "rivals": list_of(_RIVAL),
})  # fmt: skip

_CASE: dict[str, Json] = {
    "id": TEXT, "context": TEXT, "opened": MOMENT, "closed": FLAG, "lead": TEXT,
    "facts": {"type": "object", "additionalProperties": _FACT}, "checked": TEXTS,
}  # fmt: skip

_LINE = object_of({
    "id": TEXT, "node": TEXT, "number": WHOLE, "at": MOMENT, "entered": MOMENT, "by": TEXT,
    "kind": one_of([each.value for each in Kind]), "about": TEXT, "value": TEXT,
    "place": maybe(_PLACE), "seen": TEXTS, "private": FLAG,
})  # fmt: skip

_CELL = object_of(
    {"cell": TEXT, "chance": NUMBER, "border": _PLACES, "pod": NUMBER}, optional=frozenset({"pod"})
)

_TASK = object_of({
    "unit": TEXT, "name": TEXT, "kind": one_of([each.value for each in PatternKind]),
    "begins": MOMENT, "hours": NUMBER, "speed": NUMBER, "spacing": NUMBER, "width": NUMBER,
    "poc": NUMBER, "pod": NUMBER, "toward": NUMBER, "drift": NUMBER, "corners": _PLACES,
    "points": _PLACES,
})  # fmt: skip

_UNIT = object_of({
    "unit": TEXT, "name": TEXT, "width": NUMBER, "points": WHOLE, "coarse": WHOLE,
    "others": WHOLE, "holes": list_of(list_of(MOMENT)), "too_fast": list_of(list_of(MOMENT)),
    "fastest": NUMBER,
})  # fmt: skip

_HELPER = object_of({
    "uid": TEXT, "name": TEXT, "kind": TEXT, "platform": one_of([each.value for each in Platform]),
    "point": _PLACE, "miles": NUMBER, "course": NUMBER, "speed": NUMBER, "assumed": FLAG,
    "hours": NUMBER, "age": NUMBER, "node": TEXT, "asked": TEXT,
})  # fmt: skip

_REPORT = object_of({
    "id": TEXT, "state": one_of([each.value for each in ReportState]), "to": TEXT, "text": TEXT,
    "node": TEXT, "drafted_by": maybe(TEXT), "drafted": maybe(MOMENT), "reviewed_by": maybe(TEXT),
    "reviewed": maybe(MOMENT), "told": FLAG,
})  # fmt: skip

_TYPED: Json = {"type": "object", "additionalProperties": TEXT}

SAR_SCHEMAS: Mapping[str, Json] = {
    "SarCases": object_of({"cases": list_of(object_of(_CASE))}),
    "SarCase": object_of({**_CASE, "log": list_of(_LINE)}),
    "SarOpening": object_of(
        {
            "facts": _TYPED, "note": TEXT, "context": TEXT, "beacon": TEXT, "cap": TEXT,
            "alert": TEXT, "uid": TEXT, "at": TEXT,
        },
        optional=frozenset({"facts", "note", "context", "beacon", "cap", "alert", "uid", "at"}),
    ),
    "SarFacts": object_of(
        {"facts": _TYPED, "seen": TEXTS, "at": TEXT}, optional=frozenset({"seen", "at"})
    ),
    "SarLine": object_of(
        {
            "kind": one_of(["note", "sighting", "check"]), "text": TEXT, "position": TEXT,
            "at": TEXT, "private": FLAG,
        },
        optional=frozenset({"position", "at", "private"}),
    ),
    "SarUnit": object_of(
        {
            "uid": TEXT, "platform": TEXT, "name": TEXT, "speed": TEXT, "hours": TEXT,
            "height_ft": TEXT, "width": TEXT, "arrives": TEXT, "tired": TEXT, "gone": FLAG,
            "seen": TEXTS,
        },
        optional=frozenset({
            "platform", "name", "speed", "hours", "height_ft", "width", "arrives", "tired", "gone",
            "seen",
        }),
    ),
    "SarScenario": object_of(
        {
            "name": TEXT, "position": TEXT, "to": TEXT, "time": TEXT, "error": TEXT,
            "time_error": TEXT, "object": TEXT, "weight": TEXT, "gone": FLAG, "seen": TEXTS,
        },
        optional=frozenset({
            "position", "to", "time", "error", "time_error", "object", "weight", "gone", "seen",
        }),
    ),
    "SarShare": object_of(
        {"groups": TEXTS, "marking": TEXT, "gone": FLAG},
        optional=frozenset({"groups", "marking", "gone"}),
    ),
    "SarLead": object_of({"to": TEXT, "reason": TEXT}, optional=frozenset({"to", "reason"})),
    "SarObjects": object_of({
        "objects": list_of(object_of({
            "key": TEXT, "name": TEXT, "group": TEXT, "seen_as": TEXT, "doubt": TEXT,
        })),
        "targets": TEXTS,
    }),
    "SarDrift": object_of({
        "at": MOMENT, "begin": MOMENT, "middle": _PLACE, "within_50": NUMBER, "within_90": NUMBER,
        "particles": WHOLE, "seed": TEXT, "cells": list_of(ref("SarCell")), "assumed": TEXTS,
        "limits": TEXT,
    }),
    "SarCell": _CELL,
    "SarPlanning": object_of(
        {"patterns": ANYTHING, "tracks": _TYPED, "keep": FLAG},
        optional=frozenset({"patterns", "tracks", "keep"}),
    ),
    "SarPlan": object_of({
        "poc": NUMBER, "expected": NUMBER, "bound": NUMBER, "tasks": list_of(_TASK),
        "groups": list_of(object_of({
            "scenarios": TEXTS, "chance": NUMBER, "middle": _PLACE, "units": TEXTS,
        })),
        "assumed": TEXTS, "limits": TEXT,
    }),
    "SarCoverage": object_of({
        "at": MOMENT, "pos": NUMBER, "own_pos": NUMBER, "units": list_of(_UNIT),
        "partners": list_of(object_of({"node": TEXT, "until": MOMENT})),
        "cells": list_of(ref("SarCell")), "unlooked": TEXTS, "unlooked_chance": NUMBER,
        "doubts": TEXTS, "limits": TEXT,
    }),
    "SarCovering": object_of({"at": TEXT, "keep": FLAG}, optional=frozenset({"at", "keep"})),
    "SarRun": object_of({
        "id": TEXT, "state": one_of([each.value for each in State]), "done": WHOLE, "of": WHOLE,
        "trouble": TEXT, "coverage": maybe(ref("SarCoverage")),
    }),
    "SarHelpers": object_of({"helpers": list_of(_HELPER)}),
    "SarSending": object_of({"unit": TEXT, "to": TEXT}, optional=frozenset({"to"})),
    "SarReport": object_of({"text": TEXT}),
    "SarReleased": object_of({"text": TEXT, "to": TEXT}),
    "SarReportLine": _REPORT,
    "SarReports": object_of({"reports": list_of(ref("SarReportLine"))}),
    "SarDrafting": object_of({"to": TEXT, "text": TEXT}, optional=frozenset({"text"})),
    "SarReview": object_of({"text": TEXT}, optional=frozenset({"text"})),
    "Nothing": ANYTHING,
}  # fmt: skip
"""By name."""

SAR_PARAMETERS: Mapping[str, Json] = {
    "case": {
        "name": "id", "in": "path", "required": True, "description": "The name of a case.",
        "schema": TEXT,
    },
    "unit": {
        "name": "unit", "in": "path", "required": True, "description": "The uid of a unit.",
        "schema": TEXT,
    },
    "flow": {
        "name": "kind", "in": "path", "required": True, "description": "What the file is of.",
        "schema": one_of(["wind", "current"]),
    },
    "line": {
        "name": "line", "in": "path", "required": True,
        "description": "The line of the log that names a report.", "schema": TEXT,
    },
    "run": {
        "name": "run", "in": "path", "required": True, "description": "The name of a run.",
        "schema": TEXT,
    },
    "as": {
        "name": "as", "in": "query", "description": "The form; radio if not given.",
        "schema": one_of(list(FORMS)),
    },
    "whom": {
        "name": "to", "in": "query", "description": "To whom a report is.", "schema": TEXT,
    },
}  # fmt: skip


_ONE = ("case",)

_SAR = (
    Described("get", "cases", "Every case of the contexts that he is in.", (200, "SarCases")),
    Described(
        "post", "cases", "Open a case: from facts, a beacon message, a CAP alert or a track.",
        (201, "SarCase"), body="SarOpening",
    ),
    Described("get", "objects", "What drifts, and what is searched for.", (200, "SarObjects")),
    Described("get", "cases/{id}", "One case with its log.", (200, "SarCase"), _ONE),
    Described(
        "post", "cases/{id}/facts", "Set facts, all or none; 409 where somebody else has.",
        (200, "SarCase"), _ONE, "SarFacts",
    ),
    Described(
        "post", "cases/{id}/log", "Write a line into the log.", (200, "SarCase"), _ONE, "SarLine"
    ),
    Described(
        "post", "cases/{id}/units", "Give the case a unit, change or take one.", (200, "SarCase"),
        _ONE, "SarUnit",
    ),
    Described(
        "post", "cases/{id}/scenarios", "Write down what may have happened.", (200, "SarCase"),
        _ONE, "SarScenario",
    ),
    Described(
        "post", "cases/{id}/share", "Say a case to partners: the agreements decide to whom.",
        (200, "SarCase"), _ONE, "SarShare",
    ),
    Described(
        "post", "cases/{id}/lead", "Offer the lead to another node, or take it.", (200, "SarCase"),
        _ONE, "SarLead",
    ),
    Described(
        "get", "cases/{id}/drift", "Where it may be, by cells.", (200, "SarDrift"), (*_ONE, "at")
    ),
    Described(
        "post", "cases/{id}/plan", "Plan for the units of the case.", (200, "SarPlan"), _ONE,
        "SarPlanning",
    ),
    Described(
        "get", "cases/{id}/coverage", "What was really searched, and what is left.",
        (200, "SarCoverage"), (*_ONE, "at"),
    ),
    Described(
        "post", "cases/{id}/coverage", "Write what was searched into the log.", (200, "SarCase"),
        _ONE, "Nothing",
    ),
    Described(
        "post", "cases/{id}/coverage-runs", "Begin to work out what was searched.",
        (201, "SarRun"), _ONE, "SarCovering",
    ),
    Described(
        "get", "cases/{id}/coverage-runs/{run}", "How far it is; the coverage when it is done.",
        (200, "SarRun"), (*_ONE, "run"),
    ),
    Described(
        "delete", "cases/{id}/coverage-runs/{run}", "End it before it is done.",
        (200, "SarRun"), (*_ONE, "run"),
    ),
    Described(
        "put", "cases/{id}/conditions/{kind}",
        "Take a NetCDF or GRIB file, the body, for the wind or the current.",
        (200, "SarCase"), (*_ONE, "flow"),
    ),
    Described(
        "get", "cases/{id}/helpers", "Who on the picture could be on scene soonest.",
        (200, "SarHelpers"), _ONE,
    ),
    Described(
        "get", "cases/{id}/routes/{unit}", "A unit's task as GPX, KML, CoT or words for radio.",
        (200, ""), (*_ONE, "unit", "as"),
    ),
    Described(
        "post", "cases/{id}/send", "Send a unit its task, to its own TAK client.",
        (200, "SarCase"), _ONE, "SarSending",
    ),
    Described(
        "get", "cases/{id}/report", "The situation report as it stands.", (200, "SarReport"),
        (*_ONE, "whom"),
    ),
    Described(
        "post", "cases/{id}/report", "Write a report that a person has read into the log.",
        (200, "SarCase"), _ONE, "SarReleased",
    ),
    Described(
        "get", "cases/{id}/reports", "Every report of a case, and who has reviewed it.",
        (200, "SarReports"), _ONE,
    ),
    Described(
        "post", "cases/{id}/reports", "Keep a report for a person to review.",
        (201, "SarReportLine"), _ONE, "SarDrafting",
    ),
    Described(
        "post", "cases/{id}/reports/{line}/review", "Let a report go that he has read.",
        (200, "SarReportLine"), (*_ONE, "line"), "SarReview",
    ),
    Described(
        "get", "cases/{id}/reports/{line}/pdf", "A report as PDF.", (200, ""), (*_ONE, "line")
    ),
    Described(
        "get", "cases/{id}/reports/{line}/text", "A report as plain text.", (200, ""),
        (*_ONE, "line"),
    ),
    Described(
        "get", "cases/{id}/reports/{line}/page", "A report as a page to print.", (200, ""),
        (*_ONE, "line"),
    ),
    Described("get", "cases/{id}/export", "The whole case as a ZIP.", (200, ""), _ONE),
)  # fmt: skip

SAR_OPERATIONS: Sequence[Operation] = tuple(
    described(
        "/api/v1/sar",
        _SAR,
        always=frozenset({400, 401, 503}),
        of_a_change=frozenset({403, 409, 413, 415}),
    )
)
