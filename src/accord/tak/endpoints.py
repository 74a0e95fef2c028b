"""Who can be called: the clients that are connected and, for a while, those that were."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from accord.core.principal import Principal
from accord.core.report import Address, AddressKind, Report
from accord.release.access import may_see
from accord.tak.session import Bridge, TakSession
from accord.wire.cot import detail
from accord.wire.cot.message import CotEvent

MAX_LEFT = 10_000
"""Clients that are remembered when they have left; beyond, who left first is forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A client by its own words; `last` is its newest position.

    `device` is platform and version with a colon between, as TAK Server tells them.
    """

    uid: str
    callsign: str
    person: str
    team: str
    role: str
    device: str
    last: Report
    is_connected: bool


class Endpoints:
    """Answers who can be called by whom."""

    def __init__(self, bridge: Bridge, *, limit: int = MAX_LEFT) -> None:
        self._bridge = bridge
        self._limit = limit
        self._left: OrderedDict[str, Endpoint] = OrderedDict()

    def left(self, session: TakSession) -> None:
        """Remember who leaves with a connection."""
        for each in _of(session):
            self._left.pop(each.uid, None)
            self._left[each.uid] = replace(each, is_connected=False)
        while len(self._left) > self._limit:
            self._left.popitem(last=False)

    def is_anothers(self, by: Principal, uid: str) -> bool:
        """Tell whether a uid is the device of another person, or he is or was connected under it.

        Only of people who share a group with whoever asks: others keep nobody from his own uid, and
        nobody learns from them that it is in use. Who is connected under it himself is no stranger
        to it, whoever else claims it.
        """
        devices, groups = self._bridge.intake.devices, by.groups.keys()
        if devices.person(uid) == by.name:
            return False
        if devices.is_anothers(uid, by, self._bridge.clock.now()):
            return True
        here = self._bridge.hub.reached(Address(AddressKind.UID, uid), groups)
        if here:
            return by.name not in here
        gone = self._left.get(uid)
        if gone is None or gone.person == by.name:
            return False
        return not gone.last.groups.isdisjoint(groups)

    def connected(self, by: Principal) -> list[Endpoint]:
        """Return who is connected and may be heard by somebody, in order of uid."""
        found = [
            each
            for session in self._bridge.sessions
            for each in _of(session)
            if may_see(by, each.last)
        ]
        return sorted(found, key=lambda each: each.uid)

    def all(self, by: Principal) -> list[Endpoint]:
        """Return those, and who has left."""
        here = self.connected(by)
        uids = {each.uid for each in here}
        gone = (each for uid, each in self._left.items() if uid not in uids)
        return [*here, *(each for each in gone if may_see(by, each.last))]


def _of(session: TakSession) -> Iterator[Endpoint]:
    if session.principal.only_hears:  # nobody is told that he is there
        return
    for last, first in session.contacts():
        yield _endpoint(session.principal.name, last, first)


def _endpoint(person: str, last: Report, first: CotEvent) -> Endpoint:
    team, device = detail.first(first, "__group"), detail.first(first, "takv")
    return Endpoint(
        uid=last.uid,
        callsign=last.identity.callsign or "",
        person=person,
        team=team.get("name", ""),
        role=team.get("role", ""),
        device=":".join(filter(None, (device.get("platform"), device.get("version")))),
        last=last,
        is_connected=True,
    )
