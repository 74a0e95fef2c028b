from accord.wire.cot import xml
from accord.wire.cot.message import UNKNOWN, UNKNOWN_FROM
from support.cot import cot_xml


def test_what_is_unknown_is_written_with_seven_nines_and_read_from_six() -> None:
    # ATAK writes 9999999.0; older code, and the negotiation messages of TAK Server, 999999.
    assert (UNKNOWN, UNKNOWN_FROM) == (9999999.0, 999999.0)


def test_an_event_without_marks_says_so_with_none() -> None:
    event = xml.read(cot_xml())
    marks = (event.access, event.qos, event.opex, event.caveat, event.releasable_to)
    assert marks == (None,) * 5
    assert event.protobuf is None
