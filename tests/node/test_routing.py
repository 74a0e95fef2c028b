"""Who hears whom, over real TLS. What must not be heard is looked for after what is said last."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from itertools import count

import pytest

from support.node_live import Shared, on_air
from support.tak_client import Event, TakClient, chat, connected, event, position

NUMBERS = count()


@pytest.fixture
def uid() -> str:
    """A uid that no other test on the shared node uses."""
    return f"TEST-{next(NUMBERS)}"


async def test_a_direction_in_speaks_only_and_out_hears_only(shared: Shared, uid: str) -> None:
    async with on_air(shared, "kiwi-1", "sensor", "screen") as (kiwi, sensor, screen):
        screen.say(event(f"{uid}-of-screen"))
        await screen.is_taken_in()
        sensor.say(event(f"{uid}-of-sensor"))
        kiwi.say(event(f"{uid}-of-kiwi"))
        await screen.hears(f"{uid}-of-sensor")
        await screen.hears(f"{uid}-of-kiwi")
        await kiwi.hears(f"{uid}-of-sensor")
        await sensor.is_taken_in()
        assert f"{uid}-of-screen" not in kiwi.uids
        assert not [each for each in sensor.uids if uid in each]


async def test_groups_do_not_hear_each_other(shared: Shared, uid: str) -> None:
    async with on_air(shared, "kiwi-1", "kiwi-2", "red") as (one, two, red):
        red.say(event(f"{uid}-red"))
        await red.is_taken_in()
        one.say(event(f"{uid}-blue"))
        await two.hears(f"{uid}-blue")
        await red.is_taken_in()
        assert f"{uid}-red" not in two.uids
        assert f"{uid}-blue" not in red.uids


async def test_an_exercise_and_what_is_live_do_not_mix(shared: Shared, uid: str) -> None:
    async with on_air(shared, "player", "player", "kiwi-1") as (player, other, kiwi):
        player.say(event(f"{uid}-played", more='opex="e-TASMAN"'))
        await other.hears(f"{uid}-played")
        kiwi.say(event(f"{uid}-forbidden", more='opex="e-TASMAN"'))
        await kiwi.is_taken_in()
        player.say(event(f"{uid}-live"))
        await kiwi.hears(f"{uid}-live")
        await other.hears(f"{uid}-live")
        assert f"{uid}-played" not in kiwi.uids
        assert f"{uid}-forbidden" not in other.uids
    async with on_air(shared, "kiwi-1") as (late,):
        await late.hears(f"{uid}-live")
        assert f"{uid}-played" not in late.uids


async def test_what_is_for_one_reaches_that_one(shared: Shared, uid: str) -> None:
    async with on_air(shared, "kiwi-1", "kiwi-2", "player") as (one, two, three):
        two.say(position(f"{uid}-two", f"{uid}-TWO"))
        three.say(position(f"{uid}-three", f"{uid}-THREE"))
        await two.is_taken_in()
        await three.is_taken_in()
        by_name = f'<marti><dest callsign="{uid}-TWO"/></marti>'
        by_uid = f'<marti><dest uid="{uid}-two"/></marti>'
        one.say(
            event(f"{uid}-by-name", "b-m-p-s-m", by_name),
            event(f"{uid}-by-uid", "b-m-p-s-m", by_uid),
            event(f"{uid}-to-all"),
        )
        await two.hears(f"{uid}-by-name")
        await two.hears(f"{uid}-by-uid")
        await three.hears(f"{uid}-to-all")
        assert f"{uid}-by-name" not in three.uids
        assert f"{uid}-by-uid" not in three.uids


async def test_words_reach_a_room_or_one(shared: Shared, uid: str) -> None:
    one_uid, two_uid = f"{uid}-one", f"{uid}-two"
    async with on_air(shared, "kiwi-1", "kiwi-2", "screen") as (one, two, screen):
        one.say(position(one_uid, f"{uid}-ONE"))
        two.say(position(two_uid, f"{uid}-TWO"))
        await two.is_taken_in()
        await one.is_taken_in()
        direct = chat("to you", sender=one_uid, to=f"{uid}-TWO", to_uid=two_uid, number=uid)
        one.say(direct, chat("to all", sender=one_uid, number=uid))
        heard = await two.hears(f"GeoChat.{one_uid}.{two_uid}.{uid}")
        assert heard.findtext("detail/remarks") == "to you"
        await screen.hears(f"GeoChat.{one_uid}.All Chat Rooms.{uid}")
        assert heard.get("uid") not in screen.uids


async def test_a_late_joiner_gets_the_picture_before_live_traffic(shared: Shared, uid: str) -> None:
    async with on_air(shared, "kiwi-1") as (one,):
        one.say(event(f"{uid}-1"), event(f"{uid}-2"), event(f"{uid}-1"))
        await one.is_taken_in()
        async with on_air(shared, "kiwi-2") as (late,):
            one.say(event(f"{uid}-3"))
            await late.hears(f"{uid}-3")
            mine = [each for each in late.uids if each.startswith(uid)]
            assert sorted(mine[:2]) == [f"{uid}-1", f"{uid}-2"]
            assert mine[2:] == [f"{uid}-3"]


async def test_what_was_removed_is_not_on_a_late_joiners_picture(shared: Shared, uid: str) -> None:
    async with on_air(shared, "kiwi-1", "kiwi-2") as (one, two):
        one.say(event(f"{uid}-1"), event(f"{uid}-2"))
        link = f'<link uid="{uid}-1" relation="none" type="none"/><__forcedelete/>'
        one.say(event(f"{uid}-gone", "t-x-d-d", link))
        await two.hears(f"{uid}-gone")
        async with on_air(shared, "screen") as (late,):
            await late.hears(f"{uid}-2")
            await late.is_taken_in()
            assert f"{uid}-1" not in late.uids


async def test_nobody_speaks_under_the_uid_of_another(shared: Shared, uid: str) -> None:
    async with on_air(shared, "kiwi-1", "kiwi-2", "screen") as (one, two, screen):
        one.say(position(uid, f"{uid}-ONE"))
        await screen.hears(uid)
        two.say(position(uid, f"{uid}-IMPOSTOR"), event(f"{uid}-after"))
        await screen.hears(f"{uid}-after")
        said = [each for each in screen.heard if each.get("uid") == uid]
        contacts = [contact for each in said for contact in each.iterfind("detail/contact")]
        assert {each.get("callsign") for each in contacts} == {f"{uid}-ONE"}


def is_departure_of(uid: str) -> Callable[[Event], bool]:
    """Whether an event says that a client has gone (t-x-d-d with the relation p-p)."""

    def matches(each: Event) -> bool:
        link = each.find("detail/link")
        return each.get("type") == "t-x-d-d" and link is not None and link.get("uid") == uid

    return matches


async def test_words_to_one_who_was_away_reach_him_once(shared: Shared, uid: str) -> None:
    one_uid, two_uid = f"{uid}-one", f"{uid}-two"
    direct = chat("missed", sender=one_uid, to=f"{uid}-TWO", to_uid=two_uid, number=uid)
    to_all = chat("missed by all", sender=one_uid, number=uid)
    missed = {f"GeoChat.{one_uid}.All Chat Rooms.{uid}", f"GeoChat.{one_uid}.{two_uid}.{uid}"}
    async with on_air(shared, "kiwi-1") as (one,):
        async with on_air(shared, "kiwi-2") as (two,):
            two.say(position(two_uid, f"{uid}-TWO"))
            await two.is_taken_in()
        await one.hears(is_departure_of(two_uid))
        one.say(position(one_uid, f"{uid}-ONE"), direct, to_all)
        await one.is_taken_in()
        for expected in (missed, set[str]()):
            async with on_air(shared, "kiwi-2") as (again,):
                again.say(position(two_uid, f"{uid}-TWO"))
                await again.is_taken_in()
                assert {each for each in again.uids if each in missed} == expected
                assert len(again.uids) == len(set(again.uids))
            await one.hears(is_departure_of(two_uid))


async def test_plaintext_from_this_machine_is_in_a_group_of_its_own(
    shared: Shared, uid: str
) -> None:
    async with (
        connected(shared.node.address("cot-tcp")) as plain,
        connected(shared.node.address("cot-tcp")) as other,
        on_air(shared, "kiwi-1") as (kiwi,),
    ):
        plain.say(event(uid))
        await other.hears(uid)
        await kiwi.is_taken_in()
        assert uid not in kiwi.uids


MORE_THAN_BUFFERS_HOLD = 8 << 20
"""Bytes; the system grows the buffer of a socket to 4 MiB, the node gives it 256 KiB more."""


@asynccontextmanager
async def of_little_room(shared: Shared, name: str) -> AsyncGenerator[TakClient]:
    """A client on a connection that takes little more than it is read, as over a bad radio."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.setblocking(False)
    await asyncio.get_running_loop().sock_connect(raw, shared.node.address("cot-tls"))
    reader, writer = await asyncio.open_connection(
        sock=raw, ssl=shared.clients[name].tls(), server_hostname="localhost", limit=4096
    )
    client = TakClient(reader, writer)
    try:
        yield await client.is_taken_in()
    finally:
        client.abort()


async def test_chat_that_waits_on_a_dead_connection_reaches_the_phone_that_is_back(
    shared: Shared, uid: str
) -> None:
    padding = f"<remarks>{'x' * 30_000}</remarks>"
    words = [
        chat("are you there?", sender=uid, to=f"{uid}-TWO", to_uid=f"{uid}-two", number=number)
        for number in "123"
    ]
    async with on_air(shared, "kiwi-1") as (one,), of_little_room(shared, "kiwi-2") as dead:
        dead.say(position(f"{uid}-two", f"{uid}-TWO"), position(f"{uid}-other", f"{uid}-OTHER"))
        await dead.is_taken_in()
        for _ in range(MORE_THAN_BUFFERS_HOLD // len(padding)):
            one.say(event(f"{uid}-ship", detail=padding))
        one.say(*words)
        await one.is_taken_in()
        async with on_air(shared, "kiwi-2") as (back,):
            back.say(position(f"{uid}-two", f"{uid}-TWO"))
            await back.hears(f"GeoChat.{uid}.{uid}-two.3")
            dead.abort()
            await one.hears(f"{uid}-other-gone")
            await back.is_taken_in()
            heard = [each for each in back.uids if each.startswith(f"GeoChat.{uid}.")]
    assert heard == [f"GeoChat.{uid}.{uid}-two.{number}" for number in "123"]
