from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from accord.security import password
from support.marti import Marti, marti


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a password cost little: what it costs is held to elsewhere."""
    monkeypatch.setattr(password, "ITERATIONS", 1)
    monkeypatch.setattr(password, "MEMORY_KIB", 64)


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Marti]:
    async with marti(tmp_path) as made:
        yield made
