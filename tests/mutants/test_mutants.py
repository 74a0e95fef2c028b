"""Each fault of the list, put into a copy of the source, makes its tests fail."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import accord
from mutants.faults import FAULTS as RELEASE_FAULTS
from mutants.faults import Fault
from mutants.sync_faults import SYNC_FAULTS

FAULTS = (*RELEASE_FAULTS, *SYNC_FAULTS)

ROOT = Path(__file__).parents[2]
TESTS_FAILED = 1
"""What pytest exits with when tests ran and some failed."""
SECONDS = 1_200


def run(source: Path, tests: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """Run tests on another copy of the source."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:randomly",
         "-p", "no:xdist", *tests],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1",
             "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )  # fmt: skip


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the source that can be spoilt."""
    source = Path(accord.__file__).parents[1]
    assert source == ROOT / "src"
    return Path(
        shutil.copytree(source, tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    )


def test_there_are_fifteen_and_no_two_alike() -> None:
    assert len(FAULTS) >= 15
    assert len({fault.title for fault in FAULTS}) == len(FAULTS)
    assert len({(fault.file, fault.was, fault.instead) for fault in FAULTS}) == len(FAULTS)


@pytest.mark.timeout(SECONDS + 10)
def test_without_a_fault_the_same_tests_pass(copy: Path) -> None:
    tests = sorted({name for fault in FAULTS for name in fault.tests})
    done = run(copy, tuple(tests))
    assert done.returncode == 0, done.stdout


@pytest.mark.timeout(SECONDS + 10)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.title)
def test_a_fault_is_caught(fault: Fault, copy: Path) -> None:
    file = copy / fault.file
    text = file.read_text("utf-8")
    assert text.count(fault.was) == 1, "the list has fallen behind the source"
    file.write_text(text.replace(fault.was, fault.instead), "utf-8")
    done = run(copy, fault.tests)
    assert done.returncode == TESTS_FAILED, done.stdout
