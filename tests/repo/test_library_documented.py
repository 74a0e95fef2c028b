"""The example of docs/how-to/use-the-library.md is run, and prints what the page shows."""

import re
import subprocess
import sys
from pathlib import Path

from accord import release

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "use-the-library.md").read_text("utf-8")


def test_the_example_prints_what_the_page_shows() -> None:
    (code,) = re.findall(r"(?s)```python\n(.*?)```", PAGE)
    (printed,) = re.findall(r"(?s)```text\n(.*?)```", PAGE)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == printed


def test_every_name_of_the_table_can_be_imported() -> None:
    names = set[str]()
    for cell in re.findall(r"(?m)^\| (`.*?) \|", PAGE):
        names.update(re.findall(r"`(\w+)", cell))
    assert len(names) > 10
    assert names <= set(release.__all__)
    assert all(hasattr(release, name) for name in release.__all__)
