"""What is said of a data feed in a mission: which one, and what of it the mission is about.

By the fields of TAK Server's own (5.7, public source: MissionFeed): `dataFeedUid`, `filterPolygon`,
`filterCotTypesSerialized`, which is a text with a list of JSON, and `filterCallsign`.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from accord.core.data_feed import DataFeed, mission_feed_uid
from accord.core.mission import Item, ItemKind
from accord.core.principal import Principal
from accord.tak.data_feeds import GROUPS, DataFeeds
from accord.tak.marti.asked import decimal, refuse, text, texts
from accord.tak.marti.outline import polygon
from accord.wire.cot import xml

MAX_SAID = 1_000
"""Feeds that one request, or one package, says to be in a mission."""

MAX_POINTS = 1_000
MAX_TYPES = 100
MAX_OUTLINE = 65_536
"""Characters of an outline."""

_TYPE = re.compile(r"[A-Za-z0-9-]*\*?[A-Za-z0-9-]*", re.ASCII)
"""A CoT type with one `*` in it at most, as DataFeedFilter of TAK Server reads one."""

MAX_TYPE = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSaid:
    """A data feed in a mission, as it is said; what is empty filters nothing."""

    data_feed: str
    outline: str = ""
    types: tuple[str, ...] = ()
    callsign: str = ""

    def uid(self, mission: str) -> str:
        """Return its uid in a mission: there is one of each feed with the same filters."""
        said = json.dumps([self.data_feed, self.outline, self.types, self.callsign])
        return mission_feed_uid(mission, said)

    def item(self, mission: str, feed: DataFeed, by_uid: str, now: datetime) -> Item:
        """Return what is kept of it in a mission."""
        details: dict[str, object] = {
            "uid": self.uid(mission),
            "dataFeedUid": feed.uid,
            "name": feed.name,
            "filterPolygon": self.outline,
            "filterCotTypesSerialized": json.dumps(self.types, separators=(",", ":")),
            "filterCallsign": self.callsign,
        }
        kept = {key: value for key, value in details.items() if value}
        return Item(
            kind=ItemKind.FEED,
            name=self.uid(mission),
            at=now,
            creator_uid=by_uid,
            context=feed.context,
            details={**kept, GROUPS: sorted(feed.groups)},
        )


def feed_said(feed: str, points: Sequence[str], types: str, callsign: str) -> FeedSaid:
    """Return what parameters say. 400 for an outline, or types, that cannot be."""
    return FeedSaid(
        data_feed=text(feed, "dataFeedUid", most=xml.MAX_UID),
        outline=_outline(points),
        types=_types(types, "filterCotTypes"),
        callsign=text(callsign, "filterCallsign"),
    )


def feeds_in_json(said: object) -> tuple[FeedSaid, ...]:
    """Return what the `feeds` of a mission in JSON say. 400 where they cannot be read."""
    given = cast("list[object]", said) if isinstance(said, list) else None
    if given is None or len(given) > MAX_SAID:
        refuse(400, f"feeds is a list of at most {MAX_SAID} objects")
    return tuple(dict.fromkeys(map(_in_json, given)))


def _in_json(one: object) -> FeedSaid:
    if not isinstance(one, dict):
        refuse(400, "each of feeds is an object with the dataFeedUid of one")
    said = cast("Mapping[str, object]", one)
    feed, callsign = said.get("dataFeedUid"), said.get("filterCallsign") or ""
    outline = text(said.get("filterPolygon") or "", "filterPolygon", most=MAX_OUTLINE)
    points = [each.strip().replace(" ", ",") for each in outline.split(",")] if outline else []
    name = "filterCotTypesSerialized"
    return FeedSaid(
        data_feed=text(feed, "dataFeedUid", most=xml.MAX_UID),
        outline=_outline(points),
        types=_types(text(said.get(name) or "", name, most=MAX_OUTLINE), name),
        callsign=text(callsign, "filterCallsign"),
    )


def _outline(points: Sequence[str]) -> str:
    if not points:
        return ""
    found = polygon(points) if len(points) <= MAX_POINTS else ""
    if not found:
        refuse(400, f"filterPolygon is 3 to {MAX_POINTS} points LATITUDE,LONGITUDE")
    for each in found.split(","):
        lat, _, lon = each.partition(" ")
        decimal(lat, "the latitude of a point of filterPolygon", most=90)
        decimal(lon, "the longitude of a point of filterPolygon", most=180)
    return found


def _types(said: str, name: str) -> tuple[str, ...]:
    try:
        found: object = json.loads(said) if said else []
    except (ValueError, RecursionError):
        found = None
    types = texts(found, f"{name}, in JSON,", most=MAX_TYPES)
    for each in types:
        if not 0 < len(each) <= MAX_TYPE or _TYPE.fullmatch(each) is None:
            refuse(400, f"{name}: {each[:80]!r} is no CoT type with one * in it at most")
    return tuple(sorted(set(types)))


def items_of(
    said: Sequence[FeedSaid], feeds: DataFeeds, by: Principal, mission: str, now: datetime,
    *, by_uid: str,
) -> list[Item]:  # fmt: skip
    """Return what is kept of feeds that somebody says to be in a mission, of those that he hears.

    The others are passed over, as TAK Server does (5.7, public source: MissionApi): a mission may
    come from another server, which has other feeds.
    """
    found = [(each, feeds.find(by, each.data_feed)) for each in said]
    return [each.item(mission, feed, by_uid, now) for each, feed in found if feed is not None]
