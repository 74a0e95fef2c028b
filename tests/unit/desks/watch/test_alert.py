from dataclasses import replace
from datetime import timedelta

import pytest

from accord.desks.watch.alert import (
    Act,
    Alert,
    AlertState,
    Condition,
    Kind,
    Priority,
    about,
    raised,
    raised_again,
)
from support.clock import START

LATER = START + timedelta(minutes=1)
CALL = Condition(
    key="k", kind=Kind.EMERGENCY, priority=Priority.ALARM, text="KIWI calls", uid="KIWI",
    groups=frozenset({"Blue"}),
)  # fmt: skip


@pytest.mark.parametrize(
    ("rectified", "acknowledged", "state"),
    [
        (False, False, AlertState.UNACKNOWLEDGED),
        (False, True, AlertState.ACKNOWLEDGED),
        (True, False, AlertState.RECTIFIED),
        (True, True, AlertState.ENDED),
    ],
)
def test_an_alert_ends_when_it_is_over_and_was_acknowledged(
    rectified: bool, acknowledged: bool, state: AlertState
) -> None:
    alert = replace(
        raised(1, CALL, START),
        rectified=LATER if rectified else None,
        acknowledged=LATER if acknowledged else None,
    )
    assert alert.state is state
    assert alert.is_open is (state is not AlertState.ENDED)


def test_alarms_come_before_warnings_and_warnings_before_cautions() -> None:
    def alert(number: int, priority: Priority, **changes: object) -> Alert:
        return replace(raised(number, replace(CALL, priority=priority), START), **changes)  # type: ignore[arg-type]

    seen = alert(1, Priority.ALARM, acknowledged=START)
    alerts = [seen, alert(2, Priority.CAUTION), alert(3, Priority.WARNING)]
    alerts += [alert(4, Priority.ALARM), alert(5, Priority.ALARM, raised=LATER)]
    alerts += [alert(6, Priority.ALARM, raised=LATER, rectified=LATER)]
    ordered = [each.number for each in sorted(alerts, key=lambda each: each.order)]
    assert ordered == [5, 4, 6, 3, 2, 1]


def test_what_comes_back_wants_to_be_acknowledged_again_and_counts() -> None:
    seen = replace(
        raised(1, CALL, START), rectified=START, acknowledged=START, acknowledged_by="aroha"
    )
    again = raised_again(seen, CALL, LATER)
    assert (again.times, again.state) == (2, AlertState.UNACKNOWLEDGED)
    assert again.acknowledged_by == ""


def test_what_was_to_be_quiet_comes_back_acknowledged_until_then() -> None:
    quiet = replace(
        raised(1, CALL, START), acknowledged=START, quiet_until=LATER, acknowledged_by="aroha"
    )
    assert raised_again(quiet, CALL, START).state is AlertState.ACKNOWLEDGED
    assert raised_again(quiet, CALL, LATER).state is AlertState.UNACKNOWLEDGED


def test_the_line_about_an_alert_is_for_whom_the_alert_is_for() -> None:
    line = about(raised(1, CALL, START), Act.TAKEN, LATER, by="aroha")
    assert (line.uids, line.groups, line.context) == (("KIWI",), CALL.groups, CALL.context)
    assert (line.text, line.by, line.at) == ("KIWI calls", "aroha", LATER)
    node = about(raised(2, replace(CALL, uid=None, groups=None), START), Act.RAISED, START)
    assert (node.uids, node.groups) == ((), None)
