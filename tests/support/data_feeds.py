"""Feeds of settings, for nodes that only tell of them."""

from accord.feeds.settings import FeedSettings, Format, Transport


def feed(*groups: str, exercise: str = "") -> FeedSettings:
    """A feed that is said into groups."""
    return FeedSettings(
        format=Format.AIS, transport=Transport.TCP, address="192.0.2.1:10110", groups=groups,
        exercise=exercise,
    )  # fmt: skip
