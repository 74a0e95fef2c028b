"""What users have saved of what they want to see: `/api/v1/views`."""

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import TypeVar, cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.api.answer import answer
from accord.api.body import read_object, text_in
from accord.api.caller import Caller, Callers, require_own_page
from accord.api.problem import Problem
from accord.core.clock import Clock
from accord.core.user import key_of
from accord.storage.people import PeopleError, PeopleFault
from accord.storage.saved_views import SavedView, SavedViews, owner_of

VIEWS = "/api/v1/views"

MAX_VIEW = 8 << 10
"""Bytes of one view."""

MAX_BODY = 2 * MAX_VIEW
MAX_NAME = 60

T = TypeVar("T")


def routes(kept: SavedViews, callers: Callers, clock: Clock) -> Sequence[BaseRoute]:
    """Return the routes."""
    asked = _Asked(kept, callers, clock)
    return [
        Route(VIEWS, asked.all, methods=["GET"]),
        Route(VIEWS, asked.save, methods=["POST"]),
        Route(VIEWS, asked.forget, methods=["DELETE"]),
    ]


class _Asked:
    def __init__(self, kept: SavedViews, callers: Callers, clock: Clock) -> None:
        self._kept = kept
        self._callers = callers
        self._clock = clock

    async def all(self, request: Request) -> Response:
        """Answer with his own views."""
        owner = _owner(self._callers.require(request))
        views = await _kept(lambda: self._kept.of(owner))
        told = [{"name": each.name, "view": each.view} for each in views]
        return answer({"views": told})

    async def save(self, request: Request) -> Response:
        """Keep a `view`, an object, under a `name`; who may only look may do that too."""
        owner, said = await self._change(request)
        view = said.get("view")
        if not isinstance(view, dict) or not _can_be_kept(said["view"]):
            raise Problem(400, f"view is an object of at most {MAX_VIEW} bytes", parameter="view")
        saved = SavedView(
            name=_name(said), saved=self._clock.now(), view=cast("dict[str, object]", view)
        )
        await _kept(lambda: self._kept.save(owner, saved))
        return Response(status_code=204)

    async def forget(self, request: Request) -> Response:
        """Forget the view of that `name`."""
        owner, said = await self._change(request)
        name = _name(said)
        if not await _kept(lambda: self._kept.forget(owner, name)):
            raise Problem(404, "there is no such view", parameter="name")
        return Response(status_code=204)

    async def _change(self, request: Request) -> tuple[str, dict[str, object]]:
        require_own_page(request)
        owner = _owner(self._callers.require(request))
        return owner, await read_object(request, limit=MAX_BODY)


def _owner(caller: Caller) -> str:
    return owner_of(caller.via.value, key_of(caller.principal.name))


def _can_be_kept(view: object) -> bool:
    """Tell whether it is small enough and can be told again: without NaN and half letters."""
    try:
        text = json.dumps(view, ensure_ascii=False, allow_nan=False)
        return len(text.encode("utf-8")) <= MAX_VIEW
    except (ValueError, RecursionError):
        return False


def _name(said: dict[str, object]) -> str:
    name = text_in(said, "name", most=MAX_NAME).strip()
    if not name:
        raise Problem(400, "a view needs a name", parameter="name")
    return name


async def _kept(do: Callable[[], T]) -> T:
    """Return what the register says. Problem 503 where it cannot, 409 where it does not want to."""
    try:
        return await asyncio.to_thread(do)
    except PeopleFault as error:
        raise Problem(503, str(error)) from None
    except PeopleError as error:
        raise Problem(409, str(error)) from None
