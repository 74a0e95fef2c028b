from dataclasses import replace

import pytest

from accord.core.agreement import Reason
from accord.release.facts import Facts
from accord.release.judge import judge
from support.agreements import NZL, USA, example

LOADED = example()


def _judge(name: str) -> tuple[str | None, str | None, Reason | None]:
    described = LOADED.described[name]
    said = judge(described.report, LOADED, described.at, described.situation(NZL))
    assert isinstance(said.facts, Facts)
    return None if said.form is None else said.form.name, said.clause, said.reason


@pytest.mark.parametrize(
    ("name", "said"),
    [
        # As the agreement itself has it.
        ("frigate off Raoul Island", ("exact", "1", None)),
        ("own patrol aircraft", ("grid-1nm", "2", None)),
        ("frigate off Guam", (None, None, Reason.NOT_PERMITTED)),
        ("frigate without a mark", (None, "0.2", Reason.FORBIDDEN)),
        ("submarine ten minutes ago", (None, "form late-10nm", Reason.TOO_YOUNG)),
    ],
)
def test_the_clauses_decide(name: str, said: tuple[str | None, str | None, Reason | None]) -> None:
    assert _judge(name) == said


@pytest.mark.parametrize(
    ("own", "partner"), [(NZL, USA), (USA, USA), (USA, "AUS-HQ"), ("AUS-HQ", NZL)]
)
def test_it_runs_from_its_giver_to_its_receiver_and_no_other_way(own: str, partner: str) -> None:
    described = LOADED.described["frigate off Raoul Island"]
    situation = replace(described.situation(partner), own=own)
    said = judge(described.report, LOADED, described.at, situation)
    assert said == (None, None, Reason.NOT_PARTY, None)


def test_a_party_that_gives_and_receives_does_not_release_to_itself() -> None:
    relief = example("pacific-relief")
    giver = relief.agreement.givers[0]
    assert giver in relief.agreement.receivers
    described = next(each for each in relief.described.values() if each.giver == giver)
    said = judge(described.report, relief, described.at, described.situation(giver))
    assert said.reason is Reason.NOT_PARTY
