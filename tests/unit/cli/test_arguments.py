import argparse
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from accord.cli.arguments import add_usual, context, day, moment
from accord.core.context import LIVE, Context


def test_most_commands_take_the_directory_of_a_node_and_answer_in_json_where_asked() -> None:
    parser = argparse.ArgumentParser()

    def run(_: argparse.Namespace) -> int:
        return 0

    add_usual(parser, run)
    assert parser.parse_args(["node"]) == argparse.Namespace(
        directory=Path("node"), json=False, run=run
    )
    assert parser.parse_args(["node", "--json"]).json


@pytest.mark.parametrize(
    "text", ["2026-11-01T12:00:00", "2026-11-01T12:00:00Z", "2026-11-02T01:00:00+13:00"]
)
def test_a_time_is_read_in_its_zone_or_in_utc_where_it_says_none(text: str) -> None:
    assert moment(text) == datetime(2026, 11, 1, 12, tzinfo=UTC)
    assert moment(text).tzinfo is UTC


def test_a_day_and_a_context_are_read() -> None:
    assert day("2026-11-01") == date(2026, 11, 1)
    assert context("live") == LIVE
    assert context("exercise:TASMAN") == Context.exercise("TASMAN")


def test_what_is_none_of_these_is_refused_with_an_example() -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="no time such as 2026-11-01T00:00:00Z"):
        moment("noon")
    with pytest.raises(argparse.ArgumentTypeError, match="not a day such as 2026-11-01"):
        day("1 November")
    with pytest.raises(argparse.ArgumentTypeError, match="live, exercise:NAME or plan:ID"):
        context("moon")
