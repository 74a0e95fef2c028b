"""Tests of a node that runs as a process of its own, by its command line and its sockets."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.node_live import Shared, add_client
from support.node_process import node as node
from support.node_process import running_node


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.process)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    """Members of Blue who speak and hear, only speak, only hear; of Red; of an exercise."""
    with running_node(tmp_path_factory.mktemp("shared") / "node") as running:
        clients = {
            "kiwi-1": add_client(running, "kiwi-1"),
            "kiwi-2": add_client(running, "kiwi-2"),
            "sensor": add_client(running, "sensor", group="Blue:in"),
            "screen": add_client(running, "screen", group="Blue:out"),
            "red": add_client(running, "red", group="Red"),
            "player": add_client(running, "player", "--exercise", "TASMAN"),
        }
        yield Shared(running, clients)
