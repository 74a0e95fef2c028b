"""Every recording, read by a decoder of another make as well: gpsdecode (Debian gpsd-clients).

With ACCORD_RECORDINGS=DIR the recordings of that folder are read too, whatever they are called.
"""

import gzip
import os
import shutil
from pathlib import Path

import pytest

from support.second_decoder import Difference, compare, frames_of

pytestmark = pytest.mark.interop

ROOT = Path(__file__).parents[2]
_NO_RECORDINGS = {".md", ".json", ".chk", ".py", ".bin"}
_MORE = os.environ.get("ACCORD_RECORDINGS")
RECORDINGS = sorted(
    path
    for folder in (
        ROOT / "examples" / "recordings",
        ROOT / "tests" / "golden" / "ais",
        *([Path(_MORE)] if _MORE else []),
    )
    for path in folder.iterdir()
    if path.is_file() and path.suffix not in _NO_RECORDINGS
)


def explained(of: Difference) -> str | None:
    """Return why the two do not say the same, None where nobody knows."""
    if isinstance(of.theirs, str) and of.theirs.lstrip(" ") == of.ours:
        return "we leave out blanks ahead of a name"
    return None


REFUSED_HERE = {
    "impossible MMSI": "numbers of 0 and beyond nine digits, which no station has",
    "wrong length": "payloads that are not as long as their type: cut, or garbled",
}


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.name)
def test_a_decoder_of_another_make_says_the_same(path: Path) -> None:
    if shutil.which("gpsdecode") is None:
        pytest.skip("there is no gpsdecode here (Debian: apt-get install gpsd-clients)")
    data = path.read_bytes()
    found = compare(frames_of(gzip.decompress(data) if path.suffix == ".gz" else data))
    assert found.values.total() > 50
    assert [each for each in found.differences if explained(each) is None] == []
    # gpsd keeps part B of message 24 to itself until part A has come; `H` begins a 24.
    assert {text.split(",")[5][0] for text in found.only_ours} <= {"H"}
    assert {reason for reason, _ in found.only_theirs} <= REFUSED_HERE.keys()
