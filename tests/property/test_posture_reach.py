"""Whatever the fleet: more never slows a place, less never speeds one, no order matters."""

from dataclasses import replace
from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from accord.posture import cells
from accord.posture.cells import great_circle
from accord.posture.draws import Draws
from accord.posture.model import Capability, Deployment, Scenario, Season, Stated, Unit
from accord.posture.reach import Hours, Reach, Seaways
from accord.posture.response import respond
from accord.posture.scenario import read_scenario
from accord.posture.stations import stations
from support.posture import SMALL, sea_but_for

BASE = read_scenario(SMALL, name="small")
PLACES = sorted(BASE.areas["RING"].cells)[:12]
DRAWS = 40
SAR = Capability.parse("sar")


class _Straight(Seaways):
    """Ships in a world without land."""

    def distances(self, lat: float, lon: float) -> Hours:
        world = cells.world()
        return great_circle(lat, lon, world.lats, world.lons).astype(np.float32)


REACH = Reach(_Straight(sea_but_for()))

kinds = st.sampled_from([("MPA", "OHA"), ("MPA", "NAN"), ("OPV", "DEV"), ("OPV", "NAN")])
seasons = st.builds(
    Season,
    share=st.sampled_from([0.25, 0.5, 1.0]),
    months=st.frozensets(st.integers(1, 12), max_size=4),
)


@st.composite
def fleets(draw: st.DrawFn) -> Scenario:
    """Some units, some of them deployed."""
    usual = BASE.units["NZL-MPA-OHA-1"]
    units: dict[str, Unit] = {}
    deployments: list[Deployment] = []
    for n in range(draw(st.integers(1, 5))):
        platform, home = draw(kinds)
        share = draw(st.floats(0.05, 1.0))
        units[f"U{n}"] = replace(
            usual,
            id=f"U{n}",
            platform=platform,
            home=home,
            availability=Stated(share, usual.availability.origin),
        )
        if draw(st.booleans()):
            away = draw(st.sampled_from(["NAN", None]))
            deployments.append(
                Deployment(unit=f"U{n}", base=away, season=draw(seasons), origin=usual.origin)
            )
    return replace(BASE, units=units, deployments=tuple(deployments))


def hours(scenario: Scenario) -> Hours:
    posts = stations(scenario, Draws(DRAWS).uniform, DRAWS, can=SAR)
    return respond(posts, REACH.transit(scenario, PLACES), len(PLACES), DRAWS)


@given(fleets(), kinds, st.floats(0.05, 1.0))
def test_one_more_unit_never_slows_a_place_and_one_less_never_speeds_one(
    scenario: Scenario, kind: tuple[str, str], share: float
) -> None:
    usual = next(iter(scenario.units.values()))
    more = replace(
        usual,
        id="MORE",
        platform=kind[0],
        home=kind[1],
        availability=Stated(share, usual.availability.origin),
    )
    fuller = replace(scenario, units={**scenario.units, "MORE": more})
    # Without the further unit the fuller one is the first again.
    assert (hours(fuller) <= hours(scenario)).all()


@given(fleets(), st.floats(0.0, 1.0))
def test_a_unit_that_is_there_more_often_never_slows_a_place(
    scenario: Scenario, rise: float
) -> None:
    unit = next(iter(scenario.units.values()))
    before = unit.availability
    often = replace(before, value=before.value + rise * (1 - before.value))
    better = replace(scenario, units={**scenario.units, unit.id: replace(unit, availability=often)})
    assert (hours(better) <= hours(scenario)).all()


@given(fleets(), st.randoms(use_true_random=False))
def test_the_order_of_units_and_deployments_does_not_matter(
    scenario: Scenario, chance: Random
) -> None:
    units, deployments = list(scenario.units.items()), list(scenario.deployments)
    chance.shuffle(units)
    chance.shuffle(deployments)
    turned = replace(scenario, units=dict(units), deployments=tuple(deployments))
    assert np.array_equal(hours(turned), hours(scenario))
    assert np.array_equal(hours(scenario), hours(scenario))


@given(fleets())
def test_one_more_airfield_never_slows_a_place(scenario: Scenario) -> None:
    nadi = replace(scenario.bases["NAN"], open_to=frozenset[str]())
    closed = replace(scenario, bases={**scenario.bases, "NAN": nadi})
    assert (hours(scenario) <= hours(closed)).all()
