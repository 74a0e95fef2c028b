"""Data feeds have the same uid as long as they are called the same."""

import uuid

from accord.core.data_feed import DataFeedType, data_feed_uid, mission_feed_uid


def test_a_feeds_uid_is_its_nodes_and_its_names() -> None:
    known = data_feed_uid("NZL-MAR", "harbour")
    assert uuid.UUID(known).version == 5
    assert data_feed_uid("NZL-MAR", "harbour") == known
    assert len({known, data_feed_uid("NZL-MAR", "radar"), data_feed_uid("FJI-MAR", "harbour")}) == 3


def test_a_feed_in_a_mission_has_a_uid_by_what_is_said_of_it() -> None:
    assert mission_feed_uid("m", "a") == mission_feed_uid("m", "a")
    assert len({mission_feed_uid(m, said) for m in "mn" for said in "ab"}) == 4


def test_types_are_called_as_tak_server_calls_them() -> None:
    assert [each.value for each in DataFeedType] == ["Streaming", "Plugin"]
