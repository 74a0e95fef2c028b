"""A lock is installed as it is, without a look at what its packages need: it has to hold it all."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())


def group(name: str) -> Iterator[str]:
    """Yield what a dependency group lists, and the groups that it takes in (PEP 735)."""
    for each in PROJECT["dependency-groups"][name]:
        if isinstance(each, str):
            yield each
        else:
            yield from group(each["include-group"])


@pytest.mark.parametrize(
    ("lock", "groups"),
    [
        ("requirements.lock", ["build"]),
        ("requirements-dev.lock", ["dev", "bench"]),
        ("requirements-page.lock", ["page"]),
    ],
)
def test_a_lock_holds_what_this_project_asks_for(lock: str, groups: list[str]) -> None:
    lines = (ROOT / lock).read_text().splitlines()
    held = {canonicalize_name(line.partition("==")[0]) for line in lines if "==" in line}
    asked = [each for name in groups for each in group(name)]
    if "page" not in groups:
        asked += [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]]
    missing = {canonicalize_name(Requirement(each).name) for each in asked} - held
    assert missing == set()
