"""The data feeds of a node, as TAK Server's own interface tells them."""

from datetime import timedelta
from pathlib import Path

from accord.core.data_feed import data_feed_uid
from accord.picture.picture import PictureSettings
from support.data_feeds import feed
from support.marti import marti

FEEDS = "/Marti/api/datafeeds"


async def test_who_hears_a_feed_is_told_what_it_is_and_not_where_it_comes_from(
    tmp_path: Path,
) -> None:
    feeds = {
        "harbour": feed("Blue", "Sea"), "red": feed("Red", "__ANON__"),
        "drill": feed("Blue", exercise="TASMAN"),
    }  # fmt: skip
    kept = PictureSettings(lost_after=timedelta(minutes=1), removed_after=timedelta(minutes=2))
    async with marti(tmp_path, feed=feeds, picture=kept) as api:
        told = await api.get("kiwi", FEEDS)
        assert told["type"] == "tak.server.feeds.DataFeed"
        uid = data_feed_uid("NZL-TEST", "harbour")
        # The fields of TAK Server 5.7 (public source: DataFeed), less those that are null.
        assert told["data"] == [
            {
                "uuid": uid, "name": "harbour", "type": "Streaming", "tags": ["ais"],
                "authRequired": False, "archive": True, "anongroup": False, "archiveOnly": False,
                "sync": True, "filterGroups": ["Blue"], "syncCacheRetentionSeconds": 180,
                "federated": False, "binaryPayloadWebsocketOnly": False,
            }
        ]  # fmt: skip
        assert "192.0.2.1" not in str(told)
        # By its name, as TAK Server has it, and by its uid.
        for named in ("harbour", uid):
            assert (await api.get("kiwi", f"{FEEDS}/{named}"))["data"] == told["data"][0]
        for named in ("red", data_feed_uid("NZL-TEST", "red"), "drill", "none"):
            refused = await api.does("kiwi", "GET", f"{FEEDS}/{named}", 404)
            assert refused["detail"] == "there is no such data feed that you hear"
        (of_tui,) = (await api.get("tui", FEEDS))["data"]
        assert (of_tui["name"], of_tui["filterGroups"]) == ("red", ["Red"])
        names = [each["name"] for each in (await api.get("pukeko", FEEDS))["data"]]
        assert names == ["drill", "harbour"]


async def test_of_a_channel_that_is_off_no_feed_is_told(tmp_path: Path) -> None:
    async with marti(tmp_path, feed={"harbour": feed("Blue"), "red": feed("Red")}) as api:
        assert len((await api.get("kea", FEEDS))["data"]) == 2
        off = [{"name": "Blue", "direction": "OUT", "active": False}]
        await api.does("kea", "PUT", "/Marti/api/groups/active", json=off)
        (left,) = (await api.get("kea", FEEDS))["data"]
        assert left["name"] == "red"
