"""The HTTP interface for machines: OpenAPI 3.1, from one table of operations.

The table is kept by hand; tests hold it to the routes, and answers to its schemas.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from accord.api.openapi_schemas import PARAMETERS, SCHEMAS

PATH = "/api/v1/openapi.json"

Json = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path. `answers` maps a status to the schema of its body, "" for none.

    A problem can always come; `problems` are the statuses that mean something of their own.
    """

    method: str
    path: str
    says: str
    answers: Mapping[int, str]
    problems: tuple[int, ...] = ()
    parameters: tuple[str, ...] = ()
    body: str = ""
    is_open: bool = False
    """Whether it is answered to anybody."""


def _change(path: str, says: str, body: str, made: str = "", *, method: str = "post") -> Operation:
    """Return an operation for who may do more than look; `made` is of what it answers with."""
    is_numbered = "{number}" in path
    return Operation(
        method=method,
        path=path,
        says=says,
        answers={201: made} if made else {204: ""},
        problems=(400, 401, 403, *((404,) if is_numbered else ()), 409, 413, 415, 503),
        parameters=("number",) if is_numbered else (),
        body=body,
    )


OPERATIONS: Sequence[Operation] = (
    Operation(
        method="get",
        path="/api/v1/session",
        says="Who asks: by the session's cookie, or by the client certificate.",
        answers={200: "Session"},
        problems=(401,),
    ),
    Operation(
        method="post",
        path="/api/v1/session",
        says="Sign in. The answer sets the session's cookie.",
        answers={200: "Session"},
        problems=(400, 401, 403, 413, 415, 429, 503),
        body="SignIn",
        is_open=True,
    ),
    Operation(
        method="delete",
        path="/api/v1/session",
        says="Sign out.",
        answers={204: ""},
        problems=(401, 403, 409, 415),
    ),
    Operation(
        method="get",
        path="/api/v1/tracks",
        says="The tracks that match, ordered by uid.",
        answers={200: "Tracks"},
        problems=(400, 401),
        parameters=(
            "q", "kind", "affiliation", "source", "group", "status", "bbox", "context", "limit",
            "cursor",
        ),
    ),
    Operation(
        method="get",
        path="/api/v1/tracks/{uid}",
        says="One track, and every claim about it; the one that leads first.",
        answers={200: "OneTrack"},
        problems=(400, 401, 404),
        parameters=("uid", "context"),
    ),
    Operation(
        method="get",
        path="/api/v1/tracks/{uid}/why",
        says="Who said it, how it is marked, what the agreements say of it, who was given it. What "
        "was kept of the last 24 hours is looked at.",
        answers={200: "Why"},
        problems=(400, 401, 404, 503),
        parameters=("uid", "context"),
    ),
    Operation(
        method="get",
        path="/api/v1/alerts",
        says="The open alerts that one may know of, what needs attention first.",
        answers={200: "Alerts"},
        problems=(401,),
    ),
    _change("/api/v1/alerts/{number}/acknowledge", "Note that one has seen it.", "Acknowledge"),
    _change("/api/v1/alerts/{number}/take", "Take it. 409 while it is another's.", "Nothing"),
    _change("/api/v1/alerts/{number}/offer", "Hand it over to somebody, who takes it.", "Offer"),
    Operation(
        method="get",
        path="/api/v1/log",
        says="The watch log, newest first.",
        answers={200: "Log"},
        problems=(400, 401, 503),
        parameters=("since", "before", "about"),
    ),
    _change("/api/v1/log", "Write a note into the watch log.", "Note"),
    Operation(
        method="get",
        path="/api/v1/hand-over",
        says="What the next watch has to know.",
        answers={200: "HandOver"},
        problems=(400, 401, 503),
        parameters=("hours",),
    ),
    Operation(
        method="get",
        path="/api/v1/chat",
        says="The words that are remembered and that one may hear, oldest first.",
        answers={200: "Messages"},
        problems=(401,),
    ),
    _change("/api/v1/chat", "Say something in a room, or to one person.", "Say", "OneMessage"),
    _change("/api/v1/drawings", "Draw on the picture: TAK clients see it.", "Drawing", "Drawn"),
    _change("/api/v1/drawings", "Take from the picture.", "Remove", method="delete"),
    Operation(
        method="get",
        path="/api/v1/people",
        says="Who is there now, of those that share a group with the one who asks.",
        answers={200: "People"},
        problems=(401,),
    ),
    Operation(
        method="get",
        path=PATH,
        says="This document.",
        answers={200: "OpenApi"},
        is_open=True,
    ),
)  # fmt: skip


def document() -> Json:
    """Return the document."""
    paths: dict[str, Json] = {}
    for each in OPERATIONS:
        paths.setdefault(each.path, {})[each.method] = _operation(each)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Accord", "version": version("accord")},
        "security": [{"session": []}, {"certificate": []}],
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "parameters": PARAMETERS,
            "securitySchemes": {
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "accord_session_NODE",
                    "description": "NODE is the node's id. A change needs an Origin that names "
                    "the node, and Content-Type: application/json.",
                },
                "certificate": {"type": "mutualTLS"},
            },
        },
    }


def routes() -> Sequence[BaseRoute]:
    """Return the route of the document, which anybody may read."""
    return [Route(PATH, _show, methods=["GET"])]


async def _show(_request: Request) -> Response:
    return JSONResponse(document())


def _operation(of: Operation) -> Json:
    responses: dict[str, Json] = {
        str(status): _response("Done.", schema, "application/json")
        for status, schema in of.answers.items()
    }
    for problem in of.problems:
        responses[str(problem)] = _response("Refused.", "Problem", "application/problem+json")
    responses["default"] = _response("Refused, or failed.", "Problem", "application/problem+json")
    said: Json = {"summary": of.says, "responses": responses}
    if of.parameters:
        said["parameters"] = [{"$ref": f"#/components/parameters/{p}"} for p in of.parameters]
    if of.body:
        said["requestBody"] = {"required": True, "content": _content(of.body, "application/json")}
    if of.is_open:
        said["security"] = []
    return said


def _response(says: str, schema: str, kind: str) -> Json:
    return {"description": says, **({"content": _content(schema, kind)} if schema else {})}


def _content(schema: str, kind: str) -> Json:
    return {kind: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
