"""A journal of what was heard in the past, and who asks about it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from accord.core.body import Removal
from accord.core.context import LIVE, Context
from accord.core.principal import Direction, Principal
from accord.core.report import Report, Source
from accord.federation import kept as federation_kept
from accord.live.asked import Asked
from accord.live.marking import DefaultMarkings
from accord.live.past import Past
from accord.live.replay import Replay, ReplaySettings
from accord.node.kept import past
from accord.picture.picture import PictureSettings
from accord.storage.segment import pack
from accord.storage.settings import JournalSettings
from accord.storage.sqlite import SqliteDatabase
from accord.wire.peer.record import Recall, RecallOf
from support.released import SIX, heard

PARTNER = Source(node="USA-PAC", channel="partner:USA-PAC", speaker="", hops=())
AS_LIVED = ReplaySettings(
    picture=PictureSettings(), journal=JournalSettings(), form_of=lambda _: None
)


def keep(directory: Path, reports: Iterable[Report], *, at_once: bool = False) -> Past:
    """Keep these in order, each in a commit of its own or all in one; return what reads them."""
    numbered = [(n, each, each.original) for n, each in enumerate(reports, start=1)]
    whole = [(n, each, original) for n, each, original in numbered if original is not None]
    assert len(whole) == len(numbered)
    writer = SqliteDatabase(directory / "journal.sqlite", max_bytes=1 << 28).writer()
    for batch in [whole] if at_once else [[each] for each in whole]:
        writer.insert(pack(batch))
    writer.close()
    return past(directory, DefaultMarkings())


def blue(*groups: str, exercises: frozenset[str] = frozenset()) -> Principal:
    heard_in = dict.fromkeys(groups or ("Blue",), Direction.BOTH)
    return Principal(name="kiwi-1", groups=heard_in, exercises=exercises)


def asked(
    since: float, until: float, *, by: Principal | None = None, context: Context = LIVE, **more: Any
) -> Asked:
    """A question about a time, in seconds after six."""
    return Asked(
        by=by or blue(),
        context=context,
        since=SIX.timestamp() + since,
        until=SIX.timestamp() + until,
        **{"parts": 1000, **more},
    )


def a_replay(of: Past, by: Principal | None = None, context: Context = LIVE, **more: Any) -> Replay:
    given: dict[str, Any] = {"settings": AS_LIVED, "is_awaited": lambda: True, **more}
    return Replay(of, given["settings"], by or blue(), context, name="r",
                  is_awaited=given["is_awaited"])  # fmt: skip


def ends(uid: str, seconds: float, *, groups: frozenset[str] = frozenset({"Blue"})) -> Report:
    """A removal, as intake had it."""
    link = f'<link uid="{uid}" relation="none" type="none"/>'
    report = heard(f"ENDS-{uid}", seconds, kind="t-x-d-d", detail=link)
    assert report.body == Removal(target=uid)
    return replace(report, groups=groups)


def recalled(claim: Report, at: datetime) -> Report:
    """What the node keeps when a partner calls back what it said."""
    recall = Recall(of=RecallOf.CLAUSE, agreement=bytes(8), reason="by mistake", at=1, clause="1")
    return federation_kept.removal(claim, recall, at)
