from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "accord"

NOTHING_TO_TEST = {
    "cli/command.py",  # protocols only: pyright holds every command to them
    "wire/cot/tak_pb2.py",  # generated
}
MODULES = sorted(
    path.relative_to(SOURCE)
    for path in SOURCE.rglob("*.py")
    if path.name not in ("__init__.py", "__main__.py")
)


@pytest.mark.parametrize("module", [str(each) for each in MODULES])
def test_every_module_has_its_test_module(module: str) -> None:
    """In the same place under tests/unit; a port has one suite for all that implement it."""
    path = Path(module)
    unit = ROOT / "tests" / "unit" / path.with_name(f"test_{path.name}")
    contract = ROOT / "tests" / "contract" / f"test_{path.name}"
    assert unit.exists() or contract.exists() or module in NOTHING_TO_TEST, f"there is no {unit}"


def test_what_needs_no_test_is_still_there() -> None:
    assert {str(each) for each in MODULES} >= NOTHING_TO_TEST
