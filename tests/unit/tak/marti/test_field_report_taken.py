"""Reports of the CI-TRAP tool as they are kept: their packages, contexts and limits."""

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from accord.storage.field_reports import Changed, FieldReports
from accord.storage.files import FileSettings
from accord.tak.marti.field_report_taken import Taking
from support.field_reports import (
    AS_XML,
    PATH,
    XML,
    a_package,
    a_report,
    bytes_kept,
    entries,
    file,
    files_of,
    ids,
    package_of,
)
from support.marti import Marti, hash_of, marti


async def test_a_report_without_an_id_is_given_one_in_its_package_too(api: Marti) -> None:
    made = await file(api)
    assert len(made) == 36
    kept = entries(await package_of(api, made))
    assert etree.fromstring(kept["TrapReport.xml"]).get("id") == made
    assert kept["images/smoke.jpg"] == b"\xff\xd8 a picture"
    assert (await file(api)) != made


async def test_a_report_of_an_exercise_is_seen_by_who_takes_part_and_nobody_else(
    api: Marti, tmp_path: Path
) -> None:
    package = a_package(id="R-1", opex="e-TASMAN")
    await api.does("kiwi", "POST", PATH, 403, content=package)
    await file(api, "pukeko", package)
    (told,) = await api.get("pukeko", PATH)
    assert told["opex"] == "e-TASMAN"
    listed = await api.ask("pukeko", "GET", PATH, headers=AS_XML)
    assert etree.fromstring(listed.content)[0].get("opex") == "e-TASMAN"
    assert await ids(api, "kiwi") == []
    await api.does("kiwi", "GET", f"{PATH}/R-1", 404)
    await api.does("kiwi", "GET", f"/Marti/sync/content?hash={hash_of(package)}", 404)
    assert await files_of(api, "kiwi") == 0
    assert await files_of(api, "pukeko") == 1


async def test_who_sees_a_report_has_its_package_as_a_file_by_hash_and_uid(api: Marti) -> None:
    package = a_package(id="R-1")
    await file(api, package=package)
    for how in (f"hash={hash_of(package)}", "uid=R-1"):
        assert (await api.ask("moa", "GET", f"/Marti/sync/content?{how}")).content == package
        await api.does("tui", "GET", f"/Marti/sync/content?{how}", 404)
    (found,) = (await api.get("moa", "/Marti/sync/search?keywords=citrap"))["results"]
    assert (found["Name"], found["UID"], found["Latitude"]) == ("R-1.zip", "R-1", "-40.7500000")


async def test_the_package_of_a_report_is_not_deleted_under_it(api: Marti, tmp_path: Path) -> None:
    package = a_package(id="R-1")
    await file(api, package=package)
    await api.does("kiwi", "DELETE", f"/Marti/api/files/{hash_of(package)}", 409)
    end = f"/Marti/api/sync/metadata/{hash_of(package)}/expiration?expiration=1"
    await api.does("kiwi", "PUT", end)
    assert await package_of(api, "R-1") == package
    async with marti(tmp_path) as again:  # a node that begins anew
        assert await package_of(again, "R-1") == package
        assert (await again.ask("moa", "GET", "/Marti/sync/content?uid=R-1")).content == package


async def test_what_was_submitted_as_a_file_too_stays(api: Marti, tmp_path: Path) -> None:
    package = a_package(id="R-1")
    await api.does("kiwi", "POST", "/Marti/sync/upload?name=R-1.zip", content=package)
    await file(api, package=package)
    await file(api, package=package)  # and once more is no more
    assert await files_of(api, "moa") == 1
    await api.does("kiwi", "DELETE", f"{PATH}/R-1")
    assert (await files_of(api, "moa"), bytes_kept(tmp_path)) == (1, 1)


async def test_what_is_no_report_leaves_nothing(api: Marti, tmp_path: Path) -> None:
    for body in (b"", b"no zip", a_package(dateTime="x"), a_package(b"<reports/>")):
        await api.does("kiwi", "POST", PATH, 400, content=body)
    assert (await ids(api), bytes_kept(tmp_path)) == ([], 0)


async def test_packages_are_within_what_one_person_may_have(tmp_path: Path) -> None:
    size = len(a_package(id="R-1"))
    settings = FileSettings(max_file=4 * size, max_person=2 * size + 10)
    async with marti(tmp_path, files=settings) as api:
        await file(api, id="R-1")
        await file(api, id="R-2")
        await api.does("kiwi", "POST", PATH, 413, content=a_package(id="R-3"))
        to, said = f"{PATH}/R-2/attachment", {"content-disposition": "attachment; filename=b"}
        await api.does("kiwi", "POST", to, 507, content=b"a", headers=said)
        assert bytes_kept(tmp_path) == 2
        await api.does("kiwi", "DELETE", f"{PATH}/R-1")
        await file(api, id="R-3")


def _store(api: Marti) -> FieldReports:
    store = _part(api)._reports
    assert isinstance(store, FieldReports)
    return store


def _part(api: Marti) -> Any:
    (part,) = [each for each in api.api._parts if type(each).__name__ == "FieldReportsApi"]
    return part


async def test_no_more_reports_are_taken_than_are_kept(
    api: Marti, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await file(api, id="R-1")
    monkeypatch.setattr(_store(api), "_most", 1)
    said = await api.does("kiwi", "POST", PATH, 507, content=a_package(id="R-2"))
    assert "keeps 1 reports" in str(said)
    assert bytes_kept(tmp_path) == 1  # the bytes of the refused one are gone
    await file(api, id="R-1", title="changed")


async def test_a_report_that_changes_meanwhile_is_sent_again(
    api: Marti, monkeypatch: pytest.MonkeyPatch
) -> None:
    await file(api, id="R-1")
    store = _store(api)
    (before,) = store.named("R-1")
    await file(api, id="R-1", title="changed")
    monkeypatch.setattr(store, "named", lambda _id: [before])
    said = await api.does("kiwi", "POST", PATH, 409, content=a_package(id="R-1", title="late"))
    assert "send it again" in str(said)


async def test_a_report_stays_in_its_groups_whoever_sends_it_again(api: Marti) -> None:
    one = await api.does("kea", "POST", f"{PATH}?group=Red", 201, content=a_package(id="R-1"))
    assert one == {"id": "R-1"}
    await file(api, "kea", id="R-1", title="again")  # and into no other, as no group is named
    assert await ids(api, "moa") == []
    assert await ids(api, "tui") == ["R-1"]
    await file(api, "kiwi", id="R-2")
    await file(api, "weka", id="R-2", title="by an administrator")
    assert (await ids(api, "moa"), await ids(api, "tui")) == (["R-2"], ["R-1"])


async def test_a_report_of_an_exercise_is_not_made_live_by_leaving_out_its_mark(
    api: Marti,
) -> None:
    await file(api, "pukeko", id="R-1", opex="e-TASMAN")
    said = await api.does("pukeko", "POST", PATH, 400, content=a_package(id="R-1"))
    assert "is of exercise:TASMAN, and is sent as of live" in str(said)
    await api.does("pukeko", "PUT", f"{PATH}/R-1", 400, content=a_report(), headers=XML)
    await file(api, "pukeko", id="R-1", opex="e-TASMAN", title="again")
    assert await ids(api, "kiwi") == []


async def test_a_report_that_is_changed_while_it_is_looked_up_is_had_as_it_is_now(
    api: Marti, monkeypatch: pytest.MonkeyPatch
) -> None:
    await file(api, id="R-1")
    store = _store(api)
    (before,) = store.named("R-1")
    changed = a_package(id="R-1", title="changed")
    await file(api, package=changed)
    named, old = store.named, [[before]]
    monkeypatch.setattr(store, "named", lambda of: old.pop() if old else named(of))
    assert await package_of(api, "R-1") == changed
    monkeypatch.setattr(store, "named", lambda _id: [before])
    said = await api.does("moa", "GET", f"{PATH}/R-1", 409)
    assert "again and again" in str(said)


async def test_what_is_to_stand_in_a_package_that_is_gone_is_sent_again(
    api: Marti, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await file(api, id="R-1")
    store = _store(api)
    (before,) = store.named("R-1")
    await file(api, id="R-1", title="changed")
    monkeypatch.setattr(store, "named", lambda _id: [before])
    attached = {"content-disposition": "attachment; filename=b"}
    to = f"{PATH}/R-1"
    for said in (
        await api.does("kiwi", "POST", f"{to}/attachment", 409, content=b"b", headers=attached),
        await api.does("kiwi", "PUT", to, 409, content=a_report(id="R-1"), headers=XML),
    ):
        assert "changed meanwhile: send it again" in str(said)
        assert str(tmp_path) not in str(said)


async def test_who_files_an_id_that_another_filed_just_then_is_refused(
    api: Marti, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await file(api, id="R-1")
    monkeypatch.setattr(_store(api), "named", lambda _id: [])
    said = await api.does("moa", "POST", PATH, 409, content=a_package(id="R-1", title="late"))
    assert "another filed R-1 meanwhile" in str(said)
    assert bytes_kept(tmp_path) == 1
    await api.does("tui", "POST", PATH, 201, content=a_package(id="R-1", title="of Red"))


async def test_a_package_that_is_open_is_whole_whatever_becomes_of_its_report(
    api: Marti, tmp_path: Path
) -> None:
    package = a_package(id="R-1")
    await file(api, package=package)
    (report,) = _store(api).named("R-1")
    taking = _part(api)._taking
    assert isinstance(taking, Taking)
    with taking.opened(report) as held:
        await api.does("kiwi", "DELETE", f"{PATH}/R-1")
        assert bytes_kept(tmp_path) == 0
        assert held.read() == package
    with pytest.raises(Changed):
        taking.opened(report)
