"""A replay on sockets of this machine, and a TAK client that hears it."""

import asyncio
import ssl
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from accord.cli.main import main
from accord.config import Endpoint, load
from accord.core.clock import SystemClock
from accord.core.context import Context
from accord.core.errors import AccordError, UsageError
from accord.core.principal import Direction, Group
from accord.node import replaying
from accord.node.history_process import HISTORY
from accord.node.replaying import ReplayAsked, ReplayDone, play
from accord.observe.log import Log
from accord.storage.channels import Channels
from accord.storage.people import PEOPLE, People
from accord.storage.sqlite import SqliteDatabase
from accord.storage.tak_file import TAK, TakFile
from accord.tak import replay_room
from support.in_process import make_node
from support.moving import Kept, a_row
from support.node_process import ClientFiles, unpack
from support.past import ends, keep
from support.released import RECEIVER, GivingNode, after, heard
from support.tak_client import Event, TakClient, connected, position

PLAIN = Endpoint("127.0.0.1", 0)


@pytest.fixture(autouse=True)
def _soon_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaying, "STEP", 0.02)
    monkeypatch.setattr(replaying, "LINGER", 0.2)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "accord.toml").write_text(
        '[node]\nid = "NZL-A"\nnation = "NZL"\n[plaintext]\ngroups = ["Blue"]\n'
        "every_exercise = false\n"
    )
    People(tmp_path / PEOPLE).create()
    return tmp_path


async def heard_of(
    directory: Path,
    asked: ReplayAsked,
    say: Callable[[TakClient], None] = lambda _: None,
    *wanted: Callable[[Event], bool],
    tls: ssl.SSLContext | None = None,
) -> tuple[ReplayDone, TakClient]:
    """Play it to a client, without a certificate unless `tls` has one; he hears what is wanted."""
    clock, where = SystemClock(), asyncio.get_running_loop().create_future()
    async with asyncio.TaskGroup() as tasks:
        playing = tasks.create_task(
            play(directory, load(directory), asked, clock=clock, log=Log(clock),
                 ready=where.set_result)
        )  # fmt: skip
        port = int((await where).rpartition(":")[2])
        async with connected(("127.0.0.1", port), tls) as client:
            say(client)
            for each in wanted:
                await client.hears(each)
            done = await playing
            return done, client


def nothing(_: TakClient) -> None:
    """Say nothing."""


def lat_of(event: Event) -> str:
    point = event.find("point")
    assert point is not None
    return point.get("lat", "")


def at(lat: str) -> Callable[[Event], bool]:
    return lambda each: lat_of(each) == lat


def asked(begin: float, end: float, **more) -> ReplayAsked:
    given = {"context": Context.parse("live"), "speed": 600.0, "cot_tcp": PLAIN, **more}
    return ReplayAsked(since=after(begin), until=after(end), **given)


async def test_a_client_is_shown_the_past_marked_as_that(directory: Path) -> None:
    keep(directory, [heard("S1", 0, at=(-17, 178)), heard("S1", 30, at=(-18, 178)),
                     heard("S2", 31), ends("S2", 50)])  # fmt: skip
    done, client = await heard_of(
        directory, asked(10, 60), nothing, at("-18.0"), lambda each: each.get("type") == "t-x-d-d"
    )
    told = [(each.get("uid"), lat_of(each)) for each in client.heard]
    assert told[0] == ("REPLAY-S1", "-17.0")
    assert ("REPLAY-S1", "-18.0") in told
    assert all(each.get("opex", "").startswith("s-REPLAY ") for each in client.heard)
    assert (done.told, done.whole, done.unwritten) == (4, True, 0)


def a_client(directory: Path) -> ClientFiles:
    """Make a node with a client of the group Blue."""
    make_node(directory)
    add = ["client", "add", str(directory), "kiwi", "--group", "Blue"]
    assert main(add) == 0
    return unpack(directory / "clients" / "kiwi.zip")


async def test_a_client_with_a_certificate_hears_all_of_it(tmp_path: Path) -> None:
    node = tmp_path / "nzl"
    kiwi = a_client(node)
    # A replay that takes many looks at who is still admitted.
    keep(node, [heard("S1", 0, at=(-17, 178)), heard("S1", 150, at=(-18, 178)), ends("S1", 300)])
    _, client = await heard_of(
        node, asked(10, 310, cot_tcp=None, cot_tls=PLAIN), nothing, at("-18.0"),
        lambda each: each.get("type") == "t-x-d-d", tls=kiwi.tls(),
    )  # fmt: skip
    assert [lat_of(each) for each in client.heard][:2] == ["-17.0", "-18.0"]


async def test_a_client_whose_groups_change_is_cut_off(tmp_path: Path) -> None:
    node = tmp_path / "nzl"
    kiwi = a_client(node)
    keep(node, [heard("S1", 0, at=(-17, 178)), heard("S1", 3000, at=(-18, 178))])
    changed: list[int] = []
    change = ["client", "set", str(node), "kiwi", "--group", "Red"]
    _, client = await heard_of(
        node, asked(10, 3100, cot_tcp=None, cot_tls=PLAIN, speed=2000.0),
        lambda _: changed.append(main(change)), tls=kiwi.tls(),
    )  # fmt: skip
    assert "-18.0" not in [lat_of(each) for each in client.heard]


def switched(node: Path, off: Mapping[Group, Direction]) -> None:
    """Let kiwi's only certificate switch channels, as the node keeps it."""
    credentials = People(node / PEOPLE).credentials()
    known = next(each for each in credentials if each.principal.name == "kiwi")
    file = TakFile(node / TAK)
    file.prepare()
    Channels(file).switch(known.principal, off, after(0))


async def test_a_channel_that_a_client_has_switched_off_is_not_heard(tmp_path: Path) -> None:
    node = tmp_path / "nzl"
    kiwi = a_client(node)
    assert main(["client", "set", str(node), "kiwi", "--group", "Blue", "--group", "Red"]) == 0
    in_red = frozenset({"Red"})
    keep(node, [heard("S1", 0, at=(-17, 178)), heard("S1", 150, at=(-18, 178)),
                replace(heard("S2", 0), groups=in_red), replace(heard("S2", 150), groups=in_red),
                ends("S1", 300)])  # fmt: skip
    switched(node, {"Red": Direction.OUT})
    over_tls = {"cot_tcp": None, "cot_tls": PLAIN}
    gone = lambda each: each.get("type") == "t-x-d-d"  # noqa: E731
    _, client = await heard_of(node, asked(10, 310, **over_tls), nothing, gone, tls=kiwi.tls())
    assert "REPLAY-S1" in client.uids
    assert "REPLAY-S2" not in client.uids
    # What is switched on at the node meanwhile is heard from then on.
    _, client = await heard_of(
        node, asked(10, 1000, **over_tls), lambda _: switched(node, {}),
        lambda each: each.get("type") == "t-x-g-c", lambda each: each.get("uid") == "REPLAY-S2",
        tls=kiwi.tls(),
    )  # fmt: skip


async def test_channels_that_cannot_be_read_are_an_error_and_no_open_door(tmp_path: Path) -> None:
    node = tmp_path / "nzl"
    a_client(node)
    keep(node, [heard("S1", 0)])
    (node / TAK).write_bytes(b"no database" * 100)
    with pytest.raises(ExceptionGroup) as raised:
        await heard_of(node, asked(10, 20, cot_tcp=None, cot_tls=PLAIN))
    assert raised.group_contains(AccordError, match="what TAK clients keep, .* cannot be read")


async def test_what_is_said_to_a_replay_goes_nowhere(directory: Path) -> None:
    keep(directory, [heard("S1", 0)])
    before = SqliteDatabase(directory / "journal.sqlite", max_bytes=0).reader().last_batch()
    _, client = await heard_of(
        directory, asked(10, 200), lambda each: each.say(position("ME", "KIWI"))
    )
    assert {each.get("uid") for each in client.heard} == {"REPLAY-S1"}
    after_all = SqliteDatabase(directory / "journal.sqlite", max_bytes=0).reader().last_batch()
    assert after_all == before


async def test_nobody_without_a_certificate_hears_an_exercise_that_he_is_not_in(
    directory: Path,
) -> None:
    keep(directory, [heard("S1", 0)])
    drill = asked(10, 20, context=Context.exercise("TASMAN"))
    with pytest.raises(ExceptionGroup) as raised:
        await heard_of(directory, drill)
    assert raised.group_contains(UsageError, match="takes no part in exercise:TASMAN")


async def test_of_a_node_that_never_ran_it_is_said_that_there_is_nothing(directory: Path) -> None:
    with pytest.raises(ExceptionGroup) as raised:
        await heard_of(directory, asked(10, 20))
    assert raised.group_contains(AccordError, match="has kept nothing yet")


async def test_what_the_journal_has_no_more_is_played_from_the_history(directory: Path) -> None:
    kept = Kept(directory / HISTORY)
    kept.take_in(a_row(0, lat=-17.0), a_row(30, lat=-18.0), batch=1000)
    done, client = await heard_of(directory, asked(10, 60), nothing, at("-18.0"))
    assert [lat_of(each) for each in client.heard] == ["-17.0", "-18.0"]
    assert done.told == 2


async def test_a_partners_view_is_what_it_was_given(tmp_path: Path) -> None:
    node = GivingNode.make(tmp_path / "node")
    People(node.directory / PEOPLE).create()
    with (node.directory / "accord.toml").open("a") as file:
        file.write('[plaintext]\ngroups = ["Blue"]\n')
    ship, secret = heard("SHIP-1", 0), heard("SHIP-2", 0)
    node.journal([ship, secret])
    node.release(ship, after(5))
    node.ledger()
    _, client = await heard_of(node.directory, asked(1, 30, partner=RECEIVER), nothing, at("-17.9"))
    assert [each.get("uid") for each in client.heard] == ["REPLAY-SHIP-1"]


async def test_what_cannot_be_written_is_counted(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> bytes:
        raise ValueError("no")

    monkeypatch.setattr(replay_room, "replayed", refuse)
    keep(directory, [heard("S1", 0)])
    done, client = await heard_of(directory, asked(10, 20))
    assert client.heard == []
    assert done.unwritten > 0
