"""Who may know of a data feed: whoever hears it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from lxml import etree

from accord.core.context import LIVE, Context
from accord.core.data_feed import DataFeed, DataFeedType
from accord.core.mission import Item, ItemKind
from accord.core.principal import Direction, Principal
from accord.tak.data_feeds import GROUPS, DataFeeds, told

NOW = datetime(2026, 1, 2, tzinfo=UTC)
KIWI = Principal(name="kiwi", groups={"Blue": Direction.BOTH})
TUI = Principal(name="tui", groups={"Red": Direction.BOTH})
DUMB = Principal(name="dumb", groups={"Blue": Direction.IN})
DRILLED = replace(KIWI, exercises=frozenset({"TASMAN"}))
SHIPS = DataFeed(
    uid="u-ships", name="ships <&> co", channel="feed:ships", type=DataFeedType.STREAMING,
    format="ais", groups=frozenset({"Blue"}), is_named=True,
)  # fmt: skip
DRILL = replace(
    SHIPS, uid="u-drill", name="drill", channel="feed:drill", context=Context.exercise("TASMAN"),
    is_named=False,
)  # fmt: skip
FEEDS = DataFeeds([SHIPS, DRILL])


@dataclass
class Row:
    kind: str
    details: str
    context: str = "live"


def in_mission(uid: str, groups: tuple[str, ...], context: Context = LIVE) -> Item:
    details: Mapping[str, object] = {"dataFeedUid": uid, "name": "n", GROUPS: list(groups)}
    return Item(
        kind=ItemKind.FEED, name="f", at=NOW, creator_uid="", details=details, context=context
    )


def test_a_feed_is_told_to_who_hears_it() -> None:
    assert FEEDS.heard_by(KIWI) == [SHIPS]
    assert FEEDS.heard_by(DRILLED) == [DRILL, SHIPS]
    assert FEEDS.heard_by(TUI) == FEEDS.heard_by(DUMB) == []
    assert FEEDS.find(KIWI, "u-ships") == SHIPS
    assert FEEDS.find(TUI, "u-ships") is None
    assert FEEDS.find(KIWI, "u-none") is None


def test_in_a_mission_it_is_known_to_who_hears_it_now() -> None:
    """Whoever heard it when it was put there."""
    known = in_mission("u-ships", ("Red",))
    assert FEEDS.knows(KIWI, known)
    assert not FEEDS.knows(TUI, known)


def test_one_that_the_node_has_no_more_is_known_to_who_hears_what_it_was_said_into() -> None:
    gone = in_mission("u-gone", ("Red",))
    assert FEEDS.knows(TUI, gone)
    assert not FEEDS.knows(KIWI, gone)
    of_drill = in_mission("u-gone", ("Blue",), Context.exercise("TASMAN"))
    assert FEEDS.knows(DRILLED, of_drill)
    assert not FEEDS.knows(KIWI, of_drill)
    assert not FEEDS.knows(KIWI, replace(gone, details={}))


def test_of_everything_else_it_matters_in_which_context_it_is() -> None:
    knows = FEEDS.known_to(KIWI)
    assert knows(Row("", "{}", "exercise:TASMAN"))  # a change of no item
    assert knows(Row("uid", "not looked at"))
    assert not knows(Row("uid", "{}", "exercise:TASMAN"))
    feed = json.dumps({"dataFeedUid": "u-ships", GROUPS: ["Blue"]})
    assert knows(Row("feed", feed))
    assert not knows(Row("feed", feed, "exercise:TASMAN"))
    assert not FEEDS.known_to(TUI)(Row("feed", feed))


def test_who_heard_it_is_not_told() -> None:
    assert told({"uid": "u", "name": "n", GROUPS: ["Blue"]}) == {"uid": "u", "name": "n"}


def test_what_a_feed_brings_says_which_where_it_is_to() -> None:
    """TAK Server 5.7, public source: DataFeedFilter."""
    source = etree.fromstring(FEEDS.source("feed:ships"))
    assert source.tag == "source"
    assert dict(source.attrib) == {"type": "dataFeed", "name": "ships <&> co", "uid": "u-ships"}
    assert FEEDS.source("feed:drill") == FEEDS.source("cot-tls") == b""
