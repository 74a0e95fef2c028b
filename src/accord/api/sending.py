"""Shows a track or a place to one TAK client: `/api/v1/send`."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.api.answer import answer
from accord.api.body import number_in, read_object, text_in
from accord.api.caller import Caller, Callers
from accord.api.chat import MAX_NAME, MAX_UID, point_in, refusals
from accord.api.problem import Problem
from accord.api.tracks import Around
from accord.api.watch import context_in, require_watch
from accord.core.body import Position, Shape
from accord.core.context import Context
from accord.core.principal import Principal
from accord.core.report import Report
from accord.live.page_voice import Handed, PageVoice
from accord.live.seen import seen
from accord.picture.claims import point_of

SEND = "/api/v1/send"

MAX_BODY = 16 << 10

MARK = "b-m-p-s-m"
"""How TAK clients call a place that is marked."""

USUAL_MINUTES = 60
LONGEST = timedelta(days=7)

LONGEST_NAME = 100
"""Letters of a track's name that are sent along."""

Clients = Callable[[str], Iterable[Principal]]
"""Tells who is connected as the TAK client of that uid."""


def routes(
    voice: PageVoice, around: Around, callers: Callers, clients: Clients
) -> Sequence[BaseRoute]:
    """Return the route."""
    return [Route(SEND, _Asked(voice, around, callers, clients).send, methods=["POST"])]


class _Asked:
    def __init__(
        self, voice: PageVoice, around: Around, callers: Callers, clients: Clients
    ) -> None:
        self._voice = voice
        self._around = around
        self._callers = callers
        self._clients = clients

    async def send(self, request: Request) -> Response:
        """Show the track of a `uid`, or a `point` with a `name`, `to` the uid of one TAK client."""
        caller = require_watch(self._callers, request)
        said = await read_object(request, limit=MAX_BODY)
        to = text_in(said, "to", most=MAX_UID)
        context = context_in(said, caller)
        handed = self._handed(said, caller, context)
        if not any(_hears(each, caller, context) for each in self._clients(to)):
            detail = "no TAK client of that uid is connected that hears a group you speak in"
            raise Problem(404, detail, parameter="to")
        with refusals():
            report = self._voice.hand(caller.principal, handed, to=to, context=context)
        return answer({"uid": report.uid}, status=201)

    def _handed(self, said: dict[str, object], caller: Caller, context: Context) -> Handed:
        most = LONGEST // timedelta(minutes=1)
        minutes = number_in(said, "valid_minutes", least=1, most=most, default=USUAL_MINUTES)
        valid = timedelta(minutes=minutes)
        if "uid" not in said:
            name = text_in({"name": said.get("name", "")}, "name", most=MAX_NAME)
            body = Position(point=point_in(said.get("point")))
            return Handed(kind=MARK, name=name, body=body, valid=valid)
        lead = self._lead(text_in(said, "uid", most=MAX_UID), caller, context)
        name = lead.identity.name or lead.identity.callsign or lead.uid
        return Handed(
            kind=lead.kind.text if lead.kind.text.startswith(("a-", "u-", "b-m-")) else MARK,
            name=name[:LONGEST_NAME],
            body=_body(lead),
            valid=valid,
            marking=lead.marking,
        )

    def _lead(self, uid: str, caller: Caller, context: Context) -> Report:
        around = self._around
        track = around.picture.get(context, uid)
        by, now = caller.principal, around.clock.now()
        shown = None if track is None else seen(track, by, now, around.settings)
        if shown is None or uid not in {each.uid for each in shown.claims.values()}:
            raise Problem(404, "there is no such track for you to see", parameter="uid")
        return shown.lead


def _hears(client: Principal, caller: Caller, context: Context) -> bool:
    speaks_in = caller.principal.speaks_in
    return client.takes_part_in(context) and not speaks_in.isdisjoint(client.hears)


def _body(lead: Report) -> Position | Shape:
    """Return where it is, no finer than it is known here."""
    if isinstance(lead.body, Position | Shape) and point_of(lead) is not None:
        return lead.body
    point = point_of(lead)
    if point is None:
        raise Problem(409, "nothing is known of where it is", parameter="uid")
    return Position(point=point)
