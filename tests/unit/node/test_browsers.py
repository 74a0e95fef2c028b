"""What a node answers under /api/v1 is what its OpenAPI document describes, and nothing else."""

import re
from collections.abc import Iterable

import pytest
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from accord.api.openapi import OPERATIONS
from accord.node import node as node_module
from support.in_process import running

NOT_DESCRIBED = {("get", "/api/v1/stream")}
"""A WebSocket, which has a page of its own: docs/reference/stream.md."""


def operations(routes: Iterable[BaseRoute]) -> set[tuple[str, str]]:
    """Method and path of each route under /api/v1; HEAD comes with every GET."""
    found: set[tuple[str, str]] = set()
    for each in routes:
        if isinstance(each, Route) and each.path.startswith("/api/v1/"):
            path = re.sub(r"{(\w+):\w+}", r"{\1}", each.path)
            found |= {(m.lower(), path) for m in each.methods or () if m != "HEAD"}
    return found


async def test_every_route_is_described_and_every_description_has_a_route(
    directory: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[Starlette] = []
    serve = node_module.serve_http

    def serve_http(application: Starlette, *rest: object) -> object:
        served.append(application)
        return serve(application, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(node_module, "serve_http", serve_http)
    async with running(directory):  # type: ignore[arg-type]
        pass
    there = set[tuple[str, str]]().union(*(operations(each.routes) for each in served))
    described = {(each.method, each.path) for each in OPERATIONS}
    assert there - NOT_DESCRIBED == described
