import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from accord.core.body import Alarm
from accord.core.errors import AccordError
from accord.core.report import Report
from accord.desks.watch import desk as desk_module
from accord.desks.watch.alert import Act, AlertState, Condition, Entry, Kind, Priority
from accord.desks.watch.board import WatchSettings
from accord.desks.watch.desk import MAX_NOTE, MAX_UIDS, Around, WatchDesk
from accord.desks.watch.rules.text import read
from accord.desks.watch.store import WATCH, WatchFault, WatchStore
from accord.observe.health import Status
from accord.observe.log import Log
from accord.observe.partner_health import LinkState
from accord.picture.picture import Picture, PictureSettings
from support.builders import a_point, a_report
from support.clock import START, ManualClock
from support.health import A_PARTNER, a_status
from support.rules import a_ship

RULES = """
rule harbour
when inside circle -41.28 174.80 3 NM
rule quiet
when nobody for 5 min inside circle 10 10 1 NM
"""


class Watch:
    """A desk with a picture and a status that the test changes."""

    def __init__(self, directory: Path, *, rules: str = "") -> None:
        self.clock = ManualClock()
        self.status = a_status()
        self.picture = Picture(PictureSettings())
        self.told: list[Entry] = []
        self.heard = asyncio.Event()
        self.store = WatchStore(directory / WATCH)
        self.store.prepare()
        self.desk = WatchDesk(
            self.store,
            WatchSettings(),
            Around(picture=self.picture.everything, status=self._status, tell=self._tell),
            clock=self.clock,
            log=Log(self.clock),
            rules=read(rules, file="watch.rules"),
        )

    def _status(self) -> Status:
        return self.status

    def _tell(self, entries: Sequence[Entry]) -> None:
        self.told += entries
        self.heard.set()

    def say(self, report: Report) -> None:
        change = self.picture.apply(report)
        assert change is not None
        self.desk.see(change)

    async def hears(self, act: Act) -> Entry:
        while True:
            for each in self.told:
                if each.act is act:
                    self.told.remove(each)
                    return each
            self.heard.clear()
            async with asyncio.timeout(30):
                await self.heard.wait()

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(self.desk.run())
            yield
            task.cancel()


@pytest.fixture
async def watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Watch:
    monkeypatch.setattr(desk_module, "BEAT", 0.005)
    return Watch(tmp_path)


def a_call(uid: str = "KIWI", *, cancels: bool = False, seconds: int = 0) -> Report:
    body = Alarm(category="911 Alert", point=a_point(), cancels=cancels)
    return a_report(uid, at=START + timedelta(seconds=seconds), body=body)


async def test_a_call_is_kept_before_it_is_told_and_over_when_it_is_cancelled(
    watch: Watch,
) -> None:
    async with watch.running():
        watch.say(a_call())
        raised = await watch.hears(Act.RAISED)
        assert raised.number == 1
        assert [each.text for each in watch.store.log()] == [raised.text]
        watch.say(a_call(cancels=True, seconds=1))
        await watch.hears(Act.RECTIFIED)
    (alert,) = watch.desk.alerts()
    assert alert.state is AlertState.RECTIFIED


async def test_after_a_restart_open_alerts_are_there_and_what_ended_meanwhile_is_over(
    watch: Watch, tmp_path: Path
) -> None:
    async with watch.running():
        watch.say(a_call("KIWI"))
        watch.say(a_call("MOA"))
        await watch.hears(Act.RAISED)
        await watch.hears(Act.RAISED)
        await watch.desk.take(1, "aroha")
    again = Watch(tmp_path)
    again.picture.apply(a_call("KIWI"))
    async with again.running():
        over = await again.hears(Act.RECTIFIED)
    assert over.uids == ("MOA",)
    kiwi, moa = sorted(again.desk.alerts(), key=lambda each: each.number)
    assert (kiwi.owner, kiwi.state) == ("aroha", AlertState.UNACKNOWLEDGED)
    assert moa.state is AlertState.RECTIFIED


async def test_a_link_that_goes_down_and_comes_back_is_one_alert(watch: Watch) -> None:
    down = a_status(partners=(replace(A_PARTNER, state=LinkState.DOWN),))
    async with watch.running():
        watch.status = down
        watch.clock.advance(seconds=10)
        raised = await watch.hears(Act.RAISED)
        assert raised.alert is not None
        assert raised.alert.condition.kind is Kind.LINK
        watch.status = a_status(partners=(A_PARTNER,))
        watch.clock.advance(seconds=10)
        await watch.hears(Act.RECTIFIED)
        watch.status = down
        watch.clock.advance(seconds=10)
        await watch.hears(Act.RAISED_AGAIN)
    assert len(watch.desk.alerts()) == 1


async def test_what_a_person_does_is_kept_before_it_is_answered(watch: Watch) -> None:
    async with watch.running():
        watch.say(a_call())
        await watch.hears(Act.RAISED)
        await watch.desk.acknowledge(1, "aroha", timedelta(minutes=60))
        await watch.desk.offer(1, "aroha", "wiremu")
        await watch.desk.note("aroha", "kia ora", uids=("KIWI",))
    acts = [each.act for each in watch.store.log()]
    assert acts == [Act.NOTED, Act.OFFERED, Act.ACKNOWLEDGED, Act.RAISED]
    found = await watch.desk.log(since=None, before=None, uid="KIWI", limit=10)
    assert len(found) == 4
    assert watch.desk.alert(1).offered_to == "wiremu"


async def test_what_cannot_be_kept_is_not_done_and_is_tried_again(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, tried = watch.store.keep, asyncio.Event()

    def refuse(_entries: Sequence[Entry]) -> list[Entry]:
        tried.set()
        raise WatchFault("the watch log: disk full; make room and repeat")

    monkeypatch.setattr(watch.store, "keep", refuse)
    async with watch.running():
        watch.say(a_call())
        async with asyncio.timeout(30):
            await tried.wait()
        with pytest.raises(WatchFault):
            await watch.desk.note("aroha", "kia ora")
        assert watch.desk.alerts() == []
        assert watch.told == []
        assert "disk full" in watch.desk.trouble
        monkeypatch.setattr(watch.store, "keep", keep)
        await watch.hears(Act.RAISED)
    assert watch.desk.trouble == ""


async def test_calls_too_many_to_note_are_counted_and_none_is_lost(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_module, "MAX_PENDING", 2)
    async with watch.running():
        await asyncio.sleep(0)
        for number in range(5):
            watch.say(a_call(f"K{number}"))
        while len(watch.desk.alerts()) < 5:
            await watch.hears(Act.RAISED)
    assert watch.desk.counts["calls too many to note one by one"] >= 1


@pytest.mark.parametrize(
    ("text", "uids"), [("  ", ()), ("x" * (MAX_NOTE + 1), ()), ("x", ("U",) * (MAX_UIDS + 1))]
)
async def test_a_note_without_words_or_with_too_many_is_refused(
    watch: Watch, text: str, uids: tuple[str, ...]
) -> None:
    with pytest.raises(AccordError, match="note"):
        await watch.desk.note("aroha", text, uids=uids)
    assert watch.store.log() == []


async def test_what_is_old_is_forgotten_and_counted_and_a_failure_to_is_no_end(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch.store.keep([Entry(at=START - timedelta(days=100), act=Act.NOTED, text="long ago")])
    async with watch.running():
        watch.say(a_call())
        await watch.hears(Act.RAISED)
        watch.say(a_call("TUI"))
        await watch.hears(Act.RAISED)
        assert watch.store.log()[-1].text != "long ago"
        failed = asyncio.Event()

        def refuse(*_: object, **__: object) -> int:
            failed.set()
            raise WatchFault("no")

        monkeypatch.setattr(watch.store, "forget", refuse)
        watch.clock.advance(hours=2)
        async with asyncio.timeout(30):
            await failed.wait()
        watch.say(a_call("MOA"))
        await watch.hears(Act.RAISED)
    assert watch.desk.counts["entries of the log forgotten"] == 1


@pytest.fixture
def ruled(watch: Watch, tmp_path: Path) -> Watch:
    """A watch with rules, in place of one without."""
    del watch
    return Watch(tmp_path, rules=RULES)


async def test_a_rule_that_is_met_is_an_alert_until_it_is_met_no_more(ruled: Watch) -> None:
    async with ruled.running():
        ruled.say(a_ship("SHIP-1", -41.28, 174.80))
        raised = await ruled.hears(Act.RAISED)
        assert raised.text == "harbour: CALL-SHIP-1 is in the area"
        assert raised.alert is not None
        assert raised.alert.condition.kind is Kind.RULE
        ruled.say(a_ship("SHIP-1", 0.0, 0.0, START + timedelta(seconds=1)))
        assert (await ruled.hears(Act.RECTIFIED)).uids == ("SHIP-1",)


async def test_a_rule_about_time_is_met_without_a_report(ruled: Watch) -> None:
    async with ruled.running():
        ruled.say(a_ship("SHIP-1", -41.28, 174.80))
        await ruled.hears(Act.RAISED)
        ruled.clock.advance(minutes=1)
        ruled.say(a_ship("SHIP-1", 0.0, 0.0, START + timedelta(seconds=1)))
        await ruled.hears(Act.RECTIFIED)
        ruled.clock.advance(minutes=20)
        assert (await ruled.hears(Act.RAISED)).text.startswith("quiet: nobody has been there")


async def test_an_alert_of_a_rule_ends_when_it_is_not_so_after_a_restart(
    ruled: Watch, tmp_path: Path
) -> None:
    async with ruled.running():
        ruled.say(a_ship("SHIP-1", -41.28, 174.80))
        await ruled.hears(Act.RAISED)
    again = Watch(tmp_path, rules=RULES)
    async with again.running():
        assert (await again.hears(Act.RECTIFIED)).uids == ("SHIP-1",)


async def test_what_another_part_holds_is_an_alert_until_it_holds_it_no_more(watch: Watch) -> None:
    case = Condition(key="case 1", kind=Kind.CASE, priority=Priority.ALARM, text="case 1")
    other = replace(case, key="case 2")
    await watch.desk.hold(Kind.CASE, [case, other])
    await watch.desk.hold(Kind.CASE, [case, other])
    assert [each.act for each in watch.told] == [Act.RAISED, Act.RAISED]
    await watch.desk.hold(Kind.CASE, [other])
    states = {each.condition.key: each.state for each in watch.desk.alerts()}
    assert states == {"case 1": AlertState.RECTIFIED, "case 2": AlertState.UNACKNOWLEDGED}
