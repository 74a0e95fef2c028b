"""What administrators change of the register by the page: a change with its act, or neither."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar, cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.api.administrator import require_act, require_administrator
from accord.api.answer import answer
from accord.api.body import read_object, text_in
from accord.api.caller import Caller, Callers, Via
from accord.api.problem import Problem
from accord.core.clock import Clock
from accord.core.naming import check_person
from accord.core.rfc3339 import spell
from accord.core.user import key_of
from accord.security.accept import source_of
from accord.storage.acts import Act, Acts, Noted
from accord.storage.people import NoSuch, People, PeopleError, PeopleFault
from accord.storage.users import Users

PATH = "/api/v1/admin"

MAX_BODY = 64 << 10
MAX_NAME = 200
MAX_STRANGE = 10
"""Keys that are not known which an answer names."""

ACTS_SHOWN = 200
"""Acts in one answer."""


T = TypeVar("T")
Work = Callable[[People, Users], T]


class Office:
    """Does what an administrator asks for, and notes that he did."""

    def __init__(self, register: Path, callers: Callers, clock: Clock) -> None:
        self.callers = callers
        self.clock = clock
        self.acts = Acts(register)

    def look(self, request: Request) -> Caller:
        """Return the administrator who asks. Problem 401 or 403 for anybody else."""
        return require_administrator(self.callers, request)

    async def said(self, request: Request, *known: str) -> dict[str, object]:
        """Return what an administrator says for a change. Problem for anybody and anything else.

        Problem 400 for a key that is none of those known: what is misspelt is not passed over.
        """
        require_act(self.callers, request)
        said = await read_object(request, limit=MAX_BODY)
        strange = sorted(said.keys() - set(known))
        if strange:
            names = ", ".join(each.encode("utf-8", "backslashreplace").decode()[:MAX_NAME]
                              for each in strange[:MAX_STRANGE])  # fmt: skip
            raise Problem(400, f"not known here: {names}; {_takes(known)}", parameter=names)
        return said

    async def do(
        self, request: Request, what: str, whom: str, work: Work[T], *, detail: str = ""
    ) -> T:
        """Return what the work returns, which is done whole and noted, or not done.

        Problem 404 where nobody is called so, 409 where the register says no, 503 where it cannot.
        """
        act = self._act(request, what, whom, detail)

        def whole() -> T:
            with self.acts.doing(act) as (people, users):
                return work(people, users)

        return await kept(whole)

    def _act(self, request: Request, what: str, whom: str, detail: str) -> Act:
        caller = require_act(self.callers, request)
        return Act(
            at=self.clock.now(),
            who=caller.principal.name,
            via=caller.via.value,
            whence="" if request.client is None else source_of(request.client),
            what=what,
            whom=whom,
            detail=detail,
        )

    def refuse_oneself(self, request: Request, whom: str, via: Via) -> None:
        """Problem 409 where somebody would take from himself what he acts by."""
        caller = self.look(request)
        if caller.via is via and key_of(whom) == key_of(caller.principal.name):
            raise Problem(
                409, "that is you: have another administrator do it, or use the command line"
            )

    async def list_acts(self, request: Request) -> Response:
        """Answer with the last acts, newest first; `before` goes on."""
        self.look(request)
        before = _number(request, "before")
        found = await kept(lambda: self.acts.newest(before=before, most=ACTS_SHOWN))
        rest = found[-1].number if len(found) == ACTS_SHOWN else None
        told = {"acts": [act_json(each) for each in found], "next": rest}
        return answer(told)

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes."""
        return [Route(f"{PATH}/acts", self.list_acts, methods=["GET"])]

    def noting(self, routes: Iterable[BaseRoute], names: dict[str, str]) -> list[BaseRoute]:
        """Return the routes, of which those in `names` (by `METHOD path`) note what they did."""
        return [self._noting(each, names) for each in routes]

    def _noting(self, route: BaseRoute, names: dict[str, str]) -> BaseRoute:
        if not isinstance(route, Route):
            return route
        for method in route.methods or ():
            what = names.get(f"{method} {route.path}")
            if what is not None:
                return Route(route.path, self._noted(route, what), methods=[method])
        return route

    def _noted(self, route: Route, what: str) -> Callable[[Request], Awaitable[Response]]:
        does = cast("Callable[[Request], Awaitable[Response]]", route.endpoint)

        async def endpoint(request: Request) -> Response:
            response = await does(request)
            if response.status_code < 300:
                whom = " ".join(str(each) for each in request.path_params.values())
                act = self._act(request, what, whom, "")
                await kept(lambda: self.acts.note(act))
            return response

        return endpoint


async def kept(do: Callable[[], T]) -> T:
    """Return what the register says, or the problem that it has."""
    try:
        return await asyncio.to_thread(do)
    except PeopleFault as error:
        raise Problem(503, str(error)) from None
    except NoSuch as error:
        raise Problem(404, str(error)) from None
    except PeopleError as error:
        raise Problem(409, str(error)) from None


def act_json(noted: Noted) -> dict[str, object]:
    """Return an act as pages and commands tell it."""
    act = noted.act
    return {
        "number": noted.number,
        "at": spell(act.at),
        "who": act.who,
        "via": act.via,
        "from": act.whence,
        "what": act.what,
        "whom": act.whom,
        "detail": act.detail,
    }


def name_in(said: dict[str, object]) -> str:
    """Return the name of somebody new. Problem 400 where it cannot be one."""
    name = text_in(said, "name", most=MAX_NAME)
    try:
        check_person(name)
    except ValueError as error:
        raise Problem(400, str(error), parameter="name") from None
    return name


def _takes(known: Sequence[str]) -> str:
    return f"this takes {', '.join(known)}" if known else "this takes an empty object"


def _number(request: Request, name: str) -> int | None:
    said = request.query_params.get(name)
    if said is None:
        return None
    if not (said.isascii() and said.isdigit() and len(said) < 16):
        raise Problem(400, f"{name} is a whole number", parameter=name)
    return int(said)
