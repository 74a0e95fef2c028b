"""Who can be called, and who is connected: endpoints, contacts, subscriptions.

A thousand clients ask for the first two every quarter of a minute: what is the same for all who
hear the same is made once a second.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.core.principal import Principal
from accord.tak.endpoints import Endpoint, Endpoints
from accord.tak.marti.asked import Door, flag, number, parameter, parameters, refuse, spell
from accord.tak.marti.groups import rows
from accord.tak.session import Bridge, TakSession
from accord.wire.cot import detail

MADE_ANEW_AFTER = 1.0
"""Seconds for which a list is the same for all who may see the same."""

MAX_KEPT = 256
"""Lists that are held meanwhile."""

_Row = Mapping[str, object]
_NOTHING: Mapping[str, str] = {}


class Contacts:
    """Answers who can be called."""

    def __init__(self, door: Door, endpoints: Endpoints, bridge: Bridge) -> None:
        self._door = door
        self._endpoints = endpoints
        self._bridge = bridge
        self._kept: dict[object, tuple[float, bytes]] = {}

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes."""
        return [
            Route("/Marti/api/clientEndPoints", self.client_endpoints),
            Route("/Marti/api/contacts/all", self.contacts),
            Route("/Marti/api/contacts/all/full", self.contacts),
            Route("/Marti/api/contacts/all/lite", self.with_users),
            Route("/Marti/api/subscriptions/all", self.subscriptions),
        ]

    async def client_endpoints(self, request: Request) -> Response:
        """Answer with who is connected, and who was, of those that the caller may hear."""
        by = self._door.require(request)
        only_here = flag(request, "showCurrentlyConnectedClients")
        only_newest = flag(request, "showMostRecentOnly")
        ago = number(request, "secAgo", 0)
        groups = frozenset(parameters(request, "group"))

        def made() -> bytes:
            found = self._endpoints.connected(by) if only_here else self._endpoints.all(by)
            since = self._door.clock.now() - timedelta(seconds=min(max(ago, 0), 10**9))
            wanted = [
                each
                for each in found
                if (not ago or each.last.received >= since)
                and (not groups or not groups.isdisjoint(each.last.groups))
            ]
            if only_newest:
                wanted.sort(key=lambda each: each.last.received)
                wanted = list({each.callsign: each for each in wanted}.values())
            wanted.sort(key=lambda each: (each.callsign, each.uid))
            kind = "com.bbn.marti.remote.ClientEndpoint"
            return bytes(self._door.answer(kind, [_endpoint(each) for each in wanted]).body)

        return self._shared(("endpoints", only_here, only_newest, ago, groups), by, made)

    async def contacts(self, request: Request) -> Response:
        """Answer with who is connected, in the order that is asked for."""
        return self._connected(request, "contacts", contact_json)

    async def with_users(self, request: Request) -> Response:
        """Answer with the same, and whose each client is."""
        return self._connected(request, "contacts with users", _with_user)

    def _connected(
        self, request: Request, what: str, told_as: Callable[[Endpoint], _Row]
    ) -> Response:
        by = self._door.require(request)
        key, backwards = _order(request)

        def made() -> bytes:
            found = self._endpoints.connected(by)
            found.sort(key=lambda each: each.callsign if key == "CALLSIGN" else each.uid)
            told = [told_as(each) for each in (reversed(found) if backwards else found)]
            return json.dumps(told, separators=(",", ":")).encode()

        return self._shared((what, key, backwards), by, made)

    def _shared(self, what: object, by: Principal, made: Callable[[], bytes]) -> Response:
        """Answer with a list that is the same for everybody who may see the same."""
        now = self._door.clock.monotonic()
        key = (what, by.hears, by.exercises, by.every_exercise)
        until, data = self._kept.get(key, (0.0, b""))
        if until <= now:
            if len(self._kept) >= MAX_KEPT:
                self._kept.clear()
            data = made()
            self._kept[key] = now + MADE_ANEW_AFTER, data
        return Response(data, media_type="application/json")

    async def subscriptions(self, request: Request) -> Response:
        """Answer with the connections that the caller may hear."""
        by = self._door.require(request)
        key, backwards = _order(request)
        found = [each for each in self._bridge.sessions if _is_seen(each, by)]
        found.sort(
            key=lambda each: str(each.callsign if key == "CALLSIGN" else each.uid),
            reverse=backwards,
        )
        limit, page = number(request, "limit", -1), number(request, "page", -1)
        if limit > 0:
            found = found[max(0, page) * limit :][:limit]
        return self._door.answer("SubscriptionInfo", [self._subscription(each) for each in found])

    def _subscription(self, session: TakSession) -> _Row:
        contact = next(iter(session.contacts()), None)
        first = None if contact is None else contact[1]
        takv = _NOTHING if first is None else detail.first(first, "takv")
        team = _NOTHING if first is None else detail.first(first, "__group")
        now = self._door.clock.now()
        heard = session.speaker.last_useful or session.opened
        host, _, port = session.address.rpartition(":")
        unknown = dict.fromkeys(_UNTOLD, "")
        numbers = self._door.channels.numbers(session.principal.groups, now)
        return {
            **unknown,
            "dn": None,
            "callsign": session.callsign or "",
            "clientUid": session.uid or "",
            "lastReportMilliseconds": int(heard.timestamp() * 1000),
            "lastReportDiffMilliseconds": max(0, int((now - heard) / timedelta(milliseconds=1))),
            "takClient": takv.get("platform", ""),
            "takVersion": takv.get("version", ""),
            "username": session.principal.name,
            "groups": rows(session.principal, {}, numbers),
            "role": team.get("role", ""),
            "team": team.get("name", ""),
            "ipAddress": host,
            "port": port,
            "pendingWrites": session.receiver.outbox.depth,
            "numProcessed": session.speaker.accepted,
            "protocol": "protobuf" if session.speaks_protobuf else "xml",
            "xpath": None,
            "subscriptionUid": session.address,
            "incognito": False,
            "handlerType": session.channel,
        }


_UNTOLD = (
    "appFramerate", "battery", "batteryStatus", "batteryTemp", "deviceDataRx", "deviceDataTx",
    "heapCurrentSize", "heapFreeSize", "heapMaxSize", "deviceIPAddress", "storageAvailable",
    "storageTotal",
)  # fmt: skip
"""What TAK Server tells of a device from its metrics, which this node does not keep."""


def _is_seen(session: TakSession, by: Principal) -> bool:
    if session.principal.name == by.name:
        return True
    if session.principal.only_hears or session.uid is None:
        return False
    return not session.principal.speaks_in.isdisjoint(by.hears)


def _order(request: Request) -> tuple[str, bool]:
    key = parameter(request, "sortBy").upper() or "CALLSIGN"
    direction = parameter(request, "direction").upper() or "ASCENDING"
    if key not in ("CALLSIGN", "UID") or direction not in ("ASCENDING", "DESCENDING"):
        refuse(400, "sortBy is CALLSIGN or UID, direction ASCENDING or DESCENDING")
    return key, direction == "DESCENDING"


def _endpoint(each: Endpoint) -> _Row:
    return {
        "callsign": each.callsign,
        "uid": each.uid,
        "username": each.person,
        "team": each.team,
        "role": each.role,
        "lastEventTime": spell(each.last.received),
        "lastStatus": "Connected" if each.is_connected else "Disconnected",
    }


def contact_json(each: Endpoint) -> _Row:
    """Return who is connected, as TAK Server writes a contact."""
    return {
        "filterGroups": None,
        "notes": each.person,
        "callsign": each.callsign,
        "team": each.team,
        "role": each.role,
        "takv": each.device,
        "uid": each.uid,
    }


def _with_user(each: Endpoint) -> _Row:
    who = {"id": each.person, "name": each.person, "displayName": each.person}
    return {**contact_json(each), "user": who}
