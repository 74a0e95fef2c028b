"""Files and data packages: upload, search, download, what is said of them, delete.

Who is in one of a file's groups finds it, and so does whoever may read a mission that holds it.
"""

import asyncio
import mimetypes
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Message, Receive, Scope, Send

from accord.core.principal import Group, Principal, Role
from accord.storage.files import NEVER, PRIVATE, PUBLIC, About, FileStore, Stored, is_hash
from accord.storage.tak_file import Full
from accord.tak.marti import file_json
from accord.tak.marti.asked import (
    LONG_AGO,
    Door,
    body,
    decimal,
    flag,
    json_body,
    moment,
    needed,
    number,
    parameter,
    parameters,
    refuse,
    text,
    texts,
)
from accord.tak.marti.upload import Received, received

PACKAGE = "missionpackage"

MAX_NAME = 255
MAX_FOUND = 5_000
"""Files in one answer, the newest."""

EVERYBODY = "__ANON__"
"""The group of TAK Server that everybody is in who is in no other."""

_BYTES = "application/octet-stream"
_PLACES = {"Latitude": 90.0, "Longitude": 180.0, "Altitude": inf}
"""What is said of a file's place, and how far from zero it may be."""

_RANGE_REFUSED = {
    400: "Range is such as bytes=0-499, bytes=500- or bytes=-500",
    416: "the file has no such bytes: Content-Range says how many there are",
}

IsInMission = Callable[[Principal, str], bool]
"""Tells whether somebody may read a mission that holds the file with a hash."""

IsInNamed = Callable[[Principal, str, str], bool]
"""Tells whether a mission of that name that somebody may read holds the file with a hash."""


_ORDERS: Mapping[str, Callable[[Stored], str | int | datetime]] = {
    "name": lambda each: each.about.name.casefold(),
    "updateTime": lambda each: each.submitted,
    "size": lambda each: each.size,
}
"""What a table of files can be sorted by, by TAK Server's names; if not said, the newest first."""


class _File(FileResponse):
    chunk_size = 256 << 10  # each is a way to a thread and back

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the bytes; a Range that cannot be is refused as everything is."""

        async def sent(message: Message) -> None:
            status: int = message.get("status", 200)
            if status in _RANGE_REFUSED:
                headers = {"Content-Range": f"bytes */{self.headers['content-length']}"}
                raise HTTPException(status, _RANGE_REFUSED[status], headers)
            await send(message)

        await super().__call__(scope, receive, sent)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesApi:
    """Answers what is asked of files."""

    door: Door
    files: FileStore
    is_in_mission: IsInMission
    missions_with: Callable[[str], Sequence[str]]
    is_in_named: IsInNamed

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes."""
        sync, api = "/Marti/sync", "/Marti/api"
        return [
            Route(f"{sync}/missionquery", self.query),
            Route(f"{sync}/missionupload", self.upload_package, methods=["POST"]),
            Route(f"{sync}/upload", self.upload, methods=["POST"]),
            Route(f"{sync}/content", self.content, methods=["GET", "HEAD"]),
            Route(f"{sync}/search", self.search),
            Route(f"{sync}/delete", self.delete, methods=["POST", "DELETE"]),
            Route(f"{sync}/{{hash}}/metadata", self.one),
            Route(f"{api}/sync/search", self.search_resources),
            Route(f"{api}/sync/metadata/{{hash}}/keywords", self.set_keywords, methods=["PUT"]),
            Route(f"{api}/sync/metadata/{{hash}}/expiration", self.set_end, methods=["PUT"]),
            Route(f"{api}/sync/metadata/{{hash}}/{{key}}", self.describe, methods=["PUT"]),
            Route(f"{api}/files/metadata", self.page),
            Route(f"{api}/files/metadata/count", self.count),
            Route(f"{api}/files/{{hash}}", self.delete_one, methods=["DELETE"]),
            Route(f"{api}/files/{{hash}}", self.content, methods=["GET", "HEAD"]),
            Route(f"{api}/resources/{{hash}}", self.resources),
        ]

    async def _visible(self, by: Principal, *, sha256: str = "", uid: str = "") -> list[Stored]:
        """Return the files that somebody may have, newest first."""
        now = self.door.clock.now()
        found = await asyncio.to_thread(self.files.all, now, sha256=sha256, uid=uid)
        return [each for each in found if self.may_have(by, each)]

    def may_have(self, by: Principal, file: Stored) -> bool:
        """Tell whether somebody may have a file."""
        about = file.about
        if about.submitter == by.name or not about.groups.isdisjoint(by.hears):
            return True
        return self.is_in_mission(by, file.hash)

    async def _known(self, by: Principal, *, sha256: str = "") -> list[Stored]:
        """Return the files that somebody knows of, newest first: an administrator, of every one."""
        if by.role is not Role.ADMINISTRATOR:
            return await self._visible(by, sha256=sha256)
        return await asyncio.to_thread(self.files.all, self.door.clock.now(), sha256=sha256)

    async def _named(self, request: Request, by: Principal) -> list[Stored]:
        """Return the files that the path names by their hash. 404 where he knows of none."""
        sha256 = request.path_params["hash"].lower()
        found = await self._known(by, sha256=sha256) if is_hash(sha256) else []
        return found or refuse(404, "there is no such file for you to have")

    async def _owned(self, request: Request) -> list[Stored]:
        """Return those of them that the caller may change. 403 where they are all another's."""
        by = self.door.require_speaker(request)
        found = await self._named(request, by)
        mine = [each for each in found if _may_change(by, each)]
        return mine or refuse(403, "the file is another's")

    async def query(self, request: Request) -> Response:
        """Answer where the file with a hash is; 404 tells ATAK to upload it."""
        by = self.door.require(request)
        sha256 = needed(request, "hash").lower()
        found = await self._visible(by, sha256=sha256) if is_hash(sha256) else []
        if not found:
            refuse(404, "there is no such file for you to have")
        return PlainTextResponse(content_url(self.door, request, sha256))

    async def upload_package(self, request: Request) -> Response:
        """Keep a data package, and answer where it is."""
        by = self.door.require_speaker(request)
        name = needed(request, "filename", "name")
        _place(request)
        self._end_said(request)
        async with received(request, self.files, self.door, by.name, wants_multipart=True) as got:
            keywords = (PACKAGE, *(k for k in parameters(request, "keyword") if k != PACKAGE))
            stored = await self._keep(request, by, got, name, keywords)
        return PlainTextResponse(content_url(self.door, request, stored.hash))

    async def upload(self, request: Request) -> Response:
        """Keep a file, and answer what is known of it."""
        by = self.door.require_speaker(request)
        _place(request)
        self._end_said(request)
        async with received(request, self.files, self.door, by.name) as got:
            name = parameter(request, "name", "filename") or got.name or got.hash
            said = [part for each in parameters(request, "keywords", "keyword")
                    for part in each.split(",") if part]  # fmt: skip
            stored = await self._keep(request, by, got, name, tuple(said))
        return file_json.answer(file_json.capitalised(stored))

    async def _keep(
        self, request: Request, by: Principal, got: Received, name: str, keywords: tuple[str, ...]
    ) -> Stored:
        said = parameter(request, "hash").lower()
        if said and said != got.hash:
            refuse(400, f"the hash given is {said}, that of the bytes is {got.hash}")
        about = About(
            name=file_name(name),
            mime=_mime(request, got, name),
            tool=parameter(request, "tool") or PUBLIC,
            keywords=keywords,
            submitter=by.name,
            creator_uid=self._creator(by, parameter(request, "creatorUid")),
            groups=groups_said(by, parameters(request, "groups", "group")),
            uid=parameter(request, "uid"),
            place=_place(request),
            expires=self._end_said(request),
        )
        try:
            return await asyncio.to_thread(
                self.files.keep, got.path, got.hash, about, self.door.clock.now()
            )
        except Full as full:
            refuse(413, str(full))

    def _end_said(self, request: Request) -> int:
        """Return when a file is to end. 400 for what is over: it would be gone at once."""
        expires = number(request, "expiration", NEVER)
        if expires != NEVER and expires <= self.door.clock.now().timestamp():
            refuse(400, "expiration is a moment to come, in seconds since 1970, or -1 for never")
        return expires

    def _creator(self, by: Principal, said: str) -> str:
        return self.door.author(by, said) if said else ""

    async def content(self, request: Request) -> Response:
        """Answer with the bytes: all, or those that Range or `offset` and `length` name."""
        by = self.door.require(request)
        sha256 = str(request.path_params.get("hash", "")) or parameter(request, "hash")
        uid = parameter(request, "uid")
        if not (sha256 or uid):
            refuse(400, "give the hash or the uid of the file")
        found = await self._visible(by, sha256=sha256.lower(), uid=uid)
        if not found:
            refuse(404, "there is no such file for you to have")
        return await self._bytes(request, found[0])

    async def _bytes(self, request: Request, file: Stored) -> Response:
        offset, length = number(request, "offset", 0), number(request, "length", -1)
        headers = {
            "Content-Disposition": disposition(file.about.name),
            "api-version": "3",
            # Whatever it is, it is no page of this node's.
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox",
        }
        if not 0 <= offset <= file.size:
            refuse(416, f"the file has {file.size} bytes")
        if offset or 0 <= length < file.size:
            end = file.size if length < 0 else min(offset + length, file.size)
            data = await asyncio.to_thread(_cut, self.files, file, offset, end)
            status = 206 if end - offset < file.size else 200
            return Response(data, status, headers, media_type=file.about.mime)
        return _File(self.files.path(file.hash), headers=headers, media_type=file.about.mime)

    async def search(self, request: Request) -> Response:
        """Answer with the files that match, as ATAK and WinTAK search."""
        found = await self._found(request)
        results = [file_json.capitalised(each) for each in found]
        return file_json.answer({"resultCount": len(results), "results": results})

    async def search_resources(self, request: Request) -> Response:
        """Answer with the files that match, as newer clients search."""
        found = await self._found(request)
        return self.door.answer("Resource", [file_json.resource(each) for each in found])

    async def _found(self, request: Request) -> list[Stored]:
        by = self.door.require(request)
        found = await self._visible(by, sha256=parameter(request, "hash").lower())
        matches = _matcher(request, self.door.clock.now())
        mission = parameter(request, "mission")
        return [
            each
            for each in found
            if matches(each) and (not mission or self.is_in_named(by, each.hash, mission))
        ][:MAX_FOUND]

    async def one(self, request: Request) -> Response:
        """Answer with what is said of a file."""
        found = await self._named(request, self.door.require(request))
        return file_json.answer(file_json.capitalised(found[0]))

    async def resources(self, request: Request) -> Response:
        """Answer with everything that is said of the files with a hash."""
        found = await self._named(request, self.door.require(request))
        return self.door.answer("Resource", [file_json.resource(each) for each in found])

    async def page(self, request: Request) -> Response:
        """Answer with a page of files, as an administrator's table shows them; all without one."""
        by = self.door.require(request)
        name = parameter(request, "name").casefold()
        found = self._listed(request, by, await self._known(by))
        found = [each for each in found if name in each.about.name.casefold()]
        by_what = _ORDERS.get(parameter(request, "sort"))
        if by_what is not None:
            ascending = flag(request, "ascending", default=True)
            found.sort(key=by_what, reverse=not ascending)
        limit, page = number(request, "limit", -1), number(request, "page", -1)
        if limit > 0 and page >= 0:
            found = found[page * limit :][:limit]
        return self.door.answer(
            "Files", [file_json.row(each, each.about.creator_uid) for each in found[:MAX_FOUND]]
        )

    def _listed(self, request: Request, by: Principal, files: list[Stored]) -> list[Stored]:
        """Return those in the mission that is named, or those that are packages, if asked."""
        mission = parameter(request, "mission")
        if mission:
            return [each for each in files if self.is_in_named(by, each.hash, mission)]
        if flag(request, "missionPackage"):
            return [each for each in files if PACKAGE in each.about.keywords]
        return files

    async def count(self, request: Request) -> Response:
        """Answer with how many files there are."""
        by = self.door.require(request)
        found = self._listed(request, by, await self._known(by))
        return self.door.answer("Count", len(found))

    async def describe(self, request: Request) -> Response:
        """Change one thing that is said of a file."""
        mine = await self._owned(request)
        value = (await body(request)).decode("utf-8", "replace").strip()
        key: str = request.path_params["key"]
        if key.lower() == "tool" and value not in (PUBLIC, PRIVATE):
            refuse(400, "tool is public or private")
        value = file_name(value) if key.lower() == "name" else text(value, key)
        if key.lower() == "creatoruid":
            value = self._creator(self.door.require(request), value)
        for each in mine:
            if not await asyncio.to_thread(self.files.describe, each.number, key, value):
                refuse(400, f"{key} is nothing that can be said of a file")
        return Response()

    async def set_keywords(self, request: Request) -> Response:
        """Give a file these keywords instead of those it has."""
        mine = await self._owned(request)
        keywords = texts(await json_body(request), "keywords", most=100)
        for each in mine:
            await asyncio.to_thread(self.files.set_keywords, each.number, keywords)
        return Response()

    async def set_end(self, request: Request) -> Response:
        """Say when a file ends, in seconds since 1970; -1 is never."""
        mine = await self._owned(request)
        expires = number(request, "expiration", NEVER)
        if 0 <= expires <= self.door.clock.now().timestamp():
            self._require_in_no_mission(mine)
        for each in mine:
            await asyncio.to_thread(self.files.set_end, each.number, expires)
        return Response()

    async def delete(self, request: Request) -> Response:
        """Delete files by hash, or by their numbers."""
        by = self.door.require_speaker(request)
        keys, sha256 = set(parameters(request, "PrimaryKey")), parameter(request, "hash").lower()
        if not (keys or sha256):
            refuse(400, "give the hash of the file, or its PrimaryKey")
        found = await self._known(by, sha256=sha256)
        await self._delete(by, [each for each in found if not keys or str(each.number) in keys])
        return HTMLResponse("<html><body>deleted</body></html>")

    async def delete_one(self, request: Request) -> Response:
        """Delete the file with a hash."""
        by = self.door.require_speaker(request)
        await self._delete(by, await self._named(request, by))
        return Response()

    async def _delete(self, by: Principal, found: Sequence[Stored]) -> None:
        if not found:
            refuse(404, "there is no such file for you to have")
        mine = [each for each in found if _may_change(by, each)]
        if not mine:
            refuse(403, "the file is another's")
        self._require_in_no_mission(mine)
        numbers = [each.number for each in mine]
        if not await asyncio.to_thread(self.files.delete, numbers):
            refuse(409, "a mission or a report holds it: take it out, or delete that, first")

    def _require_in_no_mission(self, files: Sequence[Stored]) -> None:
        missions = {name for each in files for name in self.missions_with(each.hash)}
        if missions:
            refuse(409, f"it is in {len(missions)} missions: take it out of them first")


def _may_change(by: Principal, file: Stored) -> bool:
    return file.about.submitter == by.name or by.role is Role.ADMINISTRATOR


def names_groups(by: Principal, said: Sequence[str]) -> bool:
    """Tell whether a request names groups: more than the one of everybody, if he is not in it."""
    return bool(said) and (tuple(said) != (EVERYBODY,) or EVERYBODY in by.groups)


def groups_said(by: Principal, said: Sequence[str]) -> frozenset[Group]:
    """Return the groups that a request names, all that he speaks in where it names none.

    Some clients join names by commas, and name the group that everybody is in on a TAK Server:
    who is in none of that name speaks in his own. 403 for a group in which he does not speak.
    """
    if not names_groups(by, said):
        return by.speaks_in
    groups = set[Group]()
    for each in said:
        groups |= {each} if each in by.groups else set(filter(None, each.split(",")))
    strange = groups - by.speaks_in
    if strange:
        refuse(403, f"you do not speak in {', '.join(sorted(strange))}")
    return frozenset(groups) or by.speaks_in


def file_name(name: str) -> str:
    """Return the name of a file, in any script. 400 for a path, or what cannot be shown."""
    said = text(name, "the name", most=MAX_NAME).strip()
    if not said or said in (".", "..") or "/" in said or "\\" in said or not said.isprintable():
        refuse(400, "a file's name can be printed, and has no / or \\ in it")
    return said


def disposition(name: str) -> str:
    """Return what names a download, in any script (RFC 6266)."""
    plain = name.encode("ascii", "replace").decode().replace('"', "'").replace("?", "_")
    return f"inline; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _place(request: Request) -> dict[str, str]:
    """Return what is said of a file's place, as it is written. 400 for what is no place."""
    said = {key: parameter(request, key) for key in _PLACES}
    for key, most in _PLACES.items():
        if said[key]:
            decimal(said[key], key.lower(), most=most)
    return {key: value for key, value in said.items() if value}


def _mime(request: Request, got: Received, name: str) -> str:
    said = parameter(request, "mimetype", "MIME") or got.mime
    whole = request.headers.get("content-type", "").partition(";")[0].strip()
    if not said and not whole.startswith("multipart/"):
        said = whole
    found = said or mimetypes.guess_type(name)[0] or _BYTES
    kind, slash, rest = found.partition("/")
    is_plain = found.isascii() and found.isprintable() and len(found) < 128
    return found if kind and slash and rest and is_plain else _BYTES


def content_url(door: Door, request: Request, sha256: str) -> str:
    """Return where the file with a hash is to be had, by the address that was asked, if ours."""
    return f"{door.address(request)}/Marti/sync/content?hash={sha256}"


def _cut(files: FileStore, file: Stored, begin: int, end: int) -> bytes:
    with files.path(file.hash).open("rb") as whole:
        whole.seek(begin)
        return whole.read(end - begin)


def _matcher(request: Request, now: datetime) -> Callable[[Stored], bool]:
    """Return what tells whether a file is one that is asked for."""
    keywords = set(parameters(request, "keywords", "keyword"))
    tool, uid = parameter(request, "tool"), parameter(request, "uid")
    name, mime = parameter(request, "name", "filename").casefold(), parameter(request, "mimetype")
    start = moment(request, "startTime", LONG_AGO)
    stop = moment(request, "stopTime", moment(request, "endTime", now))

    def matches(file: Stored) -> bool:
        about = file.about
        return (
            (about.tool == tool if tool else about.tool != PRIVATE)
            and keywords <= set(about.keywords)
            and name in about.name.casefold()
            and uid in ("", about.uid, file.hash)
            and mime in ("", about.mime)
            and start <= file.submitted <= stop
        )

    return matches
