"""Alerts of the watch as CAP 1.2, for others to read: `/api/v1/alerts.atom`, `.../{number}/cap`."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.api.answer import NOT_KEPT
from accord.api.caller import Caller, Callers
from accord.api.problem import Problem
from accord.api.tracks import Around
from accord.api.watch import ALERTS, may_be_told
from accord.core.geometry import Point
from accord.desks.watch.alert import Alert
from accord.desks.watch.board import NoSuchAlert
from accord.desks.watch.cap import cap_of, is_sent, sent
from accord.desks.watch.desk import WatchDesk
from accord.live.seen import seen
from accord.picture.claims import point_of
from accord.wire.cap.atom import feed
from accord.wire.cap.message import CapAlert
from accord.wire.cap.render import render

MOST = 200
"""Alerts in one list, what changed last."""

CAP_TYPE = "application/cap+xml"


def routes(desk: WatchDesk, callers: Callers, around: Around, *, node: str) -> Sequence[BaseRoute]:
    """Return the routes."""
    asked = _Asked(desk, callers, around, node)
    return [
        Route(f"{ALERTS}.atom", asked.atom, methods=["GET"]),
        Route(f"{ALERTS}/{{number:int}}/cap", asked.one, methods=["GET"]),
    ]


class _Asked:
    def __init__(self, desk: WatchDesk, callers: Callers, around: Around, node: str) -> None:
        self._desk = desk
        self._callers = callers
        self._around = around
        self._node = node

    async def one(self, request: Request) -> Response:
        """Answer with an open alert that he may know of, as the CAP message that it is now."""
        caller = self._callers.require(request)
        number = int(request.path_params["number"])
        try:
            alert = self._desk.alert(number)
        except NoSuchAlert:
            alert = None
        if alert is None or not may_be_told(alert)(caller):
            raise Problem(404, f"there is no open alert number {number}")
        if not is_sent(alert):
            raise Problem(404, f"alert {number} is about the node itself, and is not sent out")
        name = f"{self._node}-watch-{number}.xml"
        headers = {**NOT_KEPT, "Content-Disposition": f'attachment; filename="{name}"'}
        return Response(render(self._cap(alert, caller)), media_type=CAP_TYPE, headers=headers)

    async def atom(self, request: Request) -> Response:
        """Answer with all of them as an Atom feed, for programs that poll."""
        caller = self._callers.require(request)
        known = [each for each in self._desk.alerts() if may_be_told(each)(caller)]
        base = f"{request.url.scheme}://{request.url.netloc}{ALERTS}"
        found = sent(known)[:MOST]
        entries = [self._cap(each, caller) for each in found]
        links = {
            each.identifier: f"{alert.number}/cap"
            for alert, each in zip(found, entries, strict=True)
        }
        data = feed(entries, node=self._node, base=base, now=self._around.clock.now(), links=links)
        return Response(data, media_type="application/atom+xml", headers=NOT_KEPT)

    def _cap(self, alert: Alert, caller: Caller) -> CapAlert:
        return cap_of(alert, self._node, self._place(alert, caller))

    def _place(self, alert: Alert, caller: Caller) -> Point | None:
        """Return where its object is, as he sees it."""
        around, uid = self._around, alert.condition.uid
        track = None if uid is None else around.picture.get(alert.condition.context, uid)
        if track is None:
            return None
        shown = seen(track, caller.principal, around.clock.now(), around.settings)
        return None if shown is None else point_of(shown.lead)
