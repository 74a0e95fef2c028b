"""A browser for tests: a page of ours that asks the routes under test, as whom one likes."""

from collections.abc import Sequence
from typing import Any, cast

import httpx
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute

from accord.api.caller import Caller, Callers, Via, caller_of
from accord.api.problem import Problem, failed, refused
from accord.core.principal import Direction, Principal, Role

AROHA = Principal(name="aroha", groups={"Blue": Direction.BOTH})
WIREMU = Principal(name="wiremu", groups={"Blue": Direction.BOTH})
LOOKER = Principal(name="looker", groups={"Blue": Direction.OUT}, role=Role.READ_ONLY)
STRANGER = Principal(name="stranger", groups={"Red": Direction.BOTH})


class Asking:
    """Says who asks: whoever the test says."""

    def __init__(self) -> None:
        self.who: Principal | None = AROHA

    @property
    def caller(self) -> Caller:
        assert self.who is not None
        return caller_of(self.who, Via.PASSWORD)

    def require(self, _connection: HTTPConnection) -> Caller:
        if self.who is None:
            raise Problem(401, "not admitted: nobody we know")
        return self.caller

    def as_callers(self) -> Callers:
        return cast("Callers", self)


class Page:
    """Asks as a page of ours does; without `own` as another site's would."""

    def __init__(self, asking: Asking, routes: Sequence[BaseRoute]) -> None:
        self.asking = asking
        app = Starlette(
            routes=list(routes),
            exception_handlers={Problem: refused, HTTPException: refused, Exception: failed},
        )
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="https://node.example"
        )

    async def get(self, path: str, who: Principal | None = AROHA, **query: str) -> Any:
        self.asking.who = who
        return await self._client.get(path, params=query)

    async def send(
        self, path: str, said: object, who: Principal | None = AROHA, *, own: bool = True,
        method: str = "POST",
    ) -> Any:  # fmt: skip
        self.asking.who = who
        headers = {"Origin": "https://node.example"} if own else {}
        return await self._client.request(method, path, json=said, headers=headers)

    async def put_bytes(self, path: str, body: bytes, who: Principal | None = AROHA) -> Any:
        """Send a file as it is."""
        self.asking.who = who
        headers = {
            "Origin": "https://node.example", "Content-Type": "application/octet-stream",
        }  # fmt: skip
        return await self._client.put(path, content=body, headers=headers)

    async def send_bytes(self, path: str, body: bytes, who: Principal | None = AROHA) -> Any:
        """Send as JSON what no honest page would write, such as NaN."""
        self.asking.who = who
        headers = {"Origin": "https://node.example", "Content-Type": "application/json"}
        return await self._client.post(path, content=body, headers=headers)
