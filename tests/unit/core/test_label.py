from typing import Any

import pytest

from accord.core.handling import NotUnderstood
from accord.core.label import Label, originator


def _label(**said: Any) -> Label:
    values: dict[str, Any] = {"policy": "NZL", "level": "RESTRICTED", "originator": "NZL", **said}
    return Label(**values)


def test_a_label_that_says_nothing_of_release_may_go_to_nobody() -> None:
    assert _label().releasable_to == frozenset()


@pytest.mark.parametrize(
    "wrong",
    [
        {"policy": "XXX"},
        {"policy": "EU"},
        {"level": "R"},
        {"level": "PURPLE"},
        {"policy": "NATO", "level": "PROTECTED"},
        {"originator": "NATO"},
        {"releasable_to": frozenset({"NZL", "NATO"})},
        {"compartments": frozenset({"PURPLE"})},
        {"caveats": frozenset({"OC"})},
    ],
)
def test_a_label_with_a_word_outside_the_vocabulary_cannot_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(NotUnderstood):
        _label(**wrong)


@pytest.mark.parametrize(
    ("caveat", "nation"),
    # DoDM 5200.01 volume 2; PSPF policy 8; Protective Security Requirements: for that nation only.
    [
        ("NOFORN", "USA"),
        ("AUSTEO", "AUS"),
        ("AGAO", "AUS"),
        ("NZEO", "NZL"),
        ("UK EYES ONLY", "GBR"),
    ],
)
def test_eyes_only_and_release_to_another_contradict(caveat: str, nation: str) -> None:
    only = frozenset({caveat})
    assert _label(caveats=only, releasable_to=frozenset({nation})).caveats == only
    with pytest.raises(NotUnderstood, match=f"{caveat} and REL TO FJI"):
        _label(caveats=only, releasable_to=frozenset({nation, "FJI"}))


def test_other_caveats_allow_release() -> None:
    label = _label(caveats=frozenset({"ORCON", "MEDICAL"}), releasable_to=frozenset({"USA"}))
    assert label.releasable_to == {"USA"}


def test_a_nations_mark_is_on_its_own_information_and_natos_on_the_givers() -> None:
    assert originator("USA", "NZL") == "USA"
    assert originator("NATO", "NZL") == "NZL"
