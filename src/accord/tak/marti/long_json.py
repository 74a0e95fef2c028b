"""Answers that may be long: their parts are written one by one, and sent lump by lump.

Writing one tree of JSON at once would hold the interpreter, and live traffic with it, for as long
as the whole takes.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

LUMP = 1 << 16
"""Bytes after which what is written goes out."""

encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
"""Writes something short."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A JSON list whose members are written already."""

    written: Sequence[str]


class LongAnswer(Response):
    """An answer in lumps: each is sent when the one before has gone out."""

    def __init__(
        self, lumps: Sequence[bytes], status: int = 200, media_type: str = "application/json"
    ) -> None:
        length = {"Content-Length": str(sum(map(len, lumps)))}
        super().__init__(status_code=status, media_type=media_type, headers=length)
        self._lumps = lumps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  ASGI
        """Send it."""
        await send({
            "type": "http.response.start", "status": self.status_code, "headers": self.raw_headers,
        })  # fmt: skip
        for each in self._lumps:
            await send({"type": "http.response.body", "body": each, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def lumps_of(said: object) -> list[bytes]:
    """Return JSON in lumps; what is in `Parts` goes out as it is."""
    return list(lumps(each.encode() for each in _pieces(said)))


def lumps(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same bytes in lumps: no more small ones than there must be."""
    waiting: list[bytes] = []
    size = 0
    for each in pieces:
        waiting.append(each)
        size += len(each)
        if size >= LUMP:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


def _pieces(said: object) -> Iterator[str]:
    if isinstance(said, Parts):
        yield "["
        for number, each in enumerate(said.written):
            yield f",{each}" if number else each
        yield "]"
    elif isinstance(said, Mapping):
        begin = "{"
        for key, value in cast("Mapping[str, object]", said).items():
            yield f"{begin}{encode(key)}:"
            yield from _pieces(value)
            begin = ","
        yield "}" if said else "{}"
    elif isinstance(said, list):
        begin = "["
        for each in cast("list[object]", said):
            yield begin
            yield from _pieces(each)
            begin = ","
        yield "]" if said else "[]"
    else:
        yield encode(said)
