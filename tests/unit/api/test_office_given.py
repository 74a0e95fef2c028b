import pytest

from accord.api.office_given import MAX_GROUPS, change_in, given_in
from accord.api.problem import Problem
from accord.core.principal import Direction, Role
from accord.core.user import UserRole


def test_what_is_not_said_is_none_and_the_usual_role_is_taken_where_none_is() -> None:
    given = given_in({}, UserRole, usual=UserRole.WATCH)
    assert (given.role, given.groups, given.exercises, given.every_exercise) == (
        UserRole.WATCH, None, None, False,
    )  # fmt: skip


def test_groups_have_a_direction_each() -> None:
    given = given_in({"groups": {"boats": "in", "air": "both"}, "role": "member"}, Role)
    assert given.groups == {"boats": Direction.IN, "air": Direction.BOTH}
    assert given.role is Role.MEMBER


@pytest.mark.parametrize(
    ("said", "about"),
    [
        ({"role": "admiral"}, "role"),
        ({"role": ["member"]}, "role"),
        ({"groups": {}}, "groups"),
        ({"groups": ["boats"]}, "groups"),
        ({"groups": {str(n): "in" for n in range(MAX_GROUPS + 1)}}, "groups"),
        ({"groups": {"boats": "out of"}}, "groups"),
        ({"groups": {"boats:in": "in"}}, "groups"),
        ({"groups": {"boats\ud800": "in"}}, "groups"),
        ({"exercises": ["\x00"]}, "exercises"),
        ({"every_exercise": 1}, "every_exercise"),
    ],
)
def test_what_cannot_be_given_is_named(said: dict[str, object], about: str) -> None:
    with pytest.raises(Problem) as raised:
        given_in(said, Role)
    assert raised.value.status == 400
    assert raised.value.parameter == about


def test_a_change_changes_something() -> None:
    with pytest.raises(Problem, match="give role, groups or exercises"):
        change_in({"every_exercise": True}, Role)


def test_an_act_says_in_words_what_was_given() -> None:
    given = change_in({"role": "member", "groups": {"boats": "in"}, "exercises": []}, Role)
    assert given.in_words(is_new=False) == "role member; groups boats:in; exercises"
    assert given.in_words(is_new=True) == "role member; groups boats:in"
