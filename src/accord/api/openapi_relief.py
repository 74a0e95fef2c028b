"""What can be asked of `/api/v1/relief`, and what goes in and out: for the interface's document."""

from collections.abc import Mapping, Sequence

from accord.api.openapi_operation import Described, Operation, described
from accord.api.schema import (
    FLAG,
    MAYBE_NUMBER,
    MAYBE_TEXT,
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
)
from accord.desks.relief.fields import KINDS, SORTS
from accord.desks.relief.incidents import BY_HAND
from accord.desks.relief.line import Reach
from accord.desks.relief.sheet import SHEETS

_TYPED: Json = {"type": "object", "additionalProperties": TEXT}
_RIVAL = object_of({"value": TEXT, "by": TEXT, "node": TEXT, "at": MOMENT})
_FIELD = object_of({
    "value": TEXT, "by": TEXT, "node": TEXT, "at": MOMENT, "seen": TEXTS, "rivals": list_of(_RIVAL),
})  # fmt: skip

_SUMS: Mapping[str, Json] = {
    "matched": NUMBER, "left": MAYBE_NUMBER, "found": WHOLE, "missing": maybe(WHOLE), "fault": TEXT,
}  # fmt: skip
_RECORD = object_of(
    {
        "sort": one_of(list(SORTS)), "id": TEXT, "node": TEXT,
        "fields": {"type": "object", "additionalProperties": _FIELD}, **_SUMS,
    },
    optional=frozenset(_SUMS),
)  # fmt: skip
_LINE = object_of({
    "id": TEXT, "node": TEXT, "number": WHOLE, "at": MOMENT, "entered": MOMENT, "by": TEXT,
    "record": TEXT, "fields": _TYPED, "note": FLAG, "reach": one_of([e.value for e in Reach]),
})  # fmt: skip
_TOTALS = object_of({
    "accounts": WHOLE, "aboard": WHOLE, "unhurt": WHOLE, "injured": WHOLE, "dead": WHOLE,
    "missing": WHOLE, "unknown": WHOLE,
})  # fmt: skip

_HEAD: Mapping[str, Json] = {
    "id": TEXT, "context": TEXT, "opened": MOMENT, "closed": FLAG, "shared": FLAG, "fields": _TYPED,
}  # fmt: skip
_INCIDENT: Mapping[str, Json] = {
    **_HEAD, "records": list_of(_RECORD), "totals": _TOTALS, "doubts": TEXTS, "log": list_of(_LINE),
}  # fmt: skip
_ALERT = object_of({
    "identifier": TEXT, "incident": TEXT, "context": TEXT, "status": one_of(["Actual", "Exercise"]),
    "kind": one_of(list(KINDS)), "sender": TEXT, "sent": MOMENT, "expires": MOMENT,
    "headline": TEXT, "event": TEXT, "severity": TEXT, "references": TEXT,
    "replaced_by": MAYBE_TEXT, "groups": TEXTS,
})  # fmt: skip
_KNOWN = object_of(
    {"name": TEXT, "required": FLAG, "personal": FLAG, "choices": TEXTS, "tag": TEXT}
)

RELIEF_SCHEMAS: Mapping[str, Json] = {
    "ReliefIncidents": object_of({"incidents": list_of(object_of(_HEAD))}),
    "ReliefIncident": object_of(
        {**_INCIDENT, "record": TEXT, "alert": TEXT, "taken": WHOLE, "same": WHOLE,
         "ignored": TEXTS},
        optional=frozenset({"record", "alert", "taken", "same", "ignored"}),
    ),
    "ReliefFields": object_of(
        {"records": {"type": "object", "additionalProperties": list_of(_KNOWN)}}
    ),
    "ReliefAlerts": object_of({"alerts": list_of(_ALERT)}),
    "ReliefOpening": object_of(
        {
            "fields": _TYPED, "note": TEXT, "context": TEXT, "cap": TEXT, "alert": TEXT,
            "at": TEXT,
        },
        optional=frozenset({"fields", "note", "context", "cap", "alert", "at"}),
    ),
    "ReliefRecord": object_of(
        {
            "sort": one_of(["incident", *sorted(BY_HAND)]), "id": TEXT, "fields": _TYPED,
            "seen": TEXTS, "at": TEXT,
        },
        optional=frozenset({"id", "seen", "at"}),
    ),
    "ReliefNote": object_of(
        {"text": TEXT, "own": FLAG, "at": TEXT}, optional=frozenset({"own", "at"})
    ),
    "ReliefShare": object_of(
        {"groups": TEXTS, "marking": TEXT, "names": FLAG, "gone": FLAG},
        optional=frozenset({"groups", "marking", "names", "gone"}),
    ),
    "ReliefAlert": object_of(
        {"fields": _TYPED, "groups": TEXTS, "update": TEXT, "cancel": TEXT, "names": FLAG},
        optional=frozenset({"fields", "groups", "update", "cancel", "names"}),
    ),
    "ReliefSheet": object_of(
        {"text": TEXT, "workbook": TEXT, "at": TEXT},
        optional=frozenset({"text", "workbook", "at"}),
    ),
}  # fmt: skip
"""By name."""

RELIEF_PARAMETERS: Mapping[str, Json] = {
    "relief_incident": {
        "name": "id", "in": "path", "required": True, "description": "The name of an incident.",
        "schema": TEXT,
    },
    "relief_sheet": {
        "name": "sheet", "in": "path", "required": True, "description": "Of which records.",
        "schema": one_of(list(SHEETS)),
    },
    "relief_form": {
        "name": "form", "in": "path", "required": True,
        "description": "The name of a METHANE report or a nine-line request.", "schema": TEXT,
    },
    "relief_alert": {
        "name": "alert", "in": "path", "required": True,
        "description": "The identifier of an alert.", "schema": TEXT,
    },
}  # fmt: skip


_ONE = ("relief_incident",)
_WHOLE = (200, "ReliefIncident")

_RELIEF = (
    Described(
        "get", "incidents", "Every incident of the contexts that he is in.",
        (200, "ReliefIncidents"),
    ),
    Described(
        "post", "incidents",
        "Open an incident: from fields, a CAP alert, or a hazard that a feed tells of.",
        (201, "ReliefIncident"), body="ReliefOpening",
    ),
    Described("get", "fields", "Which records there are, and their fields.", (200, "ReliefFields")),
    Described("get", "incidents/{id}", "One incident with all its records.", _WHOLE, _ONE),
    Described(
        "post", "incidents/{id}/records", "Add a record, or change one; 409: somebody else has.",
        _WHOLE, _ONE, "ReliefRecord",
    ),
    Described("post", "incidents/{id}/notes", "Write into the log.", _WHOLE, _ONE, "ReliefNote"),
    Described(
        "post", "incidents/{id}/share", "Say it to partners: the agreements decide to whom.",
        _WHOLE, _ONE, "ReliefShare",
    ),
    Described(
        "post", "incidents/{id}/alerts", "Issue a CAP alert, an update or a cancellation.",
        (201, "ReliefIncident"), _ONE, "ReliefAlert",
    ),
    Described(
        "get", "incidents/{id}/sheets/{sheet}",
        "Records as CSV with HXL hashtags, without names; all.xlsx has all as a workbook.",
        (200, ""), (*_ONE, "relief_sheet"),
    ),
    Described(
        "post", "incidents/{id}/sheets/{sheet}",
        "Take records from CSV or a workbook, whole or not at all.",
        _WHOLE, (*_ONE, "relief_sheet"), "ReliefSheet",
    ),
    Described(
        "get", "incidents/{id}/forms/{form}", "A form as it is read over the radio, without names.",
        (200, ""), (*_ONE, "relief_form"),
    ),
    Described("get", "alerts", "The alerts for groups that he hears.", (200, "ReliefAlerts")),
    Described("get", "alerts.atom", "The same as an Atom feed.", (200, "")),
    Described(
        "get", "alerts/{alert}", "One alert as a CAP 1.2 document.", (200, ""), ("relief_alert",)
    ),
)  # fmt: skip

RELIEF_OPERATIONS: Sequence[Operation] = tuple(
    described(
        "/api/v1/relief",
        _RELIEF,
        always=frozenset({401, 503}),
        of_a_change=frozenset({400, 403, 409, 413, 415}),
    )
)
