"""Files and data packages as ATAK, WinTAK, iTAK and CloudTAK put and find them."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from accord.core.mission import Item, ItemKind
from accord.core.principal import Principal
from accord.storage.files import FileSettings
from support.marti import BOTH, PEOPLE, Marti, hash_of, marti

ZIP = b"PK\x03\x04 not looked into"
HASH = hash_of(ZIP)
SYNC = "/Marti/sync"
PACKAGE = f"{SYNC}/missionupload?filename=route.zip&creatorUid=UID-kiwi&hash={HASH}"
CONTENT = f"{SYNC}/content?hash={HASH}"
SEARCH = f"{SYNC}/search"
MISSION = "/Marti/api/missions/Bay"


def package(data: bytes = ZIP) -> dict[str, Any]:
    return {"files": {"assetfile": ("route.zip", data, "application/x-zip-compressed")}}


def kept(api: Marti) -> list[str]:
    return sorted(path.name for path in (api.directory / "files").glob("*/*"))


async def test_atak_asks_uploads_and_the_other_one_fetches(api: Marti) -> None:
    query = f"{SYNC}/missionquery?hash={HASH}"
    await api.does("kiwi", "GET", query, 404)
    url = f"https://node:8443{CONTENT}"
    assert await api.does("kiwi", "POST", PACKAGE, **package()) == url
    assert await api.does("moa", "GET", query) == url
    got = await api.ask("moa", "GET", CONTENT)
    assert (got.content, got.headers["content-type"]) == (ZIP, "application/x-zip-compressed")
    assert got.headers["content-disposition"].startswith('inline; filename="route.zip"')
    assert (await api.ask("moa", "HEAD", CONTENT)).headers["content-length"] == str(len(ZIP))


async def test_a_file_of_no_bytes_is_taken_by_every_way(api: Marti) -> None:
    """A phone may share an empty attachment."""
    none = hash_of(b"")
    by_atak = f"{SYNC}/missionupload?filename=route.zip&creatorUid=UID-kiwi&hash={none}"
    await api.does("kiwi", "POST", by_atak, **package(b""))
    await api.does("kiwi", "POST", f"{SYNC}/upload?name=empty.txt", content=b"")
    got = await api.ask("moa", "GET", f"{SYNC}/content?hash={none}")
    assert (got.status_code, got.content, got.headers["content-length"]) == (200, b"", "0")
    found = (await api.get("moa", f"{SEARCH}?hash={none}"))["results"]
    assert {(each["Name"], each["Size"]) for each in found} == {
        ("route.zip", "0"),
        ("empty.txt", "0"),
    }
    params = {"creatorUid": "UID-kiwi"}
    await api.does("kiwi", "POST", MISSION, 201, params=params)
    await api.does("kiwi", "PUT", f"{MISSION}/contents", json={"hashes": [none]})
    archived = await api.ask("moa", "GET", f"{MISSION}/archive")
    taken = {"content": archived.content, "headers": {"content-type": "application/zip"}}
    await api.does("kiwi", "PUT", f"{MISSION}/contents/missionpackage", **taken)


async def test_a_file_is_said_to_be_here_whatever_host_was_asked_for(api: Marti) -> None:
    path = f"/Marti/sync/content?hash={HASH}"
    for host, own in (
        ("evil.example", "node"), ("evil.example:9", "node:9"), ("10.0.0.7:8443", "10.0.0.7:8443"),
    ):  # fmt: skip
        headers = {"Host": host}
        url = await api.does("kiwi", "POST", PACKAGE, headers=headers, **package())
        assert url == f"https://{own}{path}"
        query = f"{SYNC}/missionquery?hash={HASH}"
        assert await api.does("moa", "GET", query, headers=headers) == url


async def test_a_file_whose_end_is_over_is_not_taken(api: Marti) -> None:
    now = int(api.node.clock.now().timestamp())
    for ends in (5, now, 0, -2):
        more = {"params": {"name": "past.txt", "expiration": ends}, "content": b"past"}
        said = await api.does("kiwi", "POST", f"{SYNC}/upload", 400, **more)
        assert "a moment to come" in said["detail"]
        await api.does("kiwi", "POST", f"{PACKAGE}&expiration={ends}", 400, **package())
    assert kept(api) == []
    for number, ends in enumerate((-1, now + 60)):
        params = {"name": "to-come.txt", "expiration": ends}
        await api.does("kiwi", "POST", f"{SYNC}/upload", params=params, content=b"%d" % number)
    assert len(kept(api)) == 2


async def test_a_name_that_is_said_twice_is_not_chosen_from(api: Marti) -> None:
    said = await api.does("kiwi", "POST", f"{SYNC}/upload?name=a&name=b", 400, content=b"dup")
    assert "name is said twice" in said["detail"]
    await api.does("kiwi", "POST", f"{SYNC}/upload?name=a&name=a", content=b"dup")


async def test_two_files_at_once_are_not_taken_for_one(api: Marti) -> None:
    files = [("assetfile", ("a.zip", b"one")), ("assetfile", ("b.zip", b"two"))]
    said = await api.does("kiwi", "POST", PACKAGE.partition("&hash")[0], 400, files=files)
    assert "two parts" in said["detail"]
    assert kept(api) == []


@pytest.mark.parametrize("said", ["bytes=5-2", "bytes=9999-", "bytes=abc", "lines=1-2", "bytes=-"])
async def test_a_range_that_cannot_be_is_refused_with_a_sentence(api: Marti, said: str) -> None:
    await api.does("kiwi", "POST", PACKAGE, **package())
    for method in ("GET", "HEAD"):
        answer = await api.ask("kiwi", method, CONTENT, headers={"Range": said})
        assert answer.status_code in (400, 416)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["content-range"] == f"bytes */{len(ZIP)}"
        if method == "GET":
            assert answer.json()["detail"]


async def test_a_file_says_no_other_persons_client_as_its_author(api: Marti) -> None:
    api.on_air("moa")
    path = PACKAGE.replace("UID-kiwi", "UID-moa")
    await api.does("kiwi", "POST", path, **package())
    (row,) = (await api.ask("moa", "GET", SEARCH)).json()["results"]
    assert (row["CreatorUid"], row["SubmissionUser"]) == ("kiwi", "kiwi")
    said = f"/Marti/api/sync/metadata/{HASH}/creatorUid"
    await api.does("kiwi", "PUT", said, content=b"UID-moa")
    (row,) = (await api.ask("moa", "GET", SEARCH)).json()["results"]
    assert row["CreatorUid"] == "kiwi"


async def test_a_search_finds_public_packages_with_the_keys_that_atak_reads(api: Marti) -> None:
    await api.does("kiwi", "POST", PACKAGE, **package())
    said = (await api.ask("moa", "GET", f"{SEARCH}?keywords=missionpackage")).json()
    assert said["resultCount"] == 1
    (row,) = said["results"]
    assert row == {
        "UID": HASH, "Name": "route.zip", "DownloadPath": "route.zip", "Hash": HASH,
        "Size": str(len(ZIP)), "PrimaryKey": "1", "SubmissionDateTime": "2026-01-02T03:04:05.678Z",
        "SubmissionUser": "kiwi", "CreatorUid": "UID-kiwi", "Keywords": ["missionpackage"],
        "MIMEType": "application/x-zip-compressed", "Tool": "public", "EXPIRATION": "-1",
        "Groups": ["Blue"],
    }  # fmt: skip
    tool = f"/Marti/api/sync/metadata/{HASH}/tool"
    await api.does("moa", "PUT", tool, 403, content=b"private")
    await api.does("kiwi", "PUT", tool, 400, content=b"secret")
    await api.does("kiwi", "PUT", tool, content=b"private")
    assert (await api.ask("moa", "GET", SEARCH)).json()["resultCount"] == 0
    # It is sent to one by its address, and he can fetch it.
    assert (await api.ask("moa", "GET", CONTENT)).content == ZIP


async def test_a_file_is_found_by_all_that_is_said_of_it(api: Marti) -> None:
    path = f"{SYNC}/upload?name=map.kml&keywords=a,b&creatorUid=U&uid=SHEET-1&Latitude=-41.3"
    kml = {"content": b"<kml/>", "headers": {"content-type": "application/vnd.google-earth.kml"}}
    answer = await api.ask("kiwi", "POST", path, **kml)
    # node-tak takes it for text, which it then reads as JSON: it must not be application/json.
    assert answer.headers["content-type"] == "text/json; charset=utf-8"
    assert (answer.json()["Keywords"], answer.json()["Latitude"]) == (["a", "b"], "-41.3")
    for found in ("keywords=a", "keyword=b", "name=MAP", "uid=SHEET-1", "tool=public",
                  "mimetype=application/vnd.google-earth.kml",
                  "startTime=2026-01-02T00:00:00Z"):  # fmt: skip
        said = await api.get("moa", f"/Marti/api/sync/search?{found}")
        assert [row["name"] for row in said["data"]] == ["map.kml"], found
    for other in ("keywords=c", "name=x", "uid=SHEET-2", "tool=x", "stopTime=2026-01-01T00:00:00Z"):
        assert (await api.get("moa", f"/Marti/api/sync/search?{other}"))["data"] == [], other
    (row,) = (await api.get("moa", "/Marti/api/sync/search"))["data"]
    assert (row["size"], row["submitter"], row["latitude"]) == (6, "kiwi", "-41.3")
    by_uid = await api.ask("moa", "GET", f"{SYNC}/content?uid=SHEET-1")
    assert by_uid.content == b"<kml/>"
    count = await api.get("moa", "/Marti/api/files/metadata/count")
    assert (count["type"], count["data"]) == ("Count", 1)
    table = await api.get("moa", "/Marti/api/files/metadata")
    assert (table["type"], table["data"][0]) == ("Files", {
        "Name": "map.kml", "User": "kiwi", "Creator": "U", "Size": "6B",
        "Time": "2026-01-02 03:04:05", "MimeType": table["data"][0]["MimeType"],
        "Keywords": "a,b", "Expiration": "none", "Hash": hash_of(b"<kml/>"), "Groups": "Blue",
        "Tool": "public",
    })  # fmt: skip
    assert len((await api.get("moa", "/Marti/api/files/metadata?name=map"))["data"]) == 1
    assert (await api.get("moa", "/Marti/api/files/metadata?missionPackage=true"))["data"] == []
    sha256 = hash_of(b"<kml/>")
    assert (await api.ask("moa", "GET", f"{SYNC}/{sha256}/metadata")).json()["Hash"] == sha256
    assert len((await api.get("moa", f"/Marti/api/resources/{sha256}"))["data"]) == 1


async def test_nobody_sees_a_file_of_groups_that_he_is_not_in(api: Marti) -> None:
    await api.does("kiwi", "POST", PACKAGE, **package())
    for path in (CONTENT, f"{SYNC}/missionquery?hash={HASH}", f"/Marti/api/files/{HASH}",
                 f"{SYNC}/{HASH}/metadata", f"/Marti/api/resources/{HASH}"):  # fmt: skip
        await api.does("tui", "GET", path, 404)
    assert (await api.ask("tui", "GET", SEARCH)).json()["resultCount"] == 0
    await api.does("tui", "DELETE", f"{SYNC}/delete?hash={HASH}", 404)
    await api.does("tui", "POST", f"{PACKAGE}&groups=Blue", 403, **package())
    await api.does("kea", "POST", f"{PACKAGE}&Groups=Blue,Red", **package())
    assert (await api.ask("tui", "GET", CONTENT)).content == ZIP


async def test_a_hash_that_does_not_match_keeps_nothing(api: Marti) -> None:
    said = await api.does("kiwi", "POST", PACKAGE, 400, **package(b"other bytes"))
    assert hash_of(b"other bytes") in said["detail"]
    assert kept(api) == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "a\\b", "..", "%00", "%0a", "x" * 256])
async def test_a_name_that_is_a_path_or_cannot_be_shown_is_refused(api: Marti, name: str) -> None:
    path = f"{SYNC}/missionupload?filename={name}&creatorUid=U"
    await api.does("kiwi", "POST", path, 400, **package())
    assert kept(api) == []


@pytest.mark.parametrize(
    "name", ["kaitiaki ā.zip", "карта.zip", "地図.zip", "خريطة.zip", 'a;b"c.zip']
)
async def test_a_name_in_any_script_comes_back_as_it_was(api: Marti, name: str) -> None:
    await api.does("kiwi", "POST", f"{SYNC}/missionupload", params={"filename": name}, **package())
    (row,) = (await api.ask("kiwi", "GET", SEARCH)).json()["results"]
    assert row["Name"] == name
    shown = (await api.ask("kiwi", "GET", CONTENT)).headers["content-disposition"]
    assert "filename*=UTF-8''" in shown
    assert shown.isascii()


async def test_an_upload_is_cut_off_at_the_limit_while_it_is_read(tmp_path: Path) -> None:
    read = 0

    async def endless() -> Any:
        nonlocal read
        while read < 16 << 20:  # far more than may come
            read += 1 << 16
            yield b"x" * (1 << 16)

    async with marti(tmp_path, files=FileSettings(max_file=1 << 20)) as api:
        path = f"{SYNC}/upload?name=big"
        answer = await api.ask("kiwi", "POST", path, content=endless())
        assert (answer.status_code, answer.headers["connection"]) == (413, "close")
        assert read <= 2 << 20
        # One that says how long it is, is not read at all.
        said = {"content-length": str(5 << 30)}
        assert (await api.ask("kiwi", "POST", path, headers=said)).status_code == 413
        assert kept(api) == []


async def test_a_person_has_so_many_bytes_and_the_node_so_many(tmp_path: Path) -> None:
    limits = FileSettings(max_file=100, max_person=150, max_total=200, max_files=3)
    async with marti(tmp_path, files=limits) as api:

        async def put(who: str, name: str, size: int, status: int) -> Any:
            path = f"{SYNC}/upload?name={name}"
            return await api.does(who, "POST", path, status, content=name.encode() * size)

        await put("kiwi", "a", 100, 200)
        await put("kiwi", "b", 51, 413)
        await put("kiwi", "c", 50, 200)
        await put("moa", "d", 51, 413)  # of the node's bytes 50 are left
        await put("moa", "e", 50, 200)
        said = await put("moa", "f", 1, 413)
        assert "3 files" in said["detail"]
        await api.does("kiwi", "DELETE", f"{SYNC}/delete?hash={hash_of(b'a' * 100)}")
        await put("moa", "f", 1, 200)


async def test_what_is_no_whole_file_is_refused_and_leaves_nothing(api: Marti) -> None:
    await api.does("kiwi", "POST", PACKAGE, 400, content=ZIP)  # no multipart
    await api.does("kiwi", "POST", f"{SYNC}/missionupload", 400, **package())  # no name
    broken = {"content-type": "multipart/form-data; boundary=x"}
    await api.does("kiwi", "POST", PACKAGE, 400, content=b"--x\r\nno end", headers=broken)
    await api.does("ruru", "POST", PACKAGE, 403, **package())
    assert kept(api) == []


async def test_parts_of_a_file_are_given(api: Marti) -> None:
    await api.does("kiwi", "POST", PACKAGE, **package())
    part = await api.ask("kiwi", "GET", f"{CONTENT}&offset=2&length=3")
    assert (part.status_code, part.content) == (206, ZIP[2:5])
    rest = await api.ask("kiwi", "GET", f"{CONTENT}&offset=2")
    assert (rest.status_code, rest.content) == (206, ZIP[2:])
    await api.does("kiwi", "GET", f"{CONTENT}&offset=999", 416)
    ranged = await api.ask("kiwi", "GET", CONTENT, headers={"range": "bytes=0-1"})
    assert (ranged.status_code, ranged.content) == (206, b"PK")
    await api.does("kiwi", "GET", f"{SYNC}/content", 400)


async def test_bytes_that_two_people_have_go_with_the_second(api: Marti) -> None:
    await api.does("kiwi", "POST", PACKAGE, **package())
    await api.does("moa", "POST", PACKAGE, **package())
    assert kept(api) == [HASH]
    await api.does("kiwi", "DELETE", f"/Marti/api/files/{HASH}")
    assert kept(api) == [HASH]
    await api.does("kiwi", "POST", f"{SYNC}/delete?hash={HASH}", 403)  # it is moa's
    await api.does("weka", "POST", f"{SYNC}/delete?hash={HASH}")  # an administrator
    assert kept(api) == []
    await api.does("moa", "GET", CONTENT, 404)


async def test_one_of_several_is_deleted_by_its_number(api: Marti) -> None:
    await api.does("kiwi", "POST", PACKAGE, **package())
    await api.does("kiwi", "POST", f"{SYNC}/delete", 400)
    await api.does("kiwi", "POST", f"{SYNC}/delete?PrimaryKey=99", 404)
    await api.does("kiwi", "POST", f"{SYNC}/delete?PrimaryKey=1")
    assert kept(api) == []


async def test_what_is_said_of_a_file_can_be_changed(api: Marti) -> None:
    await api.does("kiwi", "POST", PACKAGE, **package())
    meta = f"/Marti/api/sync/metadata/{HASH}"
    await api.does("kiwi", "PUT", f"{meta}/keywords", json=["one", "two"])
    await api.does("kiwi", "PUT", f"{meta}/name", content=b"other.zip")
    await api.does("kiwi", "PUT", f"{meta}/name", 400, content=b"../x")
    await api.does("kiwi", "PUT", f"{meta}/size", 400, content=b"1")
    await api.does("kiwi", "PUT", f"{meta}/keywords", 400, json="one")
    (row,) = (await api.get("moa", "/Marti/api/sync/search"))["data"]
    assert (row["name"], row["keywords"]) == ("other.zip", ["one", "two"])
    ends = int(api.node.clock.now().timestamp()) + 60
    await api.does("kiwi", "PUT", f"{meta}/expiration?expiration={ends}")
    assert (await api.ask("moa", "GET", CONTENT)).status_code == 200
    api.node.clock.advance(minutes=2)
    await api.does("moa", "GET", CONTENT, 404)
    await api.does("moa", "POST", f"{SYNC}/upload?name=x", content=b"x")
    assert kept(api) == [hash_of(b"x")]  # what has ended makes room


async def test_a_node_that_starts_again_has_its_files_and_nothing_half(tmp_path: Path) -> None:
    async with marti(tmp_path) as api:
        await api.does("kiwi", "POST", PACKAGE, **package())
        (tmp_path / "files" / "incoming" / "half").write_bytes(b"x")
        (tmp_path / "files" / "ab").mkdir()
        (tmp_path / "files" / "ab" / "orphan").write_bytes(b"x")
    async with marti(tmp_path) as api:
        assert kept(api) == [HASH]
        assert (await api.ask("moa", "GET", CONTENT)).content == ZIP


async def test_uploads_at_the_same_time_are_each_kept_whole(api: Marti) -> None:
    data = {f"f{n}": bytes([n]) * 70_000 for n in range(8)}
    await asyncio.gather(
        *(api.does("kiwi", "POST", f"{SYNC}/upload?name={n}", content=d) for n, d in data.items())
    )
    for each in data.values():
        answer = await api.ask("moa", "GET", f"{SYNC}/content?hash={hash_of(each)}")
        assert answer.content == each


@pytest.mark.parametrize(
    "place",
    ["latitude=abc", "latitude=nan", "latitude=-91", "Longitude=180.5", "longitude=1e400",
     "altitude=inf", "altitude=x"],
)  # fmt: skip
async def test_what_is_no_place_is_refused(api: Marti, place: str) -> None:
    path = f"{SYNC}/upload?name=map.kml&latitude=1&{place}"
    path = path.replace("latitude=1&", "") if "latitude" in place else path
    await api.does("kiwi", "POST", path, 400, content=b"x")
    await api.does("kiwi", "POST", f"{PACKAGE}&{place}", 400, **package())
    assert kept(api) == []


async def test_a_file_that_a_mission_holds_is_not_ended(api: Marti) -> None:
    await api.does("kiwi", "POST", PACKAGE, **package())
    await api.does("kiwi", "POST", f"{MISSION}?creatorUid=UID-kiwi", 201)
    await api.does("kiwi", "PUT", f"{MISSION}/contents", json={"hashes": [HASH]})
    end = f"/Marti/api/sync/metadata/{HASH}/expiration?expiration="
    said = await api.does("kiwi", "PUT", f"{end}0", 409)
    assert "take it out" in said["detail"]
    soon = int(api.node.clock.now().timestamp()) + 60
    await api.does("kiwi", "PUT", f"{end}{soon}")
    api.node.clock.advance(seconds=120)
    await api.does("kiwi", "POST", f"{SYNC}/upload?name=next", content=b"next")
    assert (await api.ask("moa", "GET", CONTENT)).content == ZIP
    await api.does("kiwi", "DELETE", f"{MISSION}/contents?hash={HASH}")
    await api.does("moa", "GET", CONTENT, 404)  # now it ends


async def test_a_mission_that_holds_a_file_by_now_keeps_it(api: Marti) -> None:
    await api.does("kiwi", "POST", PACKAGE, **package())
    await api.does("kiwi", "POST", f"{MISSION}?creatorUid=UID-kiwi", 201)
    guid = (await api.get("kiwi", MISSION))["data"][0]["guid"]
    item = Item(kind=ItemKind.HASH, name=HASH, at=api.node.clock.now(), creator_uid="U", details={})
    api.api.missions.store.put(guid, [item])  # and nobody has noted it yet
    await api.does("kiwi", "DELETE", f"{SYNC}/delete?hash={HASH}", 409)


async def test_an_administrator_knows_of_every_file_and_deletes_it(api: Marti) -> None:
    await api.does("tui", "POST", f"{SYNC}/upload?name=red&tool=private", content=b"red")
    sha256, page = hash_of(b"red"), "/Marti/api/files/metadata"
    assert [row["Name"] for row in (await api.get("weka", page))["data"]] == ["red"]
    assert (await api.get("weka", f"{page}/count"))["data"] == 1
    assert (await api.get("weka", f"/Marti/api/resources/{sha256}"))["data"][0]["name"] == "red"
    assert (await api.get("kiwi", page))["data"] == []
    # He hears nothing of Red: the bytes are not his.
    await api.does("weka", "GET", f"{SYNC}/content?hash={sha256}", 404)
    await api.does("weka", "GET", f"/Marti/api/files/{sha256}", 404)
    assert (await api.ask("weka", "GET", f"{SEARCH}?tool=private")).json()["resultCount"] == 0
    await api.does("weka", "DELETE", f"/Marti/api/files/{sha256}")
    assert kept(api) == []


async def test_who_is_another_when_his_file_is_here_keeps_none(
    api: Marti, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def parts(then: Principal | None) -> Any:
        yield b"half"
        if then is None:
            monkeypatch.delitem(PEOPLE, "kiwi")
        else:
            monkeypatch.setitem(PEOPLE, "kiwi", then)
        yield b"and half"

    path = f"{SYNC}/upload?name=late"
    other = Principal(name="kiwi", groups={"Red": BOTH}, credential="k1")
    said = await api.does("kiwi", "POST", path, 401, content=parts(other))
    assert "other groups" in said["detail"]
    said = await api.does("kiwi", "POST", path, 401, content=parts(None))
    assert said["detail"] == "not admitted any more: no client certificate"
    assert kept(api) == []


async def test_a_table_of_files_is_sorted_and_cut_and_is_of_a_mission(api: Marti) -> None:
    """TAK Server 5.7, public source, FileManagerApi."""
    page, upload = "/Marti/api/files/metadata", f"{SYNC}/upload?name="
    for name, data in (("b", b"x" * 3000), ("A", b"x" * 5), ("c", b"x" * (3 << 20))):
        await api.does("kiwi", "POST", f"{upload}{name}", content=data)
        api.node.clock.advance(seconds=1)

    async def names(query: str = "") -> list[str]:
        return [row["Name"] for row in (await api.get("moa", f"{page}{query}"))["data"]]

    assert await names() == ["c", "A", "b"]
    assert await names("?sort=name") == ["A", "b", "c"]
    assert await names("?sort=size&ascending=false") == ["c", "b", "A"]
    assert await names("?sort=updateTime&page=1&limit=2") == ["c"]
    rows = (await api.get("moa", f"{page}?sort=size"))["data"]
    assert [row["Size"] for row in rows] == ["5B", "2kB", "3MB"]
    await api.does("kiwi", "PUT", f"/Marti/api/sync/metadata/{rows[0]['Hash']}/expiration"
                   "?expiration=1800000000")  # fmt: skip
    (ends,) = (await api.get("moa", f"{page}?name=a"))["data"]
    assert ends["Expiration"] == "2027-01-15T08:00:00"
    missions = "/Marti/api/missions"
    for name, password in (("Search", ""), ("Locked", "koura")):
        await api.does("kiwi", "PUT", f"{missions}/{name}?password={password}", 201)
        held = [rows[0]["Hash"]]
        await api.does("kiwi", "PUT", f"{missions}/{name}/contents", json={"hashes": held})
    assert await names("?mission=search") == ["A"]
    assert await names("?mission=Locked") == []  # he may not read it
    assert (await api.get("moa", f"{page}/count?mission=Search"))["data"] == 1
    found = await api.get("moa", "/Marti/api/sync/search?mission=Search")
    assert [each["name"] for each in found["data"]] == ["A"]
