"""A scripted TAK server that federates by version 2, over grpcio: none of the node's own HTTP/2.

Its messages are made by hand (`fig.py`), as those of version 1.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import grpc
import grpc.aio

from accord.core.tak_partner import TakPartner, TakVersion
from support import fig
from support.tak_server import PATIENCE, TakServer

SERVICE = "com.atakmap.FederatedChannel"
SUBSCRIPTION = fig.inside(1, fig.text(1, "takserver") + fig.text(2, "takserver") + fig.whole(4, 2))
SERVING = fig.whole(1, 1)
GROUPS = fig.inside(1, SERVING)


class GrpcServer(TakServer):
    """One TAK server. `asked` are the names of the calls that were made of it."""

    def partner(self, node: str, **changes: object) -> TakPartner:
        return super().partner(node, **{"version": TakVersion.V2, **changes})

    def _prepare(self) -> None:
        self.asked: list[str] = []
        self.health = 0
        self.serves = True
        self._to_say: asyncio.Queue[bytes] = asyncio.Queue()  # noqa: TID251  a peer's own
        self._hung_up = asyncio.Event()

    async def _note(self, message: bytes) -> None:
        async with self._heard:
            self.came.append(message)
            self._heard.notify_all()

    def say(self, *messages: fig.Federated) -> None:
        for each in messages:
            self._to_say.put_nowait(each.encode())

    # Called by the node.

    @asynccontextmanager
    async def listening(self, port: int = 0) -> AsyncGenerator[str]:
        self._prepare()
        server = grpc.aio.server()
        server.add_generic_rpc_handlers((self._handlers(),))
        chain = self.certificate.read_bytes() + self.authority.ca.read_bytes()
        credentials = grpc.ssl_server_credentials(
            [(self._key.read_bytes(), chain)], self._node_authority.read_bytes(),
            require_client_auth=True,
        )  # fmt: skip
        bound = server.add_secure_port(f"127.0.0.1:{port}", credentials)
        await server.start()
        try:
            yield f"127.0.0.1:{bound}"
        finally:
            self._hung_up.set()
            await server.stop(0)

    def _handlers(self) -> grpc.GenericRpcHandler:
        down, up = grpc.unary_stream_rpc_method_handler, grpc.stream_unary_rpc_method_handler
        return grpc.method_handlers_generic_handler(
            SERVICE,
            {
                "ServerFederateGroupsStream": down(self._groups),
                "ClientFederateGroupsStream": up(self._drain),
                "ClientEventStream": down(self._down),
                "ServerEventStream": up(self._up),
                "HealthCheck": grpc.unary_unary_rpc_method_handler(self._health_check),
            },
        )

    async def _groups(self, said: bytes, _: Any) -> AsyncIterator[bytes]:
        self.asked.append("ServerFederateGroupsStream")
        self.subscription = fig.fields(fig.fields(said)[1][0])
        yield GROUPS
        await self._hung_up.wait()

    async def _drain(self, said: AsyncIterator[bytes], _: Any) -> bytes:
        self.asked.append("ClientFederateGroupsStream")
        async for _each in said:
            pass
        return SUBSCRIPTION

    async def _down(self, _said: bytes, _: Any) -> AsyncIterator[bytes]:
        self.asked.append("ClientEventStream")
        self.connections += 1
        self.is_connected.set()
        while not self._hung_up.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(0.05):
                    yield await self._to_say.get()

    async def _up(self, said: AsyncIterator[bytes], _: Any) -> bytes:
        self.asked.append("ServerEventStream")
        async for message in said:
            await self._note(message)
        return SUBSCRIPTION

    async def _health_check(self, said: bytes, _: Any) -> bytes:
        assert fig.fields(said) == {1: [1]}
        self.health += 1
        return SERVING if self.serves else fig.whole(1, 2)

    # Calling the node.

    @asynccontextmanager
    async def calling(self, address: str, name: str) -> AsyncGenerator[None]:
        """Call the node, which calls itself by that name in its certificate."""
        self._prepare()
        credentials = grpc.ssl_channel_credentials(
            self._node_authority.read_bytes(), self._key.read_bytes(),
            self.certificate.read_bytes() + self.authority.ca.read_bytes(),
        )  # fmt: skip
        options = [("grpc.ssl_target_name_override", name)]
        async with grpc.aio.secure_channel(address, credentials, options) as channel:
            async with asyncio.timeout(PATIENCE):
                await channel.channel_ready()
            tasks = await self._call_all(channel)
            try:
                yield
            finally:
                for each in tasks:
                    each.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _call_all(self, channel: grpc.aio.Channel) -> "list[asyncio.Task[Any]]":
        groups = channel.unary_stream(f"/{SERVICE}/ServerFederateGroupsStream")(SUBSCRIPTION)
        first = await anext(aiter(groups))
        assert fig.fields(fig.fields(first)[1][0]) == {1: [1]}
        down = channel.unary_stream(f"/{SERVICE}/ClientEventStream")(SUBSCRIPTION)
        up = channel.stream_unary(f"/{SERVICE}/ServerEventStream")(self._saying())
        start = asyncio.ensure_future  # noqa: TID251  cancelled by whoever called
        self.channel = channel
        return [start(self._hear(down)), start(_ended(up)), start(self._be_alive(channel))]

    async def _hear(self, down: Any) -> None:
        async for message in down:
            await self._note(message)

    async def _saying(self) -> AsyncIterator[bytes]:
        while True:
            yield await self._to_say.get()

    async def _be_alive(self, channel: grpc.aio.Channel) -> None:
        check: Callable[..., Any] = channel.unary_unary(f"/{SERVICE}/HealthCheck")
        while True:
            assert await check(SERVING) in (SERVING, fig.whole(1, 3))
            self.health += 1
            await asyncio.sleep(0.5)


async def _ended(call: Any) -> None:
    await call
