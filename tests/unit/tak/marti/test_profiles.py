"""Device profiles as ATAK asks for them: a data package, or 204."""

import io
import os
import zipfile

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
