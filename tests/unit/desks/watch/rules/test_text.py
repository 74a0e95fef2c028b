from datetime import timedelta

import pytest

from accord.core.context import LIVE, Context
from accord.core.errors import UsageError
from accord.core.geometry import Box, Circle, Point
from accord.desks.watch.alert import Escalation, Priority
from accord.desks.watch.rules import text
from accord.desks.watch.rules.area import Polygon
from accord.desks.watch.rules.text import (
    KNOT,
    Calls,
    Closest,
    Dark,
    Enters,
    Inside,
    Leaves,
    Loiters,
    Meets,
    Nobody,
    Rule,
    SilentFeed,
    Speed,
    When,
    read,
)

MINUTES_20 = timedelta(minutes=20)


def one(*lines: str) -> Rule:
    (rule,) = read("\n".join(["rule r", *lines]), file="watch.rules")
    return rule


def test_a_rule_has_all_that_is_said_of_it() -> None:
    rules = read(
        """
        # the harbour
        rule harbour in
          of a-.-S a-.-U   # ships
          when enters circle -41.28 174.80 3 NM
          priority alarm
          say call the pilot
          in exercise:TASMAN 26

        rule all
          when calls
        """,
        file="watch.rules",
    )
    assert rules[0] == Rule(
        name="harbour in",
        when=Enters(),
        areas=(Circle(centre=Point(lat=-41.28, lon=174.8), radius=3 * 1852.0),),
        kinds=("a-.-S", "a-.-U"),
        priority=Priority.ALARM,
        say="call the pilot",
        context=Context.exercise("TASMAN 26"),
    )
    assert rules[1] == Rule(name="all", when=Calls())
    assert (rules[1].priority, rules[1].context) == (Priority.WARNING, LIVE)


BOX = "box -42 174 -41 175"
AREA = Box(south=-42, west=174, north=-41, east=175)


@pytest.mark.parametrize(
    ("said", "when", "has_area"),
    [
        (f"inside {BOX}", Inside(), True),
        (f"leaves {BOX}", Leaves(), True),
        (f"nobody for 20 min inside {BOX}", Nobody(MINUTES_20), True),
        ("dark for 20 min", Dark(MINUTES_20), False),
        (f"dark for 20min inside {BOX}", Dark(MINUTES_20), True),
        ("loiters for 20 min within 1 NM", Loiters(MINUTES_20, 1852.0), False),
        ("meets within 500 m for 20 min", Meets(500.0, MINUTES_20), False),
        ("faster than 36 kn", Speed(36 * KNOT, is_faster=True), False),
        ("slower than 2 kn", Speed(2 * KNOT, is_faster=False), False),
        ("closest within 0.5 NM in 20 min", Closest(926.0, MINUTES_20), False),
        (f"calls inside {BOX}", Calls(), True),
        ("feed harbour silent for 20 min", SilentFeed("harbour", MINUTES_20), False),
    ],
)
def test_every_condition_is_read(said: str, when: When, has_area: bool) -> None:
    rule = one(f"when {said}")
    assert (rule.when, rule.areas) == (when, (AREA,) if has_area else ())


def test_it_escalates_to_what_is_more_urgent() -> None:
    rule = one("when calls", "escalate after 5 min to warning", "priority caution")
    assert rule.escalation == Escalation(after=timedelta(minutes=5), priority=Priority.WARNING)
    assert one("when faster than 0 kn").when == Speed(0.0, is_faster=True)


def test_a_polygon_is_read() -> None:
    corners = (Point(lat=1, lon=1), Point(lat=1, lon=2), Point(lat=2, lon=2))
    assert one("when inside polygon 1 1 1 2 2 2").areas == (Polygon(corners),)


@pytest.mark.parametrize(
    ("lines", "line", "why"),
    [
        (["when flies"], 2, "no condition"),
        (["when"], 2, "a condition is missing"),
        (["when inside"], 2, "an area is missing"),
        (["when inside sea"], 2, "no area"),
        (["when inside circle 91 0 1 NM"], 2, "no such position"),
        (["when inside circle north 0 1 NM"], 2, "is a number"),
        (["when inside circle 1 1 1 league"], 2, "distance"),
        (["when inside polygon 1 1 2 2"], 2, "three corners"),
        (["when nobody for 5 min"], 2, "needs an area"),
        ([f"when feed x silent for 5 min inside {BOX}"], 2, "no area"),
        (["when dark for soon"], 2, "duration"),
        (["when dark since 5 min"], 2, "'for'"),
        (["when faster than 5 km/h"], 2, "'kn'"),
        (["when calls always"], 2, "'inside'"),
        (["when calls", "when calls"], 3, "already"),
        (["when calls", "priority urgent"], 3, "no priority"),
        (["when calls", "priority alarm now"], 3, "what is 'now'"),
        (["when calls", "of a--S"], 3, "types"),
        (["when calls", "of"], 3, "types"),
        (["when calls", "in nowhere"], 3, "nowhere"),
        (["when calls", "colour red"], 3, "begins no line"),
        (["say hello"], 1, "no line `when`"),
        (["when faster than nan kn"], 2, "is a number"),
        (["when faster than inf kn"], 2, "is a number"),
        (["when slower than -inf kn"], 2, "is a number"),
        (["when faster than -1 kn"], 2, "is at least 0 and at most 20,000 kn"),
        (["when dark for 5"], 2, "5 of what"),
        (["when dark for 0 s"], 2, "for more than 0 s"),
        (["when loiters for 0 s within 1 NM"], 2, "for more than 0 s"),
        (["when feed x silent for 0 s"], 2, "for more than 0 s"),
        (["when partner NZL silent for 0 s"], 2, "for more than 0 s"),
        (["when dark for 400000000 d"], 2, "1,000 years at the most"),
        (["when inside box 0 0 0 0"], 2, "south-western"),
        (["when inside box 1 1 0 2"], 2, "south-western"),
        (["when inside box 0 1 1 1"], 2, "south-western"),
        (["when faster than 1e9 kn"], 2, "at most 20,000 kn"),
        (["when slower than 0 kn"], 2, "more than 0"),
        (["when meets within 0 NM for 5 min"], 2, "a distance is more than 0"),
        (["when closest within 0 m in 5 min"], 2, "a distance is more than 0"),
        (["when loiters for 5 min within 0 m"], 2, "a distance is more than 0"),
        (["when inside circle 1 1 0 NM"], 2, "a distance is more than 0"),
        (["when inside circle nan 1 1 NM"], 2, "is a number"),
        (["when turns by more than nan deg in 5 min"], 2, "is a number"),
        (["when turns by more than 30 deg in 0 s"], 2, "in more than 0 s"),
        (["when changes speed by more than 3 kn in 0 min"], 2, "in more than 0 s"),
        (["when changes speed by more than nan kn in 5 min"], 2, "is a number"),
        (["when changes speed by more than inf kn in 5 min"], 2, "is a number"),
        (["when changes speed by more than 0 kn in 5 min"], 2, "more than 0"),
        (["when calls", "escalate after 5 min to caution"], 3, "not more urgent"),
        (["when calls", "escalate after 5 min to warning"], 3, "not more urgent"),
        (["escalate after 5 min to warning", "when calls"], 2, "not more urgent"),
        (["when calls", "priority alarm", "escalate after 5 min to alarm"], 4, "not more urgent"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(lines: list[str], line: int, why: str) -> None:
    with pytest.raises(UsageError, match=why) as error:
        one(*lines)
    assert f"watch.rules line {line}:" in str(error.value)


@pytest.mark.parametrize(
    "said", ["when calls", "rule\nwhen calls", "rule a\nwhen calls\nrule a\nwhen calls",
             "rule " + "x" * 61 + "\nwhen calls"]
)  # fmt: skip
def test_rules_have_names_of_their_own(said: str) -> None:
    with pytest.raises(UsageError):
        read(said, file="watch.rules")


def test_there_are_so_many_rules_and_letters_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "MAX_RULES", 1)
    with pytest.raises(UsageError, match="more than 1 rules"):
        read("rule a\nwhen calls\nrule b\nwhen calls", file="watch.rules")
    with pytest.raises(UsageError, match="longer"):
        read("#" * (text.MAX_TEXT + 1), file="watch.rules")
