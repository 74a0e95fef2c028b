"""Situation reports of a case: drafted, reviewed, printed: `/api/v1/sar/cases/{id}/reports`."""

from collections.abc import Mapping, Sequence
from functools import partial

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from accord.api.answer import NOT_KEPT, answer
from accord.api.body import text_in
from accord.api.caller import Caller
from accord.api.impact import policy
from accord.api.page import HEADERS
from accord.api.sar import CASES, MAX_NAME, Said, SarDoor, problem_of
from accord.core.errors import AccordError
from accord.desks.sar import sheet
from accord.desks.sar.case import Case
from accord.desks.sar.cases import By
from accord.desks.sar.facts import MAX_TEXT
from accord.desks.sar.reports import SitRep, report_json, report_of, reports_of
from accord.desks.sar.sitrep import sitrep

REPORTS = f"{CASES}/{{id}}/reports"


def routes(door: SarDoor) -> Sequence[BaseRoute]:
    """Return the routes."""
    asked = _Asked(door)
    return [
        Route(REPORTS, asked.all, methods=["GET"]),
        Route(REPORTS, door.act(asked.draft), methods=["POST"]),
        Route(f"{REPORTS}/{{line}}/review", asked.review, methods=["POST"]),
        Route(f"{REPORTS}/{{line}}/pdf", asked.pdf, methods=["GET"]),
        Route(f"{REPORTS}/{{line}}/text", asked.text, methods=["GET"]),
        Route(f"{REPORTS}/{{line}}/page", asked.page, methods=["GET"]),
    ]


class _Asked:
    def __init__(self, door: SarDoor) -> None:
        self._door = door

    async def all(self, request: Request) -> Response:
        """Answer with every report of a case, the oldest first."""
        case = await self._door.case(request, self._door.callers.require(request))
        return answer({"reports": [await self._json(each) for each in reports_of(case)]})

    async def _json(self, report: SitRep) -> Mapping[str, object]:
        cases = self._door.cases
        told = await self._door.quick(partial(cases.store.told, report.case.id))
        return report_json(report, own=cases.node, told=told)

    async def draft(self, case: Case, caller: Caller, said: Said) -> Response:
        """Keep a draft `to` whom, from the log or of a `text`, for a person to review."""
        to, by = text_in(said, "to", most=MAX_NAME), self._door.by(caller, {})
        cases = self._door.cases
        text = text_in(said, "text", most=MAX_TEXT) if "text" in said else sitrep(
            case, node=cases.node, to=to, at=by.now
        )  # fmt: skip
        changed = await self._door.quick(lambda: cases.draft(case.id, to, text, by))
        self._door.tell()
        return answer(await self._json(reports_of(changed)[-1]), status=201)

    async def review(self, request: Request) -> Response:
        """Let a draft go as he has read it, or with the `text` that he has made of it."""
        line = str(request.path_params["line"])
        return await self._door.act(partial(self._reviewed, line))(request)

    async def _reviewed(self, line: str, case: Case, caller: Caller, said: Said) -> Response:
        text = text_in(said, "text", most=MAX_TEXT) if "text" in said else None
        by: By = self._door.by(caller, {})
        changed = await self._door.quick(lambda: self._door.cases.review(case.id, line, by, text))
        self._door.tell()
        return answer(await self._json(report_of(changed, line)))

    async def _report(self, request: Request) -> SitRep:
        case = await self._door.case(request, self._door.callers.require(request))
        try:
            return report_of(case, str(request.path_params["line"]))
        except AccordError as error:
            raise problem_of(error) from None

    async def pdf(self, request: Request) -> Response:
        """Answer with a report as PDF; a draft says on every page that it is one."""
        report = await self._report(request)
        data = await self._door.quick(lambda: sheet.pdf(report))
        return Response(data, media_type="application/pdf", headers=_as_file(report, "pdf"))

    async def text(self, request: Request) -> Response:
        """Answer with a report as plain text; a draft says first that it is one."""
        report = await self._report(request)
        return PlainTextResponse(sheet.text(report), headers=_as_file(report, "txt"))

    async def page(self, request: Request) -> Response:
        """Answer with a report as a page to print, which has its own style and no script."""
        text = sheet.page(await self._report(request))
        headers = {**HEADERS, "content-security-policy": policy(text), **NOT_KEPT}
        return HTMLResponse(text, headers=headers)


def _as_file(report: SitRep, ending: str) -> dict[str, str]:
    name = "".join(e if e.isalnum() else "-" for e in f"{report.case.id} {report.first.id}")
    return {**NOT_KEPT, "Content-Disposition": f'attachment; filename="{name}.{ending}"'}
