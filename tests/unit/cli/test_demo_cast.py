from pathlib import Path

import pytest

from accord.cli.demo_cast import AGREEMENTS, CHAIN, Party
from accord.cli.demo_client import EXERCISE
from accord.core.context import Context
from accord.live.marking import check_marking
from accord.release.load import load

HERE = Path(__file__).parents[3] / "examples" / "demonstration"
FILES = {path.name: path.read_bytes() for path in HERE.glob("*.geojson")}


@pytest.mark.parametrize("nodes", AGREEMENTS)
def test_the_agreement_of_a_link_runs_both_ways_in_the_exercise_alone(
    nodes: tuple[str, str],
) -> None:
    text = (HERE / AGREEMENTS[nodes]).read_bytes()
    assert b"in this agreement is invented.**" in text
    terms = load(text, FILES).agreement
    assert terms.id.startswith("EXAMPLE-")
    assert set(terms.givers) == set(terms.receivers) == set(nodes)
    assert set(terms.contexts) == {Context.exercise(EXERCISE)}
    # What is passed on along the chain goes to the third of them.
    assert terms.onward | {node[:3] for node in nodes} == {party.node for party in CHAIN}


def test_areas_say_that_they_are_invented() -> None:
    assert FILES
    assert all(b"Invented for an example" in data for data in FILES.values())


@pytest.mark.parametrize("party", CHAIN)
def test_every_mark_is_understood_and_what_crosses_or_stays_is_of_the_node(party: Party) -> None:
    for marking in (party.marking, *(marking for _, marking in party.feeds.values())):
        check_marking(marking)
    known = {*party.clients, *(each.name for each in party.invented)}
    assert {party.crosses, *party.stays} <= known
    assert party.crosses not in party.stays


@pytest.mark.parametrize("party", CHAIN)
def test_the_clients_of_a_node_talk_to_each_other(party: Party) -> None:
    first, second = party.clients
    assert (party.others(first), party.others(second)) == (second, first)
