from datetime import timedelta
from typing import Any

from accord.core.body import Alarm, Position
from accord.core.report import Doubt, Report, Source
from accord.picture.memory import MAX_SOURCES, REMEMBERED, Memory, stands
from support.builders import a_point, a_report
from support.clock import START

NEAR = Source(node="NZL", channel="feed:near", speaker="near")
FAR = Source(node="NZL", channel="feed:far", speaker="far")


def fix(after: float, lat: float = 0.0, *, speed: float | None = 5.0, **changes: Any) -> Report:
    body = Position(point=a_point(lat, 170.0), speed=speed)
    changes.setdefault("source", NEAR)
    return a_report(at=START + timedelta(seconds=after), body=body, **changes)


def marks(*said: Report, of_many: bool = False) -> list[frozenset[Doubt]]:
    memory, before, found = Memory(), dict[Source, Report](), list[frozenset[Doubt]]()
    for each in said:
        found.append(memory.doubts(each, before.get(each.source), of_many=of_many))
        before[each.source] = each
    return found


FROZEN = frozenset({Doubt.FROZEN})
LATE = frozenset({Doubt.REBROADCAST})
FINE: frozenset[Doubt] = frozenset()


def test_a_position_that_stands_still_for_two_minutes_while_it_moves_is_frozen() -> None:
    assert marks(fix(0), fix(60), fix(119), fix(120)) == [FINE, FINE, FINE, FROZEN]


def test_two_reports_alone_are_not_enough() -> None:
    assert marks(fix(0), fix(600)) == [FINE, FINE]


def test_it_is_frozen_no_more_when_it_moves() -> None:
    assert marks(fix(0), fix(60), fix(120), fix(130, 0.001), fix(140, 0.001))[2:] == [
        FROZEN, FINE, FINE,
    ]  # fmt: skip


def test_what_lies_at_anchor_is_not_frozen() -> None:
    assert marks(*(fix(each * 60.0, speed=0.1) for each in range(5))) == [FINE] * 5
    assert marks(*(fix(each * 60.0, speed=None) for each in range(5))) == [FINE] * 5


def test_what_is_no_position_stands_nowhere() -> None:
    calls = a_report(body=Alarm(category="SART", point=a_point()))
    nowhere = a_report(body=Position(point=None))
    assert not stands(calls.body, calls)
    assert not stands(nowhere.body, nowhere)
    assert not stands(nowhere.body, None)
    assert marks(calls, nowhere) == [FINE, FINE]


def test_sources_that_stand_still_are_remembered_up_to_a_limit() -> None:
    memory = Memory()
    for number in range(MAX_SOURCES + 2):
        source = Source(node="NZL", channel="tak", speaker=str(number))
        first, second = fix(0, source=source), fix(60, source=source)
        memory.doubts(second, first, of_many=False)
    early = Source(node="NZL", channel="tak", speaker="0")
    before, now = fix(60, source=early), fix(300, source=early)
    assert memory.doubts(now, before, of_many=False) == FINE  # it has begun anew
    assert memory.doubts(fix(420, source=early), now, of_many=False) == FROZEN


def test_what_another_source_said_minutes_ago_is_a_repetition() -> None:
    said = [fix(each * 60.0, each / 1000) for each in range(4)]
    late = fix(200, 0.001, source=FAR)  # the other said so at 60 s
    assert marks(*said, late, of_many=True)[-1] == LATE


def test_two_that_hear_the_same_words_at_once_repeat_nothing() -> None:
    assert marks(fix(60, 0.001), fix(62, 0.001, source=FAR), of_many=True) == [FINE, FINE]


def test_a_source_does_not_repeat_itself() -> None:
    assert marks(fix(0), fix(10, 0.1), fix(300), of_many=True)[-1] == FINE


def test_at_anchor_the_same_place_again_is_no_repetition() -> None:
    said = marks(fix(0, speed=0.1), fix(300, speed=0.1, source=FAR), of_many=True)
    assert said == [FINE, FINE]


def test_what_was_said_is_remembered_up_to_a_limit() -> None:
    said = [fix(each * 10.0, each / 1000) for each in range(REMEMBERED + 1)]
    late = [fix(900, 0.0, source=FAR), fix(910, 0.005, source=FAR)]
    assert marks(*said, *late, of_many=True)[-2:] == [FINE, LATE]
