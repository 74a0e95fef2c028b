"""Coverage as it grows: the same figures as worked out whole, at the price of what is new."""

from collections.abc import Callable, Generator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from accord.core.body import Position
from accord.core.geometry import Point
from accord.core.report import Report
from accord.desks.sar.case import Case
from accord.desks.sar.cases import Cases
from accord.desks.sar.covered import Courses, Covered, covered
from accord.desks.sar.coverings import Asking, Coverings, Run, State
from accord.desks.sar.entry import Entry, Kind
from accord.desks.sar.units import unit_value
from support.builders import a_report
from support.sar import KNOWN, MOANA, NODE, NOW, a_case, some_cases

UNITS = ("HELO", "SHIP")


@pytest.fixture
def cases(tmp_path: Path) -> Cases:
    return some_cases(tmp_path)


def searching(cases: Cases) -> Case:
    case = a_case(cases)
    given = {"platform": "boat", "speed": "20", "width": "0.5"}
    return cases.set(case.id, {f"unit:{u}": unit_value(u, given, NOW) for u in UNITS}, MOANA)


def track(unit: str) -> list[Report]:
    """Two hours to the east at 14 knots, a position each minute."""
    lat, step = -36.60 - 0.01 * UNITS.index(unit), 14.0 / 60.0 / 60.0 / 0.803
    return [
        a_report(
            unit, at=NOW + timedelta(minutes=n),
            body=Position(point=Point(lat=lat, lon=174.70 + step * n)),
        )
        for n in range(121)
    ]  # fmt: skip


class Journal:
    """Returns what was received between two times; `read` are the times that it was asked for."""

    def __init__(self, reports: Sequence[Report]) -> None:
        self.reports = list(reports)
        self.read: list[tuple[datetime, datetime]] = []

    def between(self, since: datetime, until: datetime) -> Courses:
        self.read.append((since, until))
        return {
            unit: [e for e in self.reports if e.uid == unit and since <= e.received <= until]
            for unit in UNITS
        }


JOURNAL = [each for unit in UNITS for each in track(unit)]


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def asking(
    case: Case, journal: Journal, until: datetime, who: str = "moana",
    recalled: Callable[[], int] = lambda: 0,
) -> Asking:  # fmt: skip
    return Asking(
        case=case, known=KNOWN, own=NODE, who=who, at=until, read=journal.between,
        recalled=recalled,
    )  # fmt: skip


def done(steps: Generator[float, None, Covered]) -> tuple[int, Covered]:
    """Return in how many steps it was done, and what it comes to."""
    number = 0
    while True:
        try:
            share = next(steps)
        except StopIteration as over:
            return number, over.value
        assert 0.0 < share <= 1.0
        number += 1


def test_what_grows_comes_to_the_same_as_the_whole_and_costs_the_part_that_is_new(
    cases: Cases,
) -> None:
    case, journal, coverings = searching(cases), Journal(JOURNAL), Coverings()
    for minutes in (0.5, 60, 62, 90, 120):
        steps, found = done(coverings.work(asking(case, journal, at(minutes))))
        alone = Journal(JOURNAL).between(case.opened, at(minutes))
        assert found == covered(case, KNOWN, alone, at(minutes), own=NODE)
        # A slot is ten minutes: two more minutes are in one of them, or lie in two.
        assert steps <= (4 if minutes == 62 else 1000)
    assert found.pos > 0.1
    assert coverings.whole == 1
    # Each look reads what came since the last one, and a minute before it.
    assert journal.read[2] == (at(59), at(62))


def test_positions_that_come_late_are_taken_in_as_well(cases: Cases) -> None:
    case, coverings = searching(cases), Coverings()
    journal = Journal([each for each in JOURNAL if not 20 <= (each.time - NOW).seconds / 60 < 40])
    _, holed = done(coverings.work(asking(case, journal, at(100))))
    assert all(len(each.holes) == 1 for each in holed.units)
    late = [each for each in JOURNAL if each not in journal.reports]
    journal.reports += [a_report(e.uid, at=e.time, body=e.body, received=at(101)) for e in late]
    _, whole = done(coverings.work(asking(case, journal, at(102))))
    assert not any(each.holes for each in whole.units)
    assert whole.pos > holed.pos


def test_what_the_figures_rest_on_has_all_worked_out_anew_and_a_note_has_not(
    cases: Cases,
) -> None:
    case, journal, coverings = searching(cases), Journal(JOURNAL), Coverings()
    done(coverings.work(asking(case, journal, at(60))))
    same = cases.set(case.id, {"persons": "4"}, MOANA)
    steps, _ = done(coverings.work(asking(same, journal, at(60))))
    assert (steps, coverings.whole) == (0, 1)
    other = cases.set(case.id, {"wind": "200/30"}, MOANA)
    _, found = done(coverings.work(asking(other, journal, at(60))))
    assert coverings.whole == 2
    assert found == covered(other, KNOWN, journal.between(case.opened, at(60)), at(60), own=NODE)
    done(coverings.work(asking(other, journal, at(60), recalled=lambda: 1)))
    assert coverings.whole == 3
    # Six hours from the beginning on another drift is needed.
    done(coverings.work(asking(other, journal, at(330), recalled=lambda: 1)))
    assert coverings.whole == 4


def test_an_earlier_time_is_worked_out_by_itself_and_what_was_kept_stays(cases: Cases) -> None:
    case, journal, coverings = searching(cases), Journal(JOURNAL), Coverings()
    done(coverings.work(asking(case, journal, at(100))))
    _, found = done(coverings.work(asking(case, journal, at(50))))
    assert found == covered(case, KNOWN, journal.between(case.opened, at(50)), at(50), own=NODE)
    assert coverings.whole == 2
    steps, _ = done(coverings.work(asking(case, journal, at(101))))
    assert (steps <= 4, coverings.whole) == (True, 2)


def test_each_sees_his_own_and_the_oldest_goes(cases: Cases) -> None:
    case, coverings = searching(cases), Coverings(limit=1)
    done(coverings.work(asking(case, Journal(JOURNAL), at(60))))
    _, blind = done(coverings.work(asking(case, Journal([]), at(60), "looker")))
    assert blind.pos == 0.0
    assert coverings.dropped == 1
    done(coverings.work(asking(case, Journal(JOURNAL), at(60))))
    assert coverings.whole == 3


def test_what_a_partner_covered_is_taken_anew_each_time(cases: Cases) -> None:
    case, journal, coverings = searching(cases), Journal(JOURNAL), Coverings()
    _, before = done(coverings.work(asking(case, journal, at(60))))
    cells = {each.cell: 0.5 for each in before.left}
    value = str({"cells": cells}).replace("'", '"')
    line = Entry(
        case=case.id, node="USA", number=1, at=at(60), entered=at(60), by="USA",
        kind=Kind.COVERED, value=value,
    )  # fmt: skip
    cases.store.take([line])
    stands = cases.store.case(case.id)
    for _ in range(2):
        _, found = done(coverings.work(asking(stands, journal, at(60))))
        assert found.own_pos == before.own_pos
        # Half of what was left was found, of nearly everything.
        assert found.pos == pytest.approx(before.pos + (1.0 - before.pos) / 2.0, abs=0.03)


def a_run() -> Run:
    return Run(id="r", case="c", by="moana", at=NOW)


def test_a_run_follows_the_steps_and_ends_where_somebody_cancels_it(cases: Cases) -> None:
    case = searching(cases)
    run, coverings = a_run(), Coverings()
    run.follow(coverings.work(asking(case, Journal(JOURNAL), at(60))))
    assert (run.state, run.done) == (State.DONE, 1.0)
    assert run.found is not None
    early = a_run()
    early.is_cancelled = True
    early.follow(coverings.work(asking(case, Journal(JOURNAL), at(60), "other")))
    assert early.state is State.CANCELLED
    middle = a_run()

    def steps() -> Generator[float, None, Covered]:
        yield 0.3
        middle.is_cancelled = True
        yield 0.6
        raise AssertionError("nobody asks for more")

    middle.follow(steps())
    assert (middle.state, middle.done, middle.found) == (State.CANCELLED, 0.6, None)
