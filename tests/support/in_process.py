"""A node in this process, in the event loop of the test."""

import asyncio
import contextlib
import json
import ssl
from argparse import Namespace
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from accord.cli import init
from accord.cli.running import find, get
from accord.config import load
from accord.core.clock import SystemClock
from accord.core.principal import Direction, Principal
from accord.node import node
from accord.security import keystore, renewal
from accord.security.authority import Authority
from accord.security.tls import client_context
from accord.storage.people import PEOPLE, People
from support.keys import YEAR

FREE = "127.0.0.1:0"
ON_FREE_PORTS = {
    "listen.cot_tcp": FREE,
    "listen.cot_tls": FREE,
    "listen.cot_udp": FREE,
    "listen.api": FREE,
    "listen.enrol": FREE,
    "listen.federation": FREE,
}


def make_node(directory: Path, *, more: str = "", **options: Any) -> Path:
    """Make a node's directory with `accord init`; `more` is added to its settings."""
    given = {
        "node": "NZL-X", "nation": "NZL", "name": "", "authority": None, "authority_key": None,
        "server": None, "administrator": None, **options,
    }  # fmt: skip
    assert init.run(Namespace(directory=directory, **given)) == 0
    if more:
        settings = directory / "accord.toml"
        settings.write_text(f"{settings.read_text('utf-8')}\n{more}", "utf-8")
    return directory


class InProcess:
    """A node that runs; `addresses` are those of its listeners, by name."""

    def __init__(self, directory: Path, said: str, task: "asyncio.Future[None]") -> None:
        self.directory = directory
        self.people = People(directory / PEOPLE)
        self._task = task
        pairs = (each.partition("=")[::2] for each in said.split())
        self.addresses = {
            name: (host, int(port)) for name, at in pairs for host, _, port in [at.rpartition(":")]
        }

    def stop(self) -> None:
        self._task.cancel()

    async def ended(self) -> None:
        """Wait until it has ended, which it must only when it was told to."""
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    def trusted(self) -> ssl.SSLContext:
        """Return TLS of somebody who trusts the node and has no certificate."""
        return ssl.create_default_context(cafile=self.directory / keystore.AUTHORITY)

    def add_client(
        self, name: str, group: str = "Blue", *, valid: timedelta = YEAR, **of_principal: Any
    ) -> ssl.SSLContext:
        """Enter a client, and return TLS as that client."""
        values: dict[str, Any] = {"groups": {group: Direction.BOTH}, **of_principal}
        now = SystemClock().now()
        authority = Authority.load(
            self.directory / keystore.AUTHORITY, self.directory / keystore.AUTHORITY_KEY
        )
        issued = authority.issue_client(name, now, valid)
        ends = issued.certificate.not_valid_after_utc
        self.people.add(Principal(name=name, **values), now)
        self.people.add_certificate(
            name, renewal.mark_of(issued.certificate), issued=now, ends=ends
        )
        own = self.directory / "clients" / f"{name}.pem", self.directory / "clients" / f"{name}.key"
        keystore.write_certificates(own[0], issued.certificate)
        keystore.write_key(own[1], issued.key)
        context = self.trusted()
        context.load_cert_chain(*own)
        return context


@asynccontextmanager
async def running(directory: Path, **overrides: str) -> AsyncGenerator[InProcess]:
    """Run the node of a directory; `listen.api="off"` and the like change its settings."""
    settings = load(directory, {**ON_FREE_PORTS, **overrides})
    ready = asyncio.get_running_loop().create_future()
    serving = asyncio.ensure_future(  # noqa: TID251  ended below
        node.serve(directory, settings, ready=ready.set_result)
    )
    try:
        await asyncio.wait({serving, ready}, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            serving.result()
        yield InProcess(directory, ready.result(), serving)
    finally:
        serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving


async def ask(node: InProcess, path: str) -> Any:
    """Ask the node as the command line does."""
    tls = client_context(node.directory)
    text = await asyncio.to_thread(
        get, find(node.directory), path, tls=tls, accept="application/json"
    )
    return json.loads(text) if text.startswith("{") else text
