import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--leak-agreements",
        type=int,
        default=100,
        help="random agreements in the leak test; 10000 is the whole of it",
    )
