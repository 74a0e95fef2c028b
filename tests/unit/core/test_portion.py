from typing import Any

import pytest

from accord.core import portion
from accord.core.handling import NotUnderstood
from accord.core.label import Label


def _label(policy: str, level: str, originator: str, **said: str) -> Label:
    sets: dict[str, Any] = {name: frozenset(words.split(",")) for name, words in said.items()}
    return Label(policy=policy, level=level, originator=originator, **sets)


PUBLISHED = [
    # The examples of DoDM 5200.01 volume 2, enclosure 4, on paper of the USA, as explained there.
    ("(S//REL TO USA, AUS)", _label("USA", "SECRET", "USA", releasable_to="USA,AUS")),
    (
        "(//CAN S//REL TO USA, AUS, CAN, GBR)",
        _label("CAN", "SECRET", "CAN", releasable_to="USA,AUS,CAN,GBR"),
    ),
    ("(//DEU TS)", _label("DEU", "TOP SECRET", "DEU")),
    ("(//NS)", _label("NATO", "SECRET", "USA")),
    ("(TS//SI/TK//NF/OC)",
     _label("USA", "TOP SECRET", "USA", compartments="SI,TK", caveats="NOFORN,ORCON")),
    ("(U)", _label("USA", "UNCLASSIFIED", "USA")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "label"), PUBLISHED)
def test_published_examples_are_read_and_written(text: str, label: Label) -> None:
    assert portion.read(text, nation="USA") == label
    assert portion.write(label, nation="USA") == text


def test_a_plain_level_is_of_the_nation_whose_paper_it_is() -> None:
    label = portion.read("(R//REL TO NZL, USA)", nation="NZL")
    assert label == _label("NZL", "RESTRICTED", "NZL", releasable_to="NZL,USA")
    assert portion.write(label, nation="NZL") == "(R//REL TO NZL, USA)"
    assert portion.write(label, nation="USA") == "(//NZL R//REL TO USA, NZL)"


def test_full_words_are_read_as_well() -> None:
    assert portion.read("(SECRET//ORCON)", nation="AUS") == portion.read("(S//OC)", nation="AUS")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "R//REL TO NZL",
        "(R//REL TO NZL",
        "()",
        "(//)",
        "(r)",
        "( R)",
        "(PURPLE)",
        "(R//PURPLE)",
        "(R//REL)",
        "(R//REL TO)",
        "(R//REL TO )",
        "(R//REL TO NZ)",
        "(R//REL TO NZL,USA)",
        "(R//REL TO NZL USA)",
        "(R//REL TO FVEY)",
        "(R//REL TO NZL//REL TO USA)",
        "(R//OC/OC)",
        "(R//)",
        "(R//OC//)",
        "(S//NF//REL TO USA, GBR)",
        "(//JOINT S GBR USA)",
        "(S//REL TO USA, GBR/DISPLAY ONLY AFG)",
        "(R)(S)",
        f"(R//REL TO {', '.join(['NZL'] * 300)})",
    ],
)
def test_anything_else_is_refused_and_the_sentence_shows_it(text: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        portion.read(text, nation="NZL")
    assert text[:40] in str(refused.value)


def test_check_takes_a_mark_of_any_nation_and_nothing_else() -> None:
    portion.check("(PROTECTED//AUSTEO)")
    with pytest.raises(NotUnderstood):
        portion.check("(PROTECTED//AUSTEO//REL TO NZL)")
