"""Receives a file: hashed and written as it comes, cut off at its limit, kept whole or not."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from accord.core.principal import Principal
from accord.storage.files import FileStore
from accord.storage.tak_file import Full
from accord.tak.marti.asked import Door, refuse
from accord.tak.marti.multipart import FilePart, NoFile, boundary

WRITTEN_AT_ONCE = 1 << 20
"""Bytes that are gathered before they are hashed and written, in a thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """Bytes that lie on the disk until they are kept; `name` and `mime` are what came with them."""

    path: Path
    hash: str
    size: int
    name: str
    mime: str


class _Sink:
    """Hashes and writes in threads, a lump at a time."""

    def __init__(self, out: BinaryIO, limit: int) -> None:
        self.size = 0
        self._out = out
        self._limit = limit
        self._digest = hashlib.sha256()
        self._waiting = bytearray()

    async def put(self, data: bytes) -> None:
        self.size += len(data)
        if self.size > self._limit:
            # What is left unread would be taken for the next request.
            raise _too_large(self._limit)
        self._waiting += data
        if len(self._waiting) >= WRITTEN_AT_ONCE:
            await self._write()

    async def _write(self) -> None:
        lump, self._waiting = bytes(self._waiting), bytearray()
        await asyncio.to_thread(self._put, lump)

    def _put(self, lump: bytes) -> None:
        self._digest.update(lump)
        self._out.write(lump)

    async def close(self) -> str:
        """Return the hash of everything."""
        await self._write()
        await asyncio.to_thread(self._out.flush)
        return self._digest.hexdigest()


def _too_large(limit: int) -> HTTPException:
    said = f"the file is longer than {limit} bytes, which is all there is room for"
    return HTTPException(413, said, {"Connection": "close"})


@asynccontextmanager
async def received(
    request: Request, files: FileStore, door: Door, person: str, *, wants_multipart: bool = False
) -> AsyncGenerator[Received]:
    """Receive the file in a body, alone or in multipart; what is not kept meanwhile goes again.

    413 as soon as it is over what its sender may still have, 400 where it cannot be read, 401 where
    he who sends it is not admitted any more when it is here.
    """
    mark = boundary(request.headers.get("content-type", ""))
    if wants_multipart and mark is None:
        refuse(400, "the body must be multipart/form-data with a part assetfile")
    try:
        limit = await asyncio.to_thread(files.room, person, door.clock.now())
    except Full as full:
        raise HTTPException(413, str(full), {"Connection": "close"}) from None
    said = request.headers.get("content-length", "")
    if mark is None and said.isdigit() and int(said) > limit:
        raise _too_large(limit)
    path, who = files.incoming(), door.identify(request)
    try:
        got = await _receive(request, path, limit, None if mark is None else FilePart(mark))
        await _require_still(request, door, who)
        yield got
    finally:
        path.unlink(missing_ok=True)


async def _require_still(request: Request, door: Door, who: Principal | str) -> None:
    """Let a file be kept of whom is still who he was when he began to send it. 401 otherwise."""
    now = door.identify(request)
    if now != who or await request.is_disconnected():
        why = now if isinstance(now, str) else "you are in other groups, or another role, by now"
        refuse(401, f"not admitted any more: {why}")


async def _receive(request: Request, path: Path, limit: int, part: FilePart | None) -> Received:
    try:
        with await asyncio.to_thread(path.open, "wb") as out:
            sink = _Sink(out, limit)
            async for data in request.stream():
                await sink.put(data if part is None else part.take(data))
            if part is not None:
                part.end()
            sha256 = await sink.close()
    except NoFile as error:
        refuse(400, str(error))
    except ClientDisconnect:
        refuse(400, "the file did not come whole")
    except OSError as error:
        refuse(507, f"the file cannot be written: {error.strerror}")
    name, mime = ("", "") if part is None else (part.name, part.mime)
    return Received(path=path, hash=sha256, size=sink.size, name=name, mime=mime)
