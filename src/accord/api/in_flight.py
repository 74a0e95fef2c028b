"""The requests that are being answered, and an end to those of whom is not admitted any more.

A file may be on its way for an hour, and who sends or reads it is asked for at its beginning only.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from accord.api.caller import END_CONNECTION
from accord.core.clock import Clock

LONG = 1.0
"""Seconds after which a request may be ended. A short one may be what makes its asker another."""

Who = Callable[[HTTPConnection], object]
"""Tells who asks, by whatever a request shows; another answer is somebody else, or nobody."""


@dataclass(frozen=True, slots=True)
class _Request:
    connection: HTTPConnection
    who: object
    begun: float


class InFlight:
    """Knows requests from their beginning until they are answered.

    There are no more of them than connections, one of each (`api.server`).
    """

    def __init__(self, who: Who, *, clock: Clock) -> None:
        self._who = who
        self._clock = clock
        self._requests: dict[int, _Request] = {}

    def over(self, app: ASGIApp) -> ASGIApp:
        """Return the application, its requests known; what is none is only passed on."""

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                return await app(scope, receive, send)
            connection = HTTPConnection(scope)
            known = _Request(connection, self._who(connection), self._clock.monotonic())
            self._requests[id(known)] = known
            try:
                await app(scope, receive, send)
            finally:
                del self._requests[id(known)]

        return answer

    def throw_out(self) -> None:
        """End the connections on which somebody asks who is not, now, who he was when he began."""
        long_ago = self._clock.monotonic() - LONG
        for each in tuple(self._requests.values()):
            if each.begun <= long_ago and self._who(each.connection) != each.who:
                state: Mapping[str, Callable[[str], None]] = each.connection.scope["state"]
                state[END_CONNECTION]("no longer who was admitted")
