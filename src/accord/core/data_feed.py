"""Data feeds: the machines that a node reads, as TAK clients and missions know them."""

import uuid
from dataclasses import dataclass
from enum import StrEnum

from accord.core.context import LIVE, Context
from accord.core.principal import Group

_NAMESPACE = uuid.UUID("6f1d3c2e-8f0b-4c0e-9a4e-5b7a3f9d2c41")
"""Of the uids of data feeds; any would do that is always the same."""


class DataFeedType(StrEnum):
    """What a data feed is, by TAK Server's names (5.7, public source: DataFeed.DataFeedType).

    What comes as it happens is streaming; a document, which the server itself looks at again and
    again, is what a plugin of TAK Server's brings.
    """

    STREAMING = "Streaming"
    PLUGIN = "Plugin"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFeed:
    """A machine that a node reads: what it is called, what it speaks, and who hears what it says.

    `channel` is what its reports have as their source's; `is_named` says that each event of it
    that clients are sent says by which feed it came.
    """

    uid: str
    name: str
    channel: str
    type: DataFeedType
    format: str
    groups: frozenset[Group]
    context: Context = LIVE
    is_named: bool = False


def data_feed_uid(node: str, name: str) -> str:
    """Return the uid of a node's feed: the same as long as node and feed are called so."""
    return str(uuid.uuid5(_NAMESPACE, f"{node}/{name}"))


def mission_feed_uid(mission: str, said: str) -> str:
    """Return the uid of a feed in a mission, by that one's guid and what is said of the feed."""
    return str(uuid.uuid5(_NAMESPACE, f"{mission}/{said}"))
