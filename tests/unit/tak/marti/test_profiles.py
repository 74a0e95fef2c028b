"""Device profiles as ATAK asks for them: a data package, or 204."""

import io
import os
import zipfile

import pytest
from lxml import etree

from accord.tak.marti import profiles
from support.marti import Marti

CONNECTION = "/Marti/api/device/profile/connection?clientUid=U1"


def put(api: Marti, name: str, data: bytes = b"<x/>", *, at: float | None = None) -> None:
    path = api.directory / "profiles" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    if at is not None:
        os.utime(path, (at, at))


async def test_there_is_no_profile_until_somebody_puts_one(api: Marti) -> None:
    for path in (CONNECTION, "/Marti/api/device/profile/tool/charts",
                 "/Marti/api/tls/profile/enrollment?clientUid=U1"):  # fmt: skip
        await api.does("kiwi", "GET", path, 204)
    await api.does("kiwi", "GET", "/Marti/api/device/profile/tool/..%5c", 404)


async def test_a_profile_is_a_data_package_that_is_imported(api: Marti) -> None:
    put(api, "connection/prefs/team.pref", b"<preferences/>")
    put(api, "tool/charts/harbour.kml")
    answer = await api.ask("kiwi", "GET", CONNECTION)
    assert answer.headers["content-disposition"] == "attachment; filename=profile.zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.read("prefs/team.pref") == b"<preferences/>"
        manifest = archive.read("MANIFEST/manifest.xml")
    assert b"<MissionPackageManifest" in manifest
    assert b'version="2"' in manifest
    root = etree.fromstring(manifest)
    said = {each.get("name"): each.get("value") for each in root.iter("Parameter")}
    assert (said["onReceiveImport"], said["onReceiveDelete"]) == ("true", "true")
    assert [each.get("zipEntry") for each in root.iter("Content")] == ["prefs/team.pref"]
    again = await api.ask("moa", "GET", CONNECTION)
    assert again.content == answer.content
    tool = await api.ask("kiwi", "GET", "/Marti/api/device/profile/tool/charts")
    assert tool.status_code == 200


async def test_what_lies_elsewhere_is_in_no_profile(api: Marti) -> None:
    put(api, "connection/a.pref", b"a")
    put(api, "tool/charts/b.kml", b"b")
    put(api, "secret", b"secret")
    secret = api.directory / "profiles" / "secret"
    for name in ("connection", "tool/charts"):
        folder = api.directory / "profiles" / name
        (folder / "out").symlink_to(secret)
        (folder / "folder").symlink_to(api.directory)
    (api.directory / "profiles" / "connection" / "same.pref").symlink_to("a.pref")
    for path, names in ((CONNECTION, {"a.pref", "same.pref"}),
                        ("/Marti/api/device/profile/tool/charts", {"b.kml"})):  # fmt: skip
        answer = await api.ask("kiwi", "GET", path)
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            assert set(archive.namelist()) == {*names, "MANIFEST/manifest.xml"}
    (api.directory / "profiles" / "connection" / "a.pref").unlink()  # only links are left
    await api.does("kiwi", "GET", CONNECTION, 204)


async def test_a_device_that_has_it_already_is_told_so(api: Marti) -> None:
    put(api, "connection/a", at=api.node.clock.now().timestamp() - 3600)
    await api.does("kiwi", "GET", f"{CONNECTION}&syncSecago=600", 204)
    assert (await api.ask("kiwi", "GET", f"{CONNECTION}&syncSecago=7200")).status_code == 200
    assert (await api.ask("kiwi", "GET", f"{CONNECTION}&syncSecago=-1")).status_code == 200


async def test_a_profile_that_is_too_large_is_not_given(api: Marti) -> None:
    path = api.directory / "profiles" / "connection" / "film"
    path.parent.mkdir(parents=True)
    with path.open("wb") as film:
        film.truncate(profiles.MAX_BYTES + 1)
    await api.does("kiwi", "GET", CONNECTION, 500)


async def test_a_file_of_a_tools_profile_is_given_as_it_is_and_several_in_a_package(
    api: Marti,
) -> None:
    """TAK Server 5.7, public source, ProfileAPI and ProfileService."""
    put(api, "tool/charts/north/harbour.kml", b"<kml/>", at=1_700_000_000)
    put(api, "tool/charts/north/bay.txt", b"bay", at=1_700_000_100)
    put(api, "connection/secret", b"other")
    for path in ("device", "tls"):
        file = f"/Marti/api/{path}/profile/tool/charts/file?clientUid=U1&relativePath="
        one = await api.ask("kiwi", "GET", f"{file}/north/harbour.kml")
        assert (one.status_code, one.content) == (200, b"<kml/>")
        assert one.headers["last-modified"] == "Tue, 14 Nov 2023 22:13:20 GMT"
        assert "harbour.kml" in one.headers["content-disposition"]
        both = await api.ask("kiwi", "GET", f"{file}/north")
        with zipfile.ZipFile(io.BytesIO(both.content)) as archive:
            assert archive.read("north/bay.txt") == b"bay"
        assert both.headers["content-disposition"] == "attachment; filename=profile.zip"
        # Of what the client has by its own words, only what is newer.
        since = {"if-modified-since": one.headers["last-modified"]}
        newer = await api.ask("kiwi", "GET", f"{file}/north", headers=since)
        assert newer.content == b"bay"
        have = await api.ask("kiwi", "GET", f"{file}/north/harbour.kml", headers=since)
        assert (have.status_code, have.content) == (304, b"")
        for wrong in ("/south", "../../connection/secret", "x" * 900):
            await api.does("kiwi", "GET", f"{file}{wrong}", 404)
        await api.does("kiwi", "GET", file.partition("&")[0], 400)
        await api.does("nobody", "GET", f"{file}/north", 401)


async def test_nothing_is_given_that_lies_elsewhere_or_is_too_large(
    api: Marti, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(api, "tool/charts/own", b"own")
    put(api, "connection/secret", b"other")
    (api.directory / "profiles/tool/charts/link").symlink_to(
        api.directory / "profiles/connection/secret"
    )
    (api.directory / "profiles/tool/charts/empty").mkdir()
    file = "/Marti/api/device/profile/tool/charts/file?relativePath="
    await api.does("kiwi", "GET", f"{file}/link", 404)
    await api.does("kiwi", "GET", f"{file}/empty", 404)
    assert (await api.ask("kiwi", "GET", f"{file}/")).content == b"own"
    monkeypatch.setattr(profiles, "MAX_BYTES", 2)
    await api.does("kiwi", "GET", f"{file}/own", 500)
