import pytest

from accord.core.principal import Direction, Principal, Role
from accord.core.user import User, UserRole, key_of
from support.clock import START


@pytest.mark.parametrize(
    ("role", "said"),
    [
        (Role.READ_ONLY, UserRole.VIEWER),
        (Role.MEMBER, UserRole.WATCH),
        (Role.ADMINISTRATOR, UserRole.ADMINISTRATOR),
    ],
)
def test_every_role_of_the_node_is_one_on_the_page_and_back(role: Role, said: UserRole) -> None:
    assert UserRole.of(role) is said
    assert said.role is role


def test_the_roles_are_these_and_each_of_the_nodes_has_one() -> None:
    assert {each.role for each in UserRole} == set(Role)


def test_a_user_sees_and_says_what_a_client_of_the_same_groups_does() -> None:
    groups = {"Blue": Direction.BOTH, "Red": Direction.OUT}
    user = User(
        name="moana",
        role=UserRole.WATCH,
        groups=groups,
        added=START,
        exercises=frozenset({"TASMAN"}),
    )
    same = Principal(name="moana", groups=groups, exercises=frozenset({"TASMAN"}))
    assert user.principal == same


def test_a_viewer_is_heard_by_nobody() -> None:
    groups = {"Blue": Direction.BOTH}
    viewer = User(name="x", role=UserRole.VIEWER, groups=groups, added=START, every_exercise=True)
    assert viewer.principal.only_hears
    assert viewer.principal.every_exercise


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Moana", "mOANA"),
        ("R\u0101wiri", "Ra\u0304wiri"),  # a with macron: one letter, or a and a combining one
        ("STRASSE", "stra\u00dfe"),
        ("\uff2d\uff4f\uff41", "moa"),  # full width
    ],
)
def test_names_are_alike_whatever_their_case_and_however_composed(one: str, other: str) -> None:
    assert key_of(one) == key_of(other)


def test_other_names_are_not_alike() -> None:
    assert key_of("moana") != key_of("moana1")
