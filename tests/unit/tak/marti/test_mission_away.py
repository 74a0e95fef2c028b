"""What a client did to a mission while it was away, as TAK Server 5.7 takes it (public source)."""

import io
import json
import zipfile
from typing import Any

import pytest

from accord.core.mission import ItemKind
from accord.tak.missions import by_the_node
from support.cot import cot_xml
from support.marti import Marti, hash_of

ROOT = "/Marti/api/missions"
SEARCH = f"{ROOT}/Search"
PUT = f"{SEARCH}/contents/missionpackage?creatorUid=UID-kiwi"
PDF = b"%PDF the plan"
THEN, LATER = "2026-01-02T03:04:30.000Z", "2026-01-02T03:20:00.000Z"


def package(changes: list[dict[str, Any]], **files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("changes.json", json.dumps({"missionChanges": changes}))
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def thing(uid: str, at: str = LATER, *, kind: str = "ADD_CONTENT") -> dict[str, Any]:
    return {"type": kind, "timestamp": at, "contentUid": uid}


def file(data: bytes, name: str, at: str = LATER, *, kind: str = "ADD_CONTENT") -> dict[str, Any]:
    said = {"hash": hash_of(data), "name": name}
    return {"type": kind, "timestamp": at, "contentResource": said}


def note(said: dict[str, Any], at: str = LATER, *, kind: str = "ADD_CONTENT") -> dict[str, Any]:
    return {"type": kind, "timestamp": at, "logEntry": said}


async def put(api: Marti, status: int, data: bytes, who: str = "kiwi") -> Any:
    headers = {"content-type": "application/zip"}
    said = await api.does(who, "PUT", PUT, status, content=data, headers=headers)
    api.node.tick()
    return said


async def begun(api: Marti) -> None:
    """A mission with a buoy and a plan, put a minute after it was made."""
    await api.does("kiwi", "POST", f"{SEARCH}?creatorUid=UID-kiwi", 201)
    api.node.clock.advance(minutes=1)
    await api.does("kiwi", "POST", "/Marti/sync/upload?name=plan.pdf", content=PDF)
    held = {"uids": ["BUOY"], "hashes": [hash_of(PDF)]}
    await api.does("kiwi", "PUT", f"{SEARCH}/contents", json=held)
    api.node.clock.advance(hours=1)


async def holds(api: Marti) -> tuple[list[str], list[str]]:
    (told,) = (await api.get("moa", SEARCH))["data"]
    return [e["data"] for e in told["uids"]], [e["data"]["name"] for e in told["contents"]]


async def test_what_was_done_while_away_is_done_and_told(api: Marti) -> None:
    await begun(api)
    entry = {"content": "two sails", "creatorUid": "UID-kiwi", "missionNames": ["Search"]}
    known = (await api.does("kiwi", "POST", f"{ROOT}/logs/entries", 201, json=entry))["data"]
    await api.does("moa", "PUT", f"{SEARCH}/subscription?uid=UID-moa", 201)
    _, peer = api.on_air("moa")
    peer.take()
    changes = [
        thing("RAFT"), thing("NO-COT"), thing("BUOY", kind="REMOVE_CONTENT"),
        file(b"chart", "chart.png"), file(PDF, "plan.pdf", kind="REMOVE_CONTENT"),
        {"type": "CREATE_MISSION", "timestamp": THEN}, {"type": "ADD_CONTENT"},
        note({"content": "a third sail", "dtg": LATER}),
        note({"id": known["id"], "content": "three sails"}, "2026-01-02T05:00:00.000Z"),
    ]  # fmt: skip
    sent = package(changes, **{"0/RAFT.cot": cot_xml("RAFT", "b-m-p-s-m"), "3/chart.png": b"chart"})
    assert (await put(api, 200, sent))["data"] == []
    assert await holds(api) == (["RAFT"], ["chart.png"])
    assert [each.type for each in peer.take()] == ["t-x-m-c", "t-x-m-c", "t-x-m-c-l", "t-x-m-c-l"]
    assert b"RAFT" in (await api.ask("moa", "GET", f"{SEARCH}/cot")).content
    got = await api.ask("moa", "GET", f"/Marti/sync/content?hash={hash_of(b'chart')}")
    assert got.content == b"chart"
    log = (await api.get("moa", f"{SEARCH}/log"))["data"]
    assert sorted(each["content"] for each in log) == ["a third sail", "three sails"]
    strike = note({"id": known["id"]}, "2026-01-02T05:00:00.000Z", kind="REMOVE_CONTENT")
    await put(api, 200, package([strike]))
    assert [e["content"] for e in (await api.get("moa", f"{SEARCH}/log"))["data"]] == [
        "a third sail"
    ]


async def test_of_several_changes_of_one_thing_the_last_counts(api: Marti) -> None:
    await begun(api)
    changes = [thing("RAFT"), thing("RAFT", kind="REMOVE_CONTENT"), file(PDF, "plan.pdf")]
    sent = package(changes, **{"0/RAFT.cot": cot_xml("RAFT", "b-m-p-s-m")})
    await put(api, 200, sent)
    assert await holds(api) == (["BUOY"], ["plan.pdf"])  # whose bytes are here already


async def test_what_something_newer_stands_against_is_said_and_nothing_is_done(api: Marti) -> None:
    await begun(api)
    entry = {"content": "two sails", "creatorUid": "UID-kiwi", "missionNames": ["Search"]}
    known = (await api.does("kiwi", "POST", f"{ROOT}/logs/entries", 201, json=entry))["data"]
    late = [
        thing("buoy", THEN, kind="REMOVE_CONTENT"), file(b"other", "Plan.pdf", THEN),
        note({"id": known["id"], "content": "x"}), thing("OLD", "2026-01-01T00:00:00.000Z"),
    ]  # fmt: skip
    before = api.directory.joinpath("files")
    kept = sorted(each.name for each in before.rglob("*") if each.is_file())
    sent = package([*late, thing("RAFT")], **{
        "4/RAFT.cot": cot_xml("RAFT", "b-m-p-s-m"), "1/Plan.pdf": b"other",
    })  # fmt: skip
    said = await put(api, 409, sent)
    assert (said["type"], said["data"]) == ("MissionChange", late)
    assert await holds(api) == (["BUOY"], ["plan.pdf"])
    assert sorted(each.name for each in before.rglob("*") if each.is_file()) == kept


@pytest.mark.parametrize("name", ["other.pdf", ""])
async def test_something_newer_stands_against_a_file_under_any_name(api: Marti, name: str) -> None:
    await begun(api)
    late = [file(PDF, name, THEN, kind="REMOVE_CONTENT")]
    assert (await put(api, 409, package(late)))["data"] == late
    late = [file(PDF, "other.pdf", THEN)]
    await put(api, 409, package(late, **{"0/other.pdf": PDF}))
    assert await holds(api) == (["BUOY"], ["plan.pdf"])


async def test_what_comes_is_what_its_change_says(api: Marti) -> None:
    """A change is in conflict by what it says: what it brings must be that."""
    await begun(api)
    buoy = {"0/RAFT.cot": cot_xml("BUOY", "a-h-S")}
    said = await put(api, 400, package([thing("RAFT", THEN)], **buoy))
    assert said["detail"] == (
        "'0/RAFT.cot' is 'RAFT' by changes.json and 'BUOY' by itself: one of them is wrong"
    )
    said = await put(api, 400, package([file(PDF, "a.pdf")], **{"0/a.pdf": b"other"}))
    assert (
        f"is {hash_of(PDF)} by changes.json and {hash_of(b'other')} by its bytes"
        in (said["detail"])
    )
    unsaid = {"type": "ADD_CONTENT", "timestamp": LATER, "contentResource": {"name": "a.pdf"}}
    said = await put(api, 400, package([unsaid], **{"0/a.pdf": b"a"}))
    assert "change 0 is of the file 'a.pdf' without its hash" in said["detail"]
    assert await holds(api) == (["BUOY"], ["plan.pdf"])
    assert "a-h-S" not in (await api.ask("moa", "GET", f"{SEARCH}/cot")).text


@pytest.mark.parametrize("at", [None, "", ...])
async def test_a_change_without_its_time_is_passed_over(api: Marti, at: object) -> None:
    await begun(api)
    gone: dict[str, Any] = {"type": "REMOVE_CONTENT", "contentUid": "BUOY"}
    changes = [gone if at is ... else {**gone, "timestamp": at}]
    assert (await put(api, 200, package(changes)))["data"] == []
    assert await holds(api) == (["BUOY"], ["plan.pdf"])


@pytest.mark.parametrize("kind", ["b-t-f", "t-x-d-d", "y-a-r"])
async def test_what_is_nothing_in_a_mission_on_the_stream_is_nothing_here(
    api: Marti, kind: str
) -> None:
    await begun(api)
    cot = cot_xml("SAID", kind, '<link uid="BUOY" relation="p-p"/><__forcedelete/>')
    sent = package([thing("SAID"), thing("RAFT")], **{
        "0/SAID.cot": cot, "1/RAFT.cot": cot_xml("RAFT", "b-m-p-s-m"),
    })  # fmt: skip
    await put(api, 200, sent)
    assert await holds(api) == (["BUOY", "RAFT"], ["plan.pdf"])


@pytest.mark.filterwarnings("ignore:Duplicate name")
async def test_two_entries_of_one_name_are_refused(api: Marti) -> None:
    await begun(api)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("changes.json", json.dumps({"missionChanges": [thing("RAFT")]}))
        for kind in ("b-m-p-s-m", "a-f-G"):
            archive.writestr("0/RAFT.cot", cot_xml("RAFT", kind))
    assert "two entries of one name" in (await put(api, 400, out.getvalue()))["detail"]
    assert await holds(api) == (["BUOY"], ["plan.pdf"])


async def test_nothing_is_kept_of_a_package_whose_packed_data_are_damaged(api: Marti) -> None:
    await begun(api)
    kept = sorted(each.name for each in (api.directory / "files").rglob("*") if each.is_file())
    long = bytes(range(256)) * 40
    changes = [file(b"chart", "chart.png"), file(long, "b.bin")]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("changes.json", json.dumps({"missionChanges": changes}))
        archive.writestr("0/chart.png", b"chart")
        archive.writestr("1/b.bin", long)
    data = bytearray(out.getvalue())
    data[data.index(b"1/b.bin") + 7] = 0xFF  # of its deflate stream: no block is of that type
    assert "the zip cannot be read" in (await put(api, 400, bytes(data)))["detail"]
    now = sorted(each.name for each in (api.directory / "files").rglob("*") if each.is_file())
    assert now == kept


async def test_nothing_is_done_where_a_part_cannot_be(api: Marti) -> None:
    await begun(api)
    await api.does("moa", "POST", f"{ROOT}/logs/entries", 201, json={
        "content": "his", "creatorUid": "UID-moa", "missionNames": ["Search"],
    })  # fmt: skip
    (his,) = (await api.get("moa", f"{SEARCH}/log"))["data"]
    await api.does("kea", "PUT", f"{SEARCH}/subscription?uid=UID-kea", 201)
    raft = {"0/RAFT.cot": cot_xml("RAFT", "b-m-p-s-m")}
    changed = note({"id": his["id"], "content": "mine"}, "2026-01-02T05:00:00.000Z")
    await put(api, 403, package([thing("RAFT"), changed], **raft), "kea")
    await put(api, 404, package([thing("RAFT"), file(b"nowhere", "gone.pdf")], **raft))
    await put(api, 403, package([thing("RAFT")], **raft), "ruru")
    assert await holds(api) == (["BUOY"], ["plan.pdf"])


@pytest.mark.parametrize(
    "data",
    [b"[]", b"{", b'{"missionChanges": {}}', json.dumps({"missionChanges": [{}] * 1001}).encode(),
     json.dumps({"missionChanges": [thing("X", "yesterday")]}).encode(),
     json.dumps({"missionChanges": [file(b"x", "../x")]}).encode()],
)  # fmt: skip
async def test_what_is_no_list_of_changes_is_refused(api: Marti, data: bytes) -> None:
    await begun(api)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("changes.json", data)
    await put(api, 400, out.getvalue())


async def test_a_package_that_is_broken_or_has_no_event_is_refused(api: Marti) -> None:
    await begun(api)
    sent = package([file(b"chart", "chart.png"), thing("RAFT")], **{
        "0/chart.png": b"chart", "1/RAFT.cot": b"<event/>",
    })  # fmt: skip
    await put(api, 400, sent)
    broken = bytearray(package([thing("RAFT")], **{"0/RAFT.cot": cot_xml("RAFT", "b-m-p-s-m")}))
    broken[broken.index(b"RAFT.cot") + 30] ^= 0xFF
    await put(api, 400, bytes(broken))
    assert await holds(api) == (["BUOY"], ["plan.pdf"])


async def test_what_changes_just_before_its_turn_stands_against_it(
    api: Marti, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begun(api)
    missions = api.api.missions
    exchange = missions.exchange

    async def late(guid: str, *given: Any, **more: Any) -> None:
        gone = [(ItemKind.HASH, hash_of(PDF))]
        await missions.remove(guid, gone, "UID-moa", still=by_the_node)
        await exchange(guid, *given, **more)

    monkeypatch.setattr(missions, "exchange", late)
    removal = file(PDF, "plan.pdf", "2026-01-02T03:20:00.000Z", kind="REMOVE_CONTENT")
    said = await put(api, 409, package([removal, thing("RAFT", "2026-01-02T03:20:00.000Z")]))
    assert said["data"] == [removal]
    assert await holds(api) == (["BUOY"], [])
