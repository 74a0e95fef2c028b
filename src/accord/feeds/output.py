"""What goes out as AIS: the live ships of the picture, for chart plotters that connect by TCP."""

import asyncio
import socket
from collections import Counter
from collections.abc import Callable, Iterable
from typing import cast

from accord.core.principal import Principal
from accord.core.report import Form
from accord.core.track import Track, TrackStatus
from accord.live.hub import Hub, Receiver
from accord.live.outbox import Outbox, OutboxSettings, Written
from accord.observe.log import Log

MAX_PLOTTERS = 64
"""Plotters at the same time; beyond, the newest is turned away."""


class AisOutput:
    """Who is connected, and what became of the others by reason."""

    def __init__(
        self,
        hub: Hub,
        *,
        principal: Principal,
        picture: Callable[[], Iterable[Track]],
        outbox: OutboxSettings,
        log: Log,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.plotters: set[Plotter] = set()
        self.hub = hub
        self.log = log
        self.outbox = outbox
        self.principal = principal
        self._picture = picture

    async def listen(self, at: socket.socket) -> asyncio.Server:
        """Let plotters connect from now on."""
        return await asyncio.get_running_loop().create_server(lambda: Plotter(self), sock=at)

    def live(self) -> list[Track]:
        """Return what a plotter is shown at first: a sentence has no time, so nothing stale."""
        return [each for each in self._picture() if each.status is TrackStatus.LIVE]


class Plotter(asyncio.Protocol):
    """One connection; what it sends is not read."""

    def __init__(self, output: AisOutput) -> None:
        self._output = output
        self._receiver: Receiver | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to send, or turn it away."""
        output = self._output
        # uvloop's transports are none of asyncio's classes, but do what those promise.
        stream = self._transport = cast("asyncio.Transport", transport)
        if len(output.plotters) >= MAX_PLOTTERS:
            output.counts["too many plotters"] += 1
            stream.close()
            return
        stream.set_write_buffer_limits(high=output.outbox.socket_buffer)
        outbox = Outbox(output.outbox, form=Form.AIS, write=self._write, overflow=self._end)
        self._receiver = Receiver(principal=output.principal, outbox=outbox)
        output.plotters.add(self)
        output.log.event("plotter connected", plotters=len(output.plotters))
        output.hub.join(self._receiver, output.live())

    def _write(self, batch: Written) -> None:
        data = batch.joined()
        if data and self._transport is not None:
            self._transport.write(data)

    def _end(self, why: str) -> None:
        self._output.counts[why.partition(":")[0]] += 1
        if self._transport is not None:
            self._transport.abort()

    def pause_writing(self) -> None:
        """Hold what the plotter does not take; of each ship the newest."""
        if self._receiver is not None:
            self._receiver.outbox.pause()

    def resume_writing(self) -> None:
        """Send what was held."""
        if self._receiver is not None:
            self._receiver.outbox.resume()

    def connection_lost(self, exc: Exception | None) -> None:
        """Send nothing more."""
        del exc
        self._transport = None
        self._output.plotters.discard(self)
        receiver, self._receiver = self._receiver, None
        if receiver is not None:
            self._output.hub.leave(receiver)
