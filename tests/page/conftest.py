"""The page in a real browser at a node that runs as a process of its own."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from support.browser import Screen, Speaker, add_user, chromium
from support.node_process import NodeProcess, running_node


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.process)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def node(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    directory = tmp_path_factory.mktemp("page") / "node"
    with running_node(directory, replay="127.0.0.1:0") as running:
        add_user(running)
        yield running


@pytest.fixture
def speaker(node: NodeProcess) -> Iterator[Speaker]:
    connected = Speaker.at(node)
    yield connected
    connected.close()


@contextmanager
def _screen(browser: Browser, node: NodeProcess) -> Generator[Screen]:
    context = browser.new_context(
        viewport={"width": 1440, "height": 800},  # what software graphics have to draw
        ignore_https_errors=True,
        reduced_motion="reduce",
        locale="en-NZ",
        timezone_id="Pacific/Auckland",
    )
    yield Screen(context.new_page(), node).listen()
    context.close()


@pytest.fixture
def screen(browser: Browser, node: NodeProcess) -> Iterator[Screen]:
    """A window of one's own, where nobody is signed in."""
    with _screen(browser, node) as opened:
        yield opened


@pytest.fixture(scope="session")
def kept_open(browser: Browser, node: NodeProcess) -> Iterator[Screen]:
    with _screen(browser, node) as opened:
        yield opened.open().sign_in().is_up()


@pytest.fixture
def watch(kept_open: Screen) -> Screen:
    """The page of somebody who has been signed in for long, with nothing hooked and all shown."""
    return kept_open.at_rest()
