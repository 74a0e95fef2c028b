from datetime import timedelta

import pytest

from accord.core.body import Position, Removal
from accord.core.context import LIVE, Context
from accord.core.identity import Identity
from accord.core.report import Form, Original, Report, Source
from accord.wire.dis.translate import DisReader, exercise_of, from_original
from accord.wire.errors import Malformed
from support.clock import START
from support.dis import entity_state

SOURCE = Source(node="NZL", channel="feed:sim", speaker="sim")
GROUPS = frozenset({"Watch"})
TASMAN = Context.exercise("TASMAN")


def reader(context: Context = TASMAN, number: int = 0) -> DisReader:
    return DisReader(source=SOURCE, groups=GROUPS, context=context, number=number)


def one(pdu: bytes) -> Report:
    (report,) = reader().read(pdu, received=START, tick=0.0)
    assert report.original is not None
    again = from_original(
        report.original, source=SOURCE, groups=GROUPS, received=START, context=TASMAN
    )
    assert again == report
    return report


@pytest.mark.parametrize("asked", [LIVE, Context.parse("plan:1"), Context.parse("replay:1")])
def test_whatever_context_is_asked_for_it_is_an_exercise(asked: Context) -> None:
    (report,) = reader(asked).read(entity_state(), received=START, tick=0.0)
    assert report.context == exercise_of("") == Context.exercise("UNNAMED")
    assert str(report.marking.opex) == "s-UNNAMED"


@pytest.mark.parametrize(
    ("force", "side"), [(0, "u"), (1, "f"), (2, "h"), (3, "n"), (4, "f"), (5, "h"), (6, "n")]
)
def test_sides_are_those_of_the_exercise(force: int, side: str) -> None:
    assert one(entity_state(force=force)).kind.text == f"a-{side}-A"


@pytest.mark.parametrize(
    ("sort", "kind"), [((1, 1), "G"), ((1, 3), "S"), ((1, 4), "U"), ((1, 5), "P"), ((3, 1), "G")]
)
def test_where_it_is_follows_from_its_domain(sort: tuple[int, int], kind: str) -> None:
    assert one(entity_state(sort=sort)).kind.text == f"a-f-{kind}"


@pytest.mark.parametrize("sort", [(2, 2), (4, 1), (9, 0)])
def test_munitions_and_other_things_are_passed_over(sort: tuple[int, int]) -> None:
    it = reader()
    assert it.read(entity_state(sort=sort), received=START, tick=0.0) == []
    assert it.counts["not used"] == 1


def test_entities_of_another_exercise_are_not_taken() -> None:
    it = reader(number=7)
    data = entity_state(exercise=7) + entity_state(exercise=8)
    assert len(it.read(data, received=START, tick=0.0)) == 1
    assert it.counts["of another exercise"] == 1


def test_course_speed_and_climb_are_over_the_ground() -> None:
    report = one(entity_state(velocity=(100.0, 0.0, 0.0), reckoning=6))
    assert isinstance(report.body, Position)
    assert report.body.course == pytest.approx(60.0, abs=1e-3)
    assert report.body.speed == pytest.approx(100.0)
    assert report.body.climb == pytest.approx(0.0, abs=1e-3)
    assert report.identity == Identity(callsign="KIWI 1")


def test_a_speed_that_nothing_has_is_none() -> None:
    report = one(entity_state(velocity=(1e6, 0.0, 0.0)))
    assert isinstance(report.body, Position)
    assert (report.body.speed, report.body.course, report.body.climb) == (None, None, None)


@pytest.mark.parametrize(("speed", "seconds"), [(100.0, 12.0), (0.0, 144.0)])
def test_it_holds_for_two_and_a_half_heartbeats(speed: float, seconds: float) -> None:
    report = one(entity_state(velocity=(speed, 0.0, 0.0)))
    assert report.stale - report.time == timedelta(seconds=seconds)


def test_its_time_is_the_one_nearest_to_the_receipt() -> None:
    quarter_to = (3 << 29) << 1 | 1
    report = one(entity_state(stamp=quarter_to))
    assert report.time == START.replace(minute=45, second=0, microsecond=0) - timedelta(hours=1)


def test_an_entity_that_is_deactivated_goes_from_the_picture() -> None:
    report = one(entity_state(appearance=1 << 23))
    assert report.body == Removal(target="DIS-42.4.1")


def test_what_cannot_be_read_is_counted() -> None:
    it = reader()
    assert it.read(entity_state(place=(0.0, 0.0, 0.0)), received=START, tick=0.0) == []
    assert it.counts["malformed"] == 1


@pytest.mark.parametrize("form", [Form.DIS, Form.AIS])
def test_what_is_no_entity_is_refused(form: Form) -> None:
    with pytest.raises(Malformed):
        from_original(Original(form, b"\x07"), source=SOURCE, groups=GROUPS, received=START)
