import re
import resource
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from accord.observe import memory
from accord.observe.memory import resident_bytes


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
def test_it_is_what_the_system_says_is_resident() -> None:
    told = Path("/proc/self/status").read_text("ascii")
    match = re.search(r"VmRSS:\s+(\d+) kB", told)
    assert match is not None
    assert resident_bytes() == pytest.approx(int(match[1]) * 1024, rel=0.1)


class _Usage(NamedTuple):
    ru_maxrss: int


# getrusage(2): kilobytes on Linux, bytes on macOS.
@pytest.mark.parametrize(("platform", "size"), [("linux", 5 << 10), ("darwin", 5)])
@pytest.mark.parametrize("content", [None, b"", b"7", b"a b"])
def test_where_the_system_does_not_tell_it_is_the_most_it_ever_was(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: bytes | None,
    platform: str,
    size: int,
) -> None:
    if content is not None:
        (tmp_path / "statm").write_bytes(content)
    monkeypatch.setattr(memory, "_STATM", tmp_path / "statm")
    monkeypatch.setattr(sys, "platform", platform)

    def usage(_who: int) -> _Usage:
        return _Usage(ru_maxrss=5)

    monkeypatch.setattr(resource, "getrusage", usage)
    assert resident_bytes() == size
