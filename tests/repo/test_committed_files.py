import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

OF_A_MACHINE = re.compile(r"(?<![\w.~-])/(?:work|home|root|Users|tmp)/\w")
"""A path that exists on somebody's machine, and not on another's."""

LOCKS = ("*.lock", "*lock.json")
ADDRESS = re.compile(r"\b(?:https?|ssh|git\+\w+|file):/|--(?:extra-)?index-url|--find-links")


def committed(*patterns: str) -> list[Path]:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("needs a checkout by git, which knows what is committed")
    listed = subprocess.run(
        [git, "ls-files", "-z", "--", *patterns], cwd=ROOT, capture_output=True, check=True
    )
    names = filter(None, listed.stdout.decode().split("\0"))
    return [path for name in names if (path := ROOT / name).is_file()]


def lines_with(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    found: list[str] = []
    for path in paths:
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:  # a recording
            continue
        found += [
            f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
            for number, line in enumerate(text.splitlines(), 1)
            if pattern.search(line)
        ]
    return found


def test_no_file_names_a_place_on_a_machine() -> None:
    this = Path(__file__)
    assert lines_with(OF_A_MACHINE, [path for path in committed() if path != this]) == []


def test_no_lock_names_where_packages_come_from() -> None:
    locks = committed(*LOCKS)
    assert len(locks) >= 2
    assert lines_with(ADDRESS, locks) == []


def test_no_file_is_larger_than_a_recording_may_be() -> None:
    """Maps apart: the one under the tracks, and the finer coast, a package of its own."""
    large = [path for path in committed() if path.stat().st_size > 2 << 20]
    for folder, most in (("basemap", 7 << 20), ("accord_coast", 10 << 20)):
        maps = [path for path in large if path.parent.name == folder]
        assert sum(path.stat().st_size for path in maps) < most
        large = [path for path in large if path not in maps]
    assert [path.name for path in large] == []
