from datetime import timedelta

from accord.core.body import Alarm, Position
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.core.report import Doubt, Report
from accord.picture.doubting import Doubting
from accord.picture.gathering import MANY
from accord.picture.land import COLUMNS, NO_LAND, ROWS, Land
from accord.picture.memory import Memory
from support.builders import a_point, a_report
from support.clock import START

EVERYWHERE = Land(b"\xff" * (ROWS * COLUMNS // 8))


def ship(lat: float = 0.0, *, after: float = 0.0, number: int = 0, kind: str = "a-u-S") -> Report:
    return a_report(
        f"S{number}",
        at=START + timedelta(seconds=after),
        kind=Kind.of(kind),
        body=Position(point=a_point(lat, 30.0), speed=5.0),
        identity=Identity(mmsi=f"21100000{number}"),
    )


def doubts(doubting: Doubting, report: Report, before: Report | None = None) -> set[Doubt]:
    return set(doubting.marked(report, before, None, of_many=False)[0].doubts)


def test_a_ship_far_inland_is_doubted_and_a_car_is_not() -> None:
    assert doubts(Doubting(EVERYWHERE), ship()) == {Doubt.ON_LAND}
    assert doubts(Doubting(EVERYWHERE), ship(kind="a-u-G")) == set()
    assert doubts(Doubting(NO_LAND), ship()) == set()


def test_what_is_nowhere_is_not_doubted_for_its_place() -> None:
    nowhere = a_report(body=Position(point=None))
    assert doubts(Doubting(EVERYWHERE), nowhere) == set()
    assert doubts(Doubting(EVERYWHERE), a_report(body=Alarm(category="SART"))) == set()


def test_many_that_jump_to_one_place_are_marked_from_the_last_of_them_on() -> None:
    doubting = Doubting(NO_LAND)
    found = [
        doubts(doubting, ship(10.0, after=10, number=each), ship(each / 10, number=each))
        for each in range(MANY)
    ]
    assert found == [{Doubt.JUMP}] * (MANY - 1) + [{Doubt.JUMP, Doubt.INTERFERENCE}]
    again = doubts(doubting, ship(10.0, after=20), ship(10.0, after=10))
    assert again == {Doubt.INTERFERENCE}


def test_something_is_remembered_only_of_what_needs_it() -> None:
    doubting = Doubting(NO_LAND)
    assert doubting.marked(ship(), None, None, of_many=False)[1] is None
    assert doubting.marked(ship(0.001, after=9), ship(), None, of_many=False)[1] is None
    assert doubting.marked(ship(after=9), ship(), None, of_many=False)[1] is not None
    assert doubting.marked(ship(), None, None, of_many=True)[1] is not None
    memory = Memory()
    assert doubting.marked(ship(0.001), ship(), memory, of_many=False)[1] is memory


def test_what_is_not_doubted_is_the_same_report() -> None:
    report = ship()
    assert Doubting(NO_LAND).marked(report, None, None, of_many=False)[0] is report
