"""Missions as other servers give them away: their forms, with people and places of our own.

The archive is of the form that TAK Server's public source (5.7-RELEASE-14) makes in
`MissionServiceDefaultImpl.archiveMission`, `MissionPackage` and `CotElement.toCotXml`. The answers
are of the form that OpenTAKServer 1.7.14 gave when it was run and asked.
"""

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import quoteattr

from support.marti import hash_of

PLAN = b"%PDF the plan of the bay"
PHOTO = b"\xff\xd8\xff a photo"


def tak_server_cot(uid: str, *, lat: str = "-36.84") -> bytes:
    """An event as TAK Server writes it from its database: no declaration, single quotes."""
    return (
        f"<event version='2.0' uid='{uid}' type='b-m-p-s-m' time='2026-05-01T10:00:00.123Z' "
        "start='2026-05-01T10:00:00.123Z' stale='2026-05-02T10:00:00.123Z' how='h-g-i-g-o'>"
        f"<point lat='{lat}' lon='174.76' hae='3.5000000000' ce='9999999.0' le='9999999.0' />"
        f'<detail><contact callsign="{uid}"/></detail></event>'
    ).encode()


PARAMETERS: Mapping[str, str | None] = {
    "uid": "7e0cd7a5-9d1d-4bc1-a7ac-2cf1a1f0a7b6",
    "name": "Harbour watch",
    "mission_guid": "0d9bb2a0-5dd1-4d02-8d2c-7a2f9a4e6a11",
    "password_hash": None,
    "creatorUid": "ANDROID-kiwi1",
    "create_time": "1777629600000",
    "expiration": "-1",
    "chatroom": "Harbour",
    "description": "Boats & buoys",
    "tool": "public",
    "onReceiveImport": "true",
    "onReceiveDelete": "false",
    "mission_name": "Harbour watch",
    "mission_label": "Harbour watch",
    "mission_uid": "old-8443-ssl-Harbour watch",
    "mission_server": "old:8443:ssl",
}


def tak_server_archive(
    *,
    groups: tuple[str, ...] = ("Blue", "Fire"),
    role: str = "MISSION_READONLY_SUBSCRIBER",
    things: tuple[str, ...] = ("buoy-4",),
    files: Mapping[str, bytes] = {"Plan A.pdf": PLAN},
    **said: str | None,
) -> bytes:
    """An archive: parameters without a value have no attribute, files are numbered in the zip."""
    entries = {f"cot/{uid}.cot": tak_server_cot(uid) for uid in things}
    contents = [
        f'<Content zipEntry="cot/{uid}.cot" ignore="false">'
        f'<Parameter name="uid" value="{uid}"/></Content>'
        for uid in things
    ]
    for number, (name, data) in enumerate(files.items()):
        entry = f"contents/{number}_{name}"
        entries[entry] = data
        contents.append(
            f'<Content zipEntry={quoteattr(entry)} ignore="false" keywords="plan,bay" '
            f'mimeType="application/x-plan" name={quoteattr(name)} submitter="kiwi" '
            f'uid="u" creatorUid="ANDROID-kiwi1" size="{len(data)}" tool="public" '
            'submissionTime="2026-05-01T10:00:00.1Z"/>'
        )
    parameters = "".join(
        f"<Parameter name={quoteattr(name)}"
        + ("/>" if value is None else f" value={quoteattr(value)}/>")
        for name, value in {**PARAMETERS, **said}.items()
    )
    manifest = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<MissionPackageManifest version="2"><Configuration>{parameters}</Configuration>'
        f"<Contents>{''.join(contents)}</Contents>"
        f"<Groups>{''.join(f'<Group name={quoteattr(each)}/>' for each in groups)}</Groups>"
        f'<Role name="{role}"><Permissions name="MISSION_READ"/></Role></MissionPackageManifest>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("cot/", "contents/"):
            archive.writestr(name, b"")
        for name, data in entries.items():
            archive.writestr(name, data)
        archive.writestr("MANIFEST/", b"")
        archive.writestr("MANIFEST/manifest.xml", manifest)
    return out.getvalue()


def _content(data: bytes, name: str, mime: str) -> dict[str, object]:
    said: dict[str, object] = {
        "creator_uid": "ANDROID-kiwi1", "expiration": -1, "hash": hash_of(data),
        "keywords": ["plan"], "mimeType": mime, "name": name, "size": len(data),
        "submissionTime": "2026-05-01T10:00:00.1234Z", "submitter": "kiwi",
        "uid": "79eb4e41-3e5a-425f-b2d3-3bdbb9b0d371",
    }  # fmt: skip
    return {"creatorUid": "ANDROID-kiwi1", "data": said, "timestamp": "2026-05-01T10:00:00.1234Z"}


def opentakserver_mission(**said: object) -> dict[str, object]:
    """What it says of a mission: groups by number and name, its own name of the read-only role."""
    return {
        "baseLayer": "", "bbox": "", "chatRoom": "", "classification": "",
        "contents": [
            _content(PLAN, "Plan_A.pdf", "application/pdf"),
            _content(PHOTO, "photo.jpg", "image/jpeg"),
        ],
        "createTime": "2026-05-01T10:00:00.1234Z", "creatorUid": "ANDROID-kiwi1",
        "defaultRole": {"permissions": ["MISSION_READ"], "type": "MISSION_READ_ONLY"},
        "description": "Boats & buoys", "expiration": -1, "externalData": [], "feeds": [],
        "groups": [{"id": 5, "name": "Blue"}, {"id": 6, "name": "Fire"}],
        "guid": "5f7b93bd-2cef-46ce-9fe5-6ba3c88d8cf0", "inviteOnly": False,
        "keywords": ["sea", "2026"], "mapLayers": [], "missionChanges": [],
        "name": "Harbour watch", "passwordProtected": False, "path": "", "tool": "public",
        "uids": [
            {"creatorUid": "ANDROID-kiwi1", "data": "buoy-4", "details": {"type": "b-m-p-s-m"},
             "timestamp": "2026-05-01T10:00:00.1234Z"},
        ],
        **said,
    }  # fmt: skip


def opentakserver_folder(
    folder: Path, *, files: tuple[bytes, ...] = (PLAN, PHOTO), **said: object
) -> Path:
    """A folder with its answers: `cot` has every state of a thing, and what is no more in it."""
    folder.mkdir()
    answer = {
        "data": [opentakserver_mission(**said)],
        "nodeId": "n",
        "type": "Mission",
        "version": "3",
    }
    (folder / "mission.json").write_text(json.dumps(answer))
    events = [
        tak_server_cot("buoy-4", lat="-36.90").replace(b"10:00:00", b"11:00:00"),
        tak_server_cot("buoy-4"),
        tak_server_cot("gone"),
    ]
    (folder / "cot.xml").write_bytes(b"<events>" + b"".join(events) + b"</events>")
    entry = {
        "content": "Buoy 4 has moved", "contentHashes": [], "creatorUid": "ANDROID-kiwi1",
        "created": "2026-05-01T10:00:00.1234Z", "dtg": "2026-05-01T10:00:00.0000Z",
        "entryUid": "d575911e-2614-44bc-998d-09f093a2ae29", "keywords": ["watch"],
        "id": "d575911e-2614-44bc-998d-09f093a2ae29", "missionNames": ["Harbour watch"],
        "servertime": "2026-05-01T10:00:00.1234Z",
    }  # fmt: skip
    log = {"data": [entry, {**entry, "content": "Relieved at 18"}], "nodeId": "n", "version": "3"}
    (folder / "log.json").write_text(json.dumps(log))
    for number, each in enumerate(files):
        (folder / f"file {number}").write_bytes(each)
    return folder
