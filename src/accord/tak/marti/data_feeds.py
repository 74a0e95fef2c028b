"""Which data feeds a node has, for TAK clients: those that the caller hears."""

from collections.abc import Sequence
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.core.data_feed import DataFeed
from accord.core.principal import Principal
from accord.tak.data_feeds import DataFeeds
from accord.tak.marti.asked import Door, refuse

KIND = "tak.server.feeds.DataFeed"

_ANONYMOUS = "__ANON__"
"""Everybody's group, by TAK Server's name."""

NONE = "there is no such data feed that you hear"


class DataFeedsApi:
    """Answers which data feeds there are. `kept` is how long what one brings stays when stale."""

    def __init__(self, door: Door, feeds: DataFeeds, *, kept: timedelta) -> None:
        self._door = door
        self._feeds = feeds
        self._kept = kept

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes."""
        return [
            Route("/Marti/api/datafeeds", self.every),
            Route("/Marti/api/datafeeds/{name:path}", self.one),
        ]

    async def every(self, request: Request) -> Response:
        """Answer with the feeds that the caller hears."""
        by = self._door.require(request)
        told = [self._told(each, by) for each in self._feeds.heard_by(by)]
        return self._door.answer(KIND, told)

    async def one(self, request: Request) -> Response:
        """Answer with the feed of that name, as TAK Server does, or of that uid."""
        by, named = self._door.require(request), request.path_params["name"]
        for each in self._feeds.heard_by(by):
            if named in (each.name, each.uid):
                return self._door.answer(KIND, self._told(each, by))
        return refuse(404, NONE)

    def _told(self, feed: DataFeed, by: Principal) -> dict[str, object]:
        """Return a feed as TAK clients read one; nothing of where it comes from.

        By the fields that TAK Server writes (5.7, public source: DataFeed, which leaves out what it
        has not): port, protocol, interface and who signs in are those of an input that clients
        connect to, which a feed of a node is not. All it brings is in the journal (`archive`), and
        who comes to hear it is sent what is on the picture (`sync`). Missions go to no partner
        (`federated`).
        """
        groups = sorted(feed.groups & by.hears)
        return {
            "uuid": feed.uid,
            "name": feed.name,
            "type": feed.type,
            "tags": [feed.format],
            "authRequired": False,
            "archive": True,
            "anongroup": _ANONYMOUS in groups,
            "archiveOnly": False,
            "sync": True,
            "filterGroups": groups,
            "syncCacheRetentionSeconds": int(self._kept.total_seconds()),
            "federated": False,
            "binaryPayloadWebsocketOnly": False,
        }
