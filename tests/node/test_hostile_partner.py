"""A partner, or who would be one, against a real guard: each gains nothing and is named."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from accord.core.partner import Profile
from accord.federation.front import Front
from accord.federation.link_settings import LinkSettings
from accord.security.identity import FederationAuthority, load_authority
from accord.security.signing import SigningKey
from accord.wire.peer.message import Keepalive, Objects, Updates
from accord.wire.peer.protocol import Lane
from accord.wire.peer.report import Grant, Object
from support.agreements import NZL, USA
from support.hostile import Hostile, calling, speaking
from support.links import (
    End,
    Place,
    ScriptedSync,
    a_ship,
    a_state,
    address,
    listen,
    now,
    put_agreement,
)

FORTNIGHT = timedelta(days=14)
QUICK = LinkSettings(handshake_timeout=1, dial_first=0.05)


@asynccontextmanager
async def alone(
    directory: Path, settings: LinkSettings = QUICK
) -> AsyncGenerator[tuple[End, Place, str, Front]]:
    """NZL with its guard, and USA's directory for whoever speaks in its place."""
    usa, nzl = Place(USA, directory / "usa"), Place(NZL, directory / "nzl")
    listener = listen()
    nzl.add(usa.as_partner())
    held = put_agreement(nzl.directory)
    end = End(nzl, usa.as_partner(), ScriptedSync(NZL), held, settings=settings)
    async with (
        Front(listener, lambda _, s, at: end.link.take(s, at), send_buffer=16_384) as front,
        asyncio.TaskGroup() as tasks,
    ):
        running = tasks.create_task(end.link.run())
        try:
            async with asyncio.timeout(60.0):
                while end.link.status().guard is None:  # noqa: ASYNC110  a process has no event
                    await asyncio.sleep(0.02)
            yield end, usa, address(listener), front
        finally:
            running.cancel()


async def what_comes(reader: asyncio.StreamReader) -> bytes:
    """A caller has finished TLS before it is looked at; then comes nothing, or an alert."""
    try:
        return await reader.read(1)
    except OSError:
        return b""


async def named(end: End, reason: str, *, of: str = "closed") -> None:
    """Wait until status names this."""
    async with asyncio.timeout(60.0):
        while not any(reason in each for each in getattr(end.link.status(), of)):  # noqa: ASYNC110  a process has no event
            await asyncio.sleep(0.02)


async def is_still_let_in(end: End, usa: Place, at: str) -> None:
    """The right partner comes in as before."""
    sessions = end.sync.sessions
    async with speaking(usa, end.place.as_partner(), at, end.held):
        async with asyncio.timeout(60.0):
            while end.sync.sessions == sessions:  # noqa: ASYNC110  a process has no event
                await asyncio.sleep(0.02)


async def test_strangers_are_turned_away_and_named(tmp_path: Path) -> None:
    async with alone(tmp_path) as (end, usa, at, _):
        to = end.place.as_partner()
        moment = now()
        other = FederationAuthority.create(usa.name, Profile.MODERN, moment)
        aus = Place("AUS-X", tmp_path / "aus")
        theirs = load_authority(usa.directory, usa.name)
        cases = {
            # the right name under a wrong key
            "self-signed": other.issue(moment, FORTNIGHT),
            # the right key, long ago
            "expired": theirs.issue(moment - 3 * FORTNIGHT, FORTNIGHT),
        }
        for issued in cases.values():
            async with calling(usa, to, at, issued=issued) as (reader, _):
                assert not await what_comes(reader)
        # somebody with a name of his own, who says he is USA
        async with calling(aus, to, at, server_name=usa.name.trust_domain) as (reader, _):
            assert not await what_comes(reader)
        await named(end, "expired", of="turned_away")
        async with asyncio.timeout(60.0):
            while sum(end.link.status().turned_away.values()) < 3:  # noqa: ASYNC110  a process has no event
                await asyncio.sleep(0.02)
        # another partner of this node, whom the front has handed to the wrong guard
        end.place.add(aus.as_partner())
        await asyncio.sleep(0.7)
        async with calling(aus, to, at) as (reader, _):
            assert not await what_comes(reader)
        await named(end, "certificate of another partner (AUS-X)", of="turned_away")
        assert end.sync.sessions == 0
        await is_still_let_in(end, usa, at)


async def test_a_partner_with_a_false_hello_is_turned_away(tmp_path: Path) -> None:
    async with alone(tmp_path) as (end, usa, at, _):
        to = end.place.as_partner()
        with contextlib.suppress(OSError):
            async with speaking(usa, to, at, end.held, sign=SigningKey.create(Profile.MODERN).sign):
                await named(end, "frame forged", of="turned_away")
        with contextlib.suppress(OSError):
            async with speaking(usa, to, at, end.held, node=NZL):
                pass
        await named(end, "frame forged", of="turned_away")
        assert end.sync.sessions == 0
        await is_still_let_in(end, usa, at)


async def test_a_clock_an_hour_off_is_told_in_a_farewell(tmp_path: Path) -> None:
    async with alone(tmp_path) as (end, usa, at, _):
        late = int((now() - timedelta(hours=1)).timestamp() * 1000)
        async with speaking(usa, end.place.as_partner(), at, end.held, clock=late) as partner:
            said = await partner.ended()
        await named(end, "clock differs")
        assert end.sync.sessions == 0
        assert said[2:].startswith(bytes.fromhex("84 0f"))  # an array of four: BYE
        await is_still_let_in(end, usa, at)


@asynccontextmanager
async def in_session(end: End, usa: Place, at: str) -> AsyncGenerator[Hostile]:
    async with speaking(usa, end.place.as_partner(), at, end.held) as partner:
        yield partner


async def test_frames_that_are_replayed_forged_or_cut_off_end_the_session(tmp_path: Path) -> None:
    async with alone(tmp_path) as (end, usa, at, _):
        ship = Objects((Object(number=1, handle=0, header=a_ship(end.held)),))

        async with in_session(end, usa, at) as partner:
            frame = partner.frame(ship)
            await partner.send(frame)
            await partner.send(frame)
            await partner.ended()
        await named(end, "frame replayed")

        async with in_session(end, usa, at) as partner:
            await partner.send(partner.frame(ship))
            frame = bytearray(partner.frame(Updates((a_state(now()),))))
            frame[-1] ^= 1
            await partner.send(bytes(frame))
            await partner.ended()
        await named(end, "frame forged")

        async with in_session(end, usa, at) as partner:
            await partner.send(partner.frame(Keepalive(), Lane.CONTROL)[:-1])
        await named(end, "closed by the partner")

        async with in_session(end, usa, at) as partner:
            await partner.send((40).to_bytes(2) + bytes(40))
            await partner.ended()
        await named(end, "frame not deterministic")
        came = [frame.message for frame in end.sync.came]
        assert [type(each) for each in came] == [Objects, Objects]
        await is_still_let_in(end, usa, at)


async def test_words_in_anothers_name_and_by_another_agreement_end_the_session(
    tmp_path: Path,
) -> None:
    async with alone(tmp_path) as (end, usa, at, _):
        ship = a_ship(end.held)
        in_anothers_name = replace(ship, subject=replace(ship.subject, origin="AUS-X"))
        by_another_serial = replace(ship, grant=Grant(b"another!", "1", "exact"))
        for header in (in_anothers_name, by_another_serial):
            async with in_session(end, usa, at) as partner:
                message = Objects((Object(number=1, handle=0, header=header),))
                await partner.send(partner.frame(message))
                await partner.send(partner.frame(Updates((a_state(now()),))))
                await partner.ended()
        await named(end, "by no agreement of this node")
        await named(end, "frame forged")
        assert not end.sync.came
        assert not end.place.ledger(USA)


async def test_who_says_nothing_or_a_byte_at_a_time_is_cut_off(tmp_path: Path) -> None:
    async with alone(tmp_path) as (end, usa, at, _):
        to = end.place.as_partner()
        async with calling(usa, to, at) as (reader, writer):
            for byte in b"\x00\x20\x86\x01":  # the beginning of a HELLO, very slowly
                writer.write(bytes([byte]))
                await asyncio.sleep(0.2)
            async with asyncio.timeout(90.0):
                with contextlib.suppress(OSError):
                    await reader.read()
        await named(end, "too slow", of="turned_away")
        assert not end.sync.came
        assert not end.sync.sessions
        await is_still_let_in(end, usa, at)


async def test_a_thousand_connections_keep_no_partner_out(tmp_path: Path) -> None:
    async with alone(tmp_path) as (end, usa, at, front):
        host, _, port = at.rpartition(":")
        strangers = []
        for count in range(1_000):
            _, writer = await asyncio.open_connection(host, int(port))
            strangers.append(writer)
            if count % 100 == 99:
                await is_still_let_in(end, usa, at)
        assert front.refused["too many callers"] > 900
        for writer in strangers:
            writer.transport.abort()
