"""Writes and takes in bundles as the command line asks for them, one after the other.

The command puts a bundle into `federation/bundles/in`, and takes one from `federation/bundles/out`:
the node touches no file outside its directory.
"""

import asyncio
import re
from collections import Counter, deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from accord.core.errors import AccordError
from accord.federation.bundle_memory import BUNDLES
from accord.federation.carrier import Carrier
from accord.node.requests import Answer, BundleTold, ExportWanted, ImportWanted, Request
from accord.observe.log import Log
from accord.security import keystore

IN, OUT = BUNDLES / "in", BUNDLES / "out"
SOON = timedelta(minutes=2)
"""How long after it was asked for a bundle is still written: nobody waits longer."""
MAX_WAITING = 16
"""Bundles that may be asked for and not be done."""
_NAME = re.compile(r"[0-9a-f]{1,64}", re.ASCII)


class HasCarrier(Protocol):
    """A link."""

    @property
    def carrier(self) -> Carrier:
        """Its files."""
        ...


class Bound(Protocol):
    """One partner."""

    @property
    def link(self) -> HasCarrier:
        """Its link."""
        ...


class Bundles:
    """Does what is asked; `begin` returns what became of it once that is known."""

    def __init__(
        self, directory: Path, ties: Mapping[str, Bound], *, now: Callable[[], datetime], log: Log
    ) -> None:
        self._directory = directory
        self._ties = ties
        self._now = now
        self.failures: Counter[str] = Counter()
        self._log = log
        self._waiting: deque[Request] = deque()
        self._asked: set[int] = set()
        self._done: dict[int, Answer] = {}
        self._woken = asyncio.Event()

    def begin(self, request: Request) -> Answer | None:
        """Return what became of it, None while it is under way."""
        if request.number in self._done:
            self._asked.discard(request.number)
            return self._done.pop(request.number)
        if request.number not in self._asked:
            if len(self._waiting) >= MAX_WAITING:
                return Answer(refused=f"{MAX_WAITING} bundles are waited for already")
            self._asked.add(request.number)
            self._waiting.append(request)
            self._woken.set()
        return None

    async def run(self) -> None:
        """Do what was asked, until cancelled."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            while self._waiting:
                request = self._waiting.popleft()
                self._done[request.number] = await self._answer(request)

    async def _answer(self, request: Request) -> Answer:
        try:
            told = await self._do(request)
        except AccordError as error:
            self._log.event(
                "bundle refused", request=request.number, by=request.by, reason=str(error)
            )
            return Answer(refused=str(error))
        except Exception as error:  # noqa: BLE001  a file must not end the node
            self.failures["a bundle failed"] += 1
            self._log.trouble("bundle failed", error=f"{type(error).__name__}: {error}")
            return Answer(refused=f"it failed: {error}")
        return Answer(partners=[told.partner], bundle=told)

    async def _do(self, request: Request) -> BundleTold:
        wanted = request.wanted
        assert isinstance(wanted, ExportWanted | ImportWanted)  # noqa: S101  what recalls.py sends
        tie = self._ties.get(wanted.partner)
        if tie is None:
            raise AccordError(f"{wanted.partner} is no partner of this node, or is refused")
        carrier = tie.link.carrier
        if isinstance(wanted, ImportWanted):
            return await self._take_in(carrier, wanted)
        if self._now() - request.at > SOON:
            raise AccordError("nobody waits for this bundle any more: ask again")
        return await self._write(carrier, wanted.partner)

    async def _write(self, carrier: Carrier, partner: str) -> BundleTold:
        written = await carrier.write()
        name = written.id.hex()
        path = self._directory / OUT / name
        await asyncio.to_thread(keystore.write_private, path, written.data)
        return BundleTold(
            partner=partner, id=name, made=written.made, items=written.items,
            bytes=len(written.data), file=name, is_known=written.is_known,
            is_whole=written.is_whole,
        )  # fmt: skip

    async def _take_in(self, carrier: Carrier, wanted: ImportWanted) -> BundleTold:
        if not _NAME.fullmatch(wanted.file):
            raise AccordError("a bundle that is put in has a name of hexadecimal digits")
        path = self._directory / IN / wanted.file
        data = await asyncio.to_thread(path.read_bytes)
        try:
            taken = await carrier.take_in(data)
        finally:
            with suppress(OSError):
                path.unlink()
        return BundleTold(
            partner=wanted.partner, id=taken.id.hex(), made=taken.made, items=taken.items,
            bytes=len(data), fresh=taken.fresh,
        )  # fmt: skip
