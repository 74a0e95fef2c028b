"""What comes out of `/api/v1/missions` and `/api/v1/files`: JSON Schema, for the document."""

from collections.abc import Mapping

from accord.api.schema import FLAG, MOMENT, TEXT, TEXTS, WHOLE, Json, list_of, object_of, ref

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
}  # fmt: skip
"""By name."""
