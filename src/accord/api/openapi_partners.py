"""What is said of partners, ledgers and agreements: schemas as `openapi_schemas` has the others."""

from collections.abc import Mapping, Sequence

from accord.api.agreement_preview import MAX_HOURS
from accord.api.ledgers import KINDS, MOST, USUAL
from accord.api.openapi_operation import Operation
from accord.api.openapi_schemas import (
    ANYTHING,
    FLAG,
    MAYBE_TEXT,
    NUMBER,
    TEXT,
    TEXTS,
    WHOLE,
    Json,
)

_COUNTS: Json = {"type": "object", "additionalProperties": WHOLE}
_MAYBE_WHOLE: Json = {"type": ["integer", "null"]}


def _with(keys: Mapping[str, Json], *, but: frozenset[str] = frozenset()) -> Json:
    """Return an object in which all of these are, `but` those that may be missing."""
    return {"type": "object", "properties": dict(keys), "required": sorted(keys.keys() - but)}


def _several(name: str) -> Json:
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}


def _or_null(name: str) -> Json:
    return {"anyOf": [{"$ref": f"#/components/schemas/{name}"}, {"type": "null"}]}


_COUNT = _with(
    {
        "agreement": TEXT, "serial": WHOLE, "clause": TEXT, "form": TEXT, "reason": TEXT,
        "count": WHOLE,
    },
    but=frozenset({"form", "reason"}),
)  # fmt: skip

_STANDING = _with({
    "id": TEXT, "serial": WHOLE, "gives": FLAG, "takes": FLAG, "here": FLAG, "there": TEXT,
    "why": TEXT, "since": MAYBE_TEXT, "until": MAYBE_TEXT, "stopped": TEXT,
    "paused": _or_null("Pause"),
})  # fmt: skip

_PARTNER = _with({
    "node": TEXT, "state": TEXT, "since": MAYBE_TEXT, "last_heard": MAYBE_TEXT,
    "last_report": MAYBE_TEXT, "reports": WHOLE, "waiting": _COUNTS, "waiting_bytes": _COUNTS,
    "held_back": WHOLE, "lag": NUMBER, "sent_bytes": WHOLE, "received_bytes": WHOLE,
    "budget_second": _MAYBE_WHOLE, "budget_day": _MAYBE_WHOLE, "budget_day_left": _MAYBE_WHOLE,
    "blocked": TEXTS, "trouble": TEXT, "ended": TEXT, "lines": _MAYBE_WHOLE,
    "cosigned": _MAYBE_WHOLE, "unverified": _COUNTS, "keys": TEXTS,
    "agreements": _several("Standing"), "counted_since": MAYBE_TEXT,
    "hour": {"$ref": "#/components/schemas/Amounts"},
    "day": {"$ref": "#/components/schemas/Amounts"}, "ledger_fault": TEXT,
    "recalls_waiting": WHOLE,
})  # fmt: skip

_PICTURE = _with({
    "type": TEXT, "features": {"type": "array", "items": ANYTHING}, "partner": TEXT, "at": TEXT,
    "context": TEXT, "left_out": WHOLE, "elsewhere": WHOLE, "hidden": WHOLE, "removed": WHOLE,
    "recalled": WHOLE,
    "gone": {"type": "array", "items": _with({"why": TEXT, "count": WHOLE})},
    "since": MAYBE_TEXT,
    "begins": MAYBE_TEXT,
})  # fmt: skip

_RECALL = _with({
    "number": WHOLE, "at": TEXT, "by": TEXT, "reason": TEXT, "uid": TEXT, "agreement": TEXT,
    "clause": TEXT,
    "state": {"type": "string", "enum": ["waits", "told", "answered", "refused"]},
    "refused": TEXT,
    "answers": {"type": "array", "items": _with({
        "agreement": TEXT, "clause": TEXT, "name": TEXT, "outcome": TEXT, "objects": WHOLE,
    })},
})  # fmt: skip

_VERIFIED = _with({
    "at": TEXT, "ok": FLAG, "fault": TEXT, "size": WHOLE, "root": TEXT, "checkpoints": WHOLE,
    "signed": WHOLE, "cosigned": WHOLE, "pruned": WHOLE,
    "findings": {"type": "array", "items": _with({
        "says": TEXT, "first": _MAYBE_WHOLE, "last": _MAYBE_WHOLE,
    })},
    "untold": WHOLE,
})  # fmt: skip

_LEDGER = _with({
    "partner": TEXT, "origin": TEXT, "size": WHOLE, "signed": WHOLE, "pruned": WHOLE,
    "lines": {"type": "array", "items": ANYTHING}, "next": MAYBE_TEXT, "verifying": FLAG,
    "verified": _or_null("Verified"),
})  # fmt: skip

_AGREEMENT: dict[str, Json] = {
    "id": TEXT, "serial": WHOLE, "state": TEXT, "faults": TEXTS, "paused": _or_null("Pause"),
    "title": TEXT, "parties": TEXTS, "givers": TEXTS, "receivers": TEXTS, "since": MAYBE_TEXT,
    "until": MAYBE_TEXT, "sha256": TEXT,
    "clauses": {"type": "array", "items": _with({"number": TEXT, "title": TEXT})},
}  # fmt: skip

_PREVIEW: dict[str, Json] = {
    "ok": FLAG,
    "faults": {"type": "array", "items": _with({
        "line": _MAYBE_WHOLE, "clause": MAYBE_TEXT, "sentence": TEXT,
    })},
    "id": TEXT, "serial": WHOLE, "partner": TEXT, "receivers": TEXTS, "since": TEXT, "until": TEXT,
    "complete": FLAG, "looked_at": WHOLE,
    "released": {"type": "array", "items": _with({
        "clause": TEXT, "title": TEXT, "form": TEXT, "reports": WHOLE, "objects": WHOLE,
    })},
    "withheld": {"type": "array", "items": _with({
        "clause": TEXT, "title": TEXT, "reason": TEXT, "reports": WHOLE,
    })},
    "sample": _with({
        "type": TEXT, "features": {"type": "array", "items": ANYTHING}, "left_out": WHOLE,
    }),
}  # fmt: skip

PARTNER_SCHEMAS: Mapping[str, Json] = {
    "Partner": _PARTNER,
    "Partners": _with({"at": TEXT, "partners": _several("Partner")}),
    "Standing": _STANDING,
    "Amounts": _with({"released": _several("Amount"), "withheld": _several("Amount")}),
    "Amount": _COUNT,
    "Pause": _with({"by": TEXT, "at": TEXT, "reason": TEXT}),
    "Pauses": _with(
        {
            "pauses": {
                "type": "array",
                "items": _with(
                    {
                        "agreement": TEXT,
                        "serial": WHOLE,
                        "partners": TEXTS,
                        "by": TEXT,
                        "at": TEXT,
                        "reason": TEXT,
                    }
                ),
            }
        }
    ),
    "PartnerPicture": _PICTURE,
    "Recalls": _with({"recalls": _several("RecallAsked"), "more": WHOLE}),
    "RecallAsked": _RECALL,
    "WantedBack": _with(
        {"uid": TEXT, "agreement": TEXT, "clause": TEXT, "reason": TEXT},
        but=frozenset({"uid", "agreement", "clause"}),
    ),
    "Asked": _with({"number": WHOLE}),
    "Ledger": _LEDGER,
    "Verified": _VERIFIED,
    "AgreementHeld": _with(_AGREEMENT),
    "AgreementText": _with({**_AGREEMENT, "text": TEXT}),
    "AgreementsHeld": _with({"agreements": _several("AgreementHeld")}),
    "Reason": _with({"reason": TEXT}),
    "Stopped": _with({"partners": TEXTS, "in_flight": WHOLE}),
    "Trial": _with(
        {
            "text": TEXT,
            "partner": TEXT,
            "hours": {"type": "integer", "minimum": 1, "maximum": MAX_HOURS},
        },
        but=frozenset({"partner", "hours"}),
    ),
    "Tried": _with(_PREVIEW, but=frozenset(_PREVIEW) - {"ok"}),
}
"""By name. What is in `lines` and `features` goes by its kind: docs/reference/api.md."""


def _in_path(name: str, says: str) -> Json:
    return {"name": name, "in": "path", "required": True, "description": says, "schema": TEXT}


def _asked(name: str, says: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "description": says, "schema": schema}


PARTNER_PARAMETERS: Mapping[str, Json] = {
    "node": _in_path("node", "The partner's node id."),
    "partner": _in_path("partner", "The partner's node id."),
    "agreement": _in_path("id", "The agreement's id."),
    "at": _asked("at", "A moment with its zone; now, if not given.", TEXT),
    "from": _asked("from", "A moment with its zone: no older lines.", TEXT),
    "line_kind": _asked("kind", "Only such lines.", {"type": "string", "enum": KINDS}),
    "of": _asked("agreement", "Only lines of that agreement.", TEXT),
    "clause": _asked("clause", "Only lines of that clause.", TEXT),
    "object": _asked("uid", "Only lines of the object of that name at the partner.", TEXT),
    "lines": _asked("limit", "How many lines at most.", {
        "type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL,
    }),
}  # fmt: skip

PARTNER_OPERATIONS: Sequence[Operation] = (
    Operation(
        method="get",
        path="/api/v1/partners",
        says="Every partner: its link, its agreements, what went to it in the last hour and day.",
        answers={200: "Partners"},
        problems=(401, 503),
    ),
    Operation(
        method="get",
        path="/api/v1/partners/{node}/picture",
        says="What a partner could see at a moment, of what one may see: GeoJSON.",
        answers={200: "PartnerPicture"},
        problems=(400, 401, 404, 503),
        parameters=("node", "at", "context"),
    ),
    Operation(
        method="get",
        path="/api/v1/partners/{node}/recalls",
        says="What was called back of a partner, and what it answered. For administrators.",
        answers={200: "Recalls"},
        problems=(401, 403, 404, 503),
        parameters=("node",),
    ),
    Operation(
        method="post",
        path="/api/v1/partners/{node}/recalls",
        says="Call something back: an object, or what an agreement or a clause let out. For "
        "administrators.",
        answers={201: "Asked"},
        problems=(400, 401, 403, 404, 413, 415, 503),
        parameters=("node",),
        body="WantedBack",
    ),
    Operation(
        method="get",
        path="/api/v1/ledger/{partner}",
        says="Lines of the ledger for a partner, the newest first. For administrators.",
        answers={200: "Ledger"},
        problems=(400, 401, 403, 404, 503),
        parameters=(
            "partner", "from", "line_kind", "of", "clause", "object", "cursor", "lines",
        ),
    ),
    Operation(
        method="post",
        path="/api/v1/ledger/{partner}/verify",
        says="Hold the whole ledger against its signatures; what is found comes with the lines.",
        answers={204: ""},
        problems=(400, 401, 403, 404, 413, 415, 503),
        parameters=("partner",),
        body="Nothing",
    ),
    Operation(
        method="get",
        path="/api/v1/agreements",
        says="The agreements that this node holds, and how each stands here.",
        answers={200: "AgreementsHeld"},
        problems=(401, 503),
    ),
    Operation(
        method="get",
        path="/api/v1/agreements/{id}",
        says="One agreement, with its text.",
        answers={200: "AgreementText"},
        problems=(401, 404, 503),
        parameters=("agreement",),
    ),
    Operation(
        method="post",
        path="/api/v1/agreements/{id}/pause",
        says="Let nothing flow by it on this node, at once. For administrators.",
        answers={201: "Stopped"},
        problems=(400, 401, 403, 404, 409, 413, 415, 503),
        parameters=("agreement",),
        body="Reason",
    ),
    Operation(
        method="post",
        path="/api/v1/agreements/{id}/resume",
        says="End a pause. For administrators.",
        answers={204: ""},
        problems=(400, 401, 403, 404, 409, 413, 415, 503),
        parameters=("agreement",),
        body="Nothing",
    ),
    Operation(
        method="get",
        path="/api/v1/pauses",
        says="What people of this node let not flow now.",
        answers={200: "Pauses"},
        problems=(401,),
    ),
    Operation(
        method="post",
        path="/api/v1/agreements/preview",
        says="What a text would have let out of what this node heard lately. For administrators.",
        answers={200: "Tried"},
        problems=(400, 401, 403, 413, 415, 503),
        body="Trial",
    ),
)  # fmt: skip
"""Of partners, their ledgers, agreements and pauses."""
