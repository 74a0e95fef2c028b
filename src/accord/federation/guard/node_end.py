"""The node, as its guard hears it and speaks to it."""

import asyncio
from contextlib import suppress
from typing import TypeVar

from accord.federation.guard import ipc, talk

S = TypeVar("S", talk.Setup, talk.TakSetup)


class NodeEnd:
    """The node, over the socket pair."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._messages = ipc.Reader()
        self._waiting: list[talk.Message] = []

    async def setup(self, sort: type[S]) -> S | None:
        """Return the first message; None where the node has gone, or says another first."""
        found = await self.messages()
        self._waiting = found[1:]
        return found[0] if found and isinstance(found[0], sort) else None

    async def messages(self) -> list[talk.Message]:
        """Return what the node says; nothing when it has gone."""
        if self._waiting:
            found, self._waiting = self._waiting, []
            return found
        while data := await self._reader.read(ipc.PIECE):
            found = self._messages.receive(data)
            if found:
                return found
        return []

    async def tell(self, message: talk.Message) -> None:
        """Say something, and wait while the node does not read."""
        with suppress(ConnectionError):
            self._writer.write(ipc.encode(message))
            await self._writer.drain()
