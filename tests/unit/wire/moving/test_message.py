from support.moving import a_label


def test_a_title_is_the_name_or_the_callsign_or_the_uid() -> None:
    assert a_label(name="AORANGI", callsign="ZMAB").title == "AORANGI"
    assert a_label(callsign="ZMAB").title == "ZMAB"
    assert a_label("SHIP-1").title == "SHIP-1"


def test_a_title_of_an_exercise_cannot_be_taken_for_something_live() -> None:
    label = a_label("SHIP-1", context="exercise:TASMAN 26")
    assert (label.title, label.of_context) == ("EXERCISE TASMAN 26: SHIP-1", "EXERCISE TASMAN 26")
    assert a_label().of_context == "LIVE"


def test_courses_of_two_sources_are_two() -> None:
    assert a_label(channel="tak").course != a_label(channel="feed:ais").course
    assert a_label(name="A").course == a_label(name="B").course
