"""A link of the demonstration that nobody runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from accord.cli.demo_cut import Link

AGREEMENT = Path(__file__).parents[2] / "examples" / "demonstration" / "nzl-usa.md"


@contextmanager
def a_link(where: Path = Path("nowhere")) -> Iterator[Link]:
    """A link between NZL and USA whose nodes are there, or nowhere."""
    link = Link.between(where / "NZL", where / "USA", AGREEMENT)
    try:
        yield link
    finally:
        link.cable.close()
