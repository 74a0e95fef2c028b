"""Two nodes in this process, linked under a worked agreement by which USA gives to NZL."""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accord.release.document import read_document
from accord.storage.agreements import Agreements
from support.agreements import FILES, NZL, USA, signatures, text_of
from support.in_process import InProcess, ask, make_node, running
from support.links import Place

WORKED = text_of("usa-nzl-maritime")

QUICK = {
    "dial_first": "0.1",
    "dial_longest": "0.5",
    "kept_every": '"1 s"',
    "withheld_every": '"1 s"',
    "linger": "0.05",
    "retry": "0.5",
}


def hurry(directory: Path) -> None:
    """Have a node's links wait for nothing longer than a test should."""
    path = directory / "accord.toml"
    text = path.read_text("utf-8")
    for key, value in QUICK.items():
        text, count = re.subn(rf"(?m)^# ?{key} = .*$", f"{key} = {value}", text)
        assert count == 1, key
    path.write_text(text, "utf-8")


def agree(directory: Path, text: str = WORKED) -> None:
    """Put an agreement in force on a node."""
    terms = read_document(text.encode()).agreement
    Agreements(directory / "agreements").activate(
        text.encode(),
        FILES,
        signatures(terms),
        trusted={party.node: party.key for party in terms.parties},
    )


@dataclass
class Linked:
    """Both nodes; either can be stopped and started again."""

    places: dict[str, Path]
    nodes: dict[str, InProcess]
    stack: AsyncExitStack

    @property
    def nzl(self) -> InProcess:
        return self.nodes[NZL]

    @property
    def usa(self) -> InProcess:
        return self.nodes[USA]

    async def start(self, node: str, **overrides: str) -> None:
        running_node = running(self.places[node], **overrides)
        self.nodes[node] = await self.stack.enter_async_context(running_node)

    async def stop(self, node: str) -> None:
        self.nodes[node].stop()
        await self.nodes[node].ended()

    async def status(self, node: str) -> dict[str, Any]:
        """What a node says of its one partner."""
        (partner,) = (await ask(self.nodes[node], "/api/status"))["partners"]
        return partner

    async def until(self, node: str, is_so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait until a node says something of its partner; a test's own limit ends the waiting."""
        async with asyncio.timeout(90):
            while True:
                said = await ask(self.nodes[node], "/api/status")
                if said["partners"] and is_so(said["partners"][0]):
                    return said["partners"][0]
                await asyncio.sleep(0.05)

    async def up(self) -> None:
        for node in (NZL, USA):
            await self.until(node, lambda partner: partner["state"] == "up")


@asynccontextmanager
async def linked(directory: Path, text: str = WORKED) -> AsyncGenerator[Linked]:
    """Both nodes running under an agreement, USA dialling NZL."""
    places = {
        NZL: make_node(directory / "nzl", node=NZL, nation="NZL"),
        USA: make_node(directory / "usa", node=USA, nation="USA"),
    }
    ends = {node: Place(node, place) for node, place in places.items()}
    for place in places.values():
        hurry(place)
        agree(place, text)
    async with AsyncExitStack() as stack:
        both = Linked(places, {}, stack)
        ends[NZL].add(ends[USA].as_partner())
        await both.start(NZL)
        host, port = both.nzl.addresses["federation"]
        ends[USA].add(ends[NZL].as_partner(f"{host}:{port}"))
        await both.start(USA)
        await both.up()
        yield both
