"""Nodes in processes that pass on what each says, and can be killed: three in a row, or a mesh."""

import io
import json
import re
import socket
import time
from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from accord.cli.main import main
from accord.core.clock import SystemClock
from accord.federation.epoch import EPOCH
from accord.node.kept import segments
from support.cot import cot_xml
from support.node_process import ON_FREE_PORTS, NodeProcess
from support.released import spelt

NZL, USA, AUS = "NZL-ONE", "USA-TWO", "AUS-THREE"
FJI, TON = "FJI-FOUR", "TON-FIVE"
KNOWN = {NZL: (USA,), USA: (NZL, AUS), AUS: (USA, NZL)}
"""Whose keys are pinned where: AUS verifies what NZL signed."""
FIVE = (NZL, USA, AUS, FJI, TON)
TEXT = Path(__file__).parents[2] / "bench" / "chain_agreement.md"
SETTINGS = {
    "kept_every": '"1 h"',  # what happens between two of them is what a kill is to leave
    "dial_first": "0.1",
    "dial_longest": "0.5",
}
MARK = 'access="UNCLASSIFIED" releasableTo="NZL, USA, AUS, FJI, TON"'
CHAT = (
    '<detail><__chat id="All Chat Rooms" chatroom="All Chat Rooms" senderCallsign="WATCH">'
    '<chatgrp id="All Chat Rooms" uid0="WATCH-1"/></__chat>'
    '<link uid="WATCH-1" type="a-f-G" relation="p-p"/><remarks>{}</remarks></detail>'
)
WITHIN = 150.0


def command(*arguments: str | Path) -> str:
    """Run a command of the command line in this process: one for each takes long."""
    with redirect_stdout(io.StringIO()) as said:
        assert main([str(each) for each in arguments]) == 0, arguments
    return said.getvalue()


@dataclass
class Chain:
    """`doors` are the addresses of those whom others dial."""

    nodes: dict[str, NodeProcess]
    doors: dict[str, str]

    def start(self, *names: str) -> None:
        for name in names:
            if name in self.doors:
                self.nodes[name].start_at("federation", self.doors[name])
            else:
                self.nodes[name].start()

    def down(self) -> list[str]:
        return [name for name, each in self.nodes.items() if not each.runs]

    def kill(self, *names: str) -> None:
        for name in names:
            self.nodes[name].kill()

    def end(self) -> None:
        for each in self.nodes.values():
            if each.runs:
                each.stop()

    def say(self, *uids: str) -> None:
        """Have NZL told something by a client, which then is gone."""
        with socket.create_connection(self.nodes[NZL].address("cot-tcp")) as client:
            for uid in uids:
                client.sendall(_words(uid))
            client.shutdown(socket.SHUT_WR)  # closed at once, it would be cut off and unread
            while client.recv(4096):
                pass

    def has(self, name: str, uid: str) -> bool:
        """Tell whether it is in the journal of a node."""
        return self.times(name, uid) > 0

    def times(self, name: str, uid: str) -> int:
        """Count how often it is in the journal of a node."""
        directory, sought = self.nodes[name].directory, uid.encode()
        return sum(each.uids().count(sought) for each in segments(directory, holding=sought))

    def epochs(self) -> list[str]:
        """Return each node's epoch, as soon as all have one: a node is ready before it has."""
        until = time.monotonic() + WITHIN
        while not all((each.directory / EPOCH).is_file() for each in self.nodes.values()):
            assert time.monotonic() < until, "a node has no epoch"
            time.sleep(0.05)
        return [(each.directory / EPOCH).read_text("ascii") for each in self.nodes.values()]

    def lacks(self, name: str, uids: list[str], within: float = WITHIN) -> list[str]:
        """Return which of them a node has not after a while; nothing as soon as it has all."""
        until = time.monotonic() + within
        while lacking := [uid for uid in uids if not self.has(name, uid)]:
            if time.monotonic() > until:
                return lacking
            time.sleep(0.05)
        return []


def _words(uid: str) -> bytes:
    now = SystemClock().now()
    return cot_xml(
        uid, "b-t-f", time=spelt(now), start=spelt(now), stale=spelt(now + timedelta(hours=1)),
        detail=CHAT.format(uid), more=MARK,
    )  # fmt: skip


def make(folder: Path) -> Chain:
    """Make three nodes in a row that do not run yet; the two at its ends dial the middle."""
    return _make(folder, KNOWN, doors={USA: _free()}, text=TEXT.read_text("utf-8"))


def make_mesh(folder: Path) -> Chain:
    """Make five nodes that do not run yet, each linked to each."""
    known = {name: tuple(other for other in FIVE if other != name) for name in FIVE}
    return _make(folder, known, doors={name: _free() for name in FIVE[:-1]}, text=_for_five())


def _for_five() -> str:
    """Return the agreement of the three as one of five."""
    text = TEXT.read_text("utf-8")
    everybody, nations = ", ".join(FIVE), ", ".join(name[:3] for name in FIVE)
    for old, new in {
        r'direction = ".*"': f'direction = "{everybody} -> {everybody}"',
        r"onward = .*": f"onward = {[name[:3] for name in FIVE]}".replace("'", '"'),
        r"(AUS-THREE = .*)": rf'\1\n{FJI} = "ed25519:"\n{TON} = "ed25519:"',
        r'(AUS = "OFFICIAL")': r'\1\nFJI = "UNCLASSIFIED"\nTON = "UNCLASSIFIED"',
        r'marking = ".*"': f'marking = "(U//REL TO {nations})"',
    }.items():
        text, count = re.subn(f"(?m)^{old}$", new, text)
        assert count == 1, old
    return text


def _free() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


def _make(
    folder: Path, known: Mapping[str, tuple[str, ...]], doors: dict[str, str], text: str
) -> Chain:
    places = {name: folder / name[:3].lower() for name in known}
    keys: dict[str, str] = {}
    for name, place in places.items():
        command("init", place, "--node", name, "--nation", name[:3])
        _set(place / "accord.toml")
        keys[name] = command("agreement", "key", folder / f"{name}.key").strip()
    words: dict[str, str] = {}
    for name, place in places.items():
        address = ("--address", doors[name]) if name in doors else ()
        invitation = folder / f"{name}.invitation"
        command("partner", "invite", place, invitation, "--party-key", keys[name], *address)
        words[name] = json.loads(command("partner", "show", place, name, "--json"))["words"]
    for name, others in known.items():
        for other in others:
            invitation = folder / f"{other}.invitation"
            command("partner", "add", places[name], invitation, "--expect", words[other])
    _agree(folder, places, keys, text)
    off = {"cot-tls": "off", "enrol": "off", "api": "off"}
    dials = {**ON_FREE_PORTS, **off, "federation": "off"}
    return Chain(
        {
            name: NodeProcess(place, {**ON_FREE_PORTS, **off} if name in doors else dials)
            for name, place in places.items()
        },
        doors,
    )


def _set(file: Path) -> None:
    text = file.read_text("utf-8")
    for key, value in SETTINGS.items():
        text, count = re.subn(rf"(?m)^# ?{key} = .*$", f"{key} = {value}", text)
        assert count == 1, key
    file.write_text(text, "utf-8")


def _agree(folder: Path, places: dict[str, Path], keys: dict[str, str], text: str) -> None:
    for name, key in keys.items():
        text = re.sub(rf'(?m)^{name} = "ed25519:.*"$', f'{name} = "{key}"', text)
    file = folder / "agreement.md"
    file.write_text(text, "utf-8")
    for name in places:
        command("agreement", "sign", file, "--key", folder / f"{name}.key", "--node", name)
    trust = [text for name in places for text in ("--trust", f"{name}={keys[name]}")]
    for place in places.values():
        command("agreement", "activate", place, file, *trust)
