from datetime import date

import pytest

from accord.posture.model import Capability, Grade, Origin, Season
from accord.posture.spell import (
    place_name,
    spell_capability,
    spell_cent,
    spell_hours,
    spell_origin,
    spell_place,
    spell_seasons,
    spell_share,
)
from support.plans import a_plan


@pytest.mark.parametrize(
    ("hours", "spelled"), [(2.06, "2.1 h"), (47.9, "47.9 h"), (75.2, "75 h"), (-60, "-60 h")]
)
def test_hours_are_told_as_finely_as_people_use_them(hours: float, spelled: str) -> None:
    assert spell_hours(hours) == spelled


def test_a_share_that_is_not_nothing_is_not_told_as_nothing() -> None:
    assert [spell_share(each) for each in (0.0, 0.0001, 0.123, 1.0)] == [
        "0.0 %", "under 0.1 %", "12.3 %", "100.0 %",
    ]  # fmt: skip
    assert spell_cent(0.256) == "26 %"


def test_a_capability_is_told_in_words() -> None:
    texts = ("lift-sea", "surveillance-air", "survey-dive")
    assert [spell_capability(Capability.parse(each)) for each in texts] == [
        "lift by sea", "surveillance by air", "survey dive",
    ]  # fmt: skip


def test_what_is_invented_is_told_as_invented() -> None:
    assert (
        spell_origin(Origin(grade=Grade.INVENTED, who="us", as_of=date(2026, 1, 1))) == "invented"
    )


def test_an_area_has_its_name_and_a_place_is_its_name() -> None:
    assert place_name(a_plan(), "HOME") == "Off New Zealand"
    assert place_name(a_plan(), "Suva") == "Suva"


def test_a_place_is_told_to_the_degree_on_its_side_of_the_line() -> None:
    assert spell_place(-17.8, 177.4) == "18 S 177 E"
    assert spell_place(21.3, -157.9) == "21 N 158 W"


@pytest.mark.parametrize(
    ("months", "said"),
    [
        ({11, 12, 1, 2, 3, 4}, "November to April"),
        ({3}, "March"),
        ({1, 12, 6, 7, 9}, "June to July, September, December to January"),
        ({4, 5, 6}, "April to June"),
    ],
)
def test_months_are_told_as_those_that_follow_one_another(months: set[int], said: str) -> None:
    assert spell_seasons([Season(months=frozenset(months))]) == said


def test_seasons_are_told_by_their_days_and_not_where_one_has_none() -> None:
    first, last = date(2026, 5, 1), date(2026, 10, 31)
    held = Season(first=first, last=last)
    assert spell_seasons([held]) == "from 2026-05-01 until 2026-10-31"
    assert spell_seasons([held, held]) == "from 2026-05-01 until 2026-10-31"
    summer = Season(months=frozenset({1}), first=first)
    assert spell_seasons([held, summer]) == (
        "from 2026-05-01 until 2026-10-31 and January from 2026-05-01"
    )
    assert spell_seasons([held, Season(share=0.5)]) == ""
    assert spell_seasons([Season(months=frozenset(range(1, 13)))]) == ""
    assert spell_seasons([]) == ""
