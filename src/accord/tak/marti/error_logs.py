"""Error logs that TAK clients send, kept as files for whoever looks after the node."""

import asyncio
import base64
import binascii
import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.observe.log import Log
from accord.tak.marti.asked import Door, body, parameter, refuse

ERROR_LOGS = "error-logs"
"""The folder in the node's directory."""

MOST = 200
"""Logs that are kept; beyond, the oldest goes, and is counted."""

_SAID = ("platform", "uid", "callsign", "majorVersion", "minorVersion")
"""Parameters of `POST /Marti/ErrorLog`; the body is text in base64 (tak-api.md)."""

_FORGOTTEN = "error logs of clients forgotten"


class ErrorLogs:
    """Keeps what clients send of their own faults; nobody reads it over the network."""

    def __init__(
        self, door: Door, folder: Path, log: Log, counts: Counter[str], *, most: int = MOST
    ) -> None:
        self._door = door
        self._folder = folder
        self._log = log
        self._counts = counts
        self._most = most
        self._number = 0

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes."""
        return [Route("/Marti/ErrorLog", self.keep, methods=["POST"])]

    async def keep(self, request: Request) -> Response:
        """Keep a log. 400 for what is no base64, 413 for what is too long, 507 without room."""
        by = self._door.require(request)
        data = b"".join((await body(request)).split())
        try:
            text = base64.b64decode(data, validate=True)
        except binascii.Error:
            refuse(400, "the body is no text in base64")
        said = {name: parameter(request, name) for name in _SAID}
        self._number += 1
        name = f"{self._door.clock.now():%Y%m%dT%H%M%S}Z-{self._number:06}.txt"
        try:
            await asyncio.to_thread(self._write, name, {"client": by.name, **said}, text)
        except OSError as error:
            refuse(507, f"the log cannot be kept: {error.strerror}")
        self._log.burst("error log kept", client=by.name, file=f"{ERROR_LOGS}/{name}")
        return Response()

    def _write(self, name: str, head: Mapping[str, str], text: bytes) -> None:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        made = os.open(self._folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(made, "wb") as file:
            file.write(json.dumps(head).encode() + b"\n" + text)
        for each in sorted(self._folder.glob("*.txt"))[: -self._most]:
            each.unlink(missing_ok=True)
            self._counts[_FORGOTTEN] += 1
