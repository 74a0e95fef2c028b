"""Two guards in this process, with a node's end of each and TLS between them."""

import asyncio
import contextlib
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from accord.core.partner import Profile
from accord.federation import guard_keeper, link
from accord.federation.guard import guard, inlet, passage, talk
from accord.federation.guard.books import Books
from accord.federation.link import PARTED
from accord.federation.link_settings import LinkSettings
from accord.release.ledger.entry import Received, Refusals, Release
from accord.release.ledger.fault import LedgerFault
from accord.storage.partners import PARTNERS, Partners
from accord.wire.peer.message import Farewell, Held, Keepalive, Objects, Updates
from accord.wire.peer.protocol import Lane
from accord.wire.peer.report import Object
from accord.wire.peer.translate import milliseconds
from support.agreements import NZL, USA
from support.hostile import calling, speaking
from support.links import GuardHere, Pair, Place, a_ship, a_state, linked, now

SOON = LinkSettings(
    dial_first=0.05, dial_longest=0.2, checkpoint_every=timedelta(seconds=1), handshake_timeout=1,
    withheld_every=timedelta(seconds=0.1), kept_every=timedelta(seconds=0.1),
)  # fmt: skip


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard_keeper, "GuardProcess", GuardHere)
    for module in (link, guard, guard_keeper):
        monkeypatch.setattr(module, "LOOK_EVERY", 0.02)
    monkeypatch.setattr(guard, "TELL_EVERY", 0.02)


async def until(is_so: Callable[[], Any]) -> None:
    async with asyncio.timeout(60.0):
        while not is_so():  # noqa: ASYNC110  what is waited for has no event
            await asyncio.sleep(0.01)


def send_ship(pair: Pair, **changes: Any) -> None:
    header = a_ship(pair.usa.held, **changes)
    pair.usa.send(Objects((Object(number=1, handle=0, header=header),)))
    pair.usa.send(Updates((a_state(now()),)))


@pytest.mark.parametrize("profile", Profile)
async def test_a_state_goes_through_both_guards_into_both_ledgers(
    tmp_path: Path, profile: Profile
) -> None:
    async with linked(tmp_path, profile, settings=SOON) as pair:
        await pair.up()
        send_ship(pair)
        pair.usa.link.count_withheld("A-1", 3, "0.2", "unmarked", "surface")
        await pair.nzl.came(2)
        await until(lambda: pair.usa.link.status().cosigned >= 2)
        await until(lambda: pair.nzl.link.status().cosigned >= 2)
        assert not pair.usa.link.status().trouble
    sent, came = pair.usa.place.ledger(NZL), pair.nzl.place.ledger(USA)
    assert [x.payload for x in sent if isinstance(x, Release)] == [
        x.payload for x in came if isinstance(x, Received)
    ]
    assert any(isinstance(x, Refusals) for x in sent)


async def test_a_refusal_stops_the_link_and_is_told_to_the_partner(tmp_path: Path) -> None:
    async with linked(tmp_path, settings=SOON) as pair:
        await pair.up()
        header = a_ship(pair.usa.held)
        send_ship(pair, subject=replace(header.subject, label=None))
        await until(lambda: pair.usa.link.status().stopped)
        await until(lambda: pair.nzl.link.status().closed.get(PARTED[Farewell.GUARD]))
        # The other end may dial as it likes: the guard takes no connection.
        assert "no mark" in pair.usa.link.status().stopped
    assert not [x for x in pair.usa.place.ledger(NZL) if isinstance(x, Release)]


async def test_what_cannot_be_entered_does_not_leave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise LedgerFault("the disk is full")

    async with linked(tmp_path, settings=SOON) as pair:
        await pair.up()
        monkeypatch.setattr(Books, "enter", full)
        send_ship(pair)
        await until(lambda: "the disk is full" in pair.usa.link.status().trouble)
        await until(lambda: pair.usa.link.status().guards_ended)
        assert not pair.nzl.sync.came
    assert not pair.usa.place.ledger(NZL)


async def test_a_hello_that_names_a_strange_agreement_is_refused(tmp_path: Path) -> None:
    async with linked(tmp_path, settings=SOON) as pair:
        pair.usa.sync.changes = {"gives": (Held("SECRET-PACT", 1, bytes(32)),)}
        await until(lambda: pair.usa.link.status().stopped)
        assert "not the partner's" in pair.usa.link.status().stopped


async def test_a_partner_that_is_refused_is_cut_off_at_once(tmp_path: Path) -> None:
    async with linked(tmp_path, settings=SOON) as pair:
        await pair.up()
        register = Partners(pair.usa.place.directory / PARTNERS)
        register.deny(NZL, "", now())
        await until(lambda: "the partner is refused" in pair.usa.link.status().closed)


async def test_what_agreements_say_anew_makes_the_link_anew(tmp_path: Path) -> None:
    async with linked(tmp_path, settings=SOON) as pair:
        await pair.up()
        sessions = pair.usa.sync.sessions
        held = pair.usa.held
        pair.usa.held = replace(held, serial=9)
        await until(lambda: "the agreements have changed" in pair.usa.link.status().closed)
        pair.usa.held = held
        await until(lambda: pair.usa.sync.sessions > sessions)


async def test_a_farewell_of_the_node_reaches_the_partner(tmp_path: Path) -> None:
    async with linked(tmp_path, settings=SOON) as pair:
        await pair.up()
        pair.usa.link._goodbye(Farewell.STOPPING)
        await until(lambda: pair.nzl.link.status().closed.get(PARTED[Farewell.STOPPING]))


async def test_who_is_no_partner_is_turned_away(tmp_path: Path) -> None:
    async with linked(tmp_path, settings=SOON) as pair:
        await pair.up()
        aus = Place("AUS-X", tmp_path / "aus")
        to = pair.nzl.place.as_partner()
        async with calling(aus, to, pair.address, server_name=USA.lower()) as (reader, _):
            with contextlib.suppress(OSError):
                assert not await reader.read(1)
        await until(lambda: pair.nzl.link.status().turned_away)
        pair.nzl.place.add(aus.as_partner())
        await asyncio.sleep(0.1)
        async with calling(aus, to, pair.address) as (reader, _):
            await until(
                lambda: any("another partner" in x for x in pair.nzl.link.status().turned_away)
            )


async def test_a_partner_that_breaks_the_rules_is_told_and_left(tmp_path: Path) -> None:
    async with linked(tmp_path, settings=SOON) as pair:
        await pair.up()
        to, place = pair.nzl.place.as_partner(), pair.usa.place
        sessions = pair.nzl.sync.sessions
        async with speaking(place, to, pair.address, pair.usa.held) as partner:
            await until(lambda: pair.nzl.sync.sessions > sessions)
            frame = partner.frame(Keepalive(), Lane.CONTROL)
            await partner.send(frame + frame)
            await partner.ended()
        await until(lambda: "frame replayed" in pair.nzl.link.status().closed)
        with contextlib.suppress(OSError):
            async with speaking(
                place, to, pair.address, pair.usa.held, sign=lambda _: secrets.token_bytes(64)
            ) as partner:
                await partner.ended()
        await until(lambda: "frame forged" in pair.nzl.link.status().turned_away)


@pytest.mark.parametrize("year", [2019, 2090, 9999])
async def test_a_hello_of_a_time_that_no_ledger_counts_ends_no_guard(
    tmp_path: Path, year: int
) -> None:
    async with linked(tmp_path, settings=SOON) as pair:
        await pair.up()
        to, place = pair.nzl.place.as_partner(), pair.usa.place
        clock = milliseconds(now().replace(year=year, day=1))
        async with speaking(place, to, pair.address, pair.usa.held, clock=clock) as partner:
            ship = Objects((Object(number=1, handle=0, header=a_ship(pair.usa.held)),))
            await partner.send(partner.frame(ship) + partner.frame(Updates((a_state(now()),))))
            await partner.ended()
        await until(lambda: "frame malformed" in pair.nzl.link.status().turned_away)
        assert not pair.nzl.link.status().guards_ended
        assert not pair.nzl.link.status().trouble


async def test_what_no_line_can_hold_ends_the_session_and_no_guard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unwritable(*said: Any) -> Received:
        return replace(passage.received(*said), clause="")

    async with linked(tmp_path, settings=SOON) as pair:
        await pair.up()
        monkeypatch.setattr(inlet, "received", unwritable)
        send_ship(pair)
        await until(lambda: "frame malformed" in pair.nzl.link.status().closed)
        assert not pair.nzl.link.status().guards_ended
        assert not pair.nzl.link.status().trouble
    assert not [x for x in pair.nzl.place.ledger(USA) if isinstance(x, Received)]


async def test_a_guard_without_its_partner_says_so(tmp_path: Path) -> None:
    place = Place(USA, tmp_path)
    here = await GuardHere.start(
        talk.Setup(
            directory=str(tmp_path), node=USA, trust_domain=place.name.trust_domain,
            profile="modern", partner=NZL, their_epoch=0, frame_bytes=16_384, max_handles=10,
            max_content=10, handshake_timeout=1, checkpoint_every=60,
        )
    )  # fmt: skip
    said = [message async for message in here.messages()]
    assert [type(each) for each in said] == [talk.Standing]
    assert isinstance(said[0], talk.Standing)
    assert "is no partner" in said[0].trouble
    await here.stop()


async def test_a_greeting_that_was_forgotten_ends_its_connection_and_not_the_link(
    tmp_path: Path,
) -> None:
    async with linked(tmp_path, settings=SOON) as pair:
        await pair.up()
        pair.usa.link._begin(talk.Connected(99, b""))
        assert pair.usa.link.status().is_up
