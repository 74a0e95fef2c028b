import re

import pytest

from accord.core.nation import NATIONS, check_nation, check_node


def test_there_are_as_many_codes_as_the_standard_assigns() -> None:
    # ISO 3166 Maintenance Agency: 249 officially assigned codes
    assert len(NATIONS) == 249
    assert all(re.fullmatch("[A-Z]{3}", code) for code in NATIONS)


@pytest.mark.parametrize("code", ["NZL", "AUS", "FJI", "TON", "GBR", "CAN", "USA"])
def test_a_nation_goes_by_its_alpha_3_code(code: str) -> None:
    assert check_nation(code) == code


@pytest.mark.parametrize("code", ["NZ", "nzl", "XXX", "", "XKX", "NZL "])
def test_anything_else_is_no_nation(code: str) -> None:
    with pytest.raises(ValueError, match="ISO 3166-1 alpha-3"):
        check_nation(code)


@pytest.mark.parametrize("node", ["NZL", "NZL-JFNZ", "NZL-HMNZS-2"])
def test_a_node_is_named_after_its_nation(node: str) -> None:
    assert check_node(node, "NZL") == node


@pytest.mark.parametrize("node", ["", "nzl", "NZL-", "NZL_A", "NZL-é", "NZL-" + "A" * 61, "NZLX"])
def test_a_node_id_has_one_shape(node: str) -> None:
    with pytest.raises(ValueError, match="NATION-NAME"):
        check_node(node, "NZL")


def test_a_node_cannot_be_named_after_another_nation() -> None:
    with pytest.raises(ValueError, match="does not start with its nation, NZL"):
        check_node("AUS-HQJOC", "NZL")
