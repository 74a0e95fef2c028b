"""The data feeds of a node, and who may know of which: whoever hears it, and nobody else."""

import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Protocol, cast

from accord.core.context import Context
from accord.core.data_feed import DataFeed
from accord.core.mission import Item, ItemKind
from accord.core.principal import Principal
from accord.release.access import may_see
from accord.wire.cot import xml

GROUPS = "groups"
"""Stands beside what is told of a feed in a mission, and is not told: who heard it then."""


class Written(Protocol):
    """An item of a mission, or a change of one, as it is kept: details are JSON."""

    @property
    def kind(self) -> str:
        """Of what kind it is, empty for a change of no item."""
        ...

    @property
    def details(self) -> str:
        """What is said of it."""
        ...

    @property
    def context(self) -> str:
        """The world that it is of."""
        ...


class DataFeeds:
    """The data feeds of a node."""

    def __init__(self, feeds: Iterable[DataFeed] = ()) -> None:
        self._by_uid = {each.uid: each for each in feeds}
        named = (each for each in self._by_uid.values() if each.is_named)
        self._sources = {each.channel: _source(each) for each in named}

    def heard_by(self, by: Principal) -> list[DataFeed]:
        """Return those that somebody hears, by name."""
        found = [each for each in self._by_uid.values() if may_see(by, each)]
        return sorted(found, key=lambda each: each.name)

    def find(self, by: Principal, uid: str) -> DataFeed | None:
        """Return the one of that uid, None where there is none that he hears."""
        found = self._by_uid.get(uid)
        return found if found is not None and may_see(by, found) else None

    def source(self, channel: str) -> bytes:
        """Return what says in an event that it came by a feed, empty where none is to say so.

        As TAK Server writes it into whatever a data feed brings (5.7, public source:
        DataFeedFilter).
        """
        return self._sources.get(channel, b"")

    def knows(self, by: Principal, item: Item) -> bool:
        """Tell whether somebody may know of a feed that is in a mission.

        Of one that the node has no more, whoever hears what it was said into then.
        """
        return by.takes_part_in(item.context) and self._knows(by, item.details)

    def _knows(self, by: Principal, details: Mapping[str, object]) -> bool:
        feed = self._by_uid.get(str(details.get("dataFeedUid")))
        if feed is not None:
            return may_see(by, feed)
        return not by.hears.isdisjoint(cast("list[str]", details.get(GROUPS, [])))

    def known_to(self, by: Principal) -> Callable[[Written], bool]:
        """Return what tells whether somebody may know of an item of a mission, or a change of one.

        He takes part in its context, and where it is a feed, hears that.
        """

        @cache
        def takes_part(context: str) -> bool:
            return by.takes_part_in(Context.parse(context))

        def knows(each: Written) -> bool:
            if not each.kind:
                return True
            if not takes_part(each.context):
                return False
            return each.kind != ItemKind.FEED or self._knows(by, json.loads(each.details))

        return knows


def told(details: Mapping[str, object]) -> dict[str, object]:
    """Return what is told of a feed in a mission, of what is kept."""
    return {key: value for key, value in details.items() if key != GROUPS}


def _source(feed: DataFeed) -> bytes:
    said = {"type": "dataFeed", "name": feed.name, "uid": feed.uid}
    return xml.element("source", said).encode()
