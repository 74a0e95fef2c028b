import pytest

from accord.search.angle import UnreadableError, angles


@pytest.mark.parametrize(
    ("text", "degrees", "how"),
    [
        ("41", 41.0, "degrees"),
        ("41.5", 41.5, "degrees"),
        ("41.2883", 41.2883, "degrees"),
        ("41 30", 41.5, "degrees and minutes"),
        ("41-30.6", 41.51, "degrees and minutes"),
        ("41 30 36", 41.51, "degrees, minutes and seconds"),
        ("41:30:36.0", 41.51, "degrees, minutes and seconds"),
        ("41 30 600", 41.51, "degrees and minutes"),
        ("41°30'36\"", 41.51, "degrees, minutes and seconds"),
        ("41° 30' 36", 41.51, "degrees, minutes and seconds"),
        ("41°30.6'", 41.51, "degrees and minutes"),
        ("41°30.6", 41.51, "degrees and minutes"),
        ("41 30.6'", 41.51, "degrees and minutes"),
        ("41.51°", 41.51, "degrees"),
        ("4130", 41.5, "degrees and minutes"),
        ("4130.6", 41.51, "degrees and minutes"),
        ("413036", 41.51, "degrees, minutes and seconds"),
        ("17430", 174.5, "degrees and minutes"),
        ("1743036", 174.51, "degrees, minutes and seconds"),
    ],
)
def test_what_can_be_read_in_one_way_is(text: str, degrees: float, how: str) -> None:
    (found,) = angles(text)
    assert found.degrees == pytest.approx(degrees)
    assert found.how == how


@pytest.mark.parametrize(
    ("text", "both"),
    [("41.30", {41.3, 41.5}), ("41.30.36", {41.506, 41.51}), ("41.30.5", {41.50833, 41.50139})],
)
def test_what_can_be_read_in_two_ways_has_both(text: str, both: set[float]) -> None:
    assert {round(each.degrees, 5) for each in angles(text)} == both


def test_hundredths_that_are_no_seconds_are_hundredths() -> None:
    (found,) = angles("41.30.75")
    assert found.degrees == pytest.approx(41.5125)


@pytest.mark.parametrize(
    ("text", "unit"), [("41", 1.0), ("41.5", 0.1), ("41 30.6", 1 / 600), ("41 30 36", 1 / 3600)]
)
def test_the_last_digit_says_how_close_it_is(text: str, unit: float) -> None:
    assert angles(text)[0].unit == pytest.approx(unit)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "no angle"),
        ("x", "no angle"),
        ("41 x", "no angle"),
        ("41°x", "no angle of degrees"),
        ("41 60", "60 minutes: there are fewer"),
        ("41 30 60", "60 seconds: there are fewer"),
        ("41.5 30", "fraction before its last part"),
        ("41.5°30'", "fraction before its last part"),
        ("41 30 36 1", "more than degrees"),
        ("41 30.1.2", "fraction"),
        ("41.3.6.1", "too many points"),
        ("12345678", "too many digits"),
        ("4171", "71 minutes"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(text: str, sentence: str) -> None:
    with pytest.raises(UnreadableError, match=sentence):
        angles(text)
