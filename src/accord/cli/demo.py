"""`accord demo`: a node with recorded AIS and two scripted TAK clients, on this machine alone."""

import argparse
import asyncio
import contextlib
import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

import accord
from accord.cli.command import Subparsers
from accord.cli.demo_client import EXERCISE, DemoClient, tls_context
from accord.cli.demo_view import LiveView, PlainView, Scene, View, describe
from accord.config import SETTINGS_FILE
from accord.core.clock import SystemClock
from accord.core.errors import AccordError, UsageError

RECORDINGS = {"ais-tasman": "tasman-2012.nmea.gz", "ais-australia": "australia-2012.nmea.gz"}
"""The feeds of the demonstration's node, each a file of examples/recordings."""

ACCORD = (sys.executable, "-m", "accord")
GROUP = "Watch"
NAMES = ("KIWI-1", "KIWI-2")

READY_WITHIN = 30.0
END_WITHIN = 10.0
"""Seconds that the node may take to start and to stop."""

LOOK_EVERY = 1.0


def add_parser(subparsers: Subparsers) -> None:
    """Add `demo`."""
    parser = subparsers.add_parser(
        "demo",
        help="show what Accord does, on this machine",
        description="Start a node with recorded real AIS traffic and two TAK clients that connect "
        "to it over TLS, and show what they receive. Everything is on loopback and in a temporary "
        "directory. Exit code 0 only if the clients received tracks and heard each other.",
    )
    parser.add_argument("--seconds", type=float, metavar="N", help="end after N seconds")
    parser.add_argument("--json", action="store_true", help="print only a summary, as JSON")
    parser.add_argument("--plain", action="store_true", help="lines instead of a live table")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the demonstration; 0 when everything that it is to show was received."""
    if arguments.seconds is not None and arguments.seconds <= 0:
        raise UsageError(f"--seconds {arguments.seconds:g}: give more than 0")
    recordings = find_recordings()
    with tempfile.TemporaryDirectory(prefix="accord-demo-") as temporary:
        directory = Path(temporary) / "NZL"
        prepare(directory, recordings)
        clock = SystemClock()
        clients = (
            DemoClient(*NAMES, wants_protobuf=False, clock=clock),
            DemoClient(*reversed(NAMES), wants_protobuf=True, clock=clock),
        )
        view = None if arguments.json else make_view(plain=arguments.plain)
        stage = Stage(directory, clients, view)
        try:
            elapsed = asyncio.run(stage.play(arguments.seconds))
        finally:
            if view is not None:
                view.close()
    missing = shortfalls(clients)
    report(clients, elapsed, missing, as_json=arguments.json)
    return 1 if missing else 0


def find_recordings() -> Path:
    """Return the folder of the recordings. UsageError where it is not there."""
    folder = Path(accord.__file__).parents[2] / "examples" / "recordings"
    if not all((folder / name).is_file() for name in RECORDINGS.values()):
        raise UsageError(f"no recordings in {folder}; run ./accord demo in a clone of the source")
    return folder


def prepare(directory: Path, recordings: Path) -> None:
    """Make the node and its two clients, by the commands that anybody would type."""
    accord_command("init", directory, "--node", "NZL", "--nation", "NZL", "--name", "Demonstration")
    with (directory / SETTINGS_FILE).open("a", encoding="utf-8") as file:
        for feed, recording in RECORDINGS.items():
            file.write(_feed_section(feed, recordings / recording))
    for name in NAMES:
        accord_command("client", "add", directory, name, "--group", GROUP, "--exercise", EXERCISE)


def _feed_section(feed: str, recording: Path) -> str:
    values = {
        "format": "ais",
        "transport": "file",
        "address": str(recording),
        "groups": [GROUP],
        "exercise": EXERCISE,
        "loop": True,
    }
    # A JSON text, list or truth value is the same in TOML.
    return "\n".join(
        [f"\n[feed.{feed}]", *(f"{k} = {json.dumps(v)}" for k, v in values.items()), ""]
    )


def accord_command(*arguments: str | Path) -> None:
    """Run a subcommand of accord. AccordError says what it complained about."""
    done = subprocess.run(  # noqa: S603  ourselves
        [*ACCORD, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise AccordError(f"accord {arguments[0]} failed: {done.stderr.strip()}")


def package_of(directory: Path, name: str) -> Path:
    """Return the connection package that was written for a client."""
    return next((directory / "clients").glob(f"{name}*.zip"))


def make_view(*, plain: bool) -> View:
    """Return a live table on a terminal, and plain lines otherwise or when asked for."""
    console = Console()
    return LiveView(console) if console.is_terminal and not plain else PlainView(console)


class Stage:
    """Runs the node and the clients, and shows how they fare."""

    def __init__(self, directory: Path, clients: Sequence[DemoClient], view: View | None) -> None:
        self._directory = directory
        self._clients = clients
        self._view = view
        self._clock = SystemClock()

    async def play(self, seconds: float | None) -> float:
        """Play until the time is over, Ctrl-C or SIGTERM; returns the seconds it took."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  a coroutine runs in a task
        told: list[bool] = []

        def stop() -> None:
            if not told:
                told.append(True)
                task.cancel()

        for reason in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(reason, stop)
        begun = self._clock.monotonic()
        try:
            async with running_node(self._directory) as node:
                begun = self._clock.monotonic()
                async with asyncio.timeout(seconds):
                    await self._act(node)
        except TimeoutError:
            pass
        except asyncio.CancelledError:
            if not told:
                raise
        return self._clock.monotonic() - begun

    async def _act(self, node: "Node") -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(node.ended())
            for client in self._clients:
                context = tls_context(package_of(self._directory, client.name))
                group.create_task(client.run(node.address("cot-tls"), context))
            if self._view is not None:
                group.create_task(self._show(self._view, node))

    async def _show(self, view: View, node: "Node") -> None:
        begun = self._clock.monotonic()
        while True:
            scene = Scene(
                now=self._clock.now(),
                elapsed=self._clock.monotonic() - begun,
                addresses=node.addresses,
                clients=self._clients,
            )
            view.show(scene)
            await asyncio.sleep(LOOK_EVERY)


@dataclass(frozen=True, slots=True)
class Node:
    """The running node: its process, where it listens, and where it logs."""

    process: asyncio.subprocess.Process
    addresses: Mapping[str, str]
    log: Path

    def address(self, listener: str) -> tuple[str, int]:
        """Return host and port of a listener."""
        host, _, port = self.addresses[listener].rpartition(":")
        return host.strip("[]"), int(port)

    async def ended(self) -> None:
        """Wait until the node ends, which it should not. AccordError says what its log says."""
        await self.process.wait()
        raise AccordError(f"the node stopped: {last_line(self.log)}")


@asynccontextmanager
async def running_node(directory: Path) -> AsyncGenerator[Node]:
    """Start the node as a process of its own, and end it. AccordError when it does not start."""
    log = directory.parent / "node.log"
    here = "127.0.0.1:0"
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *(*ACCORD, "serve", str(directory), "--cot-tcp", "off"),
            *("--cot-tls", here, "--cot-udp", "off", "--api", here, "--enrol", "off"),
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            start_new_session=True,  # Ctrl-C is for us; the node is told to stop afterwards
        )
    try:
        yield Node(process, await _addresses(process, log), log)
    finally:
        await _end(process)


async def _addresses(process: asyncio.subprocess.Process, log: Path) -> dict[str, str]:
    """Return where the node listens, once it says that it is ready."""
    assert process.stdout is not None  # noqa: S101  it is a pipe
    try:
        async with asyncio.timeout(READY_WITHIN):
            line = await process.stdout.readline()
    except TimeoutError:
        raise AccordError(f"the node was not ready in {READY_WITHIN:.0f} s") from None
    word, *pairs = line.decode().split() or [""]
    if word != "ready":
        raise AccordError(f"the node did not start: {last_line(log)}")
    return dict(pair.split("=", 1) for pair in pairs)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Tell the node to stop, and see that it does."""
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(END_WITHIN):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def last_line(log: Path) -> str:
    """Return the last line of a log, or that there is none."""
    lines = log.read_text("utf-8", "replace").split("\n")
    return next((line for line in reversed(lines) if line.strip()), "its log is empty")


def shortfalls(clients: Sequence[DemoClient]) -> list[str]:
    """Return in words what should have been received and was not."""
    missing: list[str] = []
    for client in clients:
        tally = client.tally
        received = {
            "no AIS track": tally.ais,
            f"no position of {client.other}": tally.positions_of[client.other],
            f"no words of {client.other}": tally.spoken_to,
            "no protobuf": tally.heard_protobuf or not client.wants_protobuf,
        }
        missing += [f"{client.name} received {what}" for what, so in received.items() if not so]
    return missing


def summary(clients: Sequence[DemoClient], elapsed: float) -> dict[str, object]:
    """Return what was received, for machines."""
    return {
        "seconds": round(elapsed, 1),
        "exercise": EXERCISE,
        "clients": [
            {
                "name": client.name,
                "messages": client.tally.events,
                "tracks": len(client.tally.tracks),
                "ais_reports": client.tally.ais,
                "positions_of_the_other": client.tally.positions_of[client.other],
                "words_of_the_other": client.tally.spoken_to,
                "form": "protobuf" if client.tally.heard_protobuf else "xml",
                "refused": client.tally.faults,
            }
            for client in clients
        ],
    }


PHONE = """To connect a phone, make a node of your own:
  accord init DIR --node NZL-ME --nation NZL
  accord client add DIR NAME --group Watch    (import the .zip it writes into ATAK, WinTAK or iTAK)
  accord serve DIR"""


def report(
    clients: Sequence[DemoClient], elapsed: float, missing: Sequence[str], *, as_json: bool
) -> None:
    """Print the summary, and what is missing."""
    if as_json:
        print(json.dumps({**summary(clients, elapsed), "missing": list(missing)}, indent=2))
        return
    print(f"After {elapsed:.0f} s:")
    for client in clients:
        rate = client.tally.events / max(elapsed, 0.001)
        print(f"  {client.name} received {describe(client, rate)}")
    for line in missing:
        print(f"  missing: {line}")
    print(PHONE)
