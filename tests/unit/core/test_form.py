from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from accord.core.form import (
    EVERYTHING,
    NAMING,
    PINPOINTING,
    REGISTERED,
    Kept,
    Naming,
    ReleaseForm,
    check_ladder,
    gives_at_least,
)
from support.forms import EXACT

TEN_MINUTES = timedelta(minutes=10)
MILE = 1852.0
"""Metres in a nautical mile (SI brochure, 9th edition, table 8)."""


def a_grid_form(**changes: Any) -> ReleaseForm:
    values: dict[str, Any] = {
        "name": "grid 1 NM",
        "cell": MILE,
        "offset": 0.5,
        "cadence": TEN_MINUTES,
        "keep": EVERYTHING - PINPOINTING,
    }
    return ReleaseForm(**(values | changes))


A_GRID = a_grid_form()
PRESENCE = ReleaseForm(
    name="presence", presence_only=True, cadence=TEN_MINUTES, identity=Naming.PSEUDONYM
)


def test_the_ladder_of_the_design_can_be_made() -> None:
    late = a_grid_form(
        name="late", cell=10 * MILE, cadence=timedelta(hours=1), min_age=timedelta(minutes=30)
    )
    check_ladder((EXACT, A_GRID, late, PRESENCE))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "has no name"),
        ({"cadence": timedelta(0)}, "has a cadence that is not between a second and a year"),
        ({"cadence": timedelta(days=367)}, "has a cadence that is not between"),
        ({"min_age": timedelta(seconds=-1)}, "has a minimum age that is not between"),
        ({"min_age": timedelta(days=367)}, "has a minimum age that is not between"),
        ({"cell": 9.9}, "has a cell of 9.9 m, which is not in 10 to 1e\\+06 m"),
        ({"cell": 1e6 + 1}, "has a cell of"),
        ({"cell": float("nan")}, "has a cell of nan m"),
        ({"cadence": None}, "needs a cadence: rounding alone is undone by fitting a track"),
        ({"offset": 0.0}, "needs an offset of 0.4 to 0.5 cells: rounding alone is undone"),
        ({"offset": 0.39}, "needs an offset"),
        ({"offset": 0.51}, "needs an offset"),
        ({"offset": float("nan")}, "needs an offset"),
        ({"cell": None}, "has an offset, so it needs a cell"),
        ({"presence_only": True}, "tells presence only, so it has no cell and no offset"),
        (
            {"identity": Naming.PSEUDONYM},
            "replaces the identity, so it cannot keep addressees, callsign, icao, imo, mmsi, name",
        ),
    ],
)
def test_a_form_that_would_not_hold_is_refused_in_a_sentence(
    changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValueError, match=f"form '.*' .*{sentence}"):
        a_grid_form(**changes)


@pytest.mark.parametrize("sharp", sorted(PINPOINTING))
def test_a_coarse_form_keeps_nothing_to_work_the_position_out_from(sharp: Kept) -> None:
    with pytest.raises(ValueError, match=f"cannot keep {sharp}: the position could be worked out"):
        a_grid_form(keep=EVERYTHING - PINPOINTING | {sharp})
    with pytest.raises(ValueError, match=f"cannot keep {sharp}"):
        replace(PRESENCE, keep=frozenset({sharp}))


@pytest.mark.parametrize("number", sorted(REGISTERED))
def test_a_form_that_strips_a_number_replaces_the_uid_that_is_made_of_it(number: Kept) -> None:
    with pytest.raises(ValueError, match=f"keeps the identity but not {number}"):
        a_grid_form(keep=A_GRID.keep - {number})


@pytest.mark.parametrize("name", sorted(NAMING))
def test_a_pseudonym_stands_beside_no_name(name: Kept) -> None:
    with pytest.raises(ValueError, match=f"replaces the identity, so it cannot keep {name}"):
        ReleaseForm(name="x", keep=frozenset({Kept.TIME, name}), identity=Naming.PSEUDONYM)


def test_a_time_that_is_not_kept_has_a_cadence_to_be_rounded_to() -> None:
    with pytest.raises(ValueError, match="does not keep the time, so it needs a cadence"):
        ReleaseForm(name="x", keep=REGISTERED)
    assert ReleaseForm(name="x", keep=REGISTERED | {Kept.TIME}).cell is None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"keep": EVERYTHING - {Kept.REMARKS}}, "is exact, so it keeps everything"),
        ({"cell": MILE}, "is exact, so it has no cell"),
        ({"offset": 0.5}, "is exact, so it has no cell, no offset"),
        ({"presence_only": True}, "is exact, so it has no cell, no offset and a position"),
        ({"identity": Naming.PSEUDONYM}, "is exact, so it keeps the identity"),
    ],
)
def test_exact_is_everything(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=f"form 'exact' {sentence}"):
        replace(EXACT, **changes)


def test_exact_may_be_late_and_seldom() -> None:
    late = replace(EXACT, min_age=timedelta(minutes=30), cadence=TEN_MINUTES)
    assert gives_at_least(EXACT, late)
    assert not gives_at_least(late, EXACT)


def test_two_forms_of_one_name_are_no_ladder() -> None:
    with pytest.raises(ValueError, match="two forms are called 'grid 1 NM'"):
        check_ladder((EXACT, A_GRID, a_grid_form(cell=2 * MILE)))


@pytest.mark.parametrize(
    "less",
    [
        a_grid_form(name="wider", cell=2 * MILE),
        a_grid_form(name="slower", cadence=timedelta(hours=1)),
        a_grid_form(name="later", min_age=timedelta(hours=1)),
        a_grid_form(name="poorer", keep=A_GRID.keep - {Kept.CALLSIGN}),
        a_grid_form(name="nameless", keep=A_GRID.keep - NAMING, identity=Naming.PSEUDONYM),
        replace(PRESENCE, name="there"),
    ],
)
def test_a_form_that_gives_more_does_not_stand_after_one_that_gives_less(less: ReleaseForm) -> None:
    check_ladder((A_GRID, less))
    with pytest.raises(ValueError, match=f"'grid 1 NM' gives more than '{less.name}'"):
        check_ladder((less, A_GRID))


def test_forms_that_each_give_something_more_stand_in_either_order() -> None:
    slow_but_fine = a_grid_form(name="slow", cadence=timedelta(hours=1))
    quick_but_coarse = a_grid_form(name="quick", cell=5 * MILE)
    check_ladder((slow_but_fine, quick_but_coarse))
    check_ladder((quick_but_coarse, slow_but_fine))
