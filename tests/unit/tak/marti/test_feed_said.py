"""What is said of a data feed in a mission."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.exceptions import HTTPException

from accord.core.data_feed import DataFeed, DataFeedType
from accord.core.mission import ItemKind
from accord.core.principal import Direction, Principal
from accord.tak.data_feeds import DataFeeds
from accord.tak.marti.feed_said import (
    MAX_POINTS,
    MAX_SAID,
    MAX_TYPES,
    FeedSaid,
    feed_said,
    feeds_in_json,
    items_of,
)

NOW = datetime(2026, 1, 2, tzinfo=UTC)
KIWI = Principal(name="kiwi", groups={"Blue": Direction.BOTH})
SHIPS = DataFeed(
    uid="u", name="ships", channel="feed:ships", type=DataFeedType.STREAMING, format="ais",
    groups=frozenset({"Blue", "Sea"}),
)  # fmt: skip
CORNERS = ("-41.0,174.0", "-42,175", "-41, 175")
OUTLINE = "-41.0 174.0,-42 175,-41 175,-41.0 174.0"


def test_parameters_and_json_say_the_same() -> None:
    by_parameters = feed_said("u", CORNERS, '["b-m-p", "a-*", "a-*"]', "KIWI")
    assert by_parameters == FeedSaid(
        data_feed="u", outline=OUTLINE, types=("a-*", "b-m-p"), callsign="KIWI"
    )
    kept = by_parameters.item("m", SHIPS, "UID-kiwi", NOW)
    assert kept.kind is ItemKind.FEED
    assert kept.name == by_parameters.uid("m")
    # As TAK Server writes it (5.7, public source: MissionFeed), and who hears it beside it.
    assert kept.details == {
        "uid": by_parameters.uid("m"), "dataFeedUid": "u", "name": "ships",
        "filterPolygon": OUTLINE, "filterCotTypesSerialized": '["a-*","b-m-p"]',
        "filterCallsign": "KIWI", "groups": ["Blue", "Sea"],
    }  # fmt: skip
    assert feeds_in_json([dict(kept.details), dict(kept.details)]) == (by_parameters,)


def test_what_filters_nothing_is_left_out_but_the_types() -> None:
    (said,) = feeds_in_json(
        [{"dataFeedUid": "u", "filterPolygon": None, "filterCotTypesSerialized": "[]"}]
    )
    assert said == FeedSaid(data_feed="u") == feed_said("u", [], "", "")
    assert said.item("m", SHIPS, "UID-kiwi", NOW).details == {
        "uid": said.uid("m"), "dataFeedUid": "u", "name": "ships",
        "filterCotTypesSerialized": "[]", "groups": ["Blue", "Sea"],
    }  # fmt: skip


def test_one_feed_with_the_same_filters_is_one_and_of_a_mission() -> None:
    said = FeedSaid(data_feed="u")
    others = [
        FeedSaid(data_feed="v"), FeedSaid(data_feed="u", outline=OUTLINE),
        FeedSaid(data_feed="u", types=("a-*",)), FeedSaid(data_feed="u", callsign="K"),
    ]  # fmt: skip
    assert len({each.uid("m") for each in [said, *others]} | {said.uid("n")}) == 6


@pytest.mark.parametrize(
    ("points", "types", "why"),
    [
        (["1,2"], "", "filterPolygon is 3 to 1000 points"),
        (["1,2", "3,4", "north,6"], "", "filterPolygon is 3 to 1000 points"),
        (["1,2"] * (MAX_POINTS + 1), "", "filterPolygon is 3 to 1000 points"),
        (["91,2", "3,4", "5,6"], "", "the latitude of a point"),
        (["1,2", "3,181", "5,6"], "", "the longitude of a point"),
        (["1,2", "3,nan", "5,6"], "", "the longitude of a point"),
        ([], "a-f-G", "filterCotTypes, in JSON, is a list"),
        ([], "{}", "filterCotTypes, in JSON, is a list"),
        ([], "[1]", "filterCotTypes, in JSON, is a text"),
        ([], json.dumps(["a"] * (MAX_TYPES + 1)), "filterCotTypes, in JSON, is a list"),
        ([], '[""]', "no CoT type"),
        ([], '["a-*-*"]', "no CoT type"),
        ([], '["a b"]', "no CoT type"),
        ([], json.dumps(["a" * 129]), "no CoT type"),
    ],
)
def test_what_cannot_be_is_refused(points: Sequence[str], types: str, why: str) -> None:
    with pytest.raises(HTTPException, match=why) as refused:
        feed_said("u", points, types, "")
    assert refused.value.status_code == 400


@pytest.mark.parametrize(
    "said",
    [
        {}, "u", [1], [{}], [{"dataFeedUid": 1}], [{"dataFeedUid": "u"}] * (MAX_SAID + 1),
        [{"dataFeedUid": "u", "filterPolygon": 1}],
        [{"dataFeedUid": "u", "filterPolygon": "1 2,3 4"}],
        [{"dataFeedUid": "u", "filterCotTypesSerialized": "a-f"}],
        [{"dataFeedUid": "u", "filterCotTypesSerialized": []}, {"dataFeedUid": "u" * 10_000}],
        [{"dataFeedUid": "u", "filterCallsign": 7}],
    ],
)  # fmt: skip
def test_what_is_no_list_of_feeds_is_refused(said: Any) -> None:
    with pytest.raises(HTTPException) as refused:
        feeds_in_json(said)
    assert refused.value.status_code == 400


def test_those_that_he_does_not_hear_are_passed_over() -> None:
    said = [FeedSaid(data_feed="u"), FeedSaid(data_feed="elsewhere")]
    tui = Principal(name="tui", groups={"Red": Direction.BOTH})
    (item,) = items_of(said, DataFeeds([SHIPS]), KIWI, "m", NOW, by_uid="UID-kiwi")
    assert (item.details["dataFeedUid"], item.creator_uid) == ("u", "UID-kiwi")
    assert items_of(said, DataFeeds([SHIPS]), tui, "m", NOW, by_uid="U") == []
