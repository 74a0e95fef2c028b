"""`accord demo --impact`: what the commitments of the Pacific scenario change, as a page."""

import sys
import tempfile
import webbrowser
from pathlib import Path

import accord
from accord.cli import impact
from accord.core.errors import UsageError

SCENARIO = Path("scenarios") / "pacific" / "scenario.yaml"
COMMITMENTS = ("C1", "C2", "C3", "C4")


def show_impact() -> int:
    """Write the answer as a page, say it in words, and open the page where somebody looks on."""
    scenario = Path(accord.__file__).parents[2] / "examples" / SCENARIO
    if not scenario.is_file():
        raise UsageError(f"no {scenario}; run ./accord demo in a clone of the source")
    page = Path(tempfile.mkdtemp(prefix="accord-impact-")) / "answer.html"
    asked = [*COMMITMENTS, "--scenario", str(scenario), "--html", str(page), "--words"]
    code = impact.run(impact.parsed(asked))
    if sys.stdout.isatty():
        webbrowser.open(page.as_uri())
    return code
