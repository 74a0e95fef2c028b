"""Reports of the CI-TRAP tool: filed, found, fetched, changed by whose they are, deleted.

The paths and answers are those of TAK Server 5.7 (public source: CITrapReportAPI).
"""

import asyncio
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, TypeVar
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from accord.core.principal import Principal, Role
from accord.storage.field_reports import Changed, FieldReport, FieldReports
from accord.storage.files import FileStore
from accord.storage.tak_file import Full
from accord.tak.marti.asked import (
    LONG_AGO,
    Door,
    body,
    flag,
    moment,
    number,
    parameter,
    parameters,
    refuse,
)
from accord.tak.marti.field_report_following import Following
from accord.tak.marti.field_report_package import MAX_REPORT, told_in
from accord.tak.marti.field_report_taken import Filing, NotInExercise, Taking
from accord.tak.marti.field_report_told import listed, matcher
from accord.tak.marti.files import disposition, file_name, groups_said
from accord.tak.marti.mission_package import BadPackage
from accord.tak.marti.upload import received

MAX_FOUND = 1_000
"""Reports in one answer, the newest."""

TRIES = 5
"""How often a report that is changed just then is looked up for one answer."""

_LUMP = 256 << 10
_PATH = "/Marti/api/citrap"
_XML = ("application/xml", "text/xml")

_named_in = re.compile(r"""filename\s*=\s*("?)([^";\r\n]+)\1""", re.IGNORECASE).search

T = TypeVar("T")


class FieldReportsApi:
    """Answers what is asked of reports."""

    def __init__(
        self, door: Door, files: FileStore, reports: FieldReports, following: Following
    ) -> None:
        self._door = door
        self._files = files
        self._reports = reports
        self._taking = Taking(files, reports)
        self._following = following

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes."""
        one = f"{_PATH}/{{id}}"
        return [
            Route(_PATH, self.search, methods=["GET"]),
            Route(_PATH, self.file, methods=["POST"]),
            Route(one, self.one, methods=["GET"]),
            Route(one, self.change, methods=["PUT"]),
            Route(one, self.delete, methods=["DELETE"]),
            Route(f"{one}/attachment", self.attach, methods=["POST"]),
        ]

    async def search(self, request: Request) -> Response:
        """Answer with the reports that match, newest first, in JSON or XML as is accepted.

        With `subscribe` the client of that uid is told what becomes of each of them.
        """
        by, matches = self._door.require(request), matcher(request)
        since, until = moment(request, "startTime", LONG_AGO), _until(request)
        most = min(max(0, number(request, "maxReportCount", MAX_FOUND)), MAX_FOUND)
        uid = self._following.own_uid(request, by) if flag(request, "subscribe") else ""

        def work() -> list[FieldReport]:
            found = self._reports.some(
                lambda each: each.sight.is_open_to(by) and matches(each),
                most, since=since, until=until,
            )  # fmt: skip
            self._following.follow(found, uid, by)
            return found

        return listed(request, await self._door.in_turn(work))

    async def one(self, request: Request) -> Response:
        """Answer with a report's package, or with its XML where only that is accepted.

        The client of the uid that is given is told what becomes of it.
        """
        by = self._door.require(request)
        report = await self._named(request, by)
        accepted = request.headers.get("accept", "*/*").lower()
        is_zip = "*/*" in accepted or "zip" in accepted
        if not (is_zip or "xml" in accepted):
            refuse(400, "a report is had as application/zip, or application/xml")
        uid = self._following.own_uid(request, by)
        await asyncio.to_thread(self._following.follow, [report], uid, by)
        report, package = await self._opened(request, by, report)
        said = disposition(f"{report.id}.{'zip' if is_zip else 'xml'}")
        headers = {
            "Content-Disposition": said.replace("inline", "attachment", 1),
            "X-Content-Type-Options": "nosniff",
        }
        if is_zip:
            headers["Content-Length"] = str(os.fstat(package.fileno()).st_size)
            return StreamingResponse(_sent(package), headers=headers, media_type="application/zip")
        with package:
            found = await self._done(lambda: self._taking.read(package))
        return Response(found.xml, headers=headers, media_type="application/xml")

    async def _opened(
        self, request: Request, by: Principal, report: FieldReport
    ) -> tuple[FieldReport, BinaryIO]:
        """Return a report that was named as it is now, and its package. 404, 409."""
        for _ in range(TRIES):
            try:
                return report, await asyncio.to_thread(self._taking.opened, report)
            except Changed:
                report = await self._named(request, by)
        return refuse(409, "the report is changed again and again: ask once more")

    async def _named(self, request: Request, by: Principal) -> FieldReport:
        """Return the report that the path names. 404 where he sees none."""
        found = await self._seen(request.path_params["id"], by)
        return found or refuse(404, "there is no such report for you to see")

    async def _seen(self, report_id: str, by: Principal) -> FieldReport | None:
        """Return the report of an id that somebody sees: his own, then the one sent last."""
        found = await asyncio.to_thread(self._reports.named, report_id)
        seen = [each for each in found if each.sight.is_open_to(by)]
        his = (each for each in seen if each.owner == by.name)
        return next(his, seen[0] if seen else None)

    async def file(self, request: Request) -> Response:
        """Keep a package with a report, new or in place of the caller's with that id."""
        by = self._door.require_speaker(request)
        by_uid = self._door.author(by, parameter(request, "clientUid"))
        groups = groups_said(by, parameters(request, "groups", "group"))
        async with received(request, self._files, self._door, by.name) as got:
            told = await self._done(lambda: told_in(self._taking.read(got.path).xml))
            before = await self._seen(told.id, by) if told.id else None
            if before is not None:
                _require_own(by, before)
            filing = Filing(by=by, by_uid=by_uid, groups=groups, before=before)
            report = await self._keep(got.path, filing)
        uid = self._following.own_uid(request, by)
        await asyncio.to_thread(self._following.follow, [report], uid, by)
        url = f"{self._door.address(request)}{_PATH}/{quote(report.id, safe='')}"
        return JSONResponse({"id": report.id}, 201, {"Location": url})

    async def change(self, request: Request) -> Response:
        """Keep a report as it is now: a package, or XML to stand in that which is there."""
        filing, before = await self._owned(request)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind in _XML:
            await self._repack(filing, before, {before.entry: await body(request, MAX_REPORT)})
            return Response()
        async with received(request, self._files, self._door, filing.by.name) as got:
            await self._keep(got.path, filing)
        return Response()

    async def attach(self, request: Request) -> Response:
        """Put a file into a report's package, under the name that Content-Disposition says."""
        filing, before = await self._owned(request)
        said = _named_in(request.headers.get("content-disposition", ""))
        async with received(request, self._files, self._door, filing.by.name) as got:
            name = said[2] if said else got.name
            if not name:
                refuse(400, "Content-Disposition names the file: attachment; filename=NAME")
            await self._repack(filing, before, {file_name(name): got.path})
        return Response()

    async def delete(self, request: Request) -> Response:
        """Forget a report and its package, and tell who follows it."""
        filing, report = await self._owned(request)
        own = await self._following.of(report)
        stored = await asyncio.to_thread(self._taking.forget, report, self._now())
        await self._following.deleted(own, report, stored, filing.by_uid)
        return Response()

    async def _owned(self, request: Request) -> tuple[Filing, FieldReport]:
        """Return the report that the path names, and how the caller changes it. 403: another's."""
        by = self._door.require_speaker(request)
        report = await self._named(request, by)
        _require_own(by, report)
        by_uid = self._door.author(by, parameter(request, "clientUid"))
        return Filing(by=by, by_uid=by_uid, before=report), report

    async def _repack(
        self, filing: Filing, before: FieldReport, entries: Mapping[str, bytes | Path]
    ) -> None:
        """Keep a report whose package has these entries too, or in place of those it had."""
        path = self._files.incoming()
        try:
            await self._done(lambda: self._taking.repack(before, path, entries))
            await self._keep(path, filing)
        finally:
            path.unlink(missing_ok=True)

    async def _keep(self, package: Path, filing: Filing) -> FieldReport:
        """Keep a package that lies at a path, and tell who follows it."""
        now = self._now()
        report, stored = await self._done(lambda: self._taking.take(package, filing, now))
        await self._following.filed(report, stored, is_new=filing.before is None)
        return report

    def _now(self) -> datetime:
        return self._door.clock.now()

    async def _done(self, work: Callable[[], T]) -> T:
        """Return what long work returns; a status and a sentence where it cannot be done."""
        try:
            return await self._door.in_turn(work)
        except BadPackage as error:
            refuse(400, str(error))
        except NotInExercise as error:
            refuse(403, str(error))
        except Changed as error:
            refuse(409, str(error))
        except Full as full:
            refuse(507, str(full))


def _sent(package: BinaryIO) -> Iterator[bytes]:
    with package:
        while lump := package.read(_LUMP):
            yield lump


def _until(request: Request) -> datetime | None:
    return moment(request, "endTime", LONG_AGO) if parameter(request, "endTime") else None


def _require_own(by: Principal, report: FieldReport) -> None:
    if report.owner != by.name and by.role is not Role.ADMINISTRATOR:
        refuse(403, "the report is another's")
