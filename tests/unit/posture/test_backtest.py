import pytest

from accord.posture.backtest import check_router, tonga_and_vanuatu


def test_the_ships_to_tonga_are_worked_out_at_sprint_and_at_cruise() -> None:
    # Published in the study of the event: 52/73 h, 55/69 h and 58/73 h over 1,099 nm.
    by_ship = {each.unit: each for each in tonga_and_vanuatu()}
    for unit, hours in (
        ("HMNZS Wellington", (52, 73)),
        ("HMNZS Aotearoa", (55, 69)),
        ("HMNZS Canterbury", (58, 73)),
    ):
        assert by_ship[unit].distance_nm == 1099
        assert [round(each) for each in by_ship[unit].transit_h] == list(hours)


def test_where_notice_was_past_ships_took_what_the_model_says_but_for_one() -> None:
    within = [
        each.unit
        for each in tonga_and_vanuatu()
        if each.transit_h[0] - 1 <= each.observed_h <= each.transit_h[1] + 1
    ]
    assert within == ["HMNZS Wellington", "HMNZS Aotearoa"]


def test_the_flight_to_vanuatu_was_hours_and_the_wait_was_days() -> None:
    flight = tonga_and_vanuatu()[-1]
    assert flight.transit_h[0] == pytest.approx(3.6, abs=0.2)
    assert flight.observed_h > 10 * flight.transit_h[1]


def test_routes_are_held_to_what_is_published() -> None:
    check = check_router([100.0, 210.0, 330.0], [100.0, 200.0, 300.0], [99.0, 200.0, 331.0])
    assert (check.pairs, check.median, check.mean) == (3, pytest.approx(0.05), pytest.approx(0.05))
    assert check.within_5 == pytest.approx(2 / 3)
    assert check.shortest == pytest.approx(-1 / 331)
