"""What goes in and out of `/api/v1/missions` and `/api/v1/files`: JSON Schema, for the document."""

from collections.abc import Mapping

from accord.api.schema import (
    FLAG,
    MAYBE_TEXT,
    MOMENT,
    TEXT,
    TEXTS,
    WHOLE,
    Json,
    list_of,
    object_of,
    one_of,
    ref,
)

_MAYBE_WHOLE: Json = {"type": ["integer", "null"], "minimum": 0}

SHARED: Mapping[str, Json] = {
    "Mission": object_of({
        "name": TEXT, "guid": TEXT, "description": TEXT, "groups": TEXTS, "creator": TEXT,
        "made": MOMENT, "edited": MOMENT, "keywords": TEXTS, "items": _MAYBE_WHOLE,
        "subscribers": _MAYBE_WHOLE, "closed": FLAG,
    }),
    "Missions": object_of({"missions": list_of(ref("Mission")), "whole": FLAG}),
    "SharedFile": object_of({
        "hash": TEXT, "name": TEXT, "size": WHOLE, "type": TEXT, "submitter": TEXT,
        "submitted": MOMENT, "keywords": TEXTS, "missions": TEXTS,
    }),
    "SharedFiles": object_of({"files": list_of(ref("SharedFile")), "whole": FLAG}),
    "SharedBytes": {},
    "MissionRoom": object_of({
        "name": TEXT, "guid": TEXT, "role": MAYBE_TEXT, "writes": FLAG, "joined": FLAG,
        "items": list_of(object_of({
            "kind": one_of(["file", "thing"]), "id": TEXT, "title": TEXT, "type": TEXT,
            "size": _MAYBE_WHOLE, "at": MOMENT, "by": TEXT, "context": TEXT,
        })),
        "log": list_of(object_of({"id": TEXT, "at": MOMENT, "author": TEXT, "text": TEXT})),
        "people": list_of(object_of({"person": TEXT, "uid": TEXT, "role": TEXT})),
    }),
    "MissionJoining": object_of({"password": TEXT}, optional=frozenset({"password"})),
    "MissionNote": object_of({"text": TEXT}),
    "MissionPackage": {},
}  # fmt: skip
"""By name."""
