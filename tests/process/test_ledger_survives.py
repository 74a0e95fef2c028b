"""What `append` returned is in the ledger, however the process that wrote it ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from accord.release.ledger.audit import audit
from support.ledger import KEYS, ORIGIN, make_ledger

WRITER = """
import sys
from pathlib import Path
from support.ledger import AT, make_ledger, release
ledger = make_ledger(Path(sys.argv[1]))
number = ledger.size()
while True:
    numbers = ledger.append([release(number + each) for each in range(1, 21)], AT)
    number = numbers[-1]
    print(number, flush=True)
"""


@pytest.mark.process
def test_a_killed_writer_loses_nothing_that_it_said_was_written(tmp_path: Path) -> None:
    said = 0
    for lines in (1, 7, 60):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)],
            stdout=subprocess.PIPE,
            text=True,
            env=dict(os.environ, PYTHONPATH=str(Path(__file__).parents[1])),
        )
        assert writer.stdout is not None
        with writer.stdout:
            for _ in range(lines):
                said = int(writer.stdout.readline())
            writer.send_signal(signal.SIGKILL)
            said = max([said, *(int(line) for line in writer.stdout if line.endswith("\n"))])
        writer.wait(timeout=20)
        ledger = make_ledger(tmp_path)
        assert ledger.size() >= said
        assert ledger.size() % 20 == 0
        assert audit(ledger, ORIGIN, KEYS).is_right
        ledger.close()
