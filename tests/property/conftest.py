"""How large the leak test of decisions is."""

import pytest

from support.profiles import PROFILE


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--leak-agreements",
        type=int,
        default=10 if PROFILE == "quick" else 100,
        help="random agreements in the leak test; 10000 is the whole of it",
    )
