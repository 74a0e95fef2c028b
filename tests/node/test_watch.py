"""What people on watch do on the page, with TAK clients at the other end, on a node that runs."""

import asyncio
import json
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from support.node_live import Shared, add_client, on_air
from support.node_process import NodeProcess
from support.tak_client import chat, connected, event, position

HEARD_WITHIN = 60.0
KEPT_WITHIN = 0.25
"""Seconds after which what was received outlives the node."""

CALL = '<link uid="{0}" relation="p-p" type="a-f-G-U-C"/><contact callsign="{0}-Alert"/>'
EMERGENCY = CALL + '<emergency type="911 Alert">{0}</emergency>'
ENDED = CALL + '<emergency cancel="true">{0}</emergency>'
AREA = [[[174.0, -41.0], [175.0, -41.0], [175.0, -42.0], [174.0, -41.0]]]


class Screen:
    """A page of a client certificate: asks, and hears the news."""

    def __init__(self, asking: httpx.AsyncClient, stream: ClientConnection) -> None:
        self.asking = asking
        self._stream = stream

    async def hears(self, kind: str, is_so: Callable[[Any], bool]) -> Any:
        """Listen until news of that kind says so."""
        async with asyncio.timeout(HEARD_WITHIN):
            while True:
                said = await self._stream.recv()
                news = json.loads(said) if isinstance(said, str) else {"t": "columns"}
                what = news.get({"log": "entry", "chat": "message"}.get(kind, kind))
                if news["t"] == kind and is_so(what):
                    return what

    async def get(self, path: str) -> Any:
        answer = await self.asking.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, **said: Any) -> httpx.Response:
        answer = await self.asking.post(path, json=said)
        assert answer.is_success, answer.text
        return answer


@asynccontextmanager
async def on_watch(node: NodeProcess, tls: ssl.SSLContext) -> AsyncGenerator[Screen]:
    base = f"https://{node.target('api')}"
    stream = connect(
        f"wss://{node.target('api')}/api/v1/stream",
        ssl=tls,
        subprotocols=[Subprotocol("accord.stream.v1")],
    )
    headers = {"origin": base}
    async with (
        httpx.AsyncClient(verify=tls, base_url=base, headers=headers, timeout=60) as asking,
        stream as opened,
    ):
        assert json.loads(await opened.recv())["t"] == "hello"
        yield Screen(asking, opened)


async def test_a_call_for_help_is_an_alarm_that_one_acknowledges_until_it_is_cancelled(
    shared: Shared,
) -> None:
    async with (
        on_air(shared, "kiwi-1") as (kiwi,),
        on_watch(shared.node, shared.clients["screen"].tls()) as looks,
        on_watch(shared.node, shared.clients["kiwi-2"].tls()) as screen,
        on_watch(shared.node, shared.clients["red"].tls()) as other,
    ):
        kiwi.say(position("W-1", "W-1"), event("W-1-9-1-1", "b-a-o-tbl", EMERGENCY.format("W-1")))
        alarm = await screen.hears("alert", lambda alert: "W-1" in alert["text"])
        assert (alarm["priority"], alarm["state"]) == ("alarm", "unacknowledged")
        number = alarm["number"]
        await screen.post(f"/api/v1/alerts/{number}/acknowledge")
        await looks.hears("alert", lambda alert: alert["state"] == "acknowledged")
        kiwi.say(event("W-1-9-1-1", "b-a-o-can", ENDED.format("W-1")))
        over = await screen.hears("alert", lambda alert: alert["state"] == "ended")
        assert (over["number"], over["acknowledged_by"]) == (number, "kiwi-2")
        assert number not in [
            each["number"] for each in (await other.get("/api/v1/alerts"))["alerts"]
        ]
        sheet = await screen.get("/api/v1/hand-over")
        acts = [each["act"] for each in sheet["entries"] if each["alert"] == number]
        assert acts == ["rectified", "acknowledged", "raised"]


async def test_alerts_and_notes_are_there_after_a_power_cut(node: NodeProcess) -> None:
    kiwi = add_client(node, "kiwi-1").tls()
    async with (
        connected(node.address("cot-tls"), kiwi) as phone,
        on_watch(node, kiwi) as screen,
    ):
        phone.say(event("W-2-9-1-1", "b-a-o-tbl", EMERGENCY.format("W-2")))
        alarm = await screen.hears("alert", lambda alert: "W-2" in alert["text"])
        await screen.post(f"/api/v1/alerts/{alarm['number']}/take")
        await screen.post("/api/v1/log", text="fog at the harbour", uids=["W-2-9-1-1"])
        await asyncio.sleep(KEPT_WITHIN)
    await asyncio.to_thread(node.kill)
    await asyncio.to_thread(node.start)
    async with on_watch(node, kiwi) as screen:
        (again,) = (await screen.get("/api/v1/alerts"))["alerts"]
        assert (again["number"], again["owner"]) == (alarm["number"], "kiwi-1")
        entries = (await screen.get("/api/v1/log?uid=W-2-9-1-1"))["entries"]
        assert [each["act"] for each in entries] == ["noted", "taken", "raised"]


async def test_words_go_from_the_page_to_a_phone_and_back(shared: Shared) -> None:
    async with (
        on_air(shared, "kiwi-1") as (kiwi,),
        on_watch(shared.node, shared.clients["kiwi-2"].tls()) as screen,
        on_watch(shared.node, shared.clients["red"].tls()) as other,
    ):
        kiwi.say(position("W-3", "W-3"))
        await kiwi.is_taken_in()
        said = await screen.post("/api/v1/chat", text="kia ora <koutou>")
        heard = await kiwi.hears(said.json()["message"]["uid"])
        assert heard.findtext("detail/remarks") == "kia ora <koutou>"
        await screen.post("/api/v1/chat", text="to you alone", room="W-3", to="W-3")
        direct = await kiwi.hears(lambda each: each.findtext("detail/remarks") == "to you alone")
        room = direct.find("detail/__chat")
        assert room is not None
        assert (room.get("id"), room.get("chatroom")) == ("W-3", "W-3")
        kiwi.say(chat("back to you", sender="W-3", number="77"))
        came = await screen.hears("chat", lambda message: message["text"] == "back to you")
        assert came["author"] == "W-3"
        people = (await screen.get("/api/v1/people"))["people"]
        assert {("W-3", "cot-tls"), ("kiwi-2", "page")} <= {
            (each["callsign"], each["by"]) for each in people
        }
        texts = [each["text"] for each in (await screen.get("/api/v1/chat"))["messages"]]
        assert texts[-3:] == ["kia ora <koutou>", "to you alone", "back to you"]
        assert (await other.get("/api/v1/chat"))["messages"] == []


async def test_an_area_that_is_drawn_on_the_page_is_on_the_phone_and_goes_again(
    shared: Shared,
) -> None:
    async with (
        on_air(shared, "kiwi-1") as (kiwi,),
        on_watch(shared.node, shared.clients["kiwi-2"].tls()) as screen,
    ):
        geometry = {"type": "Polygon", "coordinates": AREA}
        drawn = await screen.post("/api/v1/drawings", geometry=geometry, name="Box 7")
        uid = drawn.json()["uid"]
        heard = await kiwi.hears(uid)
        assert heard.get("type") == "u-d-f"
        links = [each.get("point") for each in heard.findall("detail/link")]
        assert links == ["-41.0,174.0", "-41.0,175.0", "-42.0,175.0", "-41.0,174.0"]
        gone = await screen.asking.request("DELETE", "/api/v1/drawings", json={"uid": uid})
        assert gone.status_code == 204
        removed = await kiwi.hears(lambda each: each.get("type") == "t-x-d-d")
        link = removed.find("detail/link")
        assert link is not None
        assert link.get("uid") == uid
