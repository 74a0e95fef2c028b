"""`accord doctor DIR`: tries the node as a client would, and says in words what is wrong."""

import argparse
import asyncio
import json
import os
import shutil
import socket
import stat
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from accord.api.selfcheck import SelfCheck
from accord.cli.arguments import add_directory, add_json
from accord.cli.command import Subparsers
from accord.cli.running import RunningNode, find, get
from accord.config import Settings, load
from accord.core.clock import Clock, SystemClock
from accord.core.errors import AccordError
from accord.core.quantity import about_duration, about_size
from accord.node.directory import JOURNAL
from accord.node.secret_files import exposed, secret_files
from accord.security import keystore, renewal
from accord.security.authority import leads_to, names_in
from accord.security.tls import client_context
from accord.storage.people import PEOPLE, People

CERTIFICATES = {
    keystore.AUTHORITY: keystore.AUTHORITY_KEY,
    keystore.SERVER: keystore.SERVER_KEY,
    keystore.ADMINISTRATOR: keystore.ADMINISTRATOR_KEY,
}
"""The certificates that a node cannot do without, each with its key."""

CLOCK_SLACK = timedelta(minutes=1)
CONNECT_WITHIN = 5.0
SPARE = 256 << 20
"""Bytes that should be free on the disk beside what the node may still write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The outcome of one check: what was found, and for a failure what to do."""

    check: str
    is_ok: bool
    said: str
    advice: str = ""


class Failed(AccordError):
    """A check failed; `advice` says what to do."""

    def __init__(self, said: str, advice: str = "") -> None:
        super().__init__(said)
        self.advice = advice


def add_parser(subparsers: Subparsers) -> None:
    """Add `doctor`."""
    parser = subparsers.add_parser(
        "doctor",
        help="find what is wrong with a node",
        description="Connect to the node that runs from DIR as a client would, send and receive an "
        "event over TLS, and check certificates, ports, clock, disk and permissions. Exit code 1 "
        "when anything is wrong.",
    )
    add_directory(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print one line per check; 1 when any failed."""
    directory: Path = arguments.directory
    patient = Patient(directory=directory, settings=load(directory), clock=SystemClock())
    findings = list(examine(patient))
    if arguments.json:
        print(json.dumps([asdict(each) for each in findings], indent=2, ensure_ascii=False))
    else:
        for each in findings:
            advice = f"; {each.advice}" if each.advice else ""
            print(f"{'ok' if each.is_ok else 'FAIL':<5} {each.check:<26} {each.said}{advice}")
    return 0 if all(each.is_ok for each in findings) else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """The node that is examined."""

    directory: Path
    settings: Settings
    clock: Clock

    def running(self) -> RunningNode:
        """Return the running node. AccordError says that it does not run."""
        return find(self.directory)

    def people(self) -> People:
        """Return the register of people."""
        return People(self.directory / PEOPLE)


def examine(patient: Patient) -> Iterator[Finding]:
    """Run every check, causes before effects; what needs a running node only when there is one."""
    for certificate, key in CERTIFICATES.items():
        yield _finding(
            str(certificate), lambda file=certificate: certificate_is_valid(patient, file)
        )
        if key != keystore.AUTHORITY_KEY or (patient.directory / key).exists():
            yield _finding(str(key), lambda pair=(certificate, key): key_is_right(patient, *pair))
    yield _finding("people.sqlite", lambda: register_is_whole(patient))
    yield _finding("permissions", lambda: nobody_else_may_read(patient))
    yield _finding("secrets", lambda: secrets_are_its_own(patient))
    yield _finding("clock", lambda: clock_goes_forward(patient))
    yield _finding("disk", lambda: disk_has_room(patient))
    runs = _finding("node", lambda: f"runs as process {patient.running().pid}")
    yield runs
    if runs.is_ok:
        for listener in patient.running().listeners:
            yield _finding(f"port {listener}", lambda name=listener: port_answers(patient, name))
        yield _finding("message over TLS", lambda: message_passes(patient))
        yield _finding("status", lambda: node_has_no_problems(patient))


def _finding(check: str, examine_it: Callable[[], str]) -> Finding:
    try:
        return Finding(check=check, is_ok=True, said=examine_it())
    except Failed as failed:
        return Finding(check=check, is_ok=False, said=str(failed), advice=failed.advice)
    except AccordError as error:
        return Finding(check=check, is_ok=False, said=str(error))


def certificate_is_valid(patient: Patient, file: Path) -> str:
    """Look at the fields of a certificate that connections fail for."""
    certificate = _certificate(patient.directory / file)
    now = patient.clock.now()
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if now < begins:
        raise Failed(f"notBefore is {_day(begins)}, and this machine's clock says {_day(now)}",
                     "set the clock")  # fmt: skip
    if now >= ends:
        remedy = renewal.remedy(patient.directory, file, ends, patient.settings.certificates, now)
        raise Failed(f"notAfter is {_day(ends)}: it has ended", remedy)
    if file != keystore.AUTHORITY and not _is_ours(patient, file):
        raise Failed(f"issuer: it was not issued by {keystore.AUTHORITY}", "issue it again")
    missing = renewal.missing_names(patient.directory, patient.settings.certificates)
    if file == keystore.SERVER and missing:
        raise Failed(
            f"it is not for {', '.join(missing)}, which names in [certificates] lists",
            renewal.make_good(patient.directory),
        )
    left, subject = about_duration(ends - now), certificate.subject.rfc4514_string()
    names = ", ".join(names_in(certificate))
    return f"{subject}, ends {_day(ends)}, in {left}{names and f', for {names}'}"


def _is_ours(patient: Patient, file: Path) -> bool:
    authorities = keystore.read_certificates(patient.directory / keystore.AUTHORITY)
    return leads_to(authorities, keystore.read_certificates(patient.directory / file))


def key_is_right(patient: Patient, certificate_file: Path, key_file: Path) -> str:
    """See that a key belongs to its certificate and is nobody else's to read."""
    path = patient.directory / key_file
    data = _bytes(path)
    try:
        key = serialization.load_pem_private_key(data, password=None)
    except (ValueError, TypeError) as error:
        raise Failed(
            f"it cannot be read as a PEM key: {error}", "put back the right file"
        ) from None
    if key.public_key() != _certificate(patient.directory / certificate_file).public_key():
        raise Failed(f"it is not the key of {certificate_file}", "put back the right file")
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise Failed(f"others may read it (mode {mode:o})", f"chmod 600 {path}")
    return "belongs to its certificate, and only its owner may read it"


def register_is_whole(patient: Patient) -> str:
    """Read the whole register of people."""
    return f"{patient.people().check()} people, nothing damaged"


def nobody_else_may_read(patient: Patient) -> str:
    """See that the directory, the register and the packages are their owner's alone."""
    directory = patient.directory
    packages = sorted((directory / "clients").glob("*.zip"))
    for path in (directory, directory / PEOPLE, directory / JOURNAL, *packages):
        mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0
        if mode & 0o077:
            right = 700 if path.is_dir() else 600
            raise Failed(f"others may use {path} (mode {mode:o})", f"chmod {right} {path}")
    return "only their owner may use the directory and what is in it"


def secrets_are_its_own(patient: Patient) -> str:
    """See that what the node is known by elsewhere is its owner's alone to read."""
    for said in exposed(patient.directory, patient.settings):
        what, _, advice = said.rpartition(": ")
        raise Failed(what, advice)
    count = sum(1 for _ in secret_files(patient.directory, patient.settings))
    return f"the settings name {count} files with passwords, which only their owner may read"


def clock_goes_forward(patient: Patient) -> str:
    """See that nothing of the node was written at a time that is yet to come."""
    now = patient.clock.now()
    for path in patient.directory.rglob("*"):
        written = _written(path)
        if written > now + CLOCK_SLACK:
            raise Failed(
                f"{path} was written on {_day(written)}, and this machine's clock says {_day(now)}",
                "set the clock",
            )
    return _day(now)


def disk_has_room(patient: Patient) -> str:
    """See that the disk can take what the node writes, and that we may write there."""
    if not os.access(patient.directory, os.W_OK):
        raise Failed(f"this user may not write to {patient.directory}", "run as the node's user")
    free = shutil.disk_usage(patient.directory).free
    if free < SPARE:
        raise Failed(f"{about_size(free)} free", f"free at least {about_size(SPARE)}")
    return f"{about_size(free)} free"


def port_answers(patient: Patient, listener: str) -> str:
    """Connect to a listener, as far as TCP goes."""
    where = patient.running().reach(listener)
    if listener == "cot-udp":
        return f"{where}: datagrams are not answered, nothing to try"
    try:
        with socket.create_connection((where.host, where.port), timeout=CONNECT_WITHIN):
            return f"{where} accepts connections"
    except OSError as error:
        raise Failed(f"{where}: {error.strerror or error}", "look at the node's log") from None


def message_passes(patient: Patient) -> str:
    """Let two clients connect over TLS, and one hear the other."""
    where = patient.running().reach("cot-tls")
    tls = client_context(patient.directory)
    begun = patient.clock.monotonic()
    asyncio.run(SelfCheck(host=where.host, port=where.port, tls=tls, clock=patient.clock)())
    took = patient.clock.monotonic() - begun
    return f"one client heard the other through {where} after {took * 1000:.0f} ms"


def node_has_no_problems(patient: Patient) -> str:
    """Ask the node for the problems that it knows of."""
    tls = client_context(patient.directory)
    text = get(patient.running(), "/api/status", tls=tls, accept="application/json")
    problems = cast("list[str]", json.loads(text)["problems"])
    if problems:
        raise Failed(". ".join(problems))
    return "the node knows of no problem"


def _certificate(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(_bytes(path))
    except ValueError as error:
        raise Failed(f"{path} is no PEM certificate: {error}", "put back the right file") from None


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Failed(f"cannot read {path}: {error.strerror}", "put it back") from None


def _written(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.lstat().st_mtime, UTC)
    except FileNotFoundError:  # the node has removed it since it was listed
        return datetime.min.replace(tzinfo=UTC)


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
