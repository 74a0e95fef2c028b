import os
import signal
import subprocess
import sys
from pathlib import Path

from accord.storage.history.readers import clear_left, readers, reading


def test_who_reads_is_known_until_he_ends(tmp_path: Path) -> None:
    assert readers(tmp_path) == frozenset()
    with reading(tmp_path):
        first = readers(tmp_path)
        with reading(tmp_path):
            assert len(readers(tmp_path)) == 2
            assert first < readers(tmp_path)
        clear_left(tmp_path)
        assert readers(tmp_path) == first
    assert readers(tmp_path) == frozenset()
    assert list(tmp_path.iterdir()) == []


def test_who_was_killed_reads_no_more_and_what_he_left_is_cleared_away(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from accord.storage.history.readers import reading\n"
        "with reading(Path(sys.argv[1])):\n    print('reads', flush=True)\n    sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"reads\n"
        assert len(readers(tmp_path)) == 1
        os.kill(other.pid, signal.SIGKILL)
        other.wait()
    assert readers(tmp_path) == frozenset()
    assert len(list(tmp_path.iterdir())) == 1
    clear_left(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_who_may_not_write_there_reads_too(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with reading(tmp_path / "file"):
        pass
    (tmp_path / "reading-a-folder").mkdir()
    assert readers(tmp_path) == frozenset()
