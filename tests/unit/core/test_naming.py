import pytest

from accord.core.naming import (
    check_person,
    free_name,
    is_group,
    is_name,
    printable,
    read_group,
    spell_groups,
    spell_names,
    spell_options,
)
from accord.core.principal import Direction, Principal, Role


@pytest.mark.parametrize("name", ["kiwi-1", "Māui", "o'neil", "名前", "a b", "x" * 64])
def test_a_person_has_a_name_in_any_script(name: str) -> None:
    check_person(name)


@pytest.mark.parametrize(
    "name", ["", "x" * 65, "ā" * 33, ".x", "-x", " x", "x ", "a\nb", *(f"a{c}b" for c in "/\\:,=")]
)
def test_what_cannot_be_a_file_or_a_subject_is_no_persons_name(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        check_person(name)


def test_a_name_can_be_read_in_a_list() -> None:
    assert [is_name(each) for each in ("Blue", "", " Blue", "a\tb")] == [True, False, False, False]


def test_groups_are_spelt_as_they_are_given() -> None:
    groups = {"Red": Direction.OUT, "Blue": Direction.BOTH, "Sea": Direction.IN}
    assert spell_groups(groups) == "Blue,Red:out,Sea:in"
    assert spell_groups({}) == "-"


def test_one_group_with_a_comma_in_its_name_is_not_spelt_as_two() -> None:
    assert spell_groups({"A": Direction.BOTH, "B": Direction.BOTH}) == "A,B"
    assert spell_groups({"A,B": Direction.BOTH, "C": Direction.IN}) == '"A,B",C:in'
    assert spell_groups({"A,B": Direction.OUT}) == '"A,B":out'
    assert spell_groups({'"A': Direction.BOTH, 'B"': Direction.BOTH}) == '"""A","B"""'
    assert spell_names({"B", "A"}) == "A,B"
    assert spell_names({"A,B"}) == '"A,B"'
    assert spell_names(()) == "-"


def test_a_client_is_spelt_as_it_is_added_in_a_shell() -> None:
    groups = {"Te Ara": Direction.OUT, "Blue": Direction.BOTH}
    some = Principal(name="a", groups=groups, role=Role.MEMBER, exercises=frozenset({"B", "A"}))
    assert spell_options(some) == "--group Blue --group 'Te Ara:out' --exercise A --exercise B"
    chief = Principal(name="b", groups={}, role=Role.ADMINISTRATOR, every_exercise=True)
    assert spell_options(chief) == "--role administrator --exercise '*'"


def test_a_group_is_read_as_it_is_spelt_and_nothing_else() -> None:
    assert read_group("Blue") == ("Blue", Direction.BOTH)
    assert read_group("Red:out") == ("Red", Direction.OUT)
    assert [is_group(each) for each in ("Blue", "C/D", "", "A:in")] == [True, True, False, False]
    for wrong in ("", " Blue", "Blue:", "Blue:up", "A:in:both"):
        with pytest.raises(ValueError, match="group"):
            read_group(wrong)


def test_what_others_wrote_steers_no_terminal_and_breaks_no_line() -> None:
    assert printable("Māui\x1b[2J\n") == "Māui?[2J?"
    assert printable("one\ttwo\u2028", " ") == "one two "


def test_a_free_name_is_the_next_by_number_or_the_first_after_it_that_nobody_has() -> None:
    assert free_name("NZL-1-", []) == "NZL-1-1"
    assert free_name("NZL-1-", ["NZL-1-1", "USA-1-1"]) == "NZL-1-2"
    assert free_name("NZL-1-", {"NZL-1-2", "NZL-1-3"}) == "NZL-1-4"
