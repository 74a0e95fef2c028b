"""Alerts of the watch as CAP, held to CAP-v1.2-os 3.2.1 and to what the desk says of them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from accord.core.context import Context
from accord.core.geometry import Point
from accord.desks.watch.alert import Condition, Kind, Priority, raised, raised_again
from accord.desks.watch.cap import cap_of, is_sent, sent
from accord.wire.cap import xml
from accord.wire.cap.message import CapCircle
from accord.wire.cap.render import render
from support.clock import START as CLOCK

NODE = "NZL-JFNZ"
START = CLOCK.replace(microsecond=0)  # CAP has whole seconds
CALL = Condition(
    key="k", kind=Kind.EMERGENCY, priority=Priority.ALARM, text="KIWI: 911 Alert", uid="KIWI",
)  # fmt: skip
PLACE = Point(lat=-36.5, lon=174.75, circular_error=2_500.0)


def test_a_live_call_for_help_is_an_actual_alert_around_its_object() -> None:
    cap = cap_of(raised(7, CALL, START), NODE, PLACE)
    assert (cap.identifier, cap.sender, cap.sent) == (f"{NODE}-watch-7", NODE, START)
    assert (cap.status, cap.kind, cap.references) == ("Actual", "Alert", "")
    assert (cap.urgency, cap.severity, cap.categories) == ("Immediate", "Severe", ("Rescue",))
    assert cap.headline == "KIWI: 911 Alert"
    (area,) = cap.areas
    assert area.circles == (CapCircle(centre=(-36.5, 174.75), radius=2.5),)
    assert xml.read(render(cap)) == cap


@pytest.mark.parametrize("error", [None, 10.0, 9_999_999.0, 0.0])
def test_an_object_whose_error_is_small_or_not_known_has_a_kilometre(error: float | None) -> None:
    cap = cap_of(raised(7, CALL, START), NODE, replace(PLACE, circular_error=error))
    assert cap.areas[0].circles[0].radius == 1.0
    assert cap_of(raised(7, CALL, START), NODE).areas == ()


@pytest.mark.parametrize("context", [Context.exercise("TASMAN 26"), Context.parse("plan:x")])
def test_what_is_not_live_is_never_actual_and_says_so_to_people(context: Context) -> None:
    cap = cap_of(raised(7, replace(CALL, context=context), START), NODE)
    assert cap.status == "Exercise"
    assert cap.headline.startswith("EXERCISE ")
    assert cap.event.startswith("EXERCISE ")


def test_what_comes_again_is_an_update_and_what_is_over_a_cancellation_of_both() -> None:
    alert = raised(7, CALL, START)
    later, last = START + timedelta(minutes=5), START + timedelta(minutes=9)
    again = raised_again(replace(alert, rectified=later), CALL, later)
    update = cap_of(again, NODE)
    first = f"{NODE},{NODE}-watch-7,{START:%Y-%m-%dT%H:%M:%S}-00:00"
    assert (update.kind, update.references, update.sent) == ("Update", first, later)
    over = cap_of(replace(again, rectified=last), NODE)
    assert (over.kind, over.urgency) == ("Cancel", "Past")
    second = f"{NODE},{update.identifier},{later:%Y-%m-%dT%H:%M:%S}-00:00"
    assert over.references == f"{first} {second}"
    assert len({each.identifier for each in (cap_of(alert, NODE), update, over)}) == 3
    assert cap_of(replace(alert, rectified=last), NODE).references == first
    escalated = cap_of(replace(alert, escalated=later), NODE)
    assert (escalated.kind, escalated.sent) == ("Update", later)


def test_only_what_concerns_people_is_sent_and_what_changed_last_comes_first() -> None:
    alerts = [raised(n, replace(CALL, kind=kind), START) for n, kind in enumerate(Kind, 1)]
    kinds = {each.condition.kind for each in alerts if is_sent(each)}
    assert kinds == {Kind.EMERGENCY, Kind.CASE, Kind.RULE}
    newest = replace(alerts[0], rectified=START + timedelta(minutes=1))
    numbers = [each.number for each in sent([newest, *alerts[1:]])]
    assert numbers[0] == newest.number
    assert len(numbers) == 3
