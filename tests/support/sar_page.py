"""A page that asks about cases: a node with TAK clients, a journal of the past, and the routes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from accord.api import sar, sar_reports, sar_search
from accord.api.sar import CASES, SarDoor
from accord.api.sar_coverage import Coverage
from accord.api.sar_search import Means
from accord.core.principal import Principal
from accord.core.report import Report
from accord.live.page_voice import PageVoice
from accord.live.past import Past
from accord.wire.cot.translate import to_xml
from support.page import AROHA, Asking, Page
from support.sar import NODE, RAFT, some_cases
from support.tak import FakeNode, around_of, own_position

HELO = "HELO-1"


class CasePage:
    """Aroha at a page, and a helicopter's TAK client; `changes` counts what was told of."""

    def __init__(self, directory: Path, past: Past | None = None) -> None:
        self.node = FakeNode()
        self.changes = 0
        self.broken: list[Exception] = []
        self.session, self.helo = self.node.join("helo")
        self.session.receive(own_position(HELO, "RESCUE 1"))
        voice = PageVoice(self.node.bridge.intake, node=NODE, write=to_xml, clock=self.node.clock)
        around = around_of(self.node)
        asking = Asking()
        self.cases = some_cases(directory)
        self.door = SarDoor(self.cases, asking.as_callers(), around, changed=self._changed)
        kept = past or cast("Past", _NoPast())
        means = Means(past=kept, voice=voice, clients=self._clients)
        self.coverage = Coverage(self.door, kept, broke=self._broke)
        routes = (
            *sar.routes(self.door), *sar_search.routes(self.door, means),
            *self.coverage.routes(), *sar_reports.routes(self.door),
        )  # fmt: skip
        self.page = Page(asking, routes)
        self.node.tick()
        self.helo.take()

    def _broke(self, error: Exception) -> str:
        self.broken.append(error)
        return f"it broke off: {type(error).__name__}"

    def _changed(self) -> None:
        self.changes += 1

    def _clients(self, uid: str) -> Iterator[Principal]:
        return (each.principal for each in self.node.bridge.sessions if each.uid == uid)

    def there_is(self, report: Report) -> None:
        self.node.picture.apply(report)

    def close(self) -> None:
        self.door.close()
        self.coverage.close()

    async def opened(self, who: Principal = AROHA, **facts: str) -> str:
        """Open a case of the raft an hour before this node's now; return its path."""
        time = (self.node.clock.now()).isoformat()
        said = {"facts": {**RAFT, "time": time, **facts}}
        answer = await self.page.send(CASES, said, who)
        assert answer.status_code == 201, answer.text
        return f"{CASES}/{answer.json()['id']}"

    async def get(self, path: str, who: Principal | None = AROHA, /, **query: str) -> Any:
        return await self.page.get(path, who, **query)

    async def put(self, path: str, data: bytes, who: Principal = AROHA) -> Any:
        return await self.page.put_bytes(path, data, who)

    async def send(self, path: str, who: Principal = AROHA, /, **said: Any) -> Any:
        return await self.page.send(path, said, who)


class _NoPast:
    def recalled(self) -> int:
        return 0

    def said(self, _asked: object, uids: frozenset[str]) -> Any:
        assert uids
        return {}
