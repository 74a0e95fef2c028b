"""What goes in and out of the HTTP interface: JSON Schema 2020-12, as OpenAPI 3.1 has it."""

from collections.abc import Mapping

from accord.api.openapi_commitments import COMMITMENTS
from accord.api.openapi_readiness import READINESS
from accord.api.openapi_shared import SHARED
from accord.api.query import MAX_TEXT, MOST, MOST_POSITIONS, POSITIONS, USUAL
from accord.api.schema import (
    ANYTHING,
    FLAG,
    MAYBE_ANYTHING,
    MAYBE_NUMBER,
    MAYBE_TEXT,
    MOMENT,
    NUMBER,
    TEXT,
    TEXTS,
    WHOLE,
    Json,
)
from accord.api.schema import list_of as _list
from accord.api.schema import maybe as _maybe
from accord.api.schema import object_of as _object
from accord.api.schema import one_of as _one_of
from accord.api.schema import ref as _ref
from accord.core.kind import Affiliation
from accord.core.track import TrackStatus
from accord.core.user import UserRole
from accord.desks.readiness.columns import Sheet
from accord.desks.watch.alert import Act, AlertState, Kind, Priority
from accord.picture.decisions import Verdict
from accord.wire.moving.formats import Format
from accord.wire.page.translate import MOST_CORNERS

_PLACE = _object({
    "lat": {"type": "number", "minimum": -90, "maximum": 90},
    "lon": {"type": "number", "minimum": -180, "maximum": 180},
    "hae": MAYBE_NUMBER,
    "precision": MAYBE_NUMBER,
    "course": MAYBE_NUMBER,
    "speed": MAYBE_NUMBER,
    "climb": MAYBE_NUMBER,
})  # fmt: skip

_CELL: Json = {
    "type": ["array", "null"],
    "items": {"type": "number"},
    "minItems": 4,
    "maxItems": 4,
}

_OUTLINE = _maybe(_object({
    "type": _one_of(["line", "area", "circle"]),
    "points": {
        "type": "array",
        "items": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
        "maxItems": MOST_CORNERS,
    },
    "radius": MAYBE_NUMBER,
}))  # fmt: skip

_CLAIM: dict[str, Json] = {
    "uid": TEXT,
    "name": TEXT,
    "type": TEXT,
    "sidc": MAYBE_TEXT,
    "affiliation": MAYBE_TEXT,
    "body": _one_of(["position", "shape", "alarm"]),
    "source": TEXT,
    "speaker": TEXT,
    "node": TEXT,
    "partner": MAYBE_TEXT,
    "hops": WHOLE,
    "form": MAYBE_TEXT,
    "cell": _CELL,
    "exercise": MAYBE_TEXT,
    "groups": TEXTS,
    "ttl": {"type": "integer"},
    "emergency": FLAG,
    "doubts": TEXTS,
    "outline": _OUTLINE,
    "mmsi": MAYBE_TEXT,
    "imo": MAYBE_TEXT,
    "icao": MAYBE_TEXT,
    "callsign": MAYBE_TEXT,
    "nation": MAYBE_TEXT,
    "context": TEXT,
    "position": _maybe(_ref("Place")),
    "how": TEXT,
    "time": MOMENT,
    "received": MOMENT,
    "stale": MOMENT,
    "mark": MAYBE_TEXT,
    "mark_in_words": MAYBE_TEXT,
}

_STATUS = _one_of([each.value for each in TrackStatus])

_RAW = _object({"form": TEXT, "text": TEXT, "base64": TEXT}, optional=frozenset({"text", "base64"}))

_OF_WHAT_CAN_BE_READ = frozenset(
    {"type", "happened", "valid_until", "mark", "mark_in_words", "by_default"}
)
_HEARD = _object(
    {
        "received": MOMENT, "age_s": NUMBER, "since": MOMENT, "reports": WHOLE, "node": TEXT,
        "channel": TEXT, "speaker": TEXT, "hops": TEXTS, "as": TEXT, "what": TEXT, "context": TEXT,
        "into": TEXTS, "doubts": TEXTS, "type": TEXT, "happened": MOMENT, "valid_until": MOMENT,
        "mark": MAYBE_TEXT, "mark_in_words": TEXT, "by_default": FLAG,
    },
    optional=_OF_WHAT_CAN_BE_READ,
)  # fmt: skip

_CLAUSE_SAID = _object({
    "number": TEXT, "title": TEXT, "effect": TEXT, "applies": FLAG, "decided": FLAG,
    "because": TEXTS,
})  # fmt: skip

_SAYS = _object({
    "released": FLAG, "form": MAYBE_TEXT, "clause": MAYBE_TEXT, "reason": MAYBE_TEXT,
    "clauses": _list(_CLAUSE_SAID),
})  # fmt: skip

_AGREEMENT = _object({
    "id": TEXT, "serial": WHOLE, "state": TEXT, "faults": TEXTS, "says": _maybe(_SAYS),
})  # fmt: skip

_TOWARDS = _object({
    "partner": TEXT, "names": TEXTS,
    "decided": _maybe(_object({"node": TEXT, "received": MOMENT})),
    "agreements": _list(_AGREEMENT), "has_it": FLAG,
    "last_release": MAYBE_ANYTHING, "recall": MAYBE_ANYTHING, "last_recall": MAYBE_ANYTHING,
    "last_refusal": MAYBE_ANYTHING, "last_received": MAYBE_ANYTHING,
    "called_back": MAYBE_ANYTHING, "silent_s": MAYBE_NUMBER,
})  # fmt: skip

_USER = _object({
    "name": TEXT,
    "role": _one_of([each.value for each in UserRole]),
    "groups": {
        "type": "object",
        "additionalProperties": _one_of(["in", "out", "both"]),
    },
    "via": _one_of(["password", "certificate"]),
})  # fmt: skip

_ALERT = _object({
    "number": WHOLE, "key": TEXT, "kind": _one_of([each.value for each in Kind]),
    "priority": _one_of([each.value for each in Priority]), "text": TEXT, "uid": MAYBE_TEXT,
    "context": TEXT, "groups": _maybe(TEXTS),
    "state": _one_of([each.value for each in AlertState]), "raised": MOMENT, "times": WHOLE,
    "rectified": MAYBE_TEXT, "acknowledged": MAYBE_TEXT, "acknowledged_by": TEXT, "owner": TEXT,
    "offered_to": TEXT, "quiet_until": MAYBE_TEXT,
    "escalated": MAYBE_TEXT, "since": MAYBE_TEXT,
})  # fmt: skip

_ENTRY = _object({
    "number": WHOLE, "at": MOMENT, "act": _one_of([each.value for each in Act]), "by": TEXT,
    "text": TEXT, "alert": {"type": ["integer", "null"]}, "uids": TEXTS, "context": TEXT,
})  # fmt: skip

_SHEET = _object({
    "node": ANYTHING, "at": MOMENT, "since": MOMENT, "by": TEXT, "alerts": _list(_ref("Alert")),
    "problems": TEXTS, "tracks": WHOLE, "sources": _list(ANYTHING), "partners": _list(ANYTHING),
    "entries": _list(_ref("Entry")),
})  # fmt: skip

_POINT: Json = {"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 3}

_MESSAGE = _object({
    "uid": TEXT, "at": MOMENT, "from": TEXT, "author": MAYBE_TEXT, "speaker": TEXT,
    "partner": MAYBE_TEXT, "room": TEXT, "to": TEXTS, "text": TEXT, "context": TEXT,
    "groups": TEXTS,
})  # fmt: skip

_DRAWING = _object(
    {
        "geometry": ANYTHING, "name": TEXT, "radius": NUMBER, "type": TEXT,
        "valid_minutes": WHOLE, "groups": TEXTS, "uid": TEXT, "context": TEXT,
    },
    optional=frozenset(
        {"name", "radius", "type", "valid_minutes", "groups", "uid", "context"}
    ),
)  # fmt: skip

_PERSON = _object({"name": TEXT, "callsign": TEXT, "uid": TEXT, "by": TEXT, "groups": TEXTS})

SCHEMAS: Mapping[str, Json] = {
    **READINESS,
    **COMMITMENTS,
    **SHARED,
    "Alert": _ALERT,
    "Alerts": _object(
        {"alerts": _list(_ref("Alert")), "trouble": TEXT, "rules": _list(TEXT)}
    ),
    "Acknowledge": _object({"quiet_minutes": WHOLE}, optional=frozenset({"quiet_minutes"})),
    "Offer": _object({"to": TEXT}),
    "Nothing": _object({}),
    "Entry": _ENTRY,
    "Log": _object({"entries": _list(_ref("Entry"))}),
    "Note": _object(
        {"text": TEXT, "uids": TEXTS, "context": TEXT}, optional=frozenset({"uids", "context"})
    ),
    "HandOver": _SHEET,
    "Message": _MESSAGE,
    "Messages": _object({"messages": _list(_ref("Message"))}),
    "OneMessage": _object({"message": _ref("Message")}),
    "Say": _object(
        {"text": TEXT, "room": TEXT, "to": TEXT, "context": TEXT},
        optional=frozenset({"room", "to", "context"}),
    ),
    "Drawing": _DRAWING,
    "Drawn": _object({"uid": TEXT}),
    "Remove": _object({"uid": TEXT, "context": TEXT}, optional=frozenset({"context"})),
    "Send": _object(
        {
            "to": TEXT, "uid": TEXT, "point": _POINT, "name": TEXT, "valid_minutes": WHOLE,
            "context": TEXT,
        },
        optional=frozenset({"uid", "point", "name", "valid_minutes", "context"}),
    ),
    "Drill": _object({"name": TEXT, "by": TEXT, "since": MOMENT}),
    "DrillNow": _object({"drill": _maybe(_ref("Drill"))}),
    "DrillName": _object({"name": TEXT}),
    "ReplayNow": _object({"replay": _maybe(_ref("Played")), "port": _maybe(WHOLE),
                          "fastest": WHOLE}),
    "Played": _object({
        "name": TEXT, "context": TEXT, "from": MOMENT, "to": MOMENT, "at": MOMENT, "speed": WHOLE,
        "playing": FLAG, "area": _maybe(_list(NUMBER)), "groups": TEXTS, "by": TEXT,
        "clients": WHOLE, "whole": FLAG,
    }),
    "ToReplay": _object(
        {"from": MOMENT, "to": MOMENT, "context": TEXT, "area": _maybe(_list(NUMBER)),
         "groups": TEXTS, "speed": WHOLE},
        optional=frozenset({"context", "area", "groups", "speed"}),
    ),
    "SteerReplay": _object(
        {"at": MOMENT, "speed": WHOLE, "playing": FLAG},
        optional=frozenset({"at", "speed", "playing"}),
    ),
    "SavedView": _object({"name": TEXT, "view": ANYTHING}),
    "SavedViews": _object({"views": _list(_ref("SavedView"))}),
    "ViewName": _object({"name": TEXT}),
    "ToDecide": _object(
        {
            "verdict": _one_of(list(Verdict)), "context": TEXT, "uid": TEXT, "other": TEXT,
            "source": TEXT, "speaker": TEXT, "why": TEXT,
        },
        optional=frozenset({"context", "other", "source", "speaker"}),
    ),
    "Decision": _object({
        "number": WHOLE, "verdict": _one_of(list(Verdict)), "context": TEXT, "uid": TEXT,
        "other": MAYBE_TEXT, "source": MAYBE_TEXT, "speaker": MAYBE_TEXT, "at": MOMENT, "by": TEXT,
        "why": TEXT, "undone": MAYBE_TEXT, "undone_by": MAYBE_TEXT,
    }),
    "Decisions": _object({"decisions": _list(_ref("Decision"))}),
    "Chart": _object({
        "name": TEXT, "title": TEXT, "kind": _one_of(["geojson", "pmtiles", "tiles"]),
        "attribution": TEXT, "min_zoom": WHOLE, "max_zoom": WHOLE,
    }),
    "Charts": _object({"charts": _list(_ref("Chart"))}),
    "ChartFile": {},
    "ChartTile": {},
    "People": _object({"people": _list(_ref("Person"))}),
    "Person": _PERSON,
    "User": _USER,
    "Session": _object({"user": _ref("User")}),
    "SignIn": _object({"name": TEXT, "password": TEXT}),
    "Place": _PLACE,
    "Track": _object({**_CLAIM, "status": _STATUS, "claims": WHOLE}),
    "Claim": _object({**_CLAIM, "age_s": NUMBER, "over": TEXTS, "raw": _maybe(_RAW)}),
    "Tracks": _object({"tracks": _list(_ref("Track")), "next": MAYBE_TEXT}),
    "OneTrack": _object({"track": _ref("Track"), "claims": _list(_ref("Claim"))}),
    "HeldHistory": _object({
        "now": MOMENT, "from": MAYBE_TEXT, "to": MAYBE_TEXT,
        "channels": _list(_object({"channel": TEXT, "from": MAYBE_TEXT, "to": MAYBE_TEXT})),
    }),
    "TrackHistory": _object({
        "uid": TEXT, "context": TEXT, "from": MOMENT, "to": MOMENT, "count": WHOLE, "whole": FLAG,
        "positions": _list(_object({
            "lat": NUMBER, "lon": NUMBER, "precision": MAYBE_NUMBER, "course": MAYBE_NUMBER,
            "speed": MAYBE_NUMBER, "source": TEXT, "speaker": TEXT, "node": TEXT,
            "partner": MAYBE_TEXT, "form": MAYBE_TEXT, "cell": _CELL, "doubts": TEXTS,
            "time": MOMENT, "received": MOMENT,
        })),
    }),
    "WhoseTrails": _object(
        {"uids": TEXTS, "minutes": WHOLE, "until": WHOLE, "context": TEXT},
        optional=frozenset({"minutes", "until", "context"}),
    ),
    "Trails": _object({
        "trails": {
            "type": "object",
            "additionalProperties": _list({"type": "array", "items": {"type": "integer"}}),
        },
        "whole": FLAG,
    }),
    "Why": _object({
        "uid": TEXT, "pseudonym_of": MAYBE_TEXT, "at": MOMENT, "heard": _list(_HEARD),
        "partners": _list(_TOWARDS), "others": TEXTS, "complete": FLAG,
    }),
    "Problem": _object(
        {
            "type": TEXT, "title": TEXT, "status": WHOLE, "detail": TEXT, "instance": TEXT,
            "parameter": TEXT,
            "choices": TEXTS,
        },
        optional=frozenset({"parameter", "choices"}),
    ),
    "OpenApi": ANYTHING,
}  # fmt: skip
"""By name. All keys are there but those that are not required; more may come in a later version."""


def _query(name: str, says: str, schema: Json, *, many: bool = False) -> Json:
    said: Json = {"name": name, "in": "query", "description": says}
    said["schema"] = {"type": "array", "items": schema} if many else schema
    return said


_WORDS: Json = {"type": "string", "maxLength": MAX_TEXT}

PARAMETERS: Mapping[str, Json] = {
    "uid": {
        "name": "uid",
        "in": "path",
        "required": True,
        "description": "The uid of a claim; a slash in it may stand as it is.",
        "schema": TEXT,
    },
    "q": _query("q", "Part of a uid, name, callsign, MMSI, IMO or ICAO number, or the beginning of "
                "a type, whatever the case.", _WORDS),
    "kind": _query("kind", "A type, or the beginning of one; an atom . stands for any.", _WORDS,
                   many=True),
    "affiliation": _query("affiliation", "Second atom of the type.",
                          _one_of([each.value for each in Affiliation]), many=True),
    "source": _query("source", "A channel or a node that it comes from.", _WORDS, many=True),
    "group": _query("group", "A group that it was said into.", _WORDS, many=True),
    "status": _query("status", "How current it is.", _STATUS, many=True),
    "bbox": _query("bbox", "west,south,east,north in degrees; west greater than east spans the "
                   "antimeridian.", _WORDS),
    "context": _query("context", "live (if not given) or exercise:NAME.", _WORDS),
    "limit": _query("limit", "How many at most.", {
        "type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL,
    }),
    "from": _query("from", "A moment with its zone; an hour before to if not given.", MOMENT),
    "to": _query("to", "A moment with its zone; now if not given.", MOMENT),
    "positions": _query("limit", "How many positions at most.", {
        "type": "integer", "minimum": 1, "maximum": MOST_POSITIONS, "default": POSITIONS,
    }),
    "document": _query("format", "How it is written.", _one_of([each.value for each in Format])),
    "objects": _query("uid", "The uid of an object; all if not given.", _WORDS, many=True),
    "number": {
        "name": "number", "in": "path", "required": True,
        "description": "The number of an open alert.", "schema": WHOLE,
    },
    "chart": {
        "name": "name", "in": "path", "required": True,
        "description": "The name of a chart.", "schema": TEXT,
    },
    **{
        name: {
            "name": name, "in": "path", "required": True,
            "description": "Of a tile of Web Mercator; y counts from the north.", "schema": WHOLE,
        }
        for name in ("z", "x", "y")
    },
    "since": _query("since", "A moment with its zone: only what is as new as that.", MOMENT),
    "before": _query("before", "The number of an entry: only what is older.", WHOLE),
    "about": _query("uid", "Only what is about this object.", _WORDS),
    "of_context": _query("context", "live (if not given), exercise:NAME or plan:ID.", _WORDS),
    "at": _query("at", "A moment: how it stood then; now if not given.", _WORDS),
    "known": _query("known", "A moment: as far as this node had been told by then.", _WORDS),
    "sheet": _query("sheet", "A sheet of the register.", _one_of([each.value for each in Sheet])),
    "record": _query("id", "The id of a record.", _WORDS),
    "hours": _query("hours", "How far to look back; 12 if not given.", {
        "type": "integer", "minimum": 1, "maximum": 168, "default": 12,
    }),
    "on": _query("on", "A day: how it stands then; today if not given.", _WORDS),
    "commitment": {
        "name": "id", "in": "path", "required": True, "description": "The name of a statement.",
        "schema": TEXT,
    },
    "answer": {
        "name": "id", "in": "path", "required": True, "description": "The name of an answer.",
        "schema": TEXT,
    },
    "mission": {
        "name": "guid", "in": "path", "required": True,
        "description": "The guid of a mission, or its name.", "schema": TEXT,
    },
    "file": {
        "name": "name", "in": "query", "schema": TEXT,
        "description": "The name of a file; without one, everything in a data package is put in.",
    },
    "hash": {
        "name": "hash", "in": "path", "required": True,
        "description": "The SHA-256 of a file, in hexadecimal digits.", "schema": TEXT,
    },
    "cursor": _query("cursor", "What the answer before had under next.", _WORDS),
}  # fmt: skip
