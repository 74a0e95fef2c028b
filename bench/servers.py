"""The servers that are compared: each a context that starts it and says where it listens."""

import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

BENCH = Path(__file__).parent
CACHE = BENCH.parent / ".cache"
TAKY = CACHE / "taky"
LISTENS_WITHIN_S = 20.0
STOPS_WITHIN_S = 10.0


class NotHere(Exception):
    """The server cannot be run on this machine; says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running server, and what cotload.py must be told besides where it is."""

    target: str
    pid: int
    options: Sequence[str] = ()


@contextmanager
def _process(command: Sequence[str | Path], log: Path) -> Iterator[subprocess.Popen]:
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=output, text=True)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


@contextmanager
def _that_says_ready(command: Sequence[str | Path], log: Path) -> Iterator[tuple[int, list[str]]]:
    """Run a program that prints `ready` and its addresses."""
    with _process(command, log) as process:
        word, *addresses = process.stdout.readline().split() or [""]
        if word != "ready":
            raise NotHere(log.read_text()[-400:] or "it ended without a word")
        yield process.pid, addresses


@contextmanager
def _that_listens(command: Sequence[str | Path], port: int, log: Path) -> Iterator[int]:
    """Run a program that says nothing when it is ready."""
    with _process(command, log) as process:
        until = time.monotonic() + LISTENS_WITHIN_S
        while not _accepts(port):
            if process.poll() is not None or time.monotonic() > until:
                raise NotHere(log.read_text()[-400:] or "it does not listen")
            time.sleep(0.05)
        yield process.pid


def _accepts(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@contextmanager
def accord_node(
    folder: Path, *, settings: str = "", api: str = "off"
) -> Iterator[tuple[int, dict[str, str]]]:
    """Make a node and run it: its process and HOST:PORT of each listener.

    `api` is where it listens for browsers. `settings` come in place of what `accord init` writes
    of those sections.
    """
    accord = [sys.executable, "-m", "accord"]
    directory = folder / "node"
    subprocess.run(
        [*accord, "init", directory, "--node", "NZL-BENCH", "--nation", "NZL"],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    _put(directory / "accord.toml", settings)
    listen = {"cot-tcp": "127.0.0.1:0", "cot-tls": "127.0.0.1:0", "api": api, "enrol": "off"}
    options = [text for name, at in listen.items() for text in (f"--{name}", at)]
    command = [*accord, "serve", str(directory), *options]
    with _that_says_ready(command, folder / "node.log") as (pid, said):
        yield pid, dict(text.split("=", 1) for text in said)


def _put(file: Path, settings: str) -> None:
    text = file.read_text()
    for section in re.findall(r"^\[.*\]$", settings, re.MULTILINE):
        text = text.replace(f"\n{section}\n", "\n")
    file.write_text(text + settings)


@contextmanager
def accord(folder: Path) -> Iterator[Server]:
    """This project's node with everything on: checks, groups, picture, journal."""
    with accord_node(folder) as (pid, listeners):
        yield Server(target=listeners["cot-tcp"], pid=pid)


@contextmanager
def ceiling(folder: Path) -> Iterator[Server]:
    """reference_fanout.py: what Python can do without looking at what it passes on."""
    command = [sys.executable, BENCH / "reference_fanout.py"]
    with _that_says_ready(command, folder / "ceiling.log") as (pid, said):
        yield Server(target=said[0], pid=pid)


@contextmanager
def nats(folder: Path) -> Iterator[Server]:
    """nats-server, a broker in Go: fan-out of the same bytes on one subject."""
    program = shutil.which("nats-server") or shutil.which("nats-server", path="/usr/sbin")
    if program is None:
        raise NotHere("not installed (Debian: apt-get install nats-server)")
    port = _free_port()
    command = [program, "--addr", "127.0.0.1", "--port", str(port)]
    with _that_listens(command, port, folder / "nats.log") as pid:
        yield Server(target=f"127.0.0.1:{port}", pid=pid, options=("--wire", "nats"))


TAKY_SETTINGS = """\
[taky]
hostname = localhost
bind_ip = 127.0.0.1
root_dir = {folder}
[cot_server]
port = {port}
[dp_server]
upload_path = {folder}
[ssl]
enabled = false
"""


@contextmanager
def taky(folder: Path) -> Iterator[Server]:
    """taky, a CoT server in Python, in an environment of its own."""
    _install_taky()
    port = _free_port()
    settings = folder / "taky.conf"
    settings.write_text(TAKY_SETTINGS.format(folder=folder, port=port))
    command = [TAKY / "bin" / "taky", "-l", "error", "-c", settings]
    with _that_listens(command, port, folder / "taky.log") as pid:
        yield Server(target=f"127.0.0.1:{port}", pid=pid)


def _install_taky() -> None:
    lock, installed = BENCH / "taky.lock", TAKY / "installed.lock"
    if installed.exists() and installed.read_bytes() == lock.read_bytes():
        return
    print("installing taky into .cache (once)", file=sys.stderr)
    venv.create(TAKY, with_pip=True)
    pip = [TAKY / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "install"]
    done = subprocess.run([*pip, "--quiet", "--require-hashes", "-r", lock], check=False)
    if done.returncode:
        raise NotHere("could not be installed")
    shutil.copy(lock, installed)


SERVERS = {"accord": accord, "ceiling": ceiling, "nats-server": nats, "taky": taky}


@contextmanager
def started(name: str) -> Iterator[Server]:
    """Start a server in a folder of its own, which goes when it does."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="accord-bench-")))
        yield stack.enter_context(SERVERS[name](folder))
