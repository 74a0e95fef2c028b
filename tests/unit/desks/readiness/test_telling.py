from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from accord.desks.readiness.statement import Heard, NothingToState, Standing, Statement
from accord.desks.readiness.telling import (
    AGAIN_AFTER,
    NoSuchCapability,
    Wanted,
    check,
    is_due,
    statement_of,
)
from support.readiness import FLEET, NOW, records_of

AIR = "surveillance-air"
SAID = Statement(
    capability=AIR, standing=Standing.OFFERED, as_of=NOW, until=NOW + timedelta(days=7),
    numbers=(0, 4, 4, 4), each=0.5,
)  # fmt: skip


def heard(statement: Statement, node: str = "NZL-A") -> Heard:
    return Heard(node=node, statement=statement, received=statement.as_of)


def due(said: Statement, *before: Heard) -> bool:
    return is_due(said, before, node="NZL-A")


def test_what_was_never_stated_is_due() -> None:
    assert due(SAID)
    assert due(SAID, heard(SAID, "USA-B"), heard(replace(SAID, capability="sar-air")))


def test_what_was_stated_is_due_again_after_an_hour_or_where_it_says_otherwise() -> None:
    before = heard(SAID)
    soon = NOW + timedelta(minutes=5)
    assert not due(replace(SAID, as_of=soon), before)
    # That it holds until another day alone is nothing new.
    assert not due(replace(SAID, as_of=soon, until=SAID.until + timedelta(days=1)), before)
    assert due(replace(SAID, as_of=soon, numbers=(0, 3, 3, 3)), before)
    assert due(replace(SAID, as_of=soon, each=0.4), before)
    assert due(replace(SAID, as_of=NOW + AGAIN_AFTER), before)


def test_a_statement_is_made_of_the_register_or_says_that_it_is_not_told(tmp_path: Path) -> None:
    records = records_of(*FLEET, directory=tmp_path)
    wanted = Wanted(capability=AIR, groups=frozenset())
    assert statement_of(wanted, records, NOW, own="NZL").numbers == (0, 4, 4, 4)
    held = replace(wanted, withhold=True)
    assert statement_of(held, records, NOW, own="NZL").standing is Standing.NOT_RELEASED
    with pytest.raises(NothingToState):
        statement_of(wanted, records, NOW + timedelta(days=30), own="NZL")


def test_a_capability_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(NoSuchCapability, match="no capability 'bombing'; there are surveillance"):
        check("bombing")
