from dataclasses import fields

import pytest

from accord.config.values import value_type
from accord.feeds.settings import FeedSettings
from accord.storage.settings import LEAST_RING, JournalSettings

MIB = 1 << 20


@pytest.mark.parametrize("size", [0, -1, 16 * MIB + 1])
def test_a_queue_is_no_larger_than_one_ring_must_hold(size: int) -> None:
    with pytest.raises(ValueError, match="queue_bytes"):
        JournalSettings(queue_bytes=size)
    assert JournalSettings(queue_bytes=16 * MIB).queue_bytes == LEAST_RING


def test_a_budget_leaves_room_for_more_than_the_log() -> None:
    with pytest.raises(ValueError, match="max_bytes"):
        JournalSettings(max_bytes=64 * MIB - 1)
    assert JournalSettings(max_bytes=64 * MIB).max_bytes == 64 * MIB


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        (JournalSettings, "positions_bytes"),
        (JournalSettings, "durable_bytes"),
        (FeedSettings, "positions_bytes"),
    ],
)
def test_the_settings_file_takes_no_ring_that_one_commit_could_overflow(
    settings: type[JournalSettings | FeedSettings], key: str
) -> None:
    (entry,) = [each for each in fields(settings) if each.name == key]
    with pytest.raises(ValueError, match="at least"):
        value_type(int, entry).read("15 MiB")
    assert value_type(int, entry).read("16 MiB") == LEAST_RING == 16 * MIB


def test_the_rings_of_one_channel_fit_into_the_whole() -> None:
    settings = JournalSettings()
    assert settings.positions_bytes + settings.durable_bytes < settings.max_bytes
