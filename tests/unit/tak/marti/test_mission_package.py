"""Data packages that are put into missions, as ATAK makes them, and as nobody should."""

import io
import zipfile
from pathlib import Path

import pytest

from accord.storage.missions import MissionSettings
from accord.tak.marti import mission_package
from accord.tak.marti.mission_package import (
    Attached,
    BadPackage,
    Described,
    Entry,
    Logged,
    Thing,
    unpack,
)
from support.cot import cot_xml
from support.marti import Marti, hash_of, marti

PDF = b"%PDF the plan"
COT = b'<?xml version="1.0" encoding="UTF-8"?>\n' + cot_xml("BUOY", "b-m-p-s-m")
ROOT = "/Marti/api/missions/Search"
PUT = f"{ROOT}/contents/missionpackage?creatorUid=UID-kiwi"


def manifest(*names: str, inside: str = "") -> bytes:
    contents = "".join(f'<Content ignore="false" zipEntry="{each}"/>' for each in names) + inside
    return (
        f'<MissionPackageManifest version="2"><Configuration/><Contents>{contents}</Contents>'
        "</MissionPackageManifest>"
    ).encode()


def package(entries: dict[str, bytes], about: bytes | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
        archive.writestr("MANIFEST/manifest.xml", manifest(*entries) if about is None else about)
    return out.getvalue()


WHOLE = package({"BUOY/BUOY.cot": COT, "ab/plan ā.pdf": PDF})


def unpacked(folder: Path, data: bytes, *, limit: int = 1 << 20) -> list[Entry]:
    path = folder / "package"
    path.write_bytes(data)
    numbers = iter(range(99))
    return list(unpack(path, lambda: folder / str(next(numbers)), limit=limit))


def test_what_the_manifest_names_is_unpacked(tmp_path: Path) -> None:
    thing, file = unpacked(tmp_path, WHOLE)
    assert isinstance(thing, Thing)
    assert thing.event.uid == "BUOY"
    assert isinstance(file, Attached)
    assert (file.name, file.path.read_bytes(), file.size) == ("plan ā.pdf", PDF, len(PDF))


def test_what_it_does_not_name_or_says_to_ignore_is_left(tmp_path: Path) -> None:
    ignored = '<Content ignore="TRUE" zipEntry="b.txt"/>'
    data = package({"a.txt": b"a", "b.txt": b"b", "c.txt": b"c"}, manifest("a.txt", inside=ignored))
    assert [each.name for each in unpacked(tmp_path, data) if isinstance(each, Attached)] == [
        "a.txt"
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"no zip", WHOLE[:-30], package({"a": b""}, manifest()), package({"a": b""}, manifest("b")),
        package({"a": b""}, b"<not"), package({"a.cot": b"<event/>"}), package({"a.cot": b"words"}),
        package({"MANIFEST/MANIFEST.XML": manifest("x")}),
        package({"a": b"x"}, b'<!DOCTYPE m [<!ENTITY e SYSTEM "file:///etc/passwd">]><m>&e;</m>'),
    ],
)  # fmt: skip
def test_a_package_that_lies_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(BadPackage):
        unpacked(tmp_path, data)


@pytest.mark.parametrize(("uid", "is_taken"), [("BUOY", True), ("OTHER", False), ("", True)])
def test_a_manifest_and_an_event_say_one_uid(tmp_path: Path, uid: str, is_taken: bool) -> None:
    said = f'<Parameter name="uid" value="{uid}"/><Parameter name="isCOT" value="true"/>'
    named = f'<Content ignore="false" zipEntry="c.cot">{said}</Content>'
    # That of a file is whose file it is.
    named += f'<Content ignore="false" zipEntry="photo.jpg">{said}</Content>'
    data = package({"c.cot": COT, "photo.jpg": b"jpg"}, manifest(inside=named))
    if is_taken:
        assert len(unpacked(tmp_path, data)) == 2
    else:
        with pytest.raises(BadPackage, match="'OTHER' by the manifest and 'BUOY' by itself"):
            unpacked(tmp_path, data)


def test_a_bomb_is_left_as_soon_as_it_is_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = package({"one": bytes(900_000), "two": bytes(900_000)})
    assert len(bomb) < 10_000
    with pytest.raises(BadPackage, match="two"):
        unpacked(tmp_path, bomb, limit=1_000_000)
    with pytest.raises(BadPackage, match="manifest"):
        unpacked(tmp_path, package({"a": b"x"}, bytes(2 << 20)))
    with pytest.raises(BadPackage, match="big"):
        unpacked(tmp_path, package({"big.cot": bytes(2 << 20)}), limit=1 << 30)
    monkeypatch.setattr(mission_package, "MAX_ENTRIES", 2)
    with pytest.raises(BadPackage, match="3 entries; at most 2"):
        unpacked(tmp_path, WHOLE)


async def make(api: Marti) -> None:
    await api.does("kiwi", "POST", f"{ROOT}?creatorUid=UID-kiwi", 201)


async def test_a_package_comes_into_the_mission_whole(api: Marti) -> None:
    await make(api)
    _, of_moa = api.on_air("moa")
    await api.does("moa", "PUT", f"{ROOT}/subscription?uid=UID-moa", 201)
    of_moa.take()
    assert (await api.does("kiwi", "PUT", PUT, content=WHOLE))["data"] == []
    (found,) = (await api.get("moa", ROOT))["data"]
    assert [each["data"] for each in found["uids"]] == ["BUOY"]
    assert [each["data"]["name"] for each in found["contents"]] == ["plan ā.pdf"]
    content = await api.ask("moa", "GET", f"/Marti/sync/content?hash={hash_of(PDF)}")
    assert content.content == PDF
    assert 'uid="BUOY"' in (await api.ask("moa", "GET", f"{ROOT}/cot")).text
    api.node.tick()
    assert [each.type for each in of_moa.take()] == ["t-x-m-c"]
    assert list((api.directory / "files" / "incoming").iterdir()) == []


@pytest.mark.parametrize("closed", ["password=hunter2", "inviteOnly=true"])
async def test_who_may_not_read_the_mission_neither_finds_nor_gets_its_files(
    api: Marti, closed: str
) -> None:
    await api.does("kiwi", "POST", f"{ROOT}?creatorUid=UID-kiwi&{closed}", 201)
    await api.does("kiwi", "PUT", PUT, content=WHOLE)
    assert (await api.get("moa", "/Marti/api/files/metadata"))["data"] == []
    search = await api.ask("moa", "GET", "/Marti/sync/search?tool=private")
    assert search.json()["resultCount"] == 0
    await api.does("moa", "GET", f"/Marti/sync/content?hash={hash_of(PDF)}", 404)
    content = await api.ask("kiwi", "GET", f"/Marti/sync/content?hash={hash_of(PDF)}")
    assert content.content == PDF


async def test_nothing_of_a_package_is_kept_that_cannot_be_taken_whole(api: Marti) -> None:
    await make(api)
    ghost = cot_xml("GHOST", "b-m-p-s-m", more='opex="e-TASMAN"')
    unclear = cot_xml("X", "b-a-o-tbl", '<link uid="a"/><link uid="b"/>')
    for data in (
        b"x",
        package({"a.pdf": PDF, "a.cot": ghost}),
        package({"a.pdf": PDF, "../..": b"x"}),
        package({"a.pdf": PDF, "a.cot": unclear}),
    ):
        await api.does("kiwi", "PUT", PUT, 400, content=data)
    await api.does("ruru", "PUT", PUT, 403, content=WHOLE)
    (found,) = (await api.get("moa", ROOT))["data"]
    assert (found["uids"], found["contents"]) == ([], [])
    assert (await api.get("weka", "/Marti/api/files/metadata"))["data"] == []
    assert list((api.directory / "files" / "incoming").iterdir()) == []
    await api.does("pukeko", "PUT", PUT, content=package({"a.cot": ghost}))
    assert "GHOST" not in (await api.ask("moa", "GET", f"{ROOT}/cot")).text


async def test_what_does_not_fit_leaves_no_file_behind_but_those_that_were_there(
    tmp_path: Path,
) -> None:
    async with marti(tmp_path, missions=MissionSettings(max_items=1)) as api:
        await make(api)
        upload = "/Marti/sync/upload?name=mine.pdf"
        await api.does("kiwi", "POST", upload, content=b"mine")
        await api.does("kiwi", "PUT", PUT, 507, content=package({"mine.pdf": b"mine", "b": b"b"}))
        files = (await api.get("kiwi", "/Marti/api/files/metadata"))["data"]
        assert [each["Name"] for each in files] == ["mine.pdf"]
        await api.does("kiwi", "PUT", PUT, content=package({"mine.pdf": b"mine"}))
        (found,) = (await api.get("moa", ROOT))["data"]
        assert [each["data"]["name"] for each in found["contents"]] == ["mine.pdf"]


def test_two_entries_of_one_name_are_refused_whichever_is_meant(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("MANIFEST/manifest.xml", manifest("a.txt"))
        archive.writestr("a.txt", b"one")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.txt", b"two")
    with pytest.raises(BadPackage, match="two entries of one name"):
        unpacked(tmp_path, out.getvalue())


def test_damaged_data_in_a_zip_are_refused(tmp_path: Path) -> None:
    data = bytearray(package({"a.bin": bytes(range(256)) * 40}))
    data[data.index(b"a.bin") + 5] = 0xFF  # of its deflate stream: no block is of that type
    with pytest.raises(BadPackage, match="the zip cannot be read"):
        unpacked(tmp_path, bytes(data))


@pytest.mark.parametrize("kind", ["b-t-f", "t-x-d-d", "y-a-r"])
async def test_what_is_nothing_in_a_mission_on_the_stream_is_nothing_in_one_here(
    api: Marti, kind: str
) -> None:
    await make(api)
    await api.does("kiwi", "PUT", PUT, content=WHOLE)
    said = cot_xml("SAID", kind, '<link uid="BUOY" relation="p-p"/><__forcedelete/>')
    await api.does("kiwi", "PUT", PUT, content=package({"a.cot": said}))
    (found,) = (await api.get("moa", ROOT))["data"]
    assert [each["data"] for each in found["uids"]] == ["BUOY"]


def test_the_log_of_a_mission_is_read_beside_its_description_and_not_as_a_file(
    tmp_path: Path,
) -> None:
    files = {"mission.json": b"{}", "log.jsonl": b"{}", "a.txt": b"a"}
    assert unpacked(tmp_path, package(files, manifest("a.txt")))[:2] == [
        Described(b"{}"), Logged(b"{}"),
    ]  # fmt: skip
    listed = unpacked(tmp_path, package(files, manifest("log.jsonl")))
    assert [type(each) for each in listed] == [Described, Attached]
    alone = package({"log.jsonl": b"{}", "a.txt": b"a"}, manifest("a.txt"))
    assert [type(each) for each in unpacked(tmp_path, alone)] == [Attached]


def test_what_describes_a_mission_is_read_within_a_limit_and_a_file_too_where_it_is_listed(
    tmp_path: Path,
) -> None:
    said = {"mission.json": b"{}", "a.txt": b"a"}
    assert unpacked(tmp_path, package(said, manifest("a.txt")))[0] == Described(b"{}")
    described, *listed = unpacked(tmp_path, package(said))
    assert described == Described(b"{}")
    assert [each.name for each in listed if isinstance(each, Attached)] == ["mission.json", "a.txt"]
    long = package({"mission.json": bytes(9 << 20), "a.txt": b"a"}, manifest("a.txt"))
    with pytest.raises(BadPackage, match=r"mission\.json"):
        unpacked(tmp_path, long, limit=1 << 30)


@pytest.mark.parametrize(
    "event",
    [
        cot_xml("UID-moa", "a-f-G-U-C"),
        cot_xml("help", "b-a-o-tbl", detail='<link uid="UID-moa" relation="p-p"/>'),
        cot_xml("gone", "t-x-d-d", detail='<link uid="UID-moa" relation="p-p"/>'),
    ],
)
async def test_a_package_says_nothing_in_the_name_of_anothers_client(
    api: Marti, event: bytes
) -> None:
    """As on the stream, while he is connected and when he is not."""
    await api.does("kiwi", "POST", f"{ROOT}?creatorUid=UID-kiwi", 201)
    session, _ = api.on_air("moa")
    data = package({"a.cot": event})
    for _ in range(2):
        said = await api.does("kiwi", "PUT", PUT, 400, content=data)
        assert "another person's client" in said["detail"]
        session.closed()
    assert (await api.get("kiwi", ROOT))["data"][0]["uids"] == []
    await api.does("moa", "PUT", f"{ROOT}/contents/missionpackage", content=data)


def on_disk(api: Marti) -> list[str]:
    return sorted(path.name for path in (api.directory / "files").glob("*/*"))


async def test_what_was_unpacked_goes_when_no_mission_holds_it(api: Marti) -> None:
    await api.does("kiwi", "POST", f"{ROOT}?creatorUid=UID-kiwi", 201)
    await api.does("kiwi", "POST", "/Marti/api/missions/Two?creatorUid=UID-kiwi", 201)
    await api.does("kiwi", "PUT", PUT, content=WHOLE)
    await api.does("kiwi", "PUT", PUT.replace("Search", "Two"), content=WHOLE)
    assert on_disk(api) == [hash_of(PDF)]
    await api.does("kiwi", "DELETE", f"{ROOT}/contents?hash={hash_of(PDF)}")
    assert on_disk(api) == [hash_of(PDF)]
    await api.does("kiwi", "DELETE", "/Marti/api/missions/Two")
    assert on_disk(api) == []
    assert (await api.get("kiwi", "/Marti/api/sync/search?tool=private"))["data"] == []
    await api.does("kiwi", "PUT", PUT, content=WHOLE)  # and it may come again
    assert on_disk(api) == [hash_of(PDF)]


async def test_what_was_submitted_too_stays(api: Marti) -> None:
    await api.does("kiwi", "POST", f"{ROOT}?creatorUid=UID-kiwi", 201)
    await api.does("kiwi", "PUT", PUT, content=WHOLE)
    await api.does("moa", "POST", "/Marti/sync/upload?name=hers.pdf", content=PDF)
    await api.does("kiwi", "DELETE", f"{ROOT}/contents?hash={hash_of(PDF)}")
    assert on_disk(api) == [hash_of(PDF)]
    (row,) = (await api.get("kiwi", "/Marti/api/sync/search"))["data"]
    assert row["name"] == "hers.pdf"


def test_whom_a_thing_was_for_elsewhere_is_dropped(tmp_path: Path) -> None:
    dest = '<marti><dest mission="Two"/><dest publish="x"/></marti><contact callsign="Buoy"/>'
    (thing,) = unpacked(tmp_path, package({"B.cot": cot_xml("BUOY", "b-m-p-s-m", dest)}))
    assert isinstance(thing, Thing)
    assert b"marti" not in thing.event.xml
    assert b'callsign="Buoy"' in thing.event.xml


async def test_a_package_of_a_mission_elsewhere_is_taken(api: Marti) -> None:
    await api.does("kiwi", "POST", f"{ROOT}?creatorUid=UID-kiwi", 201)
    cot = cot_xml("BUOY", "b-m-p-s-m", '<marti><dest mission="Two"/></marti>')
    await api.does("kiwi", "PUT", PUT, content=package({"B/B.cot": cot}))
    (row,) = (await api.get("moa", ROOT))["data"][0]["uids"]
    assert row["data"] == "BUOY"


def test_a_zip_with_a_password_is_refused_in_plain_words(tmp_path: Path) -> None:
    data = bytearray(package({"z.bin": b"secret"}))
    central = data.index(b"PK\x01\x02")
    data[6] |= 1  # the flags of the first entry: APPNOTE 4.3.7, and 4.3.12
    data[central + 8] |= 1
    with pytest.raises(BadPackage) as refused:
        unpacked(tmp_path, bytes(data))
    assert str(refused.value) == "'z.bin' is encrypted: pack it without a password"
