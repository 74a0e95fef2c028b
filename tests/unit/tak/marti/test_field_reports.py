"""Reports of the CI-TRAP tool, as iTAK and ATAK file, fetch, change and delete them.

Paths, parameters and answers by TAK Server 5.7 (public source: CITrapReportAPI and what it calls).
"""

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

from lxml import etree

from support.field_reports import (
    AS_XML,
    PATH,
    XML,
    ZIP,
    a_package,
    a_report,
    bytes_kept,
    entries,
    file,
    ids,
    package_of,
)
from support.marti import Marti


async def test_a_report_is_filed_listed_and_fetched_whole(api: Marti) -> None:
    package = a_package(id="R-1", status="open")
    answer = await api.ask("kiwi", "POST", f"{PATH}?clientUid=UID-kiwi", content=package)
    assert (answer.status_code, answer.json()) == (201, {"id": "R-1"})
    assert answer.headers["location"] == f"https://node:8443{PATH}/R-1"
    (told,) = await api.get("moa", PATH)
    assert told == {
        "id": "R-1", "type": "Fire", "title": "Smoke over Ōtaki", "userCallsign": "KIWI 1",
        "userDescription": "seen from the road", "dateTime": "2026-01-02T03:00:00.000Z",
        "dateTimeDescription": "just now", "location": "POINT (175.15 -40.75)",
        "locationDescription": "north of the river", "eventScale": "small",
        "importance": "routine", "status": "open", "submitter": "kiwi",
    }  # fmt: skip
    got = await api.ask("moa", "GET", f"{PATH}/R-1?clientUid=UID-moa")
    assert got.content == package  # to the byte
    assert got.headers["content-type"] == "application/zip"
    assert got.headers["content-disposition"].startswith('attachment; filename="R-1.zip"')
    xml = await api.ask("moa", "GET", f"{PATH}/R-1", headers=AS_XML)
    assert xml.content == entries(package)["TrapReport.xml"]
    assert xml.headers["content-type"] == "application/xml"
    await api.does("moa", "GET", f"{PATH}/R-1", 400, headers={"accept": "image/png"})


async def test_a_package_comes_in_a_form_too(api: Marti) -> None:
    upload = {"assetfile": ("report.zip", a_package(id="R-1"))}
    await api.does("kiwi", "POST", PATH, 201, files=upload)
    assert await ids(api) == ["R-1"]


async def test_a_report_is_of_the_groups_of_who_files_it(api: Marti) -> None:
    await file(api, id="R-1")
    await api.does("kea", "POST", f"{PATH}?group=Red", 201, content=a_package(id="R-2"))
    await api.does("kiwi", "POST", f"{PATH}?group=Red", 403, content=a_package(id="R-3"))
    assert (await ids(api, "kiwi"), await ids(api, "tui")) == (["R-1"], ["R-2"])
    assert sorted(await ids(api, "kea")) == ["R-1", "R-2"]
    await api.does("tui", "GET", f"{PATH}/R-1", 404)
    await api.does("tui", "DELETE", f"{PATH}/R-1", 404)
    await api.does("ruru", "POST", PATH, 403, content=a_package())  # only hears


async def test_an_id_that_another_group_has_is_free(api: Marti) -> None:
    await file(api, "tui", id="R-1", title="of Red")
    await file(api, "kiwi", id="R-1", title="of Blue")
    assert [each["title"] for each in await api.get("moa", PATH)] == ["of Blue"]
    for who in ("kea", "tui"):  # who sees both finds the one sent last
        api.node.clock.advance(seconds=1)
        await file(api, "kiwi", id="R-1", title=f"of Blue for {who}")
    xml = entries(await package_of(api, "R-1", "kea"))["TrapReport.xml"]
    assert etree.fromstring(xml).get("title") == "of Blue for tui"
    xml = entries(await package_of(api, "R-1", "tui"))["TrapReport.xml"]
    assert etree.fromstring(xml).get("title") == "of Red"


async def test_a_report_is_changed_by_who_filed_it_and_an_administrator(
    api: Marti, tmp_path: Path
) -> None:
    await file(api, id="R-1")
    one = f"{PATH}/R-1"
    changed = a_report(id="R-1", title="Out")
    await api.does("kiwi", "PUT", one, content=changed, headers=XML)
    kept = entries(await package_of(api, "R-1"))
    assert (kept["TrapReport.xml"], len(kept)) == (changed, 2)
    whole = a_package(title="Cold")
    await api.does("kiwi", "PUT", one, content=whole, headers=ZIP)  # the id is that of the path
    assert etree.fromstring(entries(await package_of(api, "R-1"))["TrapReport.xml"]).get("id")
    await file(api, id="R-1", title="Sent again")
    assert [each["title"] for each in await api.get("moa", PATH)] == ["Sent again"]
    for who, status in (("moa", 403), ("tui", 404), ("ruru", 403), ("weka", 200)):
        said = a_report(id="R-1", title=f"by {who}")
        await api.does(who, "PUT", one, status, content=said, headers=XML)
    (told,) = await api.get("moa", PATH)
    assert (told["title"], told["submitter"]) == ("by weka", "kiwi")
    await api.does("moa", "POST", PATH, 403, content=a_package(id="R-1"))
    assert bytes_kept(tmp_path) == 1


async def test_a_change_that_cannot_be_changes_nothing(api: Marti, tmp_path: Path) -> None:
    package = a_package(id="R-1")
    await file(api, package=package)
    one = f"{PATH}/R-1"
    await api.does("kiwi", "PUT", one, 400, content=a_package(id="R-2"), headers=ZIP)
    await api.does("kiwi", "PUT", one, 400, content=a_report(id="R-2"), headers=XML)
    await api.does("kiwi", "PUT", one, 400, content=b"<reports/>", headers=XML)
    await api.does("kiwi", "PUT", one, 400, content=b"no zip", headers=ZIP)
    await api.does("kiwi", "PUT", one, 413, content=b" " * ((1 << 20) + 1), headers=XML)
    await api.does("kiwi", "PUT", one, 400, content=a_report(opex="e-TASMAN"), headers=XML)
    assert await package_of(api, "R-1") == package
    assert bytes_kept(tmp_path) == 1


async def test_a_file_is_attached_under_the_name_that_is_said(api: Marti) -> None:
    await file(api, id="R-1")
    to = f"{PATH}/R-1/attachment"
    said = {"content-disposition": "attachment; filename=sound.ogg"}
    await api.does("kiwi", "POST", to, content=b"OggS", headers=said)
    quoted = {"content-disposition": 'attachment; filename="a b.jpg"; size=2'}
    await api.does("kiwi", "POST", to, content=b"\xff\xd8", headers=quoted)
    await api.does("kiwi", "POST", to, content=b"OggS 2", headers=said)  # in place of the first
    await api.does("kiwi", "POST", to, files={"assetfile": ("c.txt", b"c")})
    kept = entries(await package_of(api, "R-1"))
    assert set(kept) == {"TrapReport.xml", "images/smoke.jpg", "sound.ogg", "a b.jpg", "c.txt"}
    assert (kept["sound.ogg"], kept["a b.jpg"]) == (b"OggS 2", b"\xff\xd8")
    await api.does("kiwi", "POST", to, 400, content=b"x")
    up = {"content-disposition": "attachment; filename=../up"}
    await api.does("kiwi", "POST", to, 400, content=b"x", headers=up)
    second = {"content-disposition": "attachment; filename=b.xml"}
    await api.does("kiwi", "POST", to, 400, content=a_report(), headers=second)
    await api.does("moa", "POST", to, 403, content=b"x", headers=said)
    await api.does("kiwi", "POST", f"{PATH}/none/attachment", 404, content=b"x", headers=said)


async def test_a_deleted_report_takes_its_package_along(api: Marti, tmp_path: Path) -> None:
    await file(api, id="R-1")
    await api.does("moa", "DELETE", f"{PATH}/R-1", 403)
    await api.does("kiwi", "DELETE", f"{PATH}/R-1?clientUid=UID-kiwi")
    assert (await ids(api), bytes_kept(tmp_path)) == ([], 0)
    await api.does("kiwi", "DELETE", f"{PATH}/R-1", 404)
    await file(api, id="R-1")
    await api.does("weka", "DELETE", f"{PATH}/R-1")


async def test_a_report_is_called_in_any_script(api: Marti) -> None:
    package = a_package(id="☃ āotea?#1")
    answer = await api.ask("kiwi", "POST", PATH, content=package, headers=ZIP)
    assert (answer.status_code, answer.json()) == (201, {"id": "☃ āotea?#1"})
    where = urlsplit(answer.headers["location"])
    assert (where.query, where.fragment) == ("", "")
    assert (await api.ask("moa", "GET", where.path)).content == package


async def test_of_two_who_see_each_other_one_has_an_id(api: Marti) -> None:
    for number in range(5):
        said = [a_package(id=f"R-{number}", title=who) for who in ("kiwi", "kea")]
        first, second = await asyncio.gather(
            api.ask("kiwi", "POST", f"{PATH}?group=Blue", content=said[0]),
            api.ask("kea", "POST", f"{PATH}?group=Blue", content=said[1]),
        )
        codes = sorted([first.status_code, second.status_code])
        assert codes in ([201, 403], [201, 409]), (first.text, second.text)
    assert len(await ids(api)) == 5


async def test_a_report_that_is_changed_all_the_while_comes_whole(api: Marti) -> None:
    whole = [a_package(id="R-1", title=f"number {number}") for number in range(8)]
    await file(api, package=whole[0])

    async def change() -> None:
        for each in whole[1:]:
            await api.does("kiwi", "PUT", f"{PATH}/R-1", content=each, headers=ZIP)

    async with asyncio.TaskGroup() as group:
        changing = group.create_task(change())
        while not changing.done():
            assert await package_of(api, "R-1") in whole
            xml = await api.ask("moa", "GET", f"{PATH}/R-1", headers=AS_XML)
            assert xml.status_code == 200
    assert await package_of(api, "R-1") == whole[-1]
