from pathlib import Path

from accord.federation.latch import MAX_SHOWN, Latch
from support.clock import START


def test_a_link_is_stopped_until_somebody_has_looked(tmp_path: Path) -> None:
    latch = Latch.of(tmp_path, "NZL-JFNZ")
    assert latch.why() == ""
    latch.close("not on the grid", START)
    assert Latch.of(tmp_path, "NZL-JFNZ").why() == "2026-01-02T03:04:05Z not on the grid"
    assert Latch.of(tmp_path, "AUS-X").why() == ""
    latch.open()
    latch.open()
    assert latch.why() == ""


def test_a_file_without_words_stops_it_too(tmp_path: Path) -> None:
    latch = Latch.of(tmp_path, "NZL-JFNZ")
    latch.close("x", START)
    latch.path.write_bytes(b"")
    assert latch.why() == "stopped"
    latch.path.write_bytes(b"x" * 2 * MAX_SHOWN)
    assert len(latch.why()) == MAX_SHOWN


def test_what_cannot_be_read_stops_it(tmp_path: Path) -> None:
    latch = Latch.of(tmp_path, "NZL-JFNZ")
    latch.path.mkdir(parents=True)
    assert "cannot be read" in latch.why()
