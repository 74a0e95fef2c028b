"""Device profiles: what a device is given when it enrols, when it connects, or by a tool's name.

The folder `profiles/` of a node's directory holds them: `enrollment/`, `connection/` and
`tool/NAME/`, each with the files as they are to be given.
"""

import asyncio
import uuid
from collections.abc import Sequence
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.tak.marti.asked import Door, number, refuse
from accord.tak.packages import data_package

PROFILES = Path("profiles")
ENROLLMENT, CONNECTION, TOOL = "enrollment", "connection", "tool"

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
        name: str = request.path_params["tool"]
        if name in (".", "..") or "\\" in name or "\0" in name:
            refuse(404, "there is no such profile")
        return await self._answer(request, f"{TOOL}/{name}")

    async def _answer(self, request: Request, name: str) -> Response:
        self._door.require(request)
        ago = number(request, "syncSecago", -1)
        since = None if ago < 0 else self._door.clock.now().timestamp() - ago
        return await asyncio.to_thread(profile, self._folder, name, since)


def profile(folder: Path, name: str, since: float | None = None) -> Response:
    """Return a profile as a data package; 204 where there is none, or none newer than `since`."""
    files = [each for each in sorted((folder / name).rglob("*")) if each.is_file()]
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
