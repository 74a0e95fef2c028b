"""The same examples each run; `HYPOTHESIS_PROFILE=long pytest -o timeout=0` looks for others.

`./check` takes the quick profile, `./test` the whole.
"""

import os

import pytest
from hypothesis import HealthCheck, settings

# No deadline: how long an example takes says more about the machine than about the code.
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("quick", deadline=None, derandomize=True, max_examples=20)
settings.register_profile(
    "long", deadline=None, max_examples=2_000, suppress_health_check=[HealthCheck.too_slow]
)
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "same")
settings.load_profile(PROFILE)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--leak-agreements",
        type=int,
        default=10 if PROFILE == "quick" else 100,
        help="random agreements in the leak test; 10000 is the whole of it",
    )
