from datetime import timedelta

from accord.core.body import Alarm
from accord.core.geometry import Point
from accord.core.kind import Kind
from accord.core.report import Source
from support.builders import a_report
from support.rules import Watched, a_ship

NEAR, FAR = (-41.28, 174.80), (-41.28, 175.20)
HARBOUR = "circle -41.28 174.80 3 NM"


def watched(when: str, *more: str) -> Watched:
    return Watched("\n".join(["rule r", f"when {when}", *more]))


def test_inside_is_so_while_it_is_there() -> None:
    it = watched(f"inside {HARBOUR}", "say call the pilot")
    it.hears("A", *FAR)
    it.hears("B", *NEAR)
    it.hears("B", *NEAR)
    assert it.take() == ["+B"]
    assert it.texts == ["r: CALL-B is in the area. call the pilot"]
    it.hears("B", *FAR)
    assert it.take() == ["-B"]


def test_to_enter_it_must_have_been_outside() -> None:
    it = watched(f"enters {HARBOUR}")
    it.hears("A", *NEAR)
    assert it.take() == []
    it.hears("A", *FAR)
    it.hears("A", *NEAR)
    it.hears("A", *NEAR)
    assert it.take() == ["+A"]
    it.hears("A", *FAR)
    assert it.take() == ["-A"]


def test_to_leave_it_must_have_been_inside() -> None:
    it = watched(f"leaves {HARBOUR}")
    it.hears("A", *FAR)
    assert it.take() == []
    it.hears("A", *NEAR)
    it.hears("A", *FAR)
    it.hears("A", *FAR)
    assert it.take() == ["+A"]
    it.hears("A", *NEAR)
    assert it.take() == ["-A"]


def test_a_track_that_has_gone_is_nowhere() -> None:
    it = watched(f"inside {HARBOUR}")
    it.hears("A", *NEAR)
    it.passes(minutes=120)
    assert it.take() == ["+A", "-A"]
    it.hears("A", *NEAR)
    assert it.take() == ["+A"]


def test_only_the_kinds_of_the_rule_count() -> None:
    it = watched(f"inside {HARBOUR}", "of a-.-S-X-M")
    it.hears("A", *NEAR)
    it.hears("B", *NEAR, kind=Kind.of("a-n-S-X-M-C"))
    assert it.take() == ["+B"]


def test_what_has_no_place_is_in_no_area() -> None:
    it = watched(f"inside {HARBOUR}")
    it.takes(a_report("A", body=Alarm(category="911"), kind=Kind.of("b-a-o-tbl")))
    assert it.take() == []


def test_a_speed_is_held_against_the_rules() -> None:
    it = watched("faster than 30 kn")
    it.hears("A", *NEAR, speed=29.9)
    it.hears("A", *NEAR, speed=31.0)
    it.hears("A", *NEAR)
    assert it.take() == ["+A"]
    assert it.texts == ["r: CALL-A goes 31.0 kn"]
    it.hears("A", *NEAR, speed=10.0)
    assert it.take() == ["-A"]
    slow = watched(f"slower than 2 kn inside {HARBOUR}")
    slow.hears("A", *NEAR, speed=1.0)
    slow.hears("B", *FAR, speed=1.0)
    assert slow.take() == ["+A"]


def test_a_call_for_help_is_one_whatever_its_type_says() -> None:
    it = watched(f"calls inside {HARBOUR}")
    point = Point(lat=NEAR[0], lon=NEAR[1])
    beacon = Kind.of("b-a-o-tbl")
    it.takes(a_report("A", body=Alarm(category="AIS-SART", point=point), kind=beacon))
    assert it.take() == ["+A"]
    assert it.texts == ["r: CALL-A calls for help: AIS-SART"]


def test_who_stays_loiters_until_it_goes() -> None:
    it = watched("loiters for 30 min within 1 NM")
    for _ in range(4):
        it.hears("A", *NEAR)
        it.hears("B", *FAR)
        it.passes(minutes=10)
    assert it.take() == ["+A", "+B"]
    it.hears("A", NEAR[0] + 0.1, NEAR[1])
    assert it.take() == ["-A"]


def test_who_passes_does_not_loiter() -> None:
    it = watched(f"loiters for 30 min within 1 NM inside {HARBOUR}")
    for step in range(10):
        it.hears("A", NEAR[0] + step * 0.02, NEAR[1])
        it.hears("B", *FAR)
        it.passes(minutes=5)
    assert it.take() == []


def test_who_falls_silent_where_others_are_heard_is_dark() -> None:
    it = watched("dark for 20 min")
    it.hears("A", *NEAR)
    for _ in range(5):
        it.passes(minutes=5)
        it.hears("B", NEAR[0] + 0.05, NEAR[1])
    it.passes(minutes=1)
    assert it.take() == ["+A"]
    assert "others near it are heard" in it.texts[0]
    it.hears("A", *NEAR)
    assert it.take() == ["-A"]


def test_who_falls_silent_where_nobody_is_heard_is_not_called_dark() -> None:
    it = watched("dark for 20 min")
    it.hears("A", *NEAR)
    other = Source(node="NZL", channel="feed:satellite", speaker="satellite")
    for _ in range(5):
        it.passes(minutes=5)
        it.hears("B", NEAR[0] + 5.0, NEAR[1])
        it.hears("C", *NEAR, source=other)
    it.passes(minutes=1)
    assert it.take() == []


def test_an_area_without_anybody_is_told_once() -> None:
    it = watched(f"nobody for 20 min inside {HARBOUR}")
    it.passes(minutes=1)
    it.hears("A", *FAR)
    it.passes(minutes=19)
    assert it.take() == []
    it.passes(minutes=2)
    it.passes(minutes=5)
    assert it.take() == ["+"]
    it.hears("A", *NEAR)
    assert it.take() == ["-"]


def test_a_feed_that_brings_nothing_is_told() -> None:
    it = watched("feed harbour silent for 5 min")
    it.hears("A", *NEAR)
    it.passes(minutes=4)
    it.hears("B", *NEAR, source=Source(node="NZL", channel="feed:other", speaker="other"))
    it.passes(minutes=2)
    assert it.take() == ["+"]
    it.hears("A", *NEAR)
    assert it.take() == ["-"]


def test_a_late_report_of_another_clock_does_no_harm() -> None:
    it = watched("dark for 20 min")
    it.takes(a_ship("A", *NEAR, it.now - timedelta(days=1)))
    it.passes(minutes=1)
    assert it.take() == []
