"""Whether a feed can be had as it is about to be written down: before a node finds out."""

import errno
import gzip
import ipaddress
import os
import socket
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from accord.core.clock import SystemClock
from accord.core.errors import UsageError
from accord.core.report import Source
from accord.feeds.catalogue import channel, reader_of
from accord.feeds.file import GZIP, MAX_DOCUMENT
from accord.feeds.settings import FeedSettings, Format, Transport, split_address

READ = 4 << 20
"""Bytes of a recording of which something has to be useful."""

_CHUNK = 64 << 10
_ANYWAY = "mend it, or say --unchecked"


def check(name: str, of: FeedSettings, directory: Path, others: Mapping[str, FeedSettings]) -> None:
    """UsageError says what of a feed cannot be had, and what to do; nothing is sent anywhere."""
    if of.password_file and not (directory / of.password_file).is_file():
        raise UsageError(f"password_file: there is no {directory / of.password_file}; {_ANYWAY}")
    match of.transport:
        case Transport.FILE:
            _check_file(name, of, directory / of.address)
        case Transport.SERIAL:
            _check_device(Path(of.address))
        case Transport.TCP_SERVER | Transport.UDP:
            _check_port(of, others)
        case Transport.TCP | Transport.HTTP | Transport.MQTT:
            pass  # `accord feed test` asks the other side


def _check_file(name: str, of: FeedSettings, path: Path) -> None:
    reader = reader_of(of, Source(node="test", channel=channel(name), speaker=name))
    clock, left = SystemClock(), READ
    for piece in pieces(path, of.format):
        if reader.read(piece, received=clock.now(), tick=clock.monotonic()):
            return
        left -= len(piece)
        if left <= 0:
            break
    counts = ", ".join(f"{count} {why}" for why, count in reader.counts.items() if count)
    raise UsageError(f"{path}: nothing of it is of use as {of.format} ({counts}); {_ANYWAY}")


def pieces(path: Path, kind: Format) -> Iterator[bytes]:
    """Yield a recording, plain or gzipped; a document whole. Raises UsageError."""
    try:
        with path.open("rb") as raw:
            packed = raw.read(len(GZIP)) == GZIP
        with gzip.open(path, "rb") if packed else path.open("rb") as file:
            if kind.is_document:
                yield file.read(MAX_DOCUMENT)
                return
            while data := file.read(_CHUNK):
                yield data
            yield b"" if kind.is_binary else b"\n"
    except (OSError, EOFError) as error:
        raise UsageError(f"{path}: the recording cannot be read: {error}") from None


def _check_device(path: Path) -> None:
    try:
        is_device = stat.S_ISCHR(path.stat().st_mode)
    except OSError as error:
        raise UsageError(f"{path}: {os.strerror(error.errno or 0)}; {_ANYWAY}") from None
    if not is_device:
        raise UsageError(f"{path} is no serial line; {_ANYWAY}")


def _check_port(of: FeedSettings, others: Mapping[str, FeedSettings]) -> None:
    for name, other in others.items():
        if (other.transport, other.address) == (of.transport, of.address):
            raise UsageError(f"{of.address}: feed {name} has this port already; {_ANYWAY}")
    host, port = split_address(of.address)
    kind = socket.SOCK_DGRAM if of.transport is Transport.UDP else socket.SOCK_STREAM
    try:
        address = ipaddress.ip_address(host)
        if address.is_multicast:
            return  # others on this machine may listen to it as well
        family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
        with socket.socket(family, kind) as probe:
            # As asyncio does: a connection that has just ended does not keep the port.
            if kind is socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except ValueError:
        raise UsageError(f"{of.address}: give an address of this machine, by its digits") from None
    except OSError as error:
        why = os.strerror(error.errno or 0)
        if error.errno == errno.EADDRINUSE:
            why = "another program has this port"
        raise UsageError(f"{of.address}: {why}; {_ANYWAY}") from None
