import asyncio
from typing import Any

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from accord.api.caller import END_CONNECTION
from accord.api.in_flight import LONG, InFlight
from support.clock import ManualClock


class _Asked:
    """A request that is answered when it is told to be, over a connection that may be ended."""

    def __init__(self, flight: InFlight, who: str = "kiwi", kind: str = "http") -> None:
        self.ended: list[str] = []
        self.answer = asyncio.Event()
        state = {END_CONNECTION: self.ended.append}
        self._scope: dict[str, Any] = {
            "type": kind, "headers": [(b"x-who", who.encode())], "state": state,
        }  # fmt: skip
        self.run = self._run(flight.over(self._app))

    async def _app(self, _scope: Scope, _receive: Receive, _send: Send) -> None:
        await self.answer.wait()

    async def _run(self, app: ASGIApp) -> None:
        async def receive() -> Message:
            return {"type": "http.disconnect"}

        async def send(_message: Message) -> None: ...

        await app(self._scope, receive, send)


async def test_who_is_somebody_else_than_when_he_began_is_cut_off_and_nobody_else() -> None:
    clock, admitted = ManualClock(), {"kiwi": "a member", "moa": "a member"}

    def who(connection: HTTPConnection) -> object:
        return admitted.get(connection.headers["x-who"], "revoked")

    flight = InFlight(who, clock=clock)
    kiwi, moa, socket = _Asked(flight), _Asked(flight, "moa"), _Asked(flight, kind="websocket")
    async with asyncio.TaskGroup() as tasks:
        his = tasks.create_task(kiwi.run)
        tasks.create_task(moa.run)
        tasks.create_task(socket.run)
        await asyncio.sleep(0)
        del admitted["kiwi"]
        flight.throw_out()  # it may have been his own request that did it
        assert kiwi.ended == []
        clock.advance(seconds=LONG)
        flight.throw_out()
        assert (kiwi.ended, moa.ended, socket.ended) == (["no longer who was admitted"], [], [])
        kiwi.answer.set()
        await his
        admitted["moa"] = "an administrator"
        flight.throw_out()  # of what is answered nothing is known any more
        assert (len(kiwi.ended), len(moa.ended)) == (1, 1)
        moa.answer.set()
        socket.answer.set()
