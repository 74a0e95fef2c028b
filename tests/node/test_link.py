"""Two ends of a link, each with a real guard in a process of its own, over TLS on loopback."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from accord.core.partner import Profile
from accord.federation.guard import talk
from accord.federation.guard_process import GuardProcess
from accord.federation.latch import Latch
from accord.federation.link import PARTED
from accord.federation.link_settings import LinkSettings
from accord.release.ledger import entry
from accord.release.ledger.entry import Received, Refusals, Release, Seen
from accord.release.signature import Act, sign, spell_record
from accord.storage.agreements import record_name
from accord.wire.peer.encode import content_bytes
from accord.wire.peer.message import Farewell, Objects, Records, Updates
from accord.wire.peer.protocol import Lane
from accord.wire.peer.record import Outcome, Recall, RecallOf, Receipt, Record
from accord.wire.peer.report import Object
from support.agreements import NZL, SIGNED, USA, example, key_of
from support.links import Pair, a_ship, a_state, kill, linked, now

SOON = LinkSettings(
    dial_first=0.05, dial_longest=0.2, checkpoint_every=timedelta(seconds=1),
    withheld_every=timedelta(seconds=0.2), kept_every=timedelta(seconds=0.2),
)  # fmt: skip


def send_ship(pair: Pair, **changes: Any) -> None:
    header = a_ship(pair.usa.held, **changes)
    pair.usa.send(Objects((Object(number=1, handle=0, header=header),)))
    pair.usa.send(Updates((a_state(now()),)))


async def until(is_so: Any, within: float = 60.0) -> None:
    """Wait until something outside of this process is so."""
    async with asyncio.timeout(within):
        while not is_so():  # noqa: ASYNC110  a process has no event
            await asyncio.sleep(0.02)


def test_a_release_is_in_both_ledgers_as_one_and_the_same(tmp_path: Path) -> None:
    async def run(profile: Profile, directory: Path) -> None:
        async with linked(directory, profile) as pair:
            await pair.up()
            send_ship(pair)
            frames = await pair.nzl.came(2)
            assert isinstance(frames[1].message, Updates)
        sent = [line for line in pair.usa.place.ledger(NZL) if isinstance(line, Release)]
        came = [line for line in pair.nzl.place.ledger(USA) if isinstance(line, Received)]
        assert len(sent) == len(came) == 2
        for one, other in zip(sent, came, strict=True):
            assert (one.name, one.version, one.payload, one.clause, one.frame, one.marking) == (
                other.name, other.version, other.payload, other.clause, other.frame, other.marking
            )  # fmt: skip

    for profile in Profile:
        asyncio.run(run(profile, tmp_path / profile))


async def test_what_is_not_marked_for_the_partner_stops_the_link_and_not_a_byte_of_it_leaves(
    tmp_path: Path,
) -> None:
    async with linked(tmp_path) as pair:
        await pair.up()
        header = a_ship(pair.usa.held)
        label = header.subject.label
        assert label is not None
        subject = replace(header.subject, label=replace(label, releasable_to=("AUS",)))
        send_ship(pair, subject=subject)
        await until(lambda: pair.usa.link.status().stopped)
        await until(lambda: not pair.nzl.link.status().is_up)
        assert "not marked for the partner" in pair.usa.link.status().stopped
        assert pair.nzl.link.status().closed == {PARTED[Farewell.GUARD]: 1}
        assert not [frame for frame in pair.nzl.sync.came if isinstance(frame.message, Objects)]
        lines = pair.usa.place.ledger(NZL)
        assert not [line for line in lines if isinstance(line, Release)]
        (refusal,) = [line for line in lines if isinstance(line, Refusals)]
        assert refusal.counts[0].reason == "guard: it is not marked for the partner"
        # Nobody has looked yet: it stays stopped.
        await asyncio.sleep(1.0)
        assert not pair.usa.link.status().is_up
        pair.usa.sync.waiting.clear()
        Latch.of(pair.usa.place.directory, NZL).open()
        await pair.up()


async def test_a_suspended_agreement_lets_nothing_out_and_calls_nobody(tmp_path: Path) -> None:
    async with linked(tmp_path) as pair:
        await pair.up()
        send_ship(pair)
        await pair.nzl.came(2)
        terms = example().agreement
        record = sign(terms, Act.SUSPEND, node=USA, key=key_of(USA), at=SIGNED)
        place = pair.usa.place.directory / "agreements" / terms.id / str(terms.serial)
        (place / record_name(record)).write_text(spell_record(record), "utf-8")
        await asyncio.sleep(0.7)  # the guard looks every half second
        pair.usa.send(Updates((a_state(now()),)))
        await until(lambda: pair.usa.link.status().closed)
        assert "guard: the agreement is not in force" in pair.usa.link.status().closed
        assert not pair.usa.link.status().stopped
        assert len(pair.nzl.sync.came) == 3  # the two of before, and BYE


async def test_both_cosign_the_checkpoints_of_the_other(tmp_path: Path) -> None:
    async with linked(tmp_path, settings=SOON) as pair:
        await pair.up()
        send_ship(pair)
        await pair.nzl.came(2)
        await until(lambda: pair.usa.link.status().cosigned >= 2)
        await until(lambda: pair.nzl.link.status().cosigned >= 2)
        assert not pair.usa.link.status().trouble
        assert not pair.nzl.link.status().trouble
    assert any(isinstance(line, Seen) for line in pair.nzl.place.ledger(USA))


async def test_a_guard_that_is_killed_is_begun_again_and_the_link_with_it(tmp_path: Path) -> None:
    async with linked(tmp_path) as pair:
        await pair.up()
        guard = pair.usa.link.status().guard
        assert guard is not None
        kill(guard)
        await until(lambda: pair.usa.sync.sessions == 2)
        await pair.up()
        send_ship(pair)
        await pair.nzl.came(2)


async def test_where_both_dial_one_connection_stays(tmp_path: Path) -> None:
    async with linked(tmp_path, both_dial=True) as pair:
        await pair.up()
        await asyncio.sleep(1.0)
        await pair.up()
        send_ship(pair)
        await pair.nzl.came(2)
        usa, nzl = pair.usa.link.status(), pair.nzl.link.status()
        assert usa.is_dialled is not nzl.is_dialled
        assert pair.usa.sync.sessions <= 3


async def test_what_was_withheld_stands_in_the_ledger_as_counts(tmp_path: Path) -> None:
    async with linked(tmp_path, settings=SOON) as pair:
        await pair.up()
        for _ in range(7):
            pair.usa.link.count_withheld("A-1", 3, "0.2", "unmarked", "surface")
        await until(lambda: any(isinstance(line, Refusals) for line in pair.usa.place.ledger(NZL)))
    counts = [
        count.count
        for line in pair.usa.place.ledger(NZL)
        if isinstance(line, Refusals)
        for count in line.counts
    ]
    assert sum(counts) == 7


async def test_a_recall_stands_in_both_ledgers(tmp_path: Path) -> None:
    async with linked(tmp_path) as pair:
        await pair.up()
        recall = Recall(
            of=RecallOf.AGREEMENT, agreement=pair.usa.held.digest[:8], reason="a mistake", at=1
        )
        pair.usa.send(Records((Record(1, recall),)), Lane.CONTROL)
        await pair.nzl.came(1)
    (sent,) = pair.usa.place.ledger(NZL)
    (came,) = pair.nzl.place.ledger(USA)
    assert sent == came


@pytest.mark.parametrize("killed", ["usa", "nzl"])
async def test_no_ledger_has_a_receipt_before_its_recall_whoever_is_killed(
    tmp_path: Path, killed: str
) -> None:
    async with linked(tmp_path) as pair:
        await pair.up()
        recall = Recall(
            of=RecallOf.AGREEMENT, agreement=pair.usa.held.digest[:8], reason="wrong", at=1
        )
        pair.usa.send(Records((Record(1, recall),)), Lane.CONTROL)
        await until(lambda: any(isinstance(f.message, Records) for f in pair.nzl.sync.came))
        guard = getattr(pair, killed).link.status().guard
        assert guard is not None
        kill(guard)
        await until(lambda: pair.nzl.sync.sessions == 2 and pair.usa.sync.sessions == 2)
        await pair.up()
        digest = sha256(content_bytes(recall)).digest()
        receipt = Receipt(recall=digest, outcome=Outcome.DROPPED, objects=1, at=2)
        pair.nzl.send(Records((Record(1, receipt),)), Lane.CONTROL)
        await until(lambda: any(isinstance(f.message, Records) for f in pair.usa.sync.came))
    for end, partner in ((pair.usa, NZL), (pair.nzl, USA)):
        kinds = [type(line) for line in end.place.ledger(partner)]
        kept = [each for each in kinds if each in (entry.Recall, entry.Receipt)]
        assert kept == [entry.Recall, entry.Receipt]


async def test_a_guard_whose_start_is_cancelled_leaves_no_process_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[asyncio.subprocess.Process] = []
    start = asyncio.create_subprocess_exec

    async def noted(*arguments: Any, **options: Any) -> asyncio.subprocess.Process:
        started.append(await start(*arguments, **options))
        return started[-1]

    async def cancelled(**_: Any) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(asyncio, "create_subprocess_exec", noted)
    monkeypatch.setattr(asyncio, "open_unix_connection", cancelled)
    setup = talk.Setup(
        directory=str(tmp_path), node=NZL, trust_domain="nzl-jfnz", profile="modern", partner=USA,
        their_epoch=0, frame_bytes=16_384, max_handles=10, max_content=10, handshake_timeout=10,
        checkpoint_every=60,
    )  # fmt: skip
    with pytest.raises(asyncio.CancelledError):
        await GuardProcess.start(setup)
    (process,) = started
    assert process.returncode is not None


async def test_a_session_that_ends_has_one_reason_at_each_end(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    async with linked(tmp_path) as pair:
        await pair.up()
        pair.usa.link.ends("the partner is refused", Farewell.TRUST)
        pair.stop(pair.usa)
        await until(lambda: pair.nzl.link.status().closed)
        assert pair.usa.link.status().closed == {"the partner is refused": 1}
        assert pair.nzl.link.status().closed == {PARTED[Farewell.TRUST]: 1}
        assert pair.nzl.link.status().ended == PARTED[Farewell.TRUST]
    lines = [each.getMessage() for each in caplog.records if "link down" in each.getMessage()]
    assert lines == [
        f'link down partner={NZL} reason="the partner is refused"',
        f'link down partner={USA} reason="{PARTED[Farewell.TRUST]}"',
    ]
