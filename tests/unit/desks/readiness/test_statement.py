from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.core.context import LIVE, Context
from accord.desks.readiness.statement import (
    LONGEST,
    Counted,
    Heard,
    NoStatement,
    NothingToState,
    Standing,
    Statement,
    attributes,
    newest,
    read,
    state,
    withheld,
)

AT = datetime(2026, 3, 4, 12, 34, 56, tzinfo=UTC)
DAY = timedelta(days=1)
FOUR = Counted(
    pool=4, may_be_told=False, numbers=(0, 2, 4, 4), shares=(0.5, 0.5, 0.49, 0.5),
    until=datetime(2026, 3, 8, 15, 0, tzinfo=UTC), is_known=True,
)  # fmt: skip


def test_a_statement_says_how_many_by_when_until_when_and_no_more() -> None:
    said = state("lift-sea", FOUR, AT)
    assert said == Statement(
        capability="lift-sea", standing=Standing.OFFERED, as_of=AT,
        until=datetime(2026, 3, 8, tzinfo=UTC), numbers=(0, 2, 4, 4), each=0.4,
    )  # fmt: skip
    assert set(attributes(said)) == {
        "capability", "standing", "h1", "h24", "h72", "h240", "each", "asOf", "until",
    }  # fmt: skip
    assert [said.number_by(hours) for hours in (1, 24, 72, 240)] == [0, 2, 4, 4]


@pytest.mark.parametrize(
    ("shares", "each"), [((0.3,), 0.3), ((0.29,), 0.2), ((0.01,), 0.1), ((1.0,), 1.0)]
)
def test_a_share_is_told_in_tenths_rounded_down(shares: tuple[float, ...], each: float) -> None:
    counted = replace(FOUR, numbers=(1, 1, 1, 1), shares=shares)
    assert state("lift-sea", counted, AT).each == each


def test_nothing_that_is_offered_is_none_and_nothing_that_is_known_is_no_statement() -> None:
    none = replace(FOUR, numbers=(0, 0, 0, 0), shares=())
    said = state("lift-sea", none, AT)
    assert (said.standing, said.each) == (Standing.NONE, 0.0)
    with pytest.raises(NothingToState, match="of lift-sea nothing is declared"):
        state("lift-sea", replace(none, is_known=False), AT)


def test_one_unit_is_not_told_of_unless_its_owner_says_so() -> None:
    alone = replace(FOUR, pool=1, numbers=(1, 1, 1, 1), shares=(0.5,))
    assert state("lift-sea", alone, AT).standing is Standing.NOT_RELEASED
    assert state("lift-sea", alone, AT) == withheld("lift-sea", AT)
    told = state("lift-sea", replace(alone, may_be_told=True), AT)
    assert (told.standing, told.numbers) == (Standing.OFFERED, (1, 1, 1, 1))


@given(
    st.lists(st.integers(0, 1), min_size=4, max_size=4).map(sorted),
    st.booleans(),
    st.datetimes(datetime(2026, 3, 5), datetime(2026, 5, 1)),  # noqa: DTZ001  a zone is put on it
)
def test_that_one_unit_is_withheld_tells_nothing_of_how_it_is(
    numbers: list[int], is_known: bool, until: datetime
) -> None:
    counted = replace(
        FOUR, pool=1, numbers=tuple(numbers), shares=(0.7,), is_known=is_known,
        until=until.replace(tzinfo=UTC),
    )  # fmt: skip
    assert state("lift-sea", counted, AT) == withheld("lift-sea", AT)


def test_it_holds_for_a_month_at_most_and_a_week_where_no_end_is_said() -> None:
    long = state("lift-sea", replace(FOUR, until=AT + 900 * DAY), AT)
    assert long.until == (AT + LONGEST).replace(hour=0, minute=0, second=0)
    assert state("lift-sea", replace(FOUR, until=None), AT).until == datetime(
        2026, 3, 11, tzinfo=UTC
    )
    soon = AT + timedelta(hours=3)
    assert state("lift-sea", replace(FOUR, until=soon), AT).until == soon


SAID = state("lift-sea", FOUR, AT)


def test_a_statement_is_read_as_it_was_written() -> None:
    exercise = Context.exercise("TASMAN")
    assert read(attributes(SAID), LIVE) == SAID
    assert read(attributes(SAID), exercise) == replace(SAID, context=exercise)
    secret = withheld("lift-air", AT)
    assert read(attributes(secret), LIVE) == secret


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"capability": "bombing"}, "no capability 'bombing'"),
        ({"standing": "perhaps"}, "perhaps"),
        ({"standing": "no report"}, "says nothing"),
        ({"standing": "none"}, "offers and not"),
        ({"until": "2026-03-04T12:34:56Z"}, "for no time"),
        ({"h1": "9"}, "fewer later"),
        ({"h1": "-1"}, "no number of units"),
        ({"h240": "99999"}, "out of bounds"),
        ({"h240": "999999"}, "no number of units"),
        ({"h24": "٣"}, "no number of units"),
        ({"each": "7"}, "out of bounds"),
        ({"each": "nan"}, "out of bounds"),
        ({"each": "half"}, "could not convert"),
        ({"asOf": "yesterday"}, "no time"),
    ],
)
def test_what_is_no_statement_is_refused(changes: dict[str, str], said: str) -> None:
    with pytest.raises(NoStatement, match=said):
        read({**attributes(SAID), **changes}, LIVE)


def test_a_statement_that_lacks_something_says_what() -> None:
    for name in attributes(SAID):
        lacking = {key: text for key, text in attributes(SAID).items() if key != name}
        with pytest.raises(NoStatement, match=name):
            read(lacking, LIVE)


def test_the_last_word_of_a_nation_holds_as_far_as_it_was_known() -> None:
    first = Heard(node="AUS-A", statement=SAID, received=AT)
    second = Heard(
        node="AUS-B", statement=replace(SAID, as_of=AT + DAY, until=AT + 2 * DAY),
        received=AT + 2 * DAY,
    )  # fmt: skip
    other = Heard(node="FRA", statement=SAID, received=AT)
    assert newest([second, other, first]) == [second, other]
    assert newest([first, second, other], known=AT + DAY) == [first, other]
    assert first.nation == "AUS"
