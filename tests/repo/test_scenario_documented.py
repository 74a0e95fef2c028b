"""docs/reference/scenario.md has every key that a scenario is read for, every word, every limit."""

import re
from pathlib import Path

from accord.posture.checks import FASTEST, SLOWEST
from accord.posture.entry import MAX_CHARACTERS
from accord.posture.model import AreaKind, Domain, Grade
from accord.posture.scenario import MAX_ROWS, SCHEMAS
from accord.posture.undertaking import (
    _READERS,  # pyright: ignore[reportPrivateUsage]  what can be written
    MAX_COUNT,
)

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "scenario.md").read_text("utf-8")
_READ = re.compile(
    r"(?:row|op|box|circle|tree|_tree)\.(?!wrong|finish)\w+\(\s*\"(\w+)\""
    r"|_rows\(\"(\w+)\"|graded\(row, \"(\w+)\""
)


def test_every_key_that_is_read_is_there() -> None:
    found: set[str] = set()
    for module in ("scenario", "undertaking"):
        source = (ROOT / "src" / "accord" / "posture" / f"{module}.py").read_text("utf-8")
        found |= {"".join(groups) for groups in _READ.findall(source)}
    assert len(found) > 50
    assert {key for key in found if f"`{key}`" not in PAGE} == set()


def test_every_word_that_can_be_written_is_there() -> None:
    words = [*_READERS, *AreaKind, *Domain, *Grade, *SCHEMAS, "port", "both"]
    assert [word for word in words if f"`{word}`" not in PAGE] == []


def test_the_limits_are_those_of_the_code() -> None:
    assert f"at most {MAX_CHARACTERS:,} characters" in PAGE
    assert f"at most {MAX_ROWS:,} each" in PAGE
    assert f"`count` (1 to {MAX_COUNT})" in PAGE
    sea, air = Domain.SEA, Domain.AIR
    assert f"below {SLOWEST[sea]:g} or above {FASTEST[sea]:g} kt at sea" in PAGE
    assert f"below {SLOWEST[air]:g} or above {FASTEST[air]:g} kt in the air" in PAGE
