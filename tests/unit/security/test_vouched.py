from typing import Any

import pytest

from accord.core.principal import Direction
from accord.core.user import UserRole
from accord.security.vouched import GroupThere, NotVouched, Somebody, standing

KNOWN = {
    "watch-keepers": GroupThere(role="watch", groups=("Blue:out", "Red:out")),
    "chiefs": GroupThere(role="administrator", groups=("Blue:in",)),
    "guests": GroupThere(groups=("White",)),
}


def _somebody(*groups: str) -> Somebody:
    return Somebody(subject="7", name="moana", groups=groups)


def test_somebody_has_the_highest_role_and_all_groups_of_his_groups() -> None:
    role, groups = standing(_somebody("watch-keepers", "choir", "chiefs"), KNOWN)
    assert role is UserRole.ADMINISTRATOR
    assert groups == {"Blue": Direction.BOTH, "Red": Direction.OUT}
    assert standing(_somebody("guests"), KNOWN)[0] is UserRole.VIEWER


def test_who_is_in_no_group_that_is_known_is_nothing_here() -> None:
    with pytest.raises(NotVouched, match="moana is in no group that this node knows"):
        standing(_somebody("choir"), KNOWN)


@pytest.mark.parametrize(
    "wrong", [{"role": "boss", "groups": ("Blue",)}, {}, {"groups": ("Blue:up",)}]
)
def test_a_group_that_says_nothing_here_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"group|role"):
        GroupThere(**wrong)
