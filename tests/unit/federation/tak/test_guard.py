"""A link and its guard in this process, and a scripted TAK server of version 1 over TLS."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from accord.core.body import Message, Removal
from accord.core.clock import SystemClock
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.core.partner import Profile
from accord.core.report import Address, AddressKind, Report
from accord.core.tak_partner import TakPartner, TakVersion
from accord.federation import guard_keeper
from accord.federation.guard import ipc, life, talk
from accord.federation.guard.connection import TurnedAway
from accord.federation.latch import Latch
from accord.federation.link_settings import LinkSettings
from accord.federation.tak import guard, link
from accord.federation.tak.link import TakAround, TakCounts, TakLink
from accord.federation.tak.porter import TakPorter
from accord.federation.tak.settings import TakFederationSettings
from accord.observe.log import Log
from accord.release.ledger.entry import Refusals, Release, Seen
from accord.storage.partners import PARTNERS
from accord.storage.tak_partners import TakPartners
from accord.wire.peer.plain import content_bytes
from accord.wire.peer.protocol import AGREEMENT, Version
from accord.wire.peer.report import Grant
from accord.wire.peer.translate import Leave, to_peer_report
from support import fig
from support.grpc_server import GrpcServer
from support.links import GuardHere, Place, put_signed
from support.one_sided import OWN, SERVER, TEXT, signatures
from support.tak_out import AGREEMENT as TERMS
from support.tak_out import HELD, LABEL, Out
from support.tak_out import own as own_at
from support.tak_server import TakServer, federate

CLOCK = SystemClock()
SOON = LinkSettings(
    dial_first=0.05, dial_longest=0.2, checkpoint_every=timedelta(seconds=1), handshake_timeout=2,
    withheld_every=timedelta(seconds=0.1),
)  # fmt: skip


def own(uid: str, **changes: Any) -> Report:
    """A ship as it is now: the link's clock is a real one, by which reports go out of date."""
    return own_at(uid, at=CLOCK.now(), **changes)


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard_keeper, "GuardProcess", GuardHere)
    for module in (link, guard, guard_keeper):
        monkeypatch.setattr(module, "LOOK_EVERY", 0.02)
    monkeypatch.setattr(guard, "TELL_EVERY", 0.02)
    monkeypatch.setattr(guard, "TICK", 0.02)
    monkeypatch.setattr(guard_keeper, "FIRST", 0.02)
    monkeypatch.setattr(link, "LISTEN_AGAIN", 0.02)


async def until(is_so: Callable[[], Any]) -> None:
    async with asyncio.timeout(60.0):
        while not is_so():  # noqa: ASYNC110  what is waited for has no event
            await asyncio.sleep(0.01)


class End:
    """The node's end: a link, what goes over it, and what came."""

    def __init__(self, place: Place, partner: TakPartner) -> None:
        self.place = place
        self.came: list[bytes] = []
        self.counts = TakCounts()
        self.out = Out()
        around = TakAround(
            directory=place.directory, own=place.name, profile=Profile.MODERN, link=SOON,
            settings=TakFederationSettings(max_message=10_000), clock=CLOCK, log=Log(CLOCK),
            chance=lambda: 0.5, is_congested=lambda: False,
        )  # fmt: skip
        self.link = TakLink(partner, around, self.out.out, self.counts, self.came.append)

    def note(self, report: Report) -> None:
        self.out.note(report)
        self.link.wake()

    def say(self, report: Report, clause: str = "1", form: str = "exact") -> None:
        """Have the guard asked for this, whatever was decided of it."""
        grant = Grant(HELD.digest[:AGREEMENT], clause, form)
        leave = Leave(origin=OWN, grant=grant)
        content = to_peer_report(report, leave, version=Version(1, 7))
        self.say_bytes(content_bytes(content))

    def say_bytes(self, data: bytes) -> None:
        session = self.link._talk
        assert session is not None
        assert self.link.guard.pid is not None
        session.given += 1
        self.link.guard.say(talk.TakGive(session.connection, 99, data))

    def ledger(self) -> list[Any]:
        return list(self.place.ledger(SERVER))

    def releases(self) -> list[str]:
        return [line.name for line in self.ledger() if isinstance(line, Release)]


def a_place(directory: Path) -> Place:
    place = Place(OWN, directory / "usa")
    put_signed(place.directory, TERMS, TEXT, signatures())
    return place


@asynccontextmanager
async def running(end: End) -> AsyncGenerator[End]:
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(end.link.run())
        try:
            yield end
        finally:
            task.cancel()


@asynccontextmanager
async def linked(directory: Path, **changes: Any) -> AsyncGenerator[tuple[End, TakServer]]:
    place = a_place(directory)
    server = TakServer(directory / "tak", place.directory)
    async with server.listening() as at:
        partner = server.partner(SERVER, dial=at, **changes)
        federate(place.directory, partner)
        async with running(End(place, partner)) as end:
            await until(lambda: end.link.is_up)
            yield end, server


def user(uid: str, callsign: str) -> Report:
    return replace(own(uid), author=uid, identity=Identity(callsign=callsign))


async def test_what_is_released_is_in_the_ledger_and_a_user_is_told_of_once_and_when_he_goes(
    tmp_path: Path,
) -> None:
    async with linked(tmp_path) as (end, server):
        end.note(user("U-1", "KIWI"))
        await server.hears_so_many(2)
        end.note(replace(user("U-1", "KIWI"), received=CLOCK.now() + timedelta(seconds=1)))
        await server.hears_so_many(3)
        end.note(own("R-1", kind=Kind.of("t-x-d-d"), body=Removal(target="U-1")))
        await server.hears_so_many(5)
        await until(lambda: end.link.guard.standing.lines >= 5)
        assert end.link.guard.pid == 0
        assert end.link.address
    contacts = [fig.fields(m)[2] for m in server.came if 2 in fig.fields(m)]
    assert [fig.fields(each[0])[1] for each in contacts] == [[1], [4]]
    assert sorted(end.releases()) == ["R-1", "R-1", "U-1", "U-1", "U-1"]
    assert end.counts.sent_bytes == sum(map(len, server.came))


async def test_a_default_mark_is_said_in_the_fields_where_a_server_looks_for_it(
    tmp_path: Path,
) -> None:
    async with linked(tmp_path) as (end, server):
        end.note(own("S-1", label=replace(LABEL, by_default=True)))
        await server.hears_of("S-1")
    said = fig.geo_of(server.came[0])
    assert (said[27], said[29]) == ([b"UNCLASSIFIED"], [b"NZL"])


def missed(counts: TakCounts) -> int:
    return sum(often for why, often in counts.closed.items() if why.startswith("dialling: "))


async def test_a_server_that_was_away_is_called_again_by_itself_when_it_is_back(
    tmp_path: Path,
) -> None:
    place = a_place(tmp_path)
    server = TakServer(tmp_path / "tak", place.directory)
    async with server.listening() as at:
        partner = server.partner(SERVER, dial=at)
        federate(place.directory, partner)
        end = End(place, partner)
        tasks = asyncio.ensure_future(end.link.run())  # noqa: TID251  awaited below
        await until(lambda: end.link.is_up)
    try:
        await until(lambda: not end.link.is_up)
        await until(lambda: missed(end.counts) >= 3)
        async with server.listening(int(at.rpartition(":")[2])):
            await until(lambda: end.link.is_up)
            end.note(own("S-1"))
            await server.hears_of("S-1")
    finally:
        tasks.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await tasks


async def test_what_no_clause_permits_stops_the_link_until_somebody_has_looked(
    tmp_path: Path,
) -> None:
    async with linked(tmp_path) as (end, server):
        end.say(own("LAND", kind=Kind.of("a-f-G")), clause="2")
        await until(lambda: end.link.guard.stopped)
        await until(lambda: not end.link.is_up)
        end.note(own("S-1"))
        assert "the clause permits no such form" in end.link.guard.stopped
        Latch.of(end.place.directory, SERVER).open()
        await server.hears_of("S-1")
    assert server.uids == ["S-1"]
    counted = [
        count for line in end.ledger() if isinstance(line, Refusals) for count in line.counts
    ]
    assert [each.reason for each in counted] == ["guard: the clause permits no such form"]


@pytest.mark.parametrize("data", [b"\xff", b"\x80"])
async def test_what_is_no_report_stops_the_link(tmp_path: Path, data: bytes) -> None:
    async with linked(tmp_path) as (end, server):
        end.say_bytes(data)
        await until(lambda: end.link.guard.stopped)
    assert server.came == []


async def test_a_paused_agreement_lets_nothing_out_and_stops_nothing(tmp_path: Path) -> None:
    async with linked(tmp_path) as (end, server):
        said = {"by": "officer", "at": "2026-11-26T00:00:00+00:00", "reason": "test"}
        place = end.place.directory / "agreements" / TERMS.id / str(TERMS.serial)
        (place / "paused.json").write_text(json.dumps(said), "utf-8")
        await asyncio.sleep(0.1)  # the guard looks every 20 ms
        end.note(own("S-1"))
        await until(lambda: end.counts.closed["guard: the agreement is not in force"])
        assert not end.link.guard.stopped
        (place / "paused.json").unlink()
        await server.hears_of("S-1")
    assert end.releases()[0] == "S-1"


async def test_what_a_tak_server_cannot_be_told_is_no_release(tmp_path: Path) -> None:
    async with linked(tmp_path) as (end, server):
        body = Message(text="hi", sender="", room="")
        words = own("W-1", kind=Kind.of("b-t-f"), body=body)
        end.say(replace(words, to=frozenset({Address(AddressKind.TEAM, "Cyan")})), clause="3")
        end.note(own("S-1"))
        await server.hears_of("S-1")
        await until(lambda: end.link._talk is not None and not end.link._talk.given)
    assert server.uids == end.releases() == ["S-1"]


async def test_one_that_is_refused_is_cut_off_and_not_called_again(tmp_path: Path) -> None:
    async with linked(tmp_path) as (end, server):
        TakPartners(end.place.directory / PARTNERS).deny(SERVER)
        await until(lambda: end.counts.closed["the partner is refused, or pinned otherwise"])
        end.note(own("S-1"))
        await until(lambda: end.counts.turned_away["the partner is refused, or pinned otherwise"])
    assert server.came == []


async def test_a_message_that_is_too_long_is_counted_and_a_length_that_is_none_ends_it(
    tmp_path: Path,
) -> None:
    async with linked(tmp_path) as (end, server):
        server.say_bytes(fig.framed(b"x" * 10_001) + fig.framed(b"next"))
        await until(lambda: end.came == [b"next"])
        assert end.counts.refused == {"longer than may come": 1}
        server.say_bytes(b"\xff\xff\xff\xff\x00")
        await until(lambda: end.counts.closed["frame too large"])
        assert end.counts.received_bytes == 4


async def test_another_certificate_and_what_is_no_tls_are_turned_away(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    server = TakServer(tmp_path / "tak", place.directory)
    async with server.listening() as at:
        partner = server.partner(SERVER, dial=at, fingerprint="ab" * 32)
        federate(place.directory, partner)
        async with running(End(place, partner)) as end:
            why = "another certificate than the one that is pinned"
            await until(lambda: end.counts.turned_away[why])
            assert end.link.ended
    plain = await asyncio.start_server(lambda _, w: w.close(), "127.0.0.1", 0)
    async with plain:
        at = "{}:{}".format(*plain.sockets[0].getsockname())
        partner = server.partner(SERVER, dial=at)
        federate(place.directory, partner)
        async with running(End(place, partner)) as end:
            await until(lambda: sum(end.counts.turned_away.values()))
    assert server.came == []


async def test_version_2_goes_over_grpc_and_not_to_a_server_of_version_1(tmp_path: Path) -> None:
    async with linked(tmp_path / "one", version=TakVersion.V1) as (end, server):
        partner = replace(end.link.partner, version=TakVersion.V2)
    async with server.listening() as at:
        partner = replace(partner, dial=at)
        federate(end.place.directory, partner)
        async with running(End(end.place, partner)) as end:
            why = "it does not speak HTTP/2, as version 2 does"
            await until(lambda: end.counts.turned_away[why])
    place = a_place(tmp_path / "two")
    grpc = GrpcServer(tmp_path / "two" / "tak", place.directory)
    async with grpc.listening() as at:
        partner = grpc.partner(SERVER, dial=at)
        federate(place.directory, partner)
        async with running(End(place, partner)) as end:
            await until(lambda: end.link.is_up)
            end.note(own("S-1"))
            await grpc.hears_of("S-1")
            grpc.say(fig.Federated(event=fig.Geo("THEIRS")))
            await until(lambda: end.came)
            # Without a word, by signs of life alone, it is heard again and again.
            heard = end.link.last_heard
            await until(lambda: end.link.last_heard != heard)
            grpc.serves = False
            await until(lambda: end.counts.closed["frame unsupported"])


async def test_a_node_without_its_certificate_makes_no_tls(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    server = TakServer(tmp_path / "tak", place.directory)
    porter = TakPorter(tmp_path, server.partner(SERVER, dial="127.0.0.1:1"), 1.0)
    near, far = socket.socketpair()
    with far, pytest.raises(TurnedAway, match=r"cannot read .*node\.pem"):
        await porter.greet(near, 1, talk.Role.DIALLED, "x")


async def test_the_system_is_asked_to_notice_a_machine_that_has_gone(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    server = TakServer(tmp_path / "tak", place.directory)
    async with server.listening() as at:
        host, _, port = at.rpartition(":")
        sock = socket.create_connection((host, int(port)))
        sock.setblocking(False)
        porter = TakPorter(place.directory, server.partner(SERVER, dial=at), 10.0)
        line = await porter.greet(sock, 1, talk.Role.DIALLED, at)
        assert line.writer.get_extra_info("socket").getsockopt(
            socket.SOL_SOCKET, socket.SO_KEEPALIVE
        )
        line.writer.transport.abort()


async def test_a_newer_call_takes_the_place_of_an_older_and_an_address_in_use_is_told(
    tmp_path: Path,
) -> None:
    place = a_place(tmp_path)
    server = TakServer(tmp_path / "tak", place.directory)
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    at = f"127.0.0.1:{taken.getsockname()[1]}"
    partner = server.partner(SERVER, listen=at)
    federate(place.directory, partner)
    async with running(End(place, partner)) as end:
        await until(lambda: "cannot be listened at" in end.link.trouble)
        taken.close()
        await until(lambda: not end.link.trouble)
        first = await server.call(at)
        await until(lambda: end.link.is_up)
        second = await server.call(at)
        await until(lambda: end.counts.closed["another connection took its place"])
        end.note(own("S-1"))
        await server.hears_of("S-1")
        server.cut()
        await asyncio.gather(first, second)
        await until(lambda: not end.link.is_up)


async def test_checkpoints_are_signed_though_nobody_cosigns_them(tmp_path: Path) -> None:
    async with linked(tmp_path) as (end, server):
        end.note(own("S-1"))
        await server.hears_of("S-1")
        await until(lambda: end.link.guard.standing.signed == end.link.guard.standing.lines == 1)
        assert end.link.guard.standing.cosigned == 0
    assert not any(isinstance(line, Seen) for line in end.ledger())


async def test_what_is_withheld_is_entered_counted(tmp_path: Path) -> None:
    async with linked(tmp_path) as (end, _):
        end.link.withheld.count((TERMS.id, 1), "1", "FORBIDDEN", "a-f-S", CLOCK.now())
        await until(lambda: end.link.guard.standing.lines == 1)
    (line,) = end.ledger()
    assert [(count.clause, count.count) for count in line.counts] == [("1", 1)]


async def test_a_guard_of_nobody_says_so_and_ends(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    server = TakServer(tmp_path / "tak", place.directory)
    partner = server.partner(SERVER, listen="127.0.0.1:0")
    federate(place.directory, partner)
    TakPartners(place.directory / PARTNERS).deny(SERVER)
    async with running(End(place, partner)) as end:
        await until(lambda: "is refused" in end.link.guard.standing.trouble)


@pytest.mark.parametrize(
    "message", [talk.Stop(), talk.Standing(0, 0, 0, ""), talk.TakCame(1, b"x")]
)
async def test_a_guard_takes_nothing_before_it_knows_whose_it_is(
    message: talk.Message,
) -> None:
    near, far = socket.socketpair()
    with near, socket.socket() as hand:
        running_guard = asyncio.ensure_future(life.guard(far, hand, guard.begun))  # noqa: TID251  ended below
        near.sendall(ipc.encode(message))
        await running_guard
        near.settimeout(10)
        assert near.recv(1) == b""  # it has gone, and said nothing


async def test_a_node_that_says_what_it_does_not_ends_its_guard(tmp_path: Path) -> None:
    near, far = socket.socketpair()
    hand, theirs = socket.socketpair()
    running_guard = asyncio.ensure_future(life.guard(far, theirs, guard.begun))  # noqa: TID251  ended below
    near.close()
    await running_guard
    assert far.fileno() == -1
    for each in (hand, theirs):
        with contextlib.suppress(OSError):
            each.close()
