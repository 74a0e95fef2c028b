"""What one hostile partner does costs the others nothing, and is counted under its name."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from accord.federation.effect import Accept, FileComplete, FileOffered
from accord.federation.epoch import EPOCH
from accord.federation.front import Front
from accord.wire.peer.message import (
    Held,
    Keepalive,
    Objects,
    PeerMessage,
    Range,
    RangePart,
    Records,
    Updates,
)
from accord.wire.peer.protocol import Lane, Mark, Version
from accord.wire.peer.record import FileOffer, Record
from accord.wire.peer.report import Object, Reference
from accord.wire.peer.translate import milliseconds
from node.test_link_with_decisions import a_core, moment
from support.agreements import NZL, USA
from support.hostile import Hostile, speaking
from support.in_process import ask
from support.linked import linked
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

AUS = "AUS-HQJOC"
BEATS = 5
GIGABYTE = 1 << 30


class Silent(End):
    """An end without an agreement: it says that it is there, and no more."""

    def agreements(self) -> tuple[Sequence[Held], Sequence[Held]]:
        return (), ()


@dataclass
class Three:
    """NZL with a link to USA, whose end anybody may play, and one to AUS, which works."""

    hostile: End
    friend: End
    aus: End
    usa: Place
    address: str
    front: Front

    async def friend_goes_on(self) -> None:
        """What AUS says still comes, and soon."""
        before = len(self.friend.sync.came)
        for _ in range(BEATS):
            self.aus.send(Keepalive(), Lane.CONTROL)
        async with asyncio.timeout(60.0):
            await self.friend.came(before + BEATS)

    @asynccontextmanager
    async def speaking(self, **hello: Any) -> AsyncGenerator[Hostile]:
        partner = self.hostile.place.as_partner()
        async with speaking(self.usa, partner, self.address, self.hostile.held, **hello) as it:
            yield it


@asynccontextmanager
async def three(directory: Path, sync: Any) -> AsyncGenerator[Three]:
    nzl, usa, aus = (Place(name, directory / name[:3]) for name in (NZL, USA, AUS))
    listener = listen()
    at = address(listener)
    nzl.add(usa.as_partner())
    nzl.add(aus.as_partner())
    aus.add(nzl.as_partner(at))
    held = put_agreement(nzl.directory)
    hostile = End(nzl, usa.as_partner(), sync, held)
    friend = Silent(nzl, aus.as_partner(), ScriptedSync(NZL), held)
    other = Silent(aus, nzl.as_partner(at), ScriptedSync(AUS), held)
    ends = {each.partner.trust_domain: each for each in (hostile, friend)}
    async with (
        Front(
            listener, lambda name, s, at: ends[name].link.take(s, at), send_buffer=16_384
        ) as front,
        asyncio.TaskGroup() as tasks,
    ):
        running = [tasks.create_task(end.link.run()) for end in (hostile, friend, other)]
        try:
            async with asyncio.timeout(60.0):
                await friend.sync.is_up.wait()
                await until(lambda: hostile.link.status().guard is not None)
            yield Three(hostile, friend, other, usa, at, front)
        finally:
            for task in running:
                task.cancel()


async def until(is_so: Callable[[], bool], *, within: float = 60.0) -> None:
    async with asyncio.timeout(within):
        while not is_so():  # noqa: ASYNC110  a process has no event
            await asyncio.sleep(0.02)


async def soon(ask_for: Callable[[], Awaitable[Any]], is_so: Callable[[Any], bool]) -> Any:
    """Ask until it is so; a test's own limit ends the waiting."""
    while not is_so(it := await ask_for()):  # noqa: ASYNC110  a node has no event for it
        await asyncio.sleep(0.1)
    return it


def refused(end: End) -> dict[str, int]:
    return dict(end.sync.status(moment()).refused)


async def test_a_partner_that_floods_or_does_not_read_holds_up_no_other(tmp_path: Path) -> None:
    async with three(tmp_path, ScriptedSync(NZL)) as nodes:
        async with nodes.speaking() as partner:
            for _ in range(20):
                beats = [partner.frame(Keepalive(), Lane.CONTROL) for _ in range(200)]
                await partner.send(b"".join(beats))
            await nodes.friend_goes_on()
            await nodes.hostile.came(4_000)
        much = Range(Lane.TRACKS, 1, (RangePart(1, b"", ids=(bytes(12),) * 300),))
        async with nodes.speaking() as partner:
            partner.reader._transport.pause_reading()  # type: ignore[attr-defined]
            for _ in range(4_000):
                nodes.hostile.send(much, Lane.CONTROL)
            await nodes.friend_goes_on()
            await asyncio.sleep(0.5)
            assert nodes.hostile.sync.waiting  # it is held up, by itself
            await nodes.friend_goes_on()


async def test_callers_who_say_half_of_who_they_are_hold_up_no_partner(tmp_path: Path) -> None:
    async with three(tmp_path, ScriptedSync(NZL)) as nodes:
        host, _, port = nodes.address.rpartition(":")
        callers = []
        for _ in range(300):
            _, writer = await asyncio.open_connection(host, int(port))
            writer.write(bytes.fromhex("16 03 01 02 00 01 00 01 fc 03 03"))
            callers.append(writer)
        await nodes.friend_goes_on()
        async with nodes.speaking():
            await until(lambda: nodes.hostile.sync.sessions == 1)
        await until(lambda: nodes.front.refused["too many callers"] > 200)
        await until(lambda: nodes.front.refused["too slow"] > 0)
        assert nodes.hostile.sync.sessions == 1  # nobody of them was let in
        assert nodes.friend.link.status().is_up
        for writer in callers:
            writer.transport.abort()


async def test_forged_paths_and_versions_come_to_nothing_and_are_counted(tmp_path: Path) -> None:
    async with three(tmp_path, a_core(NZL, USA)) as nodes:
        ship = a_ship(nodes.hostile.held)

        def passed_on(number: int, origin: str, *path: str) -> PeerMessage:
            subject = replace(ship.subject, origin=origin, path=path)
            header = replace(ship, subject=subject)
            return Objects((Object(number=number, handle=0, header=header),))

        async with nodes.speaking() as partner:
            # NZL's own comes back, and what went over NZL before.
            for number, origin, path in ((1, NZL, (USA,)), (2, AUS, (NZL, USA))):
                await partner.send(partner.frame(passed_on(number, origin, *path)))
                await partner.send(partner.frame(Updates((a_state(now()),))))
            await until(lambda: refused(nodes.hostile).get("it came in a circle") == 2)
            await partner.send(partner.frame(passed_on(3, USA)))
            tomorrow = milliseconds(now() + timedelta(days=1))
            await partner.send(partner.frame(Updates((a_state(now(), version=tomorrow),))))
            await until(lambda: refused(nodes.hostile).get("it comes from the future") == 1)
        assert not [each for each in nodes.hostile.effects if isinstance(each, Accept)]
        await nodes.friend_goes_on()


async def test_a_file_of_a_gigabyte_is_not_asked_for_and_takes_no_room(tmp_path: Path) -> None:
    async with three(tmp_path, a_core(NZL, USA)) as nodes:
        ship = a_ship(nodes.hostile.held)
        offer = FileOffer(
            subject=ship.subject, version=Version(3, milliseconds(now())), grant=ship.grant,
            digest=bytes(32), size=GIGABYTE, name="chart.pdf", media="application/pdf",
        )  # fmt: skip
        guard = nodes.hostile.link.status().guard
        async with nodes.speaking() as partner:
            records = Record(1, offer), Record(2, Reference(bytes(32), GIGABYTE))
            await partner.send(partner.frame(Records(records, bytes(16)), Lane.DURABLE))
            await until(lambda: refused(nodes.hostile).get("content that is too long") == 1)
            offered = [each for each in nodes.hostile.effects if isinstance(each, FileOffered)]
            assert len(offered) == 1
            assert not nodes.hostile.sync.want_file(bytes(32))
            await nodes.friend_goes_on()
        assert not [each for each in nodes.hostile.effects if isinstance(each, FileComplete)]
        assert nodes.hostile.link.status().guard == guard


async def test_what_comes_by_another_serial_or_after_an_epoch_went_back_is_refused(
    tmp_path: Path,
) -> None:
    async with three(tmp_path, a_core(NZL, USA)) as nodes:
        held = nodes.hostile.held
        other = Held(held.id, held.serial + 1, bytes(32))
        async with nodes.speaking(gives=(other,)) as partner:
            await until(lambda: bool(nodes.hostile.sync.status(moment()).blocked))
            said = nodes.hostile.sync.status(moment()).blocked
            serials = (f"activated {held.id} serial {other.serial}", f"has serial {held.serial}")
            assert any(all(each in why for each in serials) for why in said)
            ship = Objects((Object(number=1, handle=0, header=a_ship(held)),))
            await partner.send(partner.frame(ship))
            await partner.send(partner.frame(Updates((a_state(now()),))))
            await partner.ended()
        closed = nodes.hostile.link.status().closed
        assert closed["a release by an agreement that is not in force"] == 1
        # A week ago it was in its second life.
        async with nodes.speaking(epoch=2) as partner:
            await partner.ended()
        await until(
            lambda: nodes.hostile.link.status().closed.get("epoch 2 came after 3: raise it") == 1
        )
        assert not [each for each in nodes.hostile.effects if isinstance(each, Accept)]
        await nodes.friend_goes_on()


async def test_a_partner_that_says_it_remembers_more_of_this_node_ends_no_link_but_its_own(
    tmp_path: Path,
) -> None:
    async with linked(tmp_path) as both:
        nzl, aus = Place(NZL, both.places[NZL]), Place(AUS, tmp_path / "aus")
        nzl.add(aus.as_partner())
        host, port = both.nzl.addresses["federation"]

        async def partner(node: str) -> dict[str, Any]:
            said = (await ask(both.nzl, "/api/status"))["partners"]
            return next((each for each in said if each["node"] == node), {})

        async def says(resumes: int, *resume: Mark) -> int:
            """Say that, be told to go where it is more, and return the epoch of NZL."""
            while True:
                with suppress(OSError):  # its guard is just being begun
                    async with speaking(
                        aus, nzl.as_partner(), f"{host}:{port}", nothing,
                        gives=(), resumes=resumes, resume=resume,
                    ) as it:  # fmt: skip
                        if resumes:
                            await it.ended()
                        return it.theirs.epoch
                await asyncio.sleep(0.1)

        async with asyncio.timeout(120.0):
            nothing = Held("none", 1, bytes(32))
            await soon(lambda: partner(AUS), lambda it: it.get("state") == "down")
            before = await partner(USA)
            epoch = await says(1 << 62)
            said = f"it remembers epoch {1 << 62} of this node, still to come"
            await soon(lambda: partner(AUS), lambda it: it["closed"].get(said) == 1)
            more = Mark(Lane.CHAT, 5)
            assert await says(epoch, more) == epoch
            risen = await soon(lambda: says(0), lambda it: it != epoch)
            for _ in range(3):
                assert await says(risen, more) == risen
            await asyncio.sleep(1.0)
            assert await says(risen, more) == risen
            after = await partner(USA)
            assert (after["state"], after["closed"]) == ("up", before["closed"])
            assert int((both.places[NZL] / EPOCH).read_text()) == risen
