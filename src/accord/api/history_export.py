"""Positions of the past as a document: `/api/v1/history/export`. As whoever asks may see them."""

import shutil
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from starlette.background import BackgroundTask
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.api.answer import NOT_KEPT
from accord.api.caller import Callers
from accord.api.download import Download
from accord.api.history import PATH as HISTORY
from accord.api.problem import Problem
from accord.api.query import MAX_TEXT, MAX_VALUES, STRETCH, search, stretch
from accord.api.workers import Workers
from accord.core.clock import Clock
from accord.core.geometry import Box
from accord.core.principal import Principal
from accord.storage.database import StorageFault
from accord.storage.history.archive import Archive, Exported, NotAwaited, TooMuch
from accord.storage.history.question import Question, Stretch
from accord.storage.history.shelf import HistoryFault
from accord.wire.moving.formats import FORMATS, Format

PATH = f"{HISTORY}/export"

MOST = 1_000_000
"""Positions of one document."""

WAITING = 4
"""Documents that wait; one is made at a time."""

_MANY = frozenset({"uid", "group"})
_ONE = frozenset({"format", "from", "to", "bbox", "context"})


class HistoryExport:
    """Makes documents. `close` ends its thread."""

    def __init__(self, archive: Archive, callers: Callers, clock: Clock) -> None:
        self._archive = archive
        self._callers = callers
        self._clock = clock
        self._is_over = False
        self._workers = Workers("exports of the history", threads=1, waiting=WAITING)

    def routes(self) -> Sequence[BaseRoute]:
        """Return the route."""
        return [Route(PATH, self.export, methods=["GET"])]

    def close(self) -> None:
        """Begin nothing more, and give up what has begun."""
        self._is_over = True
        self._workers.close()

    async def export(self, request: Request) -> Response:
        """Answer with the document."""
        by = self._callers.require(request).principal
        form, question = read(request.query_params, by, self._clock.now())
        place = Path(tempfile.mkdtemp(prefix="accord-export-"))
        entry = FORMATS[form]
        path = place / f"history.{entry.ending}"
        try:
            done = await self._workers.run(lambda: self._made(question, form, path))
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            raise
        headers = {
            **NOT_KEPT,
            "X-Accord-Positions": str(done.count),
            "X-Accord-Left-Out": str(done.left_out),
            "X-Accord-Whole": str(done.whole).lower(),
        }
        gone = BackgroundTask(shutil.rmtree, place, ignore_errors=True)
        return Download(path, headers=headers, media_type=entry.media, name=path.name, after=gone)

    def _made(self, question: Question, form: Format, path: Path) -> Exported:
        try:
            return self._archive.export(
                question, form, path, most=MOST, is_awaited=lambda: not self._is_over
            )
        except TooMuch:
            said = f"more than {MOST} positions: ask for less time, an area or a uid"
            raise Problem(413, said, parameter="from") from None
        except NotAwaited:
            raise Problem(503, "this node stops") from None
        except (HistoryFault, StorageFault) as fault:
            raise Problem(503, f"the history cannot be read: {fault}") from None


def read(query: QueryParams, by: Principal, now: datetime) -> tuple[Format, Question]:
    """Read what is asked for. Problem 400 says which parameter is wrong."""
    for name, value in query.multi_items():
        if name not in _MANY | _ONE:
            there_are = ", ".join(sorted(_MANY | _ONE))
            raise Problem(400, f"there are only the parameters {there_are}", parameter=name[:100])
        if len(value) > MAX_TEXT:
            raise Problem(400, f"{name} is longer than {MAX_TEXT} letters", parameter=name)
    for name in _MANY:
        if len(query.getlist(name)) > MAX_VALUES:
            raise Problem(400, f"{name} is given more than {MAX_VALUES} times", parameter=name)
    wanted = stretch(_only(query, STRETCH - {"limit"}), now)
    area = search(_only(query, frozenset({"bbox"}))).wanted.area
    found = Stretch(
        since=wanted.since.timestamp(),
        until=wanted.until.timestamp(),
        uids=frozenset(query.getlist("uid")),
        area=area if isinstance(area, Box) else None,
    )
    groups = frozenset(query.getlist("group"))
    return _format(query.get("format", "")), Question.of(by, found, wanted.context, groups)


def _only(query: QueryParams, names: frozenset[str]) -> QueryParams:
    return QueryParams([(name, value) for name, value in query.multi_items() if name in names])


def _format(text: str) -> Format:
    try:
        return Format(text)
    except ValueError:
        said = f"give format as one of {', '.join(Format)}"
        raise Problem(400, said, parameter="format") from None
