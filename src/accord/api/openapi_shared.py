"""What goes in and out of `/api/v1/missions` and `/api/v1/files`: JSON Schema, for the document."""

from collections.abc import Mapping, Sequence

from accord.api.openapi_operation import Operation
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

SHARED_OPERATIONS: Sequence[Operation] = (
    Operation(
        method="get",
        path="/api/v1/missions",
        says="The missions of TAK clients that one sees, what changed last first.",
        answers={200: "Missions"},
        problems=(401, 503),
    ),
    Operation(
        method="get",
        path="/api/v1/missions/{guid}",
        says="What is in a mission, what was noted and who takes part; the newest first.",
        answers={200: "MissionRoom"},
        problems=(401, 403, 404),
        parameters=("mission",),
    ),
    Operation(
        method="post",
        path="/api/v1/missions/{guid}/join",
        says="Take part in a mission: by the default, an invitation or its password.",
        answers={204: ""},
        problems=(401, 403, 404, 429),
        parameters=("mission",),
        body="MissionJoining",
    ),
    Operation(
        method="post",
        path="/api/v1/missions/{guid}/leave",
        says="Take part in a mission no more.",
        answers={204: ""},
        problems=(401, 403, 404),
        parameters=("mission",),
        body="Nothing",
    ),
    Operation(
        method="post",
        path="/api/v1/missions/{guid}/log",
        says="Write a line into the log of a mission.",
        answers={204: ""},
        problems=(401, 403, 404, 507),
        parameters=("mission",),
        body="MissionNote",
    ),
    Operation(
        method="post",
        path="/api/v1/missions/{guid}/files",
        says="Put the bytes of a file (application/octet-stream) into a mission.",
        answers={204: ""},
        problems=(400, 401, 403, 404, 413, 507),
        parameters=("mission", "file"),
    ),
    Operation(
        method="get",
        path="/api/v1/missions/{guid}/package",
        says="Everything in a mission as one data package.",
        answers={200: "MissionPackage"},
        problems=(401, 403, 404, 413),
        parameters=("mission",),
    ),
    Operation(
        method="get",
        path="/api/v1/files",
        says="The files and data packages of TAK clients that one may have, newest first.",
        answers={200: "SharedFiles"},
        problems=(401, 503),
    ),
    Operation(
        method="get",
        path="/api/v1/files/{hash}",
        says="The bytes of one of them, to be kept.",
        answers={200: "SharedBytes"},
        problems=(401, 404, 503),
        parameters=("hash",),
    ),
)  # fmt: skip
"""Of missions, then of files."""
