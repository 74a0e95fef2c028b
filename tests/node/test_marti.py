"""TAK's HTTP interface of a node that runs as a process, over TLS with clients' certificates."""

import asyncio
import random
import ssl
from typing import Any

import httpx
from lxml import etree

from support.field_reports import a_package, entries
from support.node_live import Shared, add_client, on_air
from support.sent_tracks import a_document
from support.tak_client import event, position

ROOT = "/Marti/api/missions"


def phone(shared: Shared, name: str) -> httpx.AsyncClient:
    host, port = shared.node.address("api")
    tls: ssl.SSLContext = shared.clients[name].tls()
    return httpx.AsyncClient(verify=tls, base_url=f"https://{host}:{port}", timeout=60)


async def becomes(asking: httpx.AsyncClient, path: str, wanted: Any) -> None:
    """Wait until what an answer has under `data` is so."""
    async with asyncio.timeout(30):
        while not wanted((await asking.get(path)).json()["data"]):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_a_team_shares_a_package_and_another_group_finds_nothing(shared: Shared) -> None:
    data = bytes(range(256)) * 8192
    async with phone(shared, "kiwi-1") as one, phone(shared, "kiwi-2") as two, phone(
        shared, "red"
    ) as red:  # fmt: skip
        up = await one.post(
            "/Marti/sync/missionupload",
            params={"filename": "kit.zip", "creatorUid": "K1"},
            files={"assetfile": ("kit.zip", data)},
        )
        assert up.status_code == 200
        assert (await two.get(up.text)).content == data
        assert (await red.get(up.text)).status_code == 404
        assert (await red.get("/Marti/sync/search")).json()["resultCount"] == 0


async def test_five_gigabytes_are_refused_before_they_are_sent(shared: Shared) -> None:
    tls = shared.clients["kiwi-1"].tls()
    reader, writer = await asyncio.open_connection(*shared.node.address("api"), ssl=tls)
    head = (
        f"POST /Marti/sync/upload?name=big HTTP/1.1\r\nhost: x\r\ncontent-length: {5 << 30}\r\n\r\n"
    )
    writer.write(head.encode())
    async with asyncio.timeout(30):
        answer = await reader.read()  # to the end: the connection is closed
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"\r\nconnection: close\r\n" in answer.lower()
    writer.close()


async def test_a_channel_that_is_off_is_silent_over_the_stream(shared: Shared) -> None:
    shared.clients["both"] = add_client(shared.node, "both", "--group", "Red")
    async with on_air(shared, "both", "red") as (both, red), phone(shared, "both") as asking:
        both.say(position("BOTH", "BOTH"))
        await (await both.is_taken_in()).is_taken_in()
        off = [{"name": "Red", "direction": "OUT", "active": False}]
        assert (await asking.put("/Marti/api/groups/active", json=off)).status_code == 200
        assert (await both.hears(lambda each: each.get("type") == "t-x-g-c")).get("uid")
        red.say(position("SILENT", "RED"))
        await red.is_taken_in()
        await both.is_taken_in()
        assert "SILENT" not in both.uids
        await asking.put("/Marti/api/groups/active", json=[{**off[0], "active": True}])
        await both.hears("SILENT")  # with the picture
        await becomes(asking, "/Marti/api/clientEndPoints", lambda rows: "SILENT" in str(rows))


async def test_two_work_in_one_mission_over_the_stream_and_by_http(shared: Shared) -> None:
    async with on_air(shared, "kiwi-1", "kiwi-2", "red") as (one, two, red):
        one.say(position("M-1", "KIWI 1"))
        two.say(position("M-2", "KIWI 2"))
        await one.is_taken_in()
        await two.is_taken_in()
        async with phone(shared, "kiwi-1") as first, phone(shared, "kiwi-2") as second:
            made = await first.post(f"{ROOT}/Bay?creatorUid=M-1")
            assert made.status_code == 201
            await two.hears(lambda each: each.get("type") == "t-x-m-n")
            taken = await second.put(f"{ROOT}/Bay/subscription?uid=M-2")
            assert taken.status_code == 201
            dest = '<contact callsign="Buoy"/><marti><dest mission="Bay"/></marti>'
            one.say(event("BUOY", "b-m-p-s-m", dest))
            await two.hears("BUOY")
            notice = await two.hears(lambda each: each.get("type") == "t-x-m-c")
            assert notice.findtext(".//contentUid") == "BUOY"
            await becomes(second, f"{ROOT}/Bay/changes", lambda rows: len(rows) == 2)
            events = etree.fromstring((await second.get(f"{ROOT}/Bay/cot")).content)
            assert [each.get("uid") for each in events] == ["BUOY"]
            assert (await first.delete(f"{ROOT}/Bay")).status_code == 200
            assert (await second.get(f"{ROOT}/Bay")).status_code == 410
        await red.is_taken_in()
        assert not {"BUOY"} & set(red.uids)
        assert not [each for each in red.heard if each.get("type", "").startswith("t-x-m")]


async def test_a_report_is_filed_and_who_asked_for_that_is_told(shared: Shared) -> None:
    async with on_air(shared, "kiwi-2") as (two,), phone(shared, "kiwi-1") as filing:
        two.say(position("R-2", "KIWI 2"))
        await two.is_taken_in()
        async with phone(shared, "kiwi-2") as asking, phone(shared, "red") as red:
            subscription = "/Marti/api/missions/citrap/subscription?uid=R-2"
            assert (await asking.put(subscription)).status_code == 201
            package = a_package(id="TRAP-1")
            made = await filing.post("/Marti/api/citrap?clientUid=R-1", content=package)
            assert (made.status_code, made.json()) == (201, {"id": "TRAP-1"})
            notice = await two.hears(lambda each: each.get("type") == "t-x-m-c")
            assert notice.findtext(".//contentResource/uid") == "TRAP-1"
            assert [e["id"] for e in (await asking.get("/Marti/api/citrap")).json()] == ["TRAP-1"]
            assert (await asking.get(made.headers["location"])).content == package
            assert (await asking.delete("/Marti/api/citrap/TRAP-1")).status_code == 403
            assert (await red.get("/Marti/api/citrap")).json() == []
            assert (await red.get("/Marti/api/citrap/TRAP-1")).status_code == 404
            assert (await filing.delete("/Marti/api/citrap/TRAP-1")).status_code == 200


async def test_a_report_that_is_changed_all_the_while_comes_whole(shared: Shared) -> None:
    one = "/Marti/api/citrap/TRAP-2"
    async with phone(shared, "kiwi-1") as filing, phone(shared, "kiwi-2") as asking:
        first = a_package(id="TRAP-2")
        assert (await filing.post("/Marti/api/citrap", content=first)).status_code == 201

        async def attach(number: int) -> int:
            named = {"content-disposition": f"attachment; filename={number}.bin"}
            data = random.Random(number).randbytes(300_000)  # noqa: S311
            answer = await filing.post(f"{one}/attachment", content=data, headers=named)
            assert answer.status_code == 200 or "send it again" in answer.json()["detail"]
            return answer.status_code

        async def look() -> None:
            got = await asking.get(one)
            assert got.status_code == 200
            assert {"TrapReport.xml", "images/smoke.jpg"} <= set(entries(got.content))
            xml = await asking.get(one, headers={"accept": "application/xml"})
            assert xml.content == entries(first)["TrapReport.xml"]

        for turn in range(5):
            numbers = range(turn * 4, turn * 4 + 4)
            looks = [look() for _ in range(8)]
            codes = (await asyncio.gather(*map(attach, numbers), *looks))[:4]
            assert 200 in codes
            assert set(codes) <= {200, 409}
        kept = entries((await asking.get(one)).content)
        assert len(kept) > 2
        assert (await filing.delete(one)).status_code == 200


async def test_a_track_sent_afterwards_is_found_by_when_it_was(shared: Shared) -> None:
    async with phone(shared, "kiwi-1") as sending, phone(shared, "kiwi-2") as asking, phone(
        shared, "red"
    ) as red:  # fmt: skip
        said = {"uid": "T-1", "callsign": "KIWI 1"}
        sent = await sending.post("/Marti/TracksKML", params=said, content=a_document())
        assert (sent.status_code, sent.text) == (200, "3 points kept\n")
        then = {
            "startTime": "2026-01-02T01:00:00Z", "endTime": "2026-01-02T03:00:00Z", "format": "kml",
        }  # fmt: skip
        found = await asking.get("/Marti/ExportMissionKML", params=then)
        assert found.text.count("<when>") == 3
        assert "sent-track" in found.text
        other = await red.get("/Marti/ExportMissionKML", params=then)
        assert (other.status_code, other.text.count("<when>")) == (200, 0)
        assert (await asking.get("/Marti/api/cot/xml/T-1")).status_code == 404


async def test_what_was_said_is_found_in_the_journal(shared: Shared) -> None:
    async with on_air(shared, "kiwi-1") as (one,), phone(shared, "kiwi-2") as asking:
        one.say(position("PAST", "KIWI 1"))
        one.say(position("PAST", "KIWI 1"))
        await one.is_taken_in()
        async with asyncio.timeout(30):
            while True:
                answer = await asking.get("/Marti/api/cot/xml/PAST/all?secago=600")
                if len(etree.fromstring(answer.content)) == 2:
                    break
                await asyncio.sleep(0.05)
        assert (await asking.get("/Marti/api/cot/xml/PAST")).text.count('uid="PAST"') == 1
