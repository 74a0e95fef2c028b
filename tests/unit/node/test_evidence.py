from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from accord.config.read import read
from accord.config.settings import Settings
from accord.core.context import LIVE
from accord.desks.sar.case import case_of
from accord.desks.sar.entry import Entry
from accord.desks.sar.entry import Kind as EntryKind
from accord.desks.sar.store import CASES, CaseStore
from accord.desks.watch.alert import Condition, Kind, Priority, raised
from accord.desks.watch.desk import WatchDesk
from accord.live.long_ago import LongAgo
from accord.live.marking import DefaultMarkings
from accord.live.past import Past
from accord.node.evidence import AFTER, Evidence, of_alerts, of_cases
from accord.node.history_process import HISTORY
from accord.observe.log import Log
from accord.storage.history.archive import Archive
from accord.storage.history.pieces import DAY, Tier
from accord.storage.history.question import FOR_EVER
from accord.storage.history.settings import HistorySettings
from accord.storage.history.shelf import Shelf
from support.clock import ManualClock
from support.moving import PLENTY, SIX, Kept, a_row, nothing_more
from support.past import asked, keep
from support.released import after, heard

HOUR = timedelta(hours=1)


def an_alert(number: int = 1, uid: str | None = "S1", priority: Priority = Priority.ALARM):
    condition = Condition(
        key=f"k{number}", kind=Kind.EMERGENCY, priority=priority, text="calls for help", uid=uid
    )
    return raised(number, condition, after(0))


def test_an_alarm_about_an_object_holds_what_it_did_before_and_does() -> None:
    (hold,) = of_alerts([an_alert(7)], HOUR)
    assert (hold.name, hold.why) == ("alert 7", "calls for help")
    assert hold.stretch.uids == frozenset({"S1"})
    assert hold.stretch.since == after(-3600).timestamp()
    assert hold.stretch.until == FOR_EVER
    (hold,) = of_alerts([replace(an_alert(7), rectified=after(60))], HOUR)
    assert hold.stretch.until == (after(60) + AFTER).timestamp()


def test_cautions_and_what_is_about_no_object_hold_nothing() -> None:
    assert list(of_alerts([an_alert(priority=Priority.CAUTION), an_alert(uid=None)], HOUR)) == []


def an_entry(number: int, about: str, value: str, seconds: float = 0) -> Entry:
    return Entry(
        case="NZL-1", node="NZL-A", number=number, kind=EntryKind.FACT, about=about, value=value,
        by="kiwi", at=after(seconds), entered=after(seconds), context=LIVE,
    )  # fmt: skip


def test_a_case_holds_what_is_near_its_place_until_it_is_closed() -> None:
    said = [an_entry(1, "title", "yacht"), an_entry(2, "position", "-17.900000,178.000000")]
    (hold,) = of_cases([case_of(said)], HOUR)
    assert (hold.name, hold.why) == ("case NZL-1", "case NZL-1: yacht")
    assert hold.stretch.until == FOR_EVER
    assert hold.stretch.area is not None
    # 50 nautical miles are 50 minutes of latitude.
    assert hold.stretch.area.north == pytest.approx(-17.9 + 50 / 60, abs=0.02)
    (hold,) = of_cases([case_of([*said[:1], an_entry(3, "closed", "found", 90)])], HOUR)
    assert hold.stretch.area is None
    assert hold.stretch.until == after(90).timestamp()


NODE = '[node]\nid = "NZL"\nnation = "NZL"\n'


class Watched:
    """A history, alerts and cases, and what holds the one for the others."""

    def __init__(self, directory: Path) -> None:
        self.shelf = Shelf(directory / HISTORY)
        self.clock = ManualClock(after(100))
        self.losses: Counter[str] = Counter()
        self.cases = CaseStore(directory / CASES)
        self.cases.prepare()
        desk = cast("WatchDesk", SimpleNamespace(alerts=list))
        kept = HistorySettings(evidence_age=timedelta(days=10), before=HOUR)
        settings = replace(read(Settings, NODE, file="x", overrides={}), history=kept)
        self.evidence = Evidence(
            directory, settings, desk, clock=self.clock, log=Log(self.clock), losses=self.losses
        )

    def held(self, *alerts: Any) -> dict[str, float]:
        self.evidence.look(alerts)
        return {each.name: each.stretch.until for each in self.shelf.holds()}


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


def test_without_a_history_nothing_is_held(watched: Watched) -> None:
    watched.evidence.look([an_alert()])
    assert not watched.shelf.exists


def test_the_hold_of_an_alert_ends_with_it_and_goes_when_it_is_old(watched: Watched) -> None:
    watched.shelf.prepare()
    assert watched.held(an_alert()) == {"alert 1": FOR_EVER}
    assert watched.held() == {"alert 1": after(100).timestamp()}
    watched.clock.advance(hours=264)
    assert watched.held() == {}


def test_an_open_case_is_held_and_once_closed_let_go_only_by_hand_or_age(watched: Watched) -> None:
    watched.shelf.prepare()
    watched.cases.take([an_entry(1, "title", "yacht")])
    assert watched.held() == {"case NZL-1": FOR_EVER}
    watched.cases.take([an_entry(2, "closed", "found", 90)])
    assert watched.held() == {"case NZL-1": after(90).timestamp()}
    watched.shelf.let_go("case NZL-1")
    assert watched.held() == {}


def test_what_a_case_holds_is_found_after_the_budget_took_the_rest(
    watched: Watched, tmp_path: Path
) -> None:
    place = {"lat": -17.9, "lon": 178.0}
    with closing(Kept(tmp_path / HISTORY)) as kept:
        kept.take_in(
            a_row(-7_200, "BEFORE", **place), a_row(-60, "NEAR", **place),
            a_row(0, "NEAR", **place), a_row(0, "FAR", lat=-30.0, lon=178.0), batch=4,
        )  # fmt: skip
        watched.cases.take([
            an_entry(1, "title", "yacht"), an_entry(2, "position", "-17.900000,178.000000")
        ])  # fmt: skip
        assert watched.held() == {"case NZL-1": FOR_EVER}
        kept.tidy(SIX + 2 * DAY)
        kept.tidy(SIX + 2 * DAY, replace(PLENTY, channel=1, age=60.0))
        assert {each.tier for each in kept.shelf.pieces()} == {Tier.HELD}
        archive = Archive(kept.source, nothing_more, memory=256 << 20)
        journal = keep(tmp_path, [heard("LATER", 90_000)])
        past = Past(journal.reader, journal.report_of, LongAgo(archive, DefaultMarkings()))
        told = past.everything(asked(-80_000, 100_000), 10)
        assert [(each.uid, each.received) for each in told] == [
            ("NEAR", after(-60)), ("NEAR", after(0)), ("LATER", after(90_000))
        ]  # fmt: skip
        uids = {"BEFORE", "NEAR", "FAR"}
        courses = past.said(asked(-80_000, 100_000), uids)
        assert {uid: len(each) for uid, each in courses.items() if each} == {"NEAR": 2}
        archive.close()


def test_what_cannot_be_held_is_said_once_and_counted(watched: Watched) -> None:
    watched.shelf.prepare()
    (watched.shelf.directory / "history.sqlite").write_bytes(b"x" * 1000)
    watched.evidence.look([an_alert()])
    watched.evidence.look([an_alert()])
    assert watched.losses["looks at which evidence could not be held"] == 1
