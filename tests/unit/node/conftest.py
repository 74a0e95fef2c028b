from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from accord.node import node as node_module
from support.in_process import InProcess, make_node, running
from support.keys import quick_keys as quick_keys


@pytest.fixture
def directory(tmp_path: Path, quick_keys: None) -> Path:
    return make_node(tmp_path / "nzl")


@pytest.fixture(autouse=True)
def quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the node note changes of its register at once."""
    monkeypatch.setattr(node_module, "LOOK_EVERY", 0.01)


@pytest.fixture
async def node(directory: Path) -> AsyncGenerator[InProcess]:
    async with running(directory) as node:
        yield node
