import asyncio
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from accord.config import load
from accord.core.clock import SystemClock
from accord.core.report import Source
from accord.federation.effect import DocumentCame
from accord.federation.kept import removal
from accord.federation.settings import SyncSettings
from accord.node.links import Links
from accord.node.past import Past
from accord.observe.log import Log
from accord.picture.picture import Picture, PictureSettings
from accord.storage.journal import Journal
from accord.storage.settings import JournalSettings
from accord.storage.sqlite import SqliteDatabase
from accord.wire.peer.record import Document, DocumentKind, Recall, RecallOf
from support.agreements import example
from support.builders import a_report
from support.clock import START
from support.in_process import make_node
from support.linked import agree

PARTNERS_OWN = Source(node="USA", channel="partner:USA", speaker="")
RECALL = Recall(of=RecallOf.AGREEMENT, agreement=bytes(8), reason="x", at=1)


@pytest.fixture
def links(tmp_path: Path) -> Links:
    directory = make_node(tmp_path / "node")
    clock = SystemClock()
    log = Log(clock)
    journal = Journal(
        SqliteDatabase(directory / "journal.sqlite", max_bytes=1 << 26),
        JournalSettings(),
        clock=clock,
        log=log,
    )
    picture = Picture(PictureSettings())
    return Links(directory, load(directory), picture=picture, journal=journal, clock=clock, log=log)


async def test_a_node_without_partners_keeps_nothing_for_them(links: Links) -> None:
    links.offer(1, a_report(), True)
    assert list(links.status()) == []
    assert not links.refused
    assert not links._offers.given


def test_a_removal_of_a_partner_leaves_the_claims_of_others() -> None:
    picture = Picture(PictureSettings())
    own, theirs = a_report("U1"), replace(a_report("U1"), source=PARTNERS_OWN)
    for report in (own, theirs):
        picture.apply(report)
    change = picture.apply(removal(theirs, RECALL, START))
    assert change is not None
    assert change.track is not None
    assert list(change.track.claims.values()) == [own]


class Ending:
    """A link that fails while it ends."""

    async def run(self) -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            raise ExceptionGroup("while ending", [ValueError("half a frame")]) from None


async def test_a_link_that_fails_while_it_ends_holds_up_nobody(
    links: Links, caplog: pytest.LogCaptureFixture
) -> None:
    past = Past.none(SyncSettings())
    tie: Any = SimpleNamespace(link=Ending(), partner=SimpleNamespace(node="USA"), past=past)
    async with asyncio.timeout(5.0), asyncio.TaskGroup() as tasks:
        task = tasks.create_task(links._keep(tie, None))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
    assert task.done()
    assert 'error="ValueError: half a frame"' in caplog.text
    assert past.refused == {"the link failed": 1}


def test_what_a_partner_sends_and_nothing_here_uses_is_counted_in_words(
    links: Links, caplog: pytest.LogCaptureFixture
) -> None:
    past = Past.none(SyncSettings())
    tie: Any = SimpleNamespace(is_over=False, partner=SimpleNamespace(node="USA"), past=past)
    incident = Document(kind=DocumentKind.INCIDENT, name="SAR \x1b[2J7", serial=1, data=b"x")
    for _ in range(2):
        links._carry_out(tie, DocumentCame(document=incident))
    assert past.refused == {"sent and not used: an incident: this node keeps none of partners": 2}
    assert "SAR" in caplog.text
    assert "\x1b" not in caplog.text


def test_what_is_paused_while_the_texts_are_read_is_not_resumed_by_them(
    links: Links, monkeypatch: pytest.MonkeyPatch
) -> None:
    agree(links._directory)
    links._agreed.read()
    resumed: list[bytes] = []
    monkeypatch.setattr(links._recalls, "resume", resumed.extend)
    links._resume()
    assert len(resumed) == 1
    resumed.clear()
    links.pauses.pause(example().agreement.id, "boss", "wrong area")
    links._resume()
    assert resumed == []
