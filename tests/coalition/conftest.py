"""How large the leak test of the wire is."""

import pytest

from support.profiles import PROFILE


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--wire-agreements",
        type=int,
        default=4 if PROFILE == "quick" else 30,
        help="random agreements in the leak test of the wire; 2000 is the whole of it",
    )
