import json
from typing import Any

import pytest

from accord.cli.main import main

RAPID = (
    "datum", "61N 51W", "1", "--current", "45/5", "--wind", "30/15", "--leeway", "0.233",
    "--divergence", "30", "--x", "1", "--y", "0.1",
)  # fmt: skip
"""The rapid response of the Danish planner (tests/golden/search)."""


def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    capsys.readouterr()
    assert main(["worksheet", *arguments]) == code
    out, err = capsys.readouterr()
    return err if code else out


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    return json.loads(said(capsys, *arguments, "--json"))


def test_a_position_is_said_back_as_a_chart_a_grid_and_a_radio_have_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    spoken = (
        "  three eight degrees five three decimal three seven minutes north, "
        "zero seven seven degrees zero two decimal one one minutes west"
    )
    assert said(capsys, "position", "18S UJ 23483 06479").splitlines() == [
        "38°53.37'N 077°02.11'W  within 1 m  (grid reference)",
        "  18SUJ 23483 06479",
        spoken,
    ]


def test_a_position_that_can_be_read_in_two_ways_is_asked_back(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = said(capsys, "position", "41.17S 174.46E", "--near", "41 17S 174 46E").splitlines()
    assert lines[0].startswith("41°17.00'S 174°46.00'E")
    assert lines[1] == "  60GUV 12 27"
    assert lines[-1] == "2 ways to read it: ask which"
    first, second = told(capsys, "position", "41.17S 174.46E")
    assert (first["said"], second["said"]) == ("41°10.20'S 174°27.60'E", "41°17.00'S 174°46.00'E")
    assert first.keys() == {"lat", "lon", "error_m", "said", "spoken", "grid", "how", "doubt"}


def test_what_was_taken_for_granted_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert "latitude first" in said(capsys, "position", "-41.2, 174.7")
    assert "no grid reference so near the pole" in said(capsys, "position", "89N 10E")


def test_a_datum_with_leeway_has_both_sides_and_the_middle(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = said(capsys, *RAPID).splitlines()
    assert lines[1] == (
        "straight downwind: 61°03.33'N 050°52.94'W, 4.8 NM toward 046, search radius 2.53 NM"
    )
    found = told(capsys, *RAPID)
    assert list(found["datums"]) == ["left of downwind", "straight downwind", "right of downwind"]
    straight = found["datums"]["straight downwind"]
    assert straight["radius_nm"] == pytest.approx(2.532634, abs=0.0005)
    assert len(straight["corners"]) == 4
    assert found["square"] is None
    # E by X, Y and the drift error about the middle
    error = found["middle"]["drift_error_nm"]
    assert found["error_nm"] == pytest.approx((1 + 0.01 + error**2) ** 0.5)


def test_an_object_of_the_table_drifts_by_its_leeway(capsys: pytest.CaptureFixture[str]) -> None:
    given = ("datum", "0N 0E", "10", "--wind", "180/20", "--object")
    found = told(capsys, *given, "LIFE-RAFT-NB-1")["datums"]
    # 3.7 % and 1.98 % of 20 kt for 10 h
    assert found["straight downwind"]["drift_nm"] == pytest.approx(7.4)
    right = found["right of downwind"]
    assert right["drift_nm"] == pytest.approx((7.4**2 + 3.96**2) ** 0.5)
    assert right["lon"] > 0
    assert right["lon"] == pytest.approx(-found["left of downwind"]["lon"])
    assert "no class 'ZEPPELIN'" in said(capsys, *given, "ZEPPELIN", code=2)


def test_with_an_effort_there_is_the_best_square(capsys: pytest.CaptureFixture[str]) -> None:
    # a relative effort of 10: the factor is 1.30 in normal conditions and 1.39 in ideal ones
    given = ("datum", "20S 180E", "0", "--x", "10", "--effort", "1000")
    assert "NM a side (factor 1.30, normal conditions)" in said(capsys, *given)
    found = told(capsys, *given, "--ideal")
    assert list(found["datums"]) == ["datum"]
    assert found["middle"] is None
    assert found["square"]["factor"] == pytest.approx(1.39, abs=0.01)
    assert found["square"]["pos"] == pytest.approx(0.722, abs=0.001)


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("position", "hello"), 1, "needs figures"),
        (("datum", "41 17 174 46", "3"), 2, "say which"),
        (("datum", "41S 174E", "241"), 2, "0 to 240"),
        (("datum", "41S 174E", "3", "--leeway", "1"), 2, "needs a wind"),
        (("datum", "41S 174E", "3", "--wind", "230/300", "--leeway", "1"), 1, "300 knots"),
        (("datum", "41S 174E", "3", "--current", "230/30"), 1, "30 knots"),
        (("datum", "41S 174E", "0", "--effort", "10"), 2, "needs an error"),
        (("datum", "41S 174E", "3", "--x", "-1"), 1, "errors of -1"),
        (("beacon", "minimum", "501"), 1, "0 to 500"),
        (("success", "A=0.7/0.5", "A=0.2/0.5"), 2, "stands twice"),
        (("success", "A=0.7/0.5", "B=0.4"), 1, "more than 1"),
        (("success", "A=0.7/1.5"), 1, "detection of 1.5"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(
    arguments: tuple[str, ...], code: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sentence in said(capsys, *arguments, code=code)


def test_a_direction_and_speed_that_is_none_is_wrong_use(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["worksheet", "datum", "41S 174E", "3", "--wind", "strong"])
    assert "no direction and speed, such as 230/25" in capsys.readouterr().err


def test_a_sweep_width_says_what_it_is_made_of(capsys: pytest.CaptureFixture[str]) -> None:
    given = (
        "width", "Raft 6 person", "--from", "helicopter", "--height", "500", "--visibility", "10",
        "--speed", "200", "--wind", "20", "--tired",
    )  # fmt: skip
    assert said(capsys, *given).splitlines() == [
        "0.97 NM = 2.70 x weather 0.5 x speed 0.80 x fatigue 0.9",
        "factors are for 60 to 140 kt; the nearest is taken",
    ]
    found = told(capsys, *given)
    assert found["width_nm"] == pytest.approx(2.7 * 0.5 * 0.8 * 0.9)
    assert found.keys() == {"width_nm", "uncorrected", "weather", "speed", "fatigue", "notes"}


def test_a_beacon_is_listened_for_by_its_range(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "beacon", "minimum", "20") == "34.0 NM\n"
    assert told(capsys, "beacon", "horizon", "20") == {"width_nm": 10.0}


def test_searches_in_vain_make_other_areas_more_likely(capsys: pytest.CaptureFixture[str]) -> None:
    # POS 0.6 x 0.7 = 0.42; 0.18 and 0.4 of the 0.58 that are left
    given = ("success", "A=0.6/0.5,0.4", "B=0.4")
    assert said(capsys, *given).splitlines() == [
        "A: POC 0.600, POD 0.700, not found: POC 0.310",
        "B: POC 0.400, POD 0.000, not found: POC 0.690",
        "success 0.420",
    ]
    found = told(capsys, *given)
    assert found["pos"] == pytest.approx(0.42)
    assert found["areas"]["A"] == pytest.approx({"pod": 0.7, "poc": 0.18 / 0.58})


def test_an_area_that_is_none_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["worksheet", "success", "A"])
    assert "such as A=0.6/0.5" in capsys.readouterr().err
