"""Every store of the history, for tests that hold both to the same."""

from collections.abc import Generator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TypeAlias

import pytest

from support.moving import Kept, SharedKept
from support.postgres import Postgres

STORES = ("pieces", pytest.param("postgres", marks=pytest.mark.thorough))
"""Those that all is said of; ./check holds the shared one to its own tests alone."""

AnyKept: TypeAlias = Kept | SharedKept


@pytest.fixture(params=STORES)
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[AnyKept, None, None]:
    """An empty history of each store."""
    place = tmp_path / "history"
    place.mkdir()
    with ExitStack() as opened:
        if request.param == "pieces":
            yield opened.enter_context(closing(Kept(place)))
        else:
            postgres: Postgres = request.getfixturevalue("postgres")
            yield opened.enter_context(closing(shared_by(postgres, place)))


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest) -> str:
    """What the settings say of each store."""
    if request.param == "pieces":
        return ""
    postgres: Postgres = request.getfixturevalue("postgres")
    return f'store = "{postgres.url(postgres.database())}"\n'


@pytest.fixture
def shared(postgres: Postgres, tmp_path: Path) -> Generator[SharedKept, None, None]:
    """An empty history in a database of its own."""
    (tmp_path / "history").mkdir()
    with closing(shared_by(postgres, tmp_path / "history")) as made:
        yield made


def shared_by(postgres: Postgres, directory: Path) -> SharedKept:
    """A history in a database of its own."""
    return SharedKept(postgres.server(postgres.database()), directory)
