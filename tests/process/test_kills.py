"""Nodes ended by kill -9 take no word with them that they had for a quarter of a second."""

import random
import time
from collections.abc import Iterator

import pytest

from support.chain import AUS, NZL, USA, Chain, make

pytestmark = [pytest.mark.process, pytest.mark.timeout(600)]

PROMISED = 0.25
"""Seconds between receipt and the end of the process after which nothing is lost."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    three = make(tmp_path_factory.mktemp("chain"))
    try:
        yield three
    finally:
        three.end()


@pytest.fixture
def chain(made: Chain) -> Chain:
    """Three nodes that run, whatever the test before left: tests come in any order."""
    made.start(*made.down())
    return made


def test_what_was_said_while_there_was_no_link_outlasts_its_node_and_goes_over_two(
    chain: Chain,
) -> None:
    chain.kill(USA, AUS)
    chain.say("ALONE")
    time.sleep(PROMISED)
    chain.kill(NZL)
    chain.start(NZL, USA, AUS)
    assert chain.lacks(AUS, ["ALONE"]) == []


def test_what_one_partner_was_told_is_there_goes_to_the_next_though_the_node_between_died(
    chain: Chain,
) -> None:
    chain.kill(AUS)
    chain.say("BETWEEN")
    assert chain.lacks(USA, ["BETWEEN"]) == []
    time.sleep(PROMISED)
    chain.kill(NZL, USA)
    chain.start(USA, AUS)
    assert chain.lacks(AUS, ["BETWEEN"]) == []


def test_whenever_the_node_between_dies_every_word_arrives(chain: Chain) -> None:
    said: list[str] = []
    epochs = chain.epochs()
    when = random.Random(5)  # noqa: S311  a seed makes a history
    for number in range(4):
        said += (words := [f"W{number}-{each}" for each in range(3)])
        chain.say(*words)
        time.sleep(when.uniform(0.0, 0.15))
        chain.kill(USA)
        chain.start(USA)
    assert chain.lacks(AUS, said) == []
    assert chain.epochs() == epochs, "a node that died was taken for a backup that was put back"
