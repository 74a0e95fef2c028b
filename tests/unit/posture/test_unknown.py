from dataclasses import replace
from datetime import date

from accord.posture.model import Stated
from accord.posture.unknown import ALWAYS, not_known
from support.plans import a_plan, with_units

TODAY = date(2026, 1, 1)


def test_what_no_scenario_says_is_always_told() -> None:
    assert tuple(not_known(a_plan(), TODAY)[: len(ALWAYS)]) == ALWAYS


def test_invented_availability_and_areas_without_cells_are_counted_and_named() -> None:
    told = "\n".join(not_known(a_plan(), TODAY))
    assert "How available 5 of the 5 units are: those values are invented." in told
    assert "only the size is published: Somewhere." in told


def test_an_expired_word_is_named_and_never_passed_over() -> None:
    unit = a_plan().units["FJI-OPV-NAN-1"]
    expired = replace(unit.availability.origin, valid_until=date(2025, 12, 31))
    plan = with_units(a_plan(), replace(unit, availability=Stated(0.5, expired)))
    assert "of which the last word has expired: FJI-OPV-NAN-1." in "\n".join(not_known(plan, TODAY))


def test_figures_that_nobody_gave_are_named() -> None:
    classes = {
        name: replace(each, swath=None, reach=None, endurance=None, radius=None)
        for name, each in a_plan().classes.items()
    }
    told = not_known(replace(a_plan(), classes=classes), TODAY)[-1]
    assert told == (
        "Figures that nobody gave: Patrol aircraft (swath, so that it counts for no patrol, "
        "range); Patrol ship (range)."
    )


def test_where_all_is_given_and_declared_there_is_nothing_more_to_tell() -> None:
    stated = {
        name: replace(each, availability=Stated(0.5, a_plan().partners["NZL"].origin))
        for name, each in a_plan().units.items()
    }
    areas = {name: each for name, each in a_plan().areas.items() if each.cells}
    assert tuple(not_known(replace(a_plan(), units=stated, areas=areas), TODAY)) == ALWAYS
