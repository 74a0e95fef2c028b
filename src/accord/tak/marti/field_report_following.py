"""Which clients follow reports of the CI-TRAP tool, and what they are told by CoT.

On a TAK Server 5.7 (public source: CITrapReportService) each report is a mission of its own beside
the mission `citrap`: who takes part in that is told of every new report, and who has fetched a
report of what becomes of it. Here clients are told the same, in the groups and the context of the
report, and there are no such missions. Nothing comes onto the picture, as there where nobody has
switched that on (CoreConfig.xsd: citrap, enableNotifications).
"""

import asyncio
import secrets
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.core.mission import (
    ChangeType,
    Item,
    ItemKind,
    Mission,
    MissionChange,
    MissionRole,
    Subscription,
)
from accord.core.principal import Principal
from accord.storage.field_reports import EVERY, FieldReport, FieldReports
from accord.storage.files import Stored
from accord.tak.marti import file_json
from accord.tak.marti.asked import Door, needed, parameter, refuse
from accord.tak.marti.field_report_taken import CITRAP
from accord.tak.marti.mission_json import subscription_json
from accord.tak.missions import Missions

_SUBSCRIPTION = "com.bbn.marti.sync.model.MissionSubscription"


class Following:
    """Notes who follows reports, and tells them."""

    def __init__(self, door: Door, reports: FieldReports, missions: Missions) -> None:
        self._door = door
        self._reports = reports
        self._missions = missions

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes; they stand before those of missions."""
        path = f"/Marti/api/missions/{CITRAP}/subscription"
        return [
            Route(path, self.subscribe, methods=["PUT"]),
            Route(path, self.unsubscribe, methods=["DELETE"]),
        ]

    async def subscribe(self, request: Request) -> Response:
        """Let a client of the caller's be told of every new report that he may see."""
        by = self._door.require(request)
        uid = needed(request, "uid", "topic")
        if self._door.is_anothers(by, uid):
            refuse(403, "another person is, or was, connected under that uid")
        await asyncio.to_thread(self._reports.follow, [EVERY], uid, by.name)
        said = subscription_json(_taking_part(uid, by.name, self._door.clock.now()))
        return self._door.answer(_SUBSCRIPTION, said, 201)

    async def unsubscribe(self, request: Request) -> Response:
        """Let a client of the caller's be told of new reports no more."""
        by = self._door.require(request)
        uid = needed(request, "uid", "topic")
        if not await asyncio.to_thread(self._reports.unfollow, EVERY, uid, by.name):
            refuse(404, "no client of yours of that uid is told of new reports")
        return Response()

    def own_uid(self, request: Request, by: Principal) -> str:
        """Return the uid of a client of the caller's that he names, empty for none."""
        uid = parameter(request, "clientUid")
        return "" if uid and self._door.is_anothers(by, uid) else uid

    def follow(self, reports: Iterable[FieldReport], uid: str, by: Principal) -> None:
        """Let a client, if one is named, be told what becomes of reports. For threads."""
        if uid:
            self._reports.follow([each.key for each in reports], uid, by.name)

    async def filed(self, report: FieldReport, stored: Stored, *, is_new: bool) -> None:
        """Tell of a report: a new one to who is told of these, another to who follows it."""
        key, name = (EVERY, CITRAP) if is_new else (report.key, report.id)
        mission = await asyncio.to_thread(self._mission, key, name, report)
        self._tell(mission, ChangeType.ADD_CONTENT, report, stored, report.creator_uid)

    async def of(self, report: FieldReport) -> Mission:
        """Return the mission of a report that a TAK Server would have."""
        return await asyncio.to_thread(self._mission, report.key, report.id, report)

    async def deleted(
        self, own: Mission, report: FieldReport, stored: Stored | None, by_uid: str
    ) -> None:
        """Tell that a report was deleted: who followed it, and who is told of new ones."""
        now = self._door.clock.now()
        self._missions.tell_members(own, self._missions.notices.deleted(own, by_uid, now))
        if stored is not None:
            mission = await asyncio.to_thread(self._mission, EVERY, CITRAP, report)
            self._tell(mission, ChangeType.REMOVE_CONTENT, report, stored, by_uid)

    def _tell(
        self, mission: Mission, what: ChangeType, report: FieldReport, stored: Stored, by_uid: str
    ) -> None:
        now = self._door.clock.now()
        item = Item(
            kind=ItemKind.HASH, name=report.hash, at=now, creator_uid=by_uid,
            details=file_json.resource(stored), context=report.context,
        )  # fmt: skip
        change = MissionChange(number=0, at=now, type=what, creator_uid=by_uid, item=item)
        for notice in self._missions.notices.changed(mission, [change], now):
            self._missions.tell_members(mission, notice)

    def _mission(self, key: tuple[str, str], name: str, report: FieldReport) -> Mission:
        known_by = "/".join((self._door.node, CITRAP, *key))
        return Mission(
            guid=str(uuid.uuid5(uuid.NAMESPACE_OID, known_by)),
            name=name,
            creator=report.owner,
            creator_uid=report.creator_uid,
            groups=report.groups,
            made=report.filed,
            edited=report.filed,
            about={"tool": CITRAP},
            subscriptions=tuple(
                _taking_part(each.client_uid, each.person, report.filed)
                for each in self._reports.followers(key)
            ),
        )


def _taking_part(uid: str, person: str, at: datetime) -> Subscription:
    return Subscription(
        id=secrets.token_hex(16), client_uid=uid, person=person, role=MissionRole.SUBSCRIBER, at=at
    )
