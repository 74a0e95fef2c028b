from datetime import UTC, datetime, timedelta

from lxml import etree

from accord.wire.cot import xml
from accord.wire.cot.replayed import Showing, removed, replayed
from accord.wire.cot.translate import to_report
from support.builders import a_report
from support.cot import cot_xml
from support.tak_client import Event

NOW = datetime(2027, 5, 1, 12, tzinfo=UTC)
THEN = datetime(2027, 3, 1, 6, tzinfo=UTC)
SHOWING = Showing("R1", "live", THEN, NOW, NOW + timedelta(seconds=30))
DETAIL = (
    '<contact callsign="KIWI 1" endpoint="*:-1:stcp"/><track course="45" speed="3"/>'
    '<archive/><marti><dest callsign="X"/></marti><remarks>hi</remarks><uid Droid="KIWI 1"/>'
)


def part(event: Event, path: str) -> Event:
    found = event.find(path)
    assert found is not None
    return found


def shown(detail: str = DETAIL, **more: str):
    return etree.fromstring(replayed(cot_xml("U1", "a-f-G", detail, **more), SHOWING))


def test_uid_and_callsign_are_none_that_is_live() -> None:
    event = shown()
    assert event.get("uid") == "REPLAY-U1"
    assert dict(part(event, "detail/contact").attrib) == {"callsign": "REPLAY KIWI 1"}
    assert part(shown(""), "detail/contact").get("callsign") == "REPLAY U1"


def test_its_times_are_now_and_the_time_that_it_was_so_is_said() -> None:
    event = shown()
    assert (event.get("time"), event.get("stale")) == (xml.instant(NOW), xml.instant(SHOWING.stale))
    said = part(event, "detail/__replay")
    assert (said.get("id"), said.get("context"), said.get("uid")) == ("R1", "live", "U1")
    assert said.get("at") == "2027-03-01T06:00:00.000Z"


def test_what_a_client_would_keep_or_call_is_left_out_and_the_rest_stays() -> None:
    detail = part(shown(), "detail")
    assert [each.tag for each in detail] == [
        "contact", "track", "remarks", "__exercise", "__replay"
    ]  # fmt: skip


def test_whoever_hears_it_takes_it_for_a_simulation_and_never_for_live() -> None:
    for more in ("", 'opex="o-REAL"', 'opex="e-TASMAN"'):
        event = xml.read(replayed(cot_xml("U1", "a-f-G", DETAIL, more=more), SHOWING))
        like = a_report()
        report = to_report(event, source=like.source, groups=like.groups, received=NOW)
        assert str(report.context) == "exercise:REPLAY R1"


def test_marks_stay_as_they_were() -> None:
    event = shown(more='access="RESTRICTED" caveat="X" releasableTo="FJI"')
    assert [event.get(each) for each in ("access", "caveat", "releasableTo")] == [
        "RESTRICTED", "X", "FJI"
    ]  # fmt: skip


def test_what_was_removed_goes_from_the_map_under_the_name_that_it_has_there() -> None:
    event = etree.fromstring(removed("U1", SHOWING))
    assert event.get("type") == "t-x-d-d"
    assert part(event, "detail/link").get("uid") == "REPLAY-U1"
    assert event.find("detail/__forcedelete") is not None
    assert event.get("opex") == "s-REPLAY R1"
