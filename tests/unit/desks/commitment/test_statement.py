from datetime import date

import pytest

from accord.desks.commitment import statement
from accord.desks.commitment.statement import is_statement, read_statement
from accord.posture.fault import ScenarioError
from accord.posture.model import Deploy, Grade
from support.statements import STATEMENT


def test_a_statement_is_its_parties_day_source_sentences_and_clauses() -> None:
    record = read_statement(STATEMENT)
    assert (record.id, record.parties, record.date) == ("JOINT", ("NZL", "FJI"), date(2026, 2, 10))
    assert record.source == "joint statement of both ministers"
    assert record.origin.grade is Grade.INVENTED
    assert len(record.sentences) == 4
    assert [(each.number, each.sentence) for each in record.clauses] == [(1, 1), (2, 2), (3, 3)]
    first = record.clauses[0]
    assert isinstance(first.effect, Deploy)
    assert (first.owed_by, first.owed_to) == ("NZL", "FJI")
    assert (first.due, first.until) == (date(2026, 5, 1), date(2026, 10, 31))


def test_a_statement_is_told_from_a_scenario() -> None:
    assert is_statement(STATEMENT)
    assert not is_statement("schema: accord-scenario/1\n")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("accord-statement/1", "other/1", "line 1: schema: a statement begins with schema: accord"),
        ("date: 2026-02-10\n", "", "date: it is missing"),
        ("conf: C", "conf: D", "line 7: conf: D is none of A, B, C"),
        ("conf: C", "conf: C\nmood: warm", "line 8: no such key: mood"),
        ("owed_to: FJI", "owed_to: AUS", "line 11: clause 1 names AUS, who is no party"),
        ("owed_by: NZL\n", "due: 2026-05-01\n", "is there twice"),
        (
            "      - owed_by: FJI\n        owed_to",
            "      - owed_to",
            "clause 2 does not say who",
        ),
        (
            "until: 2026-10-31\n",
            "until: 2026-04-30\n",
            "it ends on 2026-04-30, before it is",
        ),
        (
            "ops: [{op: nothing_measurable}]",
            "ops: []",
            "does one thing: give one op, not 0",
        ),
        ("op: open_data_flow", "op: attack", "attack is none of"),
        ("owed_by: FJI", "owed_by: FJI\n        why: so", "no such key: clauses.why"),
        (
            "  - text: They look forward",
            "  - mood: glad\n    text: They",
            "no such key: sentences.mood",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_nothing_is_taken(
    old: str, new: str, said: str
) -> None:
    assert old in STATEMENT
    with pytest.raises(ScenarioError) as caught:
        read_statement(STATEMENT.replace(old, new, 1))
    assert said in str(caught.value)
    assert str(caught.value).startswith("line ")


def test_a_statement_without_sentences_or_with_too_many_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    head = STATEMENT.split("sentences:")[0]
    with pytest.raises(ScenarioError, match="give its sentences, from 1 to 500"):
        read_statement(f"{head}sentences: []\n")
    monkeypatch.setattr(statement, "MAX_SENTENCES", 3)
    with pytest.raises(ScenarioError, match="from 1 to 3"):
        read_statement(STATEMENT)
    monkeypatch.setattr(statement, "MAX_SENTENCES", 4)
    monkeypatch.setattr(statement, "MAX_CLAUSES", 2)
    with pytest.raises(ScenarioError, match="3 clauses; at most 2 are read"):
        read_statement(STATEMENT)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    broken = (
        STATEMENT.replace("date: 2026-02-10\n", "")
        .replace("conf: C", "conf: D")
        .replace("op: add_deployment", "op: attack")
        .replace("owed_by: FJI", "owed_by: AUS")
        .replace("  - text: They look", "  - mood: glad\n    text: They look")
    )
    with pytest.raises(ScenarioError) as caught:
        read_statement(broken)
    assert [each.sentence.split(",")[0] for each in caught.value.faults] == [
        "date: it is missing",
        "conf: D is none of A",
        "ops.op: attack is none of add_deployment",
        "clause 2 names AUS",
        "no such key: sentences.mood",
    ]


def test_a_clause_that_cannot_be_read_leaves_the_others_their_numbers() -> None:
    broken = STATEMENT.replace("op: add_deployment", "op: attack").replace("FJI\n", "AUS\n")
    with pytest.raises(ScenarioError, match="clause 2 names AUS"):
        read_statement(broken)
