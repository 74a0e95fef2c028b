"""The feeds of the settings as data feeds."""

from accord.config.settings import NodeSettings, Settings
from accord.core.context import LIVE, Context
from accord.core.data_feed import DataFeedType, data_feed_uid
from accord.core.principal import Direction, Principal
from accord.feeds.settings import FeedSettings, Format, Transport
from accord.node.data_feeds import data_feeds

BY = Principal(name="kiwi", groups={"Blue": Direction.BOTH}, exercises=frozenset({"TASMAN"}))


def feed(form: Format, transport: Transport, address: str, **more: str) -> FeedSettings:
    return FeedSettings(format=form, transport=transport, address=address, groups=("Blue",), **more)  # type: ignore[arg-type]


def test_each_feed_is_one_by_what_it_is() -> None:
    settings = Settings(
        node=NodeSettings(id="NZL-TEST", nation="NZL"),
        feed={
            "harbour": feed(Format.AIS, Transport.TCP, "192.0.2.1:10110"),
            "air": feed(Format.READSB, Transport.HTTP, "http://user:secret@192.0.2.1/a.json"),
            "drill": feed(Format.AIS, Transport.UDP, "0.0.0.0:10110", exercise="TASMAN"),
        },
    )
    air, drill, harbour = data_feeds(settings).heard_by(BY)
    assert [each.name for each in (air, drill, harbour)] == ["air", "drill", "harbour"]
    assert harbour.uid == data_feed_uid("NZL-TEST", "harbour")
    assert (harbour.channel, harbour.format) == ("feed:harbour", "ais")
    assert (harbour.type, air.type) == (DataFeedType.STREAMING, DataFeedType.PLUGIN)
    assert harbour.groups == frozenset({"Blue"})
    assert (harbour.context, drill.context) == (LIVE, Context.exercise("TASMAN"))
    for each in (air, drill, harbour):
        assert "192.0.2.1" not in repr(each)
        assert "secret" not in repr(each)
