"""What is asked of the Marti API: who asks, and its parameters and bodies, read within limits."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import inf, isfinite
from typing import NoReturn, TypeVar, cast
from urllib.parse import parse_qsl, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse

from accord.core.clock import Clock
from accord.core.principal import Principal
from accord.security.own_address import own_address
from accord.storage.channels import Channels
from accord.tak.marti.long_json import LongAnswer, lumps_of

MAX_BODY = 1 << 20
"""Bytes of a body that is no file."""

MAX_TEXT = 1024
"""Characters of one parameter."""

LONG_AT_ONCE = 2
"""Long answers that are made at one time: live traffic shares the interpreter with each of them."""

API_VERSION = "3"

T = TypeVar("T")

Identify = Callable[[HTTPConnection], Principal | str]
"""Who asks, or in a few words why nobody we know."""


def refuse(status: int, said: str) -> NoReturn:
    """Answer with a status and a sentence instead of what was asked for."""
    raise HTTPException(status, said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Knows who asks; every route begins here."""

    node: str
    identify: Identify
    channels: Channels
    clock: Clock
    is_anothers: Callable[[Principal, str], bool]
    """Whether a uid is that of a client of somebody else."""
    host: Callable[[str], str]
    """The name that was asked for where it is the node's own, or else one that is."""
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(LONG_AT_ONCE))

    def member(self, request: HTTPConnection) -> Principal:
        """Return whose certificate it is, with all of his channels. 401 for nobody we know."""
        found = self.identify(request)
        if isinstance(found, str):
            refuse(401, f"not admitted: {found}")
        if not _is_from_here(request):
            refuse(403, "asked for by another site's page")
        return found

    def require(self, request: HTTPConnection) -> Principal:
        """Return who asks, as he acts: with the channels that are on."""
        return self.channels.acting(self.member(request))

    def require_speaker(self, request: HTTPConnection) -> Principal:
        """Return who asks and may change something. 403 for who only hears."""
        found = self.require(request)
        if found.only_hears:
            refuse(403, f"{found.name} may only look, or has switched off what he speaks in")
        return found

    def author(self, by: Principal, said: str) -> str:
        """Return the uid under which somebody does something: what he says, but no other client's.

        Who he is says his certificate; where he names no uid, or another's, his name stands there.
        """
        return said if said and not self.is_anothers(by, said) else by.name

    def address(self, request: Request) -> str:
        """Return the scheme, host and port under which others find this node.

        The `Host` that a client says leads nobody else elsewhere.
        """
        return f"{request.url.scheme}://{own_address(request.url.netloc, self.host)}"

    def answer(self, kind: str, data: object, status: int = 200) -> JSONResponse:
        """Return data in TAK's envelope; `kind` is how clients know what it is."""
        return JSONResponse(self._envelope(kind, data), status)

    def _envelope(self, kind: str, data: object) -> dict[str, object]:
        return {"version": API_VERSION, "type": kind, "data": data, "nodeId": self.node}

    async def answer_long(
        self, kind: str, made: Callable[[], object], status: int = 200
    ) -> LongAnswer:
        """Return the same of data that may be long: made and written in a thread, part by part."""

        def written() -> list[bytes]:
            return lumps_of(self._envelope(kind, made()))

        return LongAnswer(await self.in_turn(written), status)

    async def in_turn(self, work: Callable[[], T]) -> T:
        """Return what long work returns that is done in a thread, a few such at one time."""
        async with self.turns:
            return await asyncio.to_thread(work)


def _is_from_here(connection: HTTPConnection) -> bool:
    # A browser presents its user's certificate whatever page asks it to (RFC 6455, 10.2).
    origin = connection.headers.get("origin")
    try:
        return origin is None or urlsplit(origin).netloc == connection.headers.get("host")
    except ValueError:  # no browser writes such a thing
        return False


async def body(request: Request, limit: int = MAX_BODY) -> bytes:
    """Return the body. 413 beyond the limit, before more of it is read."""
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > limit:
            refuse(413, f"the body is longer than {limit} bytes")
    return bytes(data)


async def json_body(request: Request) -> object:
    """Return the JSON in the body. 400 where there is none."""
    return json_in(await body(request))


def json_in(data: bytes) -> object:
    """Return the JSON in a body that was read. 400 where there is none."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        refuse(400, "the body is no JSON")


MAX_FORM = 200
"""Fields of a form."""


async def form(request: Request) -> list[tuple[str, str]]:
    """Return the fields of the query, and of a form in the body; names in lower case. 400: none."""
    try:
        said = parse_qsl((await body(request)).decode(), max_num_fields=MAX_FORM)
    except (ValueError, UnicodeDecodeError):
        refuse(400, f"the body is no form of up to {MAX_FORM} fields")
    found = [*request.query_params.multi_items(), *said]
    return [(name.lower(), text(value, name[:80])) for name, value in found]


def texts(found: object, what: str, *, most: int = 10_000) -> list[str]:
    """Return a list of texts that came as JSON. 400 where it is none."""
    given = cast("list[object]", found) if isinstance(found, list) else None
    if given is None or len(given) > most:
        refuse(400, f"{what} is a list of at most {most} texts")
    return [text(each, what) for each in given]


def text(found: object, what: str, *, most: int = MAX_TEXT) -> str:
    """Return a text that can be kept and shown. 400 where it is none."""
    if not isinstance(found, str) or len(found) > most:
        refuse(400, f"{what} is a text of at most {most} characters")
    if any("\ud800" <= letter <= "\udfff" or letter == "\0" for letter in found):
        refuse(400, f"{what} has half a character, or a zero, in it")
    return found


def parameter(request: Request, *names: str, most: int = MAX_TEXT) -> str:
    """Return a parameter by any of its names, whatever their case; empty where it is not there.

    400 where one name is said twice with two values.
    """
    wanted = {name.lower() for name in names}
    said: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        key = name.lower()
        if key in wanted and said.setdefault(key, text(value, name, most=most)) != value:
            refuse(400, f"the parameter {name} is said twice, with two values")
    return next(iter(said.values()), "")


def parameters(request: Request, *names: str) -> list[str]:
    """Return every value of a parameter, by any of its names."""
    wanted = {name.lower() for name in names}
    found = request.query_params.multi_items()
    return [text(value, name) for name, value in found if name.lower() in wanted]


def needed(request: Request, *names: str) -> str:
    """Return a parameter that must be there. 400 where it is not."""
    found = parameter(request, *names)
    if not found:
        refuse(400, f"the parameter {names[0]} is missing")
    return found


def flag(request: Request, name: str, *, default: bool = False) -> bool:
    """Return a parameter that is true or false. 400 for anything else."""
    said = parameter(request, name).lower()
    if said not in ("", "true", "false"):
        refuse(400, f"{name} is true or false")
    return default if not said else said == "true"


def number(request: Request, name: str, default: int) -> int:
    """Return a parameter that is a whole number. 400 for anything else."""
    said = parameter(request, name)
    try:
        found = int(said) if said else default
    except ValueError:
        refuse(400, f"{name} is a whole number")
    if not -(1 << 53) < found < 1 << 53:
        refuse(400, f"{name} is out of bounds")
    return found


def decimal(said: str, what: str, *, most: float = inf) -> float:
    """Return a number that came as text, from -most to most. 400 for anything else."""
    try:
        found = float(said)
    except ValueError:
        found = inf
    if not isfinite(found) or abs(found) > most:
        bounds = f" from -{most:g} to {most:g}" if isfinite(most) else ""
        refuse(400, f"{what} is a number{bounds}")
    return found


def api_version(request: Request) -> int:
    """Return which version of the interface a client speaks; 2 where it does not say."""
    said = request.headers.get("api_version") or request.headers.get("api-version", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 4 else 2


@dataclass(frozen=True, slots=True)
class Span:
    """From one moment to another."""

    start: datetime
    end: datetime


LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def span(request: Request, now: datetime, *, usual: timedelta | None = None) -> Span:
    """Return the time that `secago`, or `start` and `end`, speak of; `usual` is how far back."""
    ago = number(request, "secago", 0)
    usual_start = LONG_AGO if usual is None else now - usual
    if ago > 0:
        usual_start = now - timedelta(seconds=min(ago, now.timestamp()))
    start, end = moment(request, "start", usual_start), moment(request, "end", now)
    if start > end:
        refuse(400, "start is after end")
    return Span(start, end)


def moment(request: Request, name: str, default: datetime) -> datetime:
    """Return a parameter that is a moment as in 2026-01-02T03:04:05.678Z. 400 otherwise."""
    return read_moment(name, parameter(request, name), default)


def read_moment(name: str, said: str, default: datetime) -> datetime:
    """Return the moment that a text is, `default` where it is empty. 400 for anything else."""
    if not said:
        return default
    try:
        found = datetime.fromisoformat(said)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        refuse(400, f"{name} is a moment such as 2026-01-02T03:04:05.678Z")


def spell(at: datetime) -> str:
    """Return a moment as TAK clients read it: milliseconds, Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
