import pytest

from accord.core.body import Alarm, Position
from accord.core.context import LIVE, Context
from accord.core.identity import Identity
from accord.core.report import Doubt, Report, Source
from accord.wire.adsb.aircraft import KINDS, UNKNOWN, Aircraft, Maker
from support.clock import START

SOURCE = Source(node="NZL", channel="feed:air", speaker="air")


def made(of: Aircraft, context: Context = LIVE) -> Report:
    maker = Maker(SOURCE, frozenset({"Watch"}), context)
    return maker.report(of, START, START, b"what it was made of")


PLAIN = Aircraft("c81d20", -41.3, 174.8)


def test_what_the_ground_says_of_an_aircraft_is_told_from_what_it_says_itself() -> None:
    assert made(PLAIN).how == "m-g"
    assert made(PLAIN._replace(is_the_grounds=True)).how == "m-f"


def test_an_address_that_is_none_of_icao_is_no_registered_number() -> None:
    one, other = made(PLAIN), made(PLAIN._replace(icao="~c81d20"))
    assert (one.uid, one.identity) == ("ICAO-C81D20", Identity(icao="c81d20"))
    assert (other.uid, other.identity) == ("TISB-C81D20", Identity())


@pytest.mark.parametrize("category", ["A3", "A7", "B2", "C1", "", "D7"])
def test_a_category_is_a_kind_and_a_military_aircraft_is_unknown(category: str) -> None:
    of = PLAIN._replace(category=category)
    assert made(of).kind.text == KINDS.get(category, UNKNOWN)
    assert made(of._replace(is_military=True)).kind.text == UNKNOWN


def test_who_calls_for_help_is_an_alarm_where_he_is() -> None:
    body = made(PLAIN._replace(calls="general emergency")).body
    assert isinstance(body, Alarm)
    assert body.category == "general emergency"


def test_a_place_that_is_not_on_earth_is_doubted() -> None:
    report = made(PLAIN._replace(lat=95.0))
    assert report.body == Position(point=None)
    assert report.doubts == {Doubt.IMPOSSIBLE_POSITION}


def test_an_exercise_marks_its_reports() -> None:
    assert str(made(PLAIN, Context.exercise("TASMAN")).marking.opex) == "e-TASMAN"
