from datetime import timedelta

import pytest

from accord.core.context import Context
from accord.core.report import Source
from accord.desks.watch.rules import judge
from accord.desks.watch.rules.judge import Judge
from accord.desks.watch.rules.text import read
from support.clock import START
from support.rules import Watched, a_ship

HARBOUR = "circle -41.28 174.80 3 NM"
ALL = f"""
rule inside
when inside {HARBOUR}
rule enters
when enters {HARBOUR}
rule leaves
when leaves {HARBOUR}
rule nobody
when nobody for 5 min inside {HARBOUR}
rule dark
when dark for 5 min
rule loiters
when loiters for 5 min within 1 NM
rule meets
when meets within 1 NM for 5 min
rule fast
when faster than 50 kn
rule closest
when closest within 1 NM in 5 min
rule calls
when calls
rule feed
when feed harbour silent for 5 min
"""


def test_every_rule_is_kept_to_beside_the_others() -> None:
    it = Watched(ALL)
    for step in range(3):
        it.hears("A", -41.28, 174.80)
        it.hears("B", -41.28, 174.80 + step / 1e4)
        it.passes(minutes=3)
    keys = {each.key.split()[1] for each in it.judge.held()}
    assert keys == {"inside", "loiters", "meets"}


def test_an_exercise_has_rules_of_its_own() -> None:
    it = Watched(f"rule r\nwhen inside {HARBOUR}\nin exercise:DEMO")
    it.hears("A", -41.28, 174.80)
    assert it.take() == []
    it.takes(a_ship("A", -41.28, 174.80, it.now, context=Context.exercise("DEMO")))
    (held,) = it.judge.held()
    assert (held.context, held.uid) == (Context.exercise("DEMO"), "A")


def test_what_others_are_told_under_its_uid_ends_nothing_of_a_ship() -> None:
    it = Watched(f"rule r\nwhen inside {HARBOUR}")
    it.hears("A", -41.28, 174.80, groups=frozenset({"Blue"}))
    assert it.take() == ["+A"]
    it.now += timedelta(seconds=5)
    other = Source(node="NZL", channel="tak", speaker="stranger")
    it.hears("A", 0.0, 0.0, groups=frozenset({"Red"}), source=other)
    it.passes(minutes=1)
    assert it.take() == []
    it.hears("A", 0.0, 0.0, groups=frozenset({"Blue"}))
    assert it.take() == ["-A"]


def test_a_rule_remembers_so_many_tracks_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, "MAX_TRACKS", 1)
    it = Watched(f"rule r\nwhen inside {HARBOUR}")
    it.hears("A", -41.28, 174.80)
    it.hears("B", -41.28, 174.80)
    assert it.take() == ["+A"]
    assert it.judge.counts == {"tracks beyond what a rule remembers": 1}


def test_without_rules_nothing_is_so() -> None:
    nothing = Judge(read("", file="x"))
    assert nothing.look(START) == []
    assert not list(nothing.held())
