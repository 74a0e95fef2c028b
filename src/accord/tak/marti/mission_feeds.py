"""The data feeds of missions: which feeds of the node a mission is about, and what of each."""

import asyncio
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from accord.core.mission import ItemKind, Permission
from accord.storage.tak_file import Full
from accord.tak.marti.asked import Door, needed, parameter, parameters, refuse
from accord.tak.marti.data_feeds import NONE
from accord.tak.marti.feed_said import MAX_OUTLINE, feed_said
from accord.tak.marti.mission_access import MissionAccess
from accord.tak.marti.missions import both


class MissionFeeds:
    """Answers what is asked of the data feeds of missions.

    That a mission names a feed tells its clients what it is about, and changes nothing of who hears
    the feed: whoever hears one of its groups, once, as without the mission. So it is at a TAK
    Server where `vbm` is off, as it is if nobody switches it on (5.7, public source:
    DataFeedFilter.filter, and `vbm` in CoreConfig.xsd); that filters by no callsign either way.
    """

    def __init__(self, access: MissionAccess) -> None:
        self._access = access
        self._door: Door = access.door
        self._missions = access.missions

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes; they stand before those of missions themselves."""
        return [
            *both("/feed", self.put, "POST"),
            *both("/feed/{uid:path}", self.remove, "DELETE"),
        ]

    async def put(self, request: Request) -> Response:
        """Put a data feed into a mission. 404 for one that he does not hear, 409: it is there."""
        asked = await self._access.allowed(request, Permission.MANAGE_FEEDS)
        said = feed_said(
            needed(request, "dataFeedUid"),
            parameters(request, "filterPolygon"),
            parameter(request, "filterCotTypes", most=MAX_OUTLINE),
            parameter(request, "filterCallsign"),
        )
        feed, guid = self._missions.feeds.find(asked.by, said.data_feed), asked.mission.guid
        if feed is None:
            refuse(404, NONE)
        item = said.item(guid, feed, asked.author(request), self._door.clock.now())
        still = self._access.still(asked, Permission.MANAGE_FEEDS)
        try:
            if not await self._missions.put(guid, [item], still=still):
                refuse(409, "the mission has this feed with the same filters already")
        except Full as full:
            refuse(507, str(full))
        return Response()

    async def remove(self, request: Request) -> Response:
        """Take a data feed out of a mission, by its uid in that."""
        asked = await self._access.allowed(request, Permission.MANAGE_FEEDS)
        guid, uid = asked.mission.guid, request.path_params["uid"]
        known = await asyncio.to_thread(self._missions.store.item, guid, ItemKind.FEED, uid)
        if known is None or not self._missions.feeds.knows(asked.by, known):
            refuse(404, "there is no such data feed in the mission")
        still = self._access.still(asked, Permission.MANAGE_FEEDS)
        which, by_uid = [(ItemKind.FEED, uid)], asked.author(request)
        await self._missions.remove(guid, which, by_uid, still=still)
        return Response()
