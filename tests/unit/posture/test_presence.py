from datetime import date

import pytest

from accord.posture.applied import apply
from accord.posture.presence import Month, bases_in, months_from, presence
from support.plans import a_plan, with_ops


def in_area(days: dict[tuple[str, str, Month], float], area: str, partner: str) -> float:
    return sum(count for key, count in days.items() if key[:2] == (area, partner))


def test_a_year_of_a_unit_that_is_half_available_is_half_a_year_of_presence() -> None:
    days = presence(a_plan())
    assert in_area(days, "RING", "FJI") == pytest.approx(365 * 0.5)
    assert in_area(days, "RING", "NZL") == 0.0


def test_who_goes_forward_is_there_for_his_share_and_not_at_home() -> None:
    before, after = (
        presence(a_plan()),
        presence(apply(a_plan(), [a_plan().commitments["C2"]]).scenario),
    )
    assert in_area(after, "RING", "NZL") == pytest.approx(365 * 0.4)
    home = in_area(before, "HOME", "NZL") - in_area(after, "HOME", "NZL")
    assert home == pytest.approx(365 * 0.4)


def test_a_season_is_counted_in_its_months_alone() -> None:
    summer = with_ops(
        "{op: add_deployment, partner: NZL, class: OPV, base: NAN, share_of_year: 0.25, "
        "months: [11, 12, 1]}"
    )
    days = presence(apply(a_plan(), [summer]).scenario)
    months = {
        key[2].first.month for key, count in days.items() if key[:2] == ("RING", "NZL") and count
    }
    assert months == {11, 12, 1}
    assert in_area(days, "RING", "NZL") == pytest.approx(92 * 0.4)


def test_what_is_laid_up_is_nowhere() -> None:
    gone = with_ops("{op: remove, partner: NZL, class: OPV, base: DEV, count: 2}")
    assert in_area(presence(apply(a_plan(), [gone]).scenario), "HOME", "NZL") == 0.0


def test_an_area_without_cells_holds_no_base() -> None:
    area = a_plan().areas["WIDE"]
    assert bases_in(area, a_plan().bases) == frozenset()
    assert bases_in(a_plan().areas["RING"], a_plan().bases) == {"NAN"}


def test_months_follow_the_baseline_over_the_turn_of_a_year() -> None:
    months = months_from(date(2025, 10, 31))
    assert [str(each) for each in months[:3]] == ["2025-11", "2025-12", "2026-01"]
    assert len(months) == 12
    assert (months[1].after - months[1].first).days == 31


def test_a_baseline_within_a_month_cuts_the_first_month_and_the_last() -> None:
    months = months_from(date(2026, 6, 15))
    assert (months[0].first, months[0].after) == (date(2026, 6, 16), date(2026, 7, 1))
    assert (months[-1].first, months[-1].after) == (date(2027, 6, 1), date(2027, 6, 16))
    assert [str(each) for each in (months[0], months[-1])] == ["2026-06", "2027-06"]
    assert sum((each.after - each.first).days for each in months) == 365
