"""Device profiles: what a device is given when it enrols, when it connects, or by a tool's name.

The folder `profiles/` of a node's directory holds them: `enrollment/`, `connection/` and
`tool/NAME/`, each with the files as they are to be given.
"""

import asyncio
import mimetypes
import uuid
from collections.abc import Mapping, Sequence
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.tak.marti.asked import Door, number, parameters, refuse
from accord.tak.marti.files import disposition
from accord.tak.packages import data_package

PROFILES = Path("profiles")
ENROLLMENT, CONNECTION, TOOL = "enrollment", "connection", "tool"

MAX_PATHS = 100
"""Files or folders of a profile in one request."""

MAX_BYTES = 64 << 20
"""Bytes of the files of one profile; beyond, it is not given."""


class Profiles:
    """Answers with profiles; they are read anew each time, so that they can be changed any time."""

    def __init__(self, door: Door, folder: Path) -> None:
        self._door = door
        self._folder = folder

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes of who has a certificate."""
        return [
            Route("/Marti/api/device/profile/connection", self.connection),
            Route("/Marti/api/device/profile/tool/{tool}/file", self.files),
            Route("/Marti/api/tls/profile/tool/{tool}/file", self.files),
            Route("/Marti/api/device/profile/tool/{tool}", self.tool),
            Route("/Marti/api/tls/profile/enrollment", self.enrollment),
        ]

    async def connection(self, request: Request) -> Response:
        """Answer with what a device is given when it connects, or that there is nothing new."""
        return await self._answer(request, CONNECTION)

    async def enrollment(self, request: Request) -> Response:
        """Answer with what a device is given when it has enrolled."""
        return await self._answer(request, ENROLLMENT)

    async def tool(self, request: Request) -> Response:
        """Answer with what is given by a tool's name."""
        return await self._answer(request, _tool(request))

    async def files(self, request: Request) -> Response:
        """Answer with files of a tool's profile."""
        self._door.require(request)
        return await tool_files(self._folder, request)

    async def _answer(self, request: Request, name: str) -> Response:
        self._door.require(request)
        ago = number(request, "syncSecago", -1)
        since = None if ago < 0 else self._door.clock.now().timestamp() - ago
        return await asyncio.to_thread(profile, self._folder, name, since)


def profile(folder: Path, name: str, since: float | None = None) -> Response:
    """Return a profile as a data package; 204 where there is none, or none newer than `since`.

    A link that leads out of its folder is left out.
    """
    files = _files_in(folder / name, (folder / name).resolve())
    newest = max((each.stat().st_mtime for each in files), default=0.0)
    if not files or (since is not None and newest < since):
        return Response(status_code=204)
    if sum(each.stat().st_size for each in files) > MAX_BYTES:
        refuse(500, f"the profile is over {MAX_BYTES} bytes")
    entries = {str(each.relative_to(folder / name)): each.read_bytes() for each in files}
    identity = uuid.uuid5(uuid.NAMESPACE_URL, f"{name}:{newest}")
    return Response(
        data_package(entries, uid=str(identity), name=name),
        media_type="application/zip",
        headers={"Content-Disposition": "attachment; filename=profile.zip"},
    )


async def tool_files(profiles: Path, request: Request) -> Response:
    """Return files of a tool's profile by their paths in it: one as it is, several packed.

    A path may be a folder. 304 where none is newer than what the client has.
    """
    folder, paths = profiles / _tool(request), parameters(request, "relativePath")
    if not 0 < len(paths) <= MAX_PATHS:
        refuse(400, f"relativePath names between 1 and {MAX_PATHS} files")
    since = _moment(request.headers.get("if-modified-since", ""))
    return await asyncio.to_thread(_given, folder, paths, since)


def _tool(request: Request) -> str:
    """Return the folder of a tool's profile. 404 for a name that can be none."""
    name: str = request.path_params["tool"]
    if name in (".", "..") or "\\" in name or "\0" in name:
        refuse(404, "there is no such profile")
    return f"{TOOL}/{name}"


def _moment(said: str) -> float | None:
    """Return the moment of a header, in seconds since 1970; None where it is none."""
    try:
        return parsedate_to_datetime(said).timestamp()
    except ValueError:
        return None


def _given(folder: Path, paths: Sequence[str], since: float | None) -> Response:
    """Return files of a profile. 404 where there is none of that path, or it is elsewhere."""
    found: dict[str, Path] = {}
    for path in paths:
        wanted = _inside(folder, path)
        if wanted is None:
            refuse(404, "there is no such file in the profile")
        root = folder.resolve()
        for each in _files_in(wanted, root):
            found[str(each.relative_to(root))] = each
    if not found:
        refuse(404, "there is no such file in the profile")
    last = int(max(each.stat().st_mtime for each in found.values()))
    newer = {
        name: each
        for name, each in found.items()
        if since is None or int(each.stat().st_mtime) > since
    }
    headers = {"Last-Modified": formatdate(last, usegmt=True)}
    if not newer:
        return Response(status_code=304, headers=headers)
    if sum(each.stat().st_size for each in newer.values()) > MAX_BYTES:
        refuse(500, f"what is asked for is over {MAX_BYTES} bytes")
    return _packed({name: each.read_bytes() for name, each in newer.items()}, headers)


def _files_in(there: Path, root: Path) -> list[Path]:
    """Return the files in a folder, or the one file, that lie below `root`; by their paths."""
    files = sorted(there.rglob("*")) if there.is_dir() else [there]
    return [each for each in files if each.is_file() and each.resolve().is_relative_to(root)]


def _inside(folder: Path, path: str) -> Path | None:
    """Return what a path names in a folder, None where that is nothing, or not in it."""
    root = folder.resolve()
    try:
        wanted = (root / path.lstrip("/")).resolve()
        is_there = wanted.exists()
    except OSError:  # a name longer than any can be
        return None
    return wanted if is_there and wanted.is_relative_to(root) else None


def _packed(files: Mapping[str, bytes], headers: Mapping[str, str]) -> Response:
    """Return one file under its name, or several as a data package."""
    if len(files) > 1:
        identity = uuid.uuid5(uuid.NAMESPACE_URL, f"{sorted(files)} {headers['Last-Modified']}")
        package = data_package(files, uid=str(identity), name="multiFile")
        said = {**headers, "Content-Disposition": "attachment; filename=profile.zip"}
        return Response(package, media_type="application/zip", headers=said)
    ((name, data),) = files.items()
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    saved = disposition(Path(name).name).replace("inline", "attachment", 1)
    said = {**headers, "Content-Disposition": saved, "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox"}  # fmt: skip
    return Response(data, media_type=kind, headers=said)
