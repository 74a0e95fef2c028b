"""Our tracker of plots, judged on simulated truth by Stone Soup, beside its own tracker."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.process, pytest.mark.timeout(600)]

GOSPA = Path(__file__).parents[2] / "bench" / "gospa.py"
LINE = re.compile(
    r"(?m)^(\w+) (ours|reference): GOSPA (\d+), completeness ([\d.]+), spuriousness ([\d.]+)"
)


def test_it_is_as_good_as_the_reference_where_ships_are_sparse_and_where_they_are_dense() -> None:
    done = subprocess.run(
        [sys.executable, str(GOSPA), "--looks", "25", "--seeds", "1"],
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    judged = {
        (scene, who): [float(each) for each in of] for scene, who, *of in LINE.findall(done.stdout)
    }
    for scene in ("sparse", "dense"):
        gospa, complete, spurious = judged[scene, "ours"]
        their_gospa, their_complete, their_spurious = judged[scene, "reference"]
        assert gospa <= 1.05 * their_gospa, done.stdout
        assert complete >= their_complete - 0.02, done.stdout
        assert spurious <= their_spurious + 0.02, done.stdout
