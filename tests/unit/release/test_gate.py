from dataclasses import replace
from datetime import UTC, datetime

import pytest

from accord.core.agreement import Reason, Situation, Withheld
from accord.core.body import Position
from accord.core.geometry import Point
from accord.core.kind import Kind
from accord.core.label import Label
from accord.core.report import Report, Source
from accord.release.cadence import Cadence
from accord.release.compile import NOBODY, Choice
from accord.release.decide import Released
from accord.release.facts import Facts
from accord.release.gate import Gate
from accord.release.signature import InForce, in_force
from support.agreements import NZL, USA, example, example_in_force, signatures
from support.builders import a_report

AT = datetime(2026, 12, 1, 6, tzinfo=UTC)
SITUATION = Situation(own=USA, partner=NZL, synchronised=True)


def a_ship(uid: str) -> Report:
    return a_report(
        uid,
        at=AT,
        kind=Kind.of("a-f-S-C"),
        body=Position(point=Point(lat=-29.2, lon=-177.9, circular_error=50.0)),
        source=Source(node=USA, channel="tak", speaker=""),
        label=Label(
            policy="USA", level="UNCLASSIFIED", originator="USA", releasable_to=frozenset({"NZL"})
        ),
    )


def _gate(agreed: InForce) -> Gate:
    return Gate(agreed, key=b"0123456789abcdef", salt=b"salt", memory=Cadence(limit=10))


def test_it_counts_what_left_and_what_did_not() -> None:
    gate = _gate(example_in_force())
    assert isinstance(gate.decide(a_ship("U1"), AT, SITUATION), Released)
    gate.decide(replace(a_ship("U2"), label=None), AT, SITUATION)
    gate.decide(replace(a_ship("U3"), label=None), AT, SITUATION)
    assert gate.released == {("1", "exact"): 1}
    assert gate.withheld == {(Reason.FORBIDDEN, "0.2"): 2}


def test_one_in_a_hundred_is_decided_by_cedar_as_well() -> None:
    gate = _gate(example_in_force())
    for number in range(1000):
        gate.decide(a_ship(f"U{number}"), AT, SITUATION)
    assert 0 < gate.checked < 30
    assert not gate.stopped
    assert gate.released == {("1", "exact"): 1000}


@pytest.mark.parametrize(
    "wrong", [(NOBODY, NOBODY), (1, 6)], ids=["withholds too much", "releases another form"]
)
def test_a_difference_stops_the_agreement_for_good(wrong: tuple[int, int]) -> None:
    loaded = example()

    def choose(_facts: Facts) -> Choice:
        return wrong

    faulty = in_force(replace(loaded, chooses={NZL: choose}), signatures(loaded.agreement))
    gate = _gate(faulty)
    number = 0
    while not gate.stopped:
        gate.decide(a_ship(f"U{number}"), AT, SITUATION)
        number += 1
        assert number < 2000
    assert gate.checked == 1
    assert gate.withheld[Reason.DISAGREES, None if wrong[1] < 0 else "2"] == 1
    assert gate.decide(a_ship("LATER"), AT, SITUATION) == Withheld(reason=Reason.STOPPED)
    assert gate.checked == 1
