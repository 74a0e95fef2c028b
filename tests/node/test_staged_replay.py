"""A replay that is begun by the HTTP interface of a running node, and who hears it where."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.node_live import add_client
from support.node_process import ClientFiles, NodeProcess, running_node
from support.stream_client import watching
from support.tak_client import Event, connected, event, is_refused, position

REPLAY = "/api/v1/replay"
GROUPS = "/Marti/api/groups/active"
KEPT_WITHIN = 0.5
"""Seconds after which what was received is in the journal."""

CALLS = '<emergency type="911 Alert">KIWI</emergency>'
CANCELS = '<emergency cancel="true">KIWI</emergency>'


@pytest.fixture
def staged(tmp_path: Path) -> Iterator[NodeProcess]:
    """A node to which TAK clients come for a replay as well."""
    with running_node(tmp_path / "node", replay="127.0.0.1:0") as process:
        yield process


@asynccontextmanager
async def asking(node: NodeProcess, client: ClientFiles) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody with a certificate at a page of the node."""
    base = f"https://{node.target('api')}"
    async with httpx.AsyncClient(
        verify=client.tls(), base_url=base, timeout=60,
        headers={"origin": base, "content-type": "application/json"},
    ) as http:  # fmt: skip
        yield http


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  who asks has a clock of his own


async def begin(http: httpx.AsyncClient, since: datetime, **more: Any) -> dict[str, Any]:
    said = {"from": since.isoformat(), "to": now().isoformat(), "speed": 600, **more}
    answer = await http.post(REPLAY, json=said)
    assert answer.status_code == 201, answer.text
    replay: dict[str, Any] = answer.json()["replay"]
    return replay


async def at_its_end(http: httpx.AsyncClient) -> None:
    """Ask until all of it was played."""
    async with asyncio.timeout(30):
        while (await http.get(REPLAY)).json()["replay"]["playing"]:  # noqa: ASYNC110  as a page asks
            await asyncio.sleep(0.1)


def goes(uid: str) -> Any:
    """Tell of an event that takes something from the map."""

    def is_that(each: Event) -> bool:
        link = each.find("detail/link")
        return each.get("type") == "t-x-d-d" and link is not None and link.get("uid") == uid

    return is_that


async def test_a_replay_is_heard_by_its_groups_apart_from_what_is_live(staged: NodeProcess) -> None:
    kiwi, red = add_client(staged, "kiwi-1"), add_client(staged, "red", group="Red")
    door, live = staged.address("replay"), staged.address("cot-tls")
    assert await is_refused(door, kiwi.tls())
    before = now() - timedelta(seconds=60)
    async with connected(live, kiwi.tls()) as phone, asking(staged, kiwi) as http:
        phone.say(position("KIWI", "KIWI 1"), event("SHIP", "a-f-S-X-M"))
        await phone.is_taken_in()
        await asyncio.sleep(KEPT_WITHIN)
        begun = await begin(http, before)
        assert (begun["by"], begun["context"], begun["speed"]) == ("kiwi-1", "live", 600)
        assert (await http.post(REPLAY, json={"from": before.isoformat(), "to": now().isoformat()})
                ).status_code == 409  # fmt: skip
        await at_its_end(http)
        async with connected(door, kiwi.tls()) as watch, connected(door, red.tls()) as other:
            shown = await watch.hears("REPLAY-SHIP")
            assert shown.get("opex", "").startswith("s-REPLAY ")
            mark = shown.find("detail/__replay")
            assert mark is not None
            assert (mark.get("id"), mark.get("uid")) == (begun["name"], "SHIP")
            watch.say(event("SAID-THERE"), event("CALL", "b-a-o-tbl", CALLS))
            await watch.is_taken_in()
            await other.is_taken_in()
            assert other.uids == []
            assert (await http.get(REPLAY)).json()["replay"]["clients"] == 2
            # A live call for help breaks through as it is, to whoever hears it.
            phone.say(event("HELP", "b-a-o-tbl", CALLS))
            called = await watch.hears("HELP")
            assert (called.get("opex"), called.find("detail/__replay")) == (None, None)
            async with connected(door, kiwi.tls()) as late:
                await late.hears("HELP")
            # Another moment: what was not there yet goes, and comes again.
            moved = await http.patch(REPLAY, json={"at": before.isoformat(), "playing": False})
            assert moved.json()["replay"]["playing"] is False
            await watch.hears(goes("REPLAY-SHIP"))
            watch.heard.clear()
            await http.patch(REPLAY, json={"playing": True})
            await watch.hears("REPLAY-SHIP")
            assert (await http.delete(REPLAY)).status_code == 204
            await watch.is_cut_off()
            await other.is_cut_off()
            assert other.uids == []
        await phone.is_taken_in()
        assert not any("REPLAY" in uid or uid in ("SAID-THERE", "CALL") for uid in phone.uids)
        tracks = (await http.get("/api/v1/tracks")).json()["tracks"]
        assert {each["uid"] for each in tracks} == {"KIWI", "SHIP", "HELP"}
        alerts = (await http.get("/api/v1/alerts")).json()["alerts"]
        assert not any("REPLAY" in each["text"] for each in alerts)


async def test_a_call_for_help_of_the_past_is_no_alarm_of_now(staged: NodeProcess) -> None:
    kiwi = add_client(staged, "kiwi-1")
    before = now() - timedelta(seconds=5)
    async with (
        connected(staged.address("cot-tls"), kiwi.tls()) as phone,
        asking(staged, kiwi) as http,
    ):
        phone.say(position("KIWI", "KIWI 1"), event("HELP", "b-a-o-tbl", CALLS))
        await phone.is_taken_in()
        await asyncio.sleep(1.1)
        middle = now()
        phone.say(event("HELP", "b-a-o-can", CANCELS))
        await phone.is_taken_in()
        await asyncio.sleep(KEPT_WITHIN)
        alerts = (await http.get("/api/v1/alerts")).json()["alerts"]
        await begin(http, before, speed=1)
        await http.patch(REPLAY, json={"at": middle.isoformat(), "playing": False})
        async with connected(staged.address("replay"), kiwi.tls()) as watch:
            shown = await watch.hears("REPLAY-HELP")
            assert shown.get("opex", "").startswith("s-REPLAY ")
        assert [each["number"] for each in (await http.get("/api/v1/alerts")).json()["alerts"]] == [
            each["number"] for each in alerts
        ]
        live = (await http.get("/api/v1/tracks", params={"context": "live"})).json()["tracks"]
        assert "HELP" not in {each["uid"] for each in live}


async def test_a_page_watches_it_as_its_groups_would_have_and_hears_that_it_is_over(
    staged: NodeProcess,
) -> None:
    kiwi, red = add_client(staged, "kiwi-1"), add_client(staged, "red", group="Red")
    screen = add_client(staged, "screen", "--role", "read-only")
    api, before = staged.address("api"), now() - timedelta(seconds=60)
    async with (
        connected(staged.address("cot-tls"), kiwi.tls()) as phone,
        asking(staged, kiwi) as http,
    ):
        phone.say(event("SHIP", "a-f-S-X-M"))
        await phone.is_taken_in()
        await asyncio.sleep(KEPT_WITHIN)
        begun = await begin(http, before)
        await at_its_end(http)
        context = f"replay:{begun['name']}"
        async with (
            watching(api, screen.tls(), context=context) as page,
            watching(api, red.tls(), context=context) as other,
        ):
            await page.shows("SHIP")
            await other.shows()
            async with asking(staged, screen) as looking:
                for refused in (await looking.patch(REPLAY, json={"speed": 1}),
                                await looking.post(REPLAY, json={})):  # fmt: skip
                    assert refused.status_code == 403
            await http.patch(REPLAY, json={"at": before.isoformat(), "playing": False})
            await page.shows()
            await http.delete(REPLAY)
            while page.page.take(await page.socket.recv()) != "refused":
                pass


async def test_a_channel_that_a_client_has_off_is_silent_in_the_replay_as_it_is_live(
    staged: NodeProcess,
) -> None:
    both = add_client(staged, "both", "--group", "Red")
    red = add_client(staged, "red", group="Red")
    before = now() - timedelta(seconds=60)
    live, door = staged.address("cot-tls"), staged.address("replay")
    off = [{"name": "Red", "direction": "OUT", "active": False}]
    on = [{**off[0], "active": True}]
    async with (
        connected(live, both.tls()) as phone,
        connected(live, red.tls()) as other,
        asking(staged, both) as http,
    ):
        phone.say(event("OWN-SHIP"))
        other.say(event("RED-SHIP"))
        await phone.is_taken_in()
        await other.is_taken_in()
        await asyncio.sleep(KEPT_WITHIN)
        assert (await http.put(GROUPS, json=off)).status_code == 200
        await begin(http, before)
        await at_its_end(http)
        async with connected(door, both.tls()) as watch:
            await watch.hears("REPLAY-OWN-SHIP")
            assert "REPLAY-RED-SHIP" not in watch.uids
            other.say(event("RED-HELP", "b-a-o-tbl", CALLS))
            await other.is_taken_in()
            await (await watch.is_taken_in()).is_taken_in()
            await phone.is_taken_in()
            assert not {"RED-HELP", "REPLAY-RED-SHIP"} & {*watch.uids, *phone.uids}
            assert (await http.put(GROUPS, json=on)).status_code == 200
            await watch.hears(lambda each: each.get("type") == "t-x-g-c")
            await watch.hears("REPLAY-RED-SHIP")
            await watch.hears("RED-HELP")
            # Another moment, and off again: nothing more of it, and nobody is cut off.
            assert (await http.put(GROUPS, json=off)).status_code == 200
            await watch.is_taken_in()
            watch.heard.clear()
            await http.patch(REPLAY, json={"at": now().isoformat(), "playing": False})
            await watch.hears("REPLAY-OWN-SHIP")
            await watch.is_taken_in()
            assert "REPLAY-RED-SHIP" not in watch.uids


async def test_an_exercise_is_replayed_to_who_takes_part_in_it(staged: NodeProcess) -> None:
    kiwi = add_client(staged, "kiwi-1")
    player = add_client(staged, "player", "--exercise", "TASMAN")
    before = now() - timedelta(seconds=60)
    async with connected(staged.address("cot-tls"), player.tls()) as phone:
        phone.say(event("INJECT", more='opex="e-TASMAN"'), event("REAL"))
        await phone.is_taken_in()
        await asyncio.sleep(KEPT_WITHIN)
    async with asking(staged, player) as http, asking(staged, kiwi) as outside:
        await begin(http, before, context="exercise:TASMAN")
        await at_its_end(http)
        assert (await outside.get(REPLAY)).json()["replay"] is None
        assert (await outside.delete(REPLAY)).status_code == 404
        assert await is_refused(staged.address("replay"), kiwi.tls())
        async with connected(staged.address("replay"), player.tls()) as watch:
            await watch.hears("REPLAY-INJECT")
            assert watch.uids == ["REPLAY-INJECT"]
