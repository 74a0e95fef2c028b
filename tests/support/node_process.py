"""A node in a process of its own, made, run and ended by the command line alone."""

import os
import selectors
import signal
import ssl
import subprocess
import sys
import time
import zipfile
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from lxml import etree

READY_WITHIN = 60.0
STOP_WITHIN = 30.0
COMMAND_WITHIN = 90.0

ON_FREE_PORTS: Mapping[str, str] = MappingProxyType({
    "cot-tcp": "127.0.0.1:0",
    "cot-tls": "127.0.0.1:0",
    "cot-udp": "off",
    "api": "127.0.0.1:0",
    "enrol": "127.0.0.1:0",
    "federation": "127.0.0.1:0",
})  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ClientFiles:
    """One client's credentials as files in PEM, taken from its connection package."""

    package: Path
    certificate: Path
    key: Path
    authority: Path

    def tls(self) -> ssl.SSLContext:
        """Return TLS as this client: it trusts the node's authority and nobody else."""
        context = self.trust()
        context.load_cert_chain(self.certificate, self.key)
        return context

    def trust(self) -> ssl.SSLContext:
        """Return TLS of somebody who trusts the node's authority and has no certificate."""
        return ssl.create_default_context(cafile=self.authority)


def accord(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end."""
    return subprocess.run(
        [sys.executable, "-m", "accord", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=COMMAND_WITHIN,
        check=False,
    )


def accord_well(*arguments: str | Path) -> str:
    """Run the command line, which must succeed, and return what it printed."""
    done = accord(*arguments)
    assert done.returncode == 0, f"accord {' '.join(map(str, arguments))}: {done.stderr}"
    return done.stdout


class NodeProcess:
    """`accord serve` on a directory. It can be stopped or killed, and started again."""

    def __init__(self, directory: Path, listeners: Mapping[str, str]) -> None:
        self.directory = directory
        self.log = directory.parent / f"{directory.name}.log"
        self.python = sys.executable
        self._options = [text for name, at in listeners.items() for text in (f"--{name}", at)]
        self._process: subprocess.Popen[bytes] | None = None
        self._listeners: dict[str, tuple[str, int]] = {}

    def start(self) -> None:
        """Start it, and return when it says that it is ready."""
        command = [self.python, "-m", "accord", "serve", str(self.directory), *self._options]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)
        self._listeners = self._read_ready()

    def _read_ready(self) -> dict[str, tuple[str, int]]:
        word, *listeners = self._first_line().split()
        assert word == "ready", word
        said = (text.partition("=")[::2] for text in listeners)
        return {name: _host_and_port(address) for name, address in said}

    def _first_line(self) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        out = self._process.stdout.fileno()
        line, until = b"", time.monotonic() + READY_WITHIN
        with selectors.DefaultSelector() as selector:
            selector.register(out, selectors.EVENT_READ)
            while not line.endswith(b"\n"):
                if not selector.select(until - time.monotonic()):
                    self.kill()
                    pytest.fail(f"not ready within {READY_WITHIN:g} s: {self.log.read_text()}")
                data = os.read(out, 4096)
                if not data:
                    self._end()
                    pytest.fail(f"ended before it was ready: {self.log.read_text()}")
                line += data
        return line.decode()

    @property
    def pid(self) -> int:
        """The process's number."""
        assert self._process is not None, "it does not run"
        return self._process.pid

    def address(self, listener: str) -> tuple[str, int]:
        """Return host and port of a listener, such as "cot-tls"."""
        return self._listeners[listener]

    def target(self, listener: str) -> str:
        """Return HOST:PORT of a listener."""
        host, port = self.address(listener)
        return f"{host}:{port}"

    def signal(self, number: signal.Signals) -> None:
        """Send the process a signal."""
        assert self._process is not None, "it does not run"
        self._process.send_signal(number)

    def stop(self) -> int:
        """Ask it to stop, as a service manager does, and return its exit code."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def wait(self) -> int:
        """Wait until it has ended, and return its exit code."""
        return self._end()

    def kill(self) -> None:
        """End it as a power cut does."""
        self.signal(signal.SIGKILL)
        self._end()

    def _end(self) -> int:
        process, self._process = self._process, None
        assert process is not None
        assert process.stdout is not None
        try:
            return process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            pytest.fail(f"did not stop within {STOP_WITHIN:g} s: {self.log.read_text()}")
        finally:
            process.stdout.close()

    @property
    def runs(self) -> bool:
        """Whether it was started and not ended by us."""
        return self._process is not None

    def start_at(self, listener: str, address: str) -> None:
        """Start it again with a listener where it was before."""
        at = self._options.index(f"--{listener}") + 1
        before, self._options[at] = self._options[at], address
        try:
            self.start()
        finally:
            self._options[at] = before

    def accord(self, command: str, verb: str, *arguments: str) -> str:
        """Run a command on its directory, which must succeed: accord COMMAND VERB DIR ..."""
        return accord_well(command, verb, self.directory, *arguments)

    def add_client(self, name: str, *options: str, group: str = "Blue") -> ClientFiles:
        """Add a client with `accord client add` and unpack its connection package."""
        accord_well("client", "add", self.directory, name, "--group", group, *options)
        return unpack(self.directory / "clients" / f"{name}.zip")


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def unpack(package: Path) -> ClientFiles:
    """Read a connection package as a TAK client does, and write what is in it as PEM beside it."""
    folder = package.with_suffix("")
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(package) as archive:
        files = {Path(name).name: archive.read(name) for name in archive.namelist()}
    preferences = etree.fromstring(files["config.pref"])
    said = {entry.get("key", ""): entry.text or "" for entry in preferences.iter("entry")}

    def store(location: str, password: str) -> pkcs12.PKCS12KeyAndCertificates:
        name = Path(_one_of(said, location)).name
        return pkcs12.load_pkcs12(files[name], _one_of(said, password).encode())

    mine, trusted = (
        store("certificateLocation", "clientPassword"),
        store("caLocation", "caPassword"),
    )
    assert mine.cert is not None
    assert mine.key is not None
    pem = serialization.Encoding.PEM
    chain = [mine.cert.certificate, *(extra.certificate for extra in mine.additional_certs)]
    bare = serialization.NoEncryption()
    return ClientFiles(
        package=package,
        certificate=_write(folder / "client.pem", *(each.public_bytes(pem) for each in chain)),
        key=_write(
            folder / "client.key",
            mine.key.private_bytes(pem, serialization.PrivateFormat.PKCS8, bare),
        ),
        authority=_write(
            folder / "ca.pem",
            *(each.certificate.public_bytes(pem) for each in trusted.additional_certs),
        ),
    )


def _one_of(said: Mapping[str, str], key: str) -> str:
    """Return a preference for the first connection, or else for all."""
    return said.get(f"{key}0") or said[key]


def _write(path: Path, *parts: bytes) -> Path:
    path.write_bytes(b"".join(parts))
    path.chmod(0o600)
    return path


@contextmanager
def running_node(directory: Path, **listeners: str) -> Generator[NodeProcess]:
    """Make a node in a directory and run it; `cot_udp="127.0.0.1:0"` changes a listener."""
    accord_well("init", directory, "--node", "NZL-TEST", "--nation", "NZL")
    given = {name.replace("_", "-"): at for name, at in listeners.items()}
    process = NodeProcess(directory, {**ON_FREE_PORTS, **given})
    process.start()
    try:
        yield process
    finally:
        if process.runs:
            process.stop()


@pytest.fixture
def node(tmp_path: Path) -> Iterator[NodeProcess]:
    """A node of one's own on free ports; conftest.py of a folder that uses it imports it."""
    with running_node(tmp_path / "node") as process:
        yield process
