from datetime import UTC, datetime, timedelta

import pytest

from accord.core.agreement import IN_FORCE, Agreement, Clause, Party, Situation, state_at
from accord.core.context import LIVE
from accord.core.level import LevelTable
from support.forms import EXACT

CLAUSE = Clause(
    number="1",
    title="Ships",
    sentence="Ships.",
    cedar="permit (principal, action, resource);",
    line=1,
    cedar_line=3,
    examples=(),
)
AGREEMENT = Agreement(
    id="TEST",
    serial=1,
    title="A test",
    parties=(Party(node="NZL-A", key=b"a"), Party(node="FJI-B", key=b"b")),
    givers=("NZL-A",),
    receivers=("FJI-B",),
    since=datetime(2027, 1, 1, tzinfo=UTC),
    until=datetime(2027, 2, 1, tzinfo=UTC),
    contexts=frozenset({LIVE}),
    levels=LevelTable.of({}),
    forms=(EXACT,),
    areas=(),
    onward=frozenset(),
    assumed_error=None,
    invariants=(),
    clauses=(CLAUSE,),
    digest="",
)


def test_a_party_is_of_the_nation_that_its_node_id_starts_with() -> None:
    assert [party.nation for party in AGREEMENT.parties] == ["NZL", "FJI"]


def test_forms_and_clauses_are_found_by_name_and_number() -> None:
    assert AGREEMENT.form("exact") is EXACT
    assert AGREEMENT.clause("1") is CLAUSE


def test_a_form_or_clause_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        AGREEMENT.form("coarse")
    with pytest.raises(KeyError):
        AGREEMENT.clause("2")


def test_a_situation_that_says_nothing_more_has_no_incident_grant_or_mission() -> None:
    situation = Situation(own="NZL-A", partner="FJI-B", synchronised=True)
    assert situation.incidents == frozenset()
    assert situation.onward == situation.missions == {}


@pytest.mark.parametrize(
    ("at", "state"),
    [
        (AGREEMENT.since - timedelta(seconds=1), "signed, not begun"),
        (AGREEMENT.since, IN_FORCE),
        (AGREEMENT.until - timedelta(seconds=1), IN_FORCE),
        (AGREEMENT.until, "ended"),
    ],
)
def test_a_signed_agreement_is_in_force_between_its_dates(at: datetime, state: str) -> None:
    assert state_at(AGREEMENT, at) == state
