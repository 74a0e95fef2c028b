"""The HTTP interface for machines: OpenAPI 3.1, from one table of operations.

The table is kept by hand; tests hold it to the routes, and answers to its schemas.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from accord.api.openapi_admin import ADMIN_OPERATIONS, ADMIN_PARAMETERS, ADMIN_SCHEMAS
from accord.api.openapi_partners import PARTNER_PARAMETERS, PARTNER_SCHEMAS
from accord.api.openapi_relief import RELIEF_OPERATIONS, RELIEF_PARAMETERS, RELIEF_SCHEMAS
from accord.api.openapi_sar import SAR_OPERATIONS, SAR_PARAMETERS, SAR_SCHEMAS
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


def _readiness() -> Iterator[Operation]:
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


_MISSION = (
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
)

_COMMITMENTS = (
    Operation(
        method="get",
        path="/api/v1/commitments",
        says="What we owe by statements, what we are owed, and what ends soon.",
        answers={200: "Commitments"},
        problems=(400, 401, 503),
        parameters=("on",),
    ),
    Operation(
        method="post",
        path="/api/v1/commitments",
        says="Take a statement into the register, whole or not at all.",
        answers={201: "CommitmentAdded"},
        problems=(400, 401, 403, 409, 413, 415, 503),
        body="CommitmentText",
    ),
    Operation(
        method="get",
        path="/api/v1/commitments/{id}",
        says="One statement: its sentences, its clauses, and what was said of them.",
        answers={200: "OneCommitment"},
        problems=(400, 401, 404, 503),
        parameters=("commitment", "on"),
    ),
    Operation(
        method="post",
        path="/api/v1/commitments/{id}/notes",
        says="Say of a clause that it is what was meant, that it was kept, or broken.",
        answers={200: "OneCommitment"},
        problems=(400, 401, 403, 404, 409, 413, 415, 503),
        parameters=("commitment",),
        body="CommitmentNote",
    ),
    Operation(
        method="get",
        path="/api/v1/impact",
        says="What was asked of commitments, the newest first, and what can be asked. Of a plan.",
        answers={200: "Impacts"},
        problems=(401, 503),
    ),
    Operation(
        method="post",
        path="/api/v1/impact",
        says="Ask what commitments change; it is worked out while one waits.",
        answers={201: "ImpactAbout"},
        problems=(400, 401, 403, 413, 415, 503),
        body="ImpactAsked",
    ),
    Operation(
        method="get",
        path="/api/v1/impact/{id}",
        says="One answer, as `accord impact --json` has it, or how far it is.",
        answers={200: "OneImpact"},
        problems=(401, 404, 503),
        parameters=("answer",),
    ),
    Operation(
        method="get",
        path="/api/v1/impact/{id}/page",
        says="One answer as a page that needs no script and nothing from elsewhere.",
        answers={200: "ImpactPage"},
        problems=(401, 404, 503),
        parameters=("answer",),
    ),
)


def _sar() -> Iterator[Operation]:
    """Yield what can be asked of cases of search and rescue, and done with them."""
    for each in SAR_OPERATIONS:
        of_one = (404,) if each.parameters else ()
        changes = (403, 409, 413, 415) if each.body else ()
        yield Operation(
            method=each.method,
            path=f"/api/v1/sar/{each.path}",
            says=each.says,
            answers={each.made[0]: each.made[1]},
            problems=tuple(sorted({400, 401, *of_one, *changes, 503})),
            parameters=each.parameters,
            body=each.body,
        )


def _relief() -> Iterator[Operation]:
    """Yield what can be asked of incidents of relief, and done with them."""
    for each in RELIEF_OPERATIONS:
        of_one = (404,) if each.parameters else ()
        changes = (403, 409, 413, 415) if each.body else ()
        yield Operation(
            method=each.method,
            path=f"/api/v1/relief/{each.path}",
            says=each.says,
            answers={each.made[0]: each.made[1]},
            problems=tuple(sorted({401, *of_one, *((400,) if changes else ()), *changes, 503})),
            parameters=each.parameters,
            body=each.body,
        )


def _admin() -> Iterator[Operation]:
    """Yield what administrators can ask of who may what, and do about it."""
    for each in ADMIN_OPERATIONS:
        of_one = (404,) if "{" in each.path else ()
        changes = (409, 413, 415) if each.body else ()
        yield Operation(
            method=each.method,
            path=f"/api/v1/admin/{each.path}",
            says=f"{each.says} For administrators.",
            answers={each.made[0]: each.made[1]},
            problems=tuple(sorted({400, 401, 403, *of_one, *changes, 503})),
            parameters=each.parameters,
            body=each.body,
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
        path="/api/v1/openid",
        says="What the OpenID provider is called by which one can sign in; null: there is none.",
        answers={200: "OpenIdTitle"},
        is_open=True,
    ),
    Operation(
        method="get",
        path="/api/v1/openid/start",
        says="Sends a browser to the provider.",
        answers={303: ""},
        problems=(404, 503),
        is_open=True,
    ),
    Operation(
        method="get",
        path="/api/v1/openid/back",
        says="Where the provider sends it back to: signs in, and goes to the page.",
        answers={303: ""},
        problems=(403, 404, 409, 503),
        parameters=("code", "state"),
        is_open=True,
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
        path="/api/v1/history",
        says="Since when, and until when, positions are kept.",
        answers={200: "HeldHistory"},
        problems=(401, 503),
    ),
    Operation(
        method="get",
        path="/api/v1/history/export",
        says="Positions of the past as a document: GPX, KML, GeoJSON, CSV, MF-JSON or Parquet.",
        answers={200: ""},
        problems=(400, 401, 413, 503),
        parameters=("document", "from", "to", "bbox", "objects", "group", "context"),
    ),
    Operation(
        method="get",
        path="/api/v1/tracks/{uid}/history",
        says="Where one object was, and by whose word, in order of receipt; of more than are asked "
        "for, so many, evenly chosen over the time.",
        answers={200: "TrackHistory"},
        problems=(400, 401, 503),
        parameters=("uid", "context", "from", "to", "positions"),
    ),
    Operation(
        method="post",
        path="/api/v1/trails",
        says="Where many objects were lately. Changes nothing.",
        answers={200: "Trails"},
        problems=(400, 401, 413, 503),
        body="WhoseTrails",
    ),
    Operation(
        method="get",
        path="/api/v1/alerts",
        says="The open alerts that one may know of, what needs attention first.",
        answers={200: "Alerts"},
        problems=(401,),
    ),
    Operation(
        method="get",
        path="/api/v1/alerts.atom",
        says="Those of them that are sent out as an Atom feed of CAP 1.2 messages.",
        answers={200: ""},
        problems=(401,),
    ),
    Operation(
        method="get",
        path="/api/v1/alerts/{number}/cap",
        says="One open alert as a CAP 1.2 message; none about the node itself.",
        answers={200: ""},
        problems=(401, 404),
        parameters=("number",),
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
    _change("/api/v1/send", "Show a track or a place to one TAK client.", "Send", "Drawn"),
    Operation(
        method="get",
        path="/api/v1/drill",
        says="The drill that is on, marked on every screen.",
        answers={200: "DrillNow"},
        problems=(401,),
    ),
    _change("/api/v1/drill", "Declare a drill; an administrator does.", "DrillName"),
    _change("/api/v1/drill", "End the drill; an administrator does.", "", method="delete"),
    Operation(
        method="get",
        path="/api/v1/views",
        says="What one has saved of what one wants to see.",
        answers={200: "SavedViews"},
        problems=(401, 503),
    ),
    _change("/api/v1/views", "Save a view under a name, for oneself.", "SavedView"),
    _change("/api/v1/views", "Forget a view.", "ViewName", method="delete"),
    Operation(
        method="get",
        path="/api/v1/decisions",
        says="What people decided about tracks: one, apart, which claim leads.",
        answers={200: "Decisions"},
        problems=(401, 503),
    ),
    _change("/api/v1/decisions", "Decide about tracks that one sees.", "ToDecide", "Decision"),
    _change("/api/v1/decisions/{number}/undo", "Let a decision not hold any more.", "Nothing"),
    Operation(
        method="get",
        path="/api/v1/charts",
        says="The charts of the administrator's own.",
        answers={200: "Charts"},
        problems=(401,),
    ),
    Operation(
        method="get",
        path="/api/v1/charts/{name}/file",
        says="The file of a chart: GeoJSON, or PMTiles by range.",
        answers={200: "ChartFile"},
        problems=(401, 404),
        parameters=("chart",),
    ),
    Operation(
        method="get",
        path="/api/v1/charts/{name}/{z}/{x}/{y}",
        says="A tile of a chart, which the node fetches from the server in its settings.",
        answers={200: "ChartTile"},
        problems=(401, 404, 502, 503),
        parameters=("chart", "z", "x", "y"),
    ),
    Operation(
        method="get",
        path="/api/v1/people",
        says="Who is there now, of those that share a group with the one who asks.",
        answers={200: "People"},
        problems=(401,),
    ),
    Operation(
        method="get",
        path="/api/v1/missions",
        says="The missions of TAK clients that one sees, what changed last first.",
        answers={200: "Missions"},
        problems=(401, 503),
    ),
    *_MISSION,
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
    *_readiness(),
    *_COMMITMENTS,
    *_sar(),
    *_relief(),
    *_admin(),
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
            "schemas": {
                **SCHEMAS,
                **PARTNER_SCHEMAS,
                **SAR_SCHEMAS,
                **RELIEF_SCHEMAS,
                **ADMIN_SCHEMAS,
            },
            "parameters": {
                **PARAMETERS,
                **PARTNER_PARAMETERS,
                **SAR_PARAMETERS,
                **RELIEF_PARAMETERS,
                **ADMIN_PARAMETERS,
            },
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
