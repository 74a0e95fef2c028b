import json
from typing import Any

import pytest

from accord.cli.main import main


def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    capsys.readouterr()
    assert main(["worksheet", "pattern", *arguments, "--speed", "10"]) == code
    out, err = capsys.readouterr()
    return err if code else out


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    return json.loads(said(capsys, *arguments, "--json"))


def test_a_pattern_is_told_leg_by_leg(capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(capsys, "SS", "0N 180E", "--spacing", "1", "--legs", "4").splitlines()
    # 4 legs of a square are 2 x 3 spacings
    assert lines[:3] == [
        "SS, 4 legs, 6.0 NM past the datum, 0.6 h",
        "start  00°00.00'N 180°00.00'W",
        "    1  00°01.00'N 180°00.00'W  000 for 1.00 NM",
    ]
    assert len(lines) == 6


@pytest.mark.parametrize(
    ("arguments", "length"),
    [
        (("SS", "20S 175E", "--spacing", "1"), 42.0),
        (("VS", "20S 175E", "--radius", "2"), 18.0),
        (("VS", "20S 175E", "--radius", "2", "--passes", "2"), 36.0),
        (("PS", "20S 175E", "--spacing", "2", "--length", "20", "--width", "10"), 98.0),
        (("CS", "20S 175E", "--spacing", "2", "--length", "20", "--width", "10"), 98.0),
        # out, across and back along 60 miles of a meridian
        (("TS", "20S 175E", "21S 175E", "--spacing", "2"), 122.0),
    ],
)
def test_every_pattern_has_its_length(
    arguments: tuple[str, ...], length: float, capsys: pytest.CaptureFixture[str]
) -> None:
    found = told(capsys, *arguments)
    assert found["kind"] == arguments[0]
    assert found["length_nm"] == pytest.approx(length, rel=2e-3)
    assert found["hours"] == pytest.approx(length / 10.0, rel=2e-3)


def test_on_a_drifting_datum_it_ends_where_that_has_drifted_to(
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = ("VS", "0N 10E", "--radius", "2", "--toward", "90", "--drift", "2")
    found = told(capsys, *given)
    last = found["legs"][-1]
    assert (last["lon"] - 10.0) * 60.0 == pytest.approx(2.0 * found["hours"], rel=2e-3)
    assert last["lat"] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("SS", "0N 10E"), 2, "SS needs --spacing"),
        (("VS", "0N 10E"), 2, "VS needs --radius"),
        (("PS", "0N 10E", "--spacing", "1", "--length", "5"), 2, "PS needs --width"),
        (("VS", "0N 10E", "0N 11E", "--radius", "1"), 2, "about one place"),
        (("TS", "0N 10E", "--spacing", "1"), 1, "two places"),
        (("VS", "0N 10E", "--radius", "1", "--drift", "11"), 1, "no pattern keeps"),
    ],
)
def test_what_is_lacking_is_said(
    arguments: tuple[str, ...], code: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sentence in said(capsys, *arguments, code=code)
