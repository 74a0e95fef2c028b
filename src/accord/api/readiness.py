"""The register of readiness, its board, sheets and statements: `/api/v1/readiness/...`."""

import asyncio
import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.api.answer import NOT_KEPT, answer
from accord.api.body import list_in, read_object, text_in
from accord.api.caller import Caller, Callers
from accord.api.problem import Problem
from accord.api.readiness_json import (
    board_json,
    clash_json,
    entry_json,
    register_json,
    statement_json,
    statements_json,
)
from accord.api.watch import require_watch
from accord.core.context import LIVE, Context, ContextKind
from accord.core.errors import AccordError
from accord.desks.readiness.columns import Sheet, read_moment
from accord.desks.readiness.desk import ReadinessDesk, When
from accord.desks.readiness.rules import NotTaken
from accord.desks.readiness.said import AFTER_ALL, Row, Said
from accord.desks.readiness.sheets import (
    ABOUT,
    MAX_FILE,
    read_file,
    said_of,
    write_csv,
    write_workbook,
)
from accord.desks.readiness.statement import NothingToState
from accord.desks.readiness.store import ReadinessFault, RegisterFull
from accord.desks.readiness.telling import Wanted

READINESS = "/api/v1/readiness"

MAX_BODY = 1 << 20
MAX_UPLOAD = MAX_FILE * 4 // 3 + (64 << 10)
"""Bytes of a file's body: base64 takes four for three."""
MAX_DRAWING = 2 << 20
"""Bytes of a body with a drawing in it."""
MAX_ROWS_AT_ONCE = 1_000
MAX_TEXT = 40_000
MAX_MARKING = 1_024

_OF_AREA = ("name", "kind", "published_km2", "note")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
"""RFC 6838's registered type of a workbook (IANA media types)."""


def routes(desk: ReadinessDesk, callers: Callers, *, own: str) -> Sequence[BaseRoute]:
    """Return the routes; `own` is the node's nation."""
    asked = _Asked(desk, callers, own)
    gets = {
        "board": asked.board,
        "register": asked.register,
        "history": asked.history,
        "clashes": asked.clashes,
        "export": asked.export,
        "statements": asked.statements,
    }
    posts = {
        "rows": asked.rows,
        "import": asked.take_file,
        "areas": asked.draw,
        "statements": asked.state,
    }
    return [
        *(Route(f"{READINESS}/{name}", do, methods=["GET"]) for name, do in gets.items()),
        *(Route(f"{READINESS}/{name}", do, methods=["POST"]) for name, do in posts.items()),
        Route(f"{READINESS}/statements", asked.stop, methods=["DELETE"]),
    ]


class _Asked:
    def __init__(self, desk: ReadinessDesk, callers: Callers, own: str) -> None:
        self._desk = desk
        self._callers = callers
        self._own = own

    async def board(self, request: Request) -> Response:
        """Answer with the board, now or `at` a time, as far as it was `known` by then."""
        when = self._when(request)
        try:
            rows = await self._desk.board(when)
        except AccordError as error:
            raise _problem(error) from None
        said = board_json(rows, when.at, own=self._own, trouble=self._desk.trouble)
        return answer(said)

    async def register(self, request: Request) -> Response:
        """Answer with every value that holds, and who said it."""
        when = self._when(request)
        try:
            records = await self._desk.records(when)
        except AccordError as error:
            raise _problem(error) from None
        return answer(register_json(records, self._desk.register, when.at))

    async def history(self, request: Request) -> Response:
        """Answer with all that was ever said of the record `id` of a `sheet`, newest first."""
        when = self._when(request)
        sheet = _sheet(request.query_params.get("sheet", ""), "sheet")
        id_ = request.query_params.get("id", "")
        try:
            entries = await self._desk.history(sheet, id_, when.context)
        except AccordError as error:
            raise _problem(error) from None
        return answer({"entries": [entry_json(each, when.at) for each in entries]})

    async def clashes(self, request: Request) -> Response:
        """Answer with what cannot all be so."""
        try:
            found = await self._desk.clashes(self._when(request))
        except AccordError as error:
            raise _problem(error) from None
        return answer({"clashes": [clash_json(each) for each in found]})

    async def export(self, request: Request) -> Response:
        """Answer with a workbook of all sheets, or with one `sheet` as CSV."""
        when = self._when(request)
        named = request.query_params.get("sheet")
        sheet = None if named is None else _sheet(named, "sheet")
        try:
            records = await self._desk.records(when)
        except AccordError as error:
            raise _problem(error) from None
        if sheet is None:
            book = await asyncio.to_thread(write_workbook, records, when.at)
            return _file("readiness.xlsx", XLSX, book)
        return _file(f"{sheet.value}.csv", "text/csv; charset=utf-8", write_csv(records, sheet))

    async def statements(self, request: Request) -> Response:
        """Answer with what nodes stated last, and what could be stated of this nation's own."""
        when = self._when(request)
        try:
            heard, could = await self._desk.heard(when), await self._desk.could(when)
            told = await self._desk.tellings(when.context)
        except AccordError as error:
            raise _problem(error) from None
        return answer(statements_json(heard, could, told))

    async def rows(self, request: Request) -> Response:
        """Take `rows` into the register, all or none: sheet, id, values and who said them."""
        caller = require_watch(self._callers, request)
        said = await read_object(request, limit=MAX_BODY)
        given = said.get("rows")
        if not isinstance(given, list) or not 0 < len(cast("list[object]", given)) <= (
            MAX_ROWS_AT_ONCE
        ):
            raise Problem(400, f"rows are 1 to {MAX_ROWS_AT_ONCE}", parameter="rows")
        rows = [_row(each, n) for n, each in enumerate(cast("list[object]", given), 1)]
        return await self._take(rows, caller, _context(said.get("context", str(LIVE)), caller))

    async def take_file(self, request: Request) -> Response:
        """Take a file into the register, all or nothing: its `name`, and `data` in base64."""
        caller = require_watch(self._callers, request)
        said = await read_object(request, limit=MAX_UPLOAD)
        name = text_in(said, "name", most=200)
        try:
            data = base64.b64decode(text_in(said, "data", most=MAX_UPLOAD), validate=True)
        except (binascii.Error, ValueError):
            raise Problem(400, "data is no base64", parameter="data") from None
        context = _context(said.get("context", str(LIVE)), caller)
        try:
            rows = await asyncio.to_thread(read_file, name, data)
        except NotTaken as error:
            raise _problem(error) from None
        return await self._take(rows, caller, context)

    async def draw(self, request: Request) -> Response:
        """Take an area drawn as `geojson` into the register, in cells."""
        caller = require_watch(self._callers, request)
        said = await read_object(request, limit=MAX_DRAWING)
        context = _context(said.get("context", str(LIVE)), caller)
        given = {name: text_in(said, name, most=MAX_TEXT) for name in _OF_AREA if name in said}
        who = {name: text_in(said, name, most=MAX_TEXT) for name in ABOUT if name in said}
        id_, drawing = text_in(said, "id", most=MAX_MARKING), json.dumps(said.get("geojson"))
        try:
            row = await asyncio.to_thread(_drawn, id_, drawing, given, said_of(who))
        except ValueError as error:
            raise Problem(400, str(error)) from None
        except NotTaken as error:
            raise _problem(error) from None
        return await self._take([row], caller, context)

    async def _take(self, rows: Sequence[Row], caller: Caller, context: Context) -> Response:
        person = caller.principal.name
        try:
            new = await self._desk.take(rows, person=person, context=context)
        except AccordError as error:
            raise _problem(error) from None
        return answer({"rows": len(rows), "values": len(new)})

    async def state(self, request: Request) -> Response:
        """State what may be told of a `capability`, under a `marking`, to those agreed with."""
        caller = require_watch(self._callers, request)
        said = await read_object(request, limit=MAX_BODY)
        named = list_in(said, "groups", most=50, longest=200)
        groups = caller.principal.speaks_in & frozenset(named or caller.principal.speaks_in)
        wanted = Wanted(
            capability=text_in(said, "capability", most=64),
            groups=groups,
            marking="" if "marking" not in said else text_in(said, "marking", most=MAX_MARKING),
            withhold=said.get("withhold") is True,
        )
        context = _context(said.get("context", str(LIVE)), caller)
        try:
            statement = await self._desk.state(wanted, context, person=caller.principal.name)
        except AccordError as error:
            raise _problem(error) from None
        return answer(statement_json(statement), status=201)

    async def stop(self, request: Request) -> Response:
        """State a `capability` no more; what was stated of it runs out. 404 where it is not."""
        caller = require_watch(self._callers, request)
        said = await read_object(request, limit=MAX_BODY)
        capability = text_in(said, "capability", most=64)
        context = _context(said.get("context", str(LIVE)), caller)
        try:
            was_told = await self._desk.stop(capability, context)
        except AccordError as error:
            raise _problem(error) from None
        if not was_told:
            raise Problem(404, f"{capability} is not told in {context}")
        return Response(status_code=204)

    def _when(self, request: Request) -> When:
        caller = self._callers.require(request)
        query = request.query_params
        return When(
            context=_context(query.get("context", str(LIVE)), caller),
            at=_moment(query.get("at"), "at", self._desk.now()),
            known=_moment(query.get("known"), "known", AFTER_ALL),
        )


def _drawn(id_: str, drawing: str, values: Mapping[str, str], said: Said) -> Row:
    from accord.desks.readiness.drawn import area_row  # brings NumPy along

    return area_row(id_, drawing, values, said)


def _context(spelled: object, caller: Caller) -> Context:
    """Return the context that is meant; a plan is open to all of the nation who may look."""
    try:
        context = Context.parse(str(spelled))
    except ValueError:
        raise Problem(400, "no such context", parameter="context") from None
    if context.kind is not ContextKind.PLAN and not caller.principal.takes_part_in(context):
        raise Problem(403, f"{caller.principal.name} takes no part in {context}")
    return context


def _moment(text: str | None, parameter: str, otherwise: datetime) -> datetime:
    if text is None:
        return otherwise
    try:
        return read_moment(text)
    except ValueError as error:
        raise Problem(400, str(error), parameter=parameter) from None


def _sheet(text: str, parameter: str) -> Sheet:
    try:
        return Sheet(text)
    except ValueError:
        there = ", ".join(Sheet)
        raise Problem(400, f"no such sheet; there are {there}", parameter=parameter) from None


def _row(given: object, number: int) -> Row:
    place = f"row {number}"
    if not isinstance(given, dict):
        raise Problem(400, f"{place} is no object", parameter="rows")
    said = cast("dict[str, object]", given)
    values = said.get("values")
    if not isinstance(values, dict):
        raise Problem(400, f"{place} has no values", parameter="rows")
    texts = cast("dict[str, object]", values)
    try:
        who = said_of({name: str(said[name]) for name in said if name not in ("values", "sheet")})
    except ValueError as error:
        raise Problem(400, f"{place}: {error}", parameter="rows") from None
    return Row(
        sheet=_sheet(text_in(said, "sheet", most=64), "rows"),
        id=text_in(said, "id", most=MAX_MARKING),
        values={name: text_in(texts, name, most=MAX_TEXT) for name in texts},
        said=who,
        place=place,
    )


def _file(name: str, media_type: str, data: bytes) -> Response:
    headers = {
        **NOT_KEPT,
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    return Response(data, media_type=media_type, headers=headers)


def _problem(error: AccordError) -> Problem:
    match error:
        case ReadinessFault():
            return Problem(503, str(error))
        case NothingToState() | RegisterFull():
            return Problem(409, str(error))
        case _:
            return Problem(400, str(error))
