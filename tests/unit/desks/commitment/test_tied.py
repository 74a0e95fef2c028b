from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from accord.desks.commitment.progress import register
from accord.desks.commitment.record import Held as HeldStatement
from accord.desks.commitment.statement import read_statement
from accord.desks.commitment.tied import how_tied, tied_in, untied
from accord.release.fault import Fault
from accord.storage.agreements import AGREEMENTS, Agreements, Held, Pause
from support.agreements import FILES, SIGNED, example, signatures, text_of
from support.statements import STATEMENT

TERMS = example().agreement
FIRST = TERMS.clauses[0]
NOW = TERMS.since + timedelta(days=1)
HELD = Held(id=TERMS.id, serial=TERMS.serial, terms=TERMS, faults=())


def clause(tied_to: str):
    text = STATEMENT.replace("agreement_clause: clause 3", f"agreement_clause: {tied_to}")
    return read_statement(text).clauses[1]


def told(tied_to: str, held: Held = HELD, *, days: int = 0) -> str:
    return how_tied(clause(tied_to), [held], NOW + timedelta(days=days))


def test_a_data_flow_is_tied_to_a_clause_of_an_agreement_that_the_node_holds() -> None:
    until = f"{TERMS.until:%Y-%m-%d}"
    whole = f"clause {FIRST.number} of {TERMS.id} ({FIRST.title}), in force until {until}"
    assert told(f"{TERMS.id} {FIRST.number}") == whole
    assert told(f"{TERMS.id} clause {FIRST.number}") == whole


@pytest.mark.parametrize(
    ("held", "days", "said"),
    [
        (replace(HELD, faults=(Fault("suspended"),)), 0, "which is not in force"),
        (replace(HELD, paused=Pause(by="moana", at=NOW, reason="leak")), 0, "which is paused here"),
        (HELD, -9, "which is signed, not begun"),
        (HELD, 9_999, "which is ended"),
    ],
)
def test_how_the_agreement_stands_is_told(held: Held, days: int, said: str) -> None:
    assert told(f"{TERMS.id} {FIRST.number}", held, days=days).endswith(said)


def test_what_is_not_there_is_told() -> None:
    assert told(f"{TERMS.id} 99").startswith(f"{TERMS.id} has no clause 99; it has {FIRST.number}")
    assert told("OTHER 1") == "no agreement OTHER is held here"
    assert told("OTHER").startswith("OTHER names no clause: write the agreement and the clause")
    assert told(f"{TERMS.id} 1", replace(HELD, terms=None)) == f"{TERMS.id} cannot be read here"


def test_what_is_no_data_flow_is_tied_to_nothing() -> None:
    first = read_statement(STATEMENT).clauses[0]
    assert how_tied(first, [HELD], NOW) == ""
    assert untied(clause("OTHER 1")) == ""


def test_the_register_tells_it_by_the_agreements_of_the_nodes_directory(tmp_path: Path) -> None:
    agreements = Agreements(tmp_path / AGREEMENTS)
    keys = {each.node: each.key for each in TERMS.parties}
    agreements.activate(
        text_of("usa-nzl-maritime").encode(), FILES, signatures(TERMS), trusted=keys
    )
    text = STATEMENT.replace("clause 3", f"{TERMS.id} {FIRST.number}")
    held = HeldStatement(record=read_statement(text), notes=(), added_by="moana", added=SIGNED)
    found = register([held], "NZL", NOW.date(), tied=tied_in(tmp_path, NOW))
    (line,) = found.owed
    assert line.tied.startswith(f"clause {FIRST.number} of {TERMS.id}")
    assert "in force until" in line.tied
