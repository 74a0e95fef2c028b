"""Three node processes in a chain, NZL - USA - AUS, made and agreed by the command line.

One agreement of all three lets ships, words and calls for help out, and lets the middle pass them
on. A second one is there to be suspended.
"""

import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field
from pathlib import Path

from radio import MIDDLE, PLACES, Radio

from accord.cli.main import main

ACCORD = (sys.executable, "-m", "accord")
TEXT = Path(__file__).with_name("chain_agreement.md")
AGREEMENT, SPARE = "BENCH-CHAIN", "BENCH-SPARE"
IDS = dict(zip(PLACES, ("NZL-ONE", "USA-TWO", "AUS-THREE"), strict=True))
KNOWN = {"near": ("middle",), "middle": ("near", "far"), "far": ("middle", "near")}
"""Whose keys are pinned where: the far node verifies what the near one signed."""
NEIGHBOURS = {"near": "middle", "middle": "far"}
COT, FEDERATION = 8087, 9010

SETTINGS: Mapping[str, Mapping[str, object]] = {
    "link": {"dial_longest": 1.0, "dial_timeout": 2.0, "send_buffer": 4096},
    "sync": {
        "frame_bytes": 1400,
        "window_least": 1400,
        "linger": 1.0,
        "chat_originals": False,
        "keepalive": 30.0,
        "silent_after": 75.0,
    },
}
"""What docs/how-to/run-over-a-radio-modem.md sets."""


class ChainError(Exception):
    """The chain cannot be made or does not run; says why."""


def accord(*arguments: str | Path, may_fail: bool = False) -> str:
    """Run a command of the command line, in this process: to start one for each takes longer."""
    with redirect_stdout(io.StringIO()) as said, redirect_stderr(io.StringIO()) as wrong:
        code = main([str(each) for each in arguments])
    if code and not (may_fail and said.getvalue()):
        raise ChainError(f"accord {' '.join(map(str, arguments[:3]))}: {wrong.getvalue().strip()}")
    return said.getvalue()


@dataclass(slots=True)
class Chain:
    """The three nodes; `start` and `kill` them as often as you like."""

    folder: Path
    radio: Radio
    _running: dict[str, subprocess.Popen[str]] = field(default_factory=dict)

    def directory(self, place: str) -> Path:
        return self.folder / place

    def start(self, *places: str) -> None:
        """Start nodes, and return when they listen."""
        for place in places:
            self._running[place] = self._started(place)
        for place in places:
            if not self._running[place].stdout.readline().startswith("ready"):
                raise ChainError(self.log(place).read_text()[-500:])

    def _started(self, place: str) -> subprocess.Popen[str]:
        listen = {
            "cot-tcp": f"127.0.0.1:{COT}",
            "cot-tls": "off",
            "enrol": "off",
            "api": "127.0.0.1:8443",
            "federation": f"{MIDDLE}:{FEDERATION}" if place == "middle" else "off",
        }
        options = [text for name, at in listen.items() for text in (f"--{name}", at)]
        command = [*ACCORD, "serve", str(self.directory(place)), *options]
        with self.log(place).open("a") as log:
            return subprocess.Popen(
                self.radio.inside(place, command), stdout=subprocess.PIPE, stderr=log, text=True
            )

    def log(self, place: str) -> Path:
        """Return where a node writes what happens to it."""
        return self.folder / f"{place}.log"

    def kill_node(self, place: str) -> None:
        """End a node as a power cut does, its guards with it."""
        guards = self.guards(place)
        process = self._running.pop(place)
        process.kill()
        process.wait()
        process.stdout.close()
        for guard in guards:
            _kill(guard)

    def kill_guard(self, place: str) -> None:
        for guard in self.guards(place)[:1]:
            _kill(guard)

    def guards(self, place: str) -> list[int]:
        """Return the guards of a node: its children."""
        pid = self._running[place].pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [int(child) for child in children]

    def stop(self) -> None:
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            process.stdout.close()
        self._running.clear()

    def links(self, place: str) -> dict[str, dict]:
        """Return how a node's links are, by partner, as `accord status` says it."""
        command = self.radio.inside(
            place, [*ACCORD, "status", str(self.directory(place)), "--json"]
        )
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        said = json.loads(done.stdout)["partners"] if done.stdout else ()
        return {each["node"]: each for each in said}

    def suspend_spare(self) -> None:
        """Let NZL suspend the second agreement, and USA take in what NZL signed."""
        record = self.folder / "suspended"
        key = ("--key", self.folder / "near.key", "--node", IDS["near"])
        record.write_text(accord("agreement", "suspend", self.directory("near"), SPARE, *key))
        accord("agreement", "suspend", self.directory("middle"), SPARE, "--record", record)

    def lines(self, place: str, partner: str) -> list[dict]:
        """Return the releases in a ledger."""
        given = ("--partner", IDS[partner], "--limit", "1000000", "--json")
        return json.loads(accord("ledger", "show", self.directory(place), *given))

    def compared(self, place: str) -> dict:
        """Hold both ledgers of a hop against each other, and return what is found."""
        other = NEIGHBOURS[place]
        file = self.folder / f"{other}.ledger"
        accord("ledger", "export", self.directory(other), IDS[place], file)
        given = ("ledger", "compare", self.directory(place), IDS[other], file, "--json")
        return json.loads(accord(*given, may_fail=True))


@contextmanager
def chain(folder: Path, radio: Radio, settings: Mapping = SETTINGS) -> Iterator[Chain]:
    """Make three nodes in a folder and run them."""
    made = Chain(folder, radio)
    _make(made, settings)
    try:
        made.start(*PLACES)
        yield made
    finally:
        made.stop()


def _make(chain: Chain, settings: Mapping[str, Mapping[str, object]]) -> None:
    keys: dict[str, str] = {}
    for place, node in IDS.items():
        accord("init", chain.directory(place), "--node", node, "--nation", node[:3])
        _set(chain.directory(place) / "accord.toml", settings)
        keys[place] = accord("agreement", "key", chain.folder / f"{place}.key").strip()
    words = {place: _invite(chain, place, keys[place]) for place in PLACES}
    for place, others in KNOWN.items():
        for other in others:
            file = chain.folder / f"{other}.invitation"
            accord("partner", "add", chain.directory(place), file, "--expect", words[other])
    for name in (AGREEMENT, SPARE):
        _agree(chain, name, keys)


def _set(file: Path, settings: Mapping[str, Mapping[str, object]]) -> None:
    text = file.read_text()
    for section, values in settings.items():
        lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
        text = text.replace(f"[{section}]\n", f"[{section}]\n{lines}", 1)
    file.write_text(text)


def _invite(chain: Chain, place: str, key: str) -> str:
    """Write an invitation and return the words that are read out."""
    address = ("--address", f"{MIDDLE}:{FEDERATION}") if place == "middle" else ()
    directory, file = chain.directory(place), chain.folder / f"{place}.invitation"
    accord("partner", "invite", directory, file, "--party-key", key, *address)
    return json.loads(accord("partner", "show", directory, IDS[place], "--json"))["words"]


def _agree(chain: Chain, name: str, keys: Mapping[str, str]) -> None:
    text = TEXT.read_text().replace(AGREEMENT, name)
    for place, key in keys.items():
        node = IDS[place]
        text = re.sub(rf'(?m)^{node} = "ed25519:.*"$', f'{node} = "{key}"', text)
    file = chain.folder / f"{name}.md"
    file.write_text(text)
    for place, node in IDS.items():
        accord("agreement", "sign", file, "--key", chain.folder / f"{place}.key", "--node", node)
    trust = [text for place in PLACES for text in ("--trust", f"{IDS[place]}={keys[place]}")]
    for place in PLACES:
        accord("agreement", "activate", chain.directory(place), file, *trust)


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
