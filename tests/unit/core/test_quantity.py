from datetime import timedelta

import pytest

from accord.core.quantity import (
    about_duration,
    about_size,
    read_distance,
    read_duration,
    read_size,
    spell_duration,
    spell_size,
)


@pytest.mark.parametrize(
    ("text", "size"),
    [("512 MiB", 536_870_912), ("1.5kB", 1500), ("0 B", 0), (" 2 GiB ", 2_147_483_648)],
)
def test_sizes_are_read_in_bytes(text: str, size: int) -> None:
    assert read_size(text) == size


@pytest.mark.parametrize(
    "text", ["", "12", "MiB", "1 mib", "-1 B", "1 B 2 B", "1e3 B", "9" * 400 + " B"]
)
def test_what_is_no_size_is_refused_with_the_units_there_are(text: str) -> None:
    with pytest.raises(ValueError, match="KiB, MiB, GiB"):
        read_size(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("10 min", 600), ("5ms", 0.005), ("1.5 h", 5400), ("7 d", 604_800), ("30 s", 30)],
)
def test_durations_are_read_with_their_unit(text: str, seconds: float) -> None:
    assert read_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "10", "10 minutes", "-1 s", "1 M", "9" * 400 + " s"])
def test_what_is_no_duration_is_refused_with_the_units_there_are(text: str) -> None:
    with pytest.raises(ValueError, match="ms, s, min, h, d"):
        read_duration(text)


def test_a_duration_longer_than_any_is_refused_as_too_long() -> None:
    with pytest.raises(ValueError, match="1,000 years at the most"):
        read_duration("9" * 11 + " d")


@pytest.mark.parametrize("size", [0, 1, 1023, 1024, 1 << 20, (1 << 20) + 1, 3 << 30, 5 << 40])
def test_a_size_is_spelt_so_that_it_is_read_back_exactly(size: int) -> None:
    assert read_size(spell_size(size)) == size


@pytest.mark.parametrize("milliseconds", [0, 1, 999, 1000, 90_000, 3_600_000, 86_400_000])
def test_a_duration_is_spelt_so_that_it_is_read_back_exactly(milliseconds: int) -> None:
    duration = timedelta(milliseconds=milliseconds)
    assert read_duration(spell_duration(duration)) == duration


def test_the_largest_unit_without_a_remainder_is_taken() -> None:
    assert spell_size(32 << 20) == "32 MiB"
    assert spell_duration(timedelta(minutes=90)) == "90 min"


@pytest.mark.parametrize(
    ("size", "said"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (5 << 30, "5 GiB")]
)
def test_people_get_a_size_in_the_unit_that_fits(size: int, said: str) -> None:
    assert about_size(size) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (172_800, "2 d"), (-300, "-5 min")],
)
def test_people_get_a_duration_in_the_unit_that_fits(seconds: int, said: str) -> None:
    assert about_duration(timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(
    ("text", "metres"),
    # The nautical mile: SI brochure, 8th edition, table 8.
    [("1 NM", 1852), ("0.5NM", 926), ("10 km", 10_000), ("250 m", 250), ("0 m", 0)],
)
def test_distances_are_read_in_metres(text: str, metres: float) -> None:
    assert read_distance(text) == metres


@pytest.mark.parametrize("text", ["", "10", "1 nm", "1 mi", "-1 m", "1 min", "1 KM"])
def test_what_is_no_distance_is_refused_with_the_units_there_are(text: str) -> None:
    with pytest.raises(ValueError, match="m, km, NM"):
        read_distance(text)
