"""What a link must remember over a restart, on disk: two files for each partner.

One is written whole, now and then. The other grows by what happened since, before anybody is told
of it: it begins with the SHA-256 of the first, so that it never counts for another. What is written
survives the end of the process, however it ends; a power cut may take the last of it.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import cbor2

from accord.core.errors import AccordError
from accord.federation.held import HeldSync, Plain, tuples
from accord.federation.moment import Moment
from accord.federation.sync import PartnerSync
from accord.observe.log import Log
from accord.security import keystore

LINKS = Path("federation/links")
SINCE = ".since"
MOST_SINCE = 1 << 20
"""Bytes of what happened since, beyond which all is written whole again."""
DIGEST = 32
SPOILT = (OSError, ValueError, EOFError, cbor2.CBORDecodeError)


class LinkMemory:
    """The memory of one link. Until `keep` has been called once, `note` writes all of it."""

    def __init__(self, directory: Path, partner: str, sync: PartnerSync) -> None:
        self._path = directory / LINKS / partner
        self._since = self._path.with_name(partner + SINCE)
        self._partner = partner
        self._sync = sync
        self._room = 0

    def keep(self) -> None:
        """Write down all that must be remembered. AccordError when that cannot be done."""
        self._room = 0
        self._sync.changes()
        data = cbor2.dumps(self._sync.held().to_tuple())
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise AccordError(f"cannot write {self._path}: {error.strerror}") from None
        keystore.write_private(self._path, data)
        self._write(os.O_TRUNC, sha256(data).digest())
        self._room = MOST_SINCE

    def note(self) -> None:
        """Write down what happened since. AccordError when that cannot be done."""
        if not self._room:
            self.keep()
            return
        rows = self._sync.changes()
        if not rows:
            return
        data = b"".join(map(cbor2.dumps, rows))
        if len(data) > self._room:
            self.keep()
            return
        before, self._room = self._room, 0  # what is not whole on the disk ends there
        self._write(os.O_APPEND, data)
        self._room = before - len(data)

    def _write(self, how: int, data: bytes) -> None:
        try:
            file = os.open(self._since, os.O_WRONLY | os.O_CREAT | how, 0o600)
            try:
                written = os.write(file, data)
            finally:
                os.close(file)
        except OSError as error:
            raise AccordError(f"cannot write {self._since}: {error.strerror}") from None
        if written < len(data):
            raise AccordError(f"cannot write {self._since}: only part of it was taken")

    def recall(self, now: Moment, log: Log) -> None:
        """Go on from what was written down. What cannot be read is as good as none: all goes again.

        What the partner has already, it takes no notice of.
        """
        try:
            data = self._path.read_bytes()
            held = HeldSync.from_tuple(cbor2.loads(data))
            self._sync.restore(held, now)
            self._sync.redo(self._rows(sha256(data).digest()), now, held.epoch)
        except FileNotFoundError:
            return
        except SPOILT as error:
            log.trouble("link has forgotten", partner=self._partner, reason=str(error))

    def _rows(self, whole: bytes) -> Iterator[Plain]:
        """Yield what happened since that was written; nothing where it is of another."""
        data = b""
        with suppress(FileNotFoundError):
            data = self._since.read_bytes()
        if data[:DIGEST] != whole:
            return
        rest = BytesIO(data[DIGEST:])
        decoder = cbor2.CBORDecoder(rest)
        while rest.tell() < len(data) - DIGEST:
            yield tuples(decoder.decode())
