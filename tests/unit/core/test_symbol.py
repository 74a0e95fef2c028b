"""Expected codes: MIL-STD-2525C, appendix A, and the examples of the sources named in each test."""

import pytest

from accord.core.kind import Kind
from accord.core.symbol import FUNCTIONS, sidc


def code(text: str) -> str | None:
    return sidc(Kind.of(text))


def test_a_type_is_its_letters() -> None:
    # MIL-STD-2525C table A-I: S*G*UCI--- infantry, S*A*CH---- civil rotary wing,
    # S*S*XM---- merchant ship, S*U*SN---- nuclear submarine.
    assert code("a-f-G-U-C-I") == "SFGPUCI--------"
    assert code("a-n-A-C-H") == "SNAPCH---------"
    assert code("a-n-S-X-M") == "SNSPXM---------"
    assert code("a-h-U-S-N") == "SHUPSN---------"


@pytest.mark.parametrize("side", "puafnshjk")
def test_every_side_of_2525_keeps_its_letter(side: str) -> None:
    assert code(f"a-{side}-S") == f"S{side.upper()}SP-----------"


@pytest.mark.parametrize("side", ["o", "x", ".", "", "friend"])
def test_a_side_that_2525_does_not_have_is_unknown(side: str) -> None:
    assert code(f"a-{side}-A") == "SUAP-----------"


def test_a_dimension_that_is_not_said_leaves_a_frame() -> None:
    assert code("a-f-X-i-o") == "SFZP-----------"
    assert code("a-f") == "SFZP-----------"
    assert code("a") == "SUZP-----------"


def test_letters_that_mean_something_to_cot_only_end_the_function() -> None:
    # TAK clients add such atoms: `a-f-G-U-C-i`.
    assert code("a-f-G-U-C-i-d") == "SFGPUC---------"
    assert code("a-f-G-U-C-Air-I") == "SFGPUC---------"


def test_a_type_in_lower_case_gets_the_right_frame() -> None:
    assert code("a-f-g-u-c") == "SFGP-----------"


def test_a_function_that_2525_does_not_have_is_cut_until_it_does() -> None:
    # S*G*EVUL-- bus is the longest of this that there is.
    assert code("a-f-G-E-V-U-L-Q-X") == "SFGPEVUL-------"
    # CloudTAK issue 799: every AIS target came as a-.-S-X and was drawn as nothing.
    assert code("a-.-S-X") == "SUSP-----------"


def test_no_more_than_six_letters_are_a_function() -> None:
    assert code("a-f-G-U-U-M-R-S-S-R") == "SFGPUUMRSS-----"


def test_digits_are_letters_of_a_function() -> None:
    assert code("a-f-U-S-1") == "SFUPS1---------"


@pytest.mark.parametrize("text", ["b-m-p-s-m", "b-a-o-tbl", "u-d-f", "t-x-d-d", "", "x"])
def test_what_is_no_thing_has_no_symbol(text: str) -> None:
    assert code(text) is None


def test_every_function_comes_back_from_its_type() -> None:
    codes = [(d, f) for d, functions in FUNCTIONS.items() for f in functions]
    assert len(codes) == 790
    for dimension, function in codes:
        assert code(f"a-h-{dimension}-{'-'.join(function)}") == (
            f"SH{dimension}P{function}".ljust(15, "-")
        )
