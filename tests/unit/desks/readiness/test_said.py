from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

from accord.desks.readiness.columns import Sheet
from accord.desks.readiness.said import Confidence, Entry, Record, Said, as_it_stood
from support.readiness import SAID, a_unit

DAY = timedelta(days=1)
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def entry(value: str, as_of: datetime, entered: datetime, *, column: str = "base") -> Entry:
    said = Said(by="HQ", as_of=as_of)
    return Entry(
        sheet=Sheet.UNITS, id="NZL-1", column=column, value=value, said=said, entered=entered,
        person="aroha",
    )  # fmt: skip


def base_of(entries: list[Entry], **when: datetime) -> str:
    found = as_it_stood(entries, **when)[Sheet.UNITS]
    return found["NZL-1"].text("base", "?") if found else "nothing"


MOVED = [
    entry("OHAKEA", MONDAY, MONDAY),
    entry("NADI", MONDAY + 2 * DAY, MONDAY + 5 * DAY),
]
"""It moved on Wednesday, and this node was told on Saturday."""


def test_any_day_can_be_shown_as_it_was_and_as_it_was_known() -> None:
    assert base_of(MOVED) == "NADI"
    assert base_of(MOVED, at=MONDAY + DAY) == "OHAKEA"
    assert base_of(MOVED, at=MONDAY + 3 * DAY) == "NADI"
    assert base_of(MOVED, at=MONDAY + 3 * DAY, known=MONDAY + 4 * DAY) == "OHAKEA"
    assert base_of(MOVED, at=MONDAY - DAY) == "nothing"


def test_the_order_in_which_things_are_given_does_not_matter() -> None:
    late = entry("APIA", MONDAY + DAY, MONDAY + 9 * DAY)
    for order in permutations([*MOVED, late]):
        assert base_of(list(order)) == "NADI"


def test_of_two_words_for_one_time_the_one_entered_last_holds() -> None:
    first, second = entry("A", MONDAY, MONDAY), entry("B", MONDAY, MONDAY + DAY)
    assert base_of([second, first]) == "B"
    same = [replace(first, number=7), replace(second, entered=MONDAY)]
    assert base_of(same) == "B"  # not kept yet, so newer than whatever is
    assert base_of([replace(first, number=7), replace(second, entered=MONDAY, number=8)]) == "B"


def test_what_is_withdrawn_is_gone_until_it_is_said_to_be_back() -> None:
    gone = entry("yes", MONDAY + DAY, MONDAY + DAY, column="withdrawn")
    back = entry("no", MONDAY + 2 * DAY, MONDAY + 2 * DAY, column="withdrawn")
    assert base_of([MOVED[0], gone]) == "nothing"
    assert base_of([MOVED[0], gone], at=MONDAY) == "OHAKEA"
    assert base_of([MOVED[0], gone, back]) == "OHAKEA"


def record(**values: str) -> Record:
    at = SAID.as_of
    return Record(
        sheet=Sheet.CLASSES,
        id="X",
        entries={
            name: Entry(sheet=Sheet.CLASSES, id="X", column=name, value=value, said=SAID,
                        entered=at, person="")
            for name, value in values.items()
        },
    )  # fmt: skip


def test_values_are_read_as_what_they_are_and_have_defaults_where_nobody_said_any() -> None:
    said = record(
        cruise_kt="440", notice_h="1/2/6", roles="surveillance, sar", since="2026-03-01T00:00:00Z",
        withdrawn="yes",
    )  # fmt: skip
    assert said.number("cruise_kt", 0.0) == 440.0
    assert said.number("sprint_kt", 7.0) == 7.0
    assert said.numbers("notice_h") == (1.0, 2.0, 6.0)
    assert said.numbers("none") == ()
    assert said.words("roles") == ("surveillance", "sar")
    assert said.words("none") == ()
    assert said.moment("since") == datetime(2026, 3, 1, tzinfo=UTC)
    assert said.moment("none") is None
    assert said.is_yes("withdrawn")
    assert not said.is_yes("none")
    assert said.oldest == SAID.as_of


def test_a_value_is_stale_from_the_moment_that_it_was_valid_until() -> None:
    assert SAID.valid_until is not None
    just_before = SAID.valid_until - timedelta(microseconds=1)
    assert not SAID.is_stale(just_before)
    assert SAID.is_stale(SAID.valid_until)
    assert record(cruise_kt="1").is_stale(SAID.valid_until)
    assert not Said(by="x", as_of=MONDAY).is_stale(MONDAY + 9_000 * DAY)


def test_a_row_says_where_each_of_its_cells_stands() -> None:
    row = replace(a_unit(), place="sheet units, row 5", cells={"base": "D5"})
    assert row.where("base") == "sheet units, row 5, cell D5, base"
    assert row.where("count") == "sheet units, row 5, count"
    assert a_unit().where("base") == ""


def test_the_least_sure_is_the_greatest() -> None:
    assert max(Confidence.STATED, Confidence.INVENTED, Confidence.GENERAL) is Confidence.INVENTED
