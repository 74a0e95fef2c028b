"""The feeds of a node as data feeds: by what TAK clients know them."""

from accord.config import Settings
from accord.core.data_feed import DataFeed, DataFeedType, data_feed_uid
from accord.feeds.catalogue import channel
from accord.feeds.settings import FeedSettings
from accord.tak.data_feeds import DataFeeds


def data_feeds(settings: Settings) -> DataFeeds:
    """Return every feed of a node; nothing of where it comes from is in it."""
    node = settings.node.id
    return DataFeeds(_data_feed(node, name, each) for name, each in settings.feed.items())


def _data_feed(node: str, name: str, settings: FeedSettings) -> DataFeed:
    is_document = settings.format.is_document
    return DataFeed(
        uid=data_feed_uid(node, name),
        name=name,
        channel=channel(name),
        type=DataFeedType.PLUGIN if is_document else DataFeedType.STREAMING,
        format=settings.format,
        groups=frozenset(settings.groups),
        context=settings.context,
        is_named=settings.named,
    )
