import math
from dataclasses import replace
from datetime import date

import pytest

from accord.posture.model import Capability, Domain, Grade, Notice, Origin, Season
from accord.posture.scenario import read_scenario
from support.posture import SMALL

ORIGIN = Origin(
    grade=Grade.INVENTED, who="somebody", as_of=date(2026, 1, 1), valid_until=date(2026, 2, 1)
)
SCENARIO = read_scenario(SMALL, name="small")


def test_an_invented_value_says_so_and_no_other_does() -> None:
    assert [grade for grade in Grade if replace(ORIGIN, grade=grade).is_invented] == ["C"]
    assert [grade.words for grade in Grade] == [
        "stated by a source",
        "general knowledge, not checked",
        "invented",
    ]


def test_a_value_is_stale_from_the_day_after_its_last() -> None:
    assert not ORIGIN.is_stale(date(2026, 2, 1))
    assert ORIGIN.is_stale(date(2026, 2, 2))
    assert not replace(ORIGIN, valid_until=None).is_stale(date(2999, 1, 1))


@pytest.mark.parametrize(
    ("text", "capability"),
    [
        ("lift-sea", Capability("lift", Domain.SEA)),
        ("sar-air", Capability("sar", Domain.AIR)),
        ("surveillance", Capability("surveillance")),
        ("survey-dive", Capability("survey-dive")),
        ("air", Capability("air")),
    ],
)
def test_a_capability_is_written_as_it_is_read(text: str, capability: Capability) -> None:
    assert Capability.parse(text) == capability
    assert str(capability) == text


def test_a_class_can_what_its_roles_say_in_its_own_domain() -> None:
    aircraft = SCENARIO.classes["MPA"]
    asked = ("sar", "sar-air", "sar-sea", "presence")
    assert [aircraft.can(Capability.parse(text)) for text in asked] == [True, True, False, False]


def test_a_country_may_always_use_its_own_base() -> None:
    nadi = SCENARIO.bases["NAN"]
    assert nadi.is_open_to("NZL")
    closed = replace(nadi, open_to=frozenset({"TON"}))
    assert [closed.is_open_to(who) for who in ("FJI", "TON", "NZL")] == [True, True, False]


@pytest.mark.parametrize(
    "hours", [(2, 1, 3), (1, 3, 2), (-1, 0, 1), (1, 2, math.inf), (1, math.nan, 2)]
)
def test_a_notice_that_is_not_in_order_is_refused(hours: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="not in order"):
        Notice(*hours)


def test_the_mean_of_a_notice_is_that_of_the_triangle() -> None:
    assert Notice(1, 2, 6).mean == 3.0


def test_an_aircraft_ferries_as_far_as_it_lasts_and_a_ship_as_far_as_its_range() -> None:
    aircraft = SCENARIO.classes["MPA"]
    assert SCENARIO.classes["OPV"].ferry == 6000
    assert aircraft.ferry == 8 * 400
    assert replace(aircraft, endurance=None).ferry == 2 * 1000
    assert replace(aircraft, endurance=None, radius=None).ferry == math.inf


def test_a_half_of_the_year_over_six_months_fills_them() -> None:
    summer = Season(share=0.5, months=frozenset({11, 12, 1, 2, 3, 4}))
    assert summer.daily == 1.0
    assert summer.share_of(date(2026, 1, 1), date(2026, 2, 1)) == 1.0
    assert summer.share_of(date(2026, 6, 1), date(2026, 7, 1)) == 0.0
    assert summer.share_of(date(2026, 4, 16), date(2026, 5, 16)) == 0.5


def test_a_half_of_the_year_without_months_is_half_of_each_day() -> None:
    assert Season(share=0.5).share_of(date(2026, 1, 1), date(2026, 2, 1)) == 0.5


def test_a_season_holds_from_its_first_day_to_its_last() -> None:
    season = Season(first=date(2026, 3, 1), last=date(2026, 3, 3))
    held = [day for day in range(1, 6) if season.holds_on(date(2026, 3, day))]
    assert held == [1, 2, 3]
    assert not season.holds_on(date(2026, 2, 28))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"share": 0.0}, "a share of 0 "),
        ({"share": 1.1}, "a share of 1.1 "),
        ({"months": frozenset({0, 13})}, "not all from 1 to 12"),
        ({"first": date(2026, 2, 2), "last": date(2026, 2, 1)}, "before it begins"),
    ],
)
def test_a_season_that_cannot_be_is_refused(fields: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Season(**fields)  # pyright: ignore[reportArgumentType]  each of its own sort


def test_the_notice_of_a_unit_is_its_own_before_that_of_its_class() -> None:
    unit = SCENARIO.units["NZL-OPV-DEV-1"]
    assert SCENARIO.notice_of(unit) == SCENARIO.classes["OPV"].notice
    own = replace(SCENARIO.classes["MPA"].notice, value=Notice(1, 1, 1))
    assert SCENARIO.notice_of(replace(unit, notice=own)) == own
