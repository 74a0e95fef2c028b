import pytest

from accord.core.handling import (
    CAVEATS,
    COMPARTMENTS,
    LEVELS,
    NATO_LEVELS,
    NotUnderstood,
    foreign_level,
    level,
    level_on_paper_of,
    limits,
    nations,
)


@pytest.mark.parametrize(
    ("short", "full"),
    # DoDM 5200.01 volume 2, enclosure 4.
    [("U", "UNCLASSIFIED"), ("C", "CONFIDENTIAL"), ("S", "SECRET"), ("TS", "TOP SECRET")],
)
def test_a_level_is_known_by_its_full_and_its_short_form(short: str, full: str) -> None:
    assert level(short) == level(full) == full


@pytest.mark.parametrize("text", ["", "s", "Secret", "SECRET ", "PURPLE", "nato", "army", "NS"])
def test_any_other_word_is_no_level(text: str) -> None:
    with pytest.raises(NotUnderstood):
        level(text)


@pytest.mark.parametrize(
    ("text", "policy", "full"),
    [
        # Marks of NATO and of foreign governments: DoDM 5200.01 volume 2, enclosure 4.
        ("NU", "NATO", "UNCLASSIFIED"),
        ("NR", "NATO", "RESTRICTED"),
        ("NC", "NATO", "CONFIDENTIAL"),
        ("NS", "NATO", "SECRET"),
        ("CTS", "NATO", "TOP SECRET"),
        ("NATO SECRET", "NATO", "SECRET"),
        ("COSMIC TOP SECRET", "NATO", "TOP SECRET"),
        ("DEU TS", "DEU", "TOP SECRET"),
        ("CAN S", "CAN", "SECRET"),
        ("GBR OFFICIAL-SENSITIVE", "GBR", "OFFICIAL-SENSITIVE"),
    ],
)
def test_a_mark_of_another_policy_names_it(text: str, policy: str, full: str) -> None:
    assert foreign_level(text) == (policy, full)


@pytest.mark.parametrize(
    "text",
    ["", "S", "NATO", "NATO TOP SECRET", "COSMIC SECRET", "NATO CUI", "JOINT S", "XXX S", "GBR X"],
)
def test_anything_else_is_no_mark_of_another_policy(text: str) -> None:
    with pytest.raises(NotUnderstood):
        foreign_level(text)


def test_a_level_that_names_no_policy_is_of_the_papers_nation() -> None:
    assert level_on_paper_of("NZL", "RESTRICTED") == ("NZL", "RESTRICTED")
    assert level_on_paper_of("NZL", "AUS R") == ("AUS", "RESTRICTED")


def test_nations_are_alpha_3_codes_and_at_least_one() -> None:
    assert nations(["NZL", "USA", "NZL"]) == {"NZL", "USA"}
    for wrong in (["NZ"], ["nzl"], ["FVEY"], ["NZL", ""], []):
        with pytest.raises(NotUnderstood):
            nations(wrong)


def test_caveats_and_compartments_are_told_apart() -> None:
    found = limits(["SI", "OC", "NOFORN", "TK"])
    assert found.compartments == {"SI", "TK"}
    assert found.caveats == {"ORCON", "NOFORN"}


def test_a_word_that_is_neither_is_not_understood() -> None:
    with pytest.raises(NotUnderstood, match="PURPLE"):
        limits(["ORCON", "PURPLE"])


def test_no_word_stands_for_two_things() -> None:
    levels = [*LEVELS, *(short for word, short in LEVELS.items() if short != word)]
    levels += NATO_LEVELS.values()
    shorts = [*CAVEATS, *(c.short for word, c in CAVEATS.items() if c.short != word), *COMPARTMENTS]
    assert len(set(levels)) == len(levels)
    assert len(set(shorts)) == len(shorts)
