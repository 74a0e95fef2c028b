"""Two slow hops between three network namespaces: rate, loss, and cuts in which nothing is heard.

    near ---9,600 bit/s--- middle ---9,600 bit/s--- far

The rate is a token bucket (tc-tbf) at both ends of each veth pair. What is lost is dropped where it
arrives (nftables), so that the sender's TCP takes it for sent. Needs root and NET_ADMIN.
"""

import ctypes
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

MTU = 576
"""As of many modems; a token bucket lets one packet through at once, and no more."""
BURST = MTU + 14
QUEUE = 4_000
"""Bytes that the modem holds; beyond, it drops."""
ETHERNET, TCP_IP = 14, 40
HOPS = (("near", "middle"), ("middle", "far"))
PLACES = ("near", "middle", "far")
MIDDLE = "10.77.0.1"
"""The middle's own address, which both neighbours reach."""
_CLONE_NEWNET = 0x4000_0000
_LIBC = ctypes.CDLL(None, use_errno=True)


class NotPermitted(Exception):
    """No such network can be made here; says why."""


@dataclass(frozen=True, slots=True)
class Count:
    """What an interface sent."""

    packets: int
    bytes: int

    def since(self, before: "Count") -> "Count":
        return Count(self.packets - before.packets, self.bytes - before.bytes)

    @property
    def of_ip(self) -> int:
        """Bytes with IP and TCP headers, as a modem carries them."""
        return self.bytes - ETHERNET * self.packets

    @property
    def of_tls(self) -> int:
        """Bytes inside TCP: TLS and all that it holds. Time stamps of TCP are off here."""
        return self.bytes - (ETHERNET + TCP_IP) * self.packets


class Radio:
    """The network. `loss` and `cut` hold for every hop."""

    def __init__(self, mark: str) -> None:
        self.names = {place: f"{mark}-{place}" for place in PLACES}
        self.ports = {hop: tuple(f"to-{end}" for end in reversed(hop)) for hop in HOPS}

    def run(self, place: str, *command: str, text: str | None = None) -> str:
        """Run a command there; what it says is the error."""
        return _run("ip", "netns", "exec", self.names[place], *command, text=text)

    def inside(self, place: str, command: Sequence[str]) -> list[str]:
        """Return the command as it is to be started so that it runs there, as the same process."""
        return ["ip", "netns", "exec", self.names[place], *command]

    def connect(self, place: str, address: tuple[str, int]) -> socket.socket:
        """Connect from inside a namespace."""
        with self._entered(place):
            made = socket.socket()
        made.settimeout(5)
        made.connect(address)
        return made

    def shape(self, rate: str | None) -> None:
        """Let every hop carry so much in each direction; None: as much as there is."""
        for hop in HOPS:
            for place, port in zip(hop, self.ports[hop], strict=True):
                how = "add" if rate else "del"
                bucket = ("tbf", "rate", rate, "burst", str(BURST), "limit", str(QUEUE))
                self.run(place, "tc", "qdisc", how, "dev", port, "root", *(bucket if rate else ()))

    def hear(self, *, percent_lost: int = 0, cut: bool = False) -> None:
        """Drop so much of what arrives, or all of it."""
        rule = "drop" if cut else f"numgen random mod 100 < {percent_lost} drop"
        for hop in HOPS:
            for place, port in zip(hop, self.ports[hop], strict=True):
                self._rule(place, port, rule if cut or percent_lost else "")

    def _rule(self, place: str, port: str, rule: str) -> None:
        table = f"table ip {port}"
        chain = f"type filter hook prerouting priority -300; iifname {port} {rule};" if rule else ""
        text = f"{table}\ndelete {table}\n" + (
            f"{table} {{\n chain heard {{\n {chain}\n }}\n}}\n" if rule else ""
        )
        self.run(place, "nft", "-f", "-", text=text)

    def sent(self, place: str, towards: str) -> Count:
        """Return what left a place towards a neighbour until now."""
        said = self.run(place, "cat", "/proc/net/dev")
        line = next(each for each in said.splitlines() if f"to-{towards}:" in each)
        fields = line.partition(":")[2].split()
        return Count(int(fields[9]), int(fields[8]))

    @contextmanager
    def _entered(self, place: str) -> Iterator[None]:
        with ExitStack() as opened:
            here = opened.enter_context(Path("/proc/thread-self/ns/net").open())
            there = opened.enter_context((Path("/run/netns") / self.names[place]).open())
            _enter(there.fileno())
            try:
                yield
            finally:
                _enter(here.fileno())

    def make(self) -> None:
        for name in self.names.values():
            _run("ip", "netns", "add", name)
        for number, hop in enumerate(HOPS, 1):
            self._make_hop(number, hop)
        for place in PLACES:
            self.run(place, "ip", "link", "set", "lo", "up")
            self.run(place, "sysctl", "-qw", "net.ipv4.tcp_timestamps=0")
        self.run("middle", "ip", "address", "add", f"{MIDDLE}/32", "dev", "lo")
        for number, place in ((1, "near"), (2, "far")):
            self.run(place, "ip", "route", "add", "default", "via", f"10.77.{number}.2")

    def _make_hop(self, number: int, hop: tuple[str, str]) -> None:
        first, second = self.ports[hop]
        near, far = (self.names[place] for place in hop)
        veth = ("ip", "link", "add", first, "netns", near, "type", "veth")
        _run(*veth, "peer", "name", second, "netns", far)
        for place, port in zip(hop, (first, second), strict=True):
            end = 2 if place == "middle" else 1
            self.run(place, "ip", "address", "add", f"10.77.{number}.{end}/24", "dev", port)
            self.run(place, "ip", "link", "set", port, "mtu", str(MTU), "up")
            # What leaves is cut to the size of a packet before the bucket counts it.
            self.run(place, "ip", "link", "set", port, "gso_max_segs", "1")

    def remove(self) -> None:
        for name in self.names.values():
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)


@contextmanager
def radio() -> Iterator[Radio]:
    """Make the network, and remove it in the end. NotPermitted where that may not be."""
    _check_permitted()
    made = Radio(f"accord{os.getpid()}")
    try:
        try:
            made.make()
            made.shape("9600bit")
            made.hear(percent_lost=1)
            made.hear()
        except subprocess.CalledProcessError as error:
            said = error.stderr.strip() or error.stdout.strip()
            raise NotPermitted(f"{' '.join(error.cmd[:6])} ...: {said}") from None
        yield made
    finally:
        made.remove()


def _check_permitted() -> None:
    if os.geteuid() != 0:
        raise NotPermitted("network namespaces are made by root")
    for program, package in (("ip", "iproute2"), ("tc", "iproute2"), ("nft", "nftables")):
        if shutil.which(program) is None:
            raise NotPermitted(f"there is no {program} here (apt-get install {package})")


def _run(*command: str, text: str | None = None) -> str:
    done = subprocess.run(
        command, input=text, capture_output=True, text=True, timeout=20, check=True
    )
    return done.stdout


def _enter(namespace: int) -> None:
    if _LIBC.setns(namespace, _CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "cannot enter a network namespace")
