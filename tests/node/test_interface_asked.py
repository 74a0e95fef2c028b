"""What our OpenAPI document allows, and forbids, asked of a running node by schemathesis.

Bounded here; `INTERFACE_EXAMPLES=500 pytest -o timeout=0 tests/node/test_interface_asked.py` asks
longer.
"""

import os
from collections.abc import Iterator

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accord.api.openapi import document
from support.node_live import add_client
from support.node_process import running_node

EXAMPLES = int(os.environ.get("INTERFACE_EXAMPLES", "2"))

INTERFACE = schemathesis.openapi.from_dict(document())
INTERFACE.config.generation.modes = list(GenerationMode)
INTERFACE.config.phases.coverage.enabled = False
INTERFACE.config.phases.examples.enabled = False

HELD_TO = [
    not_a_server_error, status_code_conformance, content_type_conformance,
    response_schema_conformance,
]  # fmt: skip


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[requests.Session]:
    """An administrator's page at a node of its own."""
    with running_node(tmp_path_factory.mktemp("asked") / "node") as node:
        files = add_client(node, "chief", "--role", "administrator")
        with requests.Session() as session:
            session.cert = str(files.certificate), str(files.key)
            session.verify = str(files.authority)
            session.base_url = f"https://{node.target('api')}"  # type: ignore[attr-defined]
            yield session


@INTERFACE.parametrize()
@settings(
    max_examples=EXAMPLES, derandomize=True, database=None, deadline=None,
    suppress_health_check=list(HealthCheck),  # pyright: ignore[reportArgumentType]
)  # fmt: skip
def test_every_answer_is_as_described_whatever_is_asked(
    case: schemathesis.Case, asking: requests.Session
) -> None:
    base: str = asking.base_url  # type: ignore[attr-defined]
    answer = case.call(
        base_url=base, session=asking, headers={"Origin": base}, timeout=60, verify=asking.verify
    )
    case.validate_response(answer, checks=HELD_TO)
