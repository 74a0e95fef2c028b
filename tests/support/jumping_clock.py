"""A Python whose clock can be set while it runs, as by a hand or by a receiver of GPS."""

import shutil
import sys
from datetime import timedelta
from pathlib import Path

import pytest

LIBRARIES = [*Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")]
"""Where Debian's package faketime puts it: it answers what libc is asked for the time."""

SCRIPT = """\
#!/usr/bin/env bash
export LD_PRELOAD={library} FAKETIME_TIMESTAMP_FILE={file} FAKETIME_CACHE_DURATION=1
export FAKETIME_DONT_FAKE_MONOTONIC=1
exec -a "$0" {python} "$@"
"""


class JumpingClock:
    """An environment beside this one; what runs by its `python`, and what that starts, is told
    the time of this clock. Skips where faketime is not installed.
    """

    def __init__(self, folder: Path) -> None:
        if not LIBRARIES:
            pytest.skip("no faketime here (Debian: apt-get install faketime)")
        self._file = folder / "clock"
        self.jump(timedelta())
        own = Path(sys.prefix)
        (folder / "bin").mkdir(parents=True)
        (folder / "lib").symlink_to(own / "lib")
        shutil.copy(own / "pyvenv.cfg", folder)
        script = folder / "bin" / "python"
        base = Path(sys.executable).resolve()
        script.write_text(SCRIPT.format(library=LIBRARIES[0], file=self._file, python=base))
        script.chmod(0o755)
        self.python = str(script)

    def jump(self, by: timedelta) -> None:
        """Set it to so much beside the true time; it is looked at once a second."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(f"{by.total_seconds():+.0f}")
