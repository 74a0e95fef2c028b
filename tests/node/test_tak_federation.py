"""A node that federates with a scripted TAK server by version 1, both ways, over real TLS."""

import asyncio
from pathlib import Path

from accord.cli.main import main
from accord.release.ledger.entry import Refusals, Release
from support import fig
from support.agreements import NZL, text_of
from support.in_process import ask, make_node, running
from support.linked import agree as agree_with_both
from support.linked import hurry
from support.links import kill
from support.one_sided import OWN, SERVER
from support.tak_client import chat, connected
from support.tak_federation import Federation, a_place, dialled, free_port, guards, of_now, ship
from support.tak_server import TakServer, federate


async def test_what_the_agreement_releases_reaches_a_tak_server_and_nothing_else_does(
    tmp_path: Path,
) -> None:
    async with dialled(tmp_path) as both, connected(both.node.addresses["cot-tcp"]) as giver:
        giver.say(ship("OWN", access="UNCLASSIFIED", releasableTo="USA"))
        giver.say(ship("UNMARKED", access=""))
        giver.say(ship("FRIGATE", detail='<contact callsign="TE KAHA"/>'))
        event = await both.server.hears_of("FRIGATE")
        partner = await both.until(lambda each: each["released"].get("1 exact") == 1)
    assert (event[4], event[5]) == ([-33.0], [178.0])
    assert event[29] == [b"USA, NZL"]
    assert b'callsign="TE KAHA"' in event[12][0]
    assert set(both.server.uids) == {"FRIGATE"}
    assert sum(partner["withheld"].values()) == 2
    assert main(["ledger", "verify", str(both.place), SERVER]) == 0
    lines = both.ledger()
    assert {line.name for line in lines if isinstance(line, Release)} == {"FRIGATE"}
    assert (
        sum(count.count for line in lines if isinstance(line, Refusals) for count in line.counts)
        == 2
    )


async def test_what_a_tak_server_says_is_never_live_unless_its_mark_says_so(tmp_path: Path) -> None:
    async with (
        dialled(tmp_path) as both,
        connected(both.node.addresses["cot-tcp"]) as client,
    ):
        drill = '<detail><__exercise opex="e-TASMAN 26"/></detail>'
        real = '<detail><__exercise opex="o-TASMAN"/></detail>'
        both.server.say(
            fig.Federated(event=of_now("UNSTATED")),
            fig.Federated(event=of_now("DRILL", other=drill)),
            fig.Federated(event=of_now("REAL", other=real)),
        )
        unstated = await client.hears("UNSTATED")
        await client.hears("DRILL")
        await client.hears("REAL")
        said = await ask(both.node, "/api/status")
        partner = await both.until(lambda each: each["reports"] == 3)
    assert unstated.get("opex") == "e-unknown"
    assert said["picture"]["contexts"] == {
        "live": 1, "exercise:unknown": 1, "exercise:TASMAN 26": 1,
    }  # fmt: skip
    assert partner["state"] == "up"


async def test_after_a_restart_what_was_not_live_is_still_not(tmp_path: Path) -> None:
    async with dialled(tmp_path) as both:
        both.server.say(fig.Federated(event=of_now("UNSTATED")))
        await both.until(lambda each: each["reports"] == 1)
        await asyncio.sleep(0.5)  # the journal commits every quarter of a second
        both.node.stop()
        await both.node.ended()
        async with running(both.place) as again:
            said = await ask(again, "/api/status")
    assert said["picture"]["contexts"] == {"exercise:unknown": 1}


async def test_a_loop_too_many_hops_and_tasks_of_servers_are_counted_and_not_taken(
    tmp_path: Path,
) -> None:
    async with dialled(tmp_path, mapping=(("Sea", "Ships"),), groups=()) as both:
        both.server.say(
            fig.Federated(event=of_now("LOOP"), provenance=((OWN, "us"),), groups=("Sea",)),
            fig.Federated(event=of_now("FAR"), hops=(2, 2), groups=("Sea",)),
            fig.Federated(event=of_now("TASK", type="t-x-readiness"), groups=("Sea",)),
            fig.Federated(event=of_now("LAND"), groups=("Land",)),
            fig.Federated(contact=(1, "U-1", "KIWI")),
            fig.Federated(event=of_now("", type="a-f-S"), groups=("Sea",)),
            fig.Federated(event=of_now("LAST"), groups=("Sea",)),
        )
        partner = await both.until(lambda each: each["reports"] == 1)
        tracks = (await ask(both.node, "/api/status"))["picture"]["tracks"]
    assert tracks == 1
    assert partner["refused"] == {
        "it came from here": 1,
        "it came over too many servers": 1,
        "a task of servers to each other": 1,
        "of no group that is mapped to one here": 1,
        "a contact, which its position names anyway": 1,
        "malformed": 1,
    }


async def test_after_a_cut_the_newest_picture_and_the_last_chat_are_said_again(
    tmp_path: Path,
) -> None:
    async with dialled(tmp_path) as both, connected(both.node.addresses["cot-tcp"]) as giver:
        for step in range(3):
            giver.say(ship("FRIGATE", -33.0 - step / 10))
        await giver.is_taken_in()
        await both.until(lambda each: sum(each["waiting"].values()) == 0)
        await both.server.hears_of("FRIGATE")
        both.server.came.clear()
        both.server.cut()
        giver.say(ship("SECOND"))
        await both.server.hears_of("SECOND")
        event = await both.server.hears_of("FRIGATE")
        partner = await both.until(lambda each: each["released"].get("1 exact", 0) >= 2)
    assert event[4] == [-33.2]
    assert both.server.connections == 2
    assert sum(partner["closed"].values()) >= 1


async def test_a_killed_guard_is_begun_again_and_its_ledger_stays_whole(tmp_path: Path) -> None:
    async with dialled(tmp_path) as both, connected(both.node.addresses["cot-tcp"]) as giver:
        giver.say(ship("FRIGATE"))
        await both.server.hears_of("FRIGATE")
        before = both.server.connections
        (guard,) = guards()
        kill(guard)
        async with asyncio.timeout(60):
            while both.server.connections == before:  # noqa: ASYNC110  a process has no event
                await asyncio.sleep(0.05)
        giver.say(ship("SECOND"))
        await both.server.hears_of("SECOND")
    numbers = [line.number for line in both.ledger() if hasattr(line, "number")]
    assert numbers == sorted(numbers)
    names = [line.name for line in both.ledger() if isinstance(line, Release)]
    assert set(names) == {"FRIGATE", "SECOND"}


async def test_a_server_that_calls_is_answered_and_one_with_another_certificate_is_not(
    tmp_path: Path,
) -> None:
    place, at = a_place(tmp_path), free_port()
    server, other = TakServer(tmp_path / "tak", place), TakServer(tmp_path / "other", place)
    other.authority = server.authority
    other.certificate, other._key = server.authority.issue("someone", "a user of theirs")
    federate(place, server.partner(SERVER, listen=at))
    both = Federation(place, server)
    async with running(place) as both.node, connected(both.node.addresses["cot-tcp"]) as giver:
        stranger = await other.call(at)
        await both.until(lambda each: sum(each["refused"].values()) == 1)
        await stranger
        reading = await server.call(at)
        await both.until(lambda each: each["state"] == "up")
        giver.say(ship("FRIGATE"))
        await server.hears_of("FRIGATE")
        partner = await both.until(lambda each: each["released"].get("1 exact") == 1)
        server.cut()
        await reading
    assert partner["refused"] == {"another certificate than the one that is pinned": 1}
    assert other.came == []


async def test_what_came_of_one_tak_server_goes_to_no_other(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    server, other = TakServer(tmp_path / "tak", place), TakServer(tmp_path / "other", place)
    both = Federation(place, server)
    async with server.listening() as at, other.listening() as elsewhere:
        federate(place, server.partner(SERVER, dial=at))
        federate(place, other.partner("USA-TAK", dial=elsewhere))
        async with running(place) as both.node:
            await other.is_connected.wait()
            marks = {"access": "USA UNCLASSIFIED", "releaseable_to": "USA, NZL"}
            real = '<detail><__exercise opex="o-TASMAN"/></detail>'
            other.say(fig.Federated(event=of_now("THEIRS", other=real, **marks)))
            async with asyncio.timeout(90):
                while (await ask(both.node, "/api/status"))["picture"]["tracks"] != 1:  # noqa: ASYNC110  as others ask
                    await asyncio.sleep(0.05)
            async with connected(both.node.addresses["cot-tcp"]) as giver:
                giver.say(ship("OURS"))
                await server.hears_of("OURS")
    assert server.uids == ["OURS"]
    assert other.came == []


async def test_by_a_text_in_which_it_has_a_key_nothing_goes_to_a_tak_server(tmp_path: Path) -> None:
    place = make_node(tmp_path / "usa", node=OWN, nation="USA")
    hurry(place)
    agree_with_both(place, text_of("usa-nzl-maritime"))
    server = TakServer(tmp_path / "tak", place)
    both = Federation(place, server)
    async with server.listening() as at:
        federate(place, server.partner(NZL, dial=at))
        async with running(place) as both.node, connected(both.node.addresses["cot-tcp"]) as giver:
            giver.say(ship("FRIGATE"))
            await giver.is_taken_in()
            partner = await both.until(lambda each: each["state"] == "up" and each["blocked"])
    assert server.came == []
    assert 'its key is "none"' in partner["blocked"][0]


async def test_a_user_and_words_to_one_of_theirs_are_said_as_federation_has_it(
    tmp_path: Path,
) -> None:
    async with dialled(tmp_path) as both, connected(both.node.addresses["cot-tcp"]) as giver:
        giver.say(ship("U-1", detail='<contact callsign="KIWI" endpoint="*:-1:stcp"/>'))
        contact = await both.server.hears(lambda message: 2 in fig.fields(message))
        words = chat("Hello", sender="U-1", to="THEM", to_uid="U-9")
        marks = b'<event access="UNCLASSIFIED" releasableTo="USA, NZL" '
        giver.say(words.replace(b"<event ", marks, 1))
        event = await both.server.hears_of("GeoChat.U-1.U-9.1")
    assert fig.fields(fig.fields(contact)[2][0]) == {1: [1], 2: [b"U-1"], 3: [b"KIWI"]}
    assert (event.get(23), event.get(24)) in (([b"U-9"], None), (None, [b"THEM"]))
    names = [line.name for line in both.ledger() if isinstance(line, Release)]
    assert names.count("U-1") == 2
