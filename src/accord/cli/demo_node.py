"""The demonstration's nodes: made by the commands anybody would type, each a process of its own."""

import argparse
import asyncio
import contextlib
import io
import json
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from accord.cli import agreement, client, init, ledger, partner, sar, user
from accord.cli.command import Command, Run
from accord.cli.demo_cast import GROUP, Party
from accord.cli.demo_client import EXERCISE
from accord.cli.demo_page import CHIEF, USER, keep_password
from accord.config import SETTINGS_FILE
from accord.core.errors import AccordError

ACCORD = (sys.executable, "-m", "accord")
"""The command of which a running node is a process."""

_COMMANDS: tuple[Command, ...] = (init, client, user, agreement, partner, ledger, sar)
"""Those by which nodes are made and linked, and their ledgers compared."""

READY_WITHIN = 30.0
END_WITHIN = 10.0
"""Seconds that the node may take to start and to stop."""

_HERE = "127.0.0.1:0"

LINKED: Mapping[str, Mapping[str, object]] = {
    "federation": {"groups": [GROUP]},
    # A demonstration is short: what takes minutes otherwise is to be seen.
    "link": {"dial_first": 0.5, "dial_longest": 2, "withheld_every": "2 s"},
}
"""Settings of a node that is linked to others, by section."""


def prepare(directory: Path, party: Party, recordings: Path) -> None:
    """Make a node, its clients, and who signs in to its page."""
    nation = party.node[:3]
    printed("init", directory, "--node", party.node, "--nation", nation, "--name", "Demonstration")
    path = directory / SETTINGS_FILE
    text = path.read_text("utf-8")
    for section, values in LINKED.items():
        text = text.replace(f"[{section}]\n", f"[{section}]\n{_lines(values)}\n", 1)
    text += _section(f"group.{GROUP}", {"marking": party.marking})
    for feed, (recording, marking) in party.feeds.items():
        text += _section(f"feed.{feed}", _feed(recordings / recording, marking))
    path.write_text(text, "utf-8")
    for name in party.clients:
        printed("client", "add", directory, name, "--group", GROUP, "--exercise", EXERCISE)
    for name, role in ((USER, "watch"), (CHIEF, "administrator")):
        given = ("--role", role, "--group", GROUP, "--exercise", EXERCISE, "--generate")
        keep_password(directory, printed("user", "add", directory, name, *given), of=name)


def _feed(recording: Path, marking: str) -> Mapping[str, object]:
    return {
        "format": "ais",
        "transport": "file",
        "address": str(recording),
        "groups": [GROUP],
        "marking": marking,
        "exercise": EXERCISE,
        "loop": True,
    }


def _section(name: str, values: Mapping[str, object]) -> str:
    return f"\n[{name}]\n{_lines(values)}\n"


def _lines(values: Mapping[str, object]) -> str:
    # A JSON text, list, number or truth value is the same in TOML.
    return "\n".join(f"{name} = {json.dumps(value)}" for name, value in values.items())


def accord_command(*arguments: str | Path) -> tuple[int, str]:
    """Run a subcommand of accord here, not as a process: that saves seconds.

    Returns the exit code and what it printed. AccordError says what it complained about.
    """
    parser = argparse.ArgumentParser(prog="accord")
    subparsers = parser.add_subparsers(required=True)
    for command in _COMMANDS:
        command.add_parser(subparsers)
    parsed = parser.parse_args([*map(str, arguments)])
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            code = cast("Run", parsed.run)(parsed)
    except AccordError as error:
        raise AccordError(f"accord {arguments[0]} failed: {error}") from None
    return code, said.getvalue()


def printed(*arguments: str | Path) -> str:
    """Run a subcommand of accord and return what it printed. AccordError when it fails."""
    code, said = accord_command(*arguments)
    if code:
        raise AccordError(f"accord {arguments[0]} failed: {said.strip()}")
    return said


def package_of(directory: Path, name: str) -> Path:
    """Return the connection package that was written for a client."""
    return next((directory / "clients").glob(f"{name}*.zip"))


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
async def running_node(directory: Path, *, is_dialled: bool = False) -> AsyncGenerator[Node]:
    """Start the node as a process of its own, and end it. AccordError when it does not start.

    A partner can dial it where `is_dialled`.
    """
    log = directory.with_name(f"{directory.name}.log")
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *(*ACCORD, "serve", str(directory), "--cot-tcp", "off"),
            *("--cot-tls", _HERE, "--cot-udp", "off", "--api", _HERE, "--enrol", "off"),
            *("--federation", _HERE if is_dialled else "off"),
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
