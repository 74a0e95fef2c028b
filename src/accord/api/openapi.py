"""The HTTP interface for machines: OpenAPI 3.1, from tables of operations.

The tables are kept by hand, one file for each desk; tests hold them to the routes, and answers to
their schemas.
"""

from collections.abc import Sequence
from importlib.metadata import version

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from accord.api.openapi_admin import ADMIN_OPERATIONS, ADMIN_PARAMETERS, ADMIN_SCHEMAS
from accord.api.openapi_commitments import COMMITMENT_OPERATIONS
from accord.api.openapi_operation import Operation
from accord.api.openapi_partners import PARTNER_OPERATIONS, PARTNER_PARAMETERS, PARTNER_SCHEMAS
from accord.api.openapi_picture import PICTURE_OPERATIONS
from accord.api.openapi_readiness import readiness_operations
from accord.api.openapi_relief import RELIEF_OPERATIONS, RELIEF_PARAMETERS, RELIEF_SCHEMAS
from accord.api.openapi_sar import SAR_OPERATIONS, SAR_PARAMETERS, SAR_SCHEMAS
from accord.api.openapi_schemas import PARAMETERS, SCHEMAS
from accord.api.openapi_session import SESSION_OPERATIONS
from accord.api.openapi_shared import SHARED_OPERATIONS
from accord.api.openapi_watch import WATCH_OPERATIONS

PATH = "/api/v1/openapi.json"

Json = dict[str, object]

OPERATIONS: Sequence[Operation] = (
    *SESSION_OPERATIONS,
    *PICTURE_OPERATIONS,
    *WATCH_OPERATIONS,
    *SHARED_OPERATIONS,
    *readiness_operations(),
    *COMMITMENT_OPERATIONS,
    *SAR_OPERATIONS,
    *RELIEF_OPERATIONS,
    *ADMIN_OPERATIONS,
    *PARTNER_OPERATIONS,
    Operation(
        method="get",
        path=PATH,
        says="This document.",
        answers={200: "OpenApi"},
        is_open=True,
    ),
)


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
