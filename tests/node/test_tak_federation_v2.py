"""A node that federates with a scripted TAK server by version 2, both ways, over real gRPC."""

import asyncio
from pathlib import Path

import grpc
import pytest

from accord.release.ledger.entry import Release
from support import fig
from support.grpc_server import SERVICE, GrpcServer
from support.in_process import running
from support.one_sided import OWN, SERVER
from support.tak_client import connected
from support.tak_federation import Federation, a_place, free_port, of_now, ship
from support.tak_server import federate


async def test_a_called_server_is_subscribed_to_told_and_heard(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    server = GrpcServer(tmp_path / "tak", place)
    both = Federation(place, server)
    async with server.listening() as at:
        federate(place, server.partner(SERVER, dial=at))
        async with running(place) as both.node, connected(both.node.addresses["cot-tcp"]) as giver:
            await both.until(lambda partner: partner["state"] == "up")
            giver.say(ship("OWN", access="UNCLASSIFIED", releasableTo="USA"))
            giver.say(ship("FRIGATE"))
            message = await server.hears(lambda each: fig.uid_of(each) == "FRIGATE")
            server.say(fig.Federated(event=of_now("THEIRS"), provenance=(("s-1", "hub"),)))
            await giver.hears("THEIRS")
            async with asyncio.timeout(60):
                while not server.health:  # noqa: ASYNC110  no event for it
                    await asyncio.sleep(0.05)
            partner = await both.until(lambda each: each["reports"] == 1)
    assert set(server.asked) == {
        "ServerFederateGroupsStream", "ClientFederateGroupsStream", "ClientEventStream",
        "ServerEventStream",
    }  # fmt: skip
    assert server.subscription[1] == [OWN.encode()]
    provenance, hops = fig.fields(message)[4], fig.fields(message)[5]
    assert [fig.fields(each) for each in provenance] == [{1: [OWN.encode()], 2: [OWN.encode()]}]
    assert fig.fields(hops[0]) == {1: [2], 2: [1]}
    assert server.uids == ["FRIGATE"]
    assert partner["state"] == "up"
    assert {line.name for line in both.ledger() if isinstance(line, Release)} == {"FRIGATE"}


async def test_a_server_that_does_not_serve_is_left_and_called_again_with_the_newest_picture(
    tmp_path: Path,
) -> None:
    place = a_place(tmp_path)
    server = GrpcServer(tmp_path / "tak", place)
    both = Federation(place, server)
    async with server.listening() as at:
        federate(place, server.partner(SERVER, dial=at))
        async with running(place) as both.node, connected(both.node.addresses["cot-tcp"]) as giver:
            giver.say(ship("FRIGATE"))
            await server.hears_of("FRIGATE")
            server.came.clear()
            server.serves = False
            partner = await both.until(lambda each: each["state"] == "down")
            server.serves = True
            await server.hears_of("FRIGATE")
    assert server.connections >= 2
    assert "unsupported" in partner["ended"]


async def test_a_server_that_calls_is_told_and_heard_and_asks_what_it_may(tmp_path: Path) -> None:
    place, at = a_place(tmp_path), free_port()
    server = GrpcServer(tmp_path / "tak", place)
    both = Federation(place, server)
    federate(place, server.partner(SERVER, listen=at))
    async with running(place) as both.node, connected(both.node.addresses["cot-tcp"]) as giver:
        await asyncio.sleep(0)
        async with server.calling(at, OWN.lower()):
            await both.until(lambda partner: partner["state"] == "up")
            giver.say(ship("FRIGATE"))
            await server.hears_of("FRIGATE")
            server.say(fig.Federated(event=of_now("THEIRS")))
            await giver.hears("THEIRS")
            one = server.channel.unary_unary(f"/{SERVICE}/SendOneEvent")
            assert await one(fig.Federated(event=of_now("ONE")).encode()) == b""
            await giver.hears("ONE")
            identity = await server.channel.unary_unary(f"/{SERVICE}/getIdentity")(b"")
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await server.channel.unary_unary(f"/{SERVICE}/SendOneBlob")(b"")
        partner = await both.until(lambda each: each["state"] == "down")
    assert fig.fields(identity)[1] == [OWN.encode()]
    assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert partner["reports"] == 2


async def test_a_burst_larger_than_its_window_arrives_whole(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    server = GrpcServer(tmp_path / "tak", place)
    both = Federation(place, server)
    async with server.listening() as at:
        federate(place, server.partner(SERVER, dial=at))
        async with running(place) as both.node, connected(both.node.addresses["cot-tcp"]) as giver:
            await both.until(lambda partner: partner["state"] == "up")
            remarks = f"<remarks>{'x' * 2_000}</remarks>"
            for number in range(150):
                giver.say(ship(f"S-{number}", detail=remarks))
            await server.hears_so_many(150)
            await both.until(lambda each: sum(each["waiting"].values()) == 0)
    assert len(set(server.uids)) == 150
    assert sum(map(len, server.came)) > 3 * 65_535
