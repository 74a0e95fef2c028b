import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from accord.core.context import LIVE, Context
from accord.core.report import Original, Report, Source
from accord.desks.readiness import desk as desk_module
from accord.desks.readiness.columns import Sheet
from accord.desks.readiness.desk import ReadinessDesk, When
from accord.desks.readiness.rules import NotTaken
from accord.desks.readiness.statement import Heard, NothingToState, Standing, Statement
from accord.desks.readiness.store import ReadinessFault
from accord.desks.readiness.telling import AGAIN_AFTER, NoSuchCapability, Telling, Wanted
from accord.desks.readiness.voice import NotStated, StatementVoice
from accord.observe.log import Log
from accord.picture.picture import Change
from support.builders import a_report
from support.clock import ManualClock
from support.readiness import FLEET, NOW, a_register, a_unit
from support.tak import FakeNode

BLUE = frozenset({"Blue"})
MARK = "(U//REL TO USA)"
AIR = "surveillance-air"


class Readiness:
    """A desk of NZL with a small fleet, and a partner that states things."""

    def __init__(self, directory: Path) -> None:
        self.clock = ManualClock(NOW)
        self.node = FakeNode()
        self.register = a_register(directory, *FLEET)
        self.desk = ReadinessDesk(
            self.register,
            StatementVoice(self.node.bridge.intake, node="NZL-A"),
            node="NZL-A",
            clock=self.clock,
            log=Log(self.clock),
        )

    def hear(self, number: int = 1, *, after: timedelta = timedelta(0)) -> None:
        self.desk.see(Change(sequence=1, report=stated(number, after=after)))

    def heard(self) -> list[int]:
        return [each.statement.numbers[-1] for each in self.register.store.statements(LIVE)]

    def when(self) -> When:
        return When(at=self.clock.now())


def stated(number: int = 1, *, after: timedelta = timedelta(0)) -> Report:
    statement = Statement(
        capability=AIR, standing=Standing.OFFERED, as_of=NOW + after,
        until=NOW + after + timedelta(days=2), numbers=(0, 0, 0, number), each=0.5,
    )  # fmt: skip
    voice = StatementVoice(FakeNode().bridge.intake, node="USA-B")
    report = voice.report(statement, BLUE, "(U//REL TO NZL)")
    return replace(report, source=Source(node="USA-B", channel="partner:USA-B", speaker="x"))


@pytest.fixture
def readiness(tmp_path: Path) -> Readiness:
    return Readiness(tmp_path)


async def test_what_a_partner_states_is_kept_and_on_the_board(readiness: Readiness) -> None:
    readiness.hear(2)
    assert readiness.heard() == []
    await readiness.desk.look()
    assert readiness.heard() == [2]
    cell = (await readiness.desk.board(readiness.when()))[AIR][-1]
    assert {each.partner: each.number for each in cell.offers} == {"NZL": 4, "USA": 2}
    assert [each.nation for each in await readiness.desk.heard(readiness.when())] == ["USA"]


async def test_a_day_before_it_was_stated_nothing_was_stated(readiness: Readiness) -> None:
    readiness.hear(2)
    await readiness.desk.look()
    before = When(at=NOW - timedelta(days=1))
    assert await readiness.desk.heard(before) == []


async def test_what_is_no_statement_is_passed_over(readiness: Readiness) -> None:
    readiness.desk.see(Change(sequence=1, report=None))
    readiness.desk.see(Change(sequence=1, report=a_report()))
    await readiness.desk.look()
    assert readiness.heard() == []
    assert not readiness.desk.counts


async def test_a_statement_that_cannot_be_read_is_counted(readiness: Readiness) -> None:
    report = stated()
    assert report.original is not None
    data = report.original.data.replace(b'h240="1"', b'h240="x"')
    broken = replace(report, original=Original(report.original.form, data))
    readiness.desk.see(Change(sequence=1, report=broken))
    await readiness.desk.look()
    assert readiness.heard() == []
    assert readiness.desk.counts["statements that cannot be read"] == 1


async def test_a_statement_of_the_future_does_not_win_until_then(readiness: Readiness) -> None:
    readiness.hear(1, after=timedelta(minutes=6))
    readiness.hear(2, after=timedelta(minutes=4))
    await readiness.desk.look()
    assert readiness.heard() == [2]
    assert readiness.desk.counts["statements of the future"] == 1


async def test_a_flood_of_statements_keeps_the_newest(
    readiness: Readiness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_module, "MAX_PENDING", 2)
    for number in (1, 2, 3):
        readiness.hear(number)
    await readiness.desk.look()
    assert readiness.heard() == [2, 3]
    assert readiness.desk.counts["statements too many to keep"] == 1


async def test_what_cannot_be_kept_is_said_and_kept_later(
    readiness: Readiness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Heard) -> None:
        raise ReadinessFault("the register: disk full")

    readiness.hear()
    with monkeypatch.context() as patched:
        patched.setattr(readiness.register.store, "keep", full)
        await readiness.desk.look()
        await readiness.desk.look()
    assert readiness.desk.trouble == "the register: disk full"
    await readiness.desk.look()
    assert (readiness.desk.trouble, readiness.heard()) == ("", [1])


async def test_the_desk_looks_again_and_again(
    readiness: Readiness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_module, "BEAT", 0.0)
    task = asyncio.ensure_future(readiness.desk.run())  # noqa: TID251  ended below
    readiness.hear()
    async with asyncio.timeout(30):
        while readiness.heard() != [1]:  # noqa: ASYNC110  a file has no event
            await asyncio.sleep(0.01)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_what_may_be_told_is_stated_and_kept(readiness: Readiness) -> None:
    wanted = Wanted(capability=AIR, groups=BLUE, marking=MARK)
    said = await readiness.desk.state(wanted, person="moana")
    assert (said.numbers, said.each) == ((0, 4, 4, 4), 0.5)
    assert await readiness.desk.statement(AIR, readiness.when()) == said
    assert readiness.node.bridge.intake.accepted == 1
    (own,) = readiness.register.heard()
    assert (own.node, own.statement) == ("NZL-A", said)


async def test_that_something_is_not_told_can_be_stated_of_anything(readiness: Readiness) -> None:
    wanted = Wanted(capability="lift-sea", groups=BLUE, marking=MARK, withhold=True)
    assert (await readiness.desk.state(wanted, person="moana")).standing is Standing.NOT_RELEASED


@pytest.mark.parametrize(
    ("wanted", "context", "error"),
    [
        (Wanted(capability="bombing", groups=BLUE), LIVE, NoSuchCapability),
        (Wanted(capability="bombing", groups=BLUE, withhold=True), LIVE, NoSuchCapability),
        (Wanted(capability=AIR, groups=BLUE, marking="?"), LIVE, NotStated),
        (Wanted(capability=AIR, groups=BLUE, withhold=True), Context.parse("plan:x"), NotStated),
        (Wanted(capability=AIR, groups=frozenset()), LIVE, NotStated),
    ],
)
async def test_what_cannot_be_stated_is_not_kept_either(
    readiness: Readiness, wanted: Wanted, context: Context, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await readiness.desk.state(wanted, context, person="moana")
    assert readiness.heard() == []
    assert readiness.node.bridge.intake.accepted == 0


async def test_of_what_nothing_is_declared_nothing_is_stated(readiness: Readiness) -> None:
    readiness.clock.advance(hours=24 * 30)
    with pytest.raises(NothingToState):
        await readiness.desk.state(
            Wanted(capability=AIR, groups=BLUE, marking=MARK), person="moana"
        )


async def test_what_is_told_is_stated_again_every_hour_until_it_is_taken_back(
    readiness: Readiness,
) -> None:
    wanted = Wanted(capability=AIR, groups=BLUE, marking=MARK)
    await readiness.desk.state(wanted, person="moana")
    (told,) = await readiness.desk.tellings()
    assert (told.wanted, told.person, told.since) == (wanted, "moana", NOW)
    await readiness.desk.tell()
    assert readiness.heard() == [4]  # nothing is different, and no hour over
    readiness.clock.advance(seconds=AGAIN_AFTER.total_seconds())
    await readiness.desk.tell()
    assert readiness.heard() == [4, 4]
    assert readiness.node.bridge.intake.accepted == 2
    assert await readiness.desk.stop(AIR)
    assert not await readiness.desk.stop(AIR)
    readiness.clock.advance(seconds=AGAIN_AFTER.total_seconds())
    await readiness.desk.tell()
    assert readiness.heard() == [4, 4]
    assert readiness.desk.untold == ""


async def test_what_would_be_stated_otherwise_is_stated_at_once(readiness: Readiness) -> None:
    await readiness.desk.state(Wanted(capability=AIR, groups=BLUE, marking=MARK), person="moana")
    await readiness.desk.take([a_unit(count="3")], person="moana")
    readiness.clock.advance(seconds=5)
    await readiness.desk.tell()
    assert readiness.heard() == [4, 3]


async def test_of_what_nothing_holds_any_more_nothing_is_stated_again(readiness: Readiness) -> None:
    await readiness.desk.state(Wanted(capability=AIR, groups=BLUE, marking=MARK), person="moana")
    readiness.clock.advance(hours=24 * 30)
    await readiness.desk.tell()
    assert readiness.heard() == [4]
    assert readiness.desk.counts["statements of which nothing holds"] == 1
    assert readiness.desk.untold == ""


async def test_what_is_told_and_cannot_be_stated_is_trouble_until_it_can(
    readiness: Readiness, tmp_path: Path
) -> None:
    wanted = Wanted(capability=AIR, groups=frozenset(), marking=MARK)
    readiness.register.store.tell(Telling(wanted=wanted, person="moana", since=NOW))
    for _ in range(2):
        await readiness.desk.tell()
        assert readiness.desk.untold.startswith("surveillance-air is not stated: ")
    readiness.register.store.stop(AIR, LIVE)
    await readiness.desk.tell()
    assert readiness.desk.untold == ""
    (tmp_path / "readiness.sqlite").unlink()
    await readiness.desk.tell()
    assert "the register" in readiness.desk.untold


async def test_what_is_entered_is_kept_before_it_is_answered(readiness: Readiness) -> None:
    new = await readiness.desk.take([a_unit("NZL-2")], person="moana")
    assert {each.person for each in new} == {"moana"}
    assert "NZL-2" in (await readiness.desk.records(readiness.when()))[Sheet.UNITS]
    with pytest.raises(NotTaken):
        await readiness.desk.take([a_unit("NZL-3", base="?")], person="moana")
    history = await readiness.desk.history(Sheet.UNITS, "NZL-2")
    assert [each.column for each in history] == ["base", "class", "partner"]
    assert await readiness.desk.clashes(readiness.when()) == []
    assert readiness.desk.now() == NOW
    assert readiness.desk.register is readiness.register
