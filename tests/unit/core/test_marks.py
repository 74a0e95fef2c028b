from dataclasses import replace

import pytest

from accord.core import portion
from accord.core.marking import UNMARKED, Marking, Opex
from accord.core.marks import with_default
from support.builders import a_report

DEFAULT = portion.read("(R//REL TO NZL, USA)", nation="NZL")


def test_a_report_without_a_mark_gets_the_default_and_shows_it() -> None:
    report = with_default(a_report(), DEFAULT)
    assert report.label == replace(DEFAULT, by_default=True)
    assert report.marking == Marking(by_default=True)


def test_the_exercise_mark_is_kept_in_the_default() -> None:
    opex = Opex.parse("e-TASMAN")
    report = with_default(a_report(marking=Marking(opex=opex)), DEFAULT)
    assert report.label is not None
    assert report.label.opex == opex
    assert report.marking == Marking(opex=opex, by_default=True)


@pytest.mark.parametrize(
    "given",
    [
        Marking(access="PURPLE"),
        Marking(caveat="ORCON"),
        Marking(releasable_to="USA"),
        Marking(access="Undefined", releasable_to="USA"),
    ],
)
def test_a_mark_that_was_given_and_not_understood_is_never_replaced(given: Marking) -> None:
    report = a_report(marking=given)
    assert given.is_given
    assert with_default(report, DEFAULT) is report


def test_a_label_is_never_replaced() -> None:
    report = a_report(label=portion.read("(S)", nation="NZL"))
    assert with_default(report, DEFAULT) is report


def test_without_a_default_it_stays_unmarked() -> None:
    assert with_default(a_report(), None).label is None


def test_the_words_for_none_are_no_mark() -> None:
    # MIL-STD-6090 as TAK has it: an absent access is "Undefined".
    for none in (UNMARKED, Marking(access="Undefined"), Marking(opex=Opex.parse("e-X"))):
        assert not none.is_given
