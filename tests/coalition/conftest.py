"""The same histories each run; more of them with `HYPOTHESIS_PROFILE=long`."""

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("quick", deadline=None, derandomize=True, max_examples=20)
settings.register_profile(
    "long", deadline=None, max_examples=2_000, suppress_health_check=[HealthCheck.too_slow]
)
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "same")
settings.load_profile(PROFILE)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--wire-agreements",
        type=int,
        default=4 if PROFILE == "quick" else 30,
        help="random agreements in the leak test of the wire; 2000 is the whole of it",
    )
