from accord.desks.watch.alert import Condition
from accord.desks.watch.rules.judge import Judge
from accord.desks.watch.rules.storm import FEW, MANY
from accord.desks.watch.rules.text import read
from support.rules import Watched


def test_a_storm_is_told_as_one_for_each_audience_until_few_are_left() -> None:
    judge = Judge(read("rule storm\nwhen faster than 5 kn\nsay look", file="x"))

    def speeding(count: int, speed: float, group: str = "Blue") -> list[Condition]:
        watched = Watched("rule x\nwhen calls")
        watched.judge = judge
        for number in range(count):
            watched.hears(f"{group}{number}", 0.0, 170.0, speed=speed, groups=frozenset({group}))
        return list(judge.held())

    assert len(speeding(MANY, 9.0)) == MANY
    assert len(speeding(2, 9.0, "Red")) == MANY + 2
    folded = speeding(MANY + 1, 9.0)
    assert [each.uid is None for each in folded].count(True) == 1
    (storm,) = (each for each in folded if each.uid is None)
    assert storm.groups == {"Blue"}
    assert storm.text == f"storm: more than {FEW} at once; see the tracks. look"
    assert len(folded) == 3
    assert len(speeding(MANY - FEW, 1.0)) == 3  # FEW + 1 are left: it still rages
    assert len(speeding(MANY - FEW + 1, 1.0)) == FEW + 2
    assert len(speeding(MANY + 1, 1.0)) == 2
