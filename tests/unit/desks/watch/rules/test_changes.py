"""Rules about what changes: course, speed, identity, and a partner's silence; and what is held."""

from datetime import timedelta
from typing import Any

import pytest

from accord.core.errors import UsageError
from accord.core.identity import Identity
from accord.core.report import Source
from accord.desks.watch.alert import Escalation, Priority
from accord.desks.watch.conditions import Over
from accord.desks.watch.rules.judge import Judge
from accord.desks.watch.rules.text import read
from support.clock import START
from support.rules import SHIPS, Watched, a_ship


def sailing(watched: Watched, *steps: tuple[float, float | None, float | None]) -> list[str]:
    """A ship says course and speed, each so many minutes after the last."""
    for minutes, course, speed in steps:
        watched.passes(minutes=minutes)
        watched.hears("S", 0.0, 170.0, course=course, speed=speed)
    return watched.take()


def test_a_turn_is_told_and_over_when_the_course_is_kept_again() -> None:
    watched = Watched("rule turn\nwhen turns by more than 60 deg in 6 min")
    assert sailing(watched, (0, 10.0, 8.0), (2, 15.0, 8.0)) == []
    assert sailing(watched, (2, 300.0, 8.0)) == ["+S"]
    assert watched.texts == ["turn: CALL-S has turned by 75 degrees within 6 min"]
    assert sailing(watched, (2, 300.0, 8.0), (2, 300.0, 8.0), (5, 300.0, 8.0)) == ["-S"]


def test_a_course_at_anchor_says_nothing() -> None:
    watched = Watched("rule turn\nwhen turns by more than 60 deg in 6 min")
    assert sailing(watched, (0, 10.0, 0.5), (2, 200.0, 0.5), (1, None, 8.0)) == []


def test_a_slow_turn_is_none() -> None:
    watched = Watched("rule turn\nwhen turns by more than 60 deg in 6 min")
    assert (
        sailing(watched, *((2, course, 8.0) for course in (0.0, 15.0, 30.0, 45.0, 60.0, 75.0)))
        == []
    )


def test_a_change_of_speed_is_told() -> None:
    watched = Watched("rule stop\nwhen changes speed by more than 10 kn in 5 min")
    assert sailing(watched, (0, 10.0, 15.0), (2, 10.0, None), (1, 10.0, 2.0)) == ["+S"]
    assert watched.texts == ["stop: CALL-S has changed its speed by 13 kn within 5 min"]


def says(watched: Watched, **names: str) -> list[str]:
    watched.passes(minutes=1)
    watched.hears("MMSI-1", 0.0, 170.0, identity=Identity(mmsi="512000001", **names))
    return watched.take()


def test_a_change_of_identity_is_told_for_half_an_hour() -> None:
    watched = Watched("rule name\nwhen changes identity")
    assert says(watched, name="TUI") == []
    assert says(watched) == []
    assert says(watched, name="TUI", callsign="ZMTUI") == []
    assert says(watched, name="KEA", callsign="ZMTUI") == ["+MMSI-1"]
    assert watched.texts == ["name: KEA has changed its name TUI to KEA"]
    assert says(watched, name="KEA", callsign="ZMKEA") == ["-MMSI-1", "+MMSI-1"]
    for _ in range(29):
        assert says(watched, name="KEA", callsign="ZMKEA") == []
    watched.passes(minutes=1)
    assert watched.take() == ["-MMSI-1"]


def test_an_identity_that_is_changed_elsewhere_is_not_told() -> None:
    watched = Watched("rule name\nwhen changes identity inside circle 10 10 3 NM")
    says(watched, name="TUI")
    assert says(watched, name="KEA") == []


def test_what_is_gone_is_forgotten() -> None:
    for rule in ("changes identity", "turns by more than 60 deg in 6 min"):
        watched = Watched(f"rule name\nwhen {rule}")
        watched.hears("S", 0.0, 170.0, course=0.0, speed=9.0, identity=Identity(name="TUI"))
        watched.passes(minutes=1_500)
        watched.hears("S", 0.0, 170.0, course=90.0, speed=9.0, identity=Identity(name="KEA"))
        assert watched.take() == []


def test_a_silent_partner_is_told() -> None:
    watched = Watched("rule fiji\nwhen partner FJI silent for 10 min")
    fiji = Source(node="NZL", channel="partner:FJI", speaker="FJI", hops=("FJI",))
    watched.hears("S", 0.0, 170.0, source=fiji)
    watched.passes(minutes=9)
    watched.hears("T", 0.0, 170.0)
    assert watched.take() == []
    watched.passes(minutes=2)
    assert watched.take() == ["+"]
    assert watched.texts == ["fiji: partner FJI has been silent for 11 min"]
    watched.hears("S", 0.0, 170.0, source=fiji)
    assert watched.take() == ["-"]


def test_what_is_held_is_over_only_when_it_stays_over() -> None:
    watched = Watched("rule harbour\nwhen inside circle -41.28 174.80 3 NM\nhold 5 min")
    watched.hears("S", -41.28, 174.80)
    for lon in (174.90, 174.80, 174.90):
        watched.passes(minutes=2)
        watched.hears("S", -41.28, lon)
    assert watched.take() == ["+S"]
    watched.passes(minutes=4)
    assert watched.take() == []
    watched.passes(minutes=1)
    assert watched.take() == ["-S"]


def test_several_areas_are_one() -> None:
    watched = Watched(
        "rule two\nwhen inside circle 0 170 3 NM\nor box 10 -180 12 180\nor polygon 20 1 20 2 21 1"
    )
    for uid, lat, lon in (("A", 0.0, 170.0), ("B", 11.0, 50.0), ("C", 20.1, 1.1), ("D", 5.0, 5.0)):
        watched.hears(uid, lat, lon)
    assert watched.take() == ["+A", "+B", "+C"]


def late(watched: Watched, minutes_ago: float) -> None:
    """Something that was heard a while ago comes only now."""
    time = watched.now - timedelta(minutes=minutes_ago)
    report = a_ship("S", 0.0, 170.0, watched.now)
    watched.takes(type(report)(**{**_fields(report), "time": time, "start": time}))


def _fields(report: Any) -> dict[str, Any]:
    return {name: getattr(report, name) for name in report.__slots__}


@pytest.mark.parametrize(
    ("rule", "about"),
    [
        ("dark for 10 min", "S"),
        ("nobody for 10 min inside circle 0 170 3 NM", ""),
        ("feed harbour silent for 10 min", ""),
    ],
)
def test_late_data_says_that_an_alert_was_wrong(rule: str, about: str) -> None:
    watched = Watched(f"rule late\nwhen {rule}")
    watched.hears("S", 0.0, 170.0)
    for _ in range(11):
        watched.passes(minutes=1)
        watched.hears("near", 0.2, 170.0, source=SHIPS)
        watched.judge.look(watched.now)
    if "feed" in rule:
        watched = Watched(f"rule late\nwhen {rule}")
        watched.hears("S", 0.0, 170.0)
        watched.passes(minutes=11)
    key = next(each.key for each in watched.judge.held())
    watched.passes(minutes=5)
    late(watched, 12)
    assert [each.key for each in watched.judge.held()] == []
    said = watched.judge.correction(key)
    assert said == f"corrected by late data: heard at {START + timedelta(minutes=4):%H:%M:%S}Z"
    assert watched.judge.correction(key) == ""
    assert about in key


def test_what_is_heard_after_an_alert_corrects_nothing() -> None:
    watched = Watched("rule late\nwhen nobody for 10 min inside circle 0 170 3 NM")
    watched.passes(minutes=0)
    watched.passes(minutes=11)
    key = next(each.key for each in watched.judge.held())
    watched.passes(minutes=1)
    watched.hears("S", 0.0, 170.0)
    assert watched.judge.correction(key) == ""


RULES = """
rule area
when enters circle 0 170 3 NM
escalate after 5 min to alarm offer kea
rule stay
when loiters for 20 min within 500 m
rule pair
when meets within 500 m for 20 min
rule alone
when nobody for 20 min inside circle 40 170 3 NM
rule name
when changes identity
rule fast
when faster than 10 kn
"""


def restarted(watched: Watched, rules: str = RULES) -> Watched:
    again = Watched(rules)
    again.now = watched.now
    again.judge.remember(watched.judge.memory())
    for track in watched.picture.everything():
        again.takes(track.lead)
    again.judge.settle()
    again.take()
    return again


def test_what_rules_knew_they_know_after_a_restart() -> None:
    watched = Watched(RULES)
    watched.hears("S", 1.0, 170.0, identity=Identity(name="TUI"))
    watched.hears("T", 0.0, 170.0)
    watched.passes(minutes=0)
    for _ in range(5):
        watched.passes(minutes=3)
        watched.hears("S", 0.001, 170.0, identity=Identity(name="KEA"))
        watched.hears("T", 0.0, 170.0)
    held = {each.key for each in watched.judge.held()}
    assert {key.split()[1] for key in held} == {"area", "name"}
    again = restarted(watched)
    assert {each.key for each in again.judge.held()} == held
    (area,) = (each for each in again.judge.held() if "area" in each.key)
    assert area.escalation == Escalation(
        after=timedelta(minutes=5), priority=Priority.ALARM, offer_to="kea"
    )
    for _ in range(4):
        again.passes(minutes=3)
        again.hears("S", 0.001, 170.0, identity=Identity(name="KEA"))
        again.hears("T", 0.0, 170.0)
    again.passes(minutes=0)
    found = {key.split()[1] for key in (each.key for each in again.judge.held())}
    assert found == {"area", "name", "stay", "pair", "alone"}


def test_a_rule_that_was_changed_begins_anew() -> None:
    watched = Watched("rule area\nwhen inside circle 0 170 3 NM")
    watched.hears("T", 0.0, 170.0)
    again = restarted(watched, "rule area\nwhen inside circle 10 170 3 NM")
    assert list(again.judge.held()) == []


def test_a_memory_that_cannot_be_read_is_counted() -> None:
    judge = Judge(read("rule area\nwhen inside circle 0 170 3 NM", file="x"))
    kept = judge.memory()
    judge.remember({"area": {**kept["area"], "held": {"S": ["nonsense"]}}})
    assert judge.counts == {"memories of rules that cannot be read": 1}


def test_what_left_the_picture_over_a_restart_is_over() -> None:
    watched = Watched("rule area\nwhen inside circle 0 170 3 NM")
    watched.hears("T", 0.0, 170.0)
    again = Judge(read("rule area\nwhen inside circle 0 170 3 NM", file="x"))
    again.remember(watched.judge.memory())
    assert len(list(again.held())) == 1
    again.settle()
    assert list(again.held()) == []


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        ("when turns by more than 200 deg in 5 min", "less than 180"),
        ("when turns by more than 20 deg", "is missing"),
        ("when changes course", "'speed' or 'identity'"),
        ("when partner FJI silent for 5 min inside circle 0 0 1 NM", "a partner is in no area"),
        ("when calls\nor circle 0 0 1 NM", "has no area"),
        ("when calls\nescalate after 5 min", "say `to PRIORITY` or `offer NAME`"),
        ("when calls\nescalate after 5 min to shout", "is no priority"),
        ("when calls\nescalate after 5 min to alarm to alarm", "once each"),
        ("when calls\nescalate after 5 min to alarm soon", "once each"),
    ],
)
def test_what_is_wrong_with_a_line_is_said(lines: str, wrong: str) -> None:
    with pytest.raises(UsageError, match=wrong):
        read(f"rule x\n{lines}", file="watch.rules")


def test_a_rule_has_so_many_areas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accord.desks.watch.rules.text.MAX_AREAS", 1)
    with pytest.raises(UsageError, match="at most 1 areas"):
        read("rule x\nwhen inside circle 0 0 1 NM\nor circle 1 1 1 NM", file="watch.rules")


def test_over_names_the_condition() -> None:
    watched = Watched("rule harbour\nwhen inside circle -41.28 174.80 3 NM")
    watched.hears("S", -41.28, 174.80)
    (condition,) = watched.judge.held()
    change = watched.picture.apply(a_ship("S", 0.0, 0.0, START + timedelta(minutes=1)))
    assert change is not None
    assert watched.judge.see(change) == [Over(condition.key)]
