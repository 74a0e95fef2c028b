import math

import pytest

from accord.wire.dis.message import geodetic, read
from accord.wire.errors import Malformed
from support.dis import VICTORIA_PEAK, entity_state

AHEAD_060 = (-40.95241882081572, -83.059815895079, 37.735479011138615)
"""100 m/s level towards 060 there, along the axes of the Earth, by pymap3d 3."""


@pytest.mark.parametrize(
    ("velocity", "reckoning"),
    [
        pytest.param(AHEAD_060, 2, id="along the axes of the Earth"),
        pytest.param((100.0, 0.0, 0.0), 6, id="along those of the entity"),
    ],
)
def test_a_velocity_is_turned_to_east_north_and_up(
    velocity: tuple[float, float, float], reckoning: int
) -> None:
    entity = read(entity_state(velocity=velocity, reckoning=reckoning))
    assert entity is not None
    wanted = (100 * math.sin(math.radians(60)), 100 * math.cos(math.radians(60)), 0.0)
    assert entity.velocity == pytest.approx(wanted, abs=1e-3)
    assert (entity.lat, entity.lon, entity.hae) == pytest.approx((-41.0, 174.5, 3000.0), abs=1e-6)


def test_a_place_at_a_pole_has_its_height() -> None:
    assert geodetic(0.0, 0.0, 6_356_752.314245 + 100.0) == pytest.approx((90.0, 0.0, 100.0))


def test_other_pdus_are_not_read() -> None:
    assert read(entity_state(kind=2)) is None


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(entity_state()[:100], id="too short"),
        pytest.param(entity_state(place=(0.0, 0.0, 0.0)), id="in the middle of the Earth"),
        pytest.param(entity_state(place=(math.nan, 0.0, 0.0)), id="nowhere"),
        pytest.param(entity_state(velocity=(math.inf, 0.0, 0.0)), id="infinitely fast"),
    ],
)
def test_an_entity_that_is_nowhere_is_refused(wrong: bytes) -> None:
    with pytest.raises(Malformed):
        read(wrong)


@pytest.mark.parametrize(
    ("letters", "marking", "text"),
    [
        (1, b"KIWI 1", "KIWI 1"),
        (1, b"KI\0WI", "KI"),
        (2, b"KIWI 1", ""),
        (1, b"\xff\xfe", ""),
        (1, b"a\x07b", ""),
    ],
)
def test_only_plain_letters_are_a_marking(letters: int, marking: bytes, text: str) -> None:
    entity = read(entity_state(letters=letters, marking=marking))
    assert entity is not None
    assert entity.marking == text


def test_a_time_counts_from_the_hour_where_it_is_the_worlds() -> None:
    half_past = (1 << 30) << 1
    assert [
        each.since_hour
        for each in map(read, (entity_state(stamp=half_past | 1), entity_state(stamp=half_past)))
        if each
    ] == [1800.0, None]


def test_the_place_is_where_it_was_put() -> None:
    assert geodetic(*VICTORIA_PEAK) == pytest.approx((-41.0, 174.5, 3000.0), abs=1e-6)
